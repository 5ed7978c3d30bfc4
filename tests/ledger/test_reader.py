"""Ledgers are read whatever state a crash, an old or a newer version has left them in."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from psychopy_neon.clock import ClockPair, Exchange
from psychopy_neon.exceptions import UsageError
from psychopy_neon.ledger import LedgerRecording, LedgerStream, read_sessions

SECOND = 1_000_000_000


def test_everything_of_a_session_is_read(ledger: Any) -> None:
    ledger.run(10)
    sent = ledger.event("trial 1", 2.0, data={"condition": "left"})
    ledger.line("recording", state="recording", id="abc", error="", host_ns=5)
    ledger.line("stream", name="gaze", received=900, lost=2, malformed=1)
    ledger.line("skew", skew_ns=-12)
    ledger.line("closed", host_ns=9)
    (session,) = read_sessions(ledger.path)
    assert (session.head.phone_name, session.head.version) == ("Neon in the lab", 1)
    assert session.head.host_ns == ledger.start_ns
    (event,) = session.events
    assert (event.number, event.name, event.state) == (1, "trial 1", "confirmed")
    assert (event.device_ns, event.bound_ns, event.tries) == (sent, 300_000, 1)
    assert (event.data, event.perhaps_twice) == ({"condition": "left"}, False)
    assert len(session.probes) == 50 and isinstance(session.probes[0], Exchange)
    assert session.pairs[-1] == ClockPair(ledger.start_ns + 10 * SECOND, 15.0, 200)
    assert session.recordings == (LedgerRecording("recording", "abc", "", 5),)
    assert session.streams == (LedgerStream("gaze", 900, 2, 1),)
    assert (session.skew_ns, session.closed, session.unreadable) == (-12, True, 0)


def test_snapshot_converts_as_the_experiment_did(ledger: Any) -> None:
    ledger.session()
    ledger.line(
        "clock",
        reference_host_ns=100,
        offset_ns=7,
        rate=1e-5,
        vertices=[[-5.0, 0.0], [5.0, 2e-5]],
        max_rate=1.5e-4,
        wander_per_ns=5e-17,
        since_host_ns=0,
        segment=1,
    )
    ((snapshot,),) = (session.snapshots for session in read_sessions(ledger.path))
    assert snapshot.device_from_host(100) == 107
    assert (snapshot.bound_ns(100), snapshot.steps) == (6, 1)


def test_event_without_an_end_is_pending_and_keeps_its_date(ledger: Any) -> None:
    ledger.session()
    ledger.event("never sent", 1.0, None)
    ledger.event("sent", 2.0, None)
    ledger.line("dated", number=2, device_ns=55, bound_ns=3)
    (session,) = read_sessions(ledger.path)
    assert [event.state for event in session.events] == ["pending", "pending"]
    assert [event.device_ns for event in session.events] == [None, 55]
    assert not session.closed


@pytest.mark.parametrize("state", ["confirmed", "misplaced", "discarded", "refused", "unconfirmed"])
def test_every_end_of_an_event_is_known(ledger: Any, state: str) -> None:
    ledger.session()
    ledger.event("x", 1.0, state, error="why")
    ((event,),) = (session.events for session in read_sessions(ledger.path))
    assert (event.state, event.tries, event.error) == (state, 1, "why")


def test_the_end_of_an_event_tells_its_date_anew_or_leaves_it(ledger: Any) -> None:
    ledger.session()
    for name in ("kept", "sent again"):
        ledger.event(name, 1.0, None)
    for number in (1, 2):
        ledger.line("dated", number=number, device_ns=55, bound_ns=3)
    ledger.line("unconfirmed", number=1)
    ledger.line("confirmed", number=2, device_ns=57, bound_ns=2, recording_id="r", tries=3)
    ((kept, again),) = (session.events for session in read_sessions(ledger.path))
    assert (kept.state, kept.device_ns, kept.bound_ns, kept.tries) == ("unconfirmed", 55, 3, 0)
    assert (again.state, again.device_ns, again.bound_ns, again.tries) == ("confirmed", 57, 2, 3)
    assert (kept.recording_id, again.recording_id) == (None, "r")


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_half_a_last_line_is_left_out(ledger: Any, cut: int) -> None:
    ledger.session()
    ledger.event("first ✓", 1.0)
    whole = ledger.path.read_bytes()
    ledger.event("second ✓", 2.0, None)
    ledger.path.write_bytes(ledger.path.read_bytes()[: len(whole) + cut])
    (session,) = read_sessions(ledger.path)
    assert [event.name for event in session.events] == ["first ✓"]
    assert session.unreadable == 1


def test_session_that_continues_after_half_a_line_is_not_lost(ledger: Any) -> None:
    ledger.session()
    ledger.event("before the crash", 1.0)
    with ledger.path.open("a") as file:
        file.write('{"kind": "event", "number": 2, "na')
    ledger.session()
    ledger.event("after it", 2.0)
    first, second = read_sessions(ledger.path)
    assert [event.name for event in first.events] == ["before the crash"]
    assert [(event.number, event.name) for event in second.events] == [(1, "after it")]
    assert first.unreadable == 1


def test_unknown_kinds_and_fields_do_no_harm(ledger: Any) -> None:
    ledger.line("session", version=99, colour="green")
    ledger.line("weather", rain=True)
    ledger.event("event", 1.0, mood="good")
    (session,) = read_sessions(ledger.path)
    assert (session.head.version, session.head.utc, session.unreadable) == (99, "", 0)
    assert [event.state for event in session.events] == ["confirmed"]


def test_old_file_without_a_session_line_is_one_session(ledger: Any) -> None:
    ledger.line("event", number=1, name="old", host_ns=5, experiment_s=0.5)
    ledger.line("confirmed", number=1, device_ns=9, bound_ns=None, recording_id="r", tries=2)
    (session,) = read_sessions(ledger.path)
    (event,) = session.events
    assert (event.name, event.recording_id, event.tries) == ("old", "r", 2)
    assert (event.device_ns, event.bound_ns) == (9, None)
    assert (session.probes, session.pairs, session.skew_ns) == ((), (), None)


@pytest.mark.parametrize(
    "values",
    [
        {"number": "1", "name": "x", "host_ns": 1},
        {"number": True, "name": "x", "host_ns": 1},
        {"number": 1, "name": "x", "host_ns": 1.5},
        {"number": 1, "name": "x", "host_ns": 10**30},
        {"name": "x"},
    ],
    ids=str,
)
def test_damaged_event_is_counted_and_the_others_are_read(
    ledger: Any, values: dict[str, Any]
) -> None:
    ledger.session()
    ledger.line("event", **values)
    ledger.event("good", 1.0)
    ledger.line("confirmed", number=77)
    ledger.line("probe", sent_host_ns=1, received_host_ns=2)
    ledger.line("clock", vertices=5, reference_host_ns=1)
    ledger.line("clock", rate=10**400, reference_host_ns=1, offset_ns=1)
    (session,) = read_sessions(ledger.path)
    assert [event.name for event in session.events] == ["good"]
    assert session.unreadable == 5


def test_event_without_a_time_of_the_experiment_has_none(ledger: Any) -> None:
    ledger.line("event", number=1, name="x", host_ns=5, experiment_s=None)
    assert math.isnan(read_sessions(ledger.path)[0].events[0].experiment_s)


def test_what_is_no_number_in_an_old_ledger_is_nothing(ledger: Any) -> None:
    ledger.session()
    ledger.event("x", 1.0, data={"rt": math.nan, "most": math.inf, "trial": 3})
    assert "NaN" in ledger.path.read_text("ascii")
    (event,) = read_sessions(ledger.path)[0].events
    assert event.data == {"rt": None, "most": None, "trial": 3}


@pytest.mark.parametrize("content", [b"", b"\n\n", b"hello\n", b"[1, 2]\n", b'{"a": 1}\n', b"\xff"])
def test_file_that_is_no_ledger_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="is not a ledger; give"):
        read_sessions(path)


def test_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_sessions(tmp_path / "none.jsonl")


def test_endless_line_takes_no_endless_memory(ledger: Any) -> None:
    ledger.session()
    with ledger.path.open("a") as file:
        file.write('{"kind": "event", "name": "' + "x" * 5_000_000 + '"}\n')
    ledger.event("after it", 1.0)
    (session,) = read_sessions(ledger.path)
    assert ([event.name for event in session.events], session.unreadable) == (["after it"], 1)


@given(damage=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=20))
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_damage_is_survived(ledger: Any, damage: list[tuple[int, int]]) -> None:
    ledger.path.unlink(missing_ok=True)
    ledger.run(2)
    ledger.event("event", 1.0)
    content = bytearray(ledger.path.read_bytes())
    for place, value in damage:
        content[place % len(content)] = value
    ledger.path.write_bytes(content)
    try:
        sessions = read_sessions(ledger.path)
    except UsageError:
        return
    assert sum(len(session.events) for session in sessions) <= 1
