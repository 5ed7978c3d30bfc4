"""What a validation found."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from psychopy_neon.screen.accuracy import Accuracy
from psychopy_neon.screen.correction import GazeCorrection


@dataclass(frozen=True)
class Validation:
    """What a validation found.

    Attributes
    ----------
    accuracy : Accuracy
        Of gaze as the experiment gets it from now on, by the last round.
    uncorrected : Accuracy
        Of the same samples without any correction.
    limit_deg : float
        The pass limit.
    rounds : int
        How often the targets were shown.
    correction : GazeCorrection
        What gaze is corrected by from now on; its version is 0 if it is not.
    window_height_cm : float
        By PsychoPy's monitor; NaN if that does not know its width.
    note : str
        What else there is to say, such as that a correction was undone; may be empty.
    """

    accuracy: Accuracy
    uncorrected: Accuracy
    limit_deg: float
    rounds: int
    correction: GazeCorrection
    window_height_cm: float
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether most targets were measured, and their mean is within the limit."""
        is_measured = self.accuracy.verdict != "not measured"
        return is_measured and self.accuracy.accuracy_deg <= self.limit_deg

    @property
    def distance_cm(self) -> float:
        """From the glasses to the targets: by pose and monitor; NaN if the latter is unknown."""
        return self.accuracy.distance * self.window_height_cm

    def __str__(self) -> str:
        outcome = "passed" if self.passed else "not passed"
        version = self.correction.version
        corrected = f"; corrected, version {version}" if version else ""
        note = f"; {self.note}" if self.note else ""
        return f"validation {outcome}: {self.accuracy}{corrected}{note}"

    def lines(self) -> list[str]:
        """The same for the screen."""
        found = self.accuracy
        if not found.measured:
            return [
                "NOT MEASURED",
                "No target was looked at for half a second,",
                "or the markers or gaze were not seen.",
            ]
        outcome = "PASSED" if self.passed else "NOT PASSED"
        distance = f", {self.distance_cm:.0f} cm away" if math.isfinite(self.distance_cm) else ""
        lines = [
            f"{outcome}: accuracy {found.accuracy_deg:.2f}° (limit {self.limit_deg:g}°)",
            f"worst {found.worst_deg:.2f}°, {len(found.measured)} of {len(found.points)} targets",
            f"precision {found.rms_s2s_deg:.2f}° RMS-S2S, {found.sd_deg:.2f}° SD",
            f"BCEA {found.bcea_deg2:.2f} deg², data loss {100 * found.loss:.1f} %",
            f"{found.rate_hz:.0f} Hz{distance}",
        ]
        if self.correction.version:
            lines.append(
                f"corrected (version {self.correction.version}); without: "
                f"{self.uncorrected.accuracy_deg:.2f}°"
            )
        return [*lines, self.note] if self.note else lines


def window_height_cm(win: Any) -> float:
    """Height of a window by PsychoPy's monitor; NaN if that does not know its width."""
    monitor = getattr(win, "monitor", None)
    width_cm = monitor.getWidth() if monitor is not None else None
    size_px = monitor.getSizePix() if monitor is not None else None
    if not width_cm or size_px is None or not size_px[0]:
        return math.nan
    # A monitor has PsychoPy's pix, which are points: on a retina screen one is two device pixels.
    height_pix = float(win.size[1]) / (2.0 if win.useRetina else 1.0)
    return height_pix * float(width_cm) / float(size_px[0])
