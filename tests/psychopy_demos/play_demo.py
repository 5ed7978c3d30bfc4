"""Run eye-tracking demos that ship with PsychoPy with simulated glasses, as they are.

    python play_demo.py FOLDER [NAME ...]

Only the eye tracker's name is changed, and the frame of markers turned on. The wearer of the
simulated glasses looks where the mouse points, and the mouse is led here to what the demo wants
to be looked at; the space bar is pressed now and then. What came out goes into ``results.json``
of a folder for each demo, and is printed as a table. Needs X11.
"""

from __future__ import annotations

import json
import os
import random
import runpy
import shutil
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KEY = "eyetracker.neon_realtime.EyeTracker"
LIMIT_S = 150.0
SPACE_EVERY_S = 4.0
PATH_PERIOD_S = 6.0
ASK_EVERY = 5  # flips
PERIOD_S = 1 / 60  # OpenGL in software waits for no refresh, and takes a core for itself


@dataclass(frozen=True)
class Demo:
    """One of PsychoPy's demos: where it is below its folder ``demos``, and its script there."""

    path: str
    changes: tuple[tuple[str, str], ...] = ()

    @property
    def folder(self) -> str:
        return str(Path(self.path).parent)

    @property
    def is_builder(self) -> bool:
        return self.path.endswith(".psyexp")


# The key of the eye tracker, and which glasses. The limits are wide, as all of it, with the drawing
# and filming of the screen, may run on one busy computer.
GLASSES = "runtime_settings=dict(address='simulator', max_gaze_age_s=1.0, max_pose_age_s=5.0)"
TRACKER = (
    ("'eyetracker.hw.mouse.EyeTracker'", f"'{KEY}'"),
    ("dict(name='tracker')", f"dict(name='tracker', {GLASSES})"),
)
CODER = "coder/iohub/eyetracking/"
BUILDER = "builder/Hardware/"
DEMOS = {
    "eyetracking": Demo(BUILDER + "eyetracking/eyetracking.psyexp"),
    "custom calibration": Demo(BUILDER + "eyetracking_custom_cal/eyetracking_custom_cal.psyexp"),
    "visual search": Demo(BUILDER + "Eyetracking_visual_search/visualSearch.psyexp"),
    "simple": Demo(CODER + "simple.py", TRACKER),
    "validation": Demo(CODER + "validation.py", TRACKER),
    "gaze cursor": Demo(CODER + "gcCursor/run.py", TRACKER),
}


def prepare(demo: Demo, folder: Path) -> Path:
    """Copy the demo, change its tracker; returns the script to run."""
    import psychopy

    source = Path(psychopy.__file__).parent / "demos" / demo.path
    if demo.is_builder or source.parent.name == "gcCursor":
        shutil.copytree(source.parent, folder, ignore=shutil.ignore_patterns("data", "*lastrun*"))
    else:
        folder.mkdir(parents=True)
        shutil.copy(source, folder)
    copy = folder / source.name
    return export(copy) if demo.is_builder else change(copy, demo.changes)


def export(psyexp: Path) -> Path:
    """Choose the glasses in the experiment's settings, and compile it as Builder does."""
    from psychopy import plugins

    plugins.activatePlugins()
    from psychopy.experiment import Experiment

    experiment = Experiment.fromFile(str(psyexp))
    chosen = {
        "eyetracker": KEY,
        "neonRtAddress": "simulator",
        "neonRtMarkers": "always",
        "neonRtMaxGazeAge": 1.0,
        "neonRtMaxPoseAge": 5.0,
        "Show info dlg": False,
    }
    for name, value in chosen.items():
        experiment.settings.params[name].val = value
    script = psyexp.with_suffix(".py")
    text = experiment.writeScript(expPath=str(psyexp), target="PsychoPy")
    script.write_text(
        with_own_port(text, "ioConfig = {}", "ioConfig = {{'udp_port': {}}}"), "utf-8"
    )
    return script


def change(script: Path, changes: tuple[tuple[str, str], ...]) -> Path:
    """Change the tracker, and have the markers shown from the creation of the window on."""
    text = script.read_text("utf-8")
    for old, new in changes:
        assert old in text, f"{old} is not in {script.name}"
        text = text.replace(old, new)
    text = with_own_port(text, "**devices_config)", "udp_port={}, **devices_config)")
    script.write_text("from __future__ import annotations\n" + text, "utf-8")
    return script


def with_own_port(text: str, old: str, new: str) -> str:
    """Two ioHubs on one port answer each other's experiments."""
    assert text.count(old) == 1, f"{old} should be in the script once"
    return text.replace(old, new.format(random.randint(20_000, 60_000)))


class Hand:
    """Leads the mouse, and presses the space bar."""

    def __init__(self) -> None:
        from Xlib import XK, X, display
        from Xlib.ext import xtest

        self._display = display.Display()
        self._fake = xtest.fake_input
        self._codes = X
        self._space = self._display.keysym_to_keycode(XK.XK_space)
        screen = self._display.screen()
        self._size = screen.width_in_pixels, screen.height_in_pixels

    def point(self, x: float, y: float) -> None:
        """To a place in norm units of the screen, which the demos' windows fill."""
        width, height = self._size
        place = round((x + 1) / 2 * (width - 1)), round((1 - y) / 2 * (height - 1))
        self._fake(self._display, self._codes.MotionNotify, x=place[0], y=place[1])
        self._display.flush()

    def press_space(self) -> None:
        for kind in (self._codes.KeyPress, self._codes.KeyRelease):
            self._fake(self._display, kind, self._space)
            self._display.flush()
            time.sleep(0.02)


class Participant:
    """Does, at each flip, what the demo asks for; and counts what came of it."""

    def __init__(self, markers: bool) -> None:
        self._hand = Hand()
        self._markers = markers
        self._frame: Any = None
        self._target: Any = None
        self._began_s = self._flipped_s = time.monotonic()
        self.flips = self.asked = self.answered = 0

    def install(self) -> None:
        """See every flip from now on, and every target of PsychoPy's validation."""
        from psychopy.iohub.client.eyetracker.validation import TargetStim
        from psychopy.visual import Window

        flip, draw = Window.flip, TargetStim.draw

        def seen_flip(window: Any, *args: Any, **kwargs: Any) -> Any:
            self._act(window)
            time.sleep(max(0.0, self._flipped_s + PERIOD_S - time.monotonic()))
            self._flipped_s = time.monotonic()
            return flip(window, *args, **kwargs)

        def seen_draw(target: Any) -> None:
            self._target = target
            draw(target)

        Window.flip, TargetStim.draw = seen_flip, seen_draw

    def _act(self, window: Any) -> None:
        if time.monotonic() - self._began_s > LIMIT_S:
            raise TimeoutError(f"the demo did not end within {LIMIT_S:g} s")
        if self._markers and self._frame is None:
            from psychopy_neon.runtime import show_markers

            self._frame = show_markers(window)
        self.flips += 1
        self._hand.point(*self._place(window))
        if self.flips % ASK_EVERY == 0:
            self._ask()

    def _place(self, window: Any) -> tuple[float, float]:
        """Of a region of interest, a validation target, or of a path over the screen."""
        from psychopy import visual
        from psychopy.layout import Position

        for stimulus in window._toDraw:
            if isinstance(stimulus, visual.ROI):
                x, y = Position(stimulus.pos, stimulus.units, window).norm
                return float(x), float(y)
        if self._target is not None:
            stimulus, self._target = self._target.stim[0], None
            x, y = Position(stimulus.pos, stimulus.units, window).norm
            return float(x), float(y)
        share = time.monotonic() % PATH_PERIOD_S / PATH_PERIOD_S
        return 1.2 * abs(2 * share - 1) - 0.6, 0.3

    def _ask(self) -> None:
        from psychopy.iohub.client import ioHubConnection

        hub = ioHubConnection.getActiveConnection()
        tracker = hub and hub.getDevice("tracker")
        if tracker:
            self.asked += 1
            self.answered += isinstance(tracker.getLastGazePosition(), (list, tuple))


def press_now_and_then() -> None:
    """For ever; some demos wait for a key without a flip, so from a thread."""
    hand = Hand()
    while True:
        time.sleep(SPACE_EVERY_S)
        hand.press_space()


def play(script: Path, results: Path, markers: bool) -> int:
    """Run the script in this process until it ends by itself."""
    participant = Participant(markers)
    participant.install()
    threading.Thread(target=press_now_and_then, daemon=True).start()
    os.chdir(script.parent)
    sys.argv = [script.name]
    problem = ""
    try:
        runpy.run_path(str(script), run_name="__main__")
    except SystemExit as ending:
        problem = f"exit code {ending.code}" if ending.code else ""
    except BaseException:
        problem = traceback.format_exc()
    share = participant.answered / max(1, participant.asked)
    seen = {"problem": problem, "flips": participant.flips, "gaze": round(share, 3)}
    results.write_text(json.dumps(seen), "utf-8")
    return int(bool(problem))


def run(name: str, folder: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Prepare and run one demo in a process of its own."""
    demo, folder = DEMOS[name], folder.resolve() / name.replace(" ", "_")
    script = prepare(demo, folder)
    results, log = folder / "results.json", folder / "output.txt"
    options = [str(script), str(results), str(int(not demo.is_builder))]
    began_s = time.monotonic()
    with log.open("w", encoding="utf-8") as output:
        command = [sys.executable, __file__, "--play", *options]
        process = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            process.wait(LIMIT_S + 30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    found = json.loads(results.read_text("utf-8")) if results.exists() else {"problem": "no end"}
    found["seconds"] = round(time.monotonic() - began_s, 1)
    say(
        f"\n| {name} | {demo.path} | {found.get('gaze', 0):.0%} | {found['seconds']} | "
        f"{found['problem'].strip().splitlines()[-1] if found['problem'] else 'reached its end'} |"
    )
    return found


def main() -> int:
    """See the top of this file."""
    if sys.argv[1] == "--play":
        script, results, markers = sys.argv[2:]
        return play(Path(script), Path(results), markers == "1")
    folder, names = Path(sys.argv[1]), sys.argv[2:] or list(DEMOS)
    return int(any(run(name, folder, print)["problem"] for name in names))


if __name__ == "__main__":
    sys.exit(main())
