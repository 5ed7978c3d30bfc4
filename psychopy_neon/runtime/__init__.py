"""The glasses as an experiment script sees them.

Scripts that Builder writes create these objects, and scripts written by hand can do the same::

    from psychopy import visual
    from psychopy.iohub import launchHubServer
    from psychopy_neon.runtime import NeonEvent, NeonGaze, NeonMarkers, NeonRecording

    win = visual.Window(units="height")
    glasses = {"eyetracker.neon_realtime.EyeTracker": {"name": "tracker"}}
    hub = launchHubServer(window=win, **glasses)
    tracker = hub.devices.tracker
    recording = NeonRecording(tracker)
    gaze = NeonGaze(win, tracker)

They live in the experiment's process and talk to the device in the ioHub process. Times that
they hand over are raw PsychoPy seconds, `psychopy.clock.getTime`, which both processes share.

The names below are fetched when they are first used: whatever draws needs PsychoPy's stimuli,
which can be imported only where there is a display. `connect`, `NeonEvent`, `NeonGaze` and
`NeonRecording` can be imported without one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psychopy_neon.readiness import Requirements
    from psychopy_neon.runtime.check import check_glasses
    from psychopy_neon.runtime.check_result import Check
    from psychopy_neon.runtime.check_routine import NeonCheck
    from psychopy_neon.runtime.display_lag import DisplayLagMeasurement, measure_display_lag
    from psychopy_neon.runtime.display_lag_routine import NeonDisplayLag
    from psychopy_neon.runtime.event import NeonEvent
    from psychopy_neon.runtime.gate import Gate, wait_for_fixation
    from psychopy_neon.runtime.gate_routine import NeonGate
    from psychopy_neon.runtime.gaze import NeonGaze
    from psychopy_neon.runtime.marker_frame import show_markers
    from psychopy_neon.runtime.markers import NeonMarkers
    from psychopy_neon.runtime.recording import NeonRecording
    from psychopy_neon.runtime.sent_events import Outcome
    from psychopy_neon.runtime.tracker import NeonTracker, connect
    from psychopy_neon.runtime.validation import validate_gaze
    from psychopy_neon.runtime.validation_result import Validation
    from psychopy_neon.runtime.validation_routine import NeonValidate

__all__ = [
    "Check",
    "DisplayLagMeasurement",
    "Gate",
    "NeonCheck",
    "NeonDisplayLag",
    "NeonEvent",
    "NeonGate",
    "NeonGaze",
    "NeonMarkers",
    "NeonRecording",
    "NeonTracker",
    "NeonValidate",
    "Outcome",
    "Requirements",
    "Validation",
    "check_glasses",
    "connect",
    "measure_display_lag",
    "show_markers",
    "validate_gaze",
    "wait_for_fixation",
]

# Module -> the names that it is loaded for.
_HOMES: dict[str, tuple[str, ...]] = {
    "readiness": ("Requirements",),
    "runtime.check": ("check_glasses",),
    "runtime.check_result": ("Check",),
    "runtime.check_routine": ("NeonCheck",),
    "runtime.display_lag": ("DisplayLagMeasurement", "measure_display_lag"),
    "runtime.display_lag_routine": ("NeonDisplayLag",),
    "runtime.event": ("NeonEvent",),
    "runtime.gate": ("Gate", "wait_for_fixation"),
    "runtime.gate_routine": ("NeonGate",),
    "runtime.gaze": ("NeonGaze",),
    "runtime.marker_frame": ("show_markers",),
    "runtime.markers": ("NeonMarkers",),
    "runtime.recording": ("NeonRecording",),
    "runtime.sent_events": ("Outcome",),
    "runtime.tracker": ("NeonTracker", "connect"),
    "runtime.validation": ("validate_gaze",),
    "runtime.validation_result": ("Validation",),
    "runtime.validation_routine": ("NeonValidate",),
}


def __getattr__(name: str) -> object:
    home = next((home for home, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"psychopy_neon.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
