"""The demo is what it says, and its parts agree with each other."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

WINDOW_PX = (1280, 720)


@pytest.fixture
def folder(repository: Path) -> Path:
    return repository / "demos" / "builder" / "gaze_contingent"


@pytest.fixture
def demo(folder: Path, elements: dict[str, Any]) -> Any:
    from psychopy.experiment import Experiment

    return Experiment.fromFile(str(folder / "gaze_contingent.psyexp"))


@pytest.fixture
def conditions(folder: Path) -> list[dict[str, str]]:
    with (folder / "conditions.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_demo_compiles(demo: Any, folder: Path) -> None:
    script = demo.writeScript(expPath=str(folder / "gaze_contingent.psyexp"), target="PsychoPy")
    compile(script, "gaze_contingent.py", "exec")


def test_the_demo_needs_nobody(demo: Any) -> None:
    values = {name: param.val for name, param in demo.settings.params.items()}
    assert values["eyetracker"] == "eyetracker.neon_realtime.EyeTracker"
    assert values["Show info dlg"] in (False, "False")
    assert values["Full-screen window"] in (False, "False")
    assert values["measureFrameRate"] in (False, "False")
    assert values["Save hdf5 file"] in (True, "True")
    assert values["Units"] == "height"
    assert [int(side) for side in str(values["Window size (pixels)"]).strip("[]()").split(",")] == [
        *WINDOW_PX
    ]


def test_the_demo_uses_all_our_components_and_psychopys_own(demo: Any) -> None:
    used = {component.type for routine in demo.routines.values() for component in routine}
    assert {"NeonRecording", "NeonEvent", "NeonGaze", "NeonMarkers"} <= used
    assert {"EyetrackerRecord", "RegionOfInterest"} <= used


def test_the_simulated_participant_looks_where_the_targets_are(
    folder: Path, conditions: list[dict[str, str]]
) -> None:
    participant = json.loads((folder / "participant.json").read_text(encoding="utf-8"))
    aspect = WINDOW_PX[0] / WINDOW_PX[1]
    targets = {
        row["event_name"]: [float(row["target_x"]) * 2 / aspect, float(row["target_y"]) * 2]
        for row in conditions
    }
    assert targets.keys() == participant["on_event"].keys()
    for name, place in targets.items():
        assert participant["on_event"][name] == pytest.approx(place), name


def test_targets_stay_clear_of_the_markers(conditions: list[dict[str, str]]) -> None:
    from psychopy_neon.screen.markers import frame_layout

    height = WINDOW_PX[1]
    half_target = 0.08
    for row in conditions:
        x, y = float(row["target_x"]), float(row["target_y"])
        for marker in frame_layout(WINDOW_PX).markers:
            corners = [(cx * WINDOW_PX[0] / 2 / height, cy / 2) for cx, cy in marker.corners]
            nearest_x = min(max(x, min(c[0] for c in corners)), max(c[0] for c in corners))
            nearest_y = min(max(y, min(c[1] for c in corners)), max(c[1] for c in corners))
            assert ((nearest_x - x) ** 2 + (nearest_y - y) ** 2) ** 0.5 > half_target + 0.03
