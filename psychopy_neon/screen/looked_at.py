"""Which of several surfaces somebody looks at."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from psychopy_neon.samples import LookedAt, ScreenGaze


def choose(gazes: Mapping[str, ScreenGaze], distance_mm: Callable[[str], float]) -> LookedAt:
    """The surface that gaze rests on: within its edges, and the nearest one if there are two.

    Parameters
    ----------
    gazes : mapping of str to ScreenGaze
        The same sample on each surface.
    distance_mm : callable
        How far away a surface is where gaze meets it; asked only if two or more are hit.

    Returns
    -------
    LookedAt
    """
    hit = [name for name, gaze in gazes.items() if gaze.valid and _beyond(gaze) <= 1]
    if not hit:
        return LookedAt(None, dict(gazes))
    return LookedAt(hit[0] if len(hit) == 1 else min(hit, key=distance_mm), dict(gazes))


def _beyond(gaze: ScreenGaze) -> float:
    return max(abs(gaze.x), abs(gaze.y))
