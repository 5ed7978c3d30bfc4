"""Says on the screen, in the log and in the data that nobody wears the glasses."""

from __future__ import annotations

from typing import Any

from psychopy import logging

COLUMN = "neon.glasses"
SIMULATED = "simulated"
TEXT = "simulated glasses"
LOG_TEXT = (
    "psychopy_neon: the glasses are SIMULATED, and nothing is recorded on a phone; gaze follows "
    "the mouse"
)


class SimulatedSign:
    """Shown at the lower edge of the first window it hears of that is open, beside the markers."""

    def __init__(self) -> None:
        self._experiments: list[Any] = []
        self._text: Any = None
        logging.warning(LOG_TEXT)

    def know(self, win: Any, exp: Any) -> None:
        """Take note of a window and a data file; either may be None."""
        if exp is not None and not any(exp is known for known in self._experiments):
            self._experiments.append(exp)
            exp.extraInfo[COLUMN] = SIMULATED
        if win is not None and not self._is_shown:
            from psychopy import visual  # needs a display, which is there if there is a window

            self._text = visual.TextStim(
                win,
                TEXT,
                units="norm",
                pos=(0.5, -0.96),
                height=0.05,
                color="orange",
                autoLog=False,
            )
            self._text.autoDraw = True

    @property
    def _is_shown(self) -> bool:
        return self._text is not None and not getattr(self._text.win, "_closed", False)
