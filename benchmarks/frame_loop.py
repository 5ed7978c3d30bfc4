"""A frame loop with a real window, and one of several ways to have gaze in it.

    python frame_loop.py WAY ADDRESS PORT SECONDS RESULTS

Draws the same in all of them: a grating, the frame of markers, and a dot that follows gaze. Frames
begin 60 times a second, since OpenGL in software waits for no refresh. Writes how long each frame
took (drawing, reading gaze, flipping) and the intervals between flips, as JSON.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

PERIOD_NS = round(1e9 / 60)
WARM_UP_S = 3.0
FIRST_GAZE_S = 40.0
SPIN_NS = 1_000_000
WINDOW_PX = (1280, 720)


class Way(Protocol):
    """How the loop gets gaze."""

    def place(self) -> tuple[float, float] | None:
        """Where the dot is to be, ``norm`` units; None without gaze."""

    def close(self) -> None:
        """End it."""


class Nothing:
    """No eye tracker: what the others are compared with."""

    def __init__(self, win: Any, markers: Any, host: str, port: int) -> None:
        self._began_s = time.perf_counter()

    def place(self) -> tuple[float, float] | None:
        return (time.perf_counter() - self._began_s) % 1.0 - 0.5, 0.0

    def close(self) -> None:
        pass


class InProcess:
    """`psychopy_neon.Neon` in the experiment's own process, with scene video and detection."""

    def __init__(self, win: Any, markers: Any, host: str, port: int) -> None:
        from psychopy_neon import Neon

        self._neon = Neon.connect(host, port)
        self._screen = self._neon.track_screen(markers.layout.markers)

    def place(self) -> tuple[float, float] | None:
        gaze = self._screen.map(self._neon.gaze.latest(), self._neon.now_device_ns())
        return (gaze.x, gaze.y) if gaze.valid else None

    def close(self) -> None:
        self._neon.close()


class ThroughHub:
    """What Builder's scripts do: ioHub, samples recorded, `NeonGaze` in each frame."""

    def __init__(self, win: Any, markers: Any, host: str, port: int) -> None:
        from psychopy_neon.runtime import NeonGaze, connect

        settings = {"address": f"{host}:{port}"}
        self._hub = _launch(win, "eyetracker.neon_realtime.EyeTracker", settings)
        view = self._hub.devices.tracker
        connect(view).set_surface(markers.surface(), owner=self)
        view.setRecordingState(True)
        self._gaze = NeonGaze(win, view)
        self._gaze.start()

    def place(self) -> tuple[float, float] | None:
        self._gaze.watch()
        return self._gaze.getPos()

    def close(self) -> None:
        self._hub.quit()


class Plugin:
    """The makers' plugin: ioHub, samples recorded, its newest gaze in each frame."""

    def __init__(self, win: Any, markers: Any, host: str, port: int) -> None:
        settings = {"companion_address": host, "companion_port": str(port)}
        self._hub = _launch(win, "eyetracker.hw.pupil_labs.neon.EyeTracker", settings)
        self._view = self._hub.devices.tracker
        width, height = WINDOW_PX
        corners = {
            str(marker.tag_id): [
                ((x + 1) / 2 * width, (y + 1) / 2 * height) for x, y in marker.corners
            ]
            for marker in markers.layout.markers
        }
        self._view.register_surface(corners, list(WINDOW_PX))
        # Before it knows the offset of the clocks, the first sample ends its polling for good.
        deadline_s = time.perf_counter() + FIRST_GAZE_S
        while not isinstance(self._view.trackerTime(), float) and time.perf_counter() < deadline_s:
            time.sleep(0.2)
        self._view.setRecordingState(True)

    def place(self) -> tuple[float, float] | None:
        place = self._view.getLastGazePosition()
        return tuple(place) if isinstance(place, (list, tuple)) else None

    def close(self) -> None:
        self._view.setConnectionState(False)
        self._hub.quit()


WAYS: dict[str, Any] = {
    "none": Nothing,
    "in-process": InProcess,
    "ioHub": ThroughHub,
    "plugin": Plugin,
}


def _launch(win: Any, key: str, settings: dict[str, str]) -> Any:
    from psychopy.iohub import launchHubServer

    device = {"name": "tracker", "runtime_settings": settings}
    return launchHubServer(
        window=win,
        udp_port=random.randint(20_000, 60_000),
        experiment_code="bench",
        datastore_name=str(Path.cwd() / "bench"),
        **{key: device},
    )


def wait_until(instant_ns: int) -> None:
    """Sleep, and spin for the last millisecond, as a flip that waits for the refresh would."""
    rest_ns = instant_ns - time.perf_counter_ns()
    if rest_ns > SPIN_NS:
        time.sleep((rest_ns - SPIN_NS) / 1e9)
    while time.perf_counter_ns() < instant_ns:
        pass


def run(way_name: str, host: str, port: int, seconds: float) -> dict[str, Any]:
    """Show frames for so long; the first seconds do not count."""
    from psychopy import visual

    from psychopy_neon.visual import NeonMarkers

    win = visual.Window(WINDOW_PX, units="norm", fullscr=False, checkTiming=False)
    markers = NeonMarkers(win)
    grating = visual.GratingStim(win, mask="gauss", size=1.0, sf=4)
    dot = visual.Circle(win, radius=0.03, fillColor="red")
    way: Way = WAYS[way_name](win, markers, host, port)
    work_ns, flips_ns, seen = [], [], 0
    deadline_s = time.perf_counter() + FIRST_GAZE_S
    begin_ns = time.perf_counter_ns() + PERIOD_NS
    counting_from: int | None = None
    cpu_s = 0.0
    while True:
        wait_until(begin_ns)
        started_ns = time.perf_counter_ns()
        grating.phase += 0.02
        grating.draw()
        place = way.place()
        if place is not None:
            dot.pos = place
        dot.draw()
        markers.draw()
        win.flip()
        flipped_ns = time.perf_counter_ns()
        if counting_from is None and (place is not None or time.perf_counter() > deadline_s):
            counting_from = flipped_ns + round(WARM_UP_S * 1e9)
        if counting_from is not None and flipped_ns > counting_from:
            cpu_s = cpu_s or sum(os.times()[:2])
            work_ns.append(flipped_ns - started_ns)
            flips_ns.append(flipped_ns)
            seen += place is not None
            if flipped_ns > counting_from + seconds * 1e9:
                break
        begin_ns = max(begin_ns + PERIOD_NS, flipped_ns)
    used_s = sum(os.times()[:2]) - cpu_s
    way.close()
    win.close()
    return {
        "work_ns": work_ns,
        "intervals_ns": [later - earlier for earlier, later in pairwise(flips_ns)],
        "with_gaze": seen / max(1, len(work_ns)),
        "cpu": used_s / seconds,
    }


def main() -> None:
    """See the top of this file."""
    way, host, port, seconds, results = sys.argv[1:]
    found = run(way, host, int(port), float(seconds))
    Path(results).write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    main()
