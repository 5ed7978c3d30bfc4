"""How long the scene camera gathers light, as it decides itself or as camera control says."""

from __future__ import annotations

MANUAL_STEP_S = 1e-4  # of the control man_exp: only that fits its range and the picture rate
LONGEST_S = 1 / 30
DISPLAY_GAMMA = 2.2


class Exposure:
    """One camera's; may be changed while it films.

    Parameters
    ----------
    usual_s : float
        What it decides on by itself, seconds.
    """

    def __init__(self, usual_s: float) -> None:
        self._usual_s = self._seconds = usual_s

    @property
    def seconds(self) -> float:
        """How long it is now."""
        return self._seconds

    @property
    def brightness(self) -> float:
        """Factor of grey levels against those with the usual exposure."""
        share: float = (self._seconds / self._usual_s) ** (1 / DISPLAY_GAMMA)
        return share

    def choose_by_itself(self) -> None:
        """Leave it to the camera."""
        self._seconds = self._usual_s

    def set_manually(self, man_exp: int) -> None:
        """Let it be so many tenths of a millisecond; not longer than there is between pictures."""
        self._seconds = min(man_exp * MANUAL_STEP_S, LONGEST_S)
