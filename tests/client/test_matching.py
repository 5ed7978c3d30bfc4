from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon import AudioFrame, UsageError
from psychopy_neon.client.matching import (
    NearestMatcher,
    SoundMatcher,
    match_gaze,
    nearest_within,
)
from psychopy_neon.client.sample_buffer import SampleBuffer

MS = 1_000_000
HALF_GAZE_NS = 2_600_000  # the farthest that the nearest of 200 samples a second can be


@dataclass(frozen=True)
class Sample:
    device_ns: int


class Fed(SampleBuffer[Sample]):
    """A buffer that is filled by milliseconds."""

    def __init__(self, *times_ms, capacity=200):
        super().__init__(capacity)
        self.feed(*times_ms)

    def feed(self, *times_ms):
        for t in times_ms:
            self.append(Sample(round(t * MS)))


def times_ms(samples):
    return tuple(sample.device_ns / MS for sample in samples)


def as_tuple(*samples):
    return samples


def matched(matcher):
    found = []
    while (match := matcher.poll()) is not None:
        found.append(times_ms(match))
    return found


def test_a_sample_just_within_the_distance_matches_and_no_other():
    buffer = Fed(0, 100)
    assert nearest_within(buffer, 50 * MS, 50 * MS) is not None
    assert nearest_within(buffer, 50 * MS, 50 * MS - 1) is None
    assert nearest_within(Fed(), 0) is None


def test_all_pictures_come_in_order_each_with_its_nearest():
    scene, gaze = Fed(), Fed()
    matcher = NearestMatcher(as_tuple, scene, gaze)
    gaze.feed(*range(0, 200, 5))
    scene.feed(33.2, 66.6, 99.9)
    assert matched(matcher) == [(33.2, 35), (66.6, 65), (99.9, 100)]
    assert matcher.dropped == 0


def test_whoever_wants_the_newest_skips_the_pictures_before_it():
    scene, gaze = Fed(), Fed(9, 19, 29)
    matcher = NearestMatcher(as_tuple, scene, gaze, newest=True)
    scene.feed(10, 20, 30, 40)
    assert matched(matcher) == [(20, 19)]
    assert matcher.awaited() == (gaze, 3)
    gaze.feed(41)
    assert matched(matcher) == [(40, 41)]
    assert (matcher.awaited(), matcher.dropped) == ((scene, 4), 0)


def test_a_picture_is_matched_at_once_with_the_gaze_that_is_here():
    pair = match_gaze(Sample(10 * MS), Fed(8, 11))
    assert (pair.scene.device_ns, pair.gaze.device_ns) == (10 * MS, 11 * MS)
    assert pair.distance_ns == MS  # gaze minus picture
    assert match_gaze(Sample(10 * MS), Fed(8, 9)).gaze.device_ns == 9 * MS
    assert match_gaze(Sample(10_000 * MS), Fed(8, 11)) is None


def test_two_matchers_and_a_reader_take_nothing_from_each_other():
    scene, gaze = Fed(), Fed()
    one, other = NearestMatcher(as_tuple, scene, gaze), NearestMatcher(as_tuple, scene, gaze)
    gaze.feed(0, 5, 10)
    scene.feed(4, 6)
    assert matched(one) == matched(other) == [(4, 5), (6, 5)]


def test_a_picture_without_a_near_sample_is_left_out():
    scene, gaze = Fed(), Fed()
    matcher = NearestMatcher(as_tuple, scene, gaze, max_distance_ns=10 * MS)
    scene.feed(20, 40, 100)
    gaze.feed(31, 101)
    assert matched(matcher) == [(40, 31), (100, 101)]


def test_a_partner_that_is_behind_is_waited_for_without_touching_the_rest():
    scene, eyes, gaze = Fed(), Fed(), Fed()
    matcher = NearestMatcher(as_tuple, scene, eyes, gaze)
    scene.feed(10)
    gaze.feed(9, 11)
    assert matcher.poll() is None
    assert matcher.awaited() == (eyes, 0)
    eyes.feed(8)
    assert matcher.awaited() == (eyes, 1)
    eyes.feed(12.5)
    assert matcher.awaited() is None
    assert matched(matcher) == [(10, 8, 9)]
    assert matcher.awaited() == (scene, 1)


def test_pictures_that_were_pushed_out_are_counted():
    scene, gaze = Fed(capacity=3), Fed()
    matcher = NearestMatcher(as_tuple, scene, gaze)
    scene.feed(*range(0, 100, 10))
    gaze.feed(*range(0, 200, 10))
    assert matched(matcher) == [(70, 70), (80, 80), (90, 90)]
    assert matcher.dropped == 7


def test_reading_waits_for_the_partner():
    scene, gaze = Fed(), Fed()
    matcher = NearestMatcher(as_tuple, scene, gaze)
    scene.feed(4)
    feeder = threading.Timer(0.05, gaze.feed, [5])
    feeder.start()
    assert times_ms(matcher.read(10.0)) == (4, 5)
    feeder.join()


def test_reading_ends_in_time_and_with_the_stream():
    scene, gaze = Fed(), Fed()
    matcher = NearestMatcher(as_tuple, scene, gaze)
    started_s = time.perf_counter()
    assert matcher.read(0.15) is None
    assert 0.15 <= time.perf_counter() - started_s < 2.0
    scene.feed(4)
    gaze.close()
    assert list(matcher) == []


@given(
    st.lists(st.integers(0, 2_000), max_size=60),
    st.lists(st.integers(0, 2_000), max_size=20),
    st.integers(0, 300),
)
def test_no_match_is_farther_than_any_other_sample(gaze_ms, scene_ms, max_ms):
    scene, gaze = Fed(), Fed(*sorted(gaze_ms))
    matcher = NearestMatcher(as_tuple, scene, gaze, max_distance_ns=max_ms * MS)
    scene.feed(*sorted(scene_ms))
    expected = [
        (t, min(abs(g - t) for g in gaze_ms))
        for t in sorted(scene_ms)
        if gaze_ms and t <= max(gaze_ms) and min(abs(g - t) for g in gaze_ms) <= max_ms
    ]
    assert [(t, abs(g - t)) for t, g in matched(matcher)] == expected


def sound(start_ms):
    return AudioFrame(round(start_ms * MS), 0, 8_000, np.zeros(1024, np.float32))  # 128 ms


def test_every_picture_waits_for_the_sound_around_it():
    scene, gaze, audio = Fed(), Fed(100), SampleBuffer(20)
    matcher = SoundMatcher(scene, audio, gaze)
    audio.append(sound(70))
    scene.feed(100, 180)
    match = matcher.poll()
    assert times_ms(match.audio) == (70,) and match.gaze.device_ns == 100 * MS
    assert matcher.poll() is None and matcher.awaited() == (audio, 1)
    audio.append(sound(198))
    match = matcher.poll()
    assert times_ms(match.audio) == (198,)
    assert match.gaze is None  # 80 ms away
    assert matcher.awaited() == (scene, 2)


def test_a_device_hands_out_pairs_triples_and_the_picture_of_a_gaze(simulated_neon, connect):
    neon = connect(simulated_neon(microphone=True))
    with_sound = neon.match_scene_and_audio()
    while (first := neon.eyes.read(10.0)).provisional:
        pass  # earlier pictures have no picture of the eyes near
    triple = neon.read_scene_eyes_and_gaze(10.0)
    while triple.eyes.provisional or triple.scene.device_ns < first.device_ns:
        triple = neon.read_scene_eyes_and_gaze(10.0)
    scene_ns, (kept, _) = triple.scene.device_ns, neon.eyes.buffer.since(0)
    apart_ns = abs(triple.eyes.device_ns - scene_ns)
    assert apart_ns <= min(abs(eyes.device_ns - scene_ns) for eyes in kept)
    # A computer that is late with the scene has no eyes from then: it keeps 0.2 s of them.
    assert apart_ns <= HALF_GAZE_NS or kept[0].device_ns > scene_ns
    assert abs(triple.gaze.device_ns - scene_ns) <= HALF_GAZE_NS
    pair = neon.read_scene_and_gaze(10.0)
    assert abs(pair.distance_ns) <= HALF_GAZE_NS
    assert neon.scene_near(pair.gaze.device_ns) is pair.scene
    assert neon.scene_near(pair.gaze.device_ns - 3_600 * 1000 * MS) is None
    while not (heard := with_sound.read(10.0)).audio:
        pass
    assert all(abs(a.device_ns - heard.scene.device_ns) <= 34 * MS for a in heard.audio)
    assert neon.read_scene_and_audio(10.0) is not None


def test_matches_take_no_picture_from_other_readers(simulated_neon, connect):
    neon = connect(simulated_neon())
    assert neon.gaze.read(10.0) is not None  # or the picture is gone by the time that gaze comes
    frames = [neon.scene.read(10.0)]
    pair = neon.read_scene_and_gaze(10.0)
    while frames[-1].device_ns < pair.scene.device_ns:
        frames.append(neon.scene.read(10.0))
    assert frames[-1] is pair.scene


def test_matches_go_on_after_a_stream_was_stopped(simulated_neon, connect):
    neon = connect(simulated_neon())
    assert neon.read_scene_and_gaze(10.0) is not None
    neon.stop_stream("gaze")
    assert neon.read_scene_and_gaze(10.0) is not None
    with pytest.raises(UsageError):
        neon.stop_stream("scene and gaze")
