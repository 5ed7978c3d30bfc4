"""Sentences of ours among PsychoPy's alerts, which Builder, Runner and Studio show.

Its catalogue of alerts belongs to PsychoPy, so ours are made without it.
"""

from __future__ import annotations

import sys
from typing import Any

from psychopy.alerts import _alerts

from ._help import HELP

CODE = 9850  # PsychoPy's end at 8110, apart from two of its templates at 9998


class _PassesForPsychoPys(type):
    """Builder's Runner compares the type, and takes what is not quite an alert for text."""

    def __eq__(cls, other: object) -> bool:
        return other is _alerts.AlertEntry or cls is other

    def __hash__(cls) -> int:
        return hash(_alerts.AlertEntry)


class NeonAlert(_alerts.AlertEntry, metaclass=_PassesForPsychoPys):
    """What PsychoPy's own alerts have, for whoever shows them."""

    def __init__(self, message: str, element: Any = None) -> None:
        self.label = "Neon"
        self.code = CODE
        self.cat = "Eyetracking"
        self.url = getattr(element, "url", None) or HELP
        self.obj = element
        self.type = getattr(element, "type", None)
        self.name = element.params["name"].val if hasattr(element, "params") else None
        self.msg = message
        self.trace = None

    def __str__(self) -> str:
        return f"Alert {self.code}: {self.msg}\nFor more info see {self.url}"


def warn(message: str, element: Any = None) -> None:
    """Show a sentence where the experiment is compiled.

    Parameters
    ----------
    message : str
    element : Component or Routine, optional
        What it is about.
    """
    entry = NeonAlert(message, element)
    receivers = [*getattr(_alerts, "_activeAlertHandlers", ())]
    if not receivers and hasattr(sys.stderr, "receiveAlert"):
        receivers = [sys.stderr]
    for receiver in receivers:
        receiver.receiveAlert(entry)
    if not receivers:
        sys.stderr.write(f"{entry}\n")
