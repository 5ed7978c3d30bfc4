"""What can be known to be wrong with windows and surfaces before the experiment runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from psychopy.localization import _translate

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.surface_names import WINDOW, surface_name

from ._settings_checks import constant, number
from ._surfaces import window_code

FRAME_TAGS = range(8)
"""Of the frame that the experiment settings can show on every screen."""


class Given(NamedTuple):
    """Markers on a surface, by whom, and in which window."""

    by: str
    surface: str
    tags: range
    window: str


def surface_of(element: Any) -> str | None:
    """Name of its surface; None if it is code, or cannot be a name."""
    text = constant(element.params["surface"])
    try:
        return None if text is None else surface_name(text)
    except UsageError:
        return None


def problems_of_name(element: Any) -> Iterator[str]:
    """A sentence if its surface cannot have that name."""
    text = constant(element.params["surface"])
    try:
        surface_name(text or "")
    except UsageError as error:
        yield _translate("{name}: {error}").format(name=element.name, error=error)


def problems_of_gaze(element: Any, markers: list[Any]) -> Iterator[str]:
    """A sentence if no `markers` of the experiment are on the named surface of this gaze."""
    wanted = surface_of(element)
    known = {surface_of(each) for each in markers}
    if wanted in (None, WINDOW) or None in known or wanted in known:
        return
    names = ", ".join(sorted(f"'{name}'" for name in known if name not in (None, WINDOW)))
    yield _translate(
        "{name} is on the surface '{surface}', which no Neon Markers of the experiment gives (they "
        "give {names}): write '{surface}' into the 'Surface' of one of them, or correct the name."
    ).format(name=element.name, surface=wanted, names=names or _translate("the window only"))


def problems_of_markers(element: Any, before: list[Any], settings: Any) -> Iterator[str]:
    """Sentences if this and other Neon Markers cannot be on two surfaces at once.

    Parameters
    ----------
    element : Component
    before : list of Component
        Neon Markers that come before it in the experiment.
    settings : dict
        Of the experiment.
    """
    ours = _given(element)
    if ours is None:
        return
    others = [other for other in map(_given, before) if other is not None]
    if settings["neonRtMarkers"].val == "always":
        others.insert(0, Given(_translate("the frame of the settings"), WINDOW, FRAME_TAGS, "win"))
    for other in others:
        if other.surface == ours.surface and other.window != ours.window:
            yield _one_name_twice(ours, other)
            return
        if other.surface != ours.surface and set(other.tags) & set(ours.tags):
            yield _one_tag_twice(ours, other)
            return


def _given(markers: Any) -> Given | None:
    """None if the script does not show them, or code decides on it."""
    surface = surface_of(markers)
    first, columns, rows = (number(markers.params[key]) for key in ("firstId", "columns", "rows"))
    if surface is None or None in (first, columns, rows) or not markers.params["shown"].val:
        return None
    assert first is not None and columns is not None and rows is not None
    count = max(0, 2 * (int(columns) + int(rows)) - 4)
    tags = range(int(first), int(first) + count)
    return Given(markers.name, surface, tags, window_code(markers))


def _one_name_twice(ours: Given, other: Given) -> str:
    text: str = _translate(
        "{name} and {other} are on two windows, {window} and {other_window}, and both as the "
        "surface '{surface}': give one of them a name of its own in 'Surface'."
    ).format(
        name=ours.by,
        other=other.by,
        window=ours.window,
        other_window=other.window,
        surface=ours.surface,
    )
    return text


def _one_tag_twice(ours: Given, other: Given) -> str:
    text: str = _translate(
        "Markers may be on one surface only: {other} has {other_tags} on '{other_surface}', and "
        "{name} has {tags} on '{surface}'. Give one of them another 'First marker', such as 100."
    ).format(
        name=ours.by,
        tags=_range(ours.tags),
        surface=ours.surface,
        other=other.by,
        other_tags=_range(other.tags),
        other_surface=other.surface,
    )
    return text


def _range(tags: range) -> str:
    return f"{tags.start}-{tags.stop - 1}"
