"""The scene camera films this computer's own screen, where that can be."""

from __future__ import annotations

import os
import sys

import av
import numpy as np
import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.h264 import Depacketizer, annex_b
from psychopy_neon.simulator import SimulatorOptions
from psychopy_neon.simulator.screen_grabber import ScreenGrabber, grabber_source


def decoded(items):
    """Grey pictures out of what a stream of video sent."""
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    depacketizer = Depacketizer()
    pictures = []
    for _, payloads in items:
        units = [unit for payload in payloads for unit in depacketizer.push(payload)]
        pictures += decoder.decode(av.Packet(annex_b(units)))
    return [picture.to_ndarray(format="gray") for picture in [*pictures, *decoder.decode(None)]]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it takes a permission to grab")
def test_the_scene_shows_what_the_screen_shows(display, simulated_neon, taken):
    try:
        grabber_source(sys.platform, os.environ)
    except UsageError as error:
        pytest.skip(str(error))
    neon = simulated_neon(film_screen=True, head_moves=False)
    assert neon.problems() == []
    scene = taken()
    neon.scene.stream.subscribe(scene)
    items = scene.wait_for(3)
    steps = np.diff([ns for ns, _ in items])
    assert (steps > 0).all() and (steps % 33_333_333 <= len(items)).all()
    grabber = ScreenGrabber()
    shown = grabber.newest()
    grabber.close()
    assert neon.view.monitor.size_px == (shown.shape[1], shown.shape[0])
    filmed = decoded(items)[-1]
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


@pytest.mark.parametrize(
    ("platform", "environment", "kind"),
    [
        ("linux", {"DISPLAY": ":7"}, "x11grab"),
        ("win32", {}, "gdigrab"),
        ("darwin", {}, "avfoundation"),
    ],
)
def test_every_system_has_its_grabber(platform, environment, kind):
    assert grabber_source(platform, environment)[0] == kind


@pytest.mark.parametrize(
    "environment", [{"DISPLAY": ":0", "XDG_SESSION_TYPE": "wayland"}, {"WAYLAND_DISPLAY": "w-0"}]
)
def test_wayland_is_told_apart(environment):
    with pytest.raises(UsageError, match="Wayland"):
        grabber_source("linux", environment)


def test_a_display_that_does_not_answer_is_one_sentence(simulated_neon, monkeypatch):
    for name in ("WAYLAND_DISPLAY", "XDG_SESSION_TYPE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", ":4711")
    monkeypatch.setattr(sys, "platform", "linux")
    (problem,) = simulated_neon(film_screen=True).problems()
    assert "x11grab cannot see it" in problem and "\n" not in problem


@pytest.mark.parametrize("more", [{"scene": False}, {"display_lag_s": 0.02}, {"replay": "x"}])
def test_what_makes_no_sense_with_it_is_refused(more):
    with pytest.raises(UsageError, match="film_screen"):
        SimulatorOptions(film_screen=True, **more)
