"""Payloads of the sensors, calibration, time echo, and names from discovery."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
from oracle import Target, check, check_size, check_stable

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.protocol import eye_events, gaze, imu, time_echo
from psychopy_neon.protocol.calibration import CALIBRATION_BYTES, Calibration
from psychopy_neon.protocol.service_name import ServiceName
from psychopy_neon.samples import EyeEvent, Eyelid, EyeMovement, EyeState, GazeSample, ImuSample

TIMES: Any = {"device_ns": 1_700_000_000_000_000_000, "arrived_host_ns": 5}


# -- gaze -----------------------------------------------------------------------------------------


def _gaze(data: bytes) -> None:
    sample = gaze.parse_gaze(data, **TIMES)
    check_size(sample, data)
    check(0 <= sample.unknown_bytes <= len(data) - 9, "a wrong count of unknown bytes")
    check_stable(lambda payload: gaze.parse_gaze(payload, **TIMES), gaze.pack_gaze, data)


def _gaze_seeds() -> list[bytes]:
    eye = EyeState(3.5, (1.0, 2.0, 3.0), (0.0, 0.6, 0.8))
    lid = Eyelid(0.5, -0.5, 9.0)
    points = {"left_point": (1.0, 2.0), "right_point": (3.0, 4.0)}
    eyes = {"left_eye": eye, "right_eye": eye}
    lids = {"left_lid": lid, "right_lid": lid}
    forms: tuple[dict[str, Any], ...] = (
        *({}, {**points, "is_monocular": True}, points),
        *(eyes, {**eyes, **lids}, {**eyes, **lids, **points}),
    )
    samples = [GazeSample(*TIMES.values(), 800.0, 600.0, True, **form) for form in forms]
    return [*map(gaze.pack_gaze, samples), gaze.pack_gaze(samples[-1]) + b"future"]


# -- eye events -----------------------------------------------------------------------------------


def _eye_event(data: bytes) -> None:
    event = eye_events.parse_eye_event(data, **TIMES)
    if event is None:
        return
    check_size(event, data)
    check(isinstance(event.start_device_ns, int), "no start")
    check((event.end_device_ns is None) == event.kind.endswith("onset"), "an end too many or few")
    check_stable(
        lambda payload: eye_events.parse_eye_event(payload, **TIMES),
        eye_events.pack_eye_event,  # type: ignore[arg-type]
        data,
    )


def _eye_event_seeds() -> list[bytes]:
    movement = EyeMovement((1.0, 2.0), (3.0, 4.0), (5.0, 6.0), 7.0, 8.0, 9.0, 10.0)
    times = (*TIMES.values(), 10**18, 10**18 + 5)
    events = [EyeEvent(kind, *times, movement) for kind in ("saccade", "fixation")]
    events += [EyeEvent(kind, *times[:3]) for kind in ("saccade_onset", "fixation_onset")]
    events.append(EyeEvent("blink", *times))
    return [b"\0\0\0\5", *map(eye_events.pack_eye_event, events)]


# -- motion ---------------------------------------------------------------------------------------


def _imu(data: bytes) -> None:
    sample = imu.parse_imu(data, **TIMES)
    check_size(sample, data)
    check(0 < sample.sensor_ns < 2**64, "a time that is not a 64-bit one")
    check_stable(lambda payload: imu.parse_imu(payload, **TIMES), imu.pack_imu, data)


def _imu_seeds() -> list[bytes]:
    full = ImuSample(*TIMES.values(), 10**18, (0.0, 0.1, 1.0), (1.0, 2.0, 3.0), (1.0, 0, 0.5, 0.2))
    still = ImuSample(*TIMES.values(), 1, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 0.0))
    unknown = b"\x2d\0\0\x80\x3f" + b"\x31" + bytes(8) + b"\x3a\3abc" + b"\x40\x96\1"
    return [imu.pack_imu(full), imu.pack_imu(still), imu.pack_imu(full) + unknown]


# -- calibration ----------------------------------------------------------------------------------


def _calibration(data: bytes) -> None:
    """With a last byte of 0 as it is; else with the checksum that lets it pass what comes first."""
    if data[-1:] == b"\0":
        Calibration.parse(data[:-1])
        return
    body = data[: CALIBRATION_BYTES - 4].ljust(CALIBRATION_BYTES - 4, b"\0")
    sealed = body + struct.pack("<I", zlib.crc32(body))
    calibration = Calibration.parse(sealed)
    check_size(calibration, sealed)
    for camera in (calibration.scene, calibration.right, calibration.left):
        parts = (camera.matrix, camera.distortion, camera.extrinsics)
        check(all(np.isfinite(part).all() for part in parts), "a calibration that is no number")
    check(calibration.pack() == sealed, "a calibration changed by packing")


def _calibration_seeds() -> list[bytes]:
    packed = Calibration.typical("123456").pack()
    return [packed + b"\0", packed]


# -- time echo and discovery ----------------------------------------------------------------------


def _time_echo(data: bytes) -> None:
    if len(data) == time_echo.REQUEST_BYTES:
        cookie = time_echo.parse_request(data)
        check(time_echo.pack_request(cookie) == data, "a request changed by packing and parsing")
        return
    cookie = int.from_bytes(data[:8], "big")
    device_ms = time_echo.parse_reply(data, cookie)
    check(0 <= device_ms < 2**64, "a time that is not a 64-bit one")
    check(time_echo.pack_reply(cookie, device_ms) == data, "a reply changed")
    time_echo.parse_reply(data, cookie ^ 1)


def _time_echo_seeds() -> list[bytes]:
    return [time_echo.pack_request(7), time_echo.pack_reply(2**64 - 1, 1_700_000_000_123)]


def _service_name(data: bytes) -> None:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    name = ServiceName.parse(text)
    if name is None:
        raise ProtocolError("refused")
    check_size(name, text)
    check(ServiceName.parse(name.format()) == name, "a name changed by packing and parsing")


def _service_name_seeds() -> list[bytes]:
    names = [ServiceName("Neon Companion", "00ff00ff00ff00ff"), ServiceName("a: b._http.ü", "1")]
    return [name.format().encode() for name in names]


TARGETS = {
    "gaze": Target(_gaze, _gaze_seeds),
    "eye_events": Target(_eye_event, _eye_event_seeds),
    "imu": Target(_imu, _imu_seeds),
    "calibration": Target(_calibration, _calibration_seeds),
    "time_echo": Target(_time_echo, _time_echo_seeds),
    "service_name": Target(_service_name, _service_name_seeds),
}
