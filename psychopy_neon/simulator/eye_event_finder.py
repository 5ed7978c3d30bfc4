"""Finds fixations, saccades and blinks in what the wearer's eyes do.

Like the phone, it knows an event's end only when it is over, starts and ends on gaze sample
times, and calls everything between two fixations a saccade.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from psychopy_neon.samples import EyeEvent, EyeEventKind, EyeMovement, Point
from psychopy_neon.simulator.look import Look

AngleDeg = Callable[[Point, Point], float]
"""Angle between two points of the scene picture, degrees."""

MOVING_NORM_PER_S = 0.2  # about 5 degrees a second in front of the default monitor
LONGEST_GAP_NS = 100_000_000  # longer between two looks, the clock was stepped or we slept


@dataclass
class _Movement:
    """A fixation or saccade under way; sums instead of samples, as it may last for hours."""

    kind: EyeEventKind
    start_ns: int
    start_px: Point
    last_ns: int
    last_px: Point
    count: int = 1
    sum_px: list[float] = field(default_factory=lambda: [0.0, 0.0])
    path_px: float = 0.0
    fastest_px_s: float = 0.0

    def go_on(self, device_ns: int, px: Point) -> None:
        step_px = math.dist(self.last_px, px)
        self.path_px += step_px
        self.fastest_px_s = max(self.fastest_px_s, step_px * 1e9 / (device_ns - self.last_ns))
        self.sum_px[0] += px[0]
        self.sum_px[1] += px[1]
        self.count += 1
        self.last_ns, self.last_px = device_ns, px


class EyeEventFinder:
    """Takes looks in order of time; returns the events that each of them reveals.

    Parameters
    ----------
    angle_deg : callable
        Angle between two points of the scene picture.
    """

    def __init__(self, angle_deg: AngleDeg) -> None:
        self._angle_deg = angle_deg
        self._previous: Look | None = None
        self._movement: _Movement | None = None
        self._shut_since_ns: int | None = None

    def push(self, look: Look) -> list[EyeEvent]:
        """Events that are over, or have begun, by the time of this look."""
        previous, self._previous = self._previous, look
        if previous is None or not 0 < look.device_ns - previous.device_ns <= LONGEST_GAP_NS:
            self._movement = _begun("fixation", look)
            self._shut_since_ns = None
            return []
        return [*self._blinks(previous, look), *self._movements(previous, look)]

    def _movements(self, previous: Look, look: Look) -> list[EyeEvent]:
        movement = self._movement
        assert movement is not None
        kind: EyeEventKind = "saccade" if _is_moving(previous, look) else "fixation"
        found: list[EyeEvent] = []
        if kind != movement.kind:
            found = [self._finished(movement), _onset(kind, previous.device_ns)]
            movement = self._movement = _begun(kind, previous)
        movement.go_on(look.device_ns, (look.x, look.y))
        return found

    def _blinks(self, previous: Look, look: Look) -> list[EyeEvent]:
        if look.openness < 1 and self._shut_since_ns is None:
            self._shut_since_ns = previous.device_ns
        if look.openness < 1 or self._shut_since_ns is None:
            return []
        start_ns, self._shut_since_ns = self._shut_since_ns, None
        return [EyeEvent("blink", start_ns, 0, start_ns, look.device_ns)]

    def _finished(self, movement: _Movement) -> EyeEvent:
        duration_s = max(1, movement.last_ns - movement.start_ns) * 1e-9
        start_px, end_px = movement.start_px, movement.last_px
        summary = EyeMovement(
            start_px,
            end_px,
            (movement.sum_px[0] / movement.count, movement.sum_px[1] / movement.count),
            math.dist(start_px, end_px),
            self._angle_deg(start_px, end_px),
            movement.path_px / duration_s,
            movement.fastest_px_s,
        )
        end_ns = movement.last_ns
        return EyeEvent(movement.kind, end_ns, 0, movement.start_ns, end_ns, summary)


def _is_moving(previous: Look, look: Look) -> bool:
    if look.is_moving is not None:
        return look.is_moving
    elapsed_s = (look.device_ns - previous.device_ns) * 1e-9
    return math.dist(previous.norm, look.norm) > MOVING_NORM_PER_S * elapsed_s


def _begun(kind: EyeEventKind, look: Look) -> _Movement:
    px = look.x, look.y
    return _Movement(kind, look.device_ns, px, look.device_ns, px, 1, [look.x, look.y])


def _onset(kind: EyeEventKind, device_ns: int) -> EyeEvent:
    onset: EyeEventKind = "saccade_onset" if kind == "saccade" else "fixation_onset"
    return EyeEvent(onset, device_ns, 0, device_ns)
