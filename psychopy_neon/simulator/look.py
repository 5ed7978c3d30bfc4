"""What the wearer's eyes do at one moment; gaze, eye pictures and eye events are made of it."""

from __future__ import annotations

from dataclasses import dataclass

from psychopy_neon.simulator.participant import Norm


@dataclass(frozen=True, slots=True)
class Look:
    """The wearer's eyes at one moment.

    Attributes
    ----------
    device_ns : int
        Phone's Unix clock, a multiple of 5 ms.
    norm : tuple of 2 float
        Looked-at point of the monitor, norm units (-1..1, y up); without noise.
    x, y : float
        Gaze as the glasses report it, scene camera pixels; with noise.
    pupil_mm : float
    openness : float
        Of the lids: 1 is open, 0 shut.
    is_moving : bool or None
        Whether a saccade was under way since the look before; None if only `norm` can tell.
    """

    device_ns: int
    norm: Norm
    x: float
    y: float
    pupil_mm: float = 3.5
    openness: float = 1.0
    is_moving: bool | None = None
