"""The simulated phone with its glasses: all services together."""

from __future__ import annotations

import functools
import secrets
import socket
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.calibration import Calibration
from psychopy_neon.protocol.service_name import ServiceName
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.simulator.camera_control import CameraControl
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.controls import Controls
from psychopy_neon.simulator.faults import Faults
from psychopy_neon.simulator.gaze_script import GazeSource, MouseGaze, PathGaze, ScriptedGaze
from psychopy_neon.simulator.gaze_sensor import GazeSensor
from psychopy_neon.simulator.head import Head
from psychopy_neon.simulator.mdns import Advert
from psychopy_neon.simulator.monitor import Monitor
from psychopy_neon.simulator.mouse import find_mouse
from psychopy_neon.simulator.options import SimulatorOptions
from psychopy_neon.simulator.phone_sheet import hardware_entry, phone_entry, sensor_entries
from psychopy_neon.simulator.playback import Playback
from psychopy_neon.simulator.rest_api import RestApi
from psychopy_neon.simulator.scenario import Scenario, as_scenario
from psychopy_neon.simulator.scene_sensor import SceneSensor
from psychopy_neon.simulator.scene_view import SceneView
from psychopy_neon.simulator.sensors import Sensors
from psychopy_neon.simulator.services import Services
from psychopy_neon.simulator.state import PhoneState
from psychopy_neon.simulator.truth import TrueEvent, TruthLog


class _Part(Protocol):
    def close(self) -> None: ...


class SimulatedNeon:
    """Pretends to be a Neon: a phone running the Companion app, with glasses plugged in.

    Speaks the phone's own protocol, so that any client can use it. Use as a context manager,
    or call `start` and `close`.

    Parameters
    ----------
    options : SimulatorOptions, optional
        What to simulate; by default glasses on 127.0.0.1 at free ports.

    Attributes
    ----------
    options : SimulatorOptions
        As given.
    clock : SimulatedClock
        The phone's clock; ``clock.step(ns)`` makes it jump.
    truth : TruthLog
        What really happened.
    state : PhoneState
        Battery, recording, refusals.
    view : SceneView
        Geometry of scene camera, head and monitor.
    sensors : Sensors
        All of them; `gaze` and `scene` are the same as below.
    camera : CameraControl
        Exposure and the like of the scene camera.
    faults : Faults
        Everything that can be made to go wrong.
    controls : Controls
        What else can be asked for by name, as scenarios do.

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
        self._ending = threading.Event()
        self._playback: Playback | None = None
        mouse = _mouse_source(options)
        self.clock = SimulatedClock(options.offset_s, options.drift_ppm)
        self.truth = _open_truth(options)
        self._parts += [self.truth, mouse] if mouse else [self.truth]
        try:
            self._services = Services(options, self.clock)
        except OSError as error:
            self.close()
            raise UsageError(f"cannot listen on {options.host}: {error}.") from error
        self._address = _reachable_ip(options.host)
        self._build(mouse)

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
        self.sensors = Sensors(options, self.clock, self.view, self._source, self.truth)
        if options.log_sends:
            self._log_sends()
        self.camera = CameraControl(lambda: self.sensors.scene_is_watched)
        self.state = self._make_state()
        self.state.on_event(self._tell_participant)
        self.faults = Faults(self._services, self.sensors, self.state, self)
        self.controls = Controls(self)
        self._parts += [self.sensors, self.state, self._services]

    def _log_sends(self) -> None:
        for streams in self.sensors.streams.values():
            for stream in streams:
                stream.on_sent = functools.partial(self.truth.add_sent, stream.name)

    def _make_state(self) -> PhoneState:
        ports = self._services.ports
        return PhoneState(
            self.clock,
            self.truth,
            phone=phone_entry(self.options, self._told_ip, self._phone_id, ports.time_echo),
            hardware=hardware_entry(self.options),
            sensors=sensor_entries(self.sensors.streams, self._told_ip, ports.rtsp),
            start_lag_s=self.options.recording_start_lag_s,
        )

    @property
    def _told_ip(self) -> str:
        return self.options.reported_ip or self._address

    @property
    def gaze(self) -> GazeSensor:
        """``gaze.worn`` and ``gaze.gaze_bytes`` may be changed while running."""
        return self.sensors.gaze

    @property
    def scene(self) -> SceneSensor | None:
        """The scene camera, if there is one."""
        return self.sensors.scene

    @property
    def address(self) -> str:
        """IPv4 address under which clients reach the simulator."""
        return self._address

    @property
    def port(self) -> int:
        """Port of REST and status WebSocket."""
        return self._services.ports.http

    @property
    def rtsp_port(self) -> int:
        """Port of the sensor streams; another one after a reboot."""
        return self._services.ports.rtsp

    @property
    def time_echo_port(self) -> int:
        """Port of the time echo; another one after a reboot."""
        return self._services.ports.time_echo

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
        if self.sensors.eyes.error is not None:
            problems.append(f"There is no eye video: {self.sensors.eyes.error}.")
        if self._advert is not None and self._advert.error is not None:
            problems.append(f"Discovery will not find the simulator: {self._advert.error}.")
        if self._playback is not None:
            problems += self._playback.problems
        return problems

    def start(self) -> SimulatedNeon:
        """Begin to serve; returns at once. Scene video follows about a second later.

        Raises
        ------
        UsageError
            If it was started or closed before.
        """
        if self._started or self._closed:
            raise UsageError("a SimulatedNeon can be started only once: make a new one.")
        self._started = True
        self.truth.add_clock(self.clock.line)
        self._serve()
        self.sensors.start()
        if self.options.advertise:
            name = ServiceName(self.options.phone_name, self._phone_id)
            server = self.options.glasses.server
            self._advert = Advert(name, self.address, self.port, server)
            self._parts.append(self._advert)
            self._advert.start()
        if self._playback is not None:
            self._playback.start()
        return self

    def _serve(self) -> None:
        glasses = self.options.glasses
        api = RestApi(self.state, self._calibration.pack(), self.camera, glasses)
        streams = self.sensors.streams if self.state.is_plugged_in else {}
        self._services.start(api, self.state, streams)

    def close(self) -> None:
        """End all services, connections and threads, within a few seconds. Idempotent."""
        self._closed = True
        self._ending.set()
        if self._playback is not None:
            self._playback.close()
        parts, self._parts = self._parts, []
        for part in reversed(parts):
            part.close()

    def play(self, scenario: Scenario | str | Path | list[Any] | dict[str, Any]) -> Playback:
        """Let things happen by a timeline, from now on or, before `start`, from the start on.

        Parameters
        ----------
        scenario : Scenario, path-like, list or dict
            A scenario, the file of one, or what `Scenario.from_json` takes. All of it is checked
            before anything happens.

        Returns
        -------
        Playback
            To wait for its end. What happened is in ``truth.steps``.

        Raises
        ------
        UsageError
            If the scenario is wrong or asks for what these glasses do not have, another one is
            still under way, or the simulator is closed.
        """
        if self._closed:
            raise UsageError("a closed SimulatedNeon plays nothing: make a new one.")
        if self._playback is not None and not self._playback.is_done:
            raise UsageError("a scenario is still under way: wait for its end.")
        self._playback = Playback(self, as_scenario(scenario))
        if self._started:
            self._playback.start()
        return self._playback

    def look_at(self, x: float, y: float) -> None:
        """Let the participant look at a point of the monitor from now on.

        Parameters
        ----------
        x, y : float
            ``norm`` units of the drawn monitor: -1 to 1, y up.
        """
        self._source.look_at(x, y, self.clock.now_ns())

    def blink(self) -> None:
        """Let the participant blink now."""
        self.gaze.blinks.blink()

    def show_patch(self, on: bool, at_device_ns: int | None = None) -> None:
        """Change the patch on the drawn monitor, as an experiment's flip would.

        Its light appears `SimulatorOptions.display_lag_s` later, with the share of the exposure
        that is left in the picture during which that happens.

        Parameters
        ----------
        on : bool
            Whether it is bright from then on.
        at_device_ns : int, optional
            When, phone's Unix clock, ns; now if left out. May lie a few hundredths of a second
            in the past.

        Raises
        ------
        UsageError
            If there is no patch, an earlier call was for a later time, or the picture that should
            show it has already been sent.
        """
        if self.sensors.patch is None:
            raise UsageError("there is no patch: give display_lag_s to the simulator.")
        device_ns = self.clock.now_ns() if at_device_ns is None else at_device_ns
        self.sensors.patch.show(on, device_ns)

    def step_clock(self, seconds: float) -> None:
        """Set the phone's clock forward (or back), as its owner or the network may do.

        Parameters
        ----------
        seconds : float
            How far forward; negative for back.
        """
        self.truth.add_clock(self.clock.step(round(seconds * 1e9)))

    def unplug(self) -> None:
        """Pull the glasses' cable: streams end, the status has no sensors."""
        self.state.board.unplug()
        self._services.rtsp.set_sensors({})

    def plug_in(self) -> None:
        """Plug the glasses in again."""
        self._services.rtsp.set_sensors(self.sensors.streams)
        self._list_sensors()

    def _list_sensors(self) -> None:
        rtsp_port = self._services.ports.rtsp
        self.state.board.plug_in(sensor_entries(self.sensors.streams, self._told_ip, rtsp_port))

    def reboot(self, down_s: float = 1.0) -> None:
        """Switch the phone off and on; blocks meanwhile.

        All connections end and a running recording is lost. HTTP comes back on its old port, as
        a real phone's does; streams and time echo get new ones.

        Parameters
        ----------
        down_s : float
            How long it is off, seconds.
        """
        self._services.go_down()
        self.state.lose_recording()
        if self._ending.wait(down_s):
            return
        self._services.come_back()
        self._serve()
        self.state.board.change_phone(time_echo_port=self._services.ports.time_echo)
        if self.state.is_plugged_in:
            self._list_sensors()

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
