"""One pair of glasses."""

from __future__ import annotations

import enum
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from psychopy_neon.client.camera import CameraRemote
from psychopy_neon.client.clock_sync import ClockSync
from psychopy_neon.client.connecting import DEFAULT_PORT, Answered, Wanted, connect_to
from psychopy_neon.client.control import Control
from psychopy_neon.client.events import EventCounts, EventReceipt
from psychopy_neon.client.experiment_clock import ExperimentClock
from psychopy_neon.client.finding import Sweep, find
from psychopy_neon.client.journal import Journal
from psychopy_neon.client.matched_data import MatchedData
from psychopy_neon.client.phone_facts import PhoneFacts
from psychopy_neon.client.recording import RecordingRemote
from psychopy_neon.client.sample_decoders import (
    AudioDecoder,
    EyeEventDecoder,
    GazeDecoder,
    ImuDecoder,
    VideoStreamDecoder,
)
from psychopy_neon.client.sensor_skew import SensorSkew
from psychopy_neon.client.sensor_stream import DecoderType, SensorStream, StreamHealth
from psychopy_neon.client.template import TemplateRemote
from psychopy_neon.exceptions import ClosedError, NeonTimeoutError, UsageError
from psychopy_neon.protocol.calibration import Calibration
from psychopy_neon.protocol.rest import Call
from psychopy_neon.protocol.status import Component, Sensor
from psychopy_neon.samples import (
    AudioFrame,
    EyeEvent,
    GazeSample,
    ImuSample,
    VideoFrame,
)
from psychopy_neon.transport.deadline import Deadline
from psychopy_neon.transport.http import RestConnection
from psychopy_neon.transport.status_feed import StatusFeed

logger = logging.getLogger(__name__)

GAZE_CAPACITY = 2_000  # ten seconds at 200 Hz
# Each holds a decoded picture of 2.9 MB. A few are enough to match with gaze, which is faster.
SCENE_CAPACITY = 8
EYES_CAPACITY = 100  # half a second; 0.11 MB each
IMU_CAPACITY = 1_200
EYE_EVENT_CAPACITY = 200
AUDIO_CAPACITY = 80
JOIN_S = 2.0
END_THREADS_S = 0.8
MAX_SENSORS = 50  # a phone has about ten, and each one that it names is kept
# Stream -> what makes its samples, how many are kept, and the phone's name of the sensor.
STREAMS: dict[str, tuple[DecoderType[Any], int, str]] = {
    "gaze": (GazeDecoder, GAZE_CAPACITY, "gaze"),
    "scene": (VideoStreamDecoder, SCENE_CAPACITY, "world"),
    "eyes": (VideoStreamDecoder, EYES_CAPACITY, "eyes"),
    "imu": (ImuDecoder, IMU_CAPACITY, "imu"),
    "eye_events": (EyeEventDecoder, EYE_EVENT_CAPACITY, "eye_events"),
    "audio": (AudioDecoder, AUDIO_CAPACITY, "world"),
}
DATED_TWICE = ("imu", "eye_events")  # on the phone's Unix clock, and on its sensor clock


class LinkState(enum.Enum):
    """Whether the phone is there."""

    CONNECTED = "connected"
    LOST = "lost"
    CLOSED = "closed"


class Neon(PhoneFacts, ExperimentClock, MatchedData):
    """A connection to one Companion phone and the glasses plugged into it.

    Make it with `Neon.connect`, and close it, best with ``with``. All of its threads are its
    own; reads return what is there, and writes are queued, so nothing here holds up a frame
    loop unless it takes a timeout.

    Attributes
    ----------
    gaze : SensorStream of GazeSample
        Up to 200 samples per second; starts with its first use.
    scene : SensorStream of VideoFrame
        The scene camera, 1600 x 1200 at 30 Hz; starts with its first use.
    eyes : SensorStream of VideoFrame
        Both eye cameras side by side, 384 x 192 at 200 Hz.
    imu : SensorStream of ImuSample
        Motion of the head, about 110 per second.
    eye_events : SensorStream of EyeEvent
        Fixations, saccades and blinks, as the phone finds them.
    audio : SensorStream of AudioFrame
        Sound, if the microphone is switched on in the app.
    recording : RecordingRemote
        Starts and stops recordings on the phone.
    template : TemplateRemote
        Questions of the workspace, and the answers for the next recording.
    camera : CameraRemote
        Exposure and other settings of the scene camera.
    """

    def __init__(
        self,
        answered: Answered,
        clock: Callable[[], float],
        journal: str | Path | None = None,
    ) -> None:
        super().__init__()
        self._host, self._port = answered.host, answered.port
        self._status = answered.status
        self._read_experiment_s = clock
        self._link = (LinkState.CONNECTED, "")
        self._calibration: Calibration | None = None
        self._close_lock = threading.Lock()
        self._closed = False
        self._journal = Journal(journal)
        self._clock_sync = ClockSync(self._host, self._time_echo_port)
        self._deliveries = RestConnection(self._host, self._port)
        self._control = Control(self._deliveries, self._journal, self._clock_sync)
        self._feed = StatusFeed(self._host, self._port, self._on_component, self._on_link)
        self._requests = RestConnection(self._host, self._port)
        self._request_lock = threading.Lock()
        self._status_watchers: list[Callable[[Component], None]] = []
        self._sensor_skew = SensorSkew()
        self.recording = RecordingRemote(self._control)
        self.template = TemplateRemote(self.request)
        self.camera = CameraRemote(self.request)
        self.gaze: SensorStream[GazeSample] = self._new_stream("gaze")
        self.scene: SensorStream[VideoFrame] = self._new_stream("scene")
        self.eyes: SensorStream[VideoFrame] = self._new_stream("eyes")
        self.imu: SensorStream[ImuSample] = self._new_stream("imu")
        self.eye_events: SensorStream[EyeEvent] = self._new_stream("eye_events")
        self.audio: SensorStream[AudioFrame] = self._new_stream("audio")

    @classmethod
    def connect(
        cls,
        address: str | None = None,
        port: int = DEFAULT_PORT,
        *,
        name: str | None = None,
        phone_id: str | None = None,
        serial: str | None = None,
        sweep: Sweep = False,
        clock: Callable[[], float] = time.perf_counter,
        journal: str | Path | None = None,
        timeout_s: float = 10.0,
    ) -> Neon:
        """Find and connect to a phone; blocks up to about `timeout_s`.

        Parameters
        ----------
        address : str, optional
            As the Companion app shows it, ``"192.0.2.10"`` or ``"192.0.2.10:8080"``. Without
            it, the first phone is taken that announces itself and fits the other arguments.
        port : int
            Of the phone's REST service, if not in the address.
        name, phone_id, serial : str, optional
            The phone's name in the app, its id, the serial number of the glasses. A phone that
            does not fit is not used, also if it answers at the address.
        sweep : bool or sequence of str
            For networks that block multicast: when no fitting phone has announced itself for
            two seconds, knock at `port` of all neighbours (True) or of these addresses, as
            `discover` does. Off, nothing is sent to anybody but the phones.
        clock : callable
            The experiment's clock: returns seconds, as ``globalClock.getTime`` does. All times
            named ``experiment_s`` are on it.
        journal : path-like, optional
            File that records every event before it is sent; it is created, or continued.
        timeout_s : float

        Raises
        ------
        DeviceNotFoundError, WrongDeviceError, NeonConnectionError, NeonTimeoutError
            If there is no such phone.
        UsageError
            If an argument makes no sense.
        """
        wanted = Wanted(name, phone_id, serial)
        if address is None:
            answered = find(wanted, timeout_s, sweep=sweep, port=port)
        else:
            answered = connect_to(address, port, wanted, timeout_s)
        neon = cls(answered, clock, journal)
        neon._start()
        return neon

    def __enter__(self) -> Neon:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Neon {self.phone_name!r} at {self._host}:{self._port}, {self.state.value}>"

    def close(self, timeout_s: float = 2.0) -> None:
        """Deliver what is left, save a recording that we started, and end all threads.

        Takes about `timeout_s`, at least half of it for the deliveries; what is then not
        confirmed stays in the journal. May be called twice, and from any thread.
        """
        with self._close_lock:
            if self._closed:
                return
            self._closed = True
        self._deliver_rest(timeout_s - min(END_THREADS_S, timeout_s / 2))
        self._link = (LinkState.CLOSED, "")
        parts: tuple[SensorStream[Any] | ClockSync, ...] = (*self._streams, self._clock_sync)
        for part in parts:
            part.stop()
        ended = [self._feed.close(JOIN_S), *(part.join(JOIN_S) for part in parts)]
        if not all(ended):
            logger.error("a thread did not end in time; please report it")
        for stream in self._streams:
            self._journal_stream(stream.name, stream.health)
        self._requests.close()
        self._journal.close()

    def stop_stream(self, name: str) -> None:
        """End one stream and forget its samples; its next use starts it anew.

        The attribute of that name is then another `SensorStream`; readers of the old one get
        nothing more. Blocks up to 2 s.

        Parameters
        ----------
        name : str
            "gaze", "scene", "eyes", "imu", "eye_events" or "audio".
        """
        if name not in STREAMS:
            raise UsageError(f"{name!r} is no stream; expected one of {', '.join(STREAMS)}")
        with self._close_lock:
            if self._closed:
                return
            stopped: SensorStream[Any] = getattr(self, name)
            setattr(self, name, self._new_stream(name))
        stopped.stop()
        stopped.join(JOIN_S)
        self._journal_stream(name, stopped.health)

    # -- the device ---------------------------------------------------------------------------

    @property
    def host(self) -> str:
        """Where the phone was reached."""
        return self._host

    @property
    def port(self) -> int:
        """Of the phone's REST service."""
        return self._port

    @property
    def state(self) -> LinkState:
        """Whether the phone is there; it is looked for again by itself when lost."""
        return self._link[0]

    @property
    def link_error(self) -> str:
        """Why the phone was lost; empty while it is there."""
        return self._link[1]

    def sensor(self, name: str) -> Sensor | None:
        """Status of a sensor by the phone's own name ("gaze", "world", ...)."""
        return self._status.sensor(name)

    @property
    def sensor_skew_ns(self) -> int | None:
        """Phone's Unix clock minus its sensor clock, ns; None until it is known.

        The running median of what motion samples and eye events show, once `imu` or `eye_events`
        runs. Add it to times named ``sensor_ns`` to compare them with those of gaze and video.
        More than 5 ms are logged once: the phone's clock was set after its app had started.
        """
        return self._sensor_skew.skew_ns

    def watch_status(self, callback: Callable[[Component], None]) -> None:
        """Have each change of the phone's status reported, for as long as the device is open.

        Parameters
        ----------
        callback : callable
            Gets the changed part. It is called in a thread of ours and must return at once.
        """
        self._status_watchers.append(callback)

    def request(self, call: Call, timeout_s: float = 5.0) -> Any:
        """Send one call of the phone's REST API; blocks up to `timeout_s`.

        Returns
        -------
        object
            The ``result`` of the reply, as JSON gives it.

        Raises
        ------
        DeviceError
            If the phone refuses.
        NeonConnectionError, NeonTimeoutError
            If it does not answer.
        ClosedError
            If the device was closed.
        """
        deadline = Deadline(timeout_s, "answer")
        if not self._request_lock.acquire(timeout=timeout_s):
            raise NeonTimeoutError(f"another request took all of the {timeout_s:g} s")
        try:
            if self._closed:
                raise ClosedError("the device was closed")
            return self._requests.call(call, deadline.left_s())
        finally:
            self._request_lock.release()

    def calibration(self, timeout_s: float = 5.0) -> Calibration:
        """The glasses' factory calibration; fetched once, blocks up to `timeout_s` that time.

        Raises
        ------
        DeviceError
            If no glasses are plugged in.
        ProtocolError
            If its size or checksum is wrong.
        """
        if self._calibration is None:
            connection = RestConnection(self._host, self._port)
            try:
                self._calibration = Calibration.parse(connection.calibration_bytes(timeout_s))
            finally:
                connection.close()
        return self._calibration

    # -- events -------------------------------------------------------------------------------

    def send_event(self, name: str, at: float | None = None) -> EventReceipt:
        """Save an event in the running recording; returns at once.

        Parameters
        ----------
        name : str
            Any text that is not empty.
        at : float, optional
            When it happened, on the experiment's clock, seconds; now if left out.

        Returns
        -------
        EventReceipt
            Follows the event: ``receipt.wait(timeout_s)`` waits for the phone's answer.

        Raises
        ------
        UsageError
            If the name or the time cannot be used.
        ClosedError
            If the device was closed.
        """
        now = self.pair_clocks()
        experiment_s = now.experiment_s if at is None else _seconds(at)
        return self._control.queue_event(name, now.host_from_experiment(experiment_s), experiment_s)

    @property
    def events(self) -> list[EventReceipt]:
        """All events so far, oldest first."""
        return self._control.events.all()

    @property
    def event_counts(self) -> EventCounts:
        """How many events were sent, confirmed, discarded, ..."""
        return self._control.events.counts()

    @property
    def journal_path(self) -> Path | None:
        """The file that holds every event, or None."""
        return self._journal.path

    # -- inside -------------------------------------------------------------------------------

    @property
    def _streams(self) -> tuple[SensorStream[Any], ...]:
        return tuple(getattr(self, name) for name in STREAMS)

    def _new_stream(self, name: str) -> SensorStream[Any]:
        decoder_type, capacity, sensor = STREAMS[name]
        stream = SensorStream(name, self, decoder_type, capacity, sensor=sensor)
        if name in DATED_TWICE:
            self._sensor_skew.follow(stream.buffer)
        return stream

    def _start(self) -> None:
        self._feed.start()
        self._clock_sync.start()
        self._control.start()

    def _deliver_rest(self, timeout_s: float) -> None:
        """A call under way, and who waits for the clock, have longer limits of their own."""
        end_waiting = threading.Timer(timeout_s, self._end_waiting)
        end_waiting.name, end_waiting.daemon = "neon-closing", True
        end_waiting.start()
        self._control.close(timeout_s)
        end_waiting.cancel()
        end_waiting.join(JOIN_S)

    def _end_waiting(self) -> None:
        self._clock_sync.stop()
        self._deliveries.interrupt()

    def _journal_stream(self, name: str, health: StreamHealth) -> None:
        if not health.received:
            return
        self._journal.write(
            "stream",
            name=name,
            received=health.received,
            lost=health.lost,
            malformed=health.malformed,
        )

    def _time_echo_port(self) -> int | None:
        return self._phone.time_echo_port

    def _on_component(self, component: Component) -> None:
        status = self._status.updated(component)
        if len(status.sensors) <= MAX_SENSORS:
            self._status = status
        for watcher in list(self._status_watchers):
            try:
                watcher(component)
            except Exception:  # the feed of the status must not end by what a user wrote
                logger.exception("a status callback failed")

    def _on_link(self, error: str | None) -> None:
        if self._link[0] is LinkState.CLOSED:
            return
        if error is None:
            if self._link[0] is LinkState.LOST:
                logger.warning("the phone is back")
            self._link = (LinkState.CONNECTED, "")
        else:
            logger.warning("the phone is lost: %s", error)
            self._link = (LinkState.LOST, error)


def _seconds(at: float) -> float:
    try:
        seconds = float(at)
    except (TypeError, ValueError):
        seconds = float("nan")
    if not abs(seconds) < 1e12:
        raise UsageError(f"at={at!r} is not a time; expected seconds on the experiment's clock")
    return seconds
