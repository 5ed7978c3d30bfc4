"""The two clients that meet the same faults, each behind the same few methods."""

from __future__ import annotations

import logging
import time
from typing import Any

from fault_list import Fault

from psychopy_neon.simulator import SimulatedNeon


class Ours:
    """This package."""

    def __init__(self, simulator: SimulatedNeon, fault: Fault) -> None:
        from psychopy_neon import Neon
        from psychopy_neon.client.carrier_choice import CarrierChoice

        if fault.over_tcp:
            CarrierChoice.next = "tcp"  # type: ignore[assignment, method-assign]
        self._neon = Neon.connect(simulator.address, simulator.port)
        self._neon.wait_for_clock()
        self._kind = fault.kind
        self._stream = getattr(self._neon, "gaze" if fault.kind == "events" else fault.kind)
        self._reader = self._stream.reader()
        self.seen: list[str] = []
        logger = logging.getLogger("psychopy_neon")
        logger.addHandler(Listener(self.seen))
        logger.setLevel(logging.INFO)

    def read(self, timeout_s: float) -> Any:
        return self._reader.read(timeout_s)

    def result(self) -> dict[str, Any]:
        health = self._stream.health
        names = ("lost", "repeated", "reordered", "malformed", "interruptions")
        return {name: getattr(health, name) for name in names if getattr(health, name)}

    @staticmethod
    def picture(frame: Any) -> tuple[int, Any, bool]:
        return frame.device_ns, frame.bgr(), frame.damaged

    def start_recording(self) -> None:
        self._neon.recording.start()

    def send_event(self, name: str) -> None:
        self._neon.send_event(name)

    def finish_events(self) -> str:
        states = [receipt.wait(10.0).value for receipt in self._neon.events]
        return ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states)))

    def close(self) -> None:
        self._neon.close()


class Listener(logging.Handler):
    """Keeps what is logged."""

    def __init__(self, seen: list[str]) -> None:
        super().__init__()
        self._seen = seen

    def emit(self, record: logging.LogRecord) -> None:
        self._seen.append(record.getMessage())


class Official:
    """The makers' client."""

    def __init__(self, simulator: SimulatedNeon, fault: Fault) -> None:
        from pupil_labs.realtime_api.simple import Device

        logging.disable(logging.CRITICAL)
        self._device = Device(simulator.address, simulator.port)
        self._receive = {
            "imu": self._device.receive_imu_datum,
            "eye_events": self._device.receive_eye_events,
            "scene": self._device.receive_scene_video_frame,
        }.get(fault.kind, self._device.receive_gaze_datum)
        self.seen: list[str] = []

    def read(self, timeout_s: float) -> Any:
        sample = self._receive(timeout_seconds=timeout_s)
        for error in self._device.get_errors():
            self.seen.append(f"get_errors: {error}"[:80])
        return sample

    def result(self) -> dict[str, Any]:
        return {}

    @staticmethod
    def picture(frame: Any) -> tuple[int, Any, bool]:
        return frame.timestamp_unix_ns, frame.bgr_pixels, False

    def start_recording(self) -> None:
        self._device.recording_start()
        time.sleep(1.0)

    def send_event(self, name: str) -> None:
        self._device.send_event(name, event_timestamp_unix_ns=time.time_ns())

    def finish_events(self) -> str:
        return ""

    def close(self) -> None:
        self._device.close()
