"""`Device`: what it asks of the phone."""

from __future__ import annotations

import time
from typing import Any

from psychopy_neon.client import Neon
from psychopy_neon.client.recording_control import ATTACH_POLL_S, ATTACH_TIMEOUT_S
from psychopy_neon.exceptions import NeonError, UsageError
from psychopy_neon.protocol import rest
from psychopy_neon.protocol.camera_control import CAMERA
from psychopy_neon.protocol.status import parse_status
from psychopy_neon.simple.calibration import Calibration, calibration_record
from psychopy_neon.simple.camera import CameraState, camera_state
from psychopy_neon.simple.components import Event
from psychopy_neon.simple.template import Template, TemplateFormat, check_format, template_of
from psychopy_neon.simple.time_offset import TimeEchoEstimates, estimate


class DeviceCalls:
    """Remote calls; each waits for the phone's answer, at most 5 s.

    All raise `NeonConnectionError` or `NeonTimeoutError` if there is none.
    """

    neon: Neon

    def get_calibration(self) -> Calibration:
        """Factory calibration of the glasses; checked, and fetched once. Blocks up to 5 s.

        Raises
        ------
        DeviceError
            If no glasses are plugged in.
        ProtocolError
            If its size or checksum is wrong.
        NeonConnectionError, NeonTimeoutError
            If it does not answer.
        """
        return calibration_record(self.neon.calibration())

    def recording_start(self) -> str:
        """Start recording; waits until events can attach to it, about a second (reference, 2.3).

        Returns
        -------
        str
            The recording's id.

        Raises
        ------
        DeviceError
            If the phone refuses; the message says why.
        NeonConnectionError, NeonTimeoutError
            If it does not answer.
        """
        recording_id = rest.parse_recording_id(self.neon.request(rest.START_RECORDING))
        give_up_s = time.perf_counter() + ATTACH_TIMEOUT_S
        while time.perf_counter() < give_up_s and not self._is_open(recording_id):
            time.sleep(ATTACH_POLL_S)
        return recording_id

    def recording_stop_and_save(self) -> None:
        """Stop the recording, whoever started it, and keep it; blocks up to 5 s.

        Raises
        ------
        DeviceError
            If the phone refuses.
        NeonConnectionError, NeonTimeoutError
            If it does not answer.
        """
        self.neon.request(rest.STOP_AND_SAVE_RECORDING)

    def recording_cancel(self) -> None:
        """Stop the recording, whoever started it, and delete it; blocks up to 5 s.

        Raises
        ------
        DeviceError
            If the phone refuses.
        NeonConnectionError, NeonTimeoutError
            If it does not answer.
        """
        self.neon.request(rest.CANCEL_RECORDING)

    def send_event(self, event_name: str, event_timestamp_unix_ns: int | None = None) -> Event:
        """Save an event in the running recording; waits up to 5 s for the phone's answer.

        Better for experiments is ``device.neon.send_event``: it returns at once, tries again
        when the network fails, and dates the event itself on the phone's clock.

        Parameters
        ----------
        event_name : str
            Any text that is not empty.
        event_timestamp_unix_ns : int, optional
            Phone's Unix clock, ns; without it the phone dates the event on arrival, in whole ms.

        Returns
        -------
        Event
            As the phone stored it.

        Raises
        ------
        DeviceError
            If the phone refuses.
        NeonConnectionError, NeonTimeoutError
            If it does not answer.
        """
        call = rest.post_event(event_name, event_timestamp_unix_ns)
        reply = rest.parse_event_reply(self.neon.request(call))
        return Event(event_name, reply.recording_id, reply.device_ns)

    def get_template(self) -> Template:
        """The template that is selected on the phone; blocks up to 5 s.

        Raises
        ------
        DeviceError
            If the phone has none, or its app is older than 2.8.25.
        NeonConnectionError, NeonTimeoutError
            If it does not answer.
        """
        return template_of(self.neon.template.definition())

    def get_template_data(self, template_format: TemplateFormat = "simple") -> dict[str, Any]:
        """The stored answers, by question id; blocks up to 5 s for each of two calls.

        Parameters
        ----------
        template_format : {"simple", "api"}
            Numbers and lists, or lists of texts as they travel.

        Raises
        ------
        DeviceError
            If the phone has no template, or its app is older than 2.8.25.
        UnknownFormatError
            If there is no such format.
        NeonConnectionError, NeonTimeoutError
            If it does not answer.
        """
        check_format(template_format)
        wire = self.neon.template.wire_answers()
        if template_format == "api":
            return wire
        return self.get_template().convert_from_api_to_simple_format(wire)

    def post_template_data(
        self, template_data: dict[str, Any], template_format: TemplateFormat = "simple"
    ) -> dict[str, list[str]]:
        """Store answers over those that the phone has; blocks up to 5 s.

        Parameters
        ----------
        template_data : dict
            Answers by question id, in either format.
        template_format : {"simple", "api"}
            Checked to be one of the two.

        Returns
        -------
        dict
            All answers that the phone now has, as they travel.

        Raises
        ------
        InvalidTemplateAnswersError
            If answers do not fit; it is a ValueError, and nothing was sent.
        UnknownFormatError
            If there is no such format.
        DeviceError
            If the phone refuses.
        NeonConnectionError, NeonTimeoutError
            If it does not answer.
        """
        check_format(template_format)
        return self.neon.template.post_wire(template_data)

    def get_camera_state(self) -> CameraState:
        """Settings of the scene camera, whose stream must run; blocks up to 5 s.

        Raises
        ------
        DeviceError
            If the camera does not run.
        NeonConnectionError, NeonTimeoutError
            If it does not answer.
        """
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
        """Change settings of the scene camera, whose stream must run; blocks up to 5 s.

        Parameters
        ----------
        ae_mode : str, optional
            Automatic exposure, "auto" or "manual".
        man_exp, gain, brightness, contrast, gamma : int, optional
            In the ranges that `get_camera_state` reports.
        camera : str
            "world", the only one.
        validate_with_state : CameraState, optional
            What to check against; without it the phone is asked first.

        Raises
        ------
        UsageError
            If the camera does not take a value; it is a ValueError, and nothing was sent.
        DeviceError
            If the camera does not run.
        NeonConnectionError, NeonTimeoutError
            If it does not answer.
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
        """This computer's clock minus the phone's, and round trips, ms (reference, 6.2).

        Blocks for all measurements and pauses. Each offset is that of ``neon.clock_map`` at the
        moment of a measurement.

        Parameters
        ----------
        number_of_measurements : int
            1 to 100000.
        sleep_between_measurements_seconds : float, optional
            Pause between two of them.

        Returns
        -------
        TimeEchoEstimates or None
            None if the phone does not answer.

        Raises
        ------
        UsageError
            If the number makes no sense; it is a ValueError.
        """
        pause_s = sleep_between_measurements_seconds or 0.0
        return estimate(self.neon, number_of_measurements, pause_s)

    def _is_open(self, recording_id: str) -> bool:
        """Whether events attach to it; the phone answers a start before that."""
        try:
            running = parse_status(self.neon.request(rest.GET_STATUS, ATTACH_TIMEOUT_S)).recording
        except NeonError:  # it has started all the same, and the next look may get through
            return False
        return running is not None and running.id == recording_id and running.is_running
