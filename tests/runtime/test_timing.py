"""What a run leaves beside its journal: a row for each flip, and a certificate at the end."""

from __future__ import annotations

import json
import math
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from psychopy_neon.certificate import read_frames

SECOND_NS = 1_000_000_000
DEVICE_NS = 1_790_000_000 * SECOND_NS


def _journal_lines(seconds: int) -> list[dict[str, Any]]:
    """One confirmed event each second, over a perfect link."""
    lines: list[dict[str, Any]] = [
        {"kind": "session", "version": 1, "utc": "", "host_ns": 0, "experiment_s": 0.0}
    ]
    for number in range(1, seconds + 1):
        device_ns = DEVICE_NS + number * SECOND_NS
        when = {"host_ns": number * SECOND_NS, "experiment_s": float(number)}
        lines.append({"kind": "event", "number": number, "name": "x", **when})
        dated = {"number": number, "device_ns": device_ns, "bound_ns": 300_000}
        lines.append({"kind": "confirmed", "recording_id": "r", "tries": 1, **dated})
        for sent_ns in range(number * SECOND_NS, (number + 1) * SECOND_NS, 10_100_000):
            received_ns = sent_ns + 200_000
            device_ms = (DEVICE_NS + sent_ns + 100_000) // 1_000_000
            lines.append(
                {
                    "kind": "probe",
                    "sent_host_ns": sent_ns,
                    "received_host_ns": received_ns,
                    "device_ms": device_ms,
                }
            )
    return [*lines, {"kind": "closed", "host_ns": seconds * SECOND_NS}]


@pytest.fixture
def journal(tmp_path: Path, view: Any) -> Path:
    """The run's journal, as the settings name it and the device leaves it."""
    path = tmp_path / "p01_neon_events.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in _journal_lines(3)), "utf-8")
    view.chosen["journal"] = str(path)
    return path


@pytest.fixture
def frames_path(journal: Path) -> Path:
    return journal.with_name("p01_neon_frames.tsv")


def _watch(gaze: Any, window: Any, flips: int) -> None:
    for _ in range(flips):
        gaze.watch()
        window.flip()


def test_each_watched_flip_is_logged_with_the_age_that_its_gaze_had(
    runtime: Any, view: Any, window: Any, journal: Path, frames_path: Path
) -> None:
    gaze = runtime.NeonGaze(window, view)
    gaze.start()
    _watch(gaze, window, 3)
    view.lose_gaze()
    _watch(gaze, window, 2)
    runtime.connect(view).close()
    frames = read_frames(frames_path.read_text("utf-8"))
    assert [frame.gaze_valid for frame in frames] == [True, True, True, False, False]
    assert math.isnan(frames[0].interval_s)
    assert all(frame.interval_s > 0 for frame in frames[1:])
    assert all(frame.gaze_age_s >= 0.02 for frame in frames)


def test_flips_are_on_the_clock_of_the_events(
    runtime: Any, view: Any, window: Any, journal: Path, frames_path: Path
) -> None:
    gaze, event = runtime.NeonGaze(window, view), runtime.NeonEvent(window, view)
    gaze.start()
    gaze.watch()
    event.send_on_flip("on")
    window.flip()
    expected_s = runtime.flip_watch.flip_raw_s(window)
    runtime.connect(view).close()
    (frame,) = read_frames(frames_path.read_text("utf-8"))
    assert frame.flip_experiment_s == pytest.approx(expected_s, abs=1e-5)


def test_two_objects_that_watch_make_one_row(
    runtime: Any, view: Any, window: Any, journal: Path, frames_path: Path
) -> None:
    objects = [runtime.NeonGaze(window, view, name=name) for name in ("a", "b")]
    for gaze in objects:
        gaze.start()
        gaze.watch()
    window.flip()
    runtime.connect(view).close()
    assert len(read_frames(frames_path.read_text("utf-8"))) == 1


def test_the_time_between_routines_is_no_interval(
    runtime: Any, view: Any, window: Any, journal: Path, frames_path: Path
) -> None:
    gaze = runtime.NeonGaze(window, view)
    for _ in range(2):
        gaze.start()
        _watch(gaze, window, 2)
        gaze.stop()
        window.flip()
    runtime.connect(view).close()
    frames = read_frames(frames_path.read_text("utf-8"))
    assert [math.isnan(frame.interval_s) for frame in frames] == [True, False, True, False]


def _record(runtime: Any, view: Any, window: Any, **more: Any) -> Any:
    recording = runtime.NeonRecording(view, win=window, **more)
    recording.start()
    return recording


def test_flips_are_logged_from_the_start_of_a_recording_to_its_end(
    runtime: Any, view: Any, window: Any, journal: Path, frames_path: Path
) -> None:
    window.flip()
    recording = _record(runtime, view, window)
    for _ in range(4):
        window.flip()
    recording.stop()
    window.flip()
    recording.start()
    window.flip()
    runtime.connect(view).close()
    window.flip()
    frames = read_frames(frames_path.read_text("utf-8"))
    assert [math.isnan(frame.interval_s) for frame in frames] == [True, *[False] * 3, True]
    assert {frame.gaze_valid for frame in frames} == {None}


def test_gaze_has_an_age_at_those_flips_only_for_which_it_was_read(
    runtime: Any, view: Any, window: Any, journal: Path, frames_path: Path
) -> None:
    gaze, _ = runtime.NeonGaze(window, view), _record(runtime, view, window)
    window.flip()
    gaze.start()
    _watch(gaze, window, 2)
    gaze.stop()
    window.flip()
    runtime.connect(view).close()
    frames = read_frames(frames_path.read_text("utf-8"))
    assert [frame.gaze_valid for frame in frames] == [None, True, True, None]
    assert [frame.gaze_age_s > 0 for frame in frames] == [False, True, True, False]
    assert [math.isnan(frame.interval_s) for frame in frames] == [True, False, False, False]


def test_without_recordings_flips_are_logged_from_the_first_event_on(
    runtime: Any, view: Any, window: Any, journal: Path, frames_path: Path
) -> None:
    event = runtime.NeonEvent(window, view)
    window.flip()
    event.send_on_flip("on")
    for _ in range(3):
        window.flip()
    runtime.connect(view).close()
    assert len(read_frames(frames_path.read_text("utf-8"))) == 3


def test_an_event_outside_of_the_recordings_logs_no_flips(
    runtime: Any, view: Any, window: Any, journal: Path, frames_path: Path
) -> None:
    runtime.NeonRecording(view, win=window)
    runtime.NeonEvent(window, view).send("on")
    window.flip()
    runtime.connect(view).close()
    assert not frames_path.exists()


def test_the_first_flip_of_a_routine_has_no_interval(
    runtime: Any, view: Any, window: Any, exp: Any, journal: Path, frames_path: Path
) -> None:
    _record(runtime, view, window, exp=exp)
    for routine in (object(), object()):
        exp.currentRoutine = routine
        for _ in range(2):
            window.flip()
    runtime.connect(view).close()
    frames = read_frames(frames_path.read_text("utf-8"))
    assert [math.isnan(frame.interval_s) for frame in frames] == [True, False, True, False]


def test_a_step_of_the_wall_clock_is_no_late_flip(
    runtime: Any,
    view: Any,
    window: Any,
    journal: Path,
    frames_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from psychopy import clock, logging

    read, ahead_s = clock.getTime, [0.0]
    monkeypatch.setattr(clock, "getTime", lambda: read() + ahead_s[0])
    monkeypatch.setattr(
        logging.defaultClock,
        "getTime",
        lambda: clock.getTime() - logging.defaultClock.getLastResetTime(),
    )
    _record(runtime, view, window)
    for set_by_s in (0.0, 3600.0, -7200.0):
        ahead_s[0] += set_by_s
        window.flip()
        window.flip()
    runtime.connect(view).close()
    frames = read_frames(frames_path.read_text("utf-8"))
    assert frames[2].flip_experiment_s > frames[1].flip_experiment_s + 3000
    assert math.isnan(frames[0].interval_s)
    assert all(0 < frame.interval_s < 5 for frame in frames[1:])
    assert all(0 < later.flip_host_s - flip.flip_host_s < 5 for flip, later in pairwise(frames))


def test_flips_are_logged_on_the_monotonic_clock_too(
    runtime: Any, view: Any, window: Any, journal: Path, frames_path: Path
) -> None:
    _record(runtime, view, window)
    before_s = time.perf_counter()
    window.flip()
    after_s = time.perf_counter()
    runtime.connect(view).close()
    (frame,) = read_frames(frames_path.read_text("utf-8"))
    assert before_s - 1e-4 <= frame.flip_host_s <= after_s + 1e-4


def test_a_window_that_takes_the_place_of_a_closed_one_is_watched(
    runtime: Any, view: Any, window: Any, journal: Path, frames_path: Path
) -> None:
    _record(runtime, view, window)
    window.flip()
    window._closed = True
    another = type(window)()
    runtime.NeonEvent(another, view)
    another.flip()
    runtime.connect(view).close()
    assert len(read_frames(frames_path.read_text("utf-8"))) == 2


def test_without_watching_there_is_no_frame_log(
    runtime: Any, view: Any, window: Any, journal: Path, frames_path: Path
) -> None:
    gaze = runtime.NeonGaze(window, view)
    gaze.watch()
    window.flip()
    runtime.connect(view).close()
    assert not frames_path.exists()


def test_a_certificate_is_written_once_iohub_has_ended(
    runtime: Any, view: Any, window: Any, journal: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gaze = runtime.NeonGaze(window, view)
    gaze.start()
    _watch(gaze, window, 3)
    page = journal.with_name("p01_neon_timing.html")
    runtime.connect(view).close()
    assert not page.exists()
    view.hubClient.shutdown()
    content = json.loads(page.with_suffix(".json").read_text("utf-8"))
    assert content["verdict"].startswith("All 3 events confirmed")
    assert list(content["files"]) == [journal.name, "p01_neon_frames.tsv"]
    assert content["frames"]["flips"] == 3
    assert {"PsychoPy", "Python"} <= set(content["setup"])
    assert content["verdict"] in page.read_text("utf-8").replace("&#x27;", "'")
    assert f"Timing certificate: {page}" in capsys.readouterr().out


def test_the_limits_of_the_settings_decide(
    runtime: Any, view: Any, journal: Path, log: Any
) -> None:
    view.chosen["timing_limits"] = {"max_event_bound_ms": 0.1}
    runtime.connect(view)
    view.hubClient.shutdown()
    content = json.loads(journal.with_name("p01_neon_timing.json").read_text("utf-8"))
    assert content["passed"] is False
    assert content["limits"]["max_event_bound_ms"] == 0.1
    assert "Beyond the limit: greatest possible error of an event's time" in log


def test_without_a_journal_nothing_is_written(
    runtime: Any, view: Any, window: Any, tmp_path: Path
) -> None:
    view.chosen["journal"] = ""
    gaze = runtime.NeonGaze(window, view)
    gaze.start()
    _watch(gaze, window, 2)
    view.hubClient.shutdown()
    assert list(tmp_path.iterdir()) == []


def test_a_journal_that_cannot_be_read_never_stops_the_end(
    runtime: Any, view: Any, journal: Path, log: Any
) -> None:
    journal.write_text("no ledger\n", "utf-8")
    runtime.connect(view)
    view.hubClient.shutdown()
    assert view.hubClient.shutdowns == 1
    assert "there is no timing certificate" in log
    assert f"psychopy-neon certificate {journal}" in log
