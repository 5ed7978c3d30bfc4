"""Takes what has arrived for a stream, in whichever thread wants it.

A thread that waits for a sample waits for the socket itself, and a frame loop that asks for the
newest one empties the socket on the way. So a sample is not handed from thread to thread, and a
program that never lets another thread run still sees what came. The stream's own thread stands by
meanwhile, and takes over when nobody asks.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

from psychopy_neon.client.sample_buffer import Timed
from psychopy_neon.client.session_receiver import SessionReceiver
from psychopy_neon.exceptions import NeonConnectionError, NeonError
from psychopy_neon.transport.rtsp import Datagram, RtspSession

logger = logging.getLogger(__name__)

# Longer than from one frame to the next, and short enough to take over soon.
STAND_BY_S = 0.1
# Another thread is just about to publish; it needs some 0.1 ms, if it gets the interpreter.
BUSY_S = 0.002
MAX_AT_ONCE = 256

T = TypeVar("T", bound=Timed)


class Intake(Generic[T]):
    """One session's packets on their way to samples.

    Parameters
    ----------
    session : RtspSession
        Open; closed by `close`.
    receiver : SessionReceiver
    publish : callable
        Gets the samples, in order; calls never overlap.
    """

    def __init__(
        self,
        session: RtspSession,
        receiver: SessionReceiver[T],
        publish: Callable[[Sequence[T]], None],
    ) -> None:
        self.receiver = receiver
        self._session = session
        self._publish = publish
        self._open = True
        self._failure: NeonError | None = None
        self._asked_s = 0.0
        self._stands_by = self._is_recalled = False
        self._taking = threading.Lock()
        self._waiting = threading.Lock()

    # -- for callers --------------------------------------------------------------------------

    def pump(self) -> None:
        """Publish what has arrived; never waits for the network, and never raises."""
        self._asked_s = looked_s = time.perf_counter()
        if self._taking.acquire(timeout=BUSY_S):
            try:
                self._publish_all(self._session.receive_media(MAX_AT_ONCE), looked_s)
            finally:
                self._taking.release()

    def lead(self, timeout_s: float) -> bool:
        """Wait for packets in place of the stream's own thread, and publish what has come.

        Returns
        -------
        bool
            False, at once, if the stream's own thread has to do that, or another caller does.
        """
        self._asked_s = looked_s = time.perf_counter()
        receiver = self.receiver
        # Packets that are dated by when they come must not wait for a caller to look.
        if not (receiver.is_dated and self._waiting.acquire(blocking=False)):
            return False
        try:
            if not self._open:
                return False
            if receiver.held:
                timeout_s = receiver.wait_s(timeout_s)
            # Until this thread has published it, for which it may have to wait.
            receiver.order.has_one_in_hand = True
            # One is enough for who waits for one; to look for more costs time.
            datagram = self._session.next_media(timeout_s)
            with self._taking:
                receiver.order.has_one_in_hand = False
                self._publish_all(() if datagram is None else (datagram,), looked_s)
        except NeonError as error:
            self._failure = error  # for the stream's own thread, which mends it
            return False
        finally:
            receiver.order.has_one_in_hand = False  # Ctrl-C may have ended the waiting
            self._waiting.release()
        return True

    def recall(self) -> None:
        """Have the stream's own thread wait for packets: somebody waits for it to publish them."""
        self._is_recalled = True
        if self._stands_by:
            self._session.recall()

    def _publish_all(self, datagrams: Iterable[Datagram], looked_s: float) -> None:
        """Publish what had come by `looked_s` at least, ``time.perf_counter()``."""
        if self._failure is not None or not self._open:
            return
        receiver = self.receiver
        try:
            for datagram in datagrams:
                samples = receiver.push(datagram)
                if samples:  # at once: after a halt these may be many pictures, of 3 MB each
                    self._publish(samples)
            # What was not there then is late. What has come since may still lie in the socket.
            if receiver.held and (samples := receiver.release(int(looked_s * 1e9))):
                self._publish(samples)
        except NeonError as error:
            self._failure = error  # for the stream's own thread, which mends it
        except Exception as error:  # a fault of ours must not end what the caller does
            logger.exception("taking packets failed; please report this error")
            self._failure = NeonConnectionError(f"an error of ours: {error!r}")

    # -- for the stream's own thread ----------------------------------------------------------

    @property
    def is_attended(self) -> bool:
        """Whether callers take what comes, so that the thread may stand by."""
        if not self.receiver.is_dated or self._failure is not None:
            return False
        return time.perf_counter() - self._asked_s < STAND_BY_S

    def stand_by(self) -> float:
        """Leave media to the callers for a while; take what else has come, as `run_once` does."""
        self._stands_by = True  # before the look at what `recall` has set
        if not self._is_recalled:
            self._session.wait_for_the_rest(STAND_BY_S)
        self._stands_by = self._is_recalled = False
        return self._take()

    def run_once(self, timeout_s: float) -> float:
        """Wait for packets, and publish what has come; also answers and reports.

        Returns
        -------
        float
            What had come by then was taken, ``time.perf_counter()``.

        Raises
        ------
        NeonError
            If the session is over.
        """
        if self._waiting.acquire(timeout=timeout_s):
            try:
                self._session.wait(self.receiver.wait_s(timeout_s))
            finally:
                self._waiting.release()
        return self._take()

    def _take(self) -> float:
        looked_s = time.perf_counter()
        with self._taking:
            if self._failure is None:
                self._publish_all(self._session.receive(), looked_s)
            if self._failure is not None:
                raise self._failure
        return looked_s

    def close(self) -> None:
        """End the session, as soon as no caller uses it."""
        self._open = False
        with self._waiting, self._taking:
            self._session.close()
