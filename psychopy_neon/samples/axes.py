"""Numbers that belong together."""

from __future__ import annotations

Vector = tuple[float, float, float]
"""Along the x, y and z axis."""
Point = tuple[float, float]
"""Along the x and y axis of a picture."""
