"""The end of an experiment: what is left is waited for, and what became of it is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from psychopy import logging

from psychopy_neon.exceptions import NeonConnectionError
from psychopy_neon.runtime.link import HubLink
from psychopy_neon.runtime.outcome import EventOutcome
from psychopy_neon.runtime.row import write_in_all_rows
from psychopy_neon.runtime.sent_events import SentEvents
from psychopy_neon.runtime.waiting import wait_for_rest

SETTLE_TIMEOUT_S = 10.0
EVENTS_COLUMN = "neon.events"


class Recorder(Protocol):
    """What is asked of a recording when the experiment ends."""

    def stop(self) -> None: ...

    def write_outcome(self) -> None: ...


class RunEnd:
    """Knows what has to be ended, and of what the outcome has to be told.

    Parameters
    ----------
    link : HubLink
    call : callable
        As ``link.call``, but returns None, and has said so, if there is no reply.
    sent : SentEvents

    Attributes
    ----------
    events : EventOutcome
        Tells what became of them.
    """

    def __init__(self, link: HubLink, call: Callable[..., Any], sent: SentEvents) -> None:
        self.events = EventOutcome(sent)
        self._link = link
        self._call = call
        self._sent = sent
        self._recorders: list[Recorder] = []
        self._experiments: list[Any] = []

    @property
    def has_recorders(self) -> bool:
        """Whether recordings will have to be stopped."""
        return bool(self._recorders)

    def begin(self) -> None:
        """Take note of what ioHub has done for others before."""
        self.events.begin(self._call("neon_events", dict) or {})

    def add_recorder(self, recorder: Recorder) -> None:
        """Have it stopped."""
        self._recorders.append(recorder)

    def add_experiment(self, exp: Any) -> None:
        """Have what became of the events written into this data file."""
        if not any(exp is known for known in self._experiments):
            self._experiments.append(exp)

    def finish(self, timeout_s: float = SETTLE_TIMEOUT_S) -> None:
        """Stop recordings, wait for the phone's answers, at most so long, and report."""
        for recorder in self._recorders:
            recorder.stop()
        wait_for_rest(self._left, timeout_s)
        self._sent.collect_all()
        for recorder in self._recorders:
            recorder.write_outcome()
        self._report_recording()
        if self._sent.handed_over:
            self._report_events()

    def _report_recording(self) -> None:
        """Say so if the phone never confirmed the end of the recording."""
        recording = self._call("neon_recording", dict) if self._recorders else None
        if recording and recording["id"] and recording["state"] != "idle":
            logging.warning(
                f"psychopy_neon: the phone did not confirm that recording {recording['id']} was "
                f"stopped and saved; look at the phone {recording['error']}".rstrip()
            )

    def _report_events(self) -> None:
        try:
            counts = self._link.call("neon_events", dict)
            status = self._link.call("neon_status", dict)
        except NeonConnectionError:
            summary = self.events.report_unknown(str(self._sent.path or ""))
        else:
            journal = status.get("journal") or self._sent.path or ""
            summary = self.events.report(counts, str(journal))
        for exp in self._experiments:
            write_in_all_rows(exp, EVENTS_COLUMN, summary)

    def _left(self) -> str:
        """What the phone has not answered yet, in words."""
        if self._link.gone:
            return ""
        events = 0 if self._never_connected() else self._unanswered()
        words = [f"{events} event{'s' * (events > 1)}"] if events else []
        recording = self._call("neon_recording", dict) or {}
        if recording.get("state") in ("starting", "stopping"):
            words.append("the phone's recording")
        return " and ".join(words)

    def _unanswered(self) -> int:
        counts = self._call("neon_events", dict) or {}
        on_the_way = max(0, self._sent.last_number - int(counts.get("handed_over", 0)))
        return int(counts.get("pending", 0)) + on_the_way

    def _never_connected(self) -> bool:
        return bool((self._call("neon_status", dict) or {}).get("state") == "failed")
