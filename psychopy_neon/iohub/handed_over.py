"""Events that the experiment hands over through a file, and what became of each."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from psychopy_neon.client.events import EventReceipt, EventState
from psychopy_neon.protocol.spooled_event import SpooledEvent
from psychopy_neon.transport.event_spool import make_spool
from psychopy_neon.transport.spool_reader import SpoolReader
from psychopy_neon.transport.worker import Worker

logger = logging.getLogger(__name__)

POLL_S = 0.01
JOIN_TIMEOUT_S = 2.0
OUTCOMES_AT_ONCE = 100  # 40 bytes each; ioHub sends replies above 8 kB in pieces that may get lost
MAX_RECEIPTS = 100_000

Outcome = list[Any]


class HandedOverEvents:
    """Follows the experiment's spool, and keeps the receipts of its events.

    Parameters
    ----------
    accept : callable
        Takes an event over; False if there is no place for it now.
    journal : str
        File that will hold every event that was taken over; empty for none.
    """

    def __init__(self, accept: Callable[[SpooledEvent], bool], journal: str) -> None:
        self.last_number = 0
        self._accept = accept
        self._journal = journal
        self._receipts: dict[int, EventReceipt] = {}
        self._waiting: deque[SpooledEvent] = deque()
        self._reader: SpoolReader | None = None
        self._worker: Worker | None = None
        self._is_unreadable = False
        self._lock = threading.Lock()  # events are taken in order, whoever asks for it

    def open(self) -> tuple[Path, int]:
        """Begin to follow a new file, after the one before.

        Returns
        -------
        tuple of Path and int
            The file, and the number of the first event in it.

        Raises
        ------
        OSError
            If no file can be made.
        """
        self.close()
        self._reader = SpoolReader(make_spool(self._journal))
        self._worker = Worker("neon-event-intake", self._follow)
        self._worker.start()
        return self._reader.path, self.last_number + 1

    def take_new(self) -> None:
        """Take over everything that is in the file by now."""
        reader = self._reader
        while reader is not None and self._take(reader):
            pass

    def note(self, number: int, receipt: EventReceipt) -> None:
        """Remember who knows what became of an event."""
        self._receipts[number] = receipt
        if len(self._receipts) > MAX_RECEIPTS:
            del self._receipts[next(iter(self._receipts))]

    def outcomes(self, since: int) -> list[Outcome]:
        """State, phone's time and its bound (both ns, 0 if unknown) of the events after `since`.

        Returns
        -------
        list of list
            100 at most, each with number, state, time and bound.
        """
        last = min(self.last_number, since + OUTCOMES_AT_ONCE)
        return [self._outcome(number) for number in range(since + 1, last + 1)]

    def take_rest(self) -> None:
        """Take over what the file still holds, and do not follow it any longer."""
        if self._worker is None or self._reader is None:
            return
        self._worker.stop()
        self._worker.join(JOIN_TIMEOUT_S)
        self.take_new()

    def close(self) -> None:
        """Let go of the file, and delete it if it is not needed any more."""
        self.take_rest()
        reader, self._reader, self._worker = self._reader, None, None
        if reader is not None:
            reader.close()
            self._forget(reader.path, self._is_unreadable or bool(reader.unreadable))

    def _outcome(self, number: int) -> Outcome:
        receipt = self._receipts.get(number)
        if receipt is None:
            return [number, EventState.PENDING.value, 0, 0]
        return [number, receipt.state.value, receipt.device_ns or 0, receipt.bound_ns or 0]

    def _forget(self, path: Path, is_damaged: bool) -> None:
        if self._waiting or is_damaged or not (self._journal or self._are_confirmed()):
            logger.warning("%s keeps the events of this experiment", path)
        else:
            with contextlib.suppress(OSError):  # Windows keeps a file that somebody has open
                path.unlink()

    def _are_confirmed(self) -> bool:
        outcomes = [self._outcome(number) for number in range(1, self.last_number + 1)]
        return all(state == EventState.CONFIRMED.value for _, state, *_ in outcomes)

    def _follow(self, stopping: threading.Event) -> None:
        reader = self._reader
        while reader is not None and not stopping.wait(POLL_S):
            self._take(reader)

    def _take(self, reader: SpoolReader) -> bool:
        """Whether there is more that could be taken over at once."""
        with self._lock:
            is_more = bool(self._waiting)
            if not self._waiting:  # else the rest stays in the file, which has room for it
                is_more = self._read(reader)
            while self._waiting and self._accept(self._waiting[0]):
                self.last_number = max(self.last_number, self._waiting.popleft().number)
            return is_more and not self._waiting

    def _read(self, reader: SpoolReader) -> bool:
        """Whether there is more in the file."""
        try:
            self._waiting.extend(reader.read())
        except OSError as error:  # perhaps only for now, as on a drive across the network
            if not self._is_unreadable:
                logger.error("%s cannot be read: %s", reader.path, error.strerror)
            self._is_unreadable = True
            return False
        self._is_unreadable = False
        return not reader.is_at_end
