"""Runs the calls of the vendor's tutorial with the vendor's client; prints what came back.

Not a test by itself: `test_official_client.py` runs it in an environment that has the official
client (and nothing of ours): ``python official_client_tutorial.py ADDRESS PORT [PHONE_NAME]``.
With a phone's name the phone is found by discovery instead of by its address, and only its
properties and its main streams are asked for: the connection is the same afterwards.
"""

from __future__ import annotations

import json
import sys
import time

from pupil_labs.realtime_api import APIPath
from pupil_labs.realtime_api.simple import Device, discover_devices, discover_one_device

TIMEOUT_S = 10


def connect(address, port, name):
    if name is None:
        return Device(address, port)
    deadline = time.monotonic() + 3 * TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            found = discover_devices(search_duration_seconds=1.0)
        except OSError:
            continue  # a stranger's phone that is announced but gone fails the whole search
        wanted = [device for device in found if device.phone_name == name]
        for device in found:
            if device not in wanted[:1]:
                device.close()
        if wanted:
            any_phone = discover_one_device(max_search_duration_seconds=TIMEOUT_S)
            any_phone.close()  # the first that answers, perhaps a stranger's
            return wanted[0]
    sys.exit("discovery did not find the phone")


def properties(device):
    return {
        "phone_name": device.phone_name,
        "phone_id": device.phone_id,
        "phone_ip": device.phone_ip,
        "battery_level_percent": device.battery_level_percent,
        "battery_state": device.battery_state,
        "memory_num_free_bytes": device.memory_num_free_bytes,
        "module_serial": device.module_serial,
        "world_connected": device.world_sensor().connected,
        "gaze_connected": device.gaze_sensor().connected,
    }


def rest(device):
    """What the tutorial does not need."""
    device.start_stream_if_needed("gaze")
    device.receive_gaze_datum(timeout_seconds=TIMEOUT_S)
    streaming = device.is_currently_streaming
    device.streaming_stop("gaze")
    device.streaming_start("imu")
    imu = device.receive_imu_datum(timeout_seconds=TIMEOUT_S)
    device.streaming_stop("imu")
    copy = Device.convert_from(device)
    copy_name = copy.phone_name
    copy.close()
    return {
        "memory_state": device.memory_state,
        "version": device.version_glasses,
        "serials": [device.serial_number_glasses, device.serial_number_scene_cam],
        "eye_events_connected": device.eye_events_sensor().connected,
        "url": str(device.api_url(APIPath.STATUS)),
        "streaming": streaming,
        "imu": len(imu.quaternion),
        "copy": copy_name,
    }


def wait_for_recording(device, recording_id):
    """The reply to a start comes before the recording is open."""
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        event = device.send_event("probe")
        if event.recording_id == recording_id:
            return
        time.sleep(0.05)
    sys.exit("events were never attached to the recording")


def recording(device):
    recording_id = device.recording_start()
    wait_for_recording(device, recording_id)
    stamped = device.send_event("test event 1")
    given_ns = time.time_ns()
    given = device.send_event("test event 2", event_timestamp_unix_ns=given_ns)
    device.recording_stop_and_save()
    other = device.recording_start()
    device.recording_cancel()
    return {
        "id": recording_id,
        "cancelled": other,
        "stamped_ns": stamped.timestamp,
        "stamped_recording": stamped.recording_id,
        "given_ns": given_ns,
        "stored_ns": given.timestamp,
    }


def gaze_of(datum):
    return [datum.x, datum.y, datum.worn, datum.timestamp_unix_seconds]


def stream(device):
    frame = device.receive_scene_video_frame(timeout_seconds=TIMEOUT_S)
    gaze = device.receive_gaze_datum(timeout_seconds=TIMEOUT_S)
    pairs = [
        device.receive_matched_scene_video_frame_and_gaze(timeout_seconds=TIMEOUT_S)
        for _ in range(15)
    ]
    return {
        "frame_shape": frame.bgr_pixels.shape,
        "frame_mean": float(frame.bgr_pixels.mean()),
        "frame_s": frame.timestamp_unix_seconds,
        "gaze_type": type(gaze).__name__,
        "gaze": gaze_of(gaze),
        "pupil_mm": gaze.pupil_diameter_left,
        "matched_shape": pairs[-1].frame.bgr_pixels.shape,
        "matched": [[pair.frame.timestamp_unix_seconds, gaze_of(pair.gaze)] for pair in pairs],
    }


def more_streams(device):
    imu = device.receive_imu_datum(timeout_seconds=TIMEOUT_S)
    eyes = device.receive_eyes_video_frame(timeout_seconds=TIMEOUT_S)
    sound = device.receive_audio_frame(timeout_seconds=TIMEOUT_S)
    triple = device.receive_matched_scene_and_eyes_video_frames_and_gaze(timeout_seconds=TIMEOUT_S)
    with_sound = device.receive_matched_scene_video_frame_and_audio(timeout_seconds=TIMEOUT_S)
    return {
        "imu": {
            "gyro": list(imu.gyro_data),
            "accel": list(imu.accel_data),
            "quaternion_xyzw": list(imu.quaternion),
            "timestamp_s": imu.timestamp_unix_seconds,
        },
        "eyes_shape": eyes.bgr_pixels.shape,
        "eyes_darkest": int(eyes.bgr_pixels.min()),
        "eyes_s": eyes.timestamp_unix_seconds,
        "sound_rate": sound.av_frame.sample_rate,
        "sound_shape": sound.to_ndarray().shape,
        "triple_shapes": [triple.scene.bgr_pixels.shape, triple.eyes.bgr_pixels.shape],
        "triple_s": [triple.scene.timestamp_unix_seconds, triple.eyes.timestamp_unix_seconds],
        "triple_gaze": gaze_of(triple.gaze),
        "frames_of_sound": len(with_sound.audio),
    }


def eye_events(device):
    found = {}
    deadline = time.monotonic() + TIMEOUT_S
    while len(found) < 5 and time.monotonic() < deadline:
        event = device.receive_eye_events(timeout_seconds=1)
        if event is not None:
            found[event.event_type] = {"class": type(event).__name__, **event._asdict()}
    return found


def camera(device):
    device.set_camera_state(ae_mode="manual", man_exp=120)
    state = device.get_camera_state()
    return {"ae_mode": state.ae_mode.current_value, "man_exp": state.man_exp.current_value}


def calibration(device):
    found = device.get_calibration()
    # Scalars come as arrays of no dimension; serial as bytes.
    return {
        "serial": bytes(found["serial"].item()).decode()
        if hasattr(found["serial"], "item")
        else str(found["serial"]),
        "scene_focal_px": float(found["scene_camera_matrix"].reshape(3, 3)[0, 0]),
    }


def template(device):
    definition = device.get_template()
    question = definition.items[0].id
    device.post_template_data({str(question): ["P7"]}, template_format="api")
    return {
        "name": definition.name,
        "stored": device.get_template_data(template_format="api")[str(question)],
    }


def time_offset(device):
    estimate = device.estimate_time_offset()
    return {
        "median_ms": estimate.time_offset_ms.median,
        "roundtrip_ms": estimate.roundtrip_duration_ms.median,
    }


EVERYTHING = (
    *(properties, rest, recording, stream, more_streams, eye_events),
    *(camera, calibration, template, time_offset),
)


def main():
    device = connect(sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None)
    calls = EVERYTHING if len(sys.argv) <= 3 else (properties, stream)
    try:
        answers = {call.__name__: call(device) for call in calls}
        answers["errors"] = device.get_errors()
    finally:
        device.close()
    print(json.dumps(answers, default=str))


if __name__ == "__main__":
    main()
