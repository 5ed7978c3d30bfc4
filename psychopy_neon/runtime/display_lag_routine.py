"""The display's lag, measured in a Routine of its own, for those that follow."""

from __future__ import annotations

import math
from typing import Any

from psychopy import logging
from psychopy.constants import NOT_STARTED

from psychopy_neon.exceptions import NeonConnectionError, UsageError
from psychopy_neon.runtime.display_lag import CHANGES, BlinkMode, measure_display_lag
from psychopy_neon.runtime.row import DataRow
from psychopy_neon.runtime.tracker import connect
from psychopy_neon.runtime.waiting import say
from psychopy_neon.screen.display_lag import DisplayLag
from psychopy_neon.screen.given_numbers import number_or_none, whole_number

USABLE = ("good", "coarse")


class NeonDisplayLag:
    """Measures once, in `run`, and then offers `lag` to the events of the experiment.

    Parameters
    ----------
    win : psychopy.visual.Window
        Whose lag is measured.
    tracker : ioHubDeviceView
        See `connect`, which may block up to 15 s and raise.
    exp : psychopy.data.ExperimentHandler, optional
        Gets the columns below.
    name : str
        Of the object; begins the names of the columns.
    changes : int
        How often the patch changes, 12 to 600; 60 changes take about 25 s.
    mode : {"patch", "frame"}
        What blinks, see `measure_display_lag`.
    exposure : float, optional
        Exposure time of the scene camera, seconds, if it is known.
    otherwise : float
        What `lag` is before the measurement, and after one that found none, seconds.

    Attributes
    ----------
    result : DisplayLag or None
        All that was found; None before `run`.

    Notes
    -----
    Columns: ``<name>.lag_s`` and ``<name>.uncertainty_s`` (empty if no lag was found),
    ``<name>.verdict``, ``<name>.problem`` (empty if there is none), ``<name>.clock_agrees``,
    ``<name>.changes`` (how many were used) and ``<name>.used_s``, the value of `lag` from then on.
    """

    def __init__(
        self,
        win: Any,
        tracker: Any,
        exp: Any | None = None,
        name: str = "neonDisplayLag",
        changes: int = CHANGES,
        mode: BlinkMode = "patch",
        exposure: float | None = None,
        otherwise: float | None = 0.0,
    ) -> None:
        self.win = win
        self.tracker = connect(tracker)
        self.exp = exp
        self.name = name
        self.changes = whole_number(changes, "Number of changes", name)
        self.mode = mode
        self.exposure = number_or_none(exposure, "Exposure of the camera (s)", name)
        self.otherwise = number_or_none(otherwise, "Lag if none is found (s)", name) or 0.0
        self.status = NOT_STARTED
        self.result: DisplayLag | None = None
        if not math.isfinite(self.otherwise):
            raise UsageError(f"the lag of {name} is {otherwise!r} otherwise; expected seconds")

    @property
    def measured(self) -> bool:
        """Whether a lag was found that can be used."""
        return self.result is not None and self.result.verdict in USABLE

    @property
    def lag(self) -> float:
        """From flip to light, seconds, for ``displayLag`` of `NeonEvent`."""
        found = self.result
        return round(found.lag_s, 6) if found is not None and self.measured else self.otherwise

    @property
    def uncertainty(self) -> float:
        """How far `lag` can be off, seconds; NaN if it was not measured."""
        return self.result.uncertainty_s if self.result is not None and self.measured else math.nan

    def run(self) -> DisplayLag | None:
        """Measure, with markers on the screen; about 25 s, until it is done or Escape is pressed.

        The markers are those of the experiment, if what blinks has room on them, or else the
        default frame.

        What is found is written into the data file, and into the run's journal for the timing
        certificate. A lag that cannot be used is logged as a warning.

        Returns
        -------
        DisplayLag or None
            None if the phone does not answer and the settings say to go on then; `lag` stays.

        Raises
        ------
        UsageError
            If the settings make no sense, or there is no room for the patch.
        NeonConnectionError
            If the phone does not answer, and the settings say to stop then.
        """
        try:
            with self.tracker.flips.suspended():
                self.result = self._measure()
        except NeonConnectionError as error:
            if self.tracker.status().get("if_missing") != "go on":
                raise
            logging.warning(
                f"psychopy_neon: {self.name} could not measure: {error}. "
                f"{self.name}.lag is {self.lag:g} s"
            )
            DataRow(self.exp).write(f"{self.name}.used_s", round(self.lag, 6))
            return None
        self._write(self.result)
        self._tell(self.result)
        return self.result

    def _measure(self) -> DisplayLag:
        return measure_display_lag(
            self.win,
            self.tracker,
            changes=self.changes,
            exposure_s=self.exposure,
            mode=self.mode,
        )

    def _write(self, found: DisplayLag) -> None:
        row = DataRow(self.exp)
        for column, value in (("lag_s", found.lag_s), ("uncertainty_s", found.uncertainty_s)):
            row.write(f"{self.name}.{column}", round(value, 6) if math.isfinite(value) else "")
        row.write(f"{self.name}.verdict", found.verdict)
        row.write(f"{self.name}.problem", found.problem)
        row.write(f"{self.name}.clock_agrees", found.clock_agrees)
        row.write(f"{self.name}.changes", found.changes)
        row.write(f"{self.name}.used_s", round(self.lag, 6))

    def _tell(self, found: DisplayLag) -> None:
        if self.measured:
            say(f"psychopy_neon: {found}")
        else:
            logging.warning(f"psychopy_neon: {found}. {self.name}.lag is {self.otherwise:g} s")
