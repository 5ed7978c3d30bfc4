"""Fields for those who have several windows or surfaces in view of the glasses."""

from __future__ import annotations

from typing import Any

from psychopy.experiment import Param
from psychopy.localization import _translate

from ._settings_checks import constant

WINDOW = "win"


def surface_param(value: Any, hint: str) -> Param:
    """The name of the window or surface."""
    return Param(
        value,
        valType="str",
        inputType="single",
        categ="Surface",
        updates="constant",
        canBePath=False,
        label=_translate("Surface"),
        hint=hint,
    )


def window_param(value: Any) -> Param:
    """The window, if it is not the experiment's own."""
    return Param(
        value,
        valType="code",
        inputType="single",
        categ="Surface",
        updates="constant",
        canBePath=False,
        label=_translate("Window"),
        hint=_translate(
            "Variable of a second window, such as win2: made in a Code Component above this one, "
            "under Begin Experiment, and flipped there in Each Frame. Blank means the "
            "experiment's window."
        ),
    )


def window_code(element: Any) -> str:
    """The variable of the window, for the script."""
    return str(element.params["window"].val).strip("$ ") or WINDOW


def surface_code(element: Any) -> str:
    """The argument for the script; empty for the experiment's window."""
    return "" if constant(element.params["surface"]) == "" else ", surface=%(surface)s"
