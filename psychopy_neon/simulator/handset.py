"""The phone as a device: reachable at ports, with glasses at its cable, on or off."""

from __future__ import annotations

import secrets
import socket
import threading
from pathlib import Path

from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.service_name import ServiceName
from psychopy_neon.protocol.status import Sensor
from psychopy_neon.simulator.camera_control import CameraControl
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.glasses import Glasses
from psychopy_neon.simulator.mdns import Advert
from psychopy_neon.simulator.options import SimulatorOptions
from psychopy_neon.simulator.phone_sheet import hardware_entry, phone_entry, sensor_entries
from psychopy_neon.simulator.recorder.recorder import Recorder
from psychopy_neon.simulator.rest_api import RestApi
from psychopy_neon.simulator.services import Services
from psychopy_neon.simulator.state import PhoneState
from psychopy_neon.simulator.truth import TruthLog


class Handset:
    """Listens from the start, answers after `serve`.

    Parameters
    ----------
    options : SimulatorOptions
    clock : SimulatedClock
    truth : TruthLog
    glasses : Glasses
        Those that are plugged in.

    Attributes
    ----------
    address : str
    phone_id : str
    services : Services
    camera : CameraControl
    state : PhoneState

    Raises
    ------
    UsageError
        If a port is taken, the address is not ours, or the folder for recordings cannot be made.
    """

    def __init__(
        self,
        options: SimulatorOptions,
        clock: SimulatedClock,
        truth: TruthLog,
        glasses: Glasses,
    ) -> None:
        self._options = options
        self._glasses = glasses
        self._sensors = sensors = glasses.sensors
        self._advert: Advert | None = None
        self._ending = threading.Event()
        self.phone_id = options.phone_id or secrets.token_hex(8)
        self._recorder = self._make_recorder()
        try:
            self.services = Services(options, clock)
        except OSError as error:
            raise UsageError(f"cannot listen on {options.host}, {error}.") from error
        self.address = _reachable_ip(options.host)
        self.camera = CameraControl(lambda: sensors.scene_is_watched, glasses.exposure)
        self.state = self._make_state(clock, truth)

    def serve(self) -> None:
        """Begin to answer."""
        calibration, model = self._glasses.calibration, self._options.glasses
        api = RestApi(self.state, calibration, self.camera, model)
        streams = self._sensors.streams if self.state.is_plugged_in else {}
        self.services.start(api, self.state, streams)

    def announce(self) -> None:
        """Let discovery find it, if the options say so."""
        if self._options.advertise:
            name = ServiceName(self._options.phone_name, self.phone_id)
            server = self._options.glasses.server
            self._advert = Advert(name, self.address, self.services.ports.http, server)
            self._advert.start()

    def unplug(self) -> None:
        """Pull the glasses' cable: streams end, the status has no sensors."""
        self.state.board.unplug()
        self.services.set_sensors({})

    def plug_in(self) -> None:
        """Plug the glasses in again."""
        self.services.set_sensors(self._sensors.streams)
        self._list_sensors()

    def reboot(self, down_s: float) -> None:
        """Switch off, and on after `down_s` seconds; blocks meanwhile, but not beyond `end`."""
        self.services.go_down()
        self.state.lose_recording()
        if self._ending.wait(down_s):
            return
        self.services.come_back()
        self.serve()
        self.state.board.change_phone(time_echo_port=self.services.ports.time_echo)
        if self.state.is_plugged_in:
            self._list_sensors()

    def end(self) -> None:
        """Let a reboot that is under way not come back. Idempotent."""
        self._ending.set()

    def close(self) -> None:
        """End all services and forget the recording. Idempotent."""
        self.end()
        if self._advert is not None:
            self._advert.close()
        self.services.close()
        self.state.close()

    def problems(self) -> list[str]:
        """What cannot be filmed, recorded or announced, one sentence each."""
        problems = list(self._glasses.problems)
        if self._recorder is not None:
            problems += self._recorder.problems()
        if self._advert is not None and self._advert.error is not None:
            problems.append(f"Discovery will not find the simulator: {self._advert.error}.")
        return problems

    def _make_state(self, clock: SimulatedClock, truth: TruthLog) -> PhoneState:
        ports = self.services.ports
        return PhoneState(
            clock,
            truth,
            phone=phone_entry(self._options, self._told_ip, self.phone_id, ports.time_echo),
            hardware=hardware_entry(self._options.glasses, self._glasses),
            sensors=self._sensor_entries(),
            start_lag_s=self._options.recording_start_lag_s,
            recorder=self._recorder,
        )

    def _make_recorder(self) -> Recorder | None:
        options, glasses = self._options, self._glasses
        if options.recordings is None:
            return None
        identity = {
            "android_device_id": self.phone_id,
            "android_device_name": options.phone_name,
            "module_serial_number": glasses.serial,
            "frame_name": glasses.frame_name,
        }
        parent = Path(options.recordings)
        return Recorder(parent, glasses.sensors, glasses.calibration, identity)

    def _list_sensors(self) -> None:
        self.state.board.plug_in(self._sensor_entries())

    def _sensor_entries(self) -> list[Sensor]:
        ports = self.services.ports
        return sensor_entries(self._sensors.streams, self._told_ip, ports.rtsp, ports.tunnel)

    @property
    def _told_ip(self) -> str:
        return self._options.reported_ip or self.address


def _reachable_ip(host: str) -> str:
    if host not in ("", "0.0.0.0"):
        return socket.gethostbyname(host)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing; only asks which way it would go
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
