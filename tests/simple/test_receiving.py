from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest

from psychopy_neon import AudioFrame, ClosedError
from psychopy_neon.client.sample_buffer import SampleBuffer
from psychopy_neon.client.sensor_stream import StreamState
from psychopy_neon.simple import UnknownStreamError
from psychopy_neon.simple.eye_events import EVENT_TYPES
from psychopy_neon.simple.inbox import Inbox, MatchedInbox, SoundInbox

TIMEOUT_S = 10.0
MS = 1_000_000


class FedStream:
    """A stream of whose samples the test decides."""

    def __init__(self, name="fed", capacity=8):
        self.name = name
        self.buffer = SampleBuffer(capacity)
        self.health = SimpleNamespace(state=StreamState.STREAMING)

    def start(self):
        pass

    def feed(self, *times_ms):
        for t in times_ms:
            self.buffer.append(SimpleNamespace(device_ns=round(t * MS)))


def times_ms(*samples):
    return tuple(sample.device_ns / MS for sample in samples)


def test_the_newest_sample_is_handed_out_once():
    stream = FedStream()
    stream.feed(1)
    inbox = Inbox(stream)
    assert inbox.receive(0) is None  # it was there before anybody asked
    stream.feed(2, 3)
    assert times_ms(inbox.receive(0)) == (3,)
    assert inbox.receive(0) is None


def test_every_sample_is_handed_out_in_order_where_that_is_wanted():
    stream = FedStream()
    inbox = Inbox(stream, every=True)
    stream.feed(1, 2, 3)
    assert [times_ms(inbox.receive(0)) for _ in range(3)] == [(1,), (2,), (3,)]
    assert inbox.receive(0) is None


def test_a_timeout_is_kept():
    started_s = time.perf_counter()
    assert Inbox(FedStream()).receive(0.25) is None
    assert 0.25 <= time.perf_counter() - started_s < 2.0


def test_waiting_for_ever_ends_with_the_next_sample_from_any_thread():
    stream = FedStream()
    inbox = Inbox(stream)
    received = []
    threads = [
        threading.Thread(target=lambda: received.append(inbox.receive(None))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for t in (1, 2):
        stream.feed(t)
        end_s = time.monotonic() + TIMEOUT_S
        while len(received) < t and time.monotonic() < end_s:
            time.sleep(0.005)
    for thread in threads:
        thread.join(TIMEOUT_S)
    assert sorted(times_ms(*received)) == [1, 2]


def test_waiting_on_a_stream_that_ended_is_an_error():
    stream = FedStream()
    inbox = Inbox(stream)
    stream.health.state = StreamState.CLOSED
    with pytest.raises(ClosedError, match="the fed stream was stopped"):
        inbox.receive(None)


def test_a_match_is_the_nearest_and_nothing_is_used_up():
    scene, gaze = FedStream("scene"), FedStream("gaze", 100)
    inbox = MatchedInbox(scene, gaze)
    gaze.feed(0, 5, 10)
    scene.feed(5.1)
    assert times_ms(*inbox.receive(0)) == (5.1, 5)
    scene.feed(5.2)
    assert times_ms(*inbox.receive(0)) == (5.2, 5)
    assert inbox.receive(0) is None


def test_a_picture_waits_until_the_nearest_is_known():
    scene, gaze = FedStream("scene"), FedStream("gaze", 100)
    inbox = MatchedInbox(scene, gaze)
    gaze.feed(0)
    scene.feed(4)
    assert inbox.receive(0) is None
    gaze.feed(5)
    assert times_ms(*inbox.receive(0)) == (4, 5)


def test_the_newest_picture_that_can_be_matched_is_taken():
    scene, gaze = FedStream("scene"), FedStream("gaze", 100)
    inbox = MatchedInbox(scene, gaze)
    scene.feed(0, 33, 66, 100)
    gaze.feed(-5, 30, 60, 70)
    assert times_ms(*inbox.receive(0)) == (66, 70)
    gaze.feed(105)
    assert times_ms(*inbox.receive(0)) == (100, 105)


def test_a_sample_too_far_away_is_no_match():
    scene, gaze = FedStream("scene"), FedStream("gaze", 100)
    inbox = MatchedInbox(scene, gaze)
    gaze.feed(0, 200)
    scene.feed(100)
    assert inbox.receive(0.05) is None
    scene.feed(190)
    assert times_ms(*inbox.receive(0)) == (190, 200)


def test_three_streams_match_the_same_way():
    scene, eyes, gaze = FedStream("scene"), FedStream("eyes", 100), FedStream("gaze", 100)
    inbox = MatchedInbox(scene, eyes, gaze)
    eyes.feed(0, 5, 10)
    gaze.feed(1, 6)
    scene.feed(7)
    assert inbox.receive(0) is None
    gaze.feed(11)
    assert times_ms(*inbox.receive(0)) == (7, 5, 6)


def feed_sound(stream, *starts_ms):
    for t in starts_ms:
        stream.buffer.append(AudioFrame(t * MS, 0, 8_000, np.zeros(1024, np.float32)))


def test_pictures_come_with_the_sound_that_starts_near_them():
    scene, audio, gaze = FedStream("scene"), FedStream("audio"), FedStream("gaze", 100)
    inbox = SoundInbox(scene, audio, gaze)
    feed_sound(audio, 0)
    gaze.feed(31, 35)
    scene.feed(0, 33, 66, 99)
    first, second, third = (inbox.receive(0) for _ in range(3))
    assert times_ms(first[0], *first[1], first[2]) == (0, 0, 31)
    assert times_ms(second[0], *second[1], second[2]) == (33, 0, 31)
    assert (times_ms(third[0], third[2]), third[1]) == ((66, 35), [])
    assert inbox.receive(0) is None  # its sound, from 128 ms on, has not come yet
    feed_sound(audio, 128)
    assert times_ms(*inbox.receive(0)[1]) == (128,)


def test_pictures_do_not_wait_for_a_microphone_that_is_off():
    scene, audio, gaze = FedStream("scene"), FedStream("audio"), FedStream("gaze")
    inbox = SoundInbox(scene, audio, gaze)
    scene.feed(5)
    frame, sound, nearest = inbox.receive(0)
    assert (times_ms(frame), sound, nearest) == ((5,), [], None)


def test_streams_start_with_their_first_use_and_stop_by_name(simulated_neon, connect):
    device = connect(simulated_neon(scene=False))
    assert not device.is_currently_streaming
    assert device.receive_gaze_datum(TIMEOUT_S) is not None
    assert device.is_currently_streaming
    thread = next(t for t in threading.enumerate() if t.name == "neon-gaze")
    device.streaming_stop("gaze")
    assert not thread.is_alive() and not device.is_currently_streaming
    assert device.receive_gaze_datum(TIMEOUT_S) is not None


def test_nothing_old_is_handed_out_after_a_stop(simulated_neon, connect):
    device = connect(simulated_neon(scene=False))
    device.neon.wait_for_clock()
    device.streaming_start("gaze")
    assert device.receive_gaze_datum(TIMEOUT_S) is not None
    device.streaming_stop()
    restarted_ns = device.neon.now_device_ns()
    device.streaming_start("gaze")
    gaze = device.receive_gaze_datum(TIMEOUT_S)
    assert gaze.timestamp_unix_ns > restarted_ns - 20 * MS


def test_all_streams_can_be_started_at_once(simulated_neon, connect):
    device = connect(simulated_neon(), start_streaming_by_default=True)
    assert device.is_currently_streaming
    assert device.receive_matched_scene_video_frame_and_gaze(TIMEOUT_S) is not None
    device.streaming_stop("world")
    assert device.receive_gaze_datum(TIMEOUT_S) is not None


@pytest.mark.parametrize("method", ["streaming_start", "streaming_stop", "start_stream_if_needed"])
def test_an_unknown_stream_is_a_key_error_with_a_sentence(simulated_neon, connect, method):
    device = connect(simulated_neon(scene=False))
    with pytest.raises(KeyError) as caught:
        getattr(device, method)("scene")
    assert isinstance(caught.value, UnknownStreamError)
    assert str(caught.value).startswith("there is no stream 'scene'; expected gaze, world")


def test_polling_gets_only_new_gaze(simulated_neon, connect):
    device = connect(simulated_neon(scene=False))
    seen = []
    end_s = time.monotonic() + TIMEOUT_S
    while len(seen) < 50 and time.monotonic() < end_s:
        gaze = device.receive_gaze_datum(timeout_seconds=0)
        if gaze is not None:
            seen.append(gaze.timestamp_unix_ns)
        time.sleep(0.001)
    assert len(seen) == 50 and seen == sorted(set(seen))


def test_matched_pairs_are_truly_near(simulated_neon, connect):
    device = connect(simulated_neon())
    device.neon.wait_for_clock()
    device.receive_matched_scene_video_frame_and_gaze(TIMEOUT_S)
    for _ in range(15):
        frame, gaze = device.receive_matched_scene_video_frame_and_gaze(TIMEOUT_S)
        assert abs(gaze.timestamp_unix_ns - frame.timestamp_unix_ns) < 4 * MS


def test_motion_data_arrive(simulated_neon, connect):
    data = connect(simulated_neon(scene=False)).receive_imu_datum(TIMEOUT_S)
    assert 0.9 < np.linalg.norm(data.accel_data) < 1.1
    assert np.linalg.norm(data.quaternion) == pytest.approx(1, abs=0.01)


def test_eye_pictures_arrive_and_match(simulated_neon, connect):
    device = connect(simulated_neon())
    assert device.receive_eyes_video_frame(TIMEOUT_S).bgr_pixels.shape == (192, 384, 3)
    assert device.receive_gaze_datum(TIMEOUT_S) is not None  # earlier pictures have no gaze near
    found = device.receive_matched_scene_and_eyes_video_frames_and_gaze(TIMEOUT_S)
    times_ns = [part.timestamp_unix_ns for part in found]
    assert max(times_ns) - min(times_ns) < 20 * MS


def test_every_eye_event_arrives_in_order(simulated_neon, connect, lively):
    simulator = simulated_neon(scene=False, **lively | {"microphone": False})
    device = connect(simulator)
    events = [device.receive_eye_events(TIMEOUT_S) for _ in range(8)]
    received = [(event.event_type, event.start_time_ns) for event in events]
    sent = [(EVENT_TYPES[event.kind], event.start_ns) for event in simulator.truth.eye_events]
    first = sent.index(received[0])
    assert received == sent[first : first + 8]
    assert {event.event_type for event in events} >= {0, 1}


def test_sound_arrives_without_a_gap(simulated_neon, connect, lively):
    device = connect(simulated_neon(**lively))

    def guessed_ns():
        """Times of what came before the first report."""
        return {
            frame.device_ns for frame in device.neon.audio.buffer.since(0)[0] if frame.provisional
        }

    while (first := device.receive_audio_frame(TIMEOUT_S)).timestamp_unix_ns in guessed_ns():
        pass
    sound = [first, *(device.receive_audio_frame(TIMEOUT_S) for _ in range(2))]
    assert {frame.to_ndarray().shape for frame in sound} == {(1, 1024)}
    times_ns = [frame.timestamp_unix_ns for frame in sound]
    assert np.diff(times_ns) == pytest.approx(128 * MS, abs=MS)
    clock = device.neon.wait_for_clock()
    delays_ns = [
        clock.device_from_host(frame.arrived_host_ns) - frame.device_ns
        for frame in device.neon.audio.buffer.between(times_ns[0], times_ns[-1] + 1)
        if not frame.provisional
    ]
    # Each has its own packet's time: that of the packet before would make 128 ms more.
    assert -5 * MS < min(delays_ns) < 100 * MS
    found = [device.receive_matched_scene_video_frame_and_audio(TIMEOUT_S) for _ in range(20)]
    assert sum(len(item.audio) for item in found) >= 5
    assert all(
        abs(frame.timestamp_unix_ns - item.frame.timestamp_unix_ns) <= 34 * MS
        for item in found
        for frame in item.audio
    )


@pytest.mark.parametrize("timeout_s", [np.nan, -1.0])
def test_what_is_no_time_is_over_at_once(timeout_s):
    stream = FedStream()
    assert Inbox(stream).receive(timeout_s) is None
    assert MatchedInbox(stream, stream).receive(timeout_s) is None


def test_an_infinite_wait_takes_as_long_as_it_takes():
    stream = FedStream()
    inbox = Inbox(stream)
    threading.Timer(0.2, stream.feed, args=(1,)).start()
    assert inbox.receive(np.inf) is not None
