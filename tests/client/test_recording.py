from __future__ import annotations

import time

import pytest

from psychopy_neon import DeviceError
from psychopy_neon.client.events import EventState
from psychopy_neon.client.recording import RecordingState
from psychopy_neon.protocol.status import Recording


def actions(simulator):
    return [(recording.action, recording.id) for recording in simulator.truth.recordings]


def test_start_returns_when_events_can_attach(simulated_neon, connect):
    simulator = simulated_neon(scene=False, recording_start_lag_s=0.9)
    neon = connect(simulator)
    neon.wait_for_clock()  # which an event would wait for, too
    recording_id = neon.recording.start()
    receipt = neon.send_event("right away")
    assert receipt.wait(10.0) is EventState.CONFIRMED
    assert receipt.recording_id == recording_id == neon.recording.id
    assert neon.recording.info.state is RecordingState.RECORDING


def test_a_recording_is_saved_or_deleted(simulated_neon, connect):
    simulator = simulated_neon(scene=False, recording_start_lag_s=0.0)
    neon = connect(simulator)
    first = neon.recording.start()
    neon.recording.stop_and_save()
    second = neon.recording.start()
    neon.recording.cancel()
    assert actions(simulator) == [
        ("start", first), ("stop_and_save", first), ("start", second), ("cancel", second),
    ]  # fmt: skip
    assert neon.recording.info.state is RecordingState.IDLE


def test_events_sent_before_a_stop_are_in_the_recording(simulated_neon, connect, eventually):
    simulator = simulated_neon(scene=False)
    neon = connect(simulator)
    neon.recording.request_start()
    receipts = [neon.send_event(f"{n}") for n in range(10)]
    neon.recording.request_stop()
    assert {receipt.wait(10.0) for receipt in receipts} == {EventState.CONFIRMED}
    eventually(lambda: neon.recording.info.state is RecordingState.IDLE)
    assert {event.recording_id for event in simulator.truth.events} == {neon.recording.id}


def test_a_refusal_says_why(simulated_neon, connect):
    simulator = simulated_neon(scene=False)
    simulator.state.refuse("recording:start", "battery too low")
    neon = connect(simulator)
    with pytest.raises(DeviceError, match="battery too low"):
        neon.recording.start()
    assert neon.recording.info.state is RecordingState.FAILED
    assert "battery too low" in neon.recording.info.error


def test_a_recording_whose_start_was_not_answered_is_ours(simulated_neon, connect):
    simulator = simulated_neon(scene=False, recording_start_lag_s=0.9)
    neon = connect(simulator)
    simulator.faults.http_garbage("/api/recording:start")  # the second time it is refused
    recording_id = neon.recording.start()
    assert actions(simulator) == [("start", recording_id)]
    assert neon.recording.info.state is RecordingState.RECORDING


@pytest.mark.parametrize("end", ["stop_and_save", "cancel"])
def test_an_end_that_was_not_answered_is_no_failure(simulated_neon, connect, end):
    simulator = simulated_neon(scene=False)
    neon = connect(simulator)
    recording_id = neon.recording.start()
    simulator.faults.http_garbage(f"/api/recording:{end}")
    getattr(neon.recording, end)()
    assert actions(simulator) == [("start", recording_id), (end, recording_id)]
    assert (neon.recording.info.state, neon.recording.info.error) == (RecordingState.IDLE, "")


def test_an_end_that_comes_late_says_that_the_phone_answers_again(simulated_neon, connect, caplog):
    simulator = simulated_neon(scene=False)
    neon = connect(simulator)
    neon.recording.start()
    simulator.faults.http_garbage("/api/recording:stop_and_save")
    neon.recording.stop_and_save()
    assert caplog.text.count("the phone does not answer") == 1
    assert caplog.text.count("the phone answers again") == 1


def test_stopping_nothing_is_refused(simulated_neon, connect):
    neon = connect(simulated_neon(scene=False))
    with pytest.raises(DeviceError):
        neon.recording.stop_and_save()


def test_closing_saves_a_recording_that_we_started(simulated_neon, connect):
    simulator = simulated_neon(scene=False)
    neon = connect(simulator)
    recording_id = neon.recording.start()
    neon.close()
    assert actions(simulator) == [("start", recording_id), ("stop_and_save", recording_id)]


def test_closing_leaves_a_recording_of_somebody_else_alone(simulated_neon, connect):
    simulator = simulated_neon(scene=False)
    simulator.state.start_recording()
    connect(simulator).close()
    assert [action for action, _ in actions(simulator)] == ["start"]


def test_other_news_of_the_phone_end_no_recording(simulated_neon, connect, eventually, caplog):
    simulator = simulated_neon(scene=False)
    neon = connect(simulator)
    recording_id = neon.recording.start()
    simulator.state.set_battery(33)
    eventually(lambda: neon.battery_percent == 33)
    assert neon.send_event("still there").wait(10.0) is EventState.CONFIRMED
    info = neon.recording.info
    assert (info.state, info.id, info.error) == (RecordingState.RECORDING, recording_id, "")
    assert [record.message for record in caplog.records if record.exc_info] == []


def test_a_second_start_is_refused_and_the_first_recording_is_still_saved(simulated_neon, connect):
    simulator = simulated_neon(scene=False)
    neon = connect(simulator)
    recording_id = neon.recording.start()
    with pytest.raises(DeviceError):
        neon.recording.start()
    assert neon.recording.info.state is RecordingState.RECORDING
    neon.close()
    assert actions(simulator) == [("start", recording_id), ("stop_and_save", recording_id)]


def test_an_event_in_a_recording_that_is_not_ours_is_pointed_out(simulated_neon, connect):
    simulator = simulated_neon(scene=False, recording_start_lag_s=0.0)
    neon = connect(simulator)
    neon.recording.start()
    simulator.state.cancel_recording()  # somebody else took over
    foreign_id = simulator.state.start_recording()
    receipt = neon.send_event("where am I")
    assert receipt.wait(10.0) is EventState.MISPLACED
    assert receipt.recording_id == foreign_id and "not ours" in receipt.error


def test_what_the_phone_says_of_a_recording_that_fails_is_told(simulated_neon, connect, eventually):
    simulator = simulated_neon(scene=False)
    neon = connect(simulator)
    recording_id = neon.recording.start()
    simulator.state.board.push(Recording(recording_id, "ERROR", "the watchdog bit", 0))
    eventually(lambda: neon.recording.info.state is RecordingState.FAILED)
    assert "the watchdog bit" in neon.recording.info.error


def test_a_recording_that_somebody_else_ends_is_not_called_running(
    simulated_neon, connect, eventually, caplog
):
    simulator = simulated_neon(scene=False)
    neon = connect(simulator)
    recording_id = neon.recording.start()
    simulator.state.stop_and_save_recording()
    eventually(lambda: neon.recording.info.state is RecordingState.FAILED)
    assert neon.recording.info.id == recording_id
    assert "ended on the phone" in neon.recording.info.error
    assert neon.send_event("too late").wait(10.0) is EventState.DISCARDED
    caplog.clear()
    neon.close()
    assert "refused" not in caplog.text
    assert actions(simulator) == [("start", recording_id), ("stop_and_save", recording_id)]


def test_a_refused_start_does_not_bring_back_a_recording_that_somebody_else_ended(
    simulated_neon, connect, eventually
):
    simulator = simulated_neon(scene=False)
    neon = connect(simulator)
    recording_id = neon.recording.start()
    simulator.state.stop_and_save_recording()
    eventually(lambda: neon.recording.info.state is RecordingState.FAILED)
    simulator.state.refuse("recording:start", "storage low")
    with pytest.raises(DeviceError, match="storage low"):
        neon.recording.start()
    assert neon.recording.info.state is RecordingState.FAILED
    neon.close()
    assert actions(simulator) == [("start", recording_id), ("stop_and_save", recording_id)]


def test_a_recording_that_ends_while_it_starts_is_not_called_running(
    simulated_neon, connect, eventually
):
    simulator = simulated_neon(scene=False, recording_start_lag_s=60.0)
    neon = connect(simulator)
    neon.recording.request_start()
    eventually(lambda: simulator.truth.recordings)
    time.sleep(0.3)  # the answer has come; it is not open yet
    simulator.state.cancel_recording()
    eventually(lambda: neon.recording.info.state is not RecordingState.STARTING)
    info = neon.recording.info
    assert info.state is RecordingState.FAILED and "ended on the phone" in info.error


def test_a_recording_that_the_phone_lost_when_it_restarted_is_not_called_running(
    simulated_neon, connect, eventually
):
    simulator = simulated_neon(scene=False)
    neon = connect(simulator)
    neon.recording.start()
    eventually(lambda: neon.status.recording is not None)
    simulator.faults.reboot(0.5)
    eventually(lambda: neon.recording.info.state is RecordingState.FAILED)
    assert "ended on the phone" in neon.recording.info.error
