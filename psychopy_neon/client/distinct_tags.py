"""Which tags belong to which surface: none of them to two."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.surface import Surface


class HasTags(Protocol):
    """A window or other surface with tags on it."""

    name: str

    @property
    def tag_ids(self) -> tuple[int, ...]:
        """Ids of its tags."""

    def shows(self, surface: Surface) -> bool:
        """Whether these are its tags, in the same places."""


def check_distinct(name: str, surface: Surface, others: Iterable[HasTags]) -> None:
    """Refuse tags that another surface has, unless it is the same surface.

    Raises
    ------
    UsageError
        It says which tag is on which surfaces.
    """
    for other in others:
        twice = sorted(set(surface.tag_ids) & set(other.tag_ids))
        if twice and not other.shows(surface):
            both = f"{_named(other.name, other.tag_ids)} and {_named(name, surface.tag_ids)}"
            raise UsageError(
                f"tag {twice[0]} is on two surfaces, {both}: give every surface tags of its own, "
                "as with first_id=100, or, if it is the same surface, the same name."
            )


def _named(name: str, tag_ids: Iterable[int]) -> str:
    return f"{name!r} (tags {_ranges(tag_ids)})"


def _ranges(tag_ids: Iterable[int]) -> str:
    """Such as ``0-7, 100``."""
    runs: list[list[int]] = []
    for tag_id in sorted(tag_ids):
        if runs and runs[-1][-1] == tag_id - 1:
            runs[-1].append(tag_id)
        else:
            runs.append([tag_id])
    return ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
