"""Markers for what needs some on the screen for the time being, as a validation does."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from psychopy_neon.runtime.markers import NeonMarkers
from psychopy_neon.runtime.tracker import connect
from psychopy_neon.visual import NeonMarkers as PlainMarkers


@contextlib.contextmanager
def shown_markers(win: Any, glasses: Any, markers: Any | None) -> Iterator[Any]:
    """Show these markers, or others, within this; then, an empty window or theirs."""
    with contextlib.ExitStack() as afterwards:
        if markers is None:
            afterwards.enter_context(window_lent(glasses))
            markers = markers_of_experiment(win, glasses) or usual_markers(win, glasses)
        # PsychoPy's attribute is no boolean before it is set for the first time.
        shows_anyway = bool(vars(markers).get("autoDraw"))
        markers.autoDraw = True
        try:
            yield markers
        finally:
            if not shows_anyway:
                markers.autoDraw = False
            if not getattr(win, "_closed", False):
                win.flip()


@contextlib.contextmanager
def window_lent(glasses: Any) -> Iterator[None]:
    """Find the window by other markers within this; then, by those of before, if there were any."""
    if _is_own(glasses):
        yield
        return
    tracker = connect(glasses)
    before = tracker.window_markers
    try:
        yield
    finally:
        if before is not None and tracker.surface_owner is not before[1]:
            tracker.set_surface(*before)


def markers_of_experiment(win: Any, glasses: Any) -> Any:
    """Those that it shows at other times, which may be larger, or have other numbers."""
    if _is_own(glasses):
        return None
    owner = connect(glasses).surface_owner
    return owner if isinstance(owner, PlainMarkers) and owner.win is win else None


def usual_markers(win: Any, glasses: Any) -> Any:
    """The default frame."""
    return PlainMarkers(win) if hasattr(glasses, "clock_map") else NeonMarkers(win, glasses)


def _is_own(glasses: Any) -> bool:
    """Whether they are connected in this process."""
    return hasattr(glasses, "clock_map") and not hasattr(glasses, "neon_tracker")
