"""The glasses as a choice in Experiment settings > Eyetracking."""

from __future__ import annotations

from typing import Any

from psychopy.experiment import Param
from psychopy.experiment.components.settings.eyetracking import EyetrackerBackend
from psychopy.localization import _translate

from ._alerts import warn
from ._numbers import NumberParam
from ._settings_checks import answers_code, problems_of
from ._timing_limits import limits_code, limits_params

_CODE = """\
if thisExp is None:  # PsychoPy's Liaison sets devices up before there is a data file
    thisExp = setupData(expInfo=expInfo)
    thisExp.abort()  # nothing but its file name is needed
ioConfig[%(eyetracker)s] = {
    'name': 'tracker',
    'runtime_settings': {
        # NEON_ADDRESS, if it is set, wins over the address in the experiment's settings
        'address': os.environ.get('NEON_ADDRESS') or %(address)s,
        'name': %(neonRtPhoneName)s,
        'serial': %(neonRtSerial)s,
        'record_with': %(neonRtRecordWith)s,
        'if_missing': %(neonRtIfMissing)s,
        'streams': %(neonRtStreams)s,
        'template_answers': %(template_answers)s,
        'timing_limits': %(timing_limits)s,
        'max_gaze_age_s': %(neonRtMaxGazeAge)s,
        'max_pose_age_s': %(neonRtMaxPoseAge)s,
        'journal': os.path.abspath(thisExp.dataFileName + '_neon_events.jsonl'),
    },
}
"""
_SHOW_MARKERS = """\
# draw the frame of markers with every flip
from psychopy_neon import runtime as neon_runtime
neon_runtime.show_markers(win)
"""


class NeonRealtimeBackend(EyetrackerBackend):
    """Settings of the glasses, and the code that hands them to ioHub."""

    label = "Pupil Labs Neon (psychopy-neon)"
    key = "eyetracker.neon_realtime.EyeTracker"
    needsFullscreen = False
    needsCalibration = False

    @classmethod
    def getParams(cls) -> tuple[dict[str, Any], list[str]]:
        """Parameters by name, and their order; the prefix keeps other plugins' names apart."""
        params = {**_which_phone(), **_saved(), **_behaviour(), **_oldest(), **limits_params()}
        return params, list(params)

    @classmethod
    def writeDeviceCode(cls, inits: dict[str, Any], buff: Any) -> None:
        """Write the device's entry of ``ioConfig``, after a look for what must be wrong with it."""
        for problem in problems_of(inits):
            warn(problem)
        address = str(inits["neonRtAddress"])
        if inits["neonRtPiloting"].val == "simulator":
            address = f"('simulator' if PILOTING else {address})"
        values = {"address": address, "timing_limits": limits_code(inits, " " * 8)}
        values["template_answers"] = answers_code(inits["neonRtTemplateAnswers"])
        buff.writeIndentedLines(_CODE % {**inits, **values})
        if inits["neonRtMarkers"].val == "always":
            buff.writeIndentedLines(_SHOW_MARKERS)


def _which_phone() -> dict[str, Any]:
    return {
        "neonRtAddress": _text(
            _translate("Address"),
            _translate(
                "Address of the phone, e.g. 192.168.1.23 or neon.local:8080. Blank searches the "
                "local network; simulator starts simulated glasses, whose wearer looks where the "
                "mouse points. The environment variable NEON_ADDRESS takes precedence."
            ),
        ),
        "neonRtPhoneName": _text(
            _translate("Phone name"),
            _translate("Only use the phone of this name, if several answer. Blank for any."),
        ),
        "neonRtSerial": _text(
            _translate("Serial number"),
            _translate("Only use the glasses with this module serial number. Blank for any."),
        ),
    }


def _saved() -> dict[str, Any]:
    return {
        "neonRtRecordWith": _choice(
            "routine",
            {
                "routine": _translate("Neon Recording components"),
                "experiment": _translate("The whole experiment"),
                "never": _translate("Never"),
            },
            _translate("Phone records with"),
            _translate(
                "What makes the phone record: the Neon Recording components, the experiment as "
                "a whole, or nothing (e.g. for a rehearsal)."
            ),
        ),
        "neonRtTemplateAnswers": Param(
            "",
            valType="code",
            inputType="single",
            categ="Eyetracking",
            label=_translate("Template answers"),
            hint=_translate(
                "Answers to questions of the phone's template, from which it also makes the "
                "recording's name, by the titles of the questions, e.g. "
                "{'Participant': expInfo['participant']}. Blank leaves them as they are on the "
                "phone."
            ),
        ),
        "neonRtStreams": Param(
            ["eye movements", "motion"],
            valType="list",
            inputType="multiChoice",
            categ="Eyetracking",
            allowedVals=["eye movements", "motion"],
            allowedLabels=[_translate("Eye movements and blinks"), _translate("Head motion")],
            label=_translate("Save besides gaze"),
            hint=_translate(
                "What else is received and saved: fixations, saccades and blinks as the phone "
                "finds them, and the motion of the head. Gaze, pupils and eyelids always are."
            ),
        ),
    }


def _behaviour() -> dict[str, Any]:
    return {
        "neonRtMarkers": _choice(
            "components",
            {
                "components": _translate("Where there are Neon Markers components"),
                "always": _translate("On every screen"),
            },
            _translate("Frame of markers"),
            _translate(
                "When the frame of markers is shown, by which the glasses find the window. On "
                "every screen suits experiments that were made for another eye tracker."
            ),
        ),
        "neonRtIfMissing": _choice(
            "stop",
            {
                "stop": _translate("Stop"),
                "go on": _translate("Go on"),
                "simulator": _translate("Use simulated glasses"),
            },
            _translate("If the glasses are missing"),
            _translate(
                "If no phone answers when the experiment starts: stop it with a message, go on "
                "without gaze, or go on with simulated glasses, which the data file tells."
            ),
        ),
        "neonRtPiloting": _choice(
            "simulator",
            {
                "simulator": _translate("Simulated glasses"),
                "glasses": _translate("The same glasses"),
            },
            _translate("When piloting"),
            _translate(
                "Which glasses a pilot run uses. With simulated ones nothing is recorded on a "
                "phone; their wearer looks where the mouse points."
            ),
        ),
    }


def _oldest() -> dict[str, Any]:
    return {
        "neonRtMaxGazeAge": _seconds(
            0.1,
            _translate("Max. gaze age (s)"),
            _translate("Gaze older than this counts as missing. Seconds."),
        ),
        "neonRtMaxPoseAge": _seconds(
            0.5,
            _translate("Max. screen age (s)"),
            _translate(
                "Gaze counts as missing if the markers were last seen longer ago than this, as "
                "the head may have moved. Seconds."
            ),
        ),
    }


def _text(label: str, hint: str) -> Any:
    return Param(
        "",
        valType="str",
        inputType="single",
        categ="Eyetracking",
        canBePath=False,
        label=label,
        hint=hint,
    )


def _choice(value: str, choices: dict[str, str], label: str, hint: str) -> Any:
    return Param(
        value,
        valType="str",
        inputType="choice",
        categ="Eyetracking",
        allowedVals=list(choices),
        allowedLabels=list(choices.values()),
        label=label,
        hint=hint,
    )


def _seconds(value: float, label: str, hint: str) -> Any:
    return NumberParam(
        value,
        valType="num",
        inputType="single",
        categ="Eyetracking",
        label=label,
        hint=hint,
    )
