"""Who wears the simulated glasses: where they look, and what they react to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator.swing import Swing

Norm = tuple[float, float]

LARGEST = 1e6
_KEYS = {"start", "reaction_s", "saccade_s", "on_event", "path"}
_SWING_KEYS = {"middle", "reach", "period_s"}


@dataclass(frozen=True)
class Participant:
    """Script of a virtual participant. Positions are norm units of the monitor (-1..1, y up).

    Parameters
    ----------
    start : tuple of 2 float
        Where they look until something makes them look elsewhere.
    reaction_s : float
        From an event's time to the start of the saccade that it causes, seconds; its median with
        the human gaze model.
    saccade_s : float
        Duration of a saccade, seconds; with the human gaze model that follows from its size.
    on_event : mapping of str to tuple of 2 float, or Swing
        Where they look after an event of this name, or what they follow from then on.
    path : tuple of (duration_s, x, y)
        Looped scan path; used only when `on_event` is empty.
    """

    start: Norm = (0.0, 0.0)
    reaction_s: float = 0.2
    saccade_s: float = 0.03
    on_event: Mapping[str, Norm | Swing] = field(default_factory=dict)
    path: tuple[tuple[float, float, float], ...] = ()

    def __post_init__(self) -> None:
        if self.reaction_s < 0 or self.saccade_s < 0:
            raise UsageError("reaction_s and saccade_s of a participant cannot be negative.")
        if any(duration <= 0 for duration, _, _ in self.path):
            raise UsageError("every duration_s in a participant's path must be above 0.")

    @classmethod
    def from_file(cls, path: str | Path) -> Participant:
        """Read a participant from a JSON file.

        Parameters
        ----------
        path : path-like
            JSON, with the parameters of this class as keys; a `Swing` is an object of its
            parameters.

        Raises
        ------
        UsageError
            If the file cannot be read or says something that is not understood.
        """
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise UsageError(f"cannot read the participant file {path}: {error}") from error
        try:
            return cls.from_json(content)
        except UsageError as error:
            raise UsageError(f"participant file {path}: {error}") from error

    @classmethod
    def from_json(cls, content: Any) -> Participant:
        """Make a participant from decoded JSON; its keys are the parameters of this class.

        Parameters
        ----------
        content : object
            What ``json.loads`` returned.

        Raises
        ------
        UsageError
            If it says something that is not understood.
        """
        if not isinstance(content, dict) or not set(content) <= _KEYS:
            raise UsageError(f"expected a JSON object with only the keys {sorted(_KEYS)}.")
        given = {key: content[key] for key in ("reaction_s", "saccade_s") if key in content}
        events = content.get("on_event", {})
        path = content.get("path", [])
        if not isinstance(events, dict) or not isinstance(path, list):
            raise UsageError('"on_event" must be an object of event names, "path" a list.')
        return cls(
            start=_norm(content.get("start", [0, 0])),
            on_event={name: _aim(where) for name, where in events.items()},
            path=tuple(_leg(leg) for leg in path),
            **{key: _numbers([value], 1)[0] for key, value in given.items()},
        )


def _norm(value: Any) -> Norm:
    x, y = _numbers(value, 2)
    return x, y


def _aim(value: Any) -> Norm | Swing:
    return _swing(value) if isinstance(value, dict) else _norm(value)


def _swing(value: dict[str, Any]) -> Swing:
    if set(value) != _SWING_KEYS:
        raise UsageError(f"expected a swing with the keys {sorted(_SWING_KEYS)}.")
    [period_s] = _numbers([value["period_s"]], 1)
    if period_s <= 0:
        raise UsageError("period_s of a swing must be above 0.")
    return Swing(_norm(value["middle"]), _norm(value["reach"]), period_s)


def _leg(value: Any) -> tuple[float, float, float]:
    duration_s, x, y = _numbers(value, 3)
    return duration_s, x, y


def _numbers(value: Any, count: int) -> tuple[float, ...]:
    correct = isinstance(value, (list, tuple)) and len(value) == count
    if not correct or not all(_is_number(item) for item in value):
        raise UsageError(f"expected {count} number(s), got {value!r}.")
    return tuple(float(item) for item in value)


def _is_number(value: Any) -> bool:
    correct_type = isinstance(value, (int, float)) and not isinstance(value, bool)
    return correct_type and -LARGEST < value < LARGEST
