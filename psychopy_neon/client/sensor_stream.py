"""One sensor's stream: keeps it running, and holds what came.

A thread per stream connects, receives, decodes and reconnects. Streams are independent: video
that is being decoded never holds up gaze.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, Protocol, TypeVar

from psychopy_neon.client.carrier_choice import CarrierChoice
from psychopy_neon.client.intake import Intake
from psychopy_neon.client.sample_buffer import SampleBuffer, SampleReader
from psychopy_neon.client.sample_decoders import SampleDecoder
from psychopy_neon.client.session_receiver import PacketCounts, SessionReceiver
from psychopy_neon.client.silence import Silence
from psychopy_neon.client.stream_health import StreamHealth as StreamHealth
from psychopy_neon.client.stream_health import StreamSample, age_s, rate_hz
from psychopy_neon.client.stream_health import StreamState as StreamState
from psychopy_neon.client.subscription import Subscription
from psychopy_neon.clock.clock_map import ClockMap
from psychopy_neon.clock.sender_clock import SenderClock
from psychopy_neon.exceptions import ClosedError, NeonConnectionError, NeonError
from psychopy_neon.protocol.sdp import Media
from psychopy_neon.protocol.status import Sensor
from psychopy_neon.transport.backoff import Backoff
from psychopy_neon.transport.rtsp import RtspSession
from psychopy_neon.transport.worker import Worker

logger = logging.getLogger(__name__)

FIRST_PACKET_S = 4.0  # if none comes over UDP, a firewall is likely: try the RTSP connection
RECEIVE_S = 0.25
POLL_S = 0.05
RATED_SAMPLES = 100
T = TypeVar("T", bound=StreamSample)
T_co = TypeVar("T_co", bound=StreamSample, covariant=True)


class NoPacketsError(NeonConnectionError):
    """A session was set up and nothing came: this carrier does not get through."""


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
    """Samples of one sensor, over RTSP and RTP (reference, 4; RFC 2326, RFC 3550).

    The first read starts the stream; nothing here waits unless it has a timeout.

    Parameters
    ----------
    name : str
        Of the stream.
    source : StreamSource
        The phone.
    decoder_type : type
        Makes samples of packets.
    capacity : int
        Samples kept.
    sensor : str
        The phone's name of the sensor ("gaze", "world", ...) if it is another.

    Attributes
    ----------
    withhold_damaged : bool
        Video only: whether to leave out pictures that lost packets have damaged. By default
        they are given out and marked (`VideoFrame.damaged`). May be changed at any time.
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
        self.withhold_damaged = False
        # Counts of past sessions, and the present one: one tuple, so that other threads always
        # see parts that belong together.
        self._sessions: tuple[PacketCounts, SessionReceiver[T] | None] = (PacketCounts(), None)
        self._withheld = 0
        self._interruptions = (0, 0)  # number, ns
        self._well_host_ns = 0
        self._carriers = CarrierChoice()
        self._state = (StreamState.IDLE, "", time.perf_counter_ns())
        self._start_lock = threading.Lock()
        self._started = False
        self._worker = Worker(f"neon-{name}", self._run)
        self._reader = SampleReader(self.buffer)
        self._subscriptions: tuple[Subscription[T], ...] = ()

    # -- reading ------------------------------------------------------------------------------

    def latest(self) -> T | None:
        """The newest sample, or None before the first; never blocks."""
        self.start()
        return self.buffer.latest

    def read(self, timeout_s: float) -> T | None:
        """The next sample that this method has not returned yet; waits up to `timeout_s`.

        Starts the stream if it does not run.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        sample or None
            None if none came in time, or the stream was stopped.

        Raises
        ------
        ClosedError
            If the stream was closed.
        """
        self.start()
        return self._reader.read(timeout_s)

    def reader(self) -> SampleReader[T]:
        """A reader of its own, which gets every sample from now on; starts the stream."""
        self.start()
        return SampleReader(self.buffer)

    def __iter__(self) -> Iterator[T]:
        return iter(self.reader())

    def subscribe(self, function: Callable[[T], object]) -> Subscription[T]:
        """Have a function called with every sample from now on; starts the stream.

        Parameters
        ----------
        function : callable
            Called with one sample at a time, in order, in a thread of its own: it may take its
            time, but must not draw or touch a window.

        Returns
        -------
        Subscription
            ``close()`` ends the calls; so does closing the device.

        Raises
        ------
        ClosedError
            If the stream was closed.
        """
        self.start()
        subscription = Subscription(self.name, self.buffer, function)
        with self._start_lock:
            going_on = [each for each in self._subscriptions if each.is_open]
            self._subscriptions = (*going_on, subscription)
        return subscription

    @property
    def health(self) -> StreamHealth:
        """State, last error, rate, age and packet counts; never blocks."""
        newest, _ = self.buffer.since(max(0, self.buffer.appended - RATED_SAMPLES))
        now_host_ns = time.perf_counter_ns()
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
            withheld=self._withheld,
            interruptions=number,
            interrupted_ns=interrupted_ns,
            rate_hz=rate_hz(newest, now_host_ns),
            age_s=age_s(newest, self._source.clock_map, now_host_ns),
        )

    @property
    def state(self) -> StreamState:
        """What the stream is doing; `health` says more."""
        return self._state[0]

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
        """Wait for the stream's thread, at most `timeout_s`; call `stop` first.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        bool
            Whether it has ended.
        """
        until_s = time.perf_counter() + timeout_s
        ended = [self._worker.join(timeout_s)]
        self.buffer.close()
        for subscription in self._subscriptions:
            ended.append(subscription.close(max(0.0, until_s - time.perf_counter())))
        return all(ended)

    # -- the thread ---------------------------------------------------------------------------

    def _run(self, stopping: threading.Event) -> None:
        backoff = Backoff()
        while (url := self._wait_for_sensor(stopping)) is not None:
            started_s = time.perf_counter()
            try:
                self._stream(url, stopping)
            except NeonError as error:
                self._set_state(StreamState.RECOVERING, str(error))
                if isinstance(error, NoPacketsError):
                    self._carriers.note_silence()
            except Exception as error:  # outermost frame: a fault of ours must not end the stream
                logger.exception("%s stream: please report this error", self.name)
                self._set_state(StreamState.RECOVERING, f"an error of ours: {error!r}")
            passed_s = time.perf_counter() - started_s
            backoff.worked_for(passed_s)
            self._wait_to_retry(url, backoff.next_delay_s() - passed_s, stopping)
        self._forget_session()

    def _wait_for_sensor(self, stopping: threading.Event) -> str | None:
        """Where to stream from, as soon as the phone says so; None if the stream is stopped."""
        while not stopping.is_set():
            url = self._url()
            if url is not None:
                if self._state[0] is not StreamState.RECOVERING:
                    self._set_state(StreamState.CONNECTING)
                return url
            self._set_state(StreamState.NO_SENSOR, f"the phone has no {self._sensor} sensor now")
            stopping.wait(POLL_S)
        return None

    def _wait_to_retry(self, url: str, delay_s: float, stopping: threading.Event) -> None:
        """Not longer than until the phone tells another address, as after a restart."""
        due_s = time.perf_counter() + delay_s
        while (left_s := due_s - time.perf_counter()) > 0 and self._url() == url:
            if stopping.wait(min(left_s, POLL_S)):
                return

    def _url(self) -> str | None:
        sensor = self._source.sensor(self._sensor)
        return None if sensor is None else sensor.url

    def _stream(self, url: str, stopping: threading.Event) -> None:
        """Run one session until it fails or the stream is stopped."""
        kind = self._decoder_type.kind
        session = RtspSession(self._source.host, url, kind, self._carriers.next, stopping)
        try:
            intake = Intake(session, self._new_receiver(session.open()), self._take)
        except BaseException:
            session.close()
            raise
        try:
            if session.has_media_sockets and self._decoder_type.kind == "application":
                self.buffer.source = intake
            silence = Silence(self._decoder_type.silence_s)
            while not stopping.is_set():
                self._receive(intake, silence)
                self._check(intake.receiver, silence, url)
        finally:
            self.buffer.source = None
            intake.close()

    def _receive(self, intake: Intake[T], silence: Silence) -> None:
        receiver = intake.receiver
        decoded = receiver.decoded
        if intake.is_attended and not self.buffer.is_awaited:
            looked_s = intake.stand_by()
        else:
            looked_s = intake.run_once(RECEIVE_S)
        silence.note(receiver.received, receiver.arrived_s, looked_s)
        # There may be no eye event for long; its keep-alives show that the stream is well.
        if receiver.decoded > decoded and self._decoder_type.kind == "application":
            self._note_well()

    def _new_receiver(self, media: Media) -> SessionReceiver[T]:
        past, before = self._sessions
        earlier: SenderClock | None = None
        if before is not None:
            past, earlier = past + before.counts, before.sender_clock
        receiver = SessionReceiver(media, self._decoder_type(media), self._source, earlier)
        self._sessions = (past, receiver)
        return receiver

    def _forget_session(self) -> None:
        """Free the decoder: one of video holds on to several pictures."""
        past, receiver = self._sessions
        if receiver is not None:
            self._sessions = (past + receiver.counts, None)

    def _take(self, samples: Iterable[T]) -> None:
        if self._state[0] is not StreamState.STREAMING:
            self._note_well()
        self._well_host_ns = time.perf_counter_ns()
        for sample in samples:
            if self.withhold_damaged and getattr(sample, "damaged", False):
                self._withheld += 1
            else:
                self.buffer.append(sample)

    def _note_well(self) -> None:
        now_ns = time.perf_counter_ns()
        if self._state[0] is not StreamState.STREAMING:
            if self._well_host_ns:
                number, passed_ns = self._interruptions
                self._interruptions = (number + 1, passed_ns + now_ns - self._well_host_ns)
            self._carriers.note_packets()
            self._set_state(StreamState.STREAMING)
        self._well_host_ns = now_ns

    def _check(self, receiver: SessionReceiver[T], silence: Silence, url: str) -> None:
        if receiver.ended:
            raise NeonConnectionError(f"the phone ended the {self.name} stream")
        if silence.is_lost:
            error = f"no {self.name} packets for {silence.limit_s:.2g} s"
            self._set_state(StreamState.RECOVERING, error)
            if silence.is_hopeless or self._url() != url:
                raise NeonConnectionError(error)
        first_s = max(self._decoder_type.silence_s, FIRST_PACKET_S)
        if silence.never_heard_s > first_s:
            raise NoPacketsError(f"no {self.name} packets for {first_s:g} s")

    def _set_state(self, state: StreamState, error: str = "") -> None:
        """Publish a change; one log line per change, not per retry."""
        before, error_before, since_host_ns = self._state
        if before is StreamState.CLOSED or (before is state and error_before == error):
            return
        if before is not state:
            since_host_ns = time.perf_counter_ns()
        self._state = (state, error, since_host_ns)
        if before is not state:
            level = logging.WARNING if state is StreamState.RECOVERING else logging.INFO
            logger.log(level, "%s stream: %s%s", self.name, state.value, error and f" ({error})")
