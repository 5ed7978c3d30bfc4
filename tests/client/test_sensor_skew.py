from __future__ import annotations

import logging

import pytest

from psychopy_neon import EyeEvent, ImuSample
from psychopy_neon.client.sample_buffer import SampleBuffer
from psychopy_neon.client.sensor_skew import WINDOW, SensorSkew
from psychopy_neon.simulator import Participant

MS = 1_000_000


@pytest.mark.parametrize(
    ("kind", "end_sensor_ns", "device_ns"),
    [
        ("saccade", 1_060, 571_060),  # dated by its end
        ("fixation", 1_060, 571_060),
        ("blink", 1_060, 571_000),  # dated by its start
        ("saccade_onset", None, 571_000),
        ("fixation_onset", None, 571_000),
    ],
)
def test_an_event_is_moved_to_the_clock_of_gaze(kind, end_sensor_ns, device_ns):
    event = EyeEvent(kind, device_ns, 0, 1_000, end_sensor_ns)
    assert event.sensor_skew_ns == 570_000
    assert event.start_device_ns == 571_000
    assert event.end_device_ns == (None if end_sensor_ns is None else 571_060)
    end_ns = None if end_sensor_ns is None else 570_070
    assert event.rebased(569_010) == (570_010, end_ns)
    assert event.rebased(None) == (event.start_device_ns, event.end_device_ns)


def skew_of(*milliseconds):
    skew = SensorSkew()
    for value in milliseconds:
        skew.add(round(value * MS))
    return skew


def test_the_median_is_not_moved_by_a_few_strays():
    assert skew_of().skew_ns is None
    assert skew_of(2).skew_ns == 2 * MS
    assert skew_of(*[2] * 20, *[900] * 10).skew_ns == 2 * MS


def test_a_clock_that_was_set_shows_after_half_the_window():
    assert skew_of(*[2] * 100, *[900] * (WINDOW // 2 + 1)).skew_ns == 900 * MS


def test_the_history_is_bounded():
    assert len(skew_of(*range(1000))._recent) == WINDOW


def test_much_is_said_once(caplog):
    skew_of(*[5] * 100, *[-5] * 100, 800)
    assert caplog.records == []
    skew_of(*[6] * 100)
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "6.0 ms apart" in record.message and "restart the app" in record.message


def test_few_packets_say_nothing_yet(caplog):
    skew_of(*[80] * 4)
    assert caplog.records == []


def test_samples_of_both_streams_count():
    skew = SensorSkew()
    imu: SampleBuffer[ImuSample] = SampleBuffer(10)
    events: SampleBuffer[EyeEvent] = SampleBuffer(10)
    skew.follow(imu)
    skew.follow(events)
    imu.append(ImuSample(3_000, 0, 1_000, (0, 0, 0), (0, 0, 0), (1, 0, 0, 0)))
    assert skew.skew_ns == 2_000
    for _ in range(2):
        events.append(EyeEvent("blink", 8_000, 0, 1_000, 2_000))
    assert skew.skew_ns == 7_000
    imu.close()
    assert len(skew._recent) == 3


def test_it_is_measured_while_motion_is_streamed(simulated_neon, connect, eventually, caplog):
    simulator = simulated_neon(scene=False, sensor_skew_s=-12.5)
    neon = connect(simulator)
    assert neon.sensor_skew_ns is None
    neon.imu.start()
    eventually(lambda: neon.sensor_skew_ns is not None)
    eventually(lambda: abs(neon.sensor_skew_ns - 12_500 * MS) < MS // 10)
    eventually(lambda: any("two clocks" in record.message for record in caplog.records))
    simulator.faults.skew_sensors(0.0)
    eventually(lambda: abs(neon.sensor_skew_ns) < MS // 10)


def test_eye_events_agree_with_the_truth_whatever_the_skew(simulated_neon, connect):
    path = ((0.4, -0.4, 0.2), (0.4, 0.4, -0.2))
    simulator = simulated_neon(
        scene=False, sensor_skew_s=571.4, participant=Participant(path=path), blinks_per_minute=60.0
    )
    neon = connect(simulator)
    neon.wait_for_clock()
    reader = neon.eye_events.reader()
    events = [reader.read(10.0) for _ in range(12)][4:]
    starts = [event.start_ns for event in simulator.truth.eye_events]
    for event in events:
        nearest_ns = min(abs(start_ns - event.start_device_ns) for start_ns in starts)
        assert nearest_ns < MS // 10
        assert event.end_device_ns is None or event.end_device_ns > event.start_device_ns
    assert abs(neon.sensor_skew_ns + 571_400 * MS) < MS // 10


def test_samples_that_are_dated_by_their_arrival_do_not_count():
    skew, buffer = SensorSkew(), SampleBuffer(10)
    skew.follow(buffer)
    late = ImuSample(10 * MS, 0, 0, (0.0,) * 3, (0.0,) * 3, (1.0, 0.0, 0.0, 0.0), True)
    buffer.append(late)
    assert skew.skew_ns is None
