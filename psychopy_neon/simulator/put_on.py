"""Puts the glasses on the nose that the options ask for."""

from __future__ import annotations

from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.glasses import Glasses, glasses_of_participant
from psychopy_neon.simulator.options import SimulatorOptions
from psychopy_neon.simulator.replay.glasses import glasses_of_recording
from psychopy_neon.simulator.truth import TruthLog


def put_on_glasses(options: SimulatorOptions, clock: SimulatedClock, truth: TruthLog) -> Glasses:
    """Glasses on the virtual participant's nose, or on that of a recording's wearer.

    Raises
    ------
    UsageError
        If the mouse or the recording cannot be read.
    """
    if options.replay is not None:
        return glasses_of_recording(options, options.replay, clock, truth)
    return glasses_of_participant(options, clock, truth)
