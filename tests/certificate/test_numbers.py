"""Numbers of the certificate, by hand: what is read off it must never look better than it is."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.certificate import Limits
from psychopy_neon.certificate.checks import Check, Measured, check_all
from psychopy_neon.certificate.clock_facts import tightest
from psychopy_neon.certificate.event_facts import EventFacts, JudgedEvent, event_facts
from psychopy_neon.certificate.frames import Frame, frame_facts
from psychopy_neon.certificate.quantities import (
    count,
    duration,
    ms,
    percent,
    rounded_up,
    with_bound,
)
from psychopy_neon.certificate.series import thinned, without_line
from psychopy_neon.certificate.spread import Spread, spread
from psychopy_neon.certificate.timeline import Timeline
from psychopy_neon.clock import ClockPair, Exchange
from psychopy_neon.ledger.session import LedgerEvent, Session, SessionHead

S = 1_000_000_000


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.0041, "0.0041"),
        (0.00411, "0.0042"),
        (0.3, "0.30"),
        (0.301, "0.31"),
        (1.0, "1.0"),
        (1.01, "1.1"),
        (9.91, "10.0"),
        (10.2, "11"),
        (120.5, "121"),
        (math.nan, "unknown"),
        (math.inf, "unknown"),
    ],
)
def test_two_digits_are_rounded_up(value: float, text: str) -> None:
    assert rounded_up(value) == text


@given(st.floats(1e-6, 1e6))
def test_a_rounded_bound_is_never_less_than_the_bound(value: float) -> None:
    shown = float(rounded_up(value))
    assert value * (1 - 1e-9) <= shown <= max(value * 1.1, value + 1)


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (1, "100 %"), (0.5, "50 %"), (0.0101, "1.1 %"), (0.01, "1 %"), (0.00321, "0.33 %"),
     (0.001, "0.1 %"), (0.00052, "0.052 %"), (1e-7, "0.001 %")],
)  # fmt: skip
def test_no_loss_is_only_said_of_none(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.42, "0.4 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min 0 s"),
     (200, "3 min 20 s"), (3599.4, "59 min 59 s"), (3599.6, "1 h 0 min"), (3720, "1 h 2 min")],
)  # fmt: skip
def test_durations_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_values_with_their_unit_or_noun() -> None:
    assert (ms(0.301), count(1, "event"), count(0, "event")) == ("0.31 ms", "1 event", "0 events")
    assert with_bound(40.06, 7.85) == "+40.1 ± 7.9"
    assert with_bound(-3.2, 12) == "−3 ± 12"


def test_a_spread_has_the_nearest_ranks_and_no_nan() -> None:
    values = [*range(200, 0, -1), math.nan, math.inf]
    assert spread(map(float, values)) == Spread(200, 1.0, 100.0, 190.0, 198.0, 200.0)
    assert spread([7.0]) == Spread(1, 7.0, 7.0, 7.0, 7.0, 7.0)
    assert spread([math.nan]) is None


def test_of_many_points_the_extremes_stay() -> None:
    values = [float(number % 7) for number in range(1000)]
    values[503], values[777] = -50.0, 80.0
    kept = thinned(list(enumerate(values)), lambda item: item[1], most=20)
    assert len(kept) <= 20 and kept == sorted(kept)
    assert {(503, -50.0), (777, 80.0)} <= set(kept)
    assert thinned(values[:20], abs, most=20) == values[:20]
    assert thinned([1.0] * 21, abs, most=20) == [1.0] * 10  # all alike: one of each part


def test_of_many_answers_the_quickest_of_each_stretch_is_kept() -> None:
    probes = [Exchange(n * 1000, n * 1000 + 100 + n % 5, 0) for n in range(20)]
    shuffled = [*probes[10:], *probes[:10]]
    assert tightest(shuffled, 4) == [probes[n] for n in (0, 5, 10, 15)]
    assert tightest(shuffled, 20) == probes


def test_a_line_that_is_taken_away_leaves_the_rest() -> None:
    times = [1000.0 + number for number in range(5)]
    rest = [1.0, -1.0, 0.0, -1.0, 1.0]  # no mean, no slope
    values = [7.0 + 3 * at_s + each for at_s, each in zip(times, rest, strict=True)]
    assert without_line(times, values) == pytest.approx(rest)
    assert without_line([5.0], [3.0]) == [0.0]


@pytest.mark.parametrize(
    ("state", "at_step", "widened", "expected"),
    [
        ("confirmed", False, False, (True, False)),
        ("confirmed", True, False, (True, True)),
        ("unconfirmed", False, True, (False, True)),
        ("pending", True, True, (False, True)),
    ],
)
def test_an_event_is_disturbed_by_a_step_or_by_a_wider_bound(
    state: str, at_step: bool, widened: bool, expected: tuple[bool, bool]
) -> None:
    event = LedgerEvent(1, "go", 0, 0.0, state=state)
    judged = JudgedEvent(event, 0.0, 0.3, at_step, widened)
    assert (judged.confirmed, judged.disturbed) == expected


def test_events_are_summed_up() -> None:
    one = LedgerEvent(1, "a", 0, 0.0, state="confirmed", tries=2, perhaps_twice=True)
    two = LedgerEvent(2, "b", 0, 0.0, state="discarded", tries=1)
    three = LedgerEvent(3, "c", 0, 0.0, state="confirmed", tries=1)
    found = event_facts(
        [
            JudgedEvent(one, 0.0, 0.5),
            JudgedEvent(two, 0.0, math.nan),
            JudgedEvent(three, 0.0, 4.0, widened=True),
        ]
    )
    assert (found.total, found.confirmed, found.confirmed_share) == (3, 2, 2 / 3)
    assert found.states == {"confirmed": 2, "discarded": 1}
    assert (found.perhaps_twice, found.resent, found.disturbed, found.widened) == (1, 1, 1, 1)
    assert found.without_bound == 1 and found.bounds_ms == spread([0.5, 4.0])
    assert found.undisturbed_ms == spread([0.5])
    assert event_facts([]).confirmed_share == 1.0


def test_flips_are_summed_up_in_milliseconds() -> None:
    frames = [Frame(at_s, 0.01, 0.02 + at_s / 1000, True) for at_s in (1.0, 2.0, 3.0)]
    found = frame_facts([*frames, Frame(4.0, 0.03, math.nan, False)])
    assert found is not None and found.refresh_ms == pytest.approx(10.0)
    assert found.intervals_ms is not None and found.gaze_ages_ms is not None
    assert (found.intervals_ms.count, found.gaze_ages_ms.count) == (4, 3)
    assert found.intervals_ms.most == pytest.approx(30.0)
    assert found.gaze_ages_ms.median == pytest.approx(22.0)
    assert (found.late, found.refreshes_missed, found.valid_share) == (1, 2, 0.75)


def test_sessions_lie_end_to_end_from_their_first_to_their_last_known_instant() -> None:
    session = Session(
        SessionHead(),
        events=(LedgerEvent(1, "a", 5 * S, 3.0),),
        probes=(Exchange(S, 2 * S, 0), Exchange(8 * S, 9 * S, 0)),
        pairs=(ClockPair(3 * S, 1.0, 0),),
    )
    timeline = Timeline([session, session])
    first, second = timeline.stretches
    assert (first.first_host_ns, first.last_host_ns, first.duration_s) == (2 * S, 9 * S, 7.0)
    assert (first.start_s, second.start_s, timeline.duration_s) == (0.0, 7.0, 14.0)
    assert (first.at_host(3 * S), second.at_host(3 * S)) == (1.0, 8.0)
    assert [first.distance_ns(at * S) for at in (1, 2, 5, 9, 11)] == [S, 0, 0, 0, 2 * S]
    assert Timeline([Session(SessionHead())]).duration_s == 0.0
    damaged = Session(SessionHead(), probes=(Exchange(0, 0, 0), Exchange(0, 10**18, 0)))
    assert Timeline([damaged]).duration_s == 30 * 86_400


def facts(total: int = 10, confirmed: int = 10, **known: object) -> EventFacts:
    bounds = spread([0.25] * total)
    values = {
        **{"states": {}, "perhaps_twice": 0, "resent": 0, "disturbed": 0, "widened": 0},
        **{"without_bound": 0, "bounds_ms": bounds, "undisturbed_ms": bounds, **known},
    }
    return EventFacts(total, confirmed, **values)  # type: ignore[arg-type]


def checked(measured: Measured, limits: Limits | None = None) -> dict[str, Check]:
    return {check.name: check for check in check_all(measured, limits or Limits())}


def test_a_limit_that_is_just_met_is_kept() -> None:
    limits = Limits(0.25, 0.9, 2, 0.01)
    found = checked(Measured(facts(confirmed=9), 2, 0, 990, 10, None), limits)
    names = ("min_confirmed_share", "max_event_bound_ms", "max_clock_steps", "max_gaze_loss_share")
    assert [found[name].passed for name in names] == [True] * 4
    assert [found[name].measured for name in names] == [
        *("9 of 10 events", "0.25 ms", "2", "1 % (10 of 1000)")
    ]
    assert [found[name].limit for name in names] == [
        *("at least 90 %", "at most 0.25 ms", "at most 2", "at most 1 %")
    ]
    less = checked(Measured(facts(confirmed=8), 3, 0, 989, 11, None), limits)
    assert [less[name].passed for name in names] == [False, True, False, False]


def test_what_was_not_measured_is_neither_kept_nor_broken() -> None:
    found = checked(Measured(facts(0, 0, bounds_ms=None, undisturbed_ms=None), None, 1, 0, 0, None))
    assert {check.passed for check in found.values()} == {None}
    assert {check.value for check in found.values()} == {None}
    assert found["min_confirmed_share"].measured == "no events"
    assert found["max_clock_steps"].measured == "not measured"
    assert found["max_clock_steps"].limit == "none" and found["min_confirmed_share"].limit == "all"


@pytest.mark.parametrize(
    ("events", "contradictions", "words"),
    [
        (facts(without_bound=1), 0, "0.25 ms; 1 event without a bound"),
        (facts(), 1, "0.25 ms; the clocks broke what the bound rests on"),
    ],
)
def test_a_bound_that_does_not_hold_for_all_fails(
    events: EventFacts, contradictions: int, words: str
) -> None:
    measured = Measured(events, 0, contradictions, 1000, 0, None)
    check = checked(measured)["max_event_bound_ms"]
    assert (check.passed, check.measured) == (False, words)
    unlimited = checked(measured, Limits(max_event_bound_ms=None))["max_event_bound_ms"]
    assert (unlimited.passed, unlimited.limit) == (None, "no limit")


def test_the_worst_of_disturbed_events_is_told_beside_the_others() -> None:
    events = facts(disturbed=2, bounds_ms=spread([0.25, 4.0]))
    check = checked(Measured(events, 0, 0, 1000, 0, None))["max_event_bound_ms"]
    assert (check.passed, check.measured) == (False, "4.0 ms (2 of 10; the others 0.25 ms)")
