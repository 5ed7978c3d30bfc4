"""One thing that was checked, and all of them together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["good", "warning", "bad", "waiting"]
Verdict = Literal["ready", "ready with warnings", "not ready", "waiting"]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was checked.

    Attributes
    ----------
    key : str
        Its name in data files.
    title : str
        Its name for people.
    state : {"good", "warning", "bad", "waiting"}
    value : str
        What was found, in a few words; may be empty.
    sentence : str
        What is wrong and what to do; empty if it is good.
    """

    key: str
    title: str
    state: State
    value: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Readiness:
    """Everything that was checked, at one moment.

    Attributes
    ----------
    items : tuple of Item
        In the order in which they are shown.
    """

    items: tuple[Item, ...]

    @property
    def verdict(self) -> Verdict:
        """Not ready if anything is bad, else waiting if anything is not known yet."""
        states = {item.state for item in self.items}
        if "bad" in states:
            return "not ready"
        if "waiting" in states:
            return "waiting"
        return "ready with warnings" if "warning" in states else "ready"

    @property
    def ready(self) -> bool:
        """Whether nothing is bad and everything is known; there may be warnings."""
        return self.verdict in ("ready", "ready with warnings")

    @property
    def all_good(self) -> bool:
        """Whether there is nothing to be said against anything."""
        return self.verdict == "ready"

    @property
    def bad(self) -> tuple[Item, ...]:
        """What keeps the session from beginning."""
        return tuple(item for item in self.items if item.state == "bad")

    def item(self, key: str) -> Item | None:
        """The item with this key, or None.

        Parameters
        ----------
        key : str
            Such as "battery".
        """
        return next((item for item in self.items if item.key == key), None)

    def __str__(self) -> str:
        open_items = [item for item in self.items if item.sentence]
        told = "; ".join(f"{item.title}: {item.sentence}" for item in open_items)
        return f"{self.verdict}{': ' if told else ''}{told}"
