"""The Routine that measures the display's lag, as Builder and Studio see it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

UNDERSTOOD_BY_STUDIO = {"single", "multi", "code", "name", "choice", "bool"}


@pytest.fixture
def routine_class(elements: dict[str, Any]) -> Any:
    """The class; tests/packaging sees to it that PsychoPy finds its entry point."""
    from psychopy_neon.builder_components.neon_display_lag import NeonDisplayLagRoutine

    return NeonDisplayLagRoutine


@pytest.fixture
def add_routine(trial: Any, routine_class: Any) -> Any:
    """Put it before the trials."""

    def adding(**values: Any) -> Any:
        routine = routine_class(trial.exp, name="lagTest")
        for key, value in values.items():
            routine.params[key].val = value
        trial.exp.addStandaloneRoutine("lagTest", routine)
        trial.exp.flow.addRoutine(routine, 0)
        return routine

    return adding


def test_builder_offers_it_among_the_eye_trackers(routine_class: Any) -> None:
    from psychopy.experiment import getAllElements

    assert getAllElements(fetchIcons=False)["NeonDisplayLagRoutine"] is routine_class
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
    assert profile["helpLink"].startswith("file://") and profile["helpLink"].endswith(".html")
    assert next(iter(profile["params"])) == "name"


@pytest.mark.parametrize("theme", ["light", "dark", "classic"])
@pytest.mark.parametrize(("suffix", "side"), [("", 48), ("@2x", 96)])
def test_there_is_an_icon_for_every_theme_and_screen(
    routine_class: Any, theme: str, suffix: str, side: int
) -> None:
    icon = Path(routine_class.iconFile)
    with Image.open(icon.parent / theme / f"{icon.stem}{suffix}.png") as picture:
        assert picture.size == (side, side)


def test_it_measures_before_the_events_that_use_it(trial: Any, add_routine: Any) -> None:
    event = trial.add("NeonEvent", "neonEvent", displayLag="lagTest.lag")
    event.params["displayLag"].updates = "set every repeat"
    add_routine(mode="frame", changes=24, exposure=0.005, otherwise="")
    script = trial.script()
    arguments = "exposure=0.005, otherwise=None"
    places = [
        script.index(text)
        for text in (arguments, "lagTest.run()", "neonEvent.setDisplayLag(lagTest.lag")
    ]
    assert places == sorted(places)
    assert "eventData=None, displayLag=0.0" in script
    assert "neon_runtime.connect(eyetracker, at_exit=runAtExit)" in script


def test_it_survives_saving(trial: Any, add_routine: Any, tmp_path: Path) -> None:
    add_routine(changes=24)
    script = trial.script_after_saving(tmp_path)
    assert "changes=24, mode='patch'," in script and "exposure=None, otherwise=0.0" in script


def test_disabled_it_leaves_nothing_behind(trial: Any, add_routine: Any) -> None:
    trial.add("Text", "text")
    add_routine(disabled=True)
    assert "lagTest" not in trial.script()
