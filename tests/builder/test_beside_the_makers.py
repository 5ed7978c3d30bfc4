"""Ours and the makers' plugin, installed side by side.

Theirs needs an old NumPy and much besides, so a stand-in takes its place: a distribution of the
same name with the same entry points, class names, labels and keys as version 0.8.2. If theirs is
installed where the tests run, it is used itself.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
PACKAGE = "psychopy_eyetracker_pupil_labs"
OURS = "eyetracker.neon_realtime.EyeTracker"
THEIRS = "eyetracker.hw.pupil_labs.neon.EyeTracker"
TIMEOUT_S = 180

ENTRY_POINTS = f"""\
[psychopy.experiment.components]
AprilTagComponent = {PACKAGE}.components:AprilTagComponent
AprilTagFrameComponent = {PACKAGE}.components:AprilTagFrameComponent
PLEventComponent = {PACKAGE}.components:PLEventComponent

[psychopy.experiment.components.settings.eyetracking]
PupilLabsNeonEyetrackerBackend = {PACKAGE}.settings:PupilLabsNeonEyetrackerBackend

[psychopy.iohub.devices.eyetracker]
neon = {PACKAGE}.neon
"""
COMPONENTS = """\
from pathlib import Path
from psychopy.experiment.components import BaseComponent

class AprilTagComponent(BaseComponent):
    categories = ["Eyetracking"]
    targets = ["PsychoPy"]
    iconFile = Path(__file__).parent / "tag.png"

class AprilTagFrameComponent(AprilTagComponent):
    pass

class PLEventComponent(AprilTagComponent):
    pass
"""
SETTINGS = """\
from psychopy.experiment import Param
from psychopy.experiment.components.settings.eyetracking import EyetrackerBackend

class PupilLabsNeonEyetrackerBackend(EyetrackerBackend):
    label = "Pupil Labs Neon (iohub)"
    key = "eyetracker.hw.pupil_labs.neon.EyeTracker"
    needsFullscreen = needsCalibration = False

    @classmethod
    def getParams(cls):
        names = ["plCompanionAddress", "plCompanionPort"]
        params = {
            name: Param("", valType="str", inputType="single", categ="Eyetracking", label=name)
            for name in names
        }
        return params, names

    @classmethod
    def writeDeviceCode(cls, inits, buff):
        buff.writeIndentedLines("ioConfig[%(eyetracker)s] = {'name': 'tracker'}\\n" % inits)
"""
DEVICE = """\
from psychopy.iohub.devices.eyetracker import EyeTrackerDevice

class EyeTracker(EyeTrackerDevice):
    EVENT_CLASS_NAMES = []
"""
METADATA = f"Metadata-Version: 2.1\nName: {PACKAGE.replace('_', '-')}\nVersion: 0.8.2\n"


def stand_in(folder: Path) -> None:
    """Write a distribution that looks to PsychoPy as theirs does."""
    files = {
        f"{PACKAGE}/__init__.py": "",
        f"{PACKAGE}/components.py": COMPONENTS,
        f"{PACKAGE}/settings.py": SETTINGS,
        f"{PACKAGE}/neon/__init__.py": DEVICE,
        f"{PACKAGE}-0.8.2.dist-info/METADATA": METADATA,
        f"{PACKAGE}-0.8.2.dist-info/entry_points.txt": ENTRY_POINTS,
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory, display: None) -> dict[str, Any]:
    """What PsychoPy knows in a process that finds both."""
    folder = tmp_path_factory.mktemp("makers")
    if importlib.util.find_spec(PACKAGE) is None:
        stand_in(folder)
    path = os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH", "")]))
    done = subprocess.run(
        [sys.executable, str(HERE / "beside_the_makers.py")],
        env={**os.environ, "PYTHONPATH": path, "HOME": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
    )
    answers = [line for line in done.stdout.splitlines() if line.startswith("answer:")]
    assert done.returncode == 0 and answers, done.stdout + done.stderr
    told: dict[str, Any] = json.loads(answers[0].removeprefix("answer:"))
    return told


def test_both_are_loaded_and_neither_fails(known: dict[str, Any]) -> None:
    assert {"psychopy-neon", PACKAGE.replace("_", "-")} <= set(known["loaded"])
    assert known["failed"] == []


def test_the_components_of_both_are_there(known: dict[str, Any]) -> None:
    ours = {"NeonRecordingComponent", "NeonEventComponent", "NeonGazeComponent"}
    theirs = {"AprilTagComponent", "AprilTagFrameComponent", "PLEventComponent"}
    assert ours | theirs | {"NeonMarkersComponent"} <= set(known["elements"])


def test_both_eye_trackers_are_offered_once_under_labels_of_their_own(
    known: dict[str, Any],
) -> None:
    assert known["listed"].count(OURS) == known["listed"].count(THEIRS) == 1
    assert known["trackers"][OURS] == "Pupil Labs Neon (psychopy-neon)"
    assert known["trackers"][THEIRS] not in ("", known["trackers"][OURS])


def test_no_setting_has_the_name_of_one_of_theirs(known: dict[str, Any]) -> None:
    """All of them are in one table of PsychoPy, where the second would replace the first."""
    assert known["shared_params"] == []


def test_an_experiment_configures_the_tracker_that_is_chosen(known: dict[str, Any]) -> None:
    assert known["configures"] == [True, True] and known["both"] == [False, False]


def test_iohub_takes_ours_from_us(known: dict[str, Any]) -> None:
    assert known["modules"] == ["psychopy_neon.iohub.eyetracker"]
