"""Keeps one sensor's stream running.

A thread per stream connects, receives, decodes and reconnects. Streams are independent: video
that is being decoded never holds up gaze.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar

from psychopy_neon.client.carrier_choice import CarrierChoice
from psychopy_neon.client.intake import Intake
from psychopy_neon.client.sample_buffer import SampleBuffer
from psychopy_neon.client.sample_decoders import SampleDecoder
from psychopy_neon.client.session_receiver import SessionReceiver
from psychopy_neon.client.silence import Silence
from psychopy_neon.client.stream_health import StreamSample, StreamState
from psychopy_neon.client.stream_progress import StreamProgress
from psychopy_neon.clock.clock_map import ClockMap
from psychopy_neon.exceptions import NeonConnectionError, NeonError
from psychopy_neon.protocol.sdp import Media
from psychopy_neon.protocol.status import Sensor
from psychopy_neon.transport.backoff import Backoff
from psychopy_neon.transport.rtsp import RtspSession
from psychopy_neon.transport.worker import Worker

logger = logging.getLogger(__name__)

FIRST_PACKET_S = 4.0  # if none comes over UDP, a firewall is likely: try the RTSP connection
RECEIVE_S = 0.25
POLL_S = 0.05
T = TypeVar("T", bound=StreamSample)
T_co = TypeVar("T_co", bound=StreamSample, covariant=True)


class NoPacketsError(NeonConnectionError):
    """A session was set up and nothing came: this carrier does not get through."""


class StreamSource(Protocol):
    """What a stream needs to know of its phone."""

    @property
    def host(self) -> str:
        """Where the phone was seen last."""

    @property
    def stranger(self) -> str:
        """Why what answers there is not used; empty unless it is another phone."""

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


class StreamKeeper(Generic[T]):
    """Connects, receives, decodes and reconnects, in a thread of its own.

    Parameters
    ----------
    name, sensor : str
        Of the stream; the phone's name of the sensor.
    source : StreamSource
        The phone.
    decoder_type : type
        Makes samples of packets.
    buffer : SampleBuffer
        Gets the samples.

    Attributes
    ----------
    progress : StreamProgress
    withhold_damaged : bool
        Whether to leave out pictures that lost packets have damaged.
    """

    def __init__(
        self,
        name: str,
        sensor: str,
        source: StreamSource,
        decoder_type: DecoderType[T],
        buffer: SampleBuffer[T],
    ) -> None:
        self.progress: StreamProgress[T] = StreamProgress(name)
        self.withhold_damaged = False
        self._name = name
        self._sensor = sensor
        self._source = source
        self._decoder_type = decoder_type
        self._buffer = buffer
        self._carriers = CarrierChoice()
        self._worker = Worker(f"neon-{name}", self._run)

    def start(self) -> None:
        """Start, the first time; not after `stop`."""
        self._worker.start()

    def stop(self) -> None:
        """Ask it to end; returns at once."""
        self.progress.set_state(StreamState.CLOSED)
        self._worker.stop()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread, at most `timeout_s`; whether it has ended."""
        return self._worker.join(timeout_s)

    def _run(self, stopping: threading.Event) -> None:
        backoff = Backoff()
        while (url := self._wait_for_sensor(stopping)) is not None:
            started_s = time.perf_counter()
            try:
                self._stream(url, stopping)
            except NeonError as error:
                self.progress.set_state(StreamState.RECOVERING, str(error))
                if isinstance(error, NoPacketsError):
                    self._carriers.note_silence()
            except Exception as error:  # outermost frame: a fault of ours must not end the stream
                logger.exception("%s stream: please report this error", self._name)
                self.progress.set_state(StreamState.RECOVERING, f"an error of ours: {error!r}")
            passed_s = time.perf_counter() - started_s
            backoff.worked_for(passed_s)
            self._wait_to_retry(url, backoff.next_delay_s() - passed_s, stopping)
        self.progress.end()

    def _wait_for_sensor(self, stopping: threading.Event) -> str | None:
        """Where to stream from, as soon as the phone says so; None if the stream is stopped."""
        while not stopping.is_set():
            url = self._url()
            if url is not None:
                if self.progress.state is not StreamState.RECOVERING:
                    self.progress.set_state(StreamState.CONNECTING)
                return url
            error = self._source.stranger or f"the phone has no {self._sensor} sensor now"
            self.progress.set_state(StreamState.NO_SENSOR, error)
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
        return None if sensor is None or self._source.stranger else sensor.url

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
                self._buffer.source = intake
            silence = Silence(self._decoder_type.silence_s)
            while not stopping.is_set():
                self._receive(intake, silence)
                self._check(intake.receiver, silence, url)
        finally:
            self._buffer.source = None
            intake.close()

    def _receive(self, intake: Intake[T], silence: Silence) -> None:
        receiver = intake.receiver
        decoded = receiver.decoded
        if intake.is_attended and not self._buffer.is_awaited:
            looked_s = intake.stand_by()
        else:
            looked_s = intake.run_once(RECEIVE_S)
        silence.note(receiver.received, receiver.arrived_s, looked_s)
        # There may be no eye event for long; its keep-alives show that the stream is well.
        has_news = receiver.decoded > decoded and self._decoder_type.kind == "application"
        if has_news and self.progress.note_well():
            self._carriers.note_packets()

    def _new_receiver(self, media: Media) -> SessionReceiver[T]:
        decoder, earlier = self._decoder_type(media), self.progress.earlier_clock
        receiver = SessionReceiver(media, decoder, self._source, earlier)
        self.progress.begin(receiver)
        return receiver

    def _take(self, samples: Iterable[T]) -> None:
        if self.progress.note_well():
            self._carriers.note_packets()
        for sample in samples:
            if self.withhold_damaged and getattr(sample, "damaged", False):
                self.progress.withheld += 1
            else:
                self._buffer.append(sample)

    def _check(self, receiver: SessionReceiver[T], silence: Silence, url: str) -> None:
        if self._source.stranger:
            raise NeonConnectionError(self._source.stranger)
        if receiver.ended:
            raise NeonConnectionError(f"the phone ended the {self._name} stream")
        if silence.is_lost:
            error = f"no {self._name} packets for {silence.limit_s:.2g} s{self._reported}"
            self.progress.set_state(StreamState.RECOVERING, error)
            if silence.is_hopeless or self._url() != url:
                raise NeonConnectionError(error)
        first_s = max(self._decoder_type.silence_s, FIRST_PACKET_S)
        if silence.never_heard_s > first_s:
            raise NoPacketsError(f"no {self._name} packets for {first_s:g} s{self._reported}")

    @property
    def _reported(self) -> str:
        """What the phone itself says is wrong with the sensor."""
        sensor = self._source.sensor(self._sensor)
        fails = sensor is not None and sensor.stream_error
        return f"; the phone reports an error of its {self._sensor} sensor" if fails else ""
