"""Names by which windows and other surfaces are told apart."""

from __future__ import annotations

from psychopy_neon.exceptions import UsageError

WINDOW = "screen"
"""The experiment's window, whose gaze is in the data file; an empty name means it, too."""

LONGEST = 32


def surface_name(given: object) -> str:
    """The name of a surface, checked; that of the window if it is empty.

    Parameters
    ----------
    given : str
        Letters without accents, digits, blanks and the like; None for the window.

    Returns
    -------
    str

    Raises
    ------
    UsageError
        If it is no text, longer than 32 characters, or has others: it is written into the data
        file, where they would be lost.
    """
    text = "" if given is None else given
    is_plain = isinstance(text, str) and text.isascii() and (text.isprintable() or not text)
    name = text.strip() if isinstance(text, str) else ""
    if not is_plain or len(name) > LONGEST:
        raise UsageError(
            f"{given!r} cannot be the name of a surface; expected at most {LONGEST} letters "
            "without accents, digits or blanks, such as 'left'."
        )
    return name or WINDOW
