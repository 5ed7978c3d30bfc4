"""The simulated phone with its glasses: all services together."""

from __future__ import annotations

import secrets
import socket
import time
from types import TracebackType
from typing import Protocol

from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.calibration import Calibration
from psychopy_neon.protocol.service_name import ServiceName
from psychopy_neon.protocol.status import Hardware, Phone, Sensor
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.gaze_script import GazeSource, MouseGaze, PathGaze, ScriptedGaze
from psychopy_neon.simulator.gaze_sensor import GazeSensor
from psychopy_neon.simulator.head import Head
from psychopy_neon.simulator.http_server import HttpServer
from psychopy_neon.simulator.mdns import Advert
from psychopy_neon.simulator.monitor import Monitor
from psychopy_neon.simulator.mouse import find_mouse
from psychopy_neon.simulator.options import SimulatorOptions
from psychopy_neon.simulator.rest_api import RestApi
from psychopy_neon.simulator.rtp_session import ReportTimes
from psychopy_neon.simulator.rtsp_server import RtspServer
from psychopy_neon.simulator.scene_sensor import SceneSensor
from psychopy_neon.simulator.scene_view import SceneView
from psychopy_neon.simulator.state import PhoneState
from psychopy_neon.simulator.stream import Stream
from psychopy_neon.simulator.time_echo_server import TimeEchoServer
from psychopy_neon.simulator.truth import TrueEvent, TruthLog

NOT_SERVED = ("eyes", "imu", "eye_events")
FREE_BYTES = 98_765_432_100


class _Part(Protocol):
    def close(self) -> None: ...


class SimulatedNeon:
    """Pretends to be a Neon: a phone running the Companion app, with glasses plugged in.

    Speaks the phone's own protocol, so that any client can use it. Use as a context manager,
    or call `start` and `close`.

    Parameters
    ----------
    options : SimulatorOptions, optional

    Attributes
    ----------
    options : SimulatorOptions
    clock : SimulatedClock
        The phone's clock; ``clock.step(ns)`` makes it jump.
    truth : TruthLog
        What really happened.
    state : PhoneState
        Battery, recording, refusals.
    view : SceneView
        Geometry of scene camera, head and monitor.
    gaze : GazeSensor
        ``gaze.worn`` and ``gaze.gaze_bytes`` may be changed while running.
    scene : SceneSensor or None

    Raises
    ------
    UsageError
        If a port is taken, the address is not ours, the truth file cannot be written, or the
        mouse cannot be read.
    """

    def __init__(self, options: SimulatorOptions | None = None) -> None:
        self.options = options = options or SimulatorOptions()
        self._parts: list[_Part] = []
        self._advert: Advert | None = None
        self._started = self._closed = False
        mouse = _mouse_source(options)
        self.clock = SimulatedClock(options.offset_s, options.drift_ppm)
        self.truth = _open_truth(options)
        self._parts += [self.truth, mouse] if mouse else [self.truth]
        try:
            self._listen()
        except OSError as error:
            self.close()
            raise UsageError(f"cannot listen on {options.host}: {error}.") from error
        self._address = _reachable_ip(options.host)
        self._build(mouse)

    def _listen(self) -> None:
        options = self.options
        self._echo = TimeEchoServer((options.host, options.time_echo_port), self.clock)
        self._parts.append(self._echo)
        times = ReportTimes(
            options.first_report_s, options.report_interval_s, options.rtp_wrap_after_s
        )
        self._rtsp = RtspServer((options.host, options.rtsp_port), times)
        self._parts.append(self._rtsp)
        self._http = HttpServer((options.host, options.http_port))
        self._parts.append(self._http)

    def _build(self, mouse: MouseGaze | None) -> None:
        options = self.options
        self._phone_id = options.phone_id or secrets.token_hex(8)
        self._calibration = Calibration.typical(options.module_serial)
        lens = self._calibration.scene
        self.view = SceneView(
            SceneCamera(lens.matrix, lens.distortion),
            Head(options.distance_mm, options.head_moves),
            Monitor(options.screen_px, options.screen_width_mm),
        )
        self._source = mouse or _scripted_source(options, self.clock.now_ns())
        self.gaze = GazeSensor(
            self.clock,
            self.view,
            self._source,
            self.truth,
            gaze_bytes=options.gaze_bytes,
            noise_px=options.noise_px,
            seed=options.seed,
        )
        self.scene = SceneSensor(self.clock, self.view) if options.scene else None
        self.state = self._make_state()
        self.state.on_event(self._tell_participant)
        sensors = [self.gaze, self.scene] if self.scene else [self.gaze]
        self._parts += [*sensors, self.state]

    def _make_state(self) -> PhoneState:
        options = self.options
        phone = Phone(
            self.address,
            self._phone_id,
            options.phone_name,
            battery_level=71,
            battery_state="OK",
            memory=FREE_BYTES,
            memory_state="OK",
            time_echo_port=self._echo.port,
        )
        hardware = Hardware("2.0", options.module_serial, options.frame_name, "-1", "-1")
        sensors = [self._sensor(name) for name in self._streams]
        sensors += [Sensor(name, "DIRECT") for name in NOT_SERVED]
        return PhoneState(
            self.clock,
            self.truth,
            phone=phone,
            hardware=hardware,
            sensors=sensors,
            start_lag_s=options.recording_start_lag_s,
        )

    def _sensor(self, name: str) -> Sensor:
        params = f"camera={name}&audioenable=on"
        return Sensor(name, "DIRECT", True, self.address, self._rtsp.port, params)

    @property
    def _streams(self) -> dict[str, tuple[Stream, ...]]:
        streams: dict[str, tuple[Stream, ...]] = {"gaze": (self.gaze.stream,)}
        if self.scene is not None:
            streams["world"] = (self.scene.stream,)
        return streams

    @property
    def address(self) -> str:
        """IPv4 address under which clients reach the simulator."""
        return self._address

    @property
    def port(self) -> int:
        """Port of REST and status WebSocket."""
        return self._http.port

    @property
    def rtsp_port(self) -> int:
        """Port of the sensor streams."""
        return self._rtsp.port

    @property
    def time_echo_port(self) -> int:
        """Port of the time echo."""
        return self._echo.port

    @property
    def phone_id(self) -> str:
        """The phone's id, as in its status."""
        return self._phone_id

    @property
    def url(self) -> str:
        """``http://address:port``."""
        return f"http://{self.address}:{self.port}"

    def problems(self) -> list[str]:
        """What does not work, one sentence each; the rest is served all the same."""
        problems = []
        if self.scene is not None and self.scene.error is not None:
            problems.append(f"There is no scene video: {self.scene.error}.")
        if self._advert is not None and self._advert.error is not None:
            problems.append(f"Discovery will not find the simulator: {self._advert.error}.")
        return problems

    def start(self) -> SimulatedNeon:
        """Begin to serve; returns at once. Scene video follows about a second later."""
        if self._started or self._closed:
            raise UsageError("a SimulatedNeon can be started only once: make a new one.")
        self._started = True
        self.truth.add_clock(self.clock.line)
        self._echo.start()
        self._rtsp.start(self._streams)
        self._http.start(RestApi(self.state, self._calibration.pack()), self.state)
        self.gaze.start()
        if self.scene is not None:
            self.scene.start()
        if self.options.advertise:
            name = ServiceName(self.options.phone_name, self._phone_id)
            self._advert = Advert(name, self.address, self.port)
            self._parts.append(self._advert)
            self._advert.start()
        return self

    def close(self) -> None:
        """End all services, connections and threads, within a few seconds. Idempotent."""
        self._closed = True
        parts, self._parts = self._parts, []
        for part in reversed(parts):
            part.close()

    def look_at(self, x: float, y: float) -> None:
        """Let the participant look at a point of the monitor, norm units, from now on."""
        self._source.look_at(x, y, self.clock.now_ns())

    def step_clock(self, seconds: float) -> None:
        """Set the phone's clock forward (or back), as its owner or the network may do."""
        self.truth.add_clock(self.clock.step(round(seconds * 1e9)))

    def wait_for_events(self, count: int, timeout_s: float = 5.0) -> list[TrueEvent]:
        """Wait until `count` events have arrived; return all that have by then."""
        deadline = time.monotonic() + timeout_s
        while len(self.truth.events) < count and time.monotonic() < deadline:
            time.sleep(0.005)
        return self.truth.events

    def __enter__(self) -> SimulatedNeon:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _tell_participant(self, event: TrueEvent) -> None:
        self._source.notice_event(event.name, event.timestamp_ns, event.arrived_ns)


def _mouse_source(options: SimulatorOptions) -> MouseGaze | None:
    return MouseGaze(find_mouse()) if options.gaze_follows == "mouse" else None


def _scripted_source(options: SimulatorOptions, start_ns: int) -> GazeSource:
    participant = options.participant
    if participant.path and not participant.on_event:
        return PathGaze(participant, start_ns)
    return ScriptedGaze(participant, start_ns)


def _open_truth(options: SimulatorOptions) -> TruthLog:
    try:
        return TruthLog(options.truth_path)
    except OSError as error:
        raise UsageError(f"cannot write the truth log {options.truth_path}: {error}.") from error


def _reachable_ip(host: str) -> str:
    if host not in ("", "0.0.0.0"):
        return socket.gethostbyname(host)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing; only asks which way it would go
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
