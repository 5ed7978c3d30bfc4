"""Video that loses packets: no picture that differs from the truth is given out as good."""

from __future__ import annotations

import zlib

import av
import numpy as np
import pytest

from psychopy_neon.client.sensor_stream import StreamState
from psychopy_neon.protocol.h264 import AccessUnitAssembler, annex_b
from psychopy_neon.protocol.rtp import RtpPacket
from psychopy_neon.simulator.scene_video import FRAMES_PER_SECOND, LOOP_FRAMES

KEY, PLAIN = 0x65, 0x41
AT_THE_TOP, FURTHER_DOWN = 0x88, 0x08


def true_pictures(simulator):
    """Checksums of the pictures of the loop, decoded from what never went over a network."""
    assert simulator.scene.wait_until_drawn(20.0)
    assembler, codec = AccessUnitAssembler(), av.CodecContext.create("h264", "r")
    codec.thread_count = 1
    checksums = []
    for number, frame in enumerate(simulator.scene._maker.ready.frames):
        for payload, marker in frame.payloads:
            packet = RtpPacket(96, assembler._sequence.highest + 1, number, 1, payload, marker)
            for unit in assembler.push(packet):
                checksums += map(checksum, codec.decode(av.Packet(unit.data)))
    assert len(checksums) == LOOP_FRAMES == len(set(checksums))
    return checksums


def checksum(picture):
    return zlib.crc32(np.ascontiguousarray(picture.to_ndarray()[: picture.height]))


def collect(reader, count):
    """(number in the loop, checksum, whether it is marked) of the next pictures."""
    seen = []
    while len(seen) < count:
        frame = reader.read(10.0)
        assert frame is not None
        number = round(frame.device_ns * FRAMES_PER_SECOND / 1e9) % LOOP_FRAMES
        seen.append((number, checksum(frame.decoded), frame.damaged))
    return seen


@pytest.fixture
def scene(simulated_neon, connect):
    simulator = simulated_neon()
    truth = true_pictures(simulator)
    neon = connect(simulator)
    reader = neon.scene.reader()
    while reader.read(10.0).provisional:
        pass
    return simulator, neon, reader, truth


def test_no_damaged_picture_is_given_out_as_good(scene):
    simulator, neon, reader, truth = scene
    simulator.faults.lose("world", 0.02)
    seen = collect(reader, 90)
    good = [picture for picture in seen if not picture[2]]
    wrong = [picture for picture in seen if picture[1] != truth[picture[0]]]
    assert neon.scene.health.lost > 10 and len(wrong) > 15
    assert 0 < len(good) < len(seen)
    assert all(checksum == truth[number] for number, checksum, _ in good)


def test_damaged_pictures_can_be_withheld_and_the_stream_recovers(scene):
    simulator, neon, reader, truth = scene
    neon.scene.withhold_damaged = True
    simulator.faults.lose("world", 0.02)
    while neon.scene.health.withheld < 20:
        for number, checksum, damaged in collect(reader, 1):
            assert not damaged and checksum == truth[number]
    simulator.faults.clear()
    withheld = neon.scene.health.withheld
    for number, checksum, damaged in collect(reader, 35):
        assert not damaged and checksum == truth[number]
    assert neon.scene.health.withheld - withheld <= 31  # up to the next key picture
    assert neon.scene.health.state is StreamState.STREAMING


def test_overtaken_and_repeated_packets_damage_nothing(scene):
    simulator, neon, reader, truth = scene
    simulator.faults.reorder("world", 0.1)
    simulator.faults.duplicate("world", 0.1)
    for number, checksum, damaged in collect(reader, 45):
        assert not damaged and checksum == truth[number]
    health = neon.scene.health
    assert health.reordered > 10 and health.repeated > 10 and health.lost == 0


def units_of(payloads):
    """Assemble (sequence number, timestamp, payload, marker); flushed by one packet more."""
    assembler, units = AccessUnitAssembler(), []
    for number, timestamp, payload, marker in payloads:
        units += assembler.push(RtpPacket(96, number, timestamp, 1, payload, marker))
    return units


@pytest.mark.parametrize(
    ("first", "is_damaged"),
    [
        pytest.param(bytes([KEY, FURTHER_DOWN, 1]), True, id="its first slice is missing"),
        pytest.param(bytes([KEY, AT_THE_TOP, 1]), False, id="it has its first slice"),
        pytest.param(bytes([0x67, 1, 2]), False, id="it has its parameter sets"),
    ],
)
def test_a_key_picture_behind_a_gap_is_good_only_if_it_is_whole(first, is_damaged):
    units = units_of(
        [
            (0, 0, bytes([PLAIN, AT_THE_TOP, 7]), False),
            # 1 is lost: the end of the picture before, or the beginning of this one
            (2, 3000, first, False),
            (3, 3000, bytes([KEY, FURTHER_DOWN, 2]), True),
        ]
    )
    assert [unit.damaged for unit in units] == [True, is_damaged]
    assert units[1].is_key and annex_b([first]) in units[1].data
