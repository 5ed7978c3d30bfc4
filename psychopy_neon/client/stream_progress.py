"""What a stream has been doing: its state, and what became of its packets."""

from __future__ import annotations

import logging
import time
from typing import Generic, TypeVar

from psychopy_neon.client.session_receiver import PacketCounts, SessionReceiver
from psychopy_neon.client.stream_health import StreamHealth, StreamSample, StreamState
from psychopy_neon.clock.sender_clock import SenderClock

logger = logging.getLogger(__name__)

T = TypeVar("T", bound=StreamSample)


class StreamProgress(Generic[T]):
    """Written by whoever receives, read by any thread.

    Parameters
    ----------
    name : str
        Of the stream, for the log.

    Attributes
    ----------
    withheld : int
        Damaged pictures that were not given out.
    """

    def __init__(self, name: str) -> None:
        self.withheld = 0
        self._name = name
        self._state = (StreamState.IDLE, "", time.perf_counter_ns())
        # Counts of past sessions, and the present one: one tuple, so that other threads always
        # see parts that belong together.
        self._sessions: tuple[PacketCounts, SessionReceiver[T] | None] = (PacketCounts(), None)
        self._interruptions = (0, 0)  # number, ns
        self._last_error = ""
        self._well_host_ns = 0

    @property
    def state(self) -> StreamState:
        """What the stream is doing."""
        return self._state[0]

    def set_state(self, state: StreamState, error: str = "") -> None:
        """Publish a change; one log line per change, not per retry."""
        before, error_before, since_host_ns = self._state
        if before is StreamState.CLOSED or (before is state and error_before == error):
            return
        if before is not state:
            since_host_ns = time.perf_counter_ns()
        self._last_error = error or self._last_error
        self._state = (state, error, since_host_ns)
        if before is not state:
            level = logging.WARNING if state is StreamState.RECOVERING else logging.INFO
            logger.log(level, "%s stream: %s%s", self._name, state.value, error and f" ({error})")

    def note_well(self) -> bool:
        """Note that something came; returns whether it is the first after none did."""
        now_ns = time.perf_counter_ns()
        has_come_back = self._state[0] not in (StreamState.STREAMING, StreamState.CLOSED)
        if has_come_back:
            if self._well_host_ns:
                number, passed_ns = self._interruptions
                self._interruptions = (number + 1, passed_ns + now_ns - self._well_host_ns)
            self.set_state(StreamState.STREAMING)
        self._well_host_ns = now_ns
        return has_come_back

    # -- sessions -----------------------------------------------------------------------------

    @property
    def receiver(self) -> SessionReceiver[T] | None:
        """Of the present session, or of the last one as long as the next has none."""
        return self._sessions[1]

    @property
    def earlier_clock(self) -> SenderClock | None:
        """What dated the packets of the session before."""
        receiver = self.receiver
        return None if receiver is None else receiver.sender_clock

    def begin(self, receiver: SessionReceiver[T]) -> None:
        """Count a new session on top of the earlier ones."""
        self.end()
        self._sessions = (self._sessions[0], receiver)

    def end(self) -> None:
        """Keep the counts of the session only: a decoder of video holds on to several pictures."""
        past, receiver = self._sessions
        if receiver is not None:
            self._sessions = (past + receiver.counts, None)

    def health(self, rate_hz: float, age_s: float) -> StreamHealth:
        """All of it, with what the samples tell."""
        past, receiver = self._sessions
        counts = past if receiver is None else past + receiver.counts
        number, interrupted_ns = self._interruptions
        return StreamHealth(
            *self._state,
            received=counts.received,
            lost=counts.lost,
            malformed=counts.malformed,
            repeated=counts.repeated,
            reordered=counts.reordered,
            late=counts.late,
            withheld=self.withheld,
            interruptions=number,
            interrupted_ns=interrupted_ns,
            rate_hz=rate_hz,
            age_s=age_s,
            last_error=self._last_error,
        )
