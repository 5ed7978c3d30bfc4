"""A stand-in for a Neon and its phone, for building, testing and teaching without hardware.

::

    from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions

    with SimulatedNeon(SimulatorOptions(offset_s=7.3)) as neon:
        ...  # connect any client to neon.address and neon.port
        print(neon.truth.events)
        neon.faults.cut_link(5)  # and much else that can go wrong, see `Faults`
        neon.play([{"at": 1, "do": "blink"}, {"at": 20, "do": "cut_link", "seconds": 10}])
"""

from __future__ import annotations

from psychopy_neon.simulator.companion import SimulatedNeon
from psychopy_neon.simulator.control_server import ControlServer
from psychopy_neon.simulator.controls import Controls
from psychopy_neon.simulator.faults import Faults
from psychopy_neon.simulator.options import SimulatorOptions
from psychopy_neon.simulator.participant import Participant
from psychopy_neon.simulator.playback import Playback
from psychopy_neon.simulator.scenario import Scenario, Step
from psychopy_neon.simulator.swing import Swing
from psychopy_neon.simulator.truth import (
    TrueEvent,
    TrueEyeEvent,
    TrueGaze,
    TruePatch,
    TrueRecording,
    TrueStep,
    TruthLog,
)

__all__ = [
    "ControlServer",
    "Controls",
    "Faults",
    "Participant",
    "Playback",
    "Scenario",
    "SimulatedNeon",
    "SimulatorOptions",
    "Step",
    "Swing",
    "TrueEvent",
    "TrueEyeEvent",
    "TrueGaze",
    "TruePatch",
    "TrueRecording",
    "TrueStep",
    "TruthLog",
]
