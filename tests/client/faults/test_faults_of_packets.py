"""Packets that are lost, repeated, overtaken, late, or say what nobody understands."""

from __future__ import annotations

from psychopy_neon.client.carrier_choice import CarrierChoice
from psychopy_neon.client.sensor_stream import StreamState


def settle(seen):
    """End the faults; what was held back by then has come."""
    seen.faults.clear()
    seen.take(20)
    seen.check()
    assert seen.health.state is StreamState.STREAMING
    assert seen.health.interruptions == 0 and seen.log() == []


def test_lost_packets_are_counted_to_the_last(watch):
    seen = watch()
    seen.faults.lose("gaze", 0.1)
    seen.take(200)
    settle(seen)
    assert seen.health.lost == seen.missing() > 5


def test_repeated_packets_are_given_out_once(watch):
    seen = watch()
    seen.faults.duplicate("gaze", 0.3)
    seen.take(200)
    settle(seen)
    assert seen.health.repeated > 20
    assert seen.health.lost == seen.missing() == 0


def test_overtaken_packets_get_their_place_back(watch):
    seen = watch()
    seen.faults.reorder("gaze", 0.3)
    seen.take(200)
    settle(seen)
    assert seen.health.reordered > 20
    assert seen.health.lost == seen.missing() == 0


def test_a_repeated_packet_does_not_hide_a_lost_one(watch):
    seen = watch()
    seen.faults.lose("gaze", 0.1)
    seen.faults.duplicate("gaze", 0.2)
    seen.faults.reorder("gaze", 0.1)
    seen.faults.delay("gaze", 0.02)
    seen.take(200)
    settle(seen)
    assert seen.health.lost == seen.missing() > 5


def test_gaze_of_an_unknown_length_is_decoded_as_far_as_it_is_known(watch):
    seen = watch()
    seen.faults.unknown_gaze(121)
    seen.until(lambda: seen.samples[-1].unknown_bytes)
    assert seen.samples[-1].left_lid is not None
    seen.take(20)
    settle(seen)
    assert seen.health.malformed == 0


def test_what_cannot_be_understood_costs_one_packet(watch):
    seen = watch()
    others = (seen.neon.imu, seen.neon.eye_events)
    for stream in others:
        stream.start()
    seen.until(lambda: {stream.state for stream in others} == {StreamState.STREAMING})
    seen.faults.truncate_imu(3)
    seen.faults.unknown_eye_event(3)
    seen.until(lambda: [stream.health.malformed for stream in others] == [3, 3])
    received = [stream.health.received for stream in others]
    for stream, before in zip(others, received, strict=True):
        seen.until(lambda: stream.health.received > before)  # noqa: B023
        assert stream.state is StreamState.STREAMING
        assert (stream.health.interruptions, stream.health.lost) == (0, 0)


def test_a_reply_amid_interleaved_media_costs_no_session(watch, monkeypatch):
    monkeypatch.setattr(CarrierChoice, "next", "tcp")
    seen = watch()
    seen.faults.inject_reply("gaze", 3)
    seen.take(100)
    settle(seen)
    assert seen.health.lost == seen.missing() == seen.health.malformed == 0


def test_a_set_clock_is_followed(watch):
    seen = watch(report_interval_s=0.2)
    seen.faults.step_clock(12.5)
    end_s = seen.simulator.clock.now_ns()
    seen.until(lambda: seen.samples[-1].device_ns > end_s - 500_000_000)
    seen.samples.clear()
    seen.take(50)
    seen.check()
    assert seen.log() == []
