"""A filmed screen goes through head pose, lens, exposure and H.264 to where it belongs."""

from __future__ import annotations

import av
import numpy as np
import pytest

from psychopy_neon.protocol.calibration import Calibration
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.simulator.camera_control import CameraControl
from psychopy_neon.simulator.exposure import Exposure
from psychopy_neon.simulator.film_renderer import FilmRenderer, smear
from psychopy_neon.simulator.h264_encoder import H264Encoder
from psychopy_neon.simulator.head import LOOP_NS, Head
from psychopy_neon.simulator.monitor import Monitor
from psychopy_neon.simulator.scene_view import SceneView

SIZE_PX = (1280, 720)
PLACES = ((0.0, 0.0), (-0.7, 0.6), (0.65, -0.55))
MOMENTS_NS = (0, 310_000_000, 777_000_000, 1_500_000_000)
DOT_PX = 8


def view_of(head):
    lens = Calibration.typical("123456").scene
    return SceneView(SceneCamera(lens.matrix, lens.distortion), head, Monitor(SIZE_PX, 531.0))


def screen(paint):
    width, height = SIZE_PX
    pixels = np.full((height, width, 3), 128, np.uint8)
    for x, y in PLACES:
        across, down = (x + 1) / 2 * width, (1 - y) / 2 * height
        paint(pixels, round(across), round(down))
    return av.VideoFrame.from_ndarray(pixels, format="rgb24")


def white_dot(pixels, across, down):
    pixels[down - DOT_PX : down + DOT_PX, across - DOT_PX : across + DOT_PX] = 255


def renderer_of(view, exposure_s=1e-6):
    return FilmRenderer(view, list(range(0, LOOP_NS, LOOP_NS // 12)), Exposure(exposure_s))


def centre(luma, x, y):
    """Of what is bright around a place."""
    left, top = round(x) - 20, round(y) - 20
    bright = np.maximum(0, luma[top : top + 40, left : left + 40].astype(float) - 150)
    rows, columns = np.indices(bright.shape)
    return left + (columns * bright).sum() / bright.sum(), top + (
        rows * bright
    ).sum() / bright.sum()


@pytest.mark.parametrize(
    "head",
    [Head(600, moves=False), Head(450, moves=False), Head(600), Head(700, True, 12.0)],
    ids=["still", "near", "sways", "turns"],
)
def test_what_is_on_the_screen_is_seen_where_gaze_at_it_would_be(head):
    view = view_of(head)
    renderer, shown = renderer_of(view), screen(white_dot)
    for moment_ns in MOMENTS_NS:
        luma = renderer.picture(shown, moment_ns).luma
        assert luma.shape == (1200, 1600)
        for place in PLACES:
            x, y = view.scene_px(place, moment_ns)
            assert centre(luma, x, y) == pytest.approx((x, y), abs=0.7)


def red_dot(pixels, across, down):
    pixels[down - 40 : down + 40, across - 40 : across + 40] = (220, 30, 30)


def test_colours_survive_the_camera_and_its_encoder():
    view = view_of(Head(600, moves=False))
    planes = renderer_of(view).picture(screen(red_dot), 0)
    encoder = H264Encoder((1600, 1200), 30, 5_000_000, 30)
    coded = encoder.encode(planes.luma, (planes.blue, planes.red)) + encoder.finish()
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    (picture, *_) = [f for data in coded for f in decoder.decode(av.Packet(data))] + [
        *decoder.decode(None)
    ]
    rgb = picture.to_ndarray(format="rgb24")
    for place in PLACES:
        x, y = (round(number) for number in view.scene_px(place, 0))
        assert rgb[y, x].astype(int) == pytest.approx([220, 30, 30], abs=25)
    room = rgb[20, 20].astype(int)
    assert room.max() - room.min() < 8  # grey


def test_a_part_of_the_picture_keeps_its_colours_in_place():
    planes = renderer_of(view_of(Head(600, moves=False))).picture(screen(red_dot), 0)
    part = planes.part(256, 60, 1088, 1080)
    assert part.luma.shape == (1080, 1088) and part.red.shape == (540, 544)
    assert (part.red == planes.red[30:570, 128:672]).all()


def test_a_turning_head_smears_by_its_speed_times_the_exposure():
    view = view_of(Head(600, False, 12.0))
    fast_ns = 0  # in the middle of the turn
    speed = (view.scene_px((0, 0), 1_000_000)[0] - view.scene_px((0, 0), 0)[0]) * 1000

    def width_of_dot(exposure_s):
        luma = renderer_of(view, exposure_s).picture(screen(white_dot), fast_ns).luma
        x, y = view.scene_px((0, 0), fast_ns)
        line = np.maximum(0, luma[round(y), round(x) - 60 : round(x) + 60].astype(float) - 127)
        return np.sqrt(
            np.average((np.arange(120) - np.average(range(120), weights=line)) ** 2, weights=line)
        )

    sharp, smeared = width_of_dot(1e-6), width_of_dot(0.03)
    # The variance of a uniform smear is the twelfth of its length squared.
    assert np.sqrt((smeared**2 - sharp**2) * 12) == pytest.approx(abs(speed) * 0.03, rel=0.15)


def test_camera_control_makes_the_picture_darker_and_brighter():
    view, exposure = view_of(Head(600, moves=False)), Exposure(0.008)
    control = CameraControl(lambda: True, exposure)
    renderer = FilmRenderer(view, [0], exposure)
    shown = screen(white_dot)

    def level():
        return int(renderer.picture(shown, 0).luma[5, 5]) - 16

    usual = level()
    control.set({"camera": "world", "ae_mode": "manual", "man_exp": "20"})
    assert exposure.seconds == 0.002
    assert level() == pytest.approx(usual * 0.25 ** (1 / 2.2), abs=1.5)  # a quarter of the light
    control.set({"camera": "world", "man_exp": "1000"})
    assert exposure.seconds == pytest.approx(1 / 30) and level() > 1.5 * usual
    control.set({"camera": "world", "ae_mode": "auto"})
    assert level() == usual


def test_a_smear_keeps_brightness_and_place():
    for motion in ((5.0, 0.0), (0.0, -7.0), (4.0, 9.0), (100.0, 50.0)):
        kernel = smear(*motion)
        assert kernel.sum() == pytest.approx(1, abs=1e-5) and kernel.min() >= 0
        assert kernel == pytest.approx(kernel[::-1, ::-1], abs=1e-5)
        assert max(kernel.shape) <= 33
    assert smear(0.2, 0.1) is None and smear(float("nan"), 1.0) is None
