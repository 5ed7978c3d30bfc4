"""Every method of `Faults` and `Controls` by its name, for scenarios and the control endpoint."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Protocol

from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator.arguments import Argument, arguments_of, read_arguments
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.controls import Controls
from psychopy_neon.simulator.faults import Faults
from psychopy_neon.simulator.options import SimulatorOptions
from psychopy_neon.simulator.refusal import RefusalError
from psychopy_neon.simulator.truth import TrueStep, TruthLog


class Device(Protocol):
    """What the actions are done to."""

    options: SimulatorOptions
    clock: SimulatedClock
    truth: TruthLog
    faults: Faults
    controls: Controls


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done to a running simulator.

    Attributes
    ----------
    name : str
    owner : str
        Attribute of `SimulatedNeon` whose method it is.
    arguments : mapping of str to Argument
    does : str
        One line for people.
    """

    name: str
    owner: str
    arguments: Mapping[str, Argument]
    does: str

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What the method is called with, from decoded JSON; UsageError if that cannot be."""
        return read_arguments(self.name, self.arguments, given)

    def check_glasses(self, device: Device, given: Mapping[str, Any]) -> None:
        """UsageError if these glasses do not have what the action is about."""
        stream = given.get("stream")
        if stream is not None and stream not in device.faults.streams:
            there = ", ".join(device.faults.streams)
            raise UsageError(f"these glasses have no stream {stream!r}; there are {there}.")
        if self.name in ("look_at", "blink") and device.options.replay is not None:
            raise UsageError(f"{self.name}: a replayed wearer does only what was recorded.")
        if self.name == "seek" and device.options.replay is None:
            raise UsageError("seek needs a recording: give replay to the simulator.")
        if self.name == "show_patch" and device.options.display_lag_s is None:
            raise UsageError("show_patch needs a patch: give display_lag_s to the simulator.")
        if self.name == "gaze_variant" and device.options.glasses.gaze_bytes is not None:
            raise UsageError("gaze_variant: these glasses have one variant of gaze only.")

    def perform(
        self, device: Device, given: Mapping[str, Any], at_s: float | None = None
    ) -> int | None:
        """Do it, and note it in the truth log; return the method's answer.

        Raises
        ------
        UsageError
            If an argument is wrong, or the phone refused.
        """
        arguments = self.read(given)
        method = getattr(getattr(device, self.owner), self.name)
        step = TrueStep(self.name, dict(given), device.clock.now_ns(), at_s)
        device.truth.add_step(step)  # the truth first: whoever sees the effect may look it up
        try:
            answer: int | None = method(**arguments)
            return answer
        except (UsageError, RefusalError) as error:
            device.truth.add_step(replace(step, problem=str(error)))
            raise UsageError(f"{self.name}: {error}") from error


def find_action(name: object) -> Action:
    """The action of that name.

    Raises
    ------
    UsageError
        If there is none.
    """
    if isinstance(name, str) and name in ACTIONS:
        return ACTIONS[name]
    alike = get_close_matches(str(name)[:100], ACTIONS, 1)
    hint = f"did you mean {alike[0]}?" if alike else f"there are {', '.join(ACTIONS)}."
    raise UsageError(f"there is no {str(name)[:100]!r}; {hint}")


def _methods(owner: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, value in vars(owner).items():
        if inspect.isfunction(value) and not name.startswith("_"):
            yield name, value


def _first_line(method: Callable[..., Any]) -> str:
    return (inspect.getdoc(method) or "").partition("\n")[0]


ACTIONS: Mapping[str, Action] = {
    name: Action(name, owner, arguments_of(method), _first_line(method))
    for owner, cls in (("controls", Controls), ("faults", Faults))
    for name, method in _methods(cls)
}
