"""Size of a marker: theirs in any unit with its white margin, ours of the black part."""

from __future__ import annotations

from psychopy_neon.migrate.values import number, numbers
from psychopy_neon.migrate.xml_spans import Element

DEFAULT_TAG_SIZE = 0.1
BLACK_SHARE = 0.8  # of 10 modules the outer ones are white
FROM_SETTINGS = ("", "None", "from exp settings")


def tag_size(settings: Element, size: str, units: str) -> float | None:
    """Side of the black square as a fraction of the window's height.

    None if it cannot be told from the file (code, or centimetres and degrees, which depend on the
    monitor) or makes no sense.
    """
    side = number(size)
    per_height = _units_per_height(settings, units.strip())
    if side is None or per_height is None:
        return None
    fraction = BLACK_SHARE * side / per_height
    return fraction if 0.01 <= fraction <= 0.4 else None


def _units_per_height(settings: Element, units: str) -> float | None:
    """Height of the window in these units."""
    if units in FROM_SETTINGS:
        units = settings.value("Units").strip()
    if units == "pix":
        window = numbers(settings.value("Window size (pixels)"))
        return window[1] if window and len(window) == 2 and window[1] > 0 else None
    return {"height": 1.0, "norm": 2.0}.get(units)
