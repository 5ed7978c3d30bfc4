"""One sensor's stream: keeps it running, and holds what came.

A thread per stream connects, receives, decodes and reconnects. Streams are independent: video
that is being decoded never holds up gaze.
"""

from __future__ import annotations

import enum
import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from psychopy_neon.client.sample_buffer import SampleBuffer, SampleReader, Timed
from psychopy_neon.client.sample_decoders import SampleDecoder
from psychopy_neon.client.session_receiver import SessionReceiver
from psychopy_neon.clock.clock_map import ClockMap
from psychopy_neon.exceptions import ClosedError, NeonConnectionError, NeonError, ProtocolError
from psychopy_neon.protocol.rtp import SequenceCounter
from psychopy_neon.protocol.sdp import Media
from psychopy_neon.protocol.status import Sensor
from psychopy_neon.transport.backoff import Backoff
from psychopy_neon.transport.rtsp import Carrier, Datagram, RtspSession
from psychopy_neon.transport.worker import Worker

logger = logging.getLogger(__name__)

FIRST_PACKET_S = 4.0  # if none comes over UDP, a firewall is likely: try the RTSP connection
RECEIVE_S = 0.25
T = TypeVar("T", bound=Timed)
T_co = TypeVar("T_co", bound=Timed, covariant=True)


class NoPacketsError(NeonConnectionError):
    """A session was set up and nothing came: this carrier does not get through."""


class StreamState(enum.Enum):
    """What a stream is doing."""

    IDLE = "idle"
    """Not asked for yet."""
    NO_SENSOR = "no sensor"
    """The phone has no such sensor at the moment; waiting for it."""
    CONNECTING = "connecting"
    STREAMING = "streaming"
    RECOVERING = "recovering"
    """Lost; trying to get it back."""
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class StreamHealth:
    """State of a stream at one moment.

    Attributes
    ----------
    state : StreamState
    error : str
        Why it is not streaming; empty if it is.
    since_host_ns : int
        Since when, ``time.perf_counter_ns()``.
    received, lost, malformed : int
        Packets of all sessions so far: seen, missing by their numbers, unreadable.
    """

    state: StreamState
    error: str
    since_host_ns: int
    received: int
    lost: int
    malformed: int


class StreamSource(Protocol):
    """What a stream needs to know of its phone."""

    @property
    def host(self) -> str:
        """Where the user reached the phone."""

    def sensor(self, name: str) -> Sensor | None:
        """The sensor's newest status."""

    @property
    def clock_map(self) -> ClockMap | None:
        """Newest relation of the phone's clock to ours, or None before the first probe."""


class DecoderType(Protocol[T_co]):
    """A decoder class: the kind of media it takes, after how long a silence it is lost, and how
    to make one."""

    kind: str
    silence_s: float

    def __call__(self, media: Media) -> SampleDecoder[T_co]: ...


class SensorStream(Generic[T]):
    """Samples of one sensor.

    The first read starts the stream; nothing here waits unless it has a timeout.

    Parameters
    ----------
    name : str
        Of the stream.
    source : StreamSource
    decoder_type : type
    capacity : int
        Samples kept.
    sensor : str
        The phone's name of the sensor ("gaze", "world", ...) if it is another.
    """

    def __init__(
        self,
        name: str,
        source: StreamSource,
        decoder_type: DecoderType[T],
        capacity: int,
        *,
        sensor: str | None = None,
    ) -> None:
        self.name = name
        self._sensor = sensor or name
        self.buffer: SampleBuffer[T] = SampleBuffer(capacity)
        self._source = source
        self._decoder_type = decoder_type
        # Received and lost in past sessions, and the counter of the present one: one tuple, so
        # that other threads always see parts that belong together.
        self._packets = (0, 0, SequenceCounter())
        self._malformed = 0
        self._state = (StreamState.IDLE, "", time.perf_counter_ns())
        self._start_lock = threading.Lock()
        self._started = False
        self._worker = Worker(f"neon-{name}", self._run)
        self._reader = SampleReader(self.buffer)

    # -- reading ------------------------------------------------------------------------------

    def latest(self) -> T | None:
        """The newest sample, or None before the first; never blocks."""
        self.start()
        return self.buffer.latest

    def read(self, timeout_s: float) -> T | None:
        """The next sample that this method has not returned yet; None after `timeout_s`."""
        self.start()
        return self._reader.read(timeout_s)

    def reader(self) -> SampleReader[T]:
        """A reader of its own, which gets every sample from now on."""
        self.start()
        return SampleReader(self.buffer)

    def __iter__(self) -> Iterator[T]:
        return iter(self.reader())

    @property
    def health(self) -> StreamHealth:
        """State, last error and packet counts; never blocks."""
        state, error, since_host_ns = self._state
        past_received, past_lost, counter = self._packets
        received, lost = past_received + counter.received, past_lost + counter.lost
        return StreamHealth(state, error, since_host_ns, received, lost, self._malformed)

    # -- lifecycle ----------------------------------------------------------------------------

    def start(self) -> None:
        """Start streaming if it does not run yet; returns at once.

        Raises
        ------
        ClosedError
            If the stream was closed.
        """
        if self._started:
            return
        with self._start_lock:
            if self._state[0] is StreamState.CLOSED:
                raise ClosedError(f"the {self.name} stream was closed with its device")
            if not self._started:
                self._started = True
                self._worker.start()

    def stop(self) -> None:
        """Ask the stream to end; returns at once."""
        with self._start_lock:
            self._set_state(StreamState.CLOSED)
            self._worker.stop()

    def join(self, timeout_s: float) -> bool:
        """Wait for the stream's thread; call `stop` first."""
        ended = self._worker.join(timeout_s)
        self.buffer.close()
        return ended

    # -- the thread ---------------------------------------------------------------------------

    def _run(self, stopping: threading.Event) -> None:
        backoff = Backoff()
        carrier: Carrier = "udp"
        while not stopping.is_set():
            sensor = self._source.sensor(self._sensor)
            if sensor is None or sensor.url is None:
                self._set_state(
                    StreamState.NO_SENSOR, f"the phone has no {self._sensor} sensor now"
                )
                stopping.wait(RECEIVE_S)
                continue
            if self._state[0] is not StreamState.RECOVERING:
                self._set_state(StreamState.CONNECTING)
            started_s = time.perf_counter()
            try:
                self._stream(sensor.url, carrier, stopping)
            except NeonError as error:
                self._set_state(StreamState.RECOVERING, str(error))
                if isinstance(error, NoPacketsError):
                    carrier = "tcp" if carrier == "udp" else "udp"
            except Exception as error:  # outermost frame: a fault of ours must not end the stream
                logger.exception("%s stream: please report this error", self.name)
                self._set_state(StreamState.RECOVERING, f"an error of ours: {error!r}")
            backoff.worked_for(time.perf_counter() - started_s)
            stopping.wait(backoff.next_delay_s())

    def _stream(self, url: str, carrier: Carrier, stopping: threading.Event) -> None:
        """Run one session until it fails or the stream is stopped."""
        kind = self._decoder_type.kind
        session = RtspSession(self._source.host, url, kind, carrier, stopping)
        try:
            media = session.open()
            receiver = SessionReceiver(media, self._decoder_type(media), self._source)
            self._start_counting(receiver.counter)
            silent_since_s, heard = time.perf_counter(), 0
            while not stopping.is_set():
                for datagram in session.receive(RECEIVE_S):
                    self._take(receiver, datagram)
                if receiver.counter.received > heard:
                    silent_since_s, heard = time.perf_counter(), receiver.counter.received
                self._check_silence(receiver, time.perf_counter() - silent_since_s)
        finally:
            session.close()

    def _start_counting(self, counter: SequenceCounter) -> None:
        past_received, past_lost, past = self._packets
        self._packets = (past_received + past.received, past_lost + past.lost, counter)

    def _take(self, receiver: SessionReceiver[T], datagram: Datagram) -> None:
        """One bad packet costs one packet."""
        try:
            for sample in receiver.push(datagram):
                self.buffer.append(sample)
                if self._state[0] is not StreamState.STREAMING:
                    self._set_state(StreamState.STREAMING)
        except ProtocolError:
            self._malformed += 1

    def _check_silence(self, receiver: SessionReceiver[T], silent_s: float) -> None:
        if receiver.ended:
            raise NeonConnectionError(f"the phone ended the {self.name} stream")
        silence_s = self._decoder_type.silence_s
        if receiver.counter.received and silent_s > silence_s:
            raise NeonConnectionError(f"no {self.name} packets for {silence_s:g} s")
        first_s = max(silence_s, FIRST_PACKET_S)
        if silent_s > first_s:
            raise NoPacketsError(f"no {self.name} packets for {first_s:g} s")

    def _set_state(self, state: StreamState, error: str = "") -> None:
        """Publish a change; one log line per change, not per retry."""
        before = self._state[0]
        if before is StreamState.CLOSED or (before is state and self._state[1] == error):
            return
        self._state = (state, error, time.perf_counter_ns())
        if before is not state:
            level = logging.WARNING if state is StreamState.RECOVERING else logging.INFO
            logger.log(level, "%s stream: %s%s", self.name, state.value, error and f" ({error})")
