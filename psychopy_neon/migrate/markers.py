"""AprilTag Frame and single AprilTags become Neon Markers."""

from __future__ import annotations

import math
from typing import NamedTuple

from psychopy_neon.migrate.carrying_over import carry_over, place
from psychopy_neon.migrate.experiment import Experiment
from psychopy_neon.migrate.tag_size import DEFAULT_TAG_SIZE, tag_size
from psychopy_neon.migrate.values import is_true, whole
from psychopy_neon.migrate.xml_spans import Element

FRAME = "AprilTagFrameComponent"
SINGLE = "AprilTagComponent"
THEIRS = (FRAME, SINGLE)
OURS = "NeonMarkersComponent"

DEFAULTS = {
    **{"anchor": "center", "contrast": "1", "validator": ""},
    **{"pos": "(0, 0)", "size": "(2, 2)", "units": "norm"},
}
OF_FRAME = ("h_count", "v_count", "marker_size", "marker_units")
OF_SINGLE = ("marker_id", "size", "units", "pos", "anchor")


class Layout(NamedTuple):
    """What our markers are told; `size` is None if it cannot be told from the file."""

    columns: int
    rows: int
    first: int
    size: float | None


def migrate_markers(experiment: Experiment) -> set[str]:
    """Rewrite all markers; returns the names of components that are no more."""
    removed: set[str] = set()
    for routine in experiment.routines:
        frames = [c for c in routine.children if c.tag == FRAME]
        singles = [c for c in routine.children if c.tag == SINGLE]
        for frame in frames:
            _migrate_frame(experiment, routine, frame)
        if singles:
            removed |= _migrate_singles(experiment, routine, singles, has_frame=bool(frames))
    return removed


def _migrate_frame(experiment: Experiment, routine: Element, frame: Element) -> None:
    columns = _count(experiment, routine, frame, "h_count", 4)
    rows = _count(experiment, routine, frame, "v_count", 3)
    first = _first_id(frame.value("marker_ids"), 2 * (columns + rows) - 4)
    consumed = OF_FRAME if first is None else (*OF_FRAME, "marker_ids")
    carry_over(experiment, routine, frame, DEFAULTS, consumed=consumed)
    side, units = frame.value("marker_size", "0.125"), frame.value("marker_units")
    size = tag_size(experiment.settings, side, units)
    _become_ours(experiment, routine, frame, Layout(columns, rows, first or 0, size))


def _migrate_singles(
    experiment: Experiment, routine: Element, singles: list[Element], *, has_frame: bool
) -> set[str]:
    """One frame takes the place of all single tags of a Routine, because it surrounds them all."""
    enabled = [c for c in singles if not is_true(c.value("disabled"))] or singles
    stays = None if has_frame else enabled[0]
    _note_places(experiment, routine, singles, stays)
    for single in singles:
        if single is not stays:
            experiment.edits.comment_out(single)
    if stays is not None:
        carry_over(experiment, routine, stays, DEFAULTS, consumed=OF_SINGLE)
        _become_ours(experiment, routine, stays, _layout_of(experiment, enabled))
    return {single.name for single in singles if single is not stays}


def _note_places(
    experiment: Experiment, routine: Element, singles: list[Element], stays: Element | None
) -> None:
    places = ", ".join(
        f"{single.name} {single.value('marker_id', '0')} at {single.value('pos', '(0, 0)')}"
        for single in singles
    )
    new = "the frame of markers that is there" if stays is None else repr(stays.name)
    experiment.note_lost(
        routine,
        f"{routine.name}: the places of single AprilTags ({places}); {new} shows tags along the "
        "border of the window instead",
    )


def _layout_of(experiment: Experiment, singles: list[Element]) -> Layout:
    columns, rows = _grid(len(singles))
    ids = [whole(single.value("marker_id", "0")) for single in singles]
    first = min((tag_id for tag_id in ids if tag_id is not None), default=0)
    height = singles[0].value("size", "(0.2, 0.2)").split(",")[-1].strip(" ()[]")
    return Layout(
        columns, rows, first, tag_size(experiment.settings, height, singles[0].value("units"))
    )


def _become_ours(
    experiment: Experiment, routine: Element, component: Element, layout: Layout
) -> None:
    where = place(routine, component)
    if layout.size is None:
        experiment.notes.by_hand.append(
            f"{where}: how large its markers are depends on more than this file tells; they have "
            f"the size that theirs has unless changed, {DEFAULT_TAG_SIZE} of the window's height"
        )
    size = f"{layout.size or DEFAULT_TAG_SIZE:.4g}"
    numbers = {"columns": layout.columns, "firstId": layout.first, "rows": layout.rows}
    for name, number in numbers.items():
        experiment.edits.set_param(component, name, str(number), "int", "constant")
    experiment.edits.set_param(component, "tagSize", size, "num", "constant")
    experiment.edits.rename(component, OURS)
    experiment.notes.changed.append(
        f"{where}: {component.tag.removesuffix('Component')} -> Neon Markers, {layout.columns} x "
        f"{layout.rows}, {size} of the window's height, numbers from {layout.first}"
    )


def _count(
    experiment: Experiment, routine: Element, frame: Element, name: str, default: int
) -> int:
    """Tags along an edge; fewer than two do not span a window."""
    text = frame.value(name, str(default))
    count = whole(text)
    if count is not None and 2 <= count <= 64:
        return count
    used = 2 if count is not None and count < 2 else default
    sentence = f"{place(routine, frame)}: {name} = {text!r}; {used} is used"
    experiment.note_lost(routine, sentence)
    return used


def _first_id(text: str, tags: int) -> int | None:
    """The number from which ours count up; None if theirs do not count up by one."""
    if text.strip() in ("", "None"):
        return 0
    ids = [whole(part) for part in text.split(",")]
    first = ids[0]
    return first if first is not None and ids == [*range(first, first + tags)] else None


def _grid(tags: int) -> tuple[int, int]:
    """The smallest frame with at least so many tags: 2 x 2, 3 x 2, 3 x 3, ..."""
    edges = max(4, math.ceil((tags + 4) / 2))
    return edges - edges // 2, edges // 2
