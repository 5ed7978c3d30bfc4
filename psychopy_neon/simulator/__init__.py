"""A stand-in for a Neon and its phone, for building, testing and teaching without hardware.

::

    from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions

    with SimulatedNeon(SimulatorOptions(offset_s=7.3)) as neon:
        ...  # connect any client to neon.address and neon.port
        print(neon.truth.events)
        neon.faults.cut_link(5)  # and much else that can go wrong, see `Faults`
"""

from __future__ import annotations

from psychopy_neon.simulator.companion import SimulatedNeon
from psychopy_neon.simulator.faults import Faults
from psychopy_neon.simulator.options import SimulatorOptions
from psychopy_neon.simulator.participant import Participant
from psychopy_neon.simulator.truth import (
    TrueEvent,
    TrueEyeEvent,
    TrueGaze,
    TruePatch,
    TrueRecording,
    TruthLog,
)

__all__ = [
    "Faults",
    "Participant",
    "SimulatedNeon",
    "SimulatorOptions",
    "TrueEvent",
    "TrueEyeEvent",
    "TrueGaze",
    "TruePatch",
    "TrueRecording",
    "TruthLog",
]
