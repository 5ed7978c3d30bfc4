"""Problems that the ioHub process has seen, in PsychoPy's log of the experiment."""

from __future__ import annotations

import threading
from collections.abc import Collection

from psychopy import logging

from psychopy_neon.transport.notice_file import Notice, NoticeReader
from psychopy_neon.transport.worker import Worker

LOOK_EVERY_S = 0.1
JOIN_S = 1.0


class NoticeLog:
    """Logs each notice as soon as it is there; PsychoPy shows its log at the next flip.

    Parameters
    ----------
    path : str
        Of the file in which the ioHub process leaves them.
    present : collection of str
        Problems of before that are not over; of those told before, only these are logged.
    """

    def __init__(self, path: str, present: Collection[str] = ()) -> None:
        self._reader = NoticeReader(path)
        for notice in self._reader.read():
            if notice.text in present:
                _log(notice)
        self._worker = Worker("neon-notices", self._follow)
        self._worker.start()

    def close(self) -> None:
        """Log what is left, and end the thread; harmless if repeated."""
        self._worker.stop()
        if self._worker.join(JOIN_S):
            self._log_new()

    def _follow(self, stopping: threading.Event) -> None:
        while not stopping.wait(LOOK_EVERY_S):
            self._log_new()

    def _log_new(self) -> None:
        for notice in self._reader.read():
            _log(notice)


def _log(notice: Notice) -> None:
    log = logging.error if notice.level == "error" else logging.warning
    log(f"psychopy_neon: {notice.text}")
