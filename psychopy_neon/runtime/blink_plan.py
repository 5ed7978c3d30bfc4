"""When what blinks for the scene camera has to change."""

from __future__ import annotations

import random

from psychopy_neon.screen.patch_blinking import FRAME_S

_SHORTEST_FRAMES, _LONGEST_FRAMES = 8, 15  # of the camera, between two changes
_GOLDEN = 0.6180339887


class BlinkPlan:
    """When to change the patch: at irregular times, spread over the phases of the camera.

    Irregular, so that only one lag fits; by the golden ratio of the camera's period, so that any
    number of changes is spread evenly. The display's refresh then rounds the times up.

    Parameters
    ----------
    changes : int
        How many.
    seed : int
    """

    def __init__(self, changes: int, seed: int = 0) -> None:
        chance = random.Random(seed)
        frames = 0
        self.times_s: list[float] = []
        for number in range(changes):
            self.times_s.append((frames + number * _GOLDEN % 1.0) * FRAME_S)
            frames += chance.randint(_SHORTEST_FRAMES, _LONGEST_FRAMES)

    @property
    def length_s(self) -> float:
        """From the first to the last change."""
        return self.times_s[-1]
