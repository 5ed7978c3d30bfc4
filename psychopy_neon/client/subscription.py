"""Calls a function with every sample of a stream."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from psychopy_neon.client.sample_buffer import SampleBuffer, SampleReader, Timed
from psychopy_neon.transport.worker import Worker

logger = logging.getLogger(__name__)

WAIT_S = 0.25
END_S = 1.0
T = TypeVar("T", bound=Timed)


class Subscription(Generic[T]):
    """Calls a function with every sample, in order, in a thread of its own.

    A slow function holds up neither the stream nor other readers; what it comes too late for is
    counted. One that raises is called again with the next sample; the first error is logged. Made
    by `SensorStream.subscribe`; ends with `close` or with the stream.

    Attributes
    ----------
    called, failed : int
        Calls so far; those among them that raised.
    """

    def __init__(self, name: str, buffer: SampleBuffer[T], function: Callable[[T], object]) -> None:
        self.called = self.failed = 0
        self._name = name
        self._buffer = buffer
        self._function = function
        self._reader = SampleReader(buffer)
        self._worker = Worker(f"neon-{name}-callback", self._run)
        self._worker.start()

    @property
    def dropped(self) -> int:
        """Samples that the function came too late for."""
        return self._reader.dropped

    @property
    def is_open(self) -> bool:
        """Whether the function may be called."""
        return self._worker.is_alive

    def close(self, timeout_s: float = END_S) -> bool:
        """End it; waits for a call that is under way. Idempotent.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds. The function itself may close its subscription: that does not
            wait.

        Returns
        -------
        bool
            Whether no call is under way any more, but for one that closes it itself.
        """
        self._worker.stop()
        return self._worker.join(timeout_s)

    def _run(self, stopping: threading.Event) -> None:
        while not (stopping.is_set() or self._buffer.is_closed):
            sample = self._reader.read(WAIT_S)
            if sample is not None and not stopping.is_set():
                self._call(sample)

    def _call(self, sample: T) -> None:
        self.called += 1
        try:
            self._function(sample)
        except Exception:  # what a user wrote must not end the calls
            self.failed += 1
            if self.failed == 1:
                logger.exception("a function called with each %s sample failed", self._name)
