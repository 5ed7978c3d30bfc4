"""Two surfaces through ioHub: the left half of the drawn monitor as the window, whose markers a
script gives, and its right half as a sheet of printed markers, with `NeonMarkers` and `NeonGaze`.

    python hub_two_surfaces.py FOLDER

Writes what it saw into ``results.json`` of that folder.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from psychopy import core, visual

import psychopy_neon
import psychopy_neon.iohub
from psychopy_neon.runtime import NeonGaze, NeonMarkers
from psychopy_neon.screen.correction import GazeCorrection
from psychopy_neon.screen.markers import Marker, frame_layout
from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions

SIZE_PX = (1280, 720)
HALF_MM = (265.5, 298.6875)
WINDOW = frame_layout(SIZE_PX).markers
LEFT_IDS, RIGHT_IDS = (0, 3, 5, 1), (2, 4, 7, 6)
ON_LEFT, ON_RIGHT = (-0.5, 0.3), (0.4, -0.3)
TIMEOUT_S = 20.0


def half(ids: tuple[int, ...], shift: float) -> list[Marker]:
    """Those tags as the markers of a half of the monitor, in norm units of that half."""
    return [
        Marker(m.tag_id, tuple((2 * x + shift, y) for x, y in m.corners))
        for m in WINDOW
        if m.tag_id in ids
    ]


def as_printed(markers: list[Marker]) -> dict[str, Any]:
    """The same as the file that ``psychopy-neon markers --layout`` writes."""
    width, height = HALF_MM
    tags = []
    for marker in markers:
        (x0, y0), (x1, _), _, _ = marker.corners
        left, top, side = (x0 + 1) * width / 2, (1 - y0) * height / 2, (x1 - x0) * width / 2
        tags.append({"id": marker.tag_id, "left_mm": left, "top_mm": top, "side_mm": side})
    return {"screen_mm": HALF_MM, "tags": tags}


def wait(condition: Callable[[], Any]) -> Any:
    deadline_s = time.perf_counter() + TIMEOUT_S
    while not (found := condition()):
        if time.perf_counter() > deadline_s:
            raise TimeoutError("something that was waited for did not happen")
        core.wait(0.005, hogCPUperiod=0.0)
    return found


def refused(action: Callable[[], object]) -> str:
    try:
        action()
    except psychopy_neon.NeonError as error:
        return f"{type(error).__name__}: {error}"
    return "nothing was refused"


class Session:
    def __init__(self, folder: Path, phone: SimulatedNeon, window: Any) -> None:
        self.folder = folder
        self.phone = phone
        self.window = window
        self.seen: dict[str, Any] = {}

    def run(self, neon: Any) -> None:
        gaze = NeonGaze(
            *(self.window, neon),
            **{"smoothing": "moving average", "smoothing_s": 0.05, "hold_s": 60.0},
            **{"dwell_s": 0.2, "surface": "right"},
        )
        hiding = NeonGaze(self.window, neon, surface="right")
        wait(lambda: gaze.screen.device_ns is None and self.flipped(gaze).problem == "no screen")
        self.give(neon)
        neon.recording.start()
        self.look_around(neon)
        self.choose(gaze)
        self.correct(neon)
        self.refuse(neon)
        self.lose(neon, gaze, hiding)
        neon.recording.stop_and_save()

    def flipped(self, gaze: NeonGaze) -> Any:
        self.window.flip()
        return gaze.screen

    def give(self, neon: Any) -> None:
        path = self.folder / "right.json"
        path.write_text(json.dumps(as_printed(half(RIGHT_IDS, -1.0))), "utf-8")
        self.left = neon.track_screen(half(LEFT_IDS, 1.0))
        NeonMarkers(self.window, neon, surface="right", printed=str(path), shown=False)
        self.right = neon.screens["right"]
        self.seen["names"] = [self.left.name, *neon.screens]

    def look_around(self, neon: Any) -> None:
        for name, (x, y) in (("screen", ON_LEFT), ("right", ON_RIGHT)):
            self.phone.look_at(x, y)
            wait(lambda x=x, y=y: near(self.left.latest(), 2 * x + 1, y))
            wait(lambda x=x, y=y: near(self.right.latest(), 2 * x - 1, y))
            wait(lambda name=name: neon.neon_tracker.looked_at().name == name)
            newest = wait(lambda: looked(neon, neon.gaze.latest()))
            earlier = wait(lambda: looked(neon, neon.gaze.read(1.0)))
            self.seen[f"looked_at {name}"] = [newest.name, sorted(newest.on), sorted(earlier.on)]
        ages = wait(lambda: in_step(neon))
        self.seen["one_sample"] = len(ages)

    def choose(self, gaze: NeonGaze) -> None:
        """On the sheet as on a window that would fill it."""
        x, y = 2 * ON_RIGHT[0] - 1, ON_RIGHT[1]
        place = (x * SIZE_PX[0] / SIZE_PX[1] / 2, y / 2)
        target = visual.Circle(self.window, radius=0.12, pos=place, name="there")
        gaze.setDwellOn([target])
        gaze.start()
        wait(lambda: (gaze.watch(), self.window.flip(), gaze.selected)[-1] is target)
        self.seen["place"], self.seen["pos"] = place, gaze.pos
        self.seen["rests_here"] = bool(wait(lambda: gaze.rests_here))
        self.seen["delay"] = wait(lambda: (self.flipped(gaze).valid and gaze.delay) or None)
        gaze.stop()

    def correct(self, neon: Any) -> None:
        before = wait(lambda: valid(self.right.latest())).x
        self.left.correction = GazeCorrection(offset_deg=(2.0, 0.0), version=1)
        self.seen["shift"] = wait(lambda: moved(self.right.latest(), before)) - before
        self.left.correction = None

    def refuse(self, neon: Any) -> None:
        self.seen["twice"] = refused(lambda: NeonMarkers(self.window, neon, surface="beamer"))
        name = "\N{LATIN CAPITAL LETTER U WITH DIAERESIS}ber"
        self.seen["bad_name"] = refused(lambda: NeonGaze(self.window, neon, surface=name))
        self.seen["stop_window"] = refused(self.left.stop)
        self.seen["bad_height"] = refused(
            lambda: neon.track_screen(frame_layout(SIZE_PX, first_id=100).markers, height_mm=0.0)
        )
        self.seen["still"] = list(neon.screens)

    def lose(self, neon: Any, gaze: NeonGaze, hiding: NeonGaze) -> None:
        wait(lambda: self.flipped(gaze).valid and hiding.screen.valid and gaze.shown)
        frames = self.right.frames
        wait(lambda: self.right.frames > frames and self.left.frames_skipped >= 0)
        self.right.stop()
        self.seen["joined"] = self.right.join(1.0)
        wait(lambda: self.flipped(gaze).problem == "no screen" and gaze.held)
        self.seen["held"] = [gaze.shown, gaze.valid, gaze.pos]
        wait(lambda: self.flipped(hiding).problem == "no screen")
        self.seen["hidden"] = [hiding.shown, hiding.pos[0] < -5]
        wait(lambda: valid(self.left.latest()))
        self.seen["left_over"] = list(neon.screens)


def looked(neon: Any, gaze: Any) -> Any:
    seen = neon.looked_at(gaze, 0)
    return seen if seen.on and seen.name is not None else None


def in_step(neon: Any) -> Any:
    """Boards of all surfaces have the same sample, as a rule."""
    times = {on.device_ns for on in neon.neon_tracker.looked_at().on.values()}
    return times if len(times) == 1 else None


def near(gaze: Any, x: float, y: float) -> bool:
    return bool(gaze.valid and abs(gaze.x - x) < 0.05 and abs(gaze.y - y) < 0.03)


def valid(gaze: Any) -> Any:
    return gaze if gaze.valid else None


def moved(gaze: Any, x: float) -> Any:
    return gaze.x if gaze.valid and abs(gaze.x - x) > 0.08 else None


def end(seen: dict[str, Any], phone: SimulatedNeon) -> None:
    """Nobody answers an event; whoever closes is not kept waiting for longer than he said."""
    other = psychopy_neon.iohub.connect()
    phone.close()
    other.send_event("to nobody")
    began_s = time.perf_counter()
    other.close(0.2)
    seen["closing_took_s"] = time.perf_counter() - began_s


def main(folder: Path) -> None:
    port = json.loads((folder / "choices.json").read_text("utf-8"))["udp_port"]
    os.chdir(folder)
    window = visual.Window(SIZE_PX, units="height", fullscr=False, checkTiming=False)
    with SimulatedNeon(SimulatorOptions(head_moves=False)) as phone:
        assert phone.scene is not None and phone.scene.wait_until_drawn(30.0)
        session = Session(folder, phone, window)
        chosen = {"window": window, "udp_port": port, "datastore_name": str(folder / "run")}
        chosen |= {"journal": "run_neon_events.jsonl"}
        chosen |= {"max_gaze_age_s": 3.0, "max_pose_age_s": 3.0}
        address = f"{phone.address}:{phone.port}"
        with psychopy_neon.iohub.connect(address, **chosen) as neon:
            session.run(neon)
            end(session.seen, phone)
    window.close()
    (folder / "results.json").write_text(json.dumps(session.seen), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
