"""What can be known to be wrong with a Neon Check before the experiment runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from psychopy.localization import _translate

from ._settings_checks import constant, number

NUMBERS = ("minutes", "clockBound", "roundTrip", "gazeRate", "batteryRate", "storageRate")
HIGHEST_GAZE_HZ = 200.0


def problems_of_check(element: Any, _settings: dict[str, Any]) -> Iterator[str]:
    """Sentences about its fields."""
    params = element.params
    for param in [*(params[name] for name in NUMBERS), params["timeLimit"]]:
        value, may_be_blank = number(param), param is params["timeLimit"]
        is_blank = constant(param) in ("", "None")
        if (value is not None and not value > 0) or (is_blank and not may_be_blank):
            yield _translate("'{label}' of {name} is {value!r}; expected more than 0.").format(
                label=param.label, name=element.name, value=param.val
            )
    rate_hz = number(params["gazeRate"])
    if rate_hz is not None and rate_hz > HIGHEST_GAZE_HZ:
        yield _translate(
            "{name} wants {rate:g} gaze samples a second, but the glasses send 200 at most: it "
            "would never be ready."
        ).format(name=element.name, rate=rate_hz)
    if params["byItself"] and constant(params["timeLimit"]) in ("", "None"):
        yield _translate(
            "{name} goes on by itself when all is green, but waits for a key if anything is not: "
            "for runs that nobody attends, set a time limit."
        ).format(name=element.name)
