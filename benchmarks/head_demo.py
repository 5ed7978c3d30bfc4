"""Films a window whose dot follows gaze while the head turns: by ours, and by newest detection.

    python benchmarks/head_demo.py

All is the simulator's own: the monitor, the head that turns to and fro, its scene pictures and
gyroscope. The wearer looks at the cross, which jumps once a second, and gaze is exact, so that a
dot beside the cross is an error of mapping alone. Pictures reach us 50 ms after gaze of the same
moment, the gyroscope 10 ms. Time is simulated: the film is the same on every computer.

Writes ``benchmarks/results/head_demo.webp``, a film of four seconds, and ``head_demo.jpg``, four
moments of it.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]

from psychopy_neon.screen.camera import SceneCamera  # noqa: E402
from psychopy_neon.screen.detector import MarkerDetector  # noqa: E402
from psychopy_neon.screen.expected_markers import expected_markers  # noqa: E402
from psychopy_neon.screen.head_motion import HeadMotion  # noqa: E402
from psychopy_neon.screen.markers import frame_layout, paint_markers  # noqa: E402
from psychopy_neon.screen.pose import ScreenPose, estimate_pose  # noqa: E402
from psychopy_neon.screen.surface import Surface  # noqa: E402
from psychopy_neon.simulator.head import Head  # noqa: E402
from psychopy_neon.simulator.imu_sensor import motion_of  # noqa: E402
from psychopy_neon.simulator.monitor import Monitor  # noqa: E402
from psychopy_neon.simulator.scene_renderer import SceneRenderer  # noqa: E402
from psychopy_neon.simulator.scene_view import SceneView  # noqa: E402

Picture = npt.NDArray[np.uint8]
Point = tuple[float, float]
Colour = tuple[int, int, int]

SIZE_PX, WIDTH_MM, DISTANCE_MM, TURN_DEG = (1280, 720), 531.0, 600.0, 14.0
MS = 1_000_000
PICTURE_NS, GYRO_NS, SHOWN_NS = 33_333_333, 9_090_909, 66_666_667
PICTURES_LATE_NS, GYRO_LATE_NS = 50 * MS, 10 * MS
BEGIN_NS, END_NS = 2_000 * MS, 6_000 * MS  # before it the gyroscope's alignment is learnt
TARGETS: tuple[Point, ...] = ((-0.45, 0.35), (0.5, 0.1), (-0.1, -0.45), (0.35, 0.5))
OURS, NEWEST, TRUE, INK = (30, 110, 200), (215, 70, 30), (20, 150, 60), (40, 40, 40)
PANEL_PX, GAP_PX, TITLE_PX = (368, 207), 8, 26
HIGHEST_DEG = 5.0
STRIP_AT = (0.22, 0.47, 0.72, 0.97)


@dataclass(frozen=True)
class Moment:
    """What is shown at one flip: where the dots are, norm units, and their errors, degrees."""

    device_ns: int
    target: Point
    ours: Point
    newest: Point
    errors_deg: tuple[float, float]


class Stage:
    """The simulated wearer in front of the monitor, and what is known of them so far."""

    def __init__(self) -> None:
        monitor = Monitor(SIZE_PX, WIDTH_MM)
        self.view = SceneView(SceneCamera.typical(), Head(DISTANCE_MM, True, TURN_DEG), monitor)
        pictures = list(range(BEGIN_NS - 1_500 * MS, END_NS, PICTURE_NS))
        self.renderer = SceneRenderer(self.view, pictures[:60])
        self.surface = Surface.from_markers(frame_layout(SIZE_PX).markers)
        self._motion, self._detector = HeadMotion(), MarkerDetector(self.surface.tag_ids)
        gyro = range(pictures[0], END_NS, GYRO_NS)
        self._coming = sorted(
            [(moment + PICTURES_LATE_NS, "picture", moment) for moment in pictures]
            + [(moment + GYRO_LATE_NS, "gyro", moment) for moment in gyro]
        )

    def at(self, now_ns: int, target: Point) -> Moment:
        """Map the gaze of this moment by what has arrived by now."""
        while self._coming and self._coming[0][0] <= now_ns:
            _, kind, moment = self._coming.pop(0)
            self._take_picture(moment) if kind == "picture" else self._take_gyro(moment)
        gaze = self.view.camera.undistort([self.view.scene_px(target, now_ns)])
        placed, newest = self._motion.at(now_ns), self._motion.history.newest
        assert placed is not None and newest is not None
        ours, old = _on(placed.pose, gaze), _on(newest, gaze)
        return Moment(now_ns, target, ours, old, (_apart(ours, target), _apart(old, target)))

    def _take_gyro(self, moment: int) -> None:
        self._motion.take_gyro(moment, motion_of(self.view.head, moment).rotation_deg_s)

    def _take_picture(self, moment: int) -> None:
        placed = self._motion.at(moment)
        expected = expected_markers(placed.pose, self.surface, self.view.camera) if placed else None
        found = self._detector.detect(self.renderer.picture(moment), expected)
        pose = estimate_pose(found, self.surface, self.view.camera, moment)
        if pose is not None:
            self._motion.take_pose(pose)
            self._motion.compare()


def _on(pose: ScreenPose, gaze: npt.NDArray[np.float64]) -> Point:
    x, y = pose.norm_from_rays(gaze)[0].tolist()
    return x, y


def _apart(place: Point, target: Point) -> float:
    across, down = (place[0] - target[0]) * 16 / 9, place[1] - target[1]
    return math.degrees(math.atan(math.hypot(across, down) * WIDTH_MM * 9 / 32 / DISTANCE_MM))


class Film:
    """Draws the moments."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._moments: list[Moment] = []
        empty = np.full((SIZE_PX[1], SIZE_PX[0]), 150, np.uint8)
        paint_markers(empty, frame_layout(SIZE_PX))
        small = cv2.resize(empty, PANEL_PX, interpolation=cv2.INTER_AREA)
        self._window = cv2.cvtColor(small, cv2.COLOR_GRAY2RGB)

    def frame(self, moment: Moment) -> Picture:
        """Both windows, what the scene camera sees, and the errors so far."""
        self._moments.append(moment)
        ours, newest = (np.array([each.errors_deg[n] for each in self._moments]) for n in (0, 1))
        panels = (
            (f"ours, live: off by {ours[-1]:.2f} deg", self._shown(moment, moment.ours, OURS)),
            (f"newest picture: {newest[-1]:.2f} deg", self._shown(moment, moment.newest, NEWEST)),
            ("scene camera", self._scene(moment)),
            ("error, degrees", self._errors(ours, newest)),
        )
        width, height = PANEL_PX
        size = (2 * (height + TITLE_PX) + GAP_PX, 2 * width + 3 * GAP_PX, 3)
        frame = np.full(size, 255, np.uint8)
        for number, (title, panel) in enumerate(panels):
            left = GAP_PX + (number % 2) * (width + GAP_PX)
            top = (number // 2) * (height + TITLE_PX)
            _write(frame, title, (left, top + 19), INK)
            frame[top + TITLE_PX : top + TITLE_PX + height, left : left + width] = panel
        return frame

    def _shown(self, moment: Moment, dot: Point, colour: Colour) -> Picture:
        panel = self._window.copy()
        cv2.drawMarker(panel, _pixel(moment.target), INK, cv2.MARKER_CROSS, 16, 2, cv2.LINE_AA)
        cv2.circle(panel, _pixel(dot), 7, colour, 2, cv2.LINE_AA)
        return panel

    def _scene(self, moment: Moment) -> Picture:
        view, picture = self._stage.view, self._stage.renderer.picture(moment.device_ns)
        scene = cv2.cvtColor(picture[185:1010, 67:1533], cv2.COLOR_GRAY2RGB)
        x, y = view.scene_px(moment.target, moment.device_ns)
        place = round(x) - 67, round(y) - 185
        cv2.circle(scene, place, 24, TRUE, 7, cv2.LINE_AA)
        return np.asarray(cv2.resize(scene, PANEL_PX, interpolation=cv2.INTER_AREA), np.uint8)

    def _errors(self, ours: npt.NDArray[np.float64], newest: npt.NDArray[np.float64]) -> Picture:
        width, height = PANEL_PX
        panel = np.full((height, width, 3), 250, np.uint8)
        for level in range(1, int(HIGHEST_DEG)):
            y = _height(level)
            cv2.line(panel, (22, y), (width, y), (222, 222, 222), 1)
            _write(panel, str(level), (6, y + 5), (120, 120, 120))
        count = (END_NS - BEGIN_NS) // SHOWN_NS
        for errors, colour in ((newest, NEWEST), (ours, OURS)):
            x = 22 + np.arange(len(errors)) * (width - 24) / count
            y = [_height(error) for error in errors]
            line = np.column_stack([x, y]).round().astype(np.int32)
            cv2.polylines(panel, [line], False, colour, 2, cv2.LINE_AA)
        return panel


def _height(error_deg: float) -> int:
    return round((PANEL_PX[1] - 4) * (1 - min(error_deg, HIGHEST_DEG) / HIGHEST_DEG))


def _pixel(norm: Point) -> tuple[int, int]:
    width, height = PANEL_PX
    return round((norm[0] + 1) / 2 * width), round((1 - norm[1]) / 2 * height)


def _write(picture: Picture, text: str, place: tuple[int, int], colour: Colour) -> None:
    cv2.putText(picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, 1, cv2.LINE_AA)


def main() -> None:
    stage = Stage()
    film, frames, moments = Film(stage), [], []
    for now_ns in range(BEGIN_NS, END_NS, SHOWN_NS):
        target = TARGETS[(now_ns - BEGIN_NS) * len(TARGETS) // (END_NS - BEGIN_NS)]
        moments.append(stage.at(now_ns, target))
        frames.append(film.frame(moments[-1]))
    results = HERE / "results"
    pictures = [Image.fromarray(frame) for frame in frames]
    pictures[0].save(
        results / "head_demo.webp",
        save_all=True,
        append_images=pictures[1:],
        duration=SHOWN_NS // MS,
        loop=0,
        quality=45,
        method=6,
    )
    chosen = [frames[int(share * len(frames))] for share in STRIP_AT]
    strip = np.vstack([np.hstack(chosen[:2]), np.hstack(chosen[2:])])
    Image.fromarray(strip).save(results / "head_demo.jpg", quality=75)
    ours, newest = (np.median([each.errors_deg[n] for each in moments]) for n in (0, 1))
    print(f"median error: ours {ours:.2f} degrees, by the newest picture {newest:.2f}")


if __name__ == "__main__":
    main()
