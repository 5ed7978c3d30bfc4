"""`Device`, with the names of the official client's simple module."""

from __future__ import annotations

import time
from typing import Any, Protocol, TypeVar

from ..client import Neon
from ..client.control import ATTACH_POLL_S, ATTACH_TIMEOUT_S
from ..exceptions import UsageError
from ..protocol import rest
from ..protocol.camera_control import CAMERA
from ..protocol.status import parse_status
from .calibration import Calibration, calibration_record
from .camera import CameraState, camera_state
from .components import APIPath, DiscoveredDeviceInfo, Event, Sensor, sensor_tuple
from .error_log import ErrorLog
from .eye_events import AnyEyeEvent, eye_event_tuple
from .gaze import AnyGaze, gaze_tuple
from .motion import IMUData, imu_tuple
from .receiving import Receiving
from .sound import AudioFrame, audio_tuple
from .template import Template, TemplateFormat, check_format, template_of
from .time_offset import TimeEchoEstimates, estimate
from .video import (
    MatchedGazeEyesSceneItem,
    MatchedItem,
    MatchedSceneAudioItem,
    SimpleVideoFrame,
    video_tuple,
)

UNKNOWN = "unknown"
D = TypeVar("D", bound="Device")


class HasAddress(Protocol):
    """Anything that knows where a phone is, as devices of the official client do."""

    address: str
    port: int | str
    full_name: str | None
    dns_name: str | None


class Device:
    """A phone and its glasses, through the official client's names.

    ::

        from psychopy_neon.simple import discover_one_device
        device = discover_one_device()

    A thin layer over `psychopy_neon.Neon`, which can do more and is reached as `neon`.

    Parameters
    ----------
    address : str
        As the Companion app shows it.
    port : int or str
        8080 as a rule.
    full_name, dns_name : str, optional
        As discovery found them; kept for you.
    start_streaming_by_default : bool
        Whether to start all streams at once.
    suppress_decoding_warnings : bool
        Has no effect: there are none.

    Attributes
    ----------
    neon : Neon
    address, port, full_name, dns_name
        As given.

    Raises
    ------
    NeonConnectionError, NeonTimeoutError
        If no phone answers; they are an OSError and a TimeoutError. Blocks up to 10 s.
    UsageError
        If address or port make no sense; it is a ValueError.
    """

    def __init__(
        self,
        address: str,
        port: int | str,
        full_name: str | None = None,
        dns_name: str | None = None,
        start_streaming_by_default: bool = False,
        suppress_decoding_warnings: bool = True,
    ) -> None:
        del suppress_decoding_warnings
        self._adopt(Neon.connect(address, _port(port)), address, port, full_name, dns_name)
        if start_streaming_by_default:
            self.streaming_start(None)

    def _adopt(
        self,
        neon: Neon,
        address: str,
        port: int | str,
        full_name: str | None,
        dns_name: str | None,
    ) -> None:
        self.neon = neon
        self.address, self.port = address, port
        self.full_name, self.dns_name = full_name, dns_name
        self._receiving = Receiving(neon)
        self._errors = ErrorLog()
        neon.watch_status(self._errors.note)
        self._errors.note_all(neon.status)

    @classmethod
    def from_neon(cls: type[D], neon: Neon, full_name: str | None = None) -> D:
        """A device over a connection that is there already, and which it will close."""
        device = cls.__new__(cls)
        device._adopt(neon, neon.host, neon.port, full_name, None)
        return device

    @classmethod
    def from_discovered_device(cls: type[D], device: DiscoveredDeviceInfo) -> D:
        """Connect to a phone that discovery found."""
        return cls(device.addresses[0], device.port, device.name, device.server)

    @classmethod
    def convert_from(cls: type[D], other: HasAddress) -> D:
        """Connect to the phone of another device object; that one stays open."""
        return cls(other.address, other.port, other.full_name, other.dns_name)

    def __enter__(self: D) -> D:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Device(ip={self.address}, port={self.port}, dns={self.dns_name})"

    def close(self) -> None:
        """End all streams and threads; harmless if repeated.

        A recording goes on, as with the official client. A program that forgets this still ends.
        """
        self.neon.close()
        self._receiving.forget()

    # -- properties ---------------------------------------------------------------------------

    @property
    def phone_name(self) -> str:
        """The phone's name, as in the app."""
        return self.neon.phone_name

    @property
    def phone_id(self) -> str:
        """The phone's unchanging id."""
        return self.neon.phone_id

    @property
    def phone_ip(self) -> str:
        """The phone's address as it sees itself."""
        return self.neon.phone_ip

    @property
    def battery_level_percent(self) -> int:
        """Charge of the phone's battery, 0 to 100."""
        return self.neon.battery_percent

    @property
    def battery_state(self) -> str:
        """OK, LOW or CRITICAL."""
        return self.neon.battery_state or UNKNOWN

    @property
    def memory_num_free_bytes(self) -> int:
        """Free storage of the phone, bytes."""
        return self.neon.free_storage_bytes

    @property
    def memory_state(self) -> str:
        """OK, LOW or CRITICAL."""
        return self.neon.storage_state or UNKNOWN

    @property
    def version_glasses(self) -> str:
        """Version of the glasses; "unknown" while none are plugged in, like the serials."""
        return self._hardware("version")

    @property
    def module_serial(self) -> str:
        """Serial number of the module, which is what tells one Neon from another."""
        return self._hardware("module_serial")

    @property
    def serial_number_glasses(self) -> str:
        """Serial number of the frame; "-1" on Neon."""
        return self._hardware("glasses_serial")

    @property
    def serial_number_scene_cam(self) -> str:
        """Serial number of the scene camera; "-1" on Neon."""
        return self._hardware("world_camera_serial")

    @property
    def is_currently_streaming(self) -> bool:
        """Whether any stream was started and not stopped; one that broke restarts by itself."""
        return self._receiving.is_streaming

    def world_sensor(self) -> Sensor:
        """How to reach the scene camera's stream."""
        return sensor_tuple("world", self.neon.sensor("world"))

    def gaze_sensor(self) -> Sensor:
        """How to reach the gaze stream."""
        return sensor_tuple("gaze", self.neon.sensor("gaze"))

    def eye_events_sensor(self) -> Sensor:
        """How to reach the eye event stream."""
        return sensor_tuple("eye_events", self.neon.sensor("eye_events"))

    def api_url(self, path: APIPath | str, protocol: str = "http", prefix: str = "/api") -> str:
        """URL of a part of the phone's REST API."""
        value = path if isinstance(path, str) else path.value
        return f"{protocol}://{self.address}:{self.port}{prefix}{value}"

    def get_errors(self) -> list[str]:
        """What the phone reported to have gone wrong since the last call."""
        return self._errors.take()

    # -- remote calls -------------------------------------------------------------------------

    def get_calibration(self) -> Calibration:
        """Factory calibration of the glasses; checked, and fetched once. Raises DeviceError."""
        return calibration_record(self.neon.calibration())

    def recording_start(self) -> str:
        """Start recording; returns its id once events can attach to it (about a second).

        Raises
        ------
        DeviceError
            If the phone refuses; the message says why.
        """
        recording_id = rest.parse_recording_id(self.neon.request(rest.START_RECORDING))
        give_up_s = time.perf_counter() + ATTACH_TIMEOUT_S
        while time.perf_counter() < give_up_s and not self._is_open(recording_id):
            time.sleep(ATTACH_POLL_S)
        return recording_id

    def recording_stop_and_save(self) -> None:
        """Stop the recording, whoever started it, and keep it. Raises DeviceError."""
        self.neon.request(rest.STOP_AND_SAVE_RECORDING)

    def recording_cancel(self) -> None:
        """Stop the recording, whoever started it, and delete it. Raises DeviceError."""
        self.neon.request(rest.CANCEL_RECORDING)

    def send_event(self, event_name: str, event_timestamp_unix_ns: int | None = None) -> Event:
        """Save an event in the running recording; waits for the phone's answer.

        Better for experiments is ``device.neon.send_event``: it returns at once, tries again
        when the network fails, and dates the event itself on the phone's clock.

        Parameters
        ----------
        event_name : str
        event_timestamp_unix_ns : int, optional
            Phone's Unix clock; without it the phone dates the event on arrival, in whole ms.

        Raises
        ------
        DeviceError
            If the phone refuses.
        """
        call = rest.post_event(event_name, event_timestamp_unix_ns)
        reply = rest.parse_event_reply(self.neon.request(call))
        return Event(event_name, reply.recording_id, reply.device_ns)

    def get_template(self) -> Template:
        """The template that is selected on the phone. Raises DeviceError."""
        return template_of(self.neon.template.definition())

    def get_template_data(self, template_format: TemplateFormat = "simple") -> dict[str, Any]:
        """The stored answers, by question id. Raises DeviceError.

        Parameters
        ----------
        template_format : {"simple", "api"}
            Numbers and lists, or lists of texts as they travel.
        """
        check_format(template_format)
        wire = self.neon.template.wire_answers()
        if template_format == "api":
            return wire
        return self.get_template().convert_from_api_to_simple_format(wire)

    def post_template_data(
        self, template_data: dict[str, Any], template_format: TemplateFormat = "simple"
    ) -> dict[str, list[str]]:
        """Store answers over those that the phone has.

        Returns
        -------
        dict
            All answers that the phone now has, as they travel.

        Raises
        ------
        InvalidTemplateAnswersError
            If answers do not fit; it is a ValueError, and nothing was sent.
        DeviceError
            If the phone refuses.
        """
        check_format(template_format)
        return self.neon.template.post_wire(template_data)

    def get_camera_state(self) -> CameraState:
        """Settings of the scene camera, whose stream must run. Raises DeviceError."""
        return camera_state(self.neon.camera.state())

    def set_camera_state(
        self,
        ae_mode: str | None = None,
        man_exp: int | None = None,
        gain: int | None = None,
        brightness: int | None = None,
        contrast: int | None = None,
        gamma: int | None = None,
        camera: str = CAMERA,
        validate_with_state: CameraState | None = None,
    ) -> None:
        """Change settings of the scene camera; see `psychopy_neon.client.camera`.

        Raises
        ------
        UsageError
            If the camera does not take a value; it is a ValueError, and nothing was sent.
        DeviceError
            If the camera does not run.
        """
        if camera != CAMERA:
            raise UsageError(f"there is no camera {camera!r} to control; expected {CAMERA!r}")
        self.neon.camera.set(
            ae_mode=ae_mode,
            man_exp=man_exp,
            gain=gain,
            brightness=brightness,
            contrast=contrast,
            gamma=gamma,
            state=None if validate_with_state is None else validate_with_state.to_state(),
        )

    def estimate_time_offset(
        self,
        number_of_measurements: int = 100,
        sleep_between_measurements_seconds: float | None = None,
    ) -> TimeEchoEstimates | None:
        """This computer's clock minus the phone's, and round trips, ms.

        Each offset is that of `neon.clock_map` at the moment of a measurement. None if the phone
        does not answer.
        """
        pause_s = sleep_between_measurements_seconds or 0.0
        return estimate(self.neon, number_of_measurements, pause_s)

    # -- streams ------------------------------------------------------------------------------
    # timeout_seconds: None waits for ever, 0 takes what is there; on timeout None is returned.
    # Each call returns something that no earlier call has returned.

    def receive_scene_video_frame(
        self, timeout_seconds: float | None = None
    ) -> SimpleVideoFrame | None:
        """The newest picture of the scene camera."""
        frame = self._receiving.inbox("world").receive(timeout_seconds)
        return None if frame is None else video_tuple(frame)

    def receive_eyes_video_frame(
        self, timeout_seconds: float | None = None
    ) -> SimpleVideoFrame | None:
        """The newest picture of both eyes, side by side."""
        frame = self._receiving.inbox("eyes").receive(timeout_seconds)
        return None if frame is None else video_tuple(frame)

    def receive_gaze_datum(self, timeout_seconds: float | None = None) -> AnyGaze | None:
        """The newest gaze; its class tells what this phone sends."""
        sample = self._receiving.inbox("gaze").receive(timeout_seconds)
        return None if sample is None else gaze_tuple(sample)

    def receive_imu_datum(self, timeout_seconds: float | None = None) -> IMUData | None:
        """The newest motion data."""
        sample = self._receiving.inbox("imu").receive(timeout_seconds)
        return None if sample is None else imu_tuple(sample)

    def receive_eye_events(self, timeout_seconds: float | None = None) -> AnyEyeEvent | None:
        """The next eye event; none is left out."""
        event = self._receiving.inbox("eye_events").receive(timeout_seconds)
        return None if event is None else eye_event_tuple(event)

    def receive_audio_frame(self, timeout_seconds: float | None = None) -> AudioFrame | None:
        """The next piece of sound; none is left out."""
        sample = self._receiving.inbox("audio").receive(timeout_seconds)
        return None if sample is None else audio_tuple(sample)

    def receive_matched_scene_video_frame_and_gaze(
        self, timeout_seconds: float | None = None
    ) -> MatchedItem | None:
        """The newest scene picture whose nearest gaze is known, with that gaze."""
        found = self._receiving.matched("gaze").receive(timeout_seconds)
        if found is None:
            return None
        scene, gaze = found
        return MatchedItem(video_tuple(scene), gaze_tuple(gaze))

    def receive_matched_scene_and_eyes_video_frames_and_gaze(
        self, timeout_seconds: float | None = None
    ) -> MatchedGazeEyesSceneItem | None:
        """The same, with the nearest picture of the eyes too."""
        found = self._receiving.matched("eyes", "gaze").receive(timeout_seconds)
        if found is None:
            return None
        scene, eyes, gaze = found
        return MatchedGazeEyesSceneItem(video_tuple(scene), video_tuple(eyes), gaze_tuple(gaze))

    def receive_matched_scene_video_frame_and_audio(
        self, timeout_seconds: float | None = None
    ) -> MatchedSceneAudioItem | None:
        """The next scene picture with its sound, which is empty while the microphone is off."""
        found = self._receiving.with_sound().receive(timeout_seconds)
        if found is None:
            return None
        scene, sound, gaze = found
        return MatchedSceneAudioItem(
            video_tuple(scene),
            [audio_tuple(sample) for sample in sound],
            None if gaze is None else gaze_tuple(gaze),
        )

    def streaming_start(self, stream_name: str | None) -> None:
        """Start a stream: gaze, world, eyes, imu, eye_events or audio; None starts all.

        Raises
        ------
        UnknownStreamError
            If there is none of that name; it is a KeyError.
        """
        self._receiving.start(stream_name)

    def streaming_stop(self, stream_name: str | None = None) -> None:
        """Stop a stream, or all; raises as `streaming_start` does."""
        self._receiving.stop(stream_name)

    def start_stream_if_needed(self, sensor: str) -> None:
        """The same as `streaming_start`, which does nothing to a stream that runs."""
        self._receiving.start(sensor)

    # -- inside -------------------------------------------------------------------------------

    def _hardware(self, field: str) -> str:
        return getattr(self.neon.status.hardware, field, None) or UNKNOWN

    def _is_open(self, recording_id: str) -> bool:
        """Whether events attach to it; the phone answers a start before that."""
        running = parse_status(self.neon.request(rest.GET_STATUS)).recording
        return running is not None and running.id == recording_id and running.is_running


def _port(port: int | str) -> int:
    try:
        return int(port)
    except ValueError:
        raise UsageError(f"{port!r} is not a port; expected a number, 8080 as a rule") from None
