"""What is said when a Neon Check is compiled whose fields cannot be right."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest


@pytest.fixture
def said(trial: Any, elements: dict[str, Any]) -> Iterator[Callable[..., list[str]]]:
    """Compile an experiment whose check has these fields, and return our alerts."""
    from psychopy.alerts import addAlertHandler, removeAlertHandler

    module = importlib.import_module("psychopy_neon.builder_components.neon_check")
    routine = module.NeonCheckRoutine(trial.exp, name="look")
    trial.exp.addStandaloneRoutine("look", routine)
    trial.exp.flow.addRoutine(routine, 0)
    alerts: list[Any] = []

    class Receiver:
        @staticmethod
        def receiveAlert(msg: Any) -> None:  # noqa: N802 - PsychoPy's name
            alerts.append(msg)

    def compiling(**fields: Any) -> list[str]:
        for name, value in fields.items():
            routine.params[name].val = value
        alerts.clear()
        trial.script()
        return [alert.msg for alert in alerts if alert.code == 9850]

    receiver = Receiver()
    addAlertHandler(receiver)
    yield compiling
    removeAlertHandler(receiver)


def test_its_defaults_are_no_cause_for_alerts(said: Callable[..., list[str]]) -> None:
    assert said() == []
    assert said(byItself="False") == []  # as in an experiment that was saved and opened
    assert said(minutes="length", byItself=True, timeLimit=20) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"minutes": 0}, "'Session lasts (min)' of look is 0; expected more than 0"),
        ({"minutes": ""}, "'Session lasts (min)' of look is ''"),
        ({"timeLimit": -1}, "'Time limit (s)' of look is -1"),
        ({"gazeRate": 250}, "send 200 at most"),
        ({"byItself": True}, "set a time limit"),
        ({"wearer": "$expInfo['nobody']"}, "has no such field"),
    ],
)
def test_what_cannot_be_right_is_told(
    said: Callable[..., list[str]], fields: dict[str, Any], words: str
) -> None:
    (told,) = said(**fields)
    assert words in told
