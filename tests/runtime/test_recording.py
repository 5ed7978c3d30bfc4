"""The phone's recording and its id in the data file."""

from __future__ import annotations

from typing import Any

import pytest

from psychopy_neon.exceptions import UsageError

FIRST = "11111111-0000-4000-8000-000000000001"
SECOND = "22222222-0000-4000-8000-000000000002"


@pytest.fixture
def recording(runtime: Any, view: Any, exp: Any) -> Any:
    return runtime.NeonRecording(view, exp=exp, name="rec")


def test_starting_also_lets_samples_flow(recording: Any, view: Any) -> None:
    recording.start()
    assert len(view.named("neon_start_recording")) == 1
    assert view.named("setRecordingState") == [(True,)]


def test_samples_that_flow_already_are_not_restarted(recording: Any, view: Any) -> None:
    view.sampling = True
    recording.start()
    assert view.named("setRecordingState") == []


def test_stopping_leaves_samples_to_psychopys_own_component(recording: Any, view: Any) -> None:
    recording.start()
    recording.stop()
    assert view.sampling


@pytest.mark.parametrize(("at_end", "save"), [("save", True), ("discard", False)])
def test_it_is_saved_or_discarded(runtime: Any, view: Any, at_end: str, save: bool) -> None:
    recording = runtime.NeonRecording(view, at_end=at_end)
    recording.start()
    recording.stop()
    recording.stop()
    assert view.named("neon_stop_recording") == [(save,)]


def test_another_end_is_refused(runtime: Any, view: Any) -> None:
    with pytest.raises(UsageError, match="must be 'save' or 'discard'"):
        runtime.NeonRecording(view, at_end="keep")


def test_starting_twice_starts_once(recording: Any, view: Any) -> None:
    recording.start()
    recording.start()
    assert len(view.named("neon_start_recording")) == 1


def test_the_routines_end_stops_it_and_writes_the_id(recording: Any, view: Any, exp: Any) -> None:
    recording.start()
    view.phone_starts()
    recording.end_routine()
    assert view.named("neon_stop_recording") == [(True,)]
    assert exp.thisEntry == {"rec.id": FIRST}
    assert exp.dataNames == ["rec.id"]


def test_it_can_outlast_the_routine(runtime: Any, view: Any, exp: Any) -> None:
    recording = runtime.NeonRecording(view, exp=exp, name="rec", stop_with_routine=False)
    recording.start()
    view.phone_starts()
    recording.end_routine()
    assert recording.active
    assert exp.thisEntry == {"rec.id": FIRST}
    runtime.connect(view).close()
    assert view.named("neon_stop_recording") == [(True,)]


def test_an_id_that_comes_late_is_written_into_the_row_of_the_start(
    runtime: Any, recording: Any, view: Any, exp: Any
) -> None:
    recording.start()
    recording.end_routine()
    exp.nextEntry()
    assert exp.entries == [{}]
    view.phone.update(state="idle", id=FIRST)
    runtime.connect(view).close()
    assert exp.entries == [{"rec.id": FIRST}]
    assert exp.thisEntry == {}


def test_the_id_of_an_earlier_recording_is_not_taken(recording: Any, view: Any, exp: Any) -> None:
    recording.start()
    view.phone_starts()
    recording.end_routine()
    exp.nextEntry()
    recording.start()
    assert recording.id == ""
    view.next_id = SECOND
    view.phone_starts()
    recording.end_routine()
    assert [*exp.entries, exp.thisEntry] == [{"rec.id": FIRST}, {"rec.id": SECOND}]


def test_an_id_that_is_late_is_written_before_the_next_start(
    recording: Any, view: Any, exp: Any
) -> None:
    recording.start()
    recording.end_routine()
    exp.nextEntry()
    view.phone.update(state="idle", id=FIRST)
    recording.start()
    assert exp.entries == [{"rec.id": FIRST}]


def test_a_recording_that_runs_already_lends_its_id(
    runtime: Any, recording: Any, view: Any, exp: Any
) -> None:
    view.phone_starts()
    recording.start()
    view.phone_starts()
    assert recording.id == FIRST


def test_a_phone_that_does_not_record_is_reported_once(
    recording: Any, view: Any, exp: Any, log: Any
) -> None:
    recording.start()
    view.phone.update(state="failed", error="the storage is full")
    recording.end_routine()
    assert "rec failed: the storage is full" in log
    assert "rec.id" not in exp.thisEntry
    assert not recording.active
    assert view.named("neon_stop_recording") == []


def test_a_stop_that_fails_is_reported_with_the_id(
    runtime: Any, recording: Any, view: Any, exp: Any, log: Any
) -> None:
    recording.start()
    view.phone_starts()
    recording.end_routine()
    view.phone.update(state="failed", error="the phone cannot be reached")
    runtime.connect(view).close()
    assert f"rec, recording {FIRST}, failed: the phone cannot be reached" in log
    assert exp.thisEntry == {"rec.id": FIRST}


def test_a_stop_under_way_is_waited_for_at_the_end(runtime: Any, recording: Any, view: Any) -> None:
    recording.start()
    view.phone_starts()
    states = iter(["stopping", "stopping", "idle"])
    view.neon_recording = lambda: {"state": next(states, "idle"), "id": FIRST, "error": ""}
    runtime.connect(view).close()
    assert next(states, None) is None


def test_it_works_without_a_data_file(runtime: Any, view: Any) -> None:
    recording = runtime.NeonRecording(view)
    recording.start()
    view.phone_starts()
    recording.stop()
    assert recording.id == FIRST
