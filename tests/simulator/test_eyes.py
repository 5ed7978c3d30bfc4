"""The eye cameras: pictures of eyes that look where gaze says."""

from __future__ import annotations

import itertools

import av
import numpy as np
import pytest

from psychopy_neon.protocol.h264 import AccessUnitAssembler, Depacketizer, annex_b
from psychopy_neon.simulator.eye_picture import EyePainter, pupil_place_px
from psychopy_neon.simulator.look import Look

AHEAD = Look(0, (0.0, 0.0), 800.0, 600.0)


def pictures(media, packets):
    """Decoded luma of all complete pictures, by RTP time."""
    decoder = av.CodecContext.create("h264", "r")
    assembler = AccessUnitAssembler()
    prefix, found = annex_b(media.parameter_sets), {}
    for packet in packets:
        for unit in assembler.push(packet):
            decoded = decoder.decode(av.Packet(prefix + unit.data))
            prefix = b""
            for frame in decoded:
                found[unit.timestamp] = frame.to_ndarray()[:192]
    return found


def dark_centre(picture):
    rows, columns = np.nonzero(picture < 45)
    return columns.mean(), rows.mean()


def test_eyes_are_filmed_at_the_times_of_gaze(simulated_neon, rtsp):
    neon = simulated_neon(scene=False)
    neon.look_at(0.8, 0.5)
    gaze, eyes = rtsp(neon, "gaze", tcp=True), rtsp(neon, "eyes", tcp=True)
    gaze.start()
    media = eyes.start()
    packets, _ = eyes.receive(lambda p, r: len({q.timestamp for q in p}) >= 60)
    gaze_packets, _ = gaze.receive(lambda p, r: len(p) >= 60)
    assert (media.kind, media.encoding, media.clock_rate) == ("video", "H264", 90_000)
    stamps = list(dict.fromkeys(packet.timestamp for packet in packets))
    assert {b - a for a, b in itertools.pairwise(stamps)} == {450}
    assert set(stamps) & {packet.timestamp for packet in gaze_packets}
    shown = pictures(media, packets)
    assert len(shown) >= 58
    assert {picture.shape for picture in shown.values()} == {(192, 384)}


def test_the_pupil_goes_where_gaze_goes(simulated_neon, taken):
    neon = simulated_neon(scene=False, head_moves=False)
    stream = taken()
    neon.sensors.eyes.stream.subscribe(stream)
    for place in [(-0.9, 0.0), (0.9, 0.0), (0.0, -0.9)]:
        neon.look_at(*place)
        stream.wait_for(len(stream.items) + 30)
    items = list(stream.items)
    looked = {gaze.device_ns: (gaze.x, gaze.y) for gaze in neon.truth.gaze}
    decoder, depacketizer = av.CodecContext.create("h264", "r"), Depacketizer()
    decoder.thread_count = 1
    shown = []
    for _, payloads in items:
        units = [unit for payload in payloads for unit in depacketizer.push(payload)]
        shown += decoder.decode(av.Packet(annex_b(units)))
    shown += decoder.decode(None)
    assert len(shown) == len(items)
    across = []
    for (ns, _), picture in zip(items, shown, strict=True):
        centre = dark_centre(picture.to_ndarray()[:192, :192])
        assert centre == pytest.approx(pupil_place_px(Look(0, (0, 0), *looked[ns])), abs=1.5)
        across.append((looked[ns][0], centre[0]))
    # The camera looks the wearer in the face: their right is left in its picture.
    right, left = max(across)[1], min(across)[1]
    assert left - right > 20


def test_the_pupil_is_as_large_as_gaze_says():
    painter = EyePainter()
    small, large = (painter.paint(Look(0, (0, 0), 800, 600, mm)) for mm in (3.0, 6.0))
    areas = [(picture[:, :192] < 45).sum() for picture in (small, large)]
    assert areas[1] / areas[0] == pytest.approx(4, rel=0.15)


def test_shut_lids_hide_the_pupil():
    painter = EyePainter()
    areas = [
        (painter.paint(Look(0, (0, 0), 800, 600, 3.5, openness)) < 45).sum()
        for openness in (1.0, 0.4, 0.0)
    ]
    assert areas[0] > areas[1] > 0 == areas[2]


def test_gaze_beyond_the_lens_still_gives_a_picture():
    nan = float("nan")
    assert EyePainter().paint(Look(0, (9, 9), nan, nan)).shape == (192, 384)


def test_a_late_client_gets_a_key_picture_at_once(simulated_neon, rtsp):
    neon = simulated_neon(scene=False)
    first, second = (rtsp(neon, "eyes", tcp=True) for _ in range(2))
    first.start()
    first.receive(lambda p, r: len({q.timestamp for q in p}) >= 20)
    media = second.start()
    packets, _ = second.receive(lambda p, r: len({q.timestamp for q in p}) >= 20)
    assert [packet.payload[0] & 0x1F for packet in packets[:2]] == [7, 8]
    assert packets[0].payload == media.parameter_sets[0]
    assert len(pictures(media, packets)) >= 18


def test_parameter_sets_may_travel_together(simulated_neon, rtsp):
    eyes = rtsp(simulated_neon(scene=False, stap_a=True), "eyes", tcp=True)
    media = eyes.start()
    packets, _ = eyes.receive(lambda p, r: len({q.timestamp for q in p}) >= 10)
    assert packets[0].payload[0] & 0x1F == 24 and packets[1].payload[0] & 0x1F in (5, 28)
    assert media.parameter_sets[0] in packets[0].payload
    assert len(pictures(media, packets)) >= 8


def test_nothing_is_drawn_while_nobody_watches(simulated_neon, rtsp):
    neon = simulated_neon(scene=False)
    gaze = rtsp(neon, "gaze")
    gaze.start()
    gaze.receive(lambda p, r: len(p) >= 20)
    assert not neon.sensors.eyes.stream.is_watched
    assert neon.sensors.eyes.skipped == 0
