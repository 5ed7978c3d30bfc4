"""Validation in a Routine of its own; its correction holds for those that follow."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

from psychopy import logging
from psychopy.constants import NOT_STARTED

from psychopy_neon.exceptions import NeonConnectionError, UsageError
from psychopy_neon.runtime.row import DataRow
from psychopy_neon.runtime.tracker import connect
from psychopy_neon.runtime.validation import CORRECT, Correct, validate_gaze
from psychopy_neon.runtime.validation_result import Validation
from psychopy_neon.runtime.validation_targets import SPREAD, target_places
from psychopy_neon.runtime.waiting import say
from psychopy_neon.samples import Point
from psychopy_neon.screen.accuracy import GOOD_DEG
from psychopy_neon.screen.correction import NO_CORRECTION, GazeCorrection
from psychopy_neon.screen.given_numbers import number, number_or_none, whole_number

MEASURES = ("accuracy_deg", "rms_s2s_deg", "sd_deg", "bcea_deg2", "loss")
OF_POINT = ("offset_x_deg", "offset_y_deg", *MEASURES)
OF_ALL = ("worst_deg", "rate_hz", *MEASURES)


class NeonValidate:
    """Validates gaze, in `run`, and corrects what `NeonGaze` gives from then on, if that is wanted.

    Parameters
    ----------
    win : psychopy.visual.Window
    tracker : ioHubDeviceView
        See `connect`, which may block up to 15 s and raise.
    exp : psychopy.data.ExperimentHandler, optional
        Gets the columns below.
    name : str
        Of the object; begins the names of the columns.
    points : {1, 5, 9, 13}
        Number of targets.
    spread : float
        How far from the middle of the window the outer ones are, ``norm`` units.
    limit : float
        Mean error with which the validation is passed, degrees.
    correct : {"never", "on request", "if needed", "always"}
        Whether gaze is corrected, see `validate_gaze`.
    show : float, optional
        How long the result is shown if nobody presses a key, seconds; without it, for ever.
    send_events : bool
        Whether the phone's recording gets an event for each target, such as
        ``neonValidate target 0.7 -0.7``.

    Attributes
    ----------
    result : Validation or None
        All that was found by the last `run`; None before it, and if the phone did not answer.

    Notes
    -----
    Columns, of which those that could not be measured are empty: ``<name>.passed``, ``.verdict``,
    ``.accuracy_deg`` (mean over the targets), ``.worst_deg``, ``.rms_s2s_deg``, ``.sd_deg``,
    ``.bcea_deg2``, ``.loss``, ``.rate_hz``, ``.distance_cm`` (needs PsychoPy's monitor),
    ``.geometry`` (where the angles come from), ``.points``, ``.measured``, ``.rounds``, ``.note``,
    ``.uncorrected_deg``, ``.correction_version`` (0: gaze is not corrected), and the numbers of the
    correction, ``.correction_x_deg`` and ``.correction_y_deg`` (offset) with ``.correction_xx``,
    ``.correction_xy``, ``.correction_yx`` and ``.correction_yy`` (linear part, row by row); the
    journal has it as text for `GazeCorrection.from_json`. For each target, in the order from the
    middle outwards, ``<name>.p1.x``, ``.p1.y`` (``norm``), ``.p1.problem``,
    ``.p1.offset_x_deg``, ``.p1.offset_y_deg`` and its measures as above.
    """

    def __init__(
        self,
        win: Any,
        tracker: Any,
        exp: Any | None = None,
        name: str = "neonValidate",
        points: int = 5,
        spread: float = SPREAD,
        limit: float = GOOD_DEG,
        correct: Correct = "on request",
        show: float | None = None,
        send_events: bool = False,
    ) -> None:
        self.points = whole_number(points, "Number of targets", name)
        self.spread = number(spread, "Spread of the targets", name)
        self.limit = number(limit, "Pass limit (deg)", name)
        self.show = number_or_none(show, "Show the result for (s)", name)
        self._places = target_places(self.points, self.spread)
        if correct not in CORRECT:
            raise UsageError(
                f"correct of {name} is {correct!r}; it must be one of {', '.join(CORRECT)}"
            )
        if not 0 < self.limit < math.inf:
            raise UsageError(f"the limit of {name} is {limit!r}; expected degrees, more than 0")
        self.win = win
        self.tracker = connect(tracker)
        self.exp = exp
        self.name = name
        self.correct: Correct = correct
        self.send_events = bool(send_events)
        self.status = NOT_STARTED
        self.result: Validation | None = None

    @property
    def passed(self) -> bool:
        """Whether the last validation was passed; False before the first, or without a phone."""
        return self.result is not None and self.result.passed

    @property
    def accuracy(self) -> float:
        """Mean error over the targets, degrees; NaN if it was not measured."""
        return self.result.accuracy.accuracy_deg if self.result is not None else math.nan

    @property
    def correction(self) -> GazeCorrection:
        """What gaze is corrected by at present."""
        return self.tracker.correction

    def undo(self) -> None:
        """Give gaze as the glasses measure it from now on."""
        self.tracker.correct_gaze(NO_CORRECTION)

    def run(self) -> Validation | None:
        """Validate, with markers on the screen, until somebody goes on.

        What is found is written into the data file.

        Returns
        -------
        Validation or None
            None if the phone does not answer and the settings say to go on then.

        Raises
        ------
        NeonConnectionError
            If the phone does not answer, and the settings say to stop then.
        """
        self.result = None
        try:
            with self.tracker.flips.suspended():
                self.result = self._validate()
        except NeonConnectionError as error:
            if self.tracker.status().get("if_missing") != "go on":
                raise
            logging.warning(f"psychopy_neon: {self.name} could not validate: {error}")
            DataRow(self.exp).write(f"{self.name}.verdict", "not measured")
            return None
        self._write(self.result)
        self._tell(self.result)
        return self.result

    def _validate(self) -> Validation:
        return validate_gaze(
            self.win,
            self.tracker,
            points=self.points,
            spread=self.spread,
            limit_deg=self.limit,
            correct=self.correct,
            show_s=self.show,
            on_target=self._send if self.send_events else None,
        )

    def _send(self, target: Point, raw_s: float) -> None:
        self.tracker.send_event(f"{self.name} target {target[0]:g} {target[1]:g}", raw_s)

    def _write(self, found: Validation) -> None:
        row, accuracy = DataRow(self.exp), found.accuracy
        self._write_values(
            row,
            "",
            {
                "passed": found.passed,
                "verdict": accuracy.verdict,
                **{measure: getattr(accuracy, measure) for measure in OF_ALL},
                "distance_cm": found.distance_cm,
                "geometry": accuracy.geometry,
                "points": len(accuracy.points),
                "measured": len(accuracy.measured),
                "rounds": found.rounds,
                "note": found.note,
                "uncorrected_deg": found.uncorrected.accuracy_deg,
                "correction_version": found.correction.version,
            },
        )
        self._write_values(row, "correction_", _numbers(found.correction))
        by_place = {point.target: asdict(point) for point in accuracy.points}
        for count, place in enumerate(self._places, start=1):
            point = by_place[place]
            values = {"x": place[0], "y": place[1], "problem": point["problem"]}
            values |= {measure: point[measure] for measure in OF_POINT}
            self._write_values(row, f"p{count}.", values)

    def _write_values(self, row: DataRow, part: str, values: dict[str, Any]) -> None:
        for measure, value in values.items():
            if isinstance(value, float):
                value = round(value, 6) if math.isfinite(value) else ""
            row.write(f"{self.name}.{part}{measure}", value)

    def _tell(self, found: Validation) -> None:
        if found.passed:
            say(f"psychopy_neon: {found}")
        else:
            logging.warning(f"psychopy_neon: {found}")


def _numbers(correction: GazeCorrection) -> dict[str, float]:
    """For columns: PsychoPy's CSV files do not hold texts that contain quotation marks."""
    (xx, xy), (yx, yy) = correction.linear
    x_deg, y_deg = correction.offset_deg
    return {"x_deg": x_deg, "y_deg": y_deg, "xx": xx, "xy": xy, "yx": yx, "yy": yy}
