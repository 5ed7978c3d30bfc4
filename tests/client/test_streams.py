from __future__ import annotations

from itertools import pairwise

import pytest

from psychopy_neon import ClosedError
from psychopy_neon.client.sample_decoders import GazeDecoder
from psychopy_neon.client.sensor_stream import SensorStream, StreamState
from psychopy_neon.samples import GazeSample

SAMPLE_NS = 5_000_000


def take(reader, count):
    samples = []
    while len(samples) < count:
        sample = reader.read(10.0)
        assert sample is not None, f"only {len(samples)} of {count} samples came"
        samples.append(sample)
    return samples


def test_every_gaze_sample_arrives_as_it_was_sent(simulated_neon, connect):
    simulator = simulated_neon(scene=False)
    neon = connect(simulator)
    reader = neon.gaze.reader()
    samples = [s for s in take(reader, 300) if not s.provisional]
    truth = {g.device_ns: g for g in simulator.truth.gaze}
    true_times = sorted(truth)
    assert len(samples) > 1
    for sample in samples:
        nearest = min(true_times, key=lambda t: abs(t - sample.device_ns))
        assert abs(nearest - sample.device_ns) < 12_000  # one tick of the 90 kHz media clock
        assert abs(truth[nearest].x - sample.x) < 0.001
    assert reader.dropped == neon.gaze.health.lost == 0
    gaps = {b.device_ns - a.device_ns for a, b in pairwise(samples)}
    assert all(abs(gap - SAMPLE_NS) < 24_000 for gap in gaps)


def test_gaze_carries_the_state_of_the_eyes(simulated_neon, connect):
    (sample,) = take(connect(simulated_neon(scene=False)).gaze.reader(), 1)
    assert sample.worn
    assert 2 < sample.left_eye.pupil_diameter_mm < 8
    assert sample.right_eye.eyeball_center_mm[0] > 0


def test_the_first_samples_need_no_sender_report(simulated_neon, connect):
    simulator = simulated_neon(scene=False, first_report_s=3600.0)
    neon = connect(simulator)
    neon.wait_for_clock()
    samples = take(neon.gaze.reader(), 20)
    assert all(sample.provisional for sample in samples)
    truth, delays_ns = simulator.truth.gaze, []
    for sample in samples:
        same = min(truth, key=lambda g: abs(g.x - sample.x) + abs(g.y - sample.y))
        delays_ns.append(simulator.clock.device_ns(sample.arrived_host_ns) - same.device_ns)
        late_ns = sample.device_ns - same.device_ns
        assert abs(late_ns - min(delays_ns)) < 5_000_000  # that of the quickest packet so far


def test_every_stream_says_that_its_times_are_estimates_as_long_as_they_are(
    simulated_neon, connect
):
    without = simulated_neon(scene=False, first_report_s=3600.0, blinks_per_minute=100.0)
    neon = connect(without)
    for stream in (neon.imu, neon.eye_events):
        assert all(sample.provisional for sample in take(stream.reader(), 3))
    neon = connect(simulated_neon(scene=False, blinks_per_minute=100.0))
    for stream in (neon.imu, neon.eye_events):
        reader = stream.reader()
        while take(reader, 1)[0].provisional:  # those before the first report
            pass


def test_a_wrap_of_the_media_clock_goes_unnoticed(simulated_neon, connect):
    simulator = simulated_neon(scene=False, rtp_wrap_after_s=0.3)
    samples = take(connect(simulator).gaze.reader(), 150)
    dated = [sample for sample in samples if not sample.provisional]
    gaps = [b.device_ns - a.device_ns for a, b in pairwise(dated)]
    assert min(gaps) > 0 and max(gaps) < 4 * SAMPLE_NS


@pytest.mark.parametrize("first_report_s", [0.28, 0.32])
def test_a_wrap_beside_the_first_sender_report_moves_no_sample(
    simulated_neon, connect, first_report_s
):
    simulator = simulated_neon(scene=False, rtp_wrap_after_s=0.3, first_report_s=first_report_s)
    neon = connect(simulator)
    neon.wait_for_clock()  # before that, this computer's clock guesses, and that is 7 s behind
    samples = take(neon.gaze.reader(), 150)
    dated = [sample.device_ns for sample in samples if not sample.provisional]
    assert samples[0].provisional and dated
    true_ns = [gaze.device_ns for gaze in simulator.truth.gaze]
    assert max(min(abs(ns - true) for true in true_ns) for ns in dated) < 100_000
    guessed = [sample.device_ns for sample in samples if sample.provisional]
    assert true_ns[0] - 10**9 < min(guessed) and max(guessed) < true_ns[-1] + 10**9


def test_unknown_payloads_and_changes_of_variant_do_not_end_the_stream(simulated_neon, connect):
    simulator = simulated_neon(scene=False, gaze_bytes=9)
    reader = connect(simulator).gaze.reader()
    assert take(reader, 1)[0].left_eye is None
    simulator.gaze.gaze_bytes = 89
    while take(reader, 1)[0].left_lid is None:
        pass


def test_latest_never_waits(simulated_neon, connect, stopwatch):
    neon = connect(simulated_neon(scene=False))
    passing = stopwatch()
    assert neon.gaze.latest() is None or neon.gaze.latest().worn
    assert passing.own_s < 0.05
    assert neon.gaze.read(10.0) is not None
    assert neon.gaze.latest() is not None


def test_scene_pictures_come_whole_and_in_time(simulated_neon, connect):
    simulator = simulated_neon()
    neon = connect(simulator)
    reader = neon.scene.reader()
    while (first := take(reader, 1)[0]).provisional:  # those before the first report
        pass
    frames = [first, *take(reader, 11)]
    for frame in frames:
        assert (frame.width, frame.height, frame.damaged) == (1600, 1200, False)
    gaps_ms = [(b.device_ns - a.device_ns) / 1e6 for a, b in pairwise(frames)]
    assert max(gaps_ms) < 34.0 and min(gaps_ms) > 32.0
    clock = neon.wait_for_clock()
    delays_ms = [(clock.device_from_host(f.arrived_host_ns) - f.device_ns) / 1e6 for f in frames]
    assert min(delays_ms) < 25.0  # with the end of its own packets, not with the next picture
    frame = frames[-1]
    assert frame.luma.shape == (1200, 1600)
    assert frame.bgr().shape == (1200, 1600, 3)
    assert 20 < frame.luma.mean() < 235
    with pytest.raises(ValueError, match="read-only"):
        frame.luma[0, 0] = 0


def test_a_matched_pair_is_the_nearest_one(simulated_neon, connect):
    neon = connect(simulated_neon())
    neon.scene.start()
    while (gaze := neon.gaze.read(10.0)).provisional:
        pass  # earlier pictures have no gaze near
    pair = neon.read_scene_and_gaze(10.0)
    while pair.scene.device_ns < gaze.device_ns or pair.scene.provisional or pair.gaze.provisional:
        pair = neon.read_scene_and_gaze(10.0)
    for _ in range(5):
        assert abs(pair.distance_ns) <= SAMPLE_NS // 2 + 24_000
        pair = neon.read_scene_and_gaze(10.0)
    assert neon.latest_scene_and_gaze() is not None


def test_no_sensor_is_a_state_and_not_an_error(simulated_neon, connect, eventually):
    neon = connect(simulated_neon(scene=False))
    assert neon.scene.read(0.3) is None
    eventually(lambda: neon.scene.health.state is StreamState.NO_SENSOR)
    assert "no world sensor" in neon.scene.health.error


def test_a_lost_phone_comes_back_by_itself(simulated_neon, connect, eventually):
    first = simulated_neon(scene=False)
    ports = {
        "http_port": first.port,
        "rtsp_port": first.rtsp_port,
        "time_echo_port": first.time_echo_port,
    }
    neon = connect(first)
    take(neon.gaze.reader(), 10)
    first.close()
    eventually(lambda: neon.gaze.health.state is StreamState.RECOVERING)
    eventually(lambda: neon.state.value == "lost")
    simulated_neon(scene=False, phone_id=first.phone_id, **ports)
    take(neon.gaze.reader(), 10)
    eventually(lambda: neon.state.value == "connected")
    assert neon.gaze.health.state is StreamState.STREAMING


def test_a_closed_device_reads_nothing_and_says_so(simulated_neon, connect):
    neon = connect(simulated_neon(scene=False))
    reader = neon.gaze.reader()
    take(reader, 1)
    assert neon.read_scene_and_gaze(0.0) is None  # this phone has no scene camera
    neon.close()
    neon.close()
    assert neon.gaze.health.state is StreamState.CLOSED
    reader.drain()
    assert reader.read(10.0) is None
    reads = (neon.scene.read, neon.gaze.read, neon.gaze.subscribe, neon.read_scene_and_gaze)
    for read in reads:
        with pytest.raises(ClosedError, match="closed"):
            read(1.0)
    with pytest.raises(ClosedError):
        neon.send_event("too late")


def test_closing_is_quick_whatever_is_going_on(simulated_neon, connect, stopwatch):
    simulator = simulated_neon()
    for _ in range(5):
        neon = connect(simulator)
        neon.gaze.start()
        neon.scene.start()
        passing = stopwatch()
        neon.close()
        assert passing.own_s < 5.0


def test_a_subscriber_gets_every_sample_until_it_has_enough(simulated_neon, connect, eventually):
    neon = connect(simulated_neon(scene=False))
    seen = []
    calls = neon.gaze.subscribe(seen.append)
    eventually(lambda: len(seen) > 100)
    assert calls.close() and not calls.is_open
    assert calls.called == len(seen) and calls.dropped == calls.failed == 0
    assert all(after.device_ns > before.device_ns for before, after in pairwise(seen))
    count = len(seen)
    take(neon.gaze.reader(), 20)
    assert len(seen) == count


def test_a_subscriber_that_fails_is_called_again_and_complained_of_once(
    simulated_neon, connect, eventually, caplog
):
    neon = connect(simulated_neon(scene=False))
    calls = neon.gaze.subscribe(lambda sample: 1 / 0)
    eventually(lambda: calls.failed > 10)
    neon.close()
    assert not calls.is_open
    assert caplog.text.count("a function called with each gaze sample failed") == 1


def test_rate_and_age_tell_how_well_the_stream_runs(simulated_neon, connect, eventually):
    neon = connect(simulated_neon(scene=False))
    neon.wait_for_clock()
    take(neon.gaze.reader(), 150)

    def runs_well():
        """Both grow worse while the newest sample waits on a busy computer."""
        health = neon.gaze.health
        return health.rate_hz == pytest.approx(200, rel=0.02) and -0.001 < health.age_s < 1

    eventually(runs_well)


class NoPhone:
    """What a stream knows of a phone that has no sensors."""

    host, stranger, clock_map = "127.0.0.1", "", None

    def sensor(self, name):
        return None


def test_who_reads_too_late_is_told_how_much_is_gone():
    stream = SensorStream("gaze", NoPhone(), GazeDecoder, 3)
    try:
        assert stream.read(0.0) is None and stream.dropped == 0
        for number in range(5):
            stream.buffer.append(GazeSample(number, 0, 800.0, 600.0, True))
        assert [stream.read(0.0).device_ns for _ in range(3)] == [2, 3, 4]
        assert stream.dropped == 2
    finally:
        stream.stop()
        assert stream.join(2.0)
