"""Steps of a scenario on a command line: ``lose stream=gaze share=0.02 at=20``."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator.scenario import Scenario


def scenario_of(path: str | Path | None, lines: Sequence[str]) -> Scenario | None:
    """The scenario of a file and of lines together; None if there is neither.

    Parameters
    ----------
    path : path-like or None
    lines : sequence of str
        Name of what is done, then its arguments; `at` in seconds, at the start if left out.

    Raises
    ------
    UsageError
        If either cannot be understood.
    """
    from_file = None if path is None else Scenario.from_file(path)
    if not lines:
        return from_file
    from_lines = Scenario.from_json([_step(line) for line in lines])
    if from_file is None:
        return from_lines
    steps = sorted(from_file.steps + from_lines.steps, key=lambda step: step.at_s)
    return Scenario(tuple(steps), from_file.seed)


def _step(line: str) -> dict[str, Any]:
    try:
        name, *arguments = shlex.split(line)
        pairs = [argument.split("=", 1) for argument in arguments]
        return {"at": 0, "do": name, **{key: _value(text) for key, text in pairs}}
    except ValueError:
        raise UsageError(
            f"{line!r} is no step: write it like 'lose stream=gaze share=0.02 at=20'."
        ) from None


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
