"""One pass through the targets of a validation: shows them, and collects gaze meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from psychopy import event

from psychopy_neon.runtime.aim_source import AimSource
from psychopy_neon.runtime.flip_watch import flip_raw_s
from psychopy_neon.runtime.validation_targets import ShrinkingTarget
from psychopy_neon.samples import Point
from psychopy_neon.screen.accuracy import Accuracy, PointAccuracy, measure_point, summarise
from psychopy_neon.screen.aiming import AimedGaze
from psychopy_neon.screen.correction import NO_CORRECTION, GazeCorrection
from psychopy_neon.screen.fixation_window import SEARCH_S, SETTLE_S

POINT_S = SETTLE_S + SEARCH_S
LATE_S = 0.4  # longest wait for samples of the fixation that are still on their way
POLL_S = 0.1
_YIELD_S = 0.001  # per frame: flips of some windows do not wait
_NS_PER_S = 1e9

OnTarget = Callable[[Point, float], Any]


@dataclass(frozen=True)
class Fixated:
    """Gaze while one target was shown.

    Attributes
    ----------
    target : tuple of 2 float
        ``norm`` units.
    onset_device_ns : int
        Its flip on the phone's Unix clock, ns; 0 if unknown.
    gaze : list of AimedGaze
    """

    target: Point
    onset_device_ns: int
    gaze: list[AimedGaze] = field(default_factory=list)

    def accuracy(self, correction: GazeCorrection = NO_CORRECTION) -> PointAccuracy:
        """How good gaze was, had it been corrected so."""
        if not self.gaze or not self.onset_device_ns:
            return PointAccuracy(self.target, "no gaze", loss=1.0)
        gaze = sorted(self.gaze, key=lambda each: each.device_ns)
        times = [(each.device_ns - self.onset_device_ns) / _NS_PER_S for each in gaze]
        distances = [each.distance for each in gaze if each.problem is None]
        return measure_point(
            self.target,
            times,
            correction.apply([each.gaze_deg for each in gaze]),
            [each.target_deg for each in gaze],
            distance=float(np.median(distances)) if distances else float("nan"),
        )


def accuracy_of(fixated: Sequence[Fixated], correction: GazeCorrection = NO_CORRECTION) -> Accuracy:
    """How good gaze was on all targets, had it been corrected so; angles come from the pose."""
    return summarise([each.accuracy(correction) for each in fixated])


class ValidationRound:
    """Shows targets one after another.

    Parameters
    ----------
    win : psychopy.visual.Window
    source : AimSource
    on_target : callable, optional
        Called soon after the flip that showed a target with its place, ``norm`` units, and the
        flip's time in raw PsychoPy seconds.

    Attributes
    ----------
    ended_by : str
        What ended it early: "Escape", "closing the window"; empty otherwise.
    """

    def __init__(self, win: Any, source: AimSource, on_target: OnTarget | None = None) -> None:
        self.ended_by = ""
        self._win = win
        self._source = source
        self._on_target = on_target
        self._stimulus = ShrinkingTarget(win)

    def run(self, targets: Sequence[Point]) -> list[Fixated]:
        """Show all targets, and those once more on which gaze could not be measured.

        Returns
        -------
        list of Fixated
            In the order of `targets`; those that were not shown have no gaze.
        """
        self.ended_by = ""
        event.clearEvents("keyboard")
        found = {target: self._show(target) for target in targets}
        for target in targets:
            if not self.ended_by and found[target].accuracy().problem:
                found[target] = self._show(target)
        return list(found.values())

    def _show(self, target: Point) -> Fixated:
        if self.ended_by:
            return Fixated(target, 0)
        self._source.look_at(target)
        self._stimulus.draw(target, 0.0)
        self._win.flip()
        onset_s = flip_raw_s(self._win)
        fixated = Fixated(target, self._source.device_ns(onset_s))
        if self._on_target is not None:
            self._on_target(target, onset_s)
        self._watch(fixated)
        return fixated

    def _watch(self, fixated: Fixated) -> None:
        began_s = polled_s = time.perf_counter()
        while not self.ended_by:
            since_s = time.perf_counter() - began_s
            if since_s - (polled_s - began_s) >= POLL_S:
                polled_s = began_s + since_s
                fixated.gaze.extend(self._source.aimed())
            if since_s > POINT_S + LATE_S or (since_s > POINT_S and _is_complete(fixated)):
                return
            self._stimulus.draw(fixated.target, since_s / SETTLE_S)
            self._win.flip()
            time.sleep(_YIELD_S)
            self._look_for_an_end()

    def _look_for_an_end(self) -> None:
        if getattr(self._win, "_closed", False):
            self.ended_by = "closing the window"
        elif event.getKeys(["escape"]):
            self.ended_by = "Escape"


def _is_complete(fixated: Fixated) -> bool:
    if not fixated.gaze:
        return False
    return fixated.gaze[-1].device_ns - fixated.onset_device_ns >= POINT_S * _NS_PER_S
