"""Eye events say what gaze did."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from psychopy_neon.protocol.eye_events import KEEP_ALIVE, parse_eye_event
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.simulator import Participant, TruthLog
from psychopy_neon.simulator.blinks import DURATION_NS, Blinks
from psychopy_neon.simulator.eye_event_finder import EyeEventFinder
from psychopy_neon.simulator.eye_event_sensor import EyeEventSensor
from psychopy_neon.simulator.look import Look

STEP_NS = 5_000_000
PATH = Participant(path=((0.3, -0.4, 0.2), (0.4, 0.4, -0.2)), saccade_s=0.03)


def events_of(looks):
    finder = EyeEventFinder(lambda a, b: math.dist(a, b) / 15.5)
    return [event for look in looks for event in finder.push(look)]


def looks_at(places, openness=()):
    opened = [*openness, *[1.0] * (len(places) - len(openness))]
    return [
        Look((i + 1) * STEP_NS, (x, 0.0), 800 + 500 * x, 600.0, 3.5, lid)
        for i, (x, lid) in enumerate(zip(places, opened, strict=True))
    ]


def payloads(client, enough):
    """Packets so far, keep-alives left out, with the reports that date them."""
    packets, reports = client.receive(lambda p, r: len(r) >= 1 and enough(p))
    return [p for p in packets if p.payload[3] != KEEP_ALIVE], reports[0]


def test_a_fixation_ends_where_the_saccade_begins():
    events = events_of(looks_at([0.0] * 10 + [0.2, 0.5, 0.6] + [0.6] * 5 + [0.0]))
    kinds = [event.kind for event in events]
    assert kinds == [
        *("fixation", "saccade_onset", "saccade", "fixation_onset"),
        *("fixation", "saccade_onset"),
    ]
    fixation, onset, saccade, landing, *_ = events
    assert (fixation.start_sensor_ns, fixation.end_sensor_ns) == (STEP_NS, 10 * STEP_NS)
    assert onset.start_sensor_ns == saccade.start_sensor_ns == 10 * STEP_NS
    assert saccade.end_sensor_ns == landing.start_sensor_ns == 13 * STEP_NS
    # RTP time: the end of what is over, the start of what has begun.
    assert [event.device_ns for event in events[:4]] == [
        *(10 * STEP_NS, 10 * STEP_NS, 13 * STEP_NS, 13 * STEP_NS)
    ]


def test_a_movement_is_summed_up_in_pixels_degrees_and_speeds():
    saccade = events_of(looks_at([0.0, 0.0, 0.2, 0.5, 0.6, 0.6]))[2].movement
    assert (saccade.start_px, saccade.end_px) == ((800, 600), (1100, 600))
    assert saccade.mean_px == pytest.approx((800 + (0 + 100 + 250 + 300) / 4, 600))
    assert saccade.amplitude_px == pytest.approx(300)
    assert saccade.amplitude_deg == pytest.approx(300 / 15.5)
    assert saccade.mean_velocity_px_s == pytest.approx(300 / 0.015)
    assert saccade.max_velocity_px_s == pytest.approx(150 / 0.005)


def test_a_blink_is_told_when_it_is_over():
    (blink,) = events_of(looks_at([0.0] * 8, [1, 1, 0.5, 0, 0.5]))
    assert blink.kind == "blink"
    assert (blink.start_sensor_ns, blink.end_sensor_ns) == (2 * STEP_NS, 6 * STEP_NS)
    assert blink.device_ns == blink.start_sensor_ns


def test_a_clock_step_ends_what_was_under_way():
    before, after = looks_at([0.0] * 4), looks_at([0.0] * 4)
    later = [Look(look.device_ns + 10**12, (0.5, 0.0), 1050, 600) for look in after]
    assert events_of([*before, *later, *looks_at([0.0] * 3)]) == []


def test_blinks_come_at_repeatable_times():
    def shut(seed):
        blinks = Blinks(20, seed)
        return [ns for ns in range(0, 60 * 10**9, STEP_NS) if blinks.openness(ns) < 1]

    assert shut(1) == shut(1) != shut(2)
    assert 0.5 < len(shut(1)) * STEP_NS / DURATION_NS / 20 < 2


@pytest.mark.parametrize("per_minute", [0.2, 1, 17, 100])
def test_blinks_are_as_many_as_asked_for_on_average(per_minute):
    blinks = Blinks(per_minute, seed=5)
    minutes, step_ns = 400 / per_minute, 50_000_000
    lids = [blinks.openness(ns) < 1 for ns in range(0, int(minutes * 60e9), step_ns)]
    begun = sum(now and not before for before, now in itertools.pairwise(lids))
    assert begun / minutes == pytest.approx(per_minute, rel=0.15)


def test_nobody_blinks_unless_asked_to():
    blinks = Blinks(0)
    assert {blinks.openness(ns) for ns in range(0, 10**10, STEP_NS)} == {1.0}
    blinks.blink()
    lids = [blinks.openness(10**10 + k * STEP_NS) for k in range(100)]
    assert min(lids) == 0 and lids[-1] == 1


def test_the_stream_tells_the_script(simulated_neon, rtsp):
    neon = simulated_neon(scene=False, participant=PATH)
    client = rtsp(neon, "eye_events")
    media = client.start()
    packets, report = payloads(client, lambda p: len(p) >= 12)
    assert (media.kind, media.payload_type) == ("application", 101)
    events = []
    for packet in packets:
        ticks = (packet.timestamp - report.rtp_timestamp + 2**31) % 2**32 - 2**31
        sent_ns = report.device_ns + round(ticks * 1e9 / 90_000)
        event = parse_eye_event(packet.payload, device_ns=sent_ns, arrived_host_ns=0)
        is_onset = event.end_sensor_ns is None
        own_ns = event.start_sensor_ns if is_onset else event.end_sensor_ns
        assert sent_ns == pytest.approx(own_ns, abs=20_000)
        events.append(event)
    gaze_times = {gaze.device_ns for gaze in neon.truth.gaze}
    assert {event.start_sensor_ns for event in events} <= gaze_times
    # The simulator may have started in the middle of the path's first saccade.
    settled_ns = neon.truth.gaze[0].device_ns + 100_000_000
    whole = [event for event in events if event.start_sensor_ns > settled_ns]
    saccades = [event for event in whole if event.kind == "saccade"]
    durations = {event.end_sensor_ns - event.start_sensor_ns for event in saccades}
    assert saccades and durations <= {30_000_000, 35_000_000}
    assert all(event.movement.amplitude_deg > 10 for event in saccades)
    told = {(event.kind, event.start_ns, event.end_ns) for event in neon.truth.eye_events}
    assert {(e.kind, e.start_sensor_ns, e.end_sensor_ns) for e in events} <= told


def test_a_sign_of_life_comes_each_second(taken):
    sensor = EyeEventSensor(SceneCamera(np.diag([890.0, 890, 1]), np.zeros(8)), TruthLog())
    stream = taken()
    sensor.stream.subscribe(stream)
    for number in range(1, 3 * 200 + 1):
        sensor.see(Look(number * STEP_NS, (0.0, 0.0), 800, 600))
    assert {payload for _, (payload,) in stream.items} == {b"\0\0\0\x05"}
    assert [ns for ns, _ in stream.items] == [10**9, 2 * 10**9, 3 * 10**9]


def test_a_blink_shuts_the_lids_of_gaze_and_is_told(simulated_neon, rtsp):
    neon = simulated_neon(scene=False, gaze_bytes=89, sensor_skew_s=-5)
    events = rtsp(neon, "eye_events", tcp=True)
    events.start()
    neon.blink()
    is_blink = 4
    packets, _ = events.receive(lambda p, r: any(q.payload[3] == is_blink for q in p))
    (packet,) = [p for p in packets if p.payload[3] == is_blink]
    blink = parse_eye_event(packet.payload, device_ns=0, arrived_host_ns=0)
    (true,) = [event for event in neon.truth.eye_events if event.kind == "blink"]
    # The times inside of the packet are on the sensor's clock.
    assert blink.start_sensor_ns == true.start_ns - 5_000_000_000
    assert 200e6 < blink.end_sensor_ns - blink.start_sensor_ns < 260e6
