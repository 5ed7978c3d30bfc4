"""A timeline of what happens to the simulated glasses and their wearer."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator.actions import find_action

MAX_STEPS = 10_000
MAX_AT_S = 86_400.0
MAX_FILE_BYTES = 2_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a scenario.

    Attributes
    ----------
    at_s : float
        When, seconds after the scenario began, by this computer's monotonic clock.
    do : str
        Name of a method of `Faults` or `Controls`.
    arguments : mapping of str to object
        Its arguments, decoded JSON.
    """

    at_s: float
    do: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scenario:
    """Steps in order of time; made by `from_file` or `from_json`, which check them.

    Attributes
    ----------
    steps : tuple of Step
    seed : int or None
        Handed to `Faults.seed`; None leaves the seed as it is.
    """

    steps: tuple[Step, ...]
    seed: int | None = None

    @classmethod
    def from_file(cls, path: str | Path) -> Scenario:
        """Read a scenario from a file; blocks for reading it.

        Parameters
        ----------
        path : path-like
            JSON, or YAML if it ends in ``.yaml`` or ``.yml``; see `from_json`.

        Raises
        ------
        UsageError
            If the file cannot be read or says something that is not understood.
        """
        content = _read_file(Path(path))
        try:
            return cls.from_json(content)
        except UsageError as error:
            raise UsageError(f"scenario file {path}: {error}") from error

    @classmethod
    def from_json(cls, content: Any) -> Scenario:
        """Make a scenario from decoded JSON; everything is checked.

        Parameters
        ----------
        content : list or dict
            Steps, ``[{"at": 20, "do": "cut_link", "seconds": 10}, ...]``, or
            ``{"seed": 7, "steps": [...]}``. `at` is in seconds; a pair ``[20, 30]`` is a moment
            between, drawn from the seed. What is left of a step are the arguments.

        Raises
        ------
        UsageError
            If a step or an argument is unknown or wrong.
        """
        whole = content if isinstance(content, dict) else {"steps": content}
        steps, seed = whole.get("steps"), whole.get("seed")
        if not set(whole) <= {"steps", "seed"} or not isinstance(steps, list):
            raise UsageError('expected a list of steps, or {"seed": 7, "steps": [...]}.')
        if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int)):
            raise UsageError(f"seed must be a whole number, not {seed!r}.")
        if not 0 < len(steps) <= MAX_STEPS:
            raise UsageError(f"a scenario has 1 to {MAX_STEPS} steps, not {len(steps)}.")
        chance = random.Random(seed or 0)
        made = [_step(number, step, chance) for number, step in enumerate(steps, 1)]
        return cls(tuple(sorted(made, key=lambda step: step.at_s)), seed)


def as_scenario(given: Scenario | str | Path | list[Any] | dict[str, Any]) -> Scenario:
    """Whatever way a scenario is given, as such; UsageError if it is wrong."""
    if isinstance(given, Scenario):
        return given
    if isinstance(given, (str, Path)):
        return Scenario.from_file(given)
    return Scenario.from_json(given)


def _step(number: int, given: Any, chance: random.Random) -> Step:
    if not isinstance(given, dict) or not {"at", "do"} <= set(given):
        raise UsageError(
            f'step {number} must be like {{"at": 20, "do": "cut_link", "seconds": 10}}, '
            f"not {str(given)[:100]}."
        )
    arguments = {key: value for key, value in given.items() if key not in ("at", "do")}
    try:
        action = find_action(given["do"])
        action.read(arguments)
        return Step(_moment_s(given["at"], chance), action.name, arguments)
    except UsageError as error:
        raise UsageError(f"step {number}: {error}") from error


def _moment_s(at: Any, chance: random.Random) -> float:
    if isinstance(at, list) and len(at) == 2:
        earliest, latest = (_seconds(moment) for moment in at)
        if earliest <= latest:
            return chance.uniform(earliest, latest)
    elif not isinstance(at, list):
        return _seconds(at)
    raise UsageError(f"at must be seconds, or [earliest, latest], not {str(at)[:60]}.")


def _seconds(at: Any) -> float:
    is_number = isinstance(at, (int, float)) and not isinstance(at, bool)
    if not is_number or not 0 <= at <= MAX_AT_S:
        raise UsageError(f"at must be 0 to {MAX_AT_S:g} seconds, not {str(at)[:60]}.")
    return float(at)


def _read_file(path: Path) -> Any:
    read = _from_yaml if path.suffix.lower() in (".yaml", ".yml") else json.loads
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(MAX_FILE_BYTES + 1)
        if len(text) > MAX_FILE_BYTES:
            raise ValueError(f"it is longer than {MAX_FILE_BYTES} characters")
        return read(text)
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"cannot read the scenario file {path}: {error}.") from error


def _from_yaml(text: str) -> Any:
    try:
        import yaml
    except ImportError:
        raise ValueError("YAML needs PyYAML, which comes with PsychoPy; or write JSON") from None
    try:
        return _plain(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _plain(value: Any) -> Any:
    # To YAML 1.1 the key "on" is true, and "on" is an argument of many faults.
    if isinstance(value, dict):
        return {"on" if key is True else key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
