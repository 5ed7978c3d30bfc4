from __future__ import annotations

import json
import time

import pytest

from psychopy_neon import ClosedError, UsageError
from psychopy_neon.client import event_delivery
from psychopy_neon.client.events import EventState
from psychopy_neon.ledger import read_sessions


def journal_lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_events_arrive_in_order_and_are_confirmed(simulated_neon, connect):
    simulator = simulated_neon(scene=False)
    neon = connect(simulator)
    recording_id = neon.recording.start()
    receipts = [neon.send_event(f"event {n}") for n in range(20)]
    assert {receipt.wait(10.0) for receipt in receipts} == {EventState.CONFIRMED}
    stored = simulator.truth.events
    assert [event.name for event in stored] == [f"event {n}" for n in range(20)]
    assert {event.recording_id for event in stored} == {recording_id}
    assert [receipt.number for receipt in receipts] == list(range(1, 21))
    counts = neon.event_counts
    assert (counts.sent, counts.confirmed, counts.pending) == (20, 20, 0)


def test_an_event_carries_its_own_time_within_its_bound(simulated_neon, connect):
    simulator = simulated_neon(scene=False, offset_s=-1234.5, drift_ppm=80)
    neon = connect(simulator)
    neon.recording.start()
    before_ns, happened_s = time.perf_counter_ns(), time.perf_counter()
    after_ns = time.perf_counter_ns()
    receipt = neon.send_event("earlier", at=happened_s)
    assert receipt.wait(10.0) is EventState.CONFIRMED
    (stored,) = simulator.truth.events
    assert stored.given and stored.timestamp_ns == receipt.device_ns
    earliest, latest = simulator.clock.device_ns(before_ns), simulator.clock.device_ns(after_ns)
    assert earliest - receipt.bound_ns <= stored.timestamp_ns <= latest + receipt.bound_ns
    assert receipt.bound_ns < 5_000_000


@pytest.mark.parametrize("zero_s", [None, 100.0])
def test_an_event_that_happens_now_is_dated_by_the_call(simulated_neon, connect, zero_s):
    own_clock = {} if zero_s is None else {"clock": lambda: time.perf_counter() - zero_s}
    neon = connect(simulated_neon(scene=False), **own_clock)
    before_ns = time.perf_counter_ns()
    receipt = neon.send_event("now")
    after_ns = time.perf_counter_ns()
    assert before_ns <= receipt.host_ns <= after_ns
    assert before_ns <= (receipt.experiment_s + (zero_s or 0.0)) * 1e9 + 1e3
    assert (receipt.experiment_s + (zero_s or 0.0)) * 1e9 - 1e3 <= after_ns


def test_the_experiments_own_clock_is_used(simulated_neon, connect):
    simulator = simulated_neon(scene=False)
    zero_s = time.perf_counter() - 100.0
    neon = connect(simulator, clock=lambda: time.perf_counter() - zero_s)
    neon.recording.start()
    host_ns = round((zero_s + 90.0) * 1e9)
    receipt = neon.send_event("ten seconds ago", at=90.0)
    assert receipt.wait(10.0) is EventState.CONFIRMED
    error_ns = receipt.device_ns - simulator.clock.device_ns(host_ns)
    assert abs(error_ns) <= receipt.bound_ns + 10_000
    assert receipt.experiment_s == 90.0


def test_an_event_without_a_recording_is_reported_as_discarded(simulated_neon, connect, caplog):
    neon = connect(simulated_neon(scene=False))
    assert neon.send_event("lonely").wait(10.0) is EventState.DISCARDED
    assert "'lonely' is discarded: no recording is running" in caplog.text


def test_a_refused_event_is_reported(simulated_neon, connect):
    simulator = simulated_neon(scene=False)
    simulator.state.refuse("event", "not today", 400)
    receipt = connect(simulator).send_event("unwanted")
    assert receipt.wait(10.0) is EventState.REFUSED
    assert "not today" in receipt.error and receipt.tries == 3


def test_events_outlive_a_lost_link(simulated_neon, connect, tmp_path):
    first = simulated_neon(scene=False)
    neon = connect(first, journal=tmp_path / "events.jsonl")
    neon.recording.start()
    neon.wait_for_clock()
    first.close()
    receipts = [neon.send_event(f"kept {n}") for n in range(3)]
    assert receipts[0].wait(0.5) is EventState.PENDING
    same = {"http_port": first.port, "phone_id": first.phone_id}
    second = simulated_neon(scene=False, recording_start_lag_s=0.0, **same)
    second.state.start_recording()
    states = [receipt.wait(20.0) for receipt in receipts]
    # The phone that is back may open its recording only after the first event came.
    assert EventState.PENDING not in states and EventState.MISPLACED in states
    assert [event.name for event in second.truth.events] == ["kept 0", "kept 1", "kept 2"]
    stored = [event.timestamp_ns for event in second.truth.events]
    assert stored == [receipt.device_ns for receipt in receipts] == sorted(stored)


def test_what_was_not_delivered_stays_in_the_journal(simulated_neon, connect, tmp_path):
    simulator = simulated_neon(scene=False)
    path = tmp_path / "new folder" / "events.jsonl"
    neon = connect(simulator, journal=path)
    neon.wait_for_clock()
    simulator.close()
    receipt = neon.send_event("never arrives")
    started_s = time.perf_counter()
    neon.close(timeout_s=0.5)
    assert time.perf_counter() - started_s < 8.0
    assert receipt.state is EventState.UNCONFIRMED
    lines = journal_lines(path)
    (event,) = [line for line in lines if line["kind"] == "event"]
    (outcome,) = [line for line in lines if line["kind"] == "unconfirmed"]
    assert event["name"] == "never arrives"
    assert event["number"] == outcome["number"] == 1
    assert event["host_ns"] == receipt.host_ns
    assert outcome["device_ns"] == receipt.device_ns is not None
    assert outcome["bound_ns"] > 0
    assert outcome["error"]


def test_the_journal_is_written_before_the_phone_answers(simulated_neon, connect, tmp_path):
    simulator = simulated_neon(scene=False)
    path = tmp_path / "events.jsonl"
    neon = connect(simulator, journal=path)
    simulator.close()
    neon.send_event("first of all, saved")
    (session,) = read_sessions(path)
    assert session.events[-1].name == "first of all, saved"
    neon.close(timeout_s=0.1)


def test_a_line_that_was_cut_short_does_not_swallow_the_next(simulated_neon, connect, tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_text('{"kind": "event", "number": 1, "na')
    connect(simulated_neon(scene=False), journal=path).close()
    cut_short, *lines = path.read_text("utf-8").splitlines()
    assert cut_short.endswith('"na')
    assert json.loads(lines[0])["kind"] == "session"


def test_a_journal_that_cannot_be_written_is_one_clear_sentence(simulated_neon, connect, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="choose a folder that can"):
        connect(simulated_neon(scene=False), journal=tmp_path / "file" / "events.jsonl")


@pytest.mark.parametrize("name", ["", "   ", "x" * 1001, None, 5])
def test_a_name_that_is_none_is_refused(simulated_neon, connect, name):
    with pytest.raises(UsageError, match=r"event name|needs a name"):
        connect(simulated_neon(scene=False)).send_event(name)


@pytest.mark.parametrize("data", [{"x": object()}, {"x": "y" * 5000}, ["a list"], {1j: 2}])
def test_data_that_cannot_be_kept_are_refused(simulated_neon, connect, data):
    with pytest.raises(UsageError, match="data of an event must be a dict"):
        connect(simulated_neon(scene=False)).send_event("what?", data=data)


def test_data_stay_in_the_journal(simulated_neon, connect, tmp_path):
    simulator = simulated_neon(scene=False)
    neon = connect(simulator, journal=tmp_path / "events.jsonl")
    neon.recording.start()
    receipt = neon.send_event("trial", data={"number": 7, "condition": "left"})
    assert receipt.wait(10.0) is EventState.CONFIRMED
    (event,) = [e for e in journal_lines(neon.journal_path) if e["kind"] == "event"]
    assert event["data"] == receipt.data == {"number": 7, "condition": "left"}
    assert [event.name for event in simulator.truth.events] == ["trial"]


@pytest.mark.parametrize("fault", ["error", "garbage"])
def test_an_event_whose_answer_was_lost_is_stored_once(simulated_neon, connect, fault):
    simulator = simulated_neon(scene=False)
    neon = connect(simulator)
    neon.recording.start()
    if fault == "error":
        simulator.faults.http_error(500, "/api/event")
    else:
        simulator.faults.http_garbage("/api/event")
    receipt = neon.send_event("once")
    assert receipt.wait(10.0) is EventState.CONFIRMED
    assert (receipt.tries, receipt.perhaps_twice) == (1, False)
    assert [event.name for event in simulator.truth.events] == ["once"]


def test_an_event_that_may_be_there_twice_says_so(simulated_neon, connect, monkeypatch):
    monkeypatch.setattr(event_delivery.EventDelivery, "take_status", lambda self, told: None)
    simulator = simulated_neon(scene=False)
    neon = connect(simulator)
    neon.recording.start()
    simulator.faults.http_error(500, "/api/event")
    receipt = neon.send_event("twice")
    assert receipt.wait(10.0) is EventState.CONFIRMED
    assert receipt.perhaps_twice
    first, second = simulator.truth.events
    assert first.timestamp_ns == second.timestamp_ns == receipt.device_ns


@pytest.mark.parametrize("step_s", [3.0, -2.5])
def test_events_around_a_step_of_the_phones_clock_are_within_their_bounds(
    simulated_neon, connect, step_s
):
    simulator = simulated_neon(scene=False)
    neon = connect(simulator)
    neon.recording.start()
    neon.wait_for_clock()
    happened = []
    for number in range(60):
        if number == 30:
            simulator.step_clock(step_s)
        earliest_ns = simulator.clock.now_ns()
        receipt = neon.send_event(f"{number}")
        happened.append((receipt, earliest_ns, simulator.clock.now_ns()))
        time.sleep(0.02)
    for receipt, earliest_ns, latest_ns in happened:
        assert receipt.wait(10.0) is EventState.CONFIRMED
        assert earliest_ns - receipt.bound_ns <= receipt.device_ns
        assert receipt.device_ns <= latest_ns + receipt.bound_ns
    # Only in the gap between two clock readings can it not be told which time holds.
    wide = [receipt for receipt, *_ in happened if receipt.bound_ns > 50_000_000]
    assert len(wide) < 60 - 20


def test_an_event_that_waited_for_the_clock_is_not_called_doubtful(
    simulated_neon, connect, eventually, monkeypatch
):
    monkeypatch.setattr(event_delivery, "CLOCK_TIMEOUT_S", 0.1)
    simulator = simulated_neon(scene=False)
    neon = connect(simulator)
    neon.recording.start()
    neon.wait_for_clock()
    assert neon.send_event("before").wait(10.0) is EventState.CONFIRMED
    simulator.faults.stall_time_echo()
    simulator.faults.http_garbage("/api/status")  # it went out, but it was not the event
    receipt = neon.send_event("waited")
    eventually(lambda: receipt.error)
    simulator.faults.clear()
    assert receipt.wait(10.0) is EventState.CONFIRMED
    assert not receipt.perhaps_twice
    assert [event.name for event in simulator.truth.events] == ["before", "waited"]


def test_an_event_that_was_refused_is_not_there(simulated_neon, connect):
    simulator = simulated_neon(scene=False)
    neon = connect(simulator)
    neon.recording.start()
    simulator.state.refuse("event", "not today", 400)
    receipt = neon.send_event("unwanted")
    assert receipt.wait(10.0) is EventState.REFUSED
    assert not receipt.perhaps_twice
    assert simulator.truth.events == []


class Window:
    """Flips, and calls what it was given, as PsychoPy's does."""

    def __init__(self):
        self.calls = []

    def callOnFlip(self, function, *arguments):  # noqa: N802
        self.calls.append((function, arguments))

    def flip(self):
        for function, arguments in self.calls:
            function(*arguments)
        self.calls.clear()


def test_an_event_is_marked_with_the_next_flip(simulated_neon, connect):
    simulator = simulated_neon(scene=False)
    neon, window = connect(simulator), Window()
    neon.recording.start()
    neon.mark_on_flip(window, "shown", {"trial": 1}, lag_s=0.012)
    assert neon.events == []
    before_s = time.perf_counter()
    window.flip()
    after_s = time.perf_counter()
    (receipt,) = neon.events
    assert receipt.wait(10.0) is EventState.CONFIRMED
    assert before_s <= receipt.experiment_s - 0.012 <= after_s
    assert receipt.data == {"trial": 1, "display_lag_s": 0.012}
    assert simulator.truth.events[0].timestamp_ns == receipt.device_ns


def test_a_mark_that_makes_no_sense_is_refused_before_the_flip(simulated_neon, connect):
    neon, window = connect(simulated_neon(scene=False)), Window()
    for name, data in [("", None), ("x", {"y": object()})]:
        with pytest.raises(UsageError):
            neon.mark_on_flip(window, name, data)
    with pytest.raises(UsageError, match="at most"):  # together with the lag
        neon.mark_on_flip(window, "x", {"y": "z" * 3_990}, lag_s=0.012)
    with pytest.raises(UsageError, match="lag_s='late' is not a time"):
        neon.mark_on_flip(window, "x", lag_s="late")
    assert window.calls == []


def test_the_journal_holds_what_is_needed_to_work_out_all_times_again(
    simulated_neon, connect, tmp_path
):
    neon = connect(simulated_neon(scene=False), journal=tmp_path / "events.jsonl")
    neon.recording.start()
    neon.wait_for_clock()
    assert neon.send_event("x").wait(10.0) is EventState.CONFIRMED
    neon.close()
    lines = journal_lines(tmp_path / "events.jsonl")
    kinds = [line["kind"] for line in lines]
    assert kinds[0] == "session" and kinds[-1] == "closed"
    assert kinds.count("probe") >= 60
    assert kinds.count("clock") == kinds.count("pair") >= 2
    assert kinds.index("event") < kinds.index("dated") < kinds.index("confirmed")
    assert [line["state"] for line in lines if line["kind"] == "recording"] == [
        "recording", "stopping", "idle",
    ]  # fmt: skip


@pytest.mark.parametrize("at", [float("nan"), float("inf"), "soon"])
def test_a_time_that_is_none_is_refused(simulated_neon, connect, at):
    with pytest.raises(UsageError, match="not a time"):
        connect(simulated_neon(scene=False)).send_event("when?", at=at)


def test_a_closed_device_takes_no_event(simulated_neon, connect):
    neon = connect(simulated_neon(scene=False))
    neon.close()
    with pytest.raises(ClosedError):
        neon.send_event("late")
