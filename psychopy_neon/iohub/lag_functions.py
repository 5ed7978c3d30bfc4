"""What a script needs of the glasses to measure the lag of the display."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from psychopy.iohub.errors import print2err

if TYPE_CHECKING:  # neither sockets nor OpenCV in the experiment's process
    from psychopy_neon.iohub.glasses import Glasses

PATCH_LEVELS_AT_ONCE = 200  # a reply has to stay small
PATCH_POINTS = 400


class LagFunctions:
    """The scene camera as a photodiode; `measure_display_lag` uses it."""

    _glasses: Glasses

    def neon_watch_patch(self, points: list[list[float]]) -> bool:
        """Measure how bright a part of the window is in the scene video; returns at once.

        Parameters
        ----------
        points : list of [x, y]
            At most 400 places, ``norm`` units of the window, as ``points`` of the stimulus
            `NeonPatch`.

        Returns
        -------
        bool
            False if the phone has not answered yet or the points make no sense.
        """
        try:
            places = np.array([(float(x), float(y)) for x, y in points])
        except (TypeError, ValueError) as error:
            print2err(f"psychopy_neon: the patch cannot be watched: {error}")
            return False
        makes_sense = 0 < len(places) <= PATCH_POINTS and bool(np.isfinite(places).all())
        return makes_sense and bool(self._glasses.window.watch_patch(places))

    def neon_patch_levels(self, after_device_ns: int) -> list[list[Any]]:
        """What `neon_watch_patch` measured, 200 pictures at most.

        Parameters
        ----------
        after_device_ns : int
            Only pictures later than this, phone's Unix clock, ns.

        Returns
        -------
        list of [int, float]
            Time on the phone's Unix clock, ns, and luma, 0-255, oldest first.
        """
        levels = self._glasses.window.patch_levels(int(after_device_ns), PATCH_LEVELS_AT_ONCE)
        return [[level.device_ns, level.luma] for level in levels]

    def neon_stop_patch(self) -> bool:
        """Measure the patch no longer."""
        self._glasses.window.stop_patch()
        return True

    def neon_device_time(self, raw_s: float) -> list[int]:
        """When something was on the phone's clock, converted as the time of an event.

        Parameters
        ----------
        raw_s : float
            Raw PsychoPy seconds.

        Returns
        -------
        list of int
            Phone's Unix clock and its greatest error, both ns; empty before the clock is known.
        """
        return list(self._glasses.flip_on_phone(float(raw_s)) or ())

    def neon_note_display_lag(self, lag: dict[str, Any]) -> bool:
        """Keep a measurement of the display's lag in the journal, for the timing certificate.

        Parameters
        ----------
        lag : dict
            Attributes of a `DisplayLag`.

        Returns
        -------
        bool
            False if the phone has not answered yet.
        """
        neon = self._glasses.neon
        if neon is not None:
            neon.note_display_lag(lag)
        return neon is not None
