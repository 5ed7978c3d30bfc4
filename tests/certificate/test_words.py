"""Verdict and notes in plain words, of facts that are made by hand."""

from __future__ import annotations

from typing import Any

from psychopy_neon.certificate.checks import Check
from psychopy_neon.certificate.event_facts import EventFacts
from psychopy_neon.certificate.link_facts import LinkFacts, SilenceFacts
from psychopy_neon.certificate.record import StepFacts
from psychopy_neon.certificate.spread import spread
from psychopy_neon.certificate.verdict import notes, verdict

NO_EVENTS = EventFacts(0, 0, {}, 0, 0, 0, 0, 0, None, None)
QUIET = LinkFacts(100, 100, None, None)


def facts(**known: Any) -> EventFacts:
    values = {
        **{"total": 3, "confirmed": 3, "states": {"confirmed": 3}, "perhaps_twice": 0},
        **{"resent": 0, "disturbed": 0, "widened": 0, "without_bound": 0},
        **{"bounds_ms": spread([0.2, 0.3]), "undisturbed_ms": spread([0.2, 0.3])},
        **known,
    }
    return EventFacts(**values)


def said(events: EventFacts = NO_EVENTS, link: LinkFacts = QUIET, **known: Any) -> tuple[str, ...]:
    values = {"contradictions": 0, "closed": True, "sessions": 1, **known}
    steps, silences = values.pop("steps", []), values.pop("silences", [])
    return notes(events, link, steps, silences, **values)


def test_events_and_their_times_are_one_sentence() -> None:
    assert verdict(facts(), [], 1) == (
        "All 3 events confirmed; every event's time is within 0.30 ms."
    )
    one = facts(total=1, confirmed=1, bounds_ms=spread([0.2]), undisturbed_ms=spread([0.2]))
    assert verdict(one, [], 1) == "The event was confirmed; its time is within 0.20 ms."
    assert verdict(NO_EVENTS, [], 1) == "No events were sent."
    assert verdict(facts(bounds_ms=None, undisturbed_ms=None, without_bound=3), [], 1) == (
        "All 3 events confirmed; no event has a proven time."
    )


def test_events_that_are_worse_than_the_others_are_counted_first() -> None:
    mixed = facts(
        confirmed=2, without_bound=1, disturbed=1, bounds_ms=spread([0.2, 9.0]),
        undisturbed_ms=spread([0.2]),
    )  # fmt: skip
    assert verdict(mixed, [], 1) == (
        "2 of 3 events confirmed; 1 event without a proven time; the time of 1 event is only known "
        "within 9.0 ms; every other event's time is within 0.20 ms."
    )


def test_what_is_beyond_its_limit_is_named_after_the_events() -> None:
    checks = [
        Check("max_clock_steps", "Steps of the phone's clock", "2", "none", 2, False),
        Check("max_gaze_loss_share", "Gaze samples lost", "0 %", "at most 0.1 %", 0.0, True),
        Check("max_late_flip_share", "Late flips", "3 %", "at most 1 %", 0.03, False),
        Check("max_gaze_age_p95_ms", "Age of gaze", "not measured", "at most 60 ms", None, None),
    ]
    assert verdict(NO_EVENTS, checks, 1) == (
        "No events were sent. Beyond the limit: steps of the phone's clock, late flips."
    )
    assert verdict(NO_EVENTS, checks, 0) == "Nothing to certify: the ledger holds no session."


def test_an_uneventful_run_needs_no_notes() -> None:
    assert said() == said(facts()) == ()
    assert said(sessions=0, closed=False) == ()


def test_steps_and_silences_are_told_with_their_size_and_place() -> None:
    (step, silence) = said(
        steps=[StepFacts(10.0, 12.5, -1250.0, 0.31)], silences=[SilenceFacts(30.0, 65.0)]
    )
    assert step.startswith(
        "The phone's clock stepped by −1250.0 ms (± 0.31 ms) at 12 s, in the 2.5 s between"
    )
    assert silence == (
        "The phone did not answer for 1 min 5 s, from 30 s on; the bound grew meanwhile."
    )


def test_of_many_steps_or_silences_three_are_told() -> None:
    for number, more in ((3, None), (4, "1 more silence"), (6, "3 more silences")):
        found = said(silences=[SilenceFacts(at_s, 20.0) for at_s in range(number)])
        assert len(found) == min(number, 4)
        assert more is None or found[3] == f"{more}: see the JSON file."
    steps = said(steps=[StepFacts(at_s, at_s + 1.0, 9.0, 0.1) for at_s in range(5)])
    assert steps[3:] == ("2 more steps: see the JSON file.",)


def test_what_else_a_reader_has_to_know() -> None:
    events = facts(
        confirmed=1, states={"confirmed": 1, "refused": 1, "discarded": 1}, resent=2, widened=1,
        perhaps_twice=1,
    )  # fmt: skip
    found = said(events, LinkFacts(100, 98, None, None), contradictions=1, closed=False, sessions=2)
    beginnings = (
        "The ledger holds 2 sessions",
        "The ledger ends without its closing line",
        "Events that were not confirmed: 1 discarded, 1 refused.",
        "2 events had to be sent more than once",
        "1 event may be further off",
        "1 event may be in the recording twice",
        "2 answers of 100 cannot be true",
        "The clocks did not keep to the limits of rate, in 1 place:",
    )
    assert len(found) == len(beginnings)
    for sentence, beginning in zip(found, beginnings, strict=True):
        assert sentence.startswith(beginning)
