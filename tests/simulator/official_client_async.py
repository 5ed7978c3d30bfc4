"""Makes every call of the vendor's asynchronous client; prints what came back.

Not a test by itself: `test_official_client.py` runs it in an environment that has the official
client: ``python official_client_async.py ADDRESS PORT PHONE_NAME``.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import aclosing, suppress

from pupil_labs.realtime_api import (
    APIPath,
    Device,
    Network,
    StatusUpdateNotifier,
    discover_devices,
    receive_audio_frames,
    receive_eye_events_data,
    receive_gaze_data,
    receive_imu_data,
    receive_raw_rtsp_data,
    receive_video_frames,
)
from pupil_labs.realtime_api.time_echo import TimeOffsetEstimator

TIMEOUT_S = 20


async def first_of(stream, count=1):
    found = []
    async with aclosing(stream) as items:
        async for item in items:
            found.append(item)
            if len(found) == count:
                return found


async def discovery(name):
    async with Network() as network:
        while True:
            info = await network.wait_for_new_device(timeout_seconds=TIMEOUT_S)
            if f":{name}:" in info.name:
                break
        listed = any(device.name == info.name for device in network.devices)
    # Reports a phone again whenever it answers: strangers' phones come along.
    async with aclosing(discover_devices(timeout_seconds=TIMEOUT_S)) as found:
        async for again in found:
            if again.name == info.name:
                break
    async with Device.from_discovered_device(info) as device:
        status = await device.get_status()
        found_name = status.phone.device_name
    return {"listed": listed, "found": found_name, "again": again.port == info.port}


async def status(device):
    found = await device.get_status()
    direct = (
        *(found.direct_world_sensor(), found.direct_gaze_sensor(), found.direct_imu_sensor()),
        *(found.direct_eyes_sensor(), found.direct_eye_events_sensor()),
    )
    (first,) = await first_of(device.status_updates())
    seen = []
    notifier = StatusUpdateNotifier(device, callbacks=[seen.append])
    await notifier.receive_updates_start()
    await device.send_event("look")
    for _ in range(200):
        if len(seen) > 11:  # phone, hardware, ten sensors
            break
        await asyncio.sleep(0.05)
    await notifier.receive_updates_stop()
    return {
        "phone": found.phone.device_name,
        "serial": found.hardware.module_serial,
        "connected": [sensor.connected for sensor in direct],
        "first_update": type(first).__name__,
        "updates": len(seen),
    }


async def recording(device):
    recording_id = await device.recording_start()
    while (await device.send_event("probe")).recording_id != recording_id:
        await asyncio.sleep(0.05)
    event = await device.send_event("given", event_timestamp_unix_ns=1_700_000_000_000_000_001)
    await device.recording_stop_and_save()
    other = await device.recording_start()
    await device.recording_cancel()
    return {"id": recording_id, "cancelled": other, "stored_ns": event.timestamp}


async def template(device):
    definition = await device.get_template()
    question = str(definition.items[0].id)
    await device.post_template_data({question: ["P8"]}, template_format="api")
    stored = await device.get_template_data(template_format="api")
    return {"name": device.template_definition.name, "stored": stored[question]}


async def camera(device):
    found = await device.get_status()
    async with aclosing(receive_video_frames(found.direct_world_sensor().url)) as frames:
        await anext(frames)  # the phone refuses while the camera is not active
        await device.set_camera_state(ae_mode="manual", man_exp=130)
        state = await device.get_camera_state()
    return {"ae_mode": state.ae_mode.current_value, "man_exp": state.man_exp.current_value}


async def streams(device):
    found = await device.get_status()
    (gaze,) = await first_of(receive_gaze_data(found.direct_gaze_sensor().url))
    (imu,) = await first_of(receive_imu_data(found.direct_imu_sensor().url))
    scene = await first_of(receive_video_frames(found.direct_world_sensor().url), 2)
    eyes = await first_of(receive_video_frames(found.direct_eyes_sensor().url), 2)
    (event,) = await first_of(receive_eye_events_data(found.direct_eye_events_sensor().url))
    (sound,) = await first_of(receive_audio_frames(found.direct_audio_sensor().url))
    (raw,) = await first_of(receive_raw_rtsp_data(found.direct_gaze_sensor().url))
    return {
        "gaze": type(gaze).__name__,
        "worn": gaze.worn,
        "imu": len(imu.quaternion),
        "scene": scene[-1].to_ndarray(format="bgr24").shape,
        "eyes": eyes[-1].to_ndarray(format="bgr24").shape,
        "event": type(event).__name__,
        "sound_rate": sound.av_frame.sample_rate,
        "raw_bytes": len(raw.raw),
    }


async def time_offset(device, address):
    port = (await device.get_status()).phone.time_echo_port
    estimate = await TimeOffsetEstimator(address, port).estimate(number_of_measurements=20)
    return {"median_ms": estimate.time_offset_ms.median}


async def main(address, port, name):
    answers = {"discovery": await discovery(name)}
    async with Device(address, port) as device:
        answers["url"] = str(device.api_url(APIPath.STATUS))
        answers["session"] = not device.active_session.closed
        for call in (status, recording, template, camera, streams):
            answers[call.__name__] = await call(device)
        answers["time_offset"] = await time_offset(device, address)
        answers["calibration"] = len((await device.get_calibration()).tobytes())
        copy = Device.convert_from(device)
        answers["copy"] = (await copy.get_status()).phone.device_name
        await copy.close()
    print(json.dumps(answers, default=str))


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
