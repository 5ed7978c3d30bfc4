"""What the simulator records is what it sent, in the phone's own format."""

from __future__ import annotations

import json
import struct
import threading
import time

import av
import numpy as np
import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.gaze import parse_gaze
from psychopy_neon.protocol.imu import parse_imu
from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions
from psychopy_neon.simulator.native.layout import EYE_STATE, FIXATIONS, dtype_text
from psychopy_neon.simulator.native.reading import read_recording
from psychopy_neon.simulator.recorder.folder import RecordingFolder

SKEW_NS = 250_000_000


@pytest.fixture
def recorded(native_recording):
    return read_recording(native_recording.folder)


@pytest.fixture
def recording_neon(simulated_neon, tmp_path):
    return simulated_neon(scene=False, recordings=tmp_path / "new", recording_start_lag_s=0.0)


def within(sent, times_ns):
    """What was sent at the times that were recorded, which lie on the sensor's clock."""
    times = set((np.asarray(times_ns) - SKEW_NS).tolist())
    return [item for item in sent if item[0] in times]


def wait_until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_gaze_and_eye_state_are_those_sent_bit_for_bit(native_recording, recorded):
    sent = within(native_recording.sent["gaze"].items, recorded.gaze.times_ns)
    assert len(sent) == len(recorded.gaze) == len(recorded.worn) == len(recorded.eye_state) > 100
    for (_, (payload,)), point, state in zip(
        sent, recorded.gaze.rows, recorded.eye_state.rows, strict=True
    ):
        swapped = np.frombuffer(payload[:8] + payload[9:], ">u4").astype("<u4").tobytes()
        assert point.tobytes() + state.tobytes() == swapped
    assert set(recorded.worn.rows["worn"].tolist()) == {255}
    sample = parse_gaze(sent[0][1][0], device_ns=0, arrived_host_ns=0)
    state = recorded.eye_state.rows[0]
    assert state["eyelid_aperture_right_mm"] == sample.right_lid.aperture_mm
    assert state["optical_axis_right_z"] == sample.right_eye.optical_axis[2]


def test_motion_is_a_table_and_packets(native_recording, recorded):
    sent = [
        parse_imu(p, device_ns=ns, arrived_host_ns=0)
        for ns, (p,) in within(native_recording.sent["imu"].items, recorded.imu.times_ns)
    ]
    assert len(sent) == len(recorded.imu) > 50
    row = recorded.imu.rows[7]
    assert row["timestamp_ns"] == sent[7].sensor_ns == recorded.imu.times_ns[7]
    assert tuple(row[f"quaternion_{axis}"] for axis in "wxyz") == sent[7].quaternion_wxyz
    packets = (native_recording.folder / "extimu ps1.raw").read_bytes()
    (length,) = struct.unpack_from("<H", packets)
    first = parse_imu(packets[2 : 2 + length], device_ns=0, arrived_host_ns=0)
    assert first.sensor_ns == sent[0].sensor_ns


def test_eye_events_are_stored_with_their_start_as_time(native_recording, recorded):
    rows = recorded.fixations.rows
    assert set(rows["event_type"].tolist()) == {0, 1} and len(recorded.blinks) >= 1
    assert recorded.fixations.times_ns.tolist() == rows["start_timestamp_ns"].tolist()
    true_spans = {
        (e.start_ns + SKEW_NS, e.end_ns + SKEW_NS)
        for e in native_recording.truth.eye_events
        if e.end_ns is not None
    }
    spans = zip(rows["start_timestamp_ns"].tolist(), rows["end_timestamp_ns"].tolist(), strict=True)
    assert set(spans) <= true_spans
    assert recorded.blinks.rows["event_type"].tolist() == [4] * len(recorded.blinks)


@pytest.mark.parametrize(("camera", "size"), [("scene", (1600, 1200)), ("eyes", (384, 192))])
def test_films_can_be_played_and_have_a_time_for_each_picture(recorded, camera, size):
    film = getattr(recorded, camera)
    ((path, count),) = film.parts
    with av.open(str(path)) as container:
        frames = [(frame.width, frame.height, frame.time) for frame in container.decode(video=0)]
    assert len(frames) == count == len(film.times_ns) > 5
    assert {frame[:2] for frame in frames} == {size}
    elapsed_s = (film.times_ns - film.times_ns[0]) * 1e-9
    assert [frame[2] for frame in frames] == pytest.approx(elapsed_s.tolist(), abs=1e-3)


def test_info_events_and_papers_say_what_happened(native_recording, recorded):
    info = recorded.info
    assert info["recording_id"] == native_recording.recording_id
    assert (info["module_serial_number"], info["android_device_name"]) == ("654321", "Lab 3")
    assert recorded.calibration.serial == "654321"
    times, names = zip(*recorded.events, strict=True)
    assert names == ("recording.begin", "half time", "half time", "recording.end")
    assert (times[0], times[-1]) == (info["start_time"], info["start_time"] + info["duration"])
    assert times[0] % 1_000_000 == times[-1] % 1_000_000 == 0
    assert times[1] == native_recording.truth.events[0].timestamp_ns
    folder = native_recording.folder
    assert json.loads((folder / "template.json").read_text())["name"] == "Simulated template"
    assert json.loads((folder / "wearer.json").read_text())["uuid"] == info["wearer_id"]
    assert (folder / "eye_state.dtype").read_text() == dtype_text(EYE_STATE.fields)
    assert FIXATIONS.dtype().itemsize == 60


def test_a_cancelled_recording_leaves_nothing(recording_neon, tmp_path):
    recording_neon.state.start_recording()
    wait_until(lambda: list(tmp_path.glob("new/*/gaze ps1.raw")))
    recording_neon.state.cancel_recording()
    assert list((tmp_path / "new").iterdir()) == []


def test_a_phone_that_goes_off_leaves_what_it_had(recording_neon, tmp_path):
    recording_neon.state.start_recording()
    wait_until(lambda: list(tmp_path.glob("new/*/gaze ps1.raw")))
    recording_neon.reboot(0)
    (folder,) = (tmp_path / "new").iterdir()
    left = read_recording(folder)
    assert [name for _, name in left.events] == ["recording.begin"] and left.info["duration"] == 0


def test_an_event_that_goes_back_is_stored_with_the_recording_before(simulated_neon, tmp_path):
    neon = simulated_neon(scene=False, recordings=tmp_path, recording_start_lag_s=0.5)
    state = neon.state
    state.early_events_go_back = True
    first = state.start_recording()
    wait_until(lambda: state.store_event("in time").recording_id is not None)
    wait_until(lambda: list(tmp_path.glob("*/gaze ps1.raw")))
    state.stop_and_save_recording()
    second = state.start_recording()
    assert state.store_event("early").recording_id == first
    names = {
        folder.name[-8:]: [name for _, name in read_recording(folder).events]
        for folder in tmp_path.iterdir()
        if (folder / "gaze ps1.raw").exists()
    }
    assert names == {first[:8]: ["recording.begin", "in time", "recording.end", "early"]}
    state.cancel_recording()
    assert second[:8] not in {folder.name[-8:] for folder in tmp_path.iterdir()}


def test_the_last_row_has_its_time(tmp_path, monkeypatch):
    """Also if the recording is stopped at that moment."""
    folder = RecordingFolder(tmp_path / "recording")
    append = folder._append

    def append_and_be_stopped(name, data):
        append(name, data)
        stopping = threading.Thread(target=folder.close)
        stopping.start()
        stopping.join(0.2)

    monkeypatch.setattr(folder, "_append", append_and_be_stopped)
    folder.add_row("gaze", None, b"12345678", 5)
    folder.close()
    written = {path.name: path.stat().st_size for path in folder.path.iterdir()}
    assert written == {"gaze ps1.raw": 8, "gaze ps1.time": 8}


def test_gaze_alone_makes_no_eye_state(simulated_neon, tmp_path):
    neon = simulated_neon(scene=False, recordings=tmp_path, gaze_bytes=9, recording_start_lag_s=0.0)
    neon.state.start_recording()
    wait_until(lambda: list(tmp_path.glob("*/gaze ps1.raw")))
    neon.controls.gaze_variant(89)
    neon.state.stop_and_save_recording()
    assert list(tmp_path.glob("*/eye_state*")) == []


def test_a_variant_that_changes_keeps_the_columns(simulated_neon, tmp_path):
    neon = simulated_neon(
        scene=False, recordings=tmp_path, gaze_bytes=89, recording_start_lag_s=0.0
    )
    neon.state.start_recording()
    wait_until(lambda: list(tmp_path.glob("*/gaze ps1.raw")))
    seen = neon.truth.counts()["gaze"]
    neon.controls.gaze_variant(65)
    wait_until(lambda: neon.truth.counts()["gaze"] > seen + 20)
    neon.state.stop_and_save_recording()
    (folder,) = tmp_path.iterdir()
    lids = read_recording(folder).eye_state.rows["eyelid_aperture_left_mm"]
    assert not np.isnan(lids[0]) and np.isnan(lids[-1])


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(UsageError, match="cannot make the folder"):
        SimulatedNeon(SimulatorOptions(scene=False, recordings=tmp_path / "file"))


def test_a_full_disk_ends_the_recording_and_not_the_sensors(recording_neon, tmp_path):
    state = recording_neon.state
    state.start_recording()
    wait_until(lambda: list(tmp_path.glob("new/*/gaze ps1.raw")))
    recorder = recording_neon._phone._recorder
    recorder._current._give_up(OSError("no space left"))
    seen = recording_neon.truth.counts()["gaze"]
    wait_until(lambda: recording_neon.truth.counts()["gaze"] > seen + 5)
    assert "is not complete: no space left" in recording_neon.problems()[0]
    state.stop_and_save_recording()
