"""Packets that are lost, doubled, swapped, late, or never sent at all."""

from __future__ import annotations

import itertools
import json
import time

import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.gaze import parse_gaze
from psychopy_neon.protocol.imu import parse_imu
from psychopy_neon.protocol.rtsp import RtspReader
from psychopy_neon.simulator.stream_faults import Impairment, StreamFaults


def numbers_of(packets):
    return [packet.sequence_number for packet in packets]


@pytest.fixture
def gaze(simulated_neon, rtsp):
    """A simulator with a fault, and what a client of its gaze receives."""

    def receive(set_fault, count, *, tcp=True):
        neon = simulated_neon(scene=False)
        set_fault(neon.faults)
        client = rtsp(neon, "gaze", tcp=tcp)
        client.start()
        return client.receive(lambda p, r: len(p) >= count and len(r) >= 1)[0]

    return receive


def sent_through(count=2000, **faults):
    impairment = Impairment(StreamFaults(**faults), "gaze")
    packets = [number.to_bytes(2, "big") for number in range(count)]
    left = [packet for sent in packets for packet in impairment.pass_on(sent)]
    return [int.from_bytes(packet, "big") for packet in left]


def test_without_faults_everything_arrives_in_order():
    assert sent_through() == list(range(2000))


def test_the_wanted_share_is_lost():
    assert 0.17 < 1 - len(sent_through(lost=0.2)) / 2000 < 0.23
    assert sent_through(lost=1.0) == []


def test_the_wanted_share_is_doubled():
    left = sent_through(doubled=0.2)
    assert sorted(set(left)) == list(range(2000)) and 2340 < len(left) < 2460


def test_swapped_packets_are_overtaken_by_their_neighbour():
    left = sent_through(swapped=0.2)
    assert sorted(left) == sorted(set(left)) and len(left) >= 1999
    late = [b for a, b in itertools.pairwise(left) if b < a]
    assert 200 < len(late) < 450
    assert all(abs(number - place) <= 1 for place, number in enumerate(left))


def test_the_seed_decides_which_packets_are_hit():
    faults = {"lost": 0.1, "doubled": 0.1, "swapped": 0.1}
    assert sent_through(seed=3, **faults) == sent_through(seed=3, **faults)
    assert sent_through(seed=3, **faults) != sent_through(seed=4, **faults)


def test_one_fault_does_not_change_the_course_of_another():
    lost = set(range(2000)) - set(sent_through(lost=0.1))
    assert lost == set(range(2000)) - set(sent_through(lost=0.1, doubled=0.3))


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_lost_packets_leave_gaps_in_the_numbers(gaze, tcp):
    packets = gaze(lambda faults: faults.lose("gaze", 0.3), 200, tcp=tcp)
    numbers = numbers_of(packets)
    assert 0.2 < 1 - len(numbers) / (numbers[-1] + 1) < 0.4


def test_doubled_and_swapped_packets_reach_the_client(gaze):
    def spoil(faults):
        faults.duplicate("gaze", 0.3)
        faults.reorder("gaze", 0.3)

    numbers = numbers_of(gaze(spoil, 200))
    assert len(set(numbers)) < len(numbers)
    assert any(b < a for a, b in itertools.pairwise(numbers))


def test_jitter_delays_but_keeps_the_order(simulated_neon, rtsp):
    neon = simulated_neon(scene=False, drift_ppm=0)
    neon.faults.delay("gaze", 0.1)
    client = rtsp(neon, "gaze", tcp=True)
    client.start()
    lateness, numbers = [], []
    for _ in range(60):
        packets, _ = client.receive(lambda p, r: len(p) >= 1)
        now_ticks = neon.clock.now_ns() * 9 // 100_000
        lateness += [(now_ticks - packet.timestamp) % 2**32 / 90_000 for packet in packets]
        numbers += numbers_of(packets)
    assert numbers == sorted(numbers)
    assert max(lateness) > 0.05 and min(lateness) < 1
    neon.faults.clear()


def test_a_silent_stream_keeps_its_connection_and_can_speak_again(simulated_neon, rtsp):
    neon = simulated_neon(scene=False)
    client = rtsp(neon, "gaze", tcp=True)
    client.start()
    client.receive(lambda p, r: len(p) >= 5)
    neon.faults.silence("gaze")
    client.control.settimeout(0.2)
    with pytest.raises(TimeoutError):
        while True:
            client.control.recv(65536)
    client.control.settimeout(5)
    assert client.ask("OPTIONS", client.url).status == 200
    neon.faults.silence("gaze", on=False)
    client.receive(lambda p, r: len(p) >= 5)


def test_a_reply_can_land_between_header_and_data(simulated_neon, rtsp):
    neon = simulated_neon(scene=False)
    client = rtsp(neon, "gaze", tcp=True)
    client.start()
    client.receive(lambda p, r: len(p) >= 5)
    neon.faults.inject_reply("gaze", 3)
    received, deadline = b"", time.monotonic() + 5
    while received.count(b"RTSP/1.0 400") < 3 and time.monotonic() < deadline:
        received += client.control.recv(65536)
    start = received.index(b"RTSP/1.0 400")
    assert received[start - 4 : start - 2] == b"$\0"
    items = RtspReader().feed(received[start - 4 :])
    assert [item.status for item in items[:1]] == [400]


def test_a_truncated_motion_packet_costs_one_packet(simulated_neon, rtsp):
    neon = simulated_neon(scene=False)
    client = rtsp(neon, "imu", tcp=True)
    client.start()
    client.receive(lambda p, r: len(p) >= 5)
    neon.faults.truncate_imu(2)
    packets, _ = client.receive(lambda p, r: len(p) >= 10)
    whole = max(len(packet.payload) for packet in packets)
    short = [packet for packet in packets if len(packet.payload) < 0.6 * whole]
    assert len(short) == 2
    parse_imu(packets[-1].payload, device_ns=0, arrived_host_ns=0)


def test_an_eye_event_of_unknown_type_is_sent(simulated_neon, rtsp):
    neon = simulated_neon(scene=False)
    client = rtsp(neon, "eye_events", tcp=True)
    client.start()
    neon.faults.unknown_eye_event(2)
    unknown = b"\0\0\0\x63"
    client.receive(lambda p, r: [q.payload for q in p].count(unknown) == 2)


def test_sensor_times_can_be_skewed_while_running(simulated_neon, rtsp):
    neon = simulated_neon(scene=False)
    client = rtsp(neon, "imu", tcp=True)
    client.start()
    neon.faults.skew_sensors(-100)
    client.receive(lambda p, r: len(p) >= 3)
    packets, _ = client.receive(lambda p, r: len(p) >= 1)
    sample = parse_imu(packets[-1].payload, device_ns=0, arrived_host_ns=0)
    assert 99 < (neon.clock.now_ns() - sample.sensor_ns) / 1e9 < 102


@pytest.mark.parametrize("fault", ["none", "lose", "duplicate", "reorder", "delay"])
def test_no_sample_leaves_before_its_time_and_a_lost_one_not_at_all(
    simulated_neon, rtsp, tmp_path, fault
):
    path = tmp_path / "truth.jsonl"
    neon = simulated_neon(scene=False, truth_path=path, log_sends=True)
    if fault != "none":
        getattr(neon.faults, fault)("imu", 0.02 if fault == "delay" else 0.4)
    client = rtsp(neon, "imu", tcp=True)
    client.start()
    packets, _ = client.receive(lambda p, r: len(p) >= 60)
    line = neon.clock.line
    neon.close()
    lines = map(json.loads, path.read_text("utf-8").splitlines())
    left = {entry["device_ns"]: entry["host_ns"] for entry in lines if entry["kind"] == "sent"}
    assert min(host_ns - line.host_ns(ns) for ns, host_ns in left.items()) > 0
    arrived = {
        parse_imu(packet.payload, device_ns=0, arrived_host_ns=0).sensor_ns for packet in packets
    }
    assert arrived <= set(left)
    seen_ns = sorted(left)
    due = round((seen_ns[-1] - seen_ns[0]) * 110 / 1e9) + 1
    assert fault != "lose" or len(left) < 0.9 * due


def test_clear_ends_what_goes_on(gaze):
    def spoil_and_clear(faults):
        faults.lose("gaze", 1.0)
        faults.silence("gaze")
        faults.delay("gaze", 5)
        faults.cut_link(60)
        faults.nan_eye_state()
        faults.clear()

    packets = gaze(spoil_and_clear, 20)
    assert numbers_of(packets) == list(range(len(packets)))
    sample = parse_gaze(packets[-1].payload, device_ns=0, arrived_host_ns=0)
    assert sample.left_eye.pupil_diameter_mm > 0


@pytest.mark.parametrize(
    "wrong",
    [
        lambda faults: faults.lose("nose", 0.1),
        lambda faults: faults.lose("gaze", 1.5),
        lambda faults: faults.lose("gaze", float("nan")),
        lambda faults: faults.delay("gaze", -1),
        lambda faults: faults.cut_link(1e9),
        lambda faults: faults.unknown_gaze(3),
    ],
)
def test_impossible_faults_are_refused(simulated_neon, wrong):
    with pytest.raises(UsageError):
        wrong(simulated_neon(scene=False).faults)
