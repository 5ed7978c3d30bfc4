from __future__ import annotations

import random
from fractions import Fraction

import av
import numpy as np
import pytest

from psychopy_neon.protocol.h264 import AccessUnit, annex_b, split_annexb
from psychopy_neon.transport.decoder import MAX_HELD_BACK, VideoDecoder

WIDTH, HEIGHT, KEY_EVERY = 64, 48, 5
FRAME_NS = 33_333_333


def encode(count, size=(WIDTH, HEIGHT), b_frames=0):
    """Access units of plain pictures, each 15 levels brighter than the one before."""
    codec = av.CodecContext.create("libx264", "w")
    codec.width, codec.height = size
    codec.pix_fmt, codec.time_base = "yuv420p", Fraction(1, 30)
    codec.gop_size, codec.max_b_frames = KEY_EVERY, b_frames
    codec.options = {"preset": "ultrafast"} if b_frames else {"tune": "zerolatency"}
    packets = []
    for number in range(count):
        pixels = np.full((size[1] * 3 // 2, size[0]), brightness(number), np.uint8)
        picture = av.VideoFrame.from_ndarray(pixels, format="yuv420p")
        picture.pts = number
        packets += codec.encode(picture)
    return [unit(packet) for packet in packets + codec.encode(None)]


def brightness(number: int) -> int:
    return 30 + 15 * (number % 12)


def unit(packet) -> AccessUnit:
    nal_units = split_annexb(bytes(packet))
    is_key = any(nal_unit[0] & 0x1F == 5 for nal_unit in nal_units)
    return AccessUnit(annex_b(nal_units), packet.pts, False, is_key)


def without_parameter_sets(access_unit: AccessUnit) -> tuple[AccessUnit, tuple[bytes, ...]]:
    nal_units = split_annexb(access_unit.data)
    sets = tuple(u for u in nal_units if u[0] & 0x1F in (7, 8))
    rest = [u for u in nal_units if u[0] & 0x1F not in (7, 8)]
    return AccessUnit(annex_b(rest), access_unit.timestamp, False, access_unit.is_key), sets


def damage(access_unit: AccessUnit) -> AccessUnit:
    return AccessUnit(access_unit.data, access_unit.timestamp, True, access_unit.is_key)


def decode(decoder, units):
    frames = []
    for access_unit in units:
        device_ns = access_unit.timestamp * FRAME_NS
        frames += decoder.decode(access_unit, device_ns, device_ns + 1, provisional=False)
    return frames


def test_each_unit_gives_its_picture_at_once():
    decoder = VideoDecoder(())
    for number, access_unit in enumerate(encode(12)):
        (frame,) = decode(decoder, [access_unit])
        assert (frame.width, frame.height) == (WIDTH, HEIGHT)
        assert frame.device_ns == number * FRAME_NS
        assert frame.arrived_host_ns == number * FRAME_NS + 1
        assert not frame.damaged
        assert abs(int(frame.luma.mean()) - brightness(number)) <= 2
    assert decoder.failed == 0


def test_parameter_sets_of_the_session_description_are_used():
    first, sets = without_parameter_sets(encode(1)[0])
    assert len(sets) == 2
    assert decode(VideoDecoder(()), [first]) == []
    (frame,) = decode(VideoDecoder(sets), [first])
    assert not frame.damaged


@pytest.mark.parametrize("lost", [1, 3, 5, 7])
def test_damage_marks_all_pictures_until_the_next_key_picture(lost):
    units = encode(12)
    units[lost] = damage(units[lost])
    frames = decode(VideoDecoder(()), units)
    next_key = next(n for n in (5, 10, 15) if n > lost)
    marked = [n for n, frame in enumerate(frames) if frame.damaged]
    assert len(frames) == 12
    assert marked == [n for n in range(lost, 12) if n < next_key]


def test_pictures_before_the_first_key_picture_are_never_given_out_as_good():
    frames = decode(VideoDecoder(()), encode(12)[2:])
    good = [frame.device_ns // FRAME_NS for frame in frames if not frame.damaged]
    assert good == list(range(5, 12))


def test_a_unit_that_cannot_be_decoded_is_counted_and_marks_its_followers():
    units = encode(12)
    units[6] = AccessUnit(b"\x00\x00\x00\x01\x65nonsense", 6, False, False)
    decoder = VideoDecoder(())
    frames = {frame.device_ns // FRAME_NS: frame for frame in decode(decoder, units)}
    assert decoder.failed == 1
    marked = [n for n, frame in frames.items() if frame.damaged]
    assert marked[-2:] == [8, 9] and set(marked) <= {6, 7, 8, 9}


def test_reordered_pictures_keep_their_own_times():
    units = encode(12, b_frames=2)
    assert [u.timestamp for u in units] != sorted(u.timestamp for u in units)
    frames = decode(VideoDecoder(()), units)
    assert len(frames) >= 9
    for frame in frames:
        expected = brightness(frame.device_ns // FRAME_NS)
        assert abs(int(frame.luma.mean()) - expected) <= 2


def test_a_picture_of_absurd_size_is_refused_before_it_fills_the_memory():
    decoder = VideoDecoder(())
    assert decode(decoder, encode(1, size=(8192, 4096))) == []
    assert decoder.failed == 1


@pytest.mark.parametrize("seed", range(5))
def test_whatever_comes_the_decoder_goes_on_without_delay(seed):
    chance = random.Random(seed)
    units = encode(12)
    decoder = VideoDecoder((b"", b"\x67", b"\x68\xff\xff"))
    for number in range(500):
        original = units[number % 12]
        data = bytearray(original.data)
        for _ in range(4):
            data[chance.randrange(len(data))] = chance.randrange(256)
        cut = bytes(data[: chance.randrange(1, len(data) + 1)])
        decode(decoder, [AccessUnit(cut, number, chance.random() < 0.5, original.is_key)])
    assert decoder.failed > 0
    assert len(decoder._origins) <= MAX_HELD_BACK
    whole = [AccessUnit(u.data, 1_000 + n, False, u.is_key) for n, u in enumerate(units)]
    for access_unit in whole:
        (frame,) = decode(decoder, [access_unit])
        assert not frame.damaged
        assert frame.device_ns == access_unit.timestamp * FRAME_NS
