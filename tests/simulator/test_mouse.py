from __future__ import annotations

import shutil
import subprocess
import sys
import time

import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="moves the mouse with xdotool")
def test_gaze_follows_the_mouse(display, simulated_neon):
    if shutil.which("xdotool") is None:
        pytest.skip("xdotool is not installed")
    neon = simulated_neon(scene=False, gaze_follows="mouse")
    geometry = subprocess.run(
        ["xdotool", "getdisplaygeometry"], capture_output=True, text=True, check=True
    )
    width, height = map(int, geometry.stdout.split())
    subprocess.run(["xdotool", "mousemove", str(width * 3 // 4), str(height // 4)], check=True)
    deadline = time.monotonic() + 5
    while not neon.truth.gaze or neon.truth.gaze[-1].screen_x < 0.45:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    last = neon.truth.gaze[-1]
    assert (last.screen_x, last.screen_y) == pytest.approx((0.5, 0.5), abs=0.01)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays can be hidden on X11")
def test_without_a_display_it_says_so(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(UsageError, match="mouse cannot be read"):
        SimulatedNeon(SimulatorOptions(gaze_follows="mouse"))
