"""Experiments with Neon components, made through Builder's own programming interface."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

NAMES = ["NeonRecording", "NeonEvent", "NeonGaze", "NeonMarkers"]
KEY = "eyetracker.neon_realtime.EyeTracker"


@pytest.fixture(scope="session")
def elements() -> dict[str, Any]:
    """All components that Builder knows, by class name, with plugins activated as it does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from psychopy import plugins

        plugins.activatePlugins()
        from psychopy.experiment import getAllElements

        return dict(getAllElements(fetchIcons=False))


@pytest.fixture(params=NAMES)
def component_class(request: pytest.FixtureRequest, elements: dict[str, Any]) -> Any:
    """Each of our component classes in turn."""
    return elements[f"{request.param}Component"]


class Trial:
    """An experiment with one Routine in one loop."""

    def __init__(self, elements: dict[str, Any], loop: bool = True) -> None:
        from psychopy.experiment import Experiment
        from psychopy.experiment.loops import TrialHandler

        self.elements = elements
        self.exp = Experiment()
        self.exp.settings.params["eyetracker"].val = KEY
        self.routine = self.exp.addRoutine("trial")
        self.exp.flow.addRoutine(self.routine, 0)
        if loop:
            self.exp.flow.addLoop(TrialHandler(exp=self.exp, name="trials"), 0, -1)

    def add(self, kind: str, name: str, **values: Any) -> Any:
        component = self.elements[f"{kind}Component"](self.exp, "trial", name=name)
        for key, value in values.items():
            component.params[key].val = value
        self.routine.addComponent(component)
        self.exp.namespace.add(name)
        return component

    def script(self) -> str:
        text: str = self.exp.writeScript(target="PsychoPy")
        compile(text, "trial.py", "exec")
        return text

    def script_after_saving(self, folder: Path) -> str:
        from psychopy.experiment import Experiment

        path = folder / "trial.psyexp"
        self.exp.saveToXML(str(path))
        loaded = Experiment.fromFile(str(path))
        text: str = loaded.writeScript(expPath=str(path), target="PsychoPy")
        compile(text, "trial.py", "exec")
        return text


@pytest.fixture
def new_trial(elements: dict[str, Any]) -> Callable[..., Trial]:
    """``new_trial(loop=True)``: an experiment to add components to."""

    def making(loop: bool = True) -> Trial:
        return Trial(elements, loop)

    return making


@pytest.fixture
def trial(new_trial: Callable[..., Trial]) -> Trial:
    """An experiment with one Routine in one loop."""
    return new_trial()
