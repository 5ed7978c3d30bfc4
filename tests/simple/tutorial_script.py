"""What a user of the official client may have written; runs with either client.

``python tutorial_script.py ADDRESS PORT [PART ...]``. Printed are types, shapes and facts that do
not change from run to run, so that two runs can be compared line by line. Parts are the functions
below; without any, those in ``EVERYTHING``.
"""

import math
import re
import sys
import time
from datetime import datetime

from pupil_labs.realtime_api.simple import Device

TIMEOUT = 10


def show(what, value):
    print(f"{what}: {value}")


def kinds(values):
    return [type(value).__name__ for value in values]


def properties(device):
    show("name", device.phone_name)
    show("ip", device.phone_ip)
    show("id", device.phone_id)
    show("battery", f"{device.battery_level_percent}% {device.battery_state}")
    show("storage", f"{device.memory_num_free_bytes / 1024**3:.1f} GB {device.memory_state}")
    show("glasses", f"{device.version_glasses} {device.module_serial}")
    show("serials", f"{device.serial_number_glasses} {device.serial_number_scene_cam}")
    show("scene camera", device.world_sensor())
    show("gaze sensor url", device.gaze_sensor().url)
    show("address", (device.address, device.port, device.full_name, device.dns_name))
    show("device", device)
    show("streaming", device.is_currently_streaming)
    show("errors", device.get_errors())


def recording(device):
    recording_id = device.recording_start()
    show("id looks like one", re.fullmatch(r"[0-9a-f-]{36}", recording_id) is not None)
    end = time.monotonic() + TIMEOUT
    while (event := device.send_event("test event 1")).recording_id != recording_id:
        assert time.monotonic() < end
    show("event", re.sub(r"\d", "#", str(event).replace(recording_id, "ID"))[:90])
    show("event fields", event._fields)
    stamp = time.time_ns()
    given = device.send_event("test event 2", event_timestamp_unix_ns=stamp)
    show("time kept", given.timestamp == stamp)
    show("event in recording", given.recording_id == recording_id)
    off = given.datetime - datetime.fromtimestamp(stamp / 1e9)
    show("event date", abs(off.total_seconds()) < 2e-6)
    show("saved", device.recording_stop_and_save())
    try:
        device.recording_cancel()
    except Exception as error:
        show("refused", type(error).__name__)
    device.recording_start()
    show("cancelled", device.recording_cancel())
    show("discarded", device.send_event(event_name="late").recording_id)


def gaze(device):
    gaze = device.receive_gaze_datum(timeout_seconds=TIMEOUT)
    show("gaze", type(gaze).__name__)
    show("gaze fields", gaze._fields)
    show("gaze types", kinds(gaze))
    x, y, worn, *_, seconds = gaze
    show("unpacked", (x, y, worn, seconds) == (gaze.x, gaze.y, gaze.worn, gaze[-1]))
    show("pupil", round(gaze.pupil_diameter_left) in range(2, 6))
    show("gaze date", gaze.datetime == datetime.fromtimestamp(gaze.timestamp_unix_seconds))
    off_s = gaze.timestamp_unix_ns / 1e9 - gaze.timestamp_unix_seconds
    show("gaze ns", (type(gaze.timestamp_unix_ns).__name__, abs(off_s) < 1e-6))
    later = device.receive_gaze_datum()
    show("a second one is later", later.timestamp_unix_seconds > gaze.timestamp_unix_seconds)


def scene(device):
    frame = device.receive_scene_video_frame()
    show("frame", (type(frame).__name__, frame._fields, kinds(frame)))
    show(
        "pixels", (frame.bgr_pixels.shape, frame.bgr_pixels.dtype, frame.bgr_pixels.flags.writeable)
    )
    show("frame ns", type(frame.timestamp_unix_ns).__name__)
    rgb = frame.bgr_pixels[:, :, ::-1]
    show("rgb", rgb.shape)
    pixels, seconds = frame
    show("unpacked", pixels is frame.bgr_pixels and seconds == frame.timestamp_unix_seconds)


def matched(device):
    pairs = [device.receive_matched_scene_video_frame_and_gaze() for _ in range(10)]
    frame, gaze = pairs[-1]
    show("matched", (type(pairs[-1]).__name__, pairs[-1]._fields, kinds(pairs[-1])))
    apart = abs(gaze.timestamp_unix_seconds - frame.timestamp_unix_seconds)
    show("near in time", apart < 0.2)
    times = [pair.frame.timestamp_unix_seconds for pair in pairs]
    show("each later than the last", times == sorted(set(times)))
    show("streaming", device.is_currently_streaming)
    device.streaming_stop("world")
    device.streaming_stop()
    end = time.monotonic() + TIMEOUT
    while device.is_currently_streaming and time.monotonic() < end:
        time.sleep(0.01)
    show("stopped", device.is_currently_streaming)
    device.streaming_start("gaze")
    show("gaze again", type(device.receive_gaze_datum(TIMEOUT)).__name__)


def template(device):
    definition = device.get_template()
    show("template", (definition.name, definition.is_default_template, definition.created_at.year))
    for item in definition.items:
        show("question", (str(item.id), type(item.id).__name__, item.title, item.widget_type))
        show("answer", (item.input_type, item.choices, item.help_text, item.required))
    text, choice = [str(item.id) for item in definition.items]
    show("found", definition.get_question_by_id(choice).title)
    show("not found", definition.get_question_by_id("nothing"))
    wrong = definition.get_question_by_id(choice).validate_answer(["up"], raise_exception=False)
    show("faults", (len(wrong), kinds(wrong)))
    show("posted", device.post_template_data({text: ["P7"], choice: ["left"]}, "api"))
    show("posted", device.post_template_data({text: "P8", choice: ["left"]}))
    show("stored", device.get_template_data(template_format="api"))
    show("text", device.get_template_data()[text])
    try:
        device.post_template_data({choice: ["up"]})
    except Exception as error:
        show("misfit", type(error).__name__.replace("InvalidTemplateAnswers", "InvalidAnswers"))


def calibration(device):
    found = device.get_calibration()
    show("serial", found.serial)
    for name in sorted(found.keys()):
        show(name, getattr(found[name], "shape", ()) or str(found[name]))
    show("focal length", float(found.scene_camera_matrix[0, 0]))


def offset(device):
    estimate = device.estimate_time_offset(20, sleep_between_measurements_seconds=0.001)
    show("estimate", (type(estimate).__name__, estimate._fields))
    offset = estimate.time_offset_ms
    show("offset in s", round(offset.mean / 1000, 2))
    show("parts", (round(offset.median / 1000, 2), offset.std < 5, len(offset.measurements)))
    show("round trip", 0 <= estimate.roundtrip_duration_ms.median < 50)


def errors(device):
    for name, call in {
        "stream": lambda: device.streaming_start("nothing"),
        "stop": lambda: device.streaming_stop("nothing"),
    }.items():
        try:
            call()
        except KeyError:
            show(name, "KeyError")
    try:
        device.get_template_data("nothing")
    except AssertionError:
        show("format", "AssertionError")


def imu(device):
    data = device.receive_imu_datum(timeout_seconds=TIMEOUT)
    show("imu", (type(data).__name__, data._fields, kinds(data)))
    show("parts", [part._fields for part in data[:3]])
    gyro, accel, quaternion, _seconds = data
    show("gravity", round(math.dist(accel, (0, 0, 0))))
    show("unit quaternion", round(math.dist(quaternion, (0, 0, 0, 0)), 2))
    show("floats", kinds([*gyro, *accel, *quaternion]))
    show("imu ns", (data.timestamp_unix_ns - data.timestamp_unix_nanoseconds, type(data.datetime)))


def eyes(device):
    frame = device.receive_eyes_video_frame(timeout_seconds=TIMEOUT)
    show("eyes", (type(frame).__name__, frame.bgr_pixels.shape, frame.bgr_pixels.dtype))
    for _ in range(5):
        item = device.receive_matched_scene_and_eyes_video_frames_and_gaze(TIMEOUT)
    show("matched", (type(item).__name__, item._fields, kinds(item)))
    seconds = [part.timestamp_unix_seconds for part in item]
    show("near in time", max(seconds) - min(seconds) < 0.2)


def eye_events(device):
    seen = {}
    end = time.monotonic() + TIMEOUT
    while len(seen) < 5 and time.monotonic() < end:
        event = device.receive_eye_events(timeout_seconds=1)
        if event is not None:
            seen[event.event_type] = event
    for event_type, event in sorted(seen.items()):
        show(event_type, (type(event).__name__, event._fields, kinds(event)))
        skew = event.timestamp_unix_ns - event.start_time_ns
        show("near its start", abs(skew) < 3_000_000_000)


def audio(device):
    frame = device.receive_audio_frame(timeout_seconds=TIMEOUT)
    show("audio", (type(frame).__name__, frame._fields))
    show("samples", (frame.to_ndarray().shape, frame.to_ndarray().dtype))
    show("rate", (frame.av_frame.sample_rate, frame.av_frame.samples))
    (block,) = frame.to_resampled_ndarray()
    show("resampled", (block.shape, block.dtype))
    item = device.receive_matched_scene_video_frame_and_audio(TIMEOUT)
    show("matched", (type(item).__name__, item._fields, type(item.audio).__name__))


def camera(device):
    device.receive_scene_video_frame(TIMEOUT)
    state = device.get_camera_state()
    show("mode", (state.ae_mode.current_value, list(state.ae_mode.allowed_values)))
    for name in ("man_exp", "gain", "brightness", "contrast", "gamma"):
        control = getattr(state, name)
        show(name, (control.current_value, control.value_min, control.value_max))
    device.set_camera_state(ae_mode="manual", man_exp=120, validate_with_state=state)
    state = device.get_camera_state()
    show("set", (state.ae_mode.current_value, state.man_exp.current_value))
    for value in (state.gain.value_min, state.gain.value_max + 1):
        try:
            show("takes", state.gain.validate(value))
        except ValueError:
            show("does not take", value)


EVERYTHING = (properties, recording, gaze, scene, matched, template, calibration, offset, errors)


def main(address, port, *streams):
    device = Device(address=address, port=port)
    parts = [globals()[name] for name in streams] or EVERYTHING
    try:
        for part in parts:
            print(f"-- {part.__name__}")
            part(device)
    finally:  # with the official client the program would not end without it
        device.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
