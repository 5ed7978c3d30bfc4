"""The glasses in Experiment settings > Eyetracking."""

from __future__ import annotations

import ast
import dataclasses
import os
from pathlib import Path
from typing import Any

import pytest

from psychopy_neon.certificate import Limits

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
            exec(code, {"os": os, "ioConfig": io_config, **names})
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
        "max_gaze_age_s": 0.1,
        "max_pose_age_s": 0.5,
        "journal": os.path.abspath(Handler.dataFileName + "_neon_events.jsonl"),
        "timing_limits": {
            name: value
            for name, value in dataclasses.asdict(Limits()).items()
            if name != "min_confirmed_share"  # all of them, unless somebody says otherwise
        },
    }


def test_changed_settings_survive_saving(
    trial: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEON_ADDRESS", raising=False)
    params = trial.exp.settings.params
    params["neonRtAddress"].val = "$expInfo['phone']"
    params["neonRtIfMissing"].val = "go on"
    params["neonRtMaxGazeAge"].val = 0.25
    params["neonRtTimingLimits"].val = "{'max_event_bound_ms': None}"
    script = trial.script_after_saving(tmp_path)
    settings = device_settings(script, thisExp=Handler, expInfo={"phone": "192.0.2.7"})
    assert settings["address"] == "192.0.2.7"
    assert settings["if_missing"] == "go on"
    assert settings["max_gaze_age_s"] == 0.25
    assert settings["timing_limits"] == {"max_event_bound_ms": None}


def test_the_environment_wins_over_the_address(trial: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    trial.exp.settings.params["neonRtAddress"].val = "192.0.2.7"
    monkeypatch.setenv("NEON_ADDRESS", "127.0.0.1:8080")
    assert device_settings(trial.script(), thisExp=Handler)["address"] == "127.0.0.1:8080"


def test_the_journal_lies_beside_the_data_whatever_the_folder(trial: Any) -> None:
    assert os.path.isabs(device_settings(trial.script(), thisExp=Handler)["journal"])
