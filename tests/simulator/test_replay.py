"""Glasses that stream a native recording folder: its values bit for bit, its times moved."""

from __future__ import annotations

import json
import shutil
import threading
import time

import numpy as np
import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.eye_events import parse_eye_event
from psychopy_neon.protocol.gaze import parse_gaze
from psychopy_neon.protocol.imu import parse_imu
from psychopy_neon.simulator import Participant, SimulatedNeon, SimulatorOptions
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.native.layout import EYE_STATE
from psychopy_neon.simulator.native.reading import read_recording
from psychopy_neon.simulator.replay.timeline import Stretch, Timeline

WATCHED = ("gaze", "imu", "eye_events", "world", "eyes")


@pytest.fixture
def recorded(native_recording):
    return read_recording(native_recording.folder)


@pytest.fixture(scope="module")
def replayed(native_recording, taken):
    """One pass of the recording at true speed, taken from the very first sample on."""
    recording = read_recording(native_recording.folder)
    options = SimulatorOptions(replay=native_recording.folder, replay_loops=False)
    with SimulatedNeon(options) as neon:
        streams = {s.name: s for streams in neon.sensors.streams.values() for s in streams}
        items = {name: taken() for name in WATCHED}
        neon.seek(3600)  # to the end, so that nobody misses the beginning
        for name in WATCHED:
            streams[name].subscribe(items[name])
        told = len(items["eye_events"].items)
        began_ns = neon.clock.now_ns()  # what was on its way then has earlier times
        neon.seek(0)
        counts = {
            "gaze": len(recording.gaze),
            "imu": len(recording.imu),
            "world": len(recording.scene.times_ns),
            "eyes": len(recording.eyes.times_ns),
        }
        for name, count in counts.items():
            items[name].wait_for(count, began_ns)
        eye_events = items["eye_events"].items[told:]  # their times may lie before the beginning
        yield (
            neon,
            {
                **{name: items[name].since(began_ns) for name in counts},
                "eye_events": eye_events,
            },
        )


@pytest.fixture
def copied(native_recording, tmp_path):
    """A copy of the recording to be spoiled, without its films."""
    folder = tmp_path / "copy"
    shutil.copytree(native_recording.folder, folder, ignore=shutil.ignore_patterns("*.mp4"))
    return folder


def shifted(items, times_ns):
    """The one number by which all times were moved."""
    assert len(items) == len(times_ns)
    (shift_ns,) = {ns - int(file_ns) for (ns, _), file_ns in zip(items, times_ns, strict=True)}
    return shift_ns


def test_gaze_has_every_bit_and_every_nanosecond(replayed, recorded):
    _, taken = replayed
    shifted(taken["gaze"], recorded.gaze.times_ns)
    for (_, (payload,)), point, state in zip(
        taken["gaze"], recorded.gaze.rows, recorded.eye_state.rows, strict=True
    ):
        assert len(payload) == 89 and payload[8] == 255
        swapped = np.frombuffer(payload[:8] + payload[9:], ">u4").astype("<u4").tobytes()
        assert swapped == point.tobytes() + state.tobytes()


def test_all_sensors_keep_their_distances_in_time(replayed, recorded):
    _, taken = replayed
    shifts = {
        shifted(taken["gaze"], recorded.gaze.times_ns),
        shifted(taken["imu"], recorded.imu.times_ns),
        shifted(taken["world"], recorded.scene.times_ns),
        shifted(taken["eyes"], recorded.eyes.times_ns),
    }
    assert len(shifts) == 1


def test_motion_has_its_values_and_its_own_times(replayed, recorded):
    _, taken = replayed
    for (device_ns, (payload,)), row in zip(taken["imu"], recorded.imu.rows, strict=True):
        sample = parse_imu(payload, device_ns=0, arrived_host_ns=0)
        values = (*sample.rotation_deg_s, *sample.acceleration_g, *sample.quaternion_wxyz)
        assert np.array(values, "<f4").tobytes() == row.tobytes()[8:]
        assert sample.sensor_ns == device_ns


def test_eye_events_have_their_values_and_onsets_their_times(replayed, recorded):
    _, taken = replayed
    shift_ns = taken["gaze"][0][0] - int(recorded.gaze.times_ns[0])
    events = [
        parse_eye_event(payload, device_ns=ns - shift_ns, arrived_host_ns=0)
        for ns, (payload,) in taken["eye_events"]
    ]
    found = {(e.kind, e.start_sensor_ns - shift_ns): e for e in events if e is not None}
    first_ns = recorded.first_ns
    for row in recorded.fixations.rows:
        kind = "fixation" if row["event_type"] else "saccade"
        if row["end_timestamp_ns"] < first_ns:
            continue
        event = found[kind, int(row["start_timestamp_ns"])]
        assert event.device_ns == row["end_timestamp_ns"]
        assert event.end_sensor_ns - shift_ns == row["end_timestamp_ns"]
        assert event.movement.mean_px == (row["mean_gaze_x"], row["mean_gaze_y"])
        assert event.movement.max_velocity_px_s == row["max_velocity"]
        if row["start_timestamp_ns"] >= first_ns:
            assert (f"{kind}_onset", int(row["start_timestamp_ns"])) in found
    blinks = [event for (kind, _), event in found.items() if kind == "blink"]
    assert [event.start_sensor_ns - shift_ns for event in blinks] == (
        recorded.blinks.rows["start_timestamp_ns"].tolist()
    )


def test_films_are_sent_as_they_were(replayed, native_recording, recorded):
    _, taken = replayed
    for name, film in (("world", recorded.scene), ("eyes", recorded.eyes)):
        first_ns = int(film.times_ns[0]) - 250_000_000  # recorded with that skew
        sent = [payloads for ns, payloads in native_recording.sent[name].items if ns >= first_ns]
        assert [payloads for _, payloads in taken[name]] == sent[: len(film.times_ns)]


def test_it_is_the_recordings_glasses(replayed, recorded, http):
    neon, _ = replayed
    data = http.get(f"{neon.url}/calibration.bin", timeout=5).content
    assert data == (recorded.folder / "calibration.bin").read_bytes()
    status = http.get(f"{neon.url}/api/status", timeout=5).json()["result"]
    (hardware,) = [part["data"] for part in status if part["model"] == "Hardware"]
    assert hardware["module_serial"] == "654321"
    assert neon.problems() == []


def test_the_truth_knows_what_was_sent(replayed, recorded):
    neon, taken = replayed
    sample = neon.truth.gaze[-1]
    assert sample.device_ns == taken["gaze"][-1][0]
    assert (sample.x, sample.y) == tuple(recorded.gaze.rows[-1])
    assert neon.truth.counts()["eye_events"] >= len(recorded.fixations)


def test_a_replayed_wearer_does_nothing_else(replayed):
    neon, _ = replayed
    for ask in (neon.blink, neon.controls.blink, lambda: neon.look_at(0, 0)):
        with pytest.raises(UsageError, match="replayed wearer"):
            ask()
    with pytest.raises(UsageError, match="only what was recorded"):
        neon.play([{"at": 0, "do": "blink"}])
    with pytest.raises(UsageError, match="one of 9, 65, 89"):
        neon.controls.gaze_variant(105)


def test_a_variant_can_be_chosen_and_faults_work(copied, simulated_neon, taken):
    neon = simulated_neon(scene=False, replay=copied, replay_speed=2.0)
    gaze = taken()
    neon.gaze.stream.subscribe(gaze)
    for change, length in (
        (lambda: neon.controls.gaze_variant(65), 65),
        (lambda: neon.controls.wear(False), 65),
        (lambda: neon.faults.nan_eye_state(), 65),
        (lambda: neon.faults.unknown_gaze(121), 121),
        (lambda: neon.faults.clear(), 65),
    ):
        change()
        (*_, (_, (payload,))) = gaze.wait_for(len(gaze.items) + 3)
        assert len(payload) == length
        sample = parse_gaze(payload, device_ns=0, arrived_host_ns=0)
        assert sample.worn == (payload[8] != 0)
    assert not sample.worn and not np.isnan(sample.left_eye.pupil_diameter_mm)


def test_without_films_scene_and_eyes_are_drawn(copied, simulated_neon, recorded, taken):
    neon = simulated_neon(replay=copied)
    assert neon.scene.wait_until_drawn(60)
    scene, eyes = taken(), taken()
    neon.scene.stream.subscribe(scene)
    neon.sensors.eyes.stream.subscribe(eyes)
    times = {ns for ns, _ in scene.wait_for(15)}
    steps = np.diff(sorted(times)) / 1e6
    assert np.median(steps) == pytest.approx(1000 / 30, abs=0.01)
    assert eyes.wait_for(5)
    # The monitor lies where the wearer looked most, and stays there.
    points = np.array(recorded.gaze.rows[["x", "y"]].tolist())
    middle = neon.view.scene_px((0.0, 0.0), 0)
    assert middle == pytest.approx(np.median(points, axis=0).tolist(), abs=0.5)
    assert neon.view.scene_px((0.3, 0.3), 0) == neon.view.scene_px((0.3, 0.3), 777_000_000)
    sample = neon.truth.gaze[-1]
    back = neon.view.scene_px((sample.screen_x, sample.screen_y), 0)
    assert back == pytest.approx((sample.x, sample.y), abs=0.5)


def test_it_begins_again_after_one_pause_and_later_if_asked(
    copied, simulated_neon, recorded, taken
):
    start_s = (int(recorded.gaze.times_ns[-30]) - recorded.start_ns) * 1e-9
    neon = simulated_neon(scene=False, replay=copied, replay_start_s=start_s)
    gaze = taken()
    neon.gaze.stream.subscribe(gaze)
    payloads = [payload for _, (payload,) in gaze.wait_for(75)]
    rounds = [payloads.index(payload) for payload in payloads]
    assert len(set(rounds)) <= 30  # it goes round in the last thirty samples
    steps = np.diff([ns for ns, _ in gaze.items])
    assert steps.max() < 60_000_000 and np.median(steps) == 5_000_000


def test_another_speed_presses_times_together(copied, simulated_neon, taken):
    neon = simulated_neon(scene=False, replay=copied, replay_speed=4.0)
    gaze = taken()
    neon.gaze.stream.subscribe(gaze)
    steps = np.diff([ns for ns, _ in gaze.wait_for(40)])
    assert np.median(steps) == 1_250_000


def test_once_falls_silent_and_seeking_wakes_it(copied, simulated_neon, recorded, taken):
    neon = simulated_neon(scene=False, replay=copied, replay_loops=False, replay_speed=20.0)
    gaze = taken()
    neon.gaze.stream.subscribe(gaze)
    last = recorded.gaze.rows[-1].tobytes()
    deadline_count = len(recorded.gaze)
    neon.controls.seek(0.0)
    items = gaze.wait_for(deadline_count)
    assert np.frombuffer(items[-1][1][0][:8], ">u4").astype("<u4").tobytes() == last
    seen = len(gaze.items)
    neon.play([{"at": 0.2, "do": "seek", "second": 0}]).wait(10)
    assert len(gaze.wait_for(seen + 1)) == seen + 1


def test_recorded_events_are_pushed_again(copied, simulated_neon, recorded):
    neon = simulated_neon(scene=False, replay=copied, replay_speed=5.0)
    pushed = []
    neon.state.subscribe(pushed.append)
    neon.seek(0)
    deadline = time.monotonic() + 10
    while not any(getattr(one, "name", "") == "half time" for one in pushed):
        assert time.monotonic() < deadline
        time.sleep(0.005)
    event = next(one for one in pushed if getattr(one, "name", "") == "half time")
    assert event.recording_id == recorded.info["recording_id"]


def test_signs_of_life_and_recorded_eye_events_do_not_cross(copied, simulated_neon):
    """One would get the number of the other's packet, and be taken for a duplicate of it."""
    crossed = []
    under_way = threading.Lock()

    class Receiver:
        def send(self, device_ns, payloads):
            is_alone = under_way.acquire(blocking=False)
            crossed.append(not is_alone)
            time.sleep(0.02)
            if is_alone:
                under_way.release()

    neon = simulated_neon(scene=False, replay=copied, replay_speed=5.0)
    events = neon.sensors.eye_events
    events.unknown = 1_000  # one beside each gaze sample
    events.stream.subscribe(Receiver())
    deadline = time.monotonic() + 30
    told = len(neon.truth.eye_events)
    while len(neon.truth.eye_events) < told + 10:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert not any(crossed)


def test_a_replay_that_is_recorded_has_the_same_values(copied, simulated_neon, recorded, tmp_path):
    options = {"recordings": tmp_path / "again", "recording_start_lag_s": 0.0}
    neon = simulated_neon(scene=False, replay=copied, **options)
    neon.state.start_recording()
    deadline = time.monotonic() + 10
    while neon.truth.counts()["gaze"] < 60:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    neon.state.stop_and_save_recording()
    (folder,) = (tmp_path / "again").iterdir()
    again = read_recording(folder)
    known = [row.tobytes() for row in recorded.gaze.rows]
    numbers = [known.index(row.tobytes()) for row in again.gaze.rows]
    assert len(numbers) > 20 and numbers == list(range(numbers[0], numbers[-1] + 1))
    assert (
        np.diff(again.gaze.times_ns).tolist() == np.diff(recorded.gaze.times_ns[numbers]).tolist()
    )
    assert again.eye_state.rows.tobytes() == recorded.eye_state.rows[numbers].tobytes()
    assert again.info["module_serial_number"] == "654321"
    assert (folder / "calibration.bin").read_bytes() == (copied / "calibration.bin").read_bytes()


@pytest.mark.parametrize("step_ns", [10**10, -(10**10)])
def test_a_clock_step_moves_what_is_to_come(step_ns):
    clock = SimulatedClock()
    timeline = Timeline(clock, Stretch(1000, 2000, 5), loops=True, speed=1.0)
    played = timeline.current
    before = timeline.device_ns(played, 0, 1500)
    clock.step(step_ns)
    clock.step(step_ns)
    assert timeline.device_ns(played, 0, 1500) - before == 2 * step_ns


def test_rounds_follow_each_other_wherever_the_first_began():
    timeline = Timeline(SimulatedClock(), Stretch(1000, 2000, 5), loops=True, speed=1.0)
    timeline.seek(1700)
    played = timeline.current
    times = [
        timeline.device_ns(played, lap, ns)
        for lap, ns in ((0, 1700), (0, 2000), (1, 1000), (1, 2000), (2, 1000))
    ]
    assert np.diff(times).tolist() == [300, 5, 1000, 5]
    timeline.seek(0)
    assert timeline.current.from_ns == 1000
    timeline.seek(10**18)
    assert timeline.current.from_ns == 2000


def spoil_calibration(folder):
    path = folder / "calibration.bin"
    path.write_bytes(path.read_bytes()[:-1] + b"\0")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda folder: shutil.rmtree(folder), "there is no recording folder"),
        (lambda folder: (folder / "gaze ps1.raw").unlink(), "it has no gaze"),
        (lambda folder: (folder / "gaze ps1.time").unlink(), "it has no gaze"),
        (lambda folder: (folder / "info.json").write_text("[" * 100_000), "cannot read"),
        (lambda folder: (folder / "info.json").write_text("[]"), "no JSON object"),
        (lambda folder: (folder / "calibration.bin").unlink(), "calibration"),
        (spoil_calibration, "checksum"),
        (lambda folder: (folder / "gaze.dtype").write_text("(" * 5000), "no list of fields"),
        (lambda folder: (folder / "gaze.dtype").write_text("[('y','float32')]"), "other fields"),
        (lambda folder: (folder / "gaze ps1.time").write_bytes(bytes(80)), "one day"),
    ],
)
def test_what_is_no_recording_is_one_sentence(copied, spoil, reason):
    spoil(copied)
    with pytest.raises(UsageError, match=reason) as caught:
        SimulatedNeon(SimulatorOptions(replay=copied))
    assert str(copied) in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        {"model": "invisible"},
        {"display_lag_s": 0.02},
        {"noise_px": 1.0},
        {"participant": Participant(start=(0.5, 0.0))},
        {"head_turn_deg": 5.0},
        {"replay_speed": 0.0},
        {"replay_start_s": -1.0},
    ],
)
def test_options_that_make_no_sense_with_it_are_refused(copied, options):
    with pytest.raises(UsageError):
        SimulatorOptions(replay=copied, **options)


def test_a_start_behind_the_end_is_refused(copied):
    with pytest.raises(UsageError, match="the recording ends at"):
        SimulatedNeon(SimulatorOptions(replay=copied, replay_start_s=600))


def test_seeking_needs_a_recording(simulated_neon):
    neon = simulated_neon(scene=False)
    with pytest.raises(UsageError, match="give replay"):
        neon.controls.seek(0)
    with pytest.raises(UsageError, match="give replay"):
        neon.play([{"at": 0, "do": "seek", "second": 1}])


def test_what_older_apps_wrote_is_read(copied, recorded):
    """Parts, no lists of fields, no lids, motion in packets only."""
    for path in copied.glob("*.dtype"):
        path.unlink()
    for ending, size in ((".raw", 8), (".time", 8)):
        whole = (copied / f"gaze ps1{ending}").read_bytes()
        (copied / f"gaze ps1{ending}").write_bytes(whole[: 10 * size])
        (copied / f"gaze ps2{ending}").write_bytes(whole[10 * size :])
    (copied / "imu ps1.raw").unlink()
    lidless = [name for name, _ in EYE_STATE.fields[:14]]
    states = np.empty(len(recorded.eye_state), EYE_STATE.dtype(14))
    for name in lidless:
        states[name] = recorded.eye_state.rows[name]
    (copied / "eye_state ps1.raw").write_bytes(states.tobytes())
    older = read_recording(copied)
    assert older.gaze.rows.tolist() == recorded.gaze.rows.tolist()
    assert older.imu.rows.tolist() == recorded.imu.rows.tolist()
    assert older.eye_state.rows[lidless].tolist() == states.tolist()


def test_a_table_cut_short_by_a_crash_is_read_as_far_as_it_goes(copied, recorded):
    path = copied / "gaze ps1.raw"
    path.write_bytes(path.read_bytes()[:-3])
    info = json.loads((copied / "info.json").read_text())
    (copied / "info.json").write_text(json.dumps({**info, "start_time": None}))
    cut = read_recording(copied)
    assert len(cut.gaze) == len(recorded.gaze) - 1
    assert cut.start_ns == cut.first_ns
