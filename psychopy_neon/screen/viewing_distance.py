"""Whether somebody sits at another distance than at first."""

from __future__ import annotations

from collections import deque

import numpy as np

from psychopy_neon.screen.pose import ScreenPose

POSES = 30
"""As many have to agree, about a second of pictures, so that leaning over to drink is no change."""


class ViewingDistance:
    """Compares the distance of the window now with that at the beginning.

    The beginning is the first second of poses, and again the first second after gaze was corrected:
    a correction holds for the distance that it was made at. One thread calls `take` and `forget`;
    any may read `change`.
    """

    def __init__(self) -> None:
        self._recent: deque[float] = deque(maxlen=POSES)
        self._first: float | None = None
        self._correction: object = None

    def take(self, pose: ScreenPose, correction: object = None) -> None:
        """Take the next pose.

        Parameters
        ----------
        pose : ScreenPose
        correction : object
            Of gaze, at that time; another one is another beginning.
        """
        if correction is not self._correction:
            self.forget()
            self._correction = correction
        self._recent.append(float(np.linalg.norm(pose.translation)))
        if self._first is None and len(self._recent) == POSES:
            self._first = float(np.median(self._recent))

    def forget(self) -> None:
        """Begin anew, as for another window."""
        self._first = None
        self._recent.clear()

    @property
    def change(self) -> float | None:
        """By how much it has changed: 0.25 is a quarter farther away; None before it is known."""
        first, recent = self._first, list(self._recent)
        if first is None or len(recent) < POSES:
            return None
        return float(np.median(recent)) / first - 1.0
