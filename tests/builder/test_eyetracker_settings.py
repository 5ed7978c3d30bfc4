"""The glasses in Experiment settings > Eyetracking."""

from __future__ import annotations

import ast
import dataclasses
import os
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from psychopy_neon.certificate import Limits
from psychopy_neon.exceptions import UsageError
from psychopy_neon.iohub.settings import Settings

KEY = "eyetracker.neon_realtime.EyeTracker"


@pytest.fixture
def backend(elements: dict[str, Any]) -> Any:
    from psychopy.experiment.components.settings.eyetracking import knownEyetrackerBackends

    return knownEyetrackerBackends[KEY]


def device_settings(script: str, **names: Any) -> dict[str, Any]:
    """Run the statement that configures the device, and return its run-time settings."""
    for node in ast.walk(ast.parse(script)):
        if isinstance(node, ast.Assign) and f"ioConfig['{KEY}']" in ast.unparse(node):
            io_config: dict[str, Any] = {}
            code = compile(ast.Module([node], []), "settings", "exec")
            exec(code, {"os": os, "ioConfig": io_config, "PILOTING": False, **names})
            settings: dict[str, Any] = io_config[KEY]["runtime_settings"]
            return settings
    raise AssertionError("the script does not configure the device")


class Handler:
    dataFileName = os.path.join("data", "somebody")  # noqa: N815


def test_the_glasses_are_listed_once(trial: Any) -> None:
    param = trial.exp.settings.params["eyetracker"]
    assert param.allowedVals.count(KEY) == 1
    assert param.allowedLabels.count("Pupil Labs Neon (psychopy-neon)") == 1
    assert not [value for value in param.allowedVals if "neon_realtime" in value and value != KEY]


def test_they_need_neither_full_screen_nor_calibration(backend: Any) -> None:
    assert not backend.needsFullscreen
    assert not backend.needsCalibration


def test_every_setting_says_what_it_is_and_has_our_prefix(backend: Any) -> None:
    params, order = backend.getParams()
    assert sorted(order) == sorted(params)
    for name, param in params.items():
        assert name.startswith("neonRt")
        assert param.label and param.hint
        assert param.categ == "Eyetracking"


def test_defaults_reach_the_device(trial: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEON_ADDRESS", raising=False)
    assert device_settings(trial.script(), thisExp=Handler) == {
        "address": "",
        "name": "",
        "serial": "",
        "record_with": "routine",
        "if_missing": "stop",
        "streams": ["eye movements", "motion"],
        "template_answers": {},
        "max_gaze_age_s": 0.1,
        "max_pose_age_s": 0.5,
        "journal": os.path.abspath(Handler.dataFileName + "_neon_events.jsonl"),
        "timing_limits": dataclasses.asdict(Limits()),
    }


def test_a_pilot_run_uses_simulated_glasses_unless_told_otherwise(
    trial: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEON_ADDRESS", raising=False)
    params = trial.exp.settings.params
    params["neonRtAddress"].val = "192.0.2.7"
    piloted = {"thisExp": Handler, "PILOTING": True}
    assert device_settings(trial.script(), **piloted)["address"] == "simulator"
    assert device_settings(trial.script(), thisExp=Handler)["address"] == "192.0.2.7"
    params["neonRtPiloting"].val = "glasses"
    assert device_settings(trial.script(), **piloted)["address"] == "192.0.2.7"


def test_changed_settings_survive_saving(
    trial: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEON_ADDRESS", raising=False)
    params = trial.exp.settings.params
    params["neonRtAddress"].val = "$expInfo['phone']"
    params["neonRtIfMissing"].val = "go on"
    params["neonRtMaxGazeAge"].val = 0.25
    params["neonRtTemplateAnswers"].val = "{'Participant': expInfo['id']}"
    params["neonRtStreams"].val = ["motion"]
    params["neonRtLimitEventBound"].val = ""
    params["neonRtLimitLateFlips"].val = 0.05
    params["neonRtLimitClockSteps"].val = "$expInfo['steps']"
    script = trial.script_after_saving(tmp_path)
    info = {"phone": "192.0.2.7", "steps": 2, "id": "P07"}
    settings = device_settings(script, thisExp=Handler, expInfo=info)
    assert settings["address"] == "192.0.2.7"
    assert settings["if_missing"] == "go on"
    assert settings["max_gaze_age_s"] == 0.25
    assert (settings["template_answers"], settings["streams"]) == (
        {"Participant": "P07"},
        ["motion"],
    )
    limits = Limits.from_values(settings["timing_limits"])
    assert limits == Limits(max_event_bound_ms=None, max_late_flip_share=0.05, max_clock_steps=2)


def opened_with_old_limits(trial: Any, folder: Path, value: str) -> Any:
    """As a file of the time when all limits were one field."""
    from psychopy.experiment import Experiment

    path = folder / "old.psyexp"
    trial.exp.saveToXML(str(path))
    tree = ElementTree.parse(path)
    settings = tree.find("Settings")
    assert settings is not None
    for param in settings.findall("Param"):
        if param.get("name", "").startswith("neonRtLimit"):
            settings.remove(param)
        elif param.get("name") == "neonRtTimingLimits":
            param.set("val", value)
    tree.write(path)
    return Experiment.fromFile(str(path))


def test_the_limits_of_old_files_come_into_their_fields(trial: Any, tmp_path: Path) -> None:
    old = "{'max_event_bound_ms': 5.0, 'max_clock_steps': 1, 'max_late_flip_share': None}"
    opened = opened_with_old_limits(trial, tmp_path, old)
    params = opened.settings.params
    assert float(params["neonRtLimitEventBound"].val) == 5.0
    assert params["neonRtLimitLateFlips"].val == "" and params["neonRtTimingLimits"].val == ""
    opened.saveToXML(str(tmp_path / "new.psyexp"))
    for exp in (opened, opened.fromFile(str(tmp_path / "new.psyexp"))):
        limits = device_settings(exp.writeScript(target="PsychoPy"), thisExp=Handler)
        assert Limits.from_values(limits["timing_limits"]) == Limits(
            max_event_bound_ms=5.0, max_clock_steps=1, max_late_flip_share=None
        )


def test_old_limits_from_a_variable_are_kept_and_win(trial: Any, tmp_path: Path) -> None:
    opened = opened_with_old_limits(trial, tmp_path, "expInfo['limits']")
    script = opened.writeScript(target="PsychoPy")
    names = {"expInfo": {"limits": {"max_event_bound_ms": 0.2}}}
    found = device_settings(script, thisExp=Handler, **names)["timing_limits"]
    assert Limits.from_values(found) == Limits(max_event_bound_ms=0.2)


@pytest.mark.parametrize(("field", "value"), [("GazeLoss", 3), ("EventBound", -1)])
def test_limits_that_make_no_sense_are_refused_at_the_start(
    trial: Any, field: str, value: float
) -> None:
    trial.exp.settings.params[f"neonRtLimit{field}"].val = value
    settings = device_settings(trial.script(), thisExp=Handler)
    with pytest.raises(UsageError, match="expected"):
        Settings.from_config(settings)


def test_the_environment_wins_over_the_address(trial: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    trial.exp.settings.params["neonRtAddress"].val = "192.0.2.7"
    monkeypatch.setenv("NEON_ADDRESS", "127.0.0.1:8080")
    assert device_settings(trial.script(), thisExp=Handler)["address"] == "127.0.0.1:8080"


def test_the_journal_lies_beside_the_data_whatever_the_folder(trial: Any) -> None:
    assert os.path.isabs(device_settings(trial.script(), thisExp=Handler)["journal"])


def test_markers_are_left_to_the_components_unless_wanted_everywhere(trial: Any) -> None:
    assert "show_markers" not in trial.script()
    trial.exp.settings.params["neonRtMarkers"].val = "always"
    script = trial.script()
    drawing = script.index("neon_runtime.show_markers(win)")
    assert script.index("def setupDevices(") < drawing < script.index("io.launchHubServer(")
