"""The Routines that validate gaze and wait for it, as Builder and Studio see them."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

VALIDATE = "neon_validate:NeonValidateRoutine"
GATE = "neon_gate:NeonGateRoutine"
CHECK = "neon_check:NeonCheckRoutine"
UNDERSTOOD_BY_STUDIO = {"single", "multi", "code", "name", "choice", "bool"}


def load(name: str) -> Any:
    module, class_name = name.split(":")
    return getattr(
        importlib.import_module(f"psychopy_neon.builder_components.{module}"), class_name
    )


@pytest.fixture(params=[VALIDATE, GATE, CHECK])
def routine_class(request: pytest.FixtureRequest, elements: dict[str, Any]) -> Any:
    """Each in turn; tests/packaging sees to it that PsychoPy finds their entry points."""
    return load(request.param)


@pytest.fixture
def add_routine(trial: Any) -> Any:
    """Put one before the trials."""

    def adding(name: str, **values: Any) -> Any:
        routine = load(name)(trial.exp, name="look")
        for key, value in values.items():
            routine.params[key].val = value
        trial.exp.addStandaloneRoutine("look", routine)
        trial.exp.flow.addRoutine(routine, 0)
        return routine

    return adding


def test_it_is_among_the_eye_trackers(routine_class: Any) -> None:
    assert routine_class.plugin == "psychopy-neon"
    assert routine_class.categories == ["Eyetracking"]
    assert routine_class.targets == ["PsychoPy"]
    assert routine_class.tooltip


def test_every_parameter_says_what_it_is_and_can_be_shown(routine_class: Any) -> None:
    from psychopy.experiment import Experiment

    made = routine_class(Experiment())
    for name, param in made.params.items():
        assert param.label and len(param.hint) > 10, name
        assert param.inputType in UNDERSTOOD_BY_STUDIO, name
    assert set(made.order) | {"disabled"} == set(made.params)


def test_studio_gets_a_profile_without_an_experiment(routine_class: Any) -> None:
    if not hasattr(routine_class, "getTemplateJSON"):
        pytest.skip("this PsychoPy does not know Studio")
    profile = json.loads(json.dumps(routine_class.getTemplateJSON(), default=str))
    assert profile["iconSVG"].startswith("<svg")
    assert next(iter(profile["params"])) == "name"


@pytest.mark.parametrize("theme", ["light", "dark", "classic"])
@pytest.mark.parametrize(("suffix", "side"), [("", 48), ("@2x", 96)])
def test_there_is_an_icon_for_every_theme_and_screen(
    routine_class: Any, theme: str, suffix: str, side: int
) -> None:
    icon = Path(routine_class.iconFile)
    with Image.open(icon.parent / theme / f"{icon.stem}{suffix}.png") as picture:
        assert picture.size == (side, side)


def test_it_validates_before_the_trials(trial: Any, add_routine: Any) -> None:
    trial.add("NeonGaze", "neonGaze")
    add_routine(VALIDATE, points="9", limit=2, correct="if needed", show=4, sendEvents=True)
    script = trial.script()
    places = [
        script.index(text)
        for text in (
            "points=9, spread=0.7, limit=2.0",
            "correct='if needed', show=4.0, send_events=True",
            "look.run()",
            "neonGaze.start()",
        )
    ]
    assert places == sorted(places)


def test_without_a_time_the_result_waits_for_a_key(trial: Any, add_routine: Any) -> None:
    add_routine(VALIDATE)
    script = trial.script()
    assert "correct='on request', show=None, send_events=False" in script


def test_the_gate_may_be_where_a_loop_says(trial: Any, add_routine: Any) -> None:
    add_routine(GATE, place="$where", giveUp="", correctDrift=True)
    script = trial.script()
    assert "give_up=None,\n        correct_drift=True" in script
    assert "look.run(place=where)" in script


def test_numbers_may_come_from_variables(trial: Any, add_routine: Any) -> None:
    add_routine(GATE, radius="$radius", giveUp=" ")
    assert "radius=radius, hold=0.3, give_up=None,\n" in trial.script()


def test_the_gate_is_in_the_middle_unless_told(trial: Any, add_routine: Any) -> None:
    add_routine(GATE)
    script = trial.script()
    assert "radius=2.0, hold=0.3, give_up=10.0," in script
    assert "look.run(place=(0, 0))" in script or "look.run(place=[0, 0])" in script


def test_the_check_is_first_and_may_end_the_experiment(trial: Any, add_routine: Any) -> None:
    trial.add("NeonGaze", "neonGaze")
    add_routine(CHECK, minutes=45, wearer="$expInfo['participant']", timeLimit=20, atLimit="go on")
    script = trial.script()
    places = [
        script.index(text)
        for text in (
            "minutes=45.0, serial='', wearer=expInfo['participant'],",
            "by_itself=False, limit=20.0, at_limit='go on',",
            "piloting=PILOTING",
            "look.run()",
            "if look.stopped:",
            "endExperiment(thisExp, win=win)\n        return",
            "neonGaze.start()",
        )
    ]
    assert places == sorted(places)


def test_without_a_time_limit_the_check_waits_for_a_key(trial: Any, add_routine: Any) -> None:
    add_routine(CHECK, timeLimit="")
    assert "by_itself=False, limit=None, at_limit='stop'," in trial.script()


@pytest.mark.parametrize("name", [VALIDATE, GATE, CHECK])
def test_disabled_it_leaves_nothing_behind(trial: Any, add_routine: Any, name: str) -> None:
    trial.add("Text", "text")
    add_routine(name, disabled=True)
    assert "look.run" not in trial.script() and "neon_runtime.Neon" not in trial.script()


@pytest.mark.parametrize(
    ("name", "needed", "may_be_blank"),
    [
        (GATE, {"radius", "hold"}, {"giveUp"}),
        (VALIDATE, {"spread", "limit"}, {"show"}),
        ("neon_display_lag:NeonDisplayLagRoutine", {"changes"}, {"exposure", "otherwise"}),
    ],
)
def test_blank_numbers_are_told_if_they_are_needed(
    trial: Any,
    add_routine: Any,
    capsys: pytest.CaptureFixture[str],
    name: str,
    needed: set[str],
    may_be_blank: set[str],
) -> None:
    routine = add_routine(name, **dict.fromkeys(needed | may_be_blank, ""))
    trial.script()
    told = capsys.readouterr().err
    params = routine.params
    assert all(f"'{params[each].label}' of look is blank" in told for each in needed)
    assert not any(f"'{params[each].label}'" in told for each in may_be_blank)
