"""What a check found, and what the experimenter made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from psychopy_neon.readiness import Readiness

Choice = Literal["go on", "stop"]
ChosenBy = Literal["key", "itself", "time limit", "closed window"]


@dataclass(frozen=True)
class Check:
    """What a check found, and what the experimenter made of it.

    Attributes
    ----------
    readiness : Readiness
        Everything that was checked, as it was at the end.
    choice : {"go on", "stop"}
    chosen_by : {"key", "itself", "time limit", "closed window"}
        Who chose: somebody at the keyboard; the check, as all was good; the time limit.
    retries : int
        How often everything was checked again.
    seconds : float
        How long it took.
    """

    readiness: Readiness
    choice: Choice
    chosen_by: ChosenBy
    retries: int
    seconds: float

    @property
    def ready(self) -> bool:
        """Whether nothing was bad, and everything known."""
        return self.readiness.ready

    @property
    def stopped(self) -> bool:
        """Whether the experiment is to end."""
        return self.choice == "stop"

    def to_message(self) -> dict[str, Any]:
        """Plain values, for the journal."""
        return {
            "verdict": self.readiness.verdict,
            "choice": self.choice,
            "chosen_by": self.chosen_by,
            "retries": self.retries,
            "seconds": round(self.seconds, 3),
            "items": {
                item.key: [item.state, item.value, item.sentence] for item in self.readiness.items
            },
        }

    def __str__(self) -> str:
        words = "stopped" if self.stopped else "went on"
        return f"glasses {self.readiness}; {words} by {self.chosen_by} after {self.seconds:.1f} s"
