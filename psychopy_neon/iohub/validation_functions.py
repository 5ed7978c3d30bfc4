"""What validation asks of the glasses; called as the rest of `script_functions`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from psychopy.iohub.errors import print2err

from psychopy_neon.exceptions import NeonError
from psychopy_neon.screen.correction import GazeCorrection

if TYPE_CHECKING:  # neither sockets nor OpenCV in the experiment's process
    from psychopy_neon.client.aim_watcher import AimWatcher
    from psychopy_neon.iohub.glasses import Glasses

AIMED_AT_ONCE = 60  # a reply has to stay below 8 kB


class ValidationFunctions:
    """The part of the device that validates and corrects gaze."""

    _glasses: Glasses
    _aim: AimWatcher | None = None

    def neon_look_at(self, x: float, y: float) -> bool:
        """Watch gaze beside this target from now on; returns at once.

        Parameters
        ----------
        x, y : float
            ``norm`` units of the window.

        Returns
        -------
        bool
            False if the phone has not answered yet or the place makes no sense.
        """
        neon, tracker = self._glasses.neon, self._glasses.window.tracker
        if neon is None or tracker is None or not _is_place(x, y):
            return False
        if self._aim is None:
            from psychopy_neon.client.aim_watcher import AimWatcher

            self._aim = AimWatcher(neon.gaze, tracker)
        self._aim.look_at((float(x), float(y)))
        return True

    def neon_aimed_gaze(self) -> list[list[Any]]:
        """Gaze beside the target, since the last call.

        Returns
        -------
        list of list
            Of the 60 oldest samples at most: time on the phone's Unix clock, ns; azimuth and
            elevation of gaze as the glasses sent it, and of the target, degrees in camera axes;
            distance of the target, window heights; the problem or "". NaN with a problem.
        """
        if self._aim is None:
            return []
        return [
            [each.device_ns, *each.gaze_deg, *each.target_deg, each.distance, each.problem or ""]
            for each in self._aim.aimed(AIMED_AT_ONCE)
        ]

    def neon_set_correction(self, correction: str) -> bool:
        """Correct all gaze on the window from now on: live, settled and in the data file.

        It holds for gaze on all other surfaces as well, since it is in angles of the eyes.
        Raw pixels of the scene camera stay as they are. The journal keeps what was set when.

        Parameters
        ----------
        correction : str
            As `GazeCorrection.to_json` writes it.

        Returns
        -------
        bool
            False if it makes no sense, or if the phone has not answered yet.
        """
        neon, window = self._glasses.neon, self._glasses.window
        try:
            wanted = GazeCorrection.from_json(str(correction))
        except NeonError as error:
            print2err(f"psychopy_neon: {error}")
            return False
        if neon is None or window.tracker is None:
            return False
        window.correct(None if wanted.changes_nothing else wanted)
        neon.note_gaze_correction(wanted.to_json())
        return True


def _is_place(x: Any, y: Any) -> bool:
    is_number = all(isinstance(each, (int, float)) for each in (x, y))
    return is_number and math.isfinite(x) and math.isfinite(y)
