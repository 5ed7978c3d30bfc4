"""The file of tags on paper that stand around the window."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.pose import MIN_TAGS
from psychopy_neon.screen.printed_tags import PrintedTags

Printed = PrintedTags | str | os.PathLike[str] | None


def printed_tags(given: Printed) -> PrintedTags | None:
    """Read the file, if it is one; an empty name is none.

    Raises
    ------
    UsageError
        If it cannot be read or makes no sense.
    """
    if given is None or isinstance(given, PrintedTags):
        return given
    if not os.fspath(given):
        return None
    try:
        text = Path(given).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(
            f"the file of printed markers {os.fspath(given)!r} cannot be read: {reason}. "
            "`psychopy-neon markers --layout` writes one."
        ) from error
    return PrintedTags.from_json(text)


def check_together(printed: PrintedTags | None, shown_ids: Collection[int]) -> None:
    """Refuse tags that are both on paper and on the window, and too few of them.

    Raises
    ------
    UsageError
        If it is so.
    """
    ids = () if printed is None else printed.ids
    twice = sorted(set(ids) & set(shown_ids))
    if twice:
        raise UsageError(
            f"tag {twice[0]} is on paper and would be shown as well: print others, with "
            "`psychopy-neon markers --first-id`, or give the window another first_id."
        )
    if len(ids) + len(shown_ids) < MIN_TAGS:
        raise UsageError(
            f"{len(ids)} printed markers do not fix the window in space: use at least {MIN_TAGS}, "
            "or show markers on the window as well."
        )
