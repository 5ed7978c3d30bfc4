"""The scene camera films this computer's own screen, where that can be."""

from __future__ import annotations

import os
import subprocess
import sys

import av
import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.h264 import Depacketizer, annex_b
from psychopy_neon.simulator import SimulatorOptions, filmed_scene, screen_grabber
from psychopy_neon.simulator.frame_rate import FrameRate
from psychopy_neon.simulator.grabber_call import ask_for_permission, grabber_call
from psychopy_neon.simulator.screen_area import Area, first_of_several, main_monitor
from psychopy_neon.simulator.screen_grabber import ScreenGrabber, refuse_after_opencv


def decoded(items):
    """Grey pictures out of what a stream of video sent."""
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    depacketizer = Depacketizer()
    pictures = []
    for _, payloads in items:
        units = [unit for payload in payloads for unit in depacketizer.push(payload)]
        pictures += decoder.decode(av.Packet(annex_b(units)))
    return [*pictures, *decoder.decode(None)]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it takes a permission to grab")
def test_the_scene_shows_what_the_screen_shows(display, simulated_neon, taken):
    try:
        grabber_call(sys.platform, os.environ)
    except UsageError as error:
        pytest.skip(str(error))
    neon = simulated_neon(film_screen=True, head_moves=False)
    assert neon.problems() == []
    scene = taken()
    neon.scene.stream.subscribe(scene)
    items = scene.wait_for(3)
    times = [ns for ns, _ in items]
    assert times == [round(ns * 30 / 1e9) * 1_000_000_000 // 30 for ns in times]
    assert times == sorted(set(times))
    grabber = ScreenGrabber()
    shown = grabber.newest().to_ndarray(format="gray")
    grabber.close()
    assert neon.view.monitor.size_px == (shown.shape[1], shown.shape[0])
    filmed = decoded(items)[-1].to_ndarray(format="gray")
    assert filmed.shape == (1200, 1600)
    for norm in ((0.0, 0.0), (-0.5, 0.4), (0.6, -0.3)):
        x, y = (round(place) for place in neon.view.scene_px(norm, 0))
        across = round((norm[0] + 1) / 2 * shown.shape[1])
        down = round((1 - norm[1]) / 2 * shown.shape[0])
        there = shown[down - 12 : down + 12, across - 12 : across + 12].mean()
        assert filmed[y - 8 : y + 8, x - 8 : x + 8].mean() == pytest.approx(there, abs=40)


def test_without_a_screen_it_says_why_and_draws(simulated_neon, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    neon = simulated_neon(film_screen=True)
    (problem,) = neon.problems()
    assert problem.startswith("The screen cannot be filmed: there is no display")
    assert problem.endswith("; the monitor is drawn instead.")
    assert neon.view.monitor.size_px == neon.options.screen_px
    assert neon.scene.wait_until_drawn(60)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the grabbers need no X library")
def test_where_opencv_came_first_it_says_so_instead_of_crashing(display):
    script = "import cv2; from psychopy_neon.simulator.screen_grabber import ScreenGrabber as grab"
    done = subprocess.run(
        [sys.executable, "-c", f"{script}; grab()"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "UsageError: OpenCV was imported before PyAV" in done.stderr


@pytest.mark.parametrize(
    ("platform", "imported"),
    [("linux", ["av", "cv2"]), ("linux", ["av"]), ("linux", []), ("win32", ["cv2", "av"])],
)
def test_any_other_order_of_imports_will_do(platform, imported):
    refuse_after_opencv(platform, imported)


# As FFmpeg's documentation has them, chapter Input Devices.
DOCUMENTED = {
    "x11grab": {"framerate", "draw_mouse", "video_size", "grab_x", "grab_y"},
    "gdigrab": {"framerate", "draw_mouse", "video_size", "offset_x", "offset_y"},
    "avfoundation": {"framerate", "capture_cursor", "pixel_format", "video_size"},
}
SECOND = Area(1920, 0, 1280, 1024)


@pytest.mark.parametrize(
    ("platform", "environment", "kind", "what"),
    [
        ("linux", {"DISPLAY": ":7.0"}, "x11grab", ":7.0"),
        ("win32", {}, "gdigrab", "desktop"),
        ("darwin", {}, "avfoundation", "Capture screen 0:none"),
    ],
)
@pytest.mark.parametrize("area", [None, SECOND])
def test_every_system_has_its_grabber_and_its_options(platform, environment, kind, what, area):
    call = grabber_call(platform, environment, area)
    assert (call.kind, call.what) == (kind, what)
    assert set(call.options) <= DOCUMENTED[kind]
    assert call.options["framerate"] == "30"
    assert "1" in (call.options.get("draw_mouse"), call.options.get("capture_cursor"))


def test_of_several_monitors_the_main_one_is_filmed():
    x11 = grabber_call("linux", {"DISPLAY": ":0"}, SECOND).options
    assert (x11["video_size"], x11["grab_x"], x11["grab_y"]) == ("1280x1024", "1920", "0")
    windows = grabber_call("win32", {}, SECOND).options
    assert (windows["video_size"], windows["offset_x"], windows["offset_y"]) == (
        *("1280x1024", "1920", "0"),
    )
    # macOS numbers its monitors; their pixels, twice as fine on Retina, are what is grabbed.
    assert "video_size" not in grabber_call("darwin", {}, SECOND).options
    assert "video_size" not in grabber_call("linux", {"DISPLAY": ":0"}).options
    assert first_of_several([SECOND]) is None
    assert first_of_several([SECOND, Area(0, 0, 100, 100)]) == SECOND


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks an X server")
def test_an_x_server_with_one_monitor_is_filmed_whole(display):
    assert main_monitor() is None


class Graphics:
    """macOS' library, as far as it is asked."""

    def __init__(self, allowed):
        self.allowed, self.asked = allowed, 0

    def CGPreflightScreenCaptureAccess(self):  # noqa: N802
        return self.allowed

    def CGRequestScreenCaptureAccess(self):  # noqa: N802
        self.asked += 1
        return self.allowed


def test_without_macos_permission_it_asks_for_it_and_says_where_it_is_given():
    graphics = Graphics(allowed=False)
    with pytest.raises(UsageError, match=r"allow Screen Recording .* in System Settings"):
        ask_for_permission("darwin", graphics)
    assert graphics.asked == 1
    allowed = Graphics(allowed=True)
    ask_for_permission("darwin", allowed)
    ask_for_permission("darwin", object())  # before 10.15 there was no permission
    ask_for_permission("linux")
    assert allowed.asked == 0


def test_a_missing_permission_leaves_the_drawn_monitor(simulated_neon, monkeypatch):
    monkeypatch.setattr(screen_grabber, "ask_for_permission", refuse)
    (problem,) = simulated_neon(film_screen=True).problems()
    assert problem.startswith("The screen cannot be filmed: macOS does not let this program")
    assert problem.endswith("; the monitor is drawn instead.") and problem.count(".") == 1


def refuse(platform):
    ask_for_permission("darwin", Graphics(allowed=False))


class SlowGrabber:
    """Like macOS' grabber: says EAGAIN until it has a picture."""

    def __init__(self, empty):
        self.empty, self.closed = empty, False

    def __call__(self, what, **how):
        return self

    def decode(self, video):
        if self.empty > 0:
            self.empty -= 1
            raise BlockingIOError(35, "Resource temporarily unavailable")
        yield av.VideoFrame(640, 400, "uyvy422")

    def close(self):
        self.closed = True


def test_a_grabber_that_has_no_picture_yet_is_asked_again(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("XDG_SESSION_TYPE", raising=False)
    monkeypatch.setattr(screen_grabber, "ask_for_permission", lambda platform: None)
    monkeypatch.setattr(screen_grabber, "main_monitor", lambda: None)
    slow = SlowGrabber(empty=5)
    grabber = ScreenGrabber(slow)
    assert grabber.size_px == (640, 400)
    grabber.start()
    grabber.close()
    assert slow.closed
    monkeypatch.setattr(screen_grabber, "_FIRST_PICTURE_S", 0.02)
    with pytest.raises(UsageError, match=r"cannot see it .*no picture"):
        ScreenGrabber(SlowGrabber(empty=10**9))


@pytest.mark.parametrize(
    "environment", [{"DISPLAY": ":0", "XDG_SESSION_TYPE": "wayland"}, {"WAYLAND_DISPLAY": "w-0"}]
)
def test_wayland_is_told_apart(environment):
    with pytest.raises(UsageError, match="Wayland"):
        grabber_call("linux", environment)


def test_a_display_that_does_not_answer_is_one_sentence(simulated_neon, monkeypatch):
    for name in ("WAYLAND_DISPLAY", "XDG_SESSION_TYPE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", ":4711")
    monkeypatch.setattr(sys, "platform", "linux")
    (problem,) = simulated_neon(film_screen=True).problems()
    assert "x11grab cannot see it" in problem and "\n" not in problem


def test_a_slow_computer_films_less_often_and_says_so():
    rate = FrameRate(30)
    for took_s in [0.2] + [0.02] * 60:  # a halt is not slowness
        rate.note(took_s)
    assert (rate.per_second, rate.is_lowered) == (30, False)
    for _ in range(40):
        rate.note(0.05)
    assert (rate.per_second, rate.is_lowered) == (15, True)
    assert [number for number in range(6) if rate.takes(number)] == [0, 2, 4]
    for _ in range(100):
        rate.note(1.0)
    assert rate.per_second == 6


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it takes a permission to grab")
def test_the_rate_that_it_films_at_is_told(display, simulated_neon, taken, monkeypatch):
    monkeypatch.setattr(
        filmed_scene.FrameRate, "note", lambda rate, took_s: setattr(rate, "_step", 1)
    )
    neon = simulated_neon(film_screen=True)
    assert neon.scene.how == "filmed and encoded as it happens, 30 pictures a second"
    assert neon.problems() == []
    scene = taken()
    neon.scene.stream.subscribe(scene)
    times = [ns for ns, _ in scene.wait_for(4)]
    assert {round(ns * 30 / 1e9) % 2 for ns in times[1:]} == {0}
    assert neon.scene.how.endswith("15 pictures a second")
    (problem,) = neon.problems()
    assert problem == (
        "The screen is filmed 15 times a second: this computer is too slow for more."
    )


def test_a_drawn_scene_is_encoded_ahead_and_says_so(simulated_neon):
    neon = simulated_neon()
    assert neon.scene.how == "drawn and encoded ahead, 30 pictures a second"
    assert "world" in neon.sensors.late


@pytest.mark.parametrize("more", [{"scene": False}, {"display_lag_s": 0.02}, {"replay": "x"}])
def test_what_makes_no_sense_with_it_is_refused(more):
    with pytest.raises(UsageError, match="film_screen"):
        SimulatorOptions(film_screen=True, **more)
