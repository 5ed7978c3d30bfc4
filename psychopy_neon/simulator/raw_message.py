"""Status messages that are not as they should be."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from psychopy_neon.protocol.status import Hardware


@dataclass(frozen=True)
class RawMessage:
    """A status message with any model and any data, sent as it is."""

    model: str
    data: Any

    def to_json(self) -> dict[str, Any]:
        """The message as it goes over the wire."""
        return {"model": self.model, "data": self.data}


def hardware_of_nulls() -> RawMessage:
    """What the phone says about its hardware when no glasses are plugged in."""
    return RawMessage("Hardware", {field.name: None for field in fields(Hardware)})
