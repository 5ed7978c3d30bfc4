"""Fixations, saccades and blinks as rows of PsychoPy's classes."""

from __future__ import annotations

import math
from typing import Any

from psychopy.iohub.constants import EyeTrackerConstants
from psychopy.iohub.devices.eyetracker import (
    BlinkEndEvent,
    BlinkStartEvent,
    FixationEndEvent,
    FixationStartEvent,
    SaccadeEndEvent,
    SaccadeStartEvent,
)

from psychopy_neon.iohub.event_rows import MISSING, NAN, Row, row_of, status_of
from psychopy_neon.iohub.event_times import EventClock
from psychopy_neon.iohub.gaze_trail import GazeTrail
from psychopy_neon.samples import EyeEvent, Point

STARTS: dict[str, Any] = {"fixation": FixationStartEvent, "saccade": SaccadeStartEvent}
SAME_START_NS = 1_000_000
BOTH_EYES = EyeTrackerConstants.BINOCULAR_AVERAGED


class MovementRows:
    """Makes one start and one end of each fixation, saccade and blink.

    The phone tells the onset of a fixation or saccade when it begins, and all of it when it is
    over. Where the onset did not come, the start is reported together with the end.

    Parameters
    ----------
    trail : GazeTrail
        Where gaze was meanwhile.
    """

    def __init__(self, trail: GazeTrail) -> None:
        self._trail = trail
        self._started_ns: dict[str, int] = {}

    def rows(
        self, event: EyeEvent, start_ns: int, end_ns: int | None, clock: EventClock
    ) -> list[Row]:
        """Rows of one packet.

        Parameters
        ----------
        event : EyeEvent
        start_ns, end_ns : int
            On the phone's Unix clock; no end for onsets.
        clock : EventClock
        """
        kind = event.kind.removesuffix("_onset")
        if kind == "blink":
            return _blink_rows(start_ns, start_ns if end_ns is None else end_ns, clock)
        rows = []
        if abs(self._started_ns.get(kind, 0) - start_ns) > SAME_START_NS:
            self._started_ns[kind] = start_ns
            rows.append(self._start_row(kind, start_ns, clock))
        if end_ns is not None:
            end_row = self._fixation_end if kind == "fixation" else self._saccade_end
            rows.append(end_row(event, start_ns, end_ns, clock))
        return rows

    def _start_row(self, kind: str, start_ns: int, clock: EventClock) -> Row:
        place = self._trail.at(start_ns)
        values = {
            "eye": BOTH_EYES,
            "gaze_x": place.point[0],
            "gaze_y": place.point[1],
            "raw_x": place.raw_px[0],
            "raw_y": place.raw_px[1],
            "status": status_of(place.point),
        }
        return row_of(STARTS[kind], clock.at(start_ns), values, NAN)

    def _fixation_end(self, event: EyeEvent, start_ns: int, end_ns: int, clock: EventClock) -> Row:
        mean = self._trail.mean(start_ns, end_ns)
        values = self._between(event, start_ns, end_ns)
        values.update(average_gaze_x=mean[0], average_gaze_y=mean[1], status=status_of(mean))
        if event.movement is not None:
            raw_x, raw_y = event.movement.mean_px
            values.update(average_raw_x=raw_x, average_raw_y=raw_y)
        return row_of(FixationEndEvent, clock.at(end_ns), values, NAN)

    def _saccade_end(self, event: EyeEvent, start_ns: int, end_ns: int, clock: EventClock) -> Row:
        values = self._between(event, start_ns, end_ns)
        dx = values["end_gaze_x"] - values["start_gaze_x"]
        dy = values["end_gaze_y"] - values["start_gaze_y"]
        values.update(angle=math.degrees(math.atan2(dy, dx)), status=status_of((dx, dy)))
        return row_of(SaccadeEndEvent, clock.at(end_ns), values, NAN)

    def _between(self, event: EyeEvent, start_ns: int, end_ns: int) -> dict[str, Any]:
        """Fields that the ends of fixations and saccades share."""
        values: dict[str, Any] = {"eye": BOTH_EYES, "duration": (end_ns - start_ns) / 1e9}
        for name, device_ns in (("start", start_ns), ("end", end_ns)):
            place = self._trail.at(device_ns)
            raw_px: Point = place.raw_px
            if event.movement is not None:
                raw_px = getattr(event.movement, f"{name}_px")
            values[f"{name}_gaze_x"], values[f"{name}_gaze_y"] = place.point
            values[f"{name}_raw_x"], values[f"{name}_raw_y"] = raw_px
        return values


def _blink_rows(start_ns: int, end_ns: int, clock: EventClock) -> list[Row]:
    values = {"eye": EyeTrackerConstants.BINOCULAR, "status": MISSING}
    end_values = {**values, "duration": (end_ns - start_ns) / 1e9}
    return [
        row_of(BlinkStartEvent, clock.at(start_ns), values, NAN),
        row_of(BlinkEndEvent, clock.at(end_ns), end_values, NAN),
    ]
