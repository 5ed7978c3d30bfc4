from __future__ import annotations

import json
import shutil
import subprocess
import time

import av
import cv2
import numpy as np
import pytest

from psychopy_neon.protocol.calibration import Calibration
from psychopy_neon.protocol.h264 import AccessUnitAssembler, annex_b
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.markers import frame_layout
from psychopy_neon.simulator.h264_encoder import H264Encoder, coded_frame, parameter_sets_of


def drawn(neon):
    assert neon.scene.wait_until_drawn(60)
    return neon


def receive_pictures(client, count):
    """Decoded pictures with the device time of each."""
    media = client.start()
    key_frames = 1 + count // 30
    packets, reports = client.receive(
        lambda p, r: len({q.timestamp for q in p}) > count + key_frames and bool(r)
    )
    units = [unit for packet in packets for unit in assembler_push(packet)]
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    decoder.extradata = annex_b(media.parameter_sets)
    report = reports[0]
    pictures = []
    for unit in units[:count]:
        ticks = (unit.timestamp - report.rtp_timestamp + 2**31) % 2**32 - 2**31
        ns = report.device_ns + round(ticks * 1e9 / 90_000)
        packet = av.Packet(unit.data)
        packet.pts = ns
        pictures += [(frame.pts, frame) for frame in decoder.decode(packet)]
    pictures += [(frame.pts, frame) for frame in decoder.decode(None)]
    return pictures


_assemblers = {}


def assembler_push(packet):
    return _assemblers.setdefault(packet.ssrc, AccessUnitAssembler()).push(packet)


def find_tags(picture):
    family = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_APRILTAG_36h11)
    parameters = cv2.aruco.DetectorParameters()
    parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    corners, ids, _ = cv2.aruco.ArucoDetector(family, parameters).detectMarkers(picture)
    numbers = [] if ids is None else np.ravel(ids)
    return {int(i): c.reshape(4, 2) for i, c in zip(numbers, corners, strict=True)}


def map_to_norm(camera, tags, layout, point):
    places = {marker.tag_id: marker.corners for marker in layout.markers}
    seen = camera.undistort(np.concatenate([tags[i] for i in tags]))
    shown = np.concatenate([np.array(places[i]) for i in tags])
    homography = cv2.findHomography(seen, shown)[0]
    ray = camera.undistort([point])
    return cv2.perspectiveTransform(ray[None], homography)[0, 0]


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_gaze_mapped_through_the_tags_hits_what_was_looked_at(simulated_neon, rtsp, http, tcp):
    neon = drawn(simulated_neon())
    neon.look_at(0.4, -0.3)
    client = rtsp(neon, "world", tcp=tcp)
    pictures = receive_pictures(client, 35)
    data = http.get(f"{neon.url}/calibration.bin", timeout=5).content
    lens = Calibration.parse(data).scene
    camera = SceneCamera(lens.matrix, lens.distortion)
    gaze = {sample.device_ns: sample for sample in neon.truth.gaze}
    layout = frame_layout(neon.options.screen_px)
    compared = 0
    for device_ns, frame in pictures:
        assert (frame.width, frame.height) == (1600, 1200)
        sample = gaze.get(device_ns)  # every third picture falls on a gaze sample
        if sample is None:
            continue
        tags = find_tags(frame.to_ndarray(format="gray"))
        assert len(tags) >= 6 and set(tags) <= set(range(8))
        mapped = map_to_norm(camera, tags, layout, (sample.x, sample.y))
        assert mapped == pytest.approx((sample.screen_x, sample.screen_y), abs=0.004)
        compared += 1
    assert compared >= 5


def test_pictures_come_30_times_a_second(simulated_neon, rtsp):
    neon = drawn(simulated_neon())
    pictures = receive_pictures(rtsp(neon, "world", tcp=True), 40)
    steps = np.diff([ns for ns, _ in pictures])
    assert len(pictures) == 40
    assert np.all(np.abs(steps - 1e9 / 30) < 10)


def test_the_first_packet_comes_within_three_seconds(simulated_neon, rtsp):
    started = time.monotonic()
    client = rtsp(simulated_neon(), "world")
    client.start()
    client.receive(lambda p, r: len(p) >= 1)
    assert time.monotonic() - started < 20  # 3 on an idle machine; tests share theirs


def test_large_units_are_fragmented_and_a_marker_ends_each():
    encoder = H264Encoder((320, 240), 30, 8_000_000, 30)
    noise = np.random.default_rng(1).integers(16, 235, (240, 320)).astype(np.uint8)
    (coded,) = encoder.encode(noise)
    frame = coded_frame(coded, parameter_sets_of(coded))
    kinds = [payload[0] & 31 for payload, _ in frame.payloads]
    assert kinds[:2] == [7, 8] and set(kinds[2:]) == {28} and len(kinds) > 4  # SPS, PPS, FU-A
    ends = [bool(payload[1] & 64) for payload, _ in frame.payloads[2:]]
    assert [marker for _, marker in frame.payloads] == [True, True, *ends]
    assert ends.count(True) == 1 and ends[-1]
    assert max(len(payload) for payload, _ in frame.payloads) == 1260


def test_no_packet_is_larger_than_the_phones(simulated_neon, rtsp):
    client = rtsp(drawn(simulated_neon()), "world", tcp=True)
    client.start()
    packets, _ = client.receive(lambda p, r: len(p) >= 300)
    assert max(len(packet.pack()) for packet in packets) <= 1272


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_ffprobe_reads_the_stream(simulated_neon, transport):
    ffprobe = shutil.which("ffprobe")
    if ffprobe is None:
        pytest.skip("ffprobe is not installed")
    neon = drawn(simulated_neon())
    url = f"rtsp://{neon.address}:{neon.rtsp_port}/?camera=world"
    command = [ffprobe, "-v", "error", "-rtsp_transport", transport, "-show_streams"]
    command += ["-read_intervals", "%+2", "-show_entries", "frame=pict_type", "-of", "json", url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    stream = found["streams"][0]
    assert (stream["codec_name"], stream["width"], stream["height"]) == ("h264", 1600, 1200)
    assert stream["has_b_frames"] == 0
    kinds = [frame["pict_type"] for frame in found["frames"]]
    assert len(kinds) >= 30 and set(kinds) == {"I", "P"}
