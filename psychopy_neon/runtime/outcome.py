"""What became of the events, in words."""

from __future__ import annotations

from typing import Any

from psychopy import logging

from psychopy_neon.runtime.sent_events import SentEvents
from psychopy_neon.runtime.waiting import say

_NAMES_SHOWN = 10


class EventOutcome:
    """Reports what the phone made of the events that were handed to ioHub.

    Parameters
    ----------
    sent : SentEvents
    """

    def __init__(self, sent: SentEvents) -> None:
        self._sent = sent
        self._before: dict[str, Any] = {}

    def begin(self, counts: dict[str, Any]) -> None:
        """Leave out what ioHub has counted so far: that was of an experiment before this one."""
        self._before = dict(counts)

    def report(self, counts: dict[str, Any], journal: str) -> str:
        """Log one line, and a warning for events that are not safely in our recording.

        Parameters
        ----------
        counts : dict
            Reply of `neon_events`.
        journal : str
            File in which every event is kept; may be empty.

        Returns
        -------
        str
            How many events were confirmed, of how many.
        """
        counts = self._since_begin(counts)
        confirmed = int(counts["confirmed"])
        refused = self._sent.refused
        lost = [*map(str, counts.get("unconfirmed_names", [])), *refused]
        total = max(self._sent.handed_over, int(counts["sent"]) + len(refused))
        summary = f"{confirmed} of {total} events confirmed"
        say(f"psychopy_neon: {summary}")
        if total > confirmed:
            logging.warning(f"psychopy_neon: not confirmed: {_listed(lost)}{_kept_in(journal)}")
        if counts.get("discarded"):
            logging.warning(
                f"psychopy_neon: {counts['discarded']} event(s) reached the phone while it was "
                "not recording; it kept none of them"
            )
        if counts.get("misplaced"):
            logging.warning(
                f"psychopy_neon: {counts['misplaced']} event(s) went into another recording than "
                "the one that this experiment started"
            )
        return summary

    def _since_begin(self, counts: dict[str, Any]) -> dict[str, Any]:
        before = self._before
        names = counts.get("unconfirmed_names", [])[len(before.get("unconfirmed_names", [])) :]
        since = {
            key: value - before.get(key, 0) for key, value in counts.items() if type(value) is int
        }
        return {**since, "unconfirmed_names": names}

    def report_unknown(self, spool: str) -> str:
        """Warn that ioHub ended before it could say what became of the events.

        Parameters
        ----------
        spool : str
            File through which the events were handed over; may be empty.

        Returns
        -------
        str
            What is known of the events.
        """
        summary = f"unknown how many of {self._sent.handed_over} events"
        logging.warning(
            f"psychopy_neon: ioHub ended early, so it is {summary} the phone confirmed"
            f"{_kept_in(spool)}"
        )
        return f"{summary} were confirmed: ioHub ended early"


def _listed(names: list[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:_NAMES_SHOWN])
    more = len(names) - _NAMES_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown or "names unknown"


def _kept_in(journal: str) -> str:
    return f"; {journal} keeps all events" if journal else ""
