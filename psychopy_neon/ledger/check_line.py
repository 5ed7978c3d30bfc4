"""A line of the ledger about a check before the session."""

from __future__ import annotations

from psychopy_neon.ledger.lines import Line, text, whole_or
from psychopy_neon.ledger.session import LedgerCheck

MOST_PROBLEMS = 50


def check_of(line: Line) -> LedgerCheck:
    """Read it.

    Raises
    ------
    ValueError, TypeError
        If it cannot be understood.
    """
    outcome = line.get("outcome")
    if not isinstance(outcome, dict) or not text(outcome, "verdict"):
        raise ValueError("a check without a verdict")
    items = outcome.get("items")
    found = list(items.items())[:MOST_PROBLEMS] if isinstance(items, dict) else []
    problems = [
        f"{key}: {sentence}"
        for key, (state, _, sentence) in found
        if state != "good" and isinstance(sentence, str)
    ]
    return LedgerCheck(
        verdict=text(outcome, "verdict"),
        choice=text(outcome, "choice"),
        chosen_by=text(outcome, "chosen_by"),
        retries=whole_or(outcome, "retries", 0),
        problems=tuple(problems),
    )
