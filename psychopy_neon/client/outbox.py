"""What the phone is to be told, in order, over one connection, by one thread.

Callers put work in and go on. They do not even wake the thread, which would take them as long as
all the rest of sending an event: it looks by itself, often while there is something to do.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from psychopy_neon.protocol.rest import Call
from psychopy_neon.transport.deadline import clipped_s
from psychopy_neon.transport.http import RestConnection
from psychopy_neon.transport.worker import Worker

logger = logging.getLogger(__name__)

CALL_TIMEOUT_S = 3.0
BUSY_S, BUSY_POLL_S, IDLE_POLL_S = 1.0, 0.005, 0.1
END_S = 1.0

Work = tuple[Callable[[Any], None], Any]


class Outbox:
    """Queue, thread and connection.

    Parameters
    ----------
    connection : RestConnection
        Used by the thread only.

    Attributes
    ----------
    put : callable
        Adds a function and its argument to the queue; takes well under a microsecond.
    link_error : str
        Why the phone cannot be told anything now; empty if it can.
    is_closing : bool
        Whether nothing more is taken.
    """

    def __init__(self, connection: RestConnection) -> None:
        self.link_error = ""
        self.is_closing = False
        self._connection = connection
        self._works: deque[Work] = deque()
        self.put = self._works.append
        self._wake = threading.Event()
        self._give_up_s = float("inf")
        self._worker = Worker("neon-control", self._run)

    def start(self) -> None:
        """Start the thread."""
        self._worker.start()

    def hurry(self) -> None:
        """Have the thread look into the queue now: somebody waits."""
        self._wake.set()

    def close(self, timeout_s: float, interrupt: Callable[[], None]) -> None:
        """Carry out what is left, then end the thread.

        Parameters
        ----------
        timeout_s : float
            For the work that is left. What cannot be done by then is given up.
        interrupt : callable
            Ends what the thread may be waiting for, apart from the connection.
        """
        self._give_up_s = time.perf_counter() + clipped_s(timeout_s)
        self.is_closing = True
        self.hurry()
        if self._worker.is_current:  # closed by what it was told to call: it goes on here
            self._carry_out()
        if not self._worker.join(timeout_s):
            interrupt()
            self._connection.interrupt()
            self._worker.join(END_S)
        self._connection.close()

    # -- for the work, in the thread ----------------------------------------------------------

    def call(self, call: Call) -> Any:
        """Send one call and return its result; raises as `RestConnection.call` does."""
        left_s = self._give_up_s - time.perf_counter()
        return self._connection.call(call, max(0.2, min(CALL_TIMEOUT_S, left_s)))

    def forget_call(self) -> None:
        """From now on no call has gone out."""
        self._connection.has_left = False

    @property
    def has_left(self) -> bool:
        """Whether the latest call went out: then it may have had its effect without an answer."""
        return self._connection.has_left

    @property
    def may_give_up(self) -> bool:
        """Whether there is no time left to try again."""
        return self.is_closing and time.perf_counter() >= self._give_up_s

    def pause(self, delay_s: float) -> None:
        """Sleep between tries; while closing only briefly, since little time is left."""
        end_s = time.perf_counter() + delay_s
        while (left_s := end_s - time.perf_counter()) > 0:
            if self.is_closing:
                time.sleep(min(left_s, 0.1))
                return
            time.sleep(min(left_s, IDLE_POLL_S))

    def note_link(self, error: str) -> None:
        """Say once that the phone does not answer, and once that it does again."""
        if error and not self.link_error:
            logger.warning("events are being kept, the phone does not answer: %s", error)
        elif self.link_error and not error:
            logger.warning("the phone answers again; events are being delivered")
        self.link_error = error

    # -- the thread ---------------------------------------------------------------------------

    def _run(self, stopping: threading.Event) -> None:
        self._carry_out()

    def _carry_out(self) -> None:
        while (work := self._next()) is not None:
            function, argument = work
            try:
                function(argument)
            except Exception:  # outermost frame: a fault of ours must not keep back what follows
                logger.exception("telling the phone failed; please report this error")

    def _next(self) -> Work | None:
        """The next piece of work, as soon as there is one; None at the end."""
        busy_until_s = time.perf_counter() + BUSY_S
        while not self._works:
            if self.is_closing:
                return None
            is_busy = time.perf_counter() < busy_until_s
            self._wake.wait(BUSY_POLL_S if is_busy else IDLE_POLL_S)
            self._wake.clear()
        return self._works.popleft()
