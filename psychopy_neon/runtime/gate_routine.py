"""A gate in a Routine of its own: what follows begins when the point has been looked at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from psychopy import logging
from psychopy.constants import NOT_STARTED

from psychopy_neon.exceptions import NeonConnectionError
from psychopy_neon.runtime.gate import Gate, checked_place, wait_for_fixation
from psychopy_neon.runtime.row import DataRow
from psychopy_neon.runtime.tracker import connect
from psychopy_neon.samples import Point
from psychopy_neon.screen.gate import FixationGate
from psychopy_neon.screen.given_numbers import number, number_or_none


class NeonGate:
    """Waits, in `run`, until somebody has looked at a point for a while.

    Parameters
    ----------
    win : psychopy.visual.Window
    tracker : ioHubDeviceView
        See `connect`, which may block up to 15 s and raise.
    exp : psychopy.data.ExperimentHandler, optional
        Gets the columns below.
    name : str
        Of the object; begins the names of the columns.
    radius : float
        How far from it gaze may be, degrees.
    hold : float
        How long gaze has to stay there, seconds.
    give_up : float, optional
        Longest wait, seconds; None waits for ever.
    correct_drift : bool
        Whether half of the offset that was found is taken away from gaze from then on.

    Attributes
    ----------
    result : Gate or None
        Of the last `run`.

    Notes
    -----
    Columns: ``<name>.opened``, ``.waited_s``, ``.offset_x_deg`` and ``.offset_y_deg`` (empty if it
    did not open), ``.ended_by`` (empty if it did) and ``.correction_version`` (of gaze from then
    on; 0: it is not corrected).
    """

    def __init__(
        self,
        win: Any,
        tracker: Any,
        exp: Any | None = None,
        name: str = "neonGate",
        radius: float = 2.0,
        hold: float = 0.3,
        give_up: float | None = 10.0,
        correct_drift: bool = False,
    ) -> None:
        self.win = win
        self.tracker = connect(tracker)
        self.exp = exp
        self.name = name
        self.radius = number(radius, "Radius (deg)", name)
        self.hold = number(hold, "Hold (s)", name)
        self.give_up = number_or_none(give_up, "Give up after (s)", name)
        FixationGate(self.radius, self.hold)  # says what is wrong with them now
        self.correct_drift = bool(correct_drift)
        self.status = NOT_STARTED
        self.result: Gate | None = None

    @property
    def opened(self) -> bool:
        """Whether the point was looked at the last time; False before that."""
        return self.result is not None and self.result.opened

    def run(self, place: Sequence[float] = (0.0, 0.0)) -> Gate | None:
        """Show the point, with markers, and wait; what was found goes into the data file.

        Parameters
        ----------
        place : sequence of 2 float
            Of the point, ``norm`` units.

        Returns
        -------
        Gate or None
            None if the phone does not answer and the settings say to go on then.

        Raises
        ------
        UsageError
            If the place is none.
        NeonConnectionError
            If the phone does not answer, and the settings say to stop then.
        """
        self.result = None
        point = checked_place(place, self.name)
        try:
            with self.tracker.flips.suspended():
                self.result = self._wait(point)
        except NeonConnectionError as error:
            if self.tracker.status().get("if_missing") != "go on":
                raise
            logging.warning(f"psychopy_neon: {self.name} could not wait for gaze: {error}")
        self._write(self.result)
        return self.result

    def _wait(self, place: Point) -> Gate:
        return wait_for_fixation(
            self.win,
            self.tracker,
            place=place,
            radius_deg=self.radius,
            hold_s=self.hold,
            give_up_s=self.give_up,
            correct_drift=self.correct_drift,
        )

    def _write(self, found: Gate | None) -> None:
        row = DataRow(self.exp)
        row.write(f"{self.name}.opened", self.opened)
        if found is None:
            return
        row.write(f"{self.name}.waited_s", round(found.waited_s, 4))
        row.write(f"{self.name}.ended_by", found.ended_by)
        row.write(f"{self.name}.correction_version", found.correction.version)
        for axis, value in (("x", found.offset_x_deg), ("y", found.offset_y_deg)):
            written = round(value, 4) if math.isfinite(value) else ""
            row.write(f"{self.name}.offset_{axis}_deg", written)
        if not found.opened:
            logging.warning(f"psychopy_neon: {self.name} did not open: {_reason(found)}")


def _reason(gate: Gate) -> str:
    if gate.ended_by == "time":
        return f"gaze did not stay at the point within {gate.waited_s:.1f} s"
    return f"it was ended by {gate.ended_by}"
