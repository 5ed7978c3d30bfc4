"""How the units of a window compare with its ``norm`` units."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from psychopy import logging
from psychopy.tools.monitorunittools import convertToPix

from psychopy_neon.exceptions import UsageError


def units_per_norm(win: Any) -> tuple[float, float]:
    """How many of a window's units one ``norm`` unit is, (x, y).

    Parameters
    ----------
    win : psychopy.visual.Window

    Returns
    -------
    tuple of 2 float
        (1.0, 1.0) for degFlat and degFlatPos, which are not proportional to pixels.

    Raises
    ------
    UsageError
        If the units need a monitor width or distance that PsychoPy does not know.
    """
    norm_pix = convertToPix(np.zeros(2), np.ones(2), "norm", win)
    unit_pix = _unit_pix(win)
    if unit_pix is None:
        logging.warning(f"NeonMarkers: gaze is in norm units, as {win.units} are uneven")
        return 1.0, 1.0
    x, y = norm_pix / unit_pix
    return float(x), float(y)


def _unit_pix(win: Any) -> npt.NDArray[np.float64] | None:
    try:
        one = convertToPix(np.zeros(2), np.ones(2), win.units, win)
        ten = convertToPix(np.zeros(2), np.full(2, 10.0), win.units, win)
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"the window's units {win.units!r} need a monitor with known width and distance "
            f"(see Monitor Center): {error}"
        ) from error
    proportional = np.allclose(ten, 10.0 * one, rtol=1e-9)
    return np.asarray(one, np.float64) if proportional else None
