"""The clients that `bench_delivery` compares, behind one face."""

from __future__ import annotations

import contextlib
import struct
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol


class Client(Protocol):
    """What the measurements ask of a client. Times are ns on the phone's clock."""

    def wait_for_gaze(self, timeout_s: float) -> int | None:
        """Time of the next gaze sample."""

    def newest_gaze(self) -> tuple[int | None, int]:
        """Time of the newest sample, if it is news, and how many the caller got to see."""

    def wait_for_picture(self, timeout_s: float) -> int | None:
        """Time of the next scene picture."""

    def wait_for_pair(self, timeout_s: float) -> tuple[int, int] | None:
        """Times of a scene picture and of the gaze that belongs to it."""

    def send_event(self, name: str) -> Any:
        """Save an event in the recording that runs."""


class Ours:
    """This package, in the process of the caller."""

    def __init__(self, address: str, streams: str) -> None:
        from psychopy_neon import Neon

        self._stack = contextlib.ExitStack()
        folder = self._stack.enter_context(tempfile.TemporaryDirectory())
        self._neon = Neon.connect(address, journal=Path(folder) / "events.jsonl")
        self._stack.callback(self._neon.close)
        if "scene" in streams:
            self._scene = self._neon.scene.reader()
            assert self._scene.read(20.0) is not None
        if "eyes" in streams:
            assert self._neon.eyes.read(20.0) is not None
        if "search" in streams:
            _find_the_window(self._neon)
        while (sample := self._neon.gaze.read(5.0)) is not None and sample.provisional:
            pass
        self._gaze = self._neon.gaze.reader()
        self._pairs: Iterator[Any] | None = None
        self.send_event = self._neon.send_event

    def record(self) -> None:
        self._neon.recording.start()

    def wait_for_gaze(self, timeout_s: float) -> int | None:
        sample = self._gaze.read(timeout_s)
        return None if sample is None else sample.device_ns

    def newest_gaze(self) -> tuple[int | None, int]:
        newest = self._neon.gaze.latest()
        return (None if newest is None else newest.device_ns), len(self._gaze.drain())

    def wait_for_picture(self, timeout_s: float) -> int | None:
        picture = self._scene.read(timeout_s)
        return None if picture is None else picture.device_ns

    def wait_for_pair(self, timeout_s: float) -> tuple[int, int] | None:
        pair = self._neon.read_scene_and_gaze(timeout_s)
        return None if pair is None else (pair.scene.device_ns, pair.gaze.device_ns)

    def close(self) -> None:
        self._stack.close()


def _find_the_window(neon: Any) -> None:
    from psychopy_neon.screen.markers import frame_layout

    tracker = neon.track_screen(frame_layout((1280, 720)).markers)
    end_s = time.perf_counter() + 20.0
    while tracker.pose is None:
        assert time.perf_counter() < end_s, "the simulated window was not found"
        time.sleep(0.02)


class Official:
    """``pupil_labs.realtime_api.simple``."""

    def __init__(self, address: str, streams: str) -> None:
        from pupil_labs.realtime_api.simple import Device

        self._device = device = Device(*address.split(":"))
        if "scene" in streams:
            assert device.receive_scene_video_frame(timeout_seconds=20.0) is not None
        if "eyes" in streams:
            assert device.receive_eyes_video_frame(timeout_seconds=20.0) is not None
        assert device.receive_gaze_datum(timeout_seconds=10.0) is not None
        self._recording = False
        self.send_event = device.send_event

    def record(self) -> None:
        self._device.recording_start()
        self._recording = True

    def wait_for_gaze(self, timeout_s: float) -> int | None:
        sample = self._device.receive_gaze_datum(timeout_seconds=timeout_s)
        return None if sample is None else round(sample.timestamp_unix_seconds * 1e9)

    def newest_gaze(self) -> tuple[int | None, int]:
        device_ns = self.wait_for_gaze(0)
        return device_ns, int(device_ns is not None)

    def wait_for_picture(self, timeout_s: float) -> int | None:
        picture = self._device.receive_scene_video_frame(timeout_seconds=timeout_s)
        return None if picture is None else round(picture.timestamp_unix_seconds * 1e9)

    def wait_for_pair(self, timeout_s: float) -> tuple[int, int] | None:
        pair = self._device.receive_matched_scene_video_frame_and_gaze(timeout_seconds=timeout_s)
        if pair is None:
            return None
        return tuple(round(part.timestamp_unix_seconds * 1e9) for part in pair)  # type: ignore[return-value]

    def close(self) -> None:
        if self._recording:
            self._device.recording_stop_and_save()
        self._device.close()


class OursInIoHub:
    """This package in ioHub's process, as a Builder experiment uses it; newest gaze only.

    Scene pictures are searched for the window if asked for, else decoded only, as elsewhere.
    """

    def __init__(self, address: str, streams: str) -> None:
        from psychopy.iohub import launchHubServer

        from psychopy_neon.runtime import connect

        device = {
            "name": "tracker",
            "runtime_settings": {"address": address},
        }
        self._hub = launchHubServer(**{"eyetracker.neon_realtime.EyeTracker": device})
        self._tracker = connect(self._hub.devices.tracker)
        while self._tracker.read_gaze().device_ns is None:
            pass
        self._tracker.set_surface(_frame(), self, "poster")
        self._tracker.forget_surface("poster")  # the video goes on
        if "search" in streams:
            self._tracker.set_surface(_frame(), self)
        while self._hub.devices.tracker.neon_status()["scene_state"] != "streaming":
            pass

    def newest_gaze(self) -> tuple[int | None, int]:
        return self._tracker.read_gaze().device_ns, 1

    def close(self) -> None:
        self._hub.quit()


class Bare:
    """A thread that does nothing but wait for gaze packets: what no client in Python can beat."""

    def __init__(self, address: str, streams: str) -> None:
        from psychopy_neon.clock.sender_clock import SenderClock
        from psychopy_neon.transport.rtsp import RtspSession

        del streams  # gaze alone
        host = address.partition(":")[0]
        self._session = RtspSession(host, _gaze_url(address), "application", "udp")
        self._sender_clock = SenderClock(self._session.open().clock_rate)
        self._wait_for_report()

    def wait_for_gaze(self, timeout_s: float) -> int | None:
        datagram = self._session.next_media(timeout_s)
        if datagram is None:
            return None
        (rtp_ticks,) = struct.unpack_from("!I", datagram.data, 4)
        return self._sender_clock.reported_ns(rtp_ticks)

    def close(self) -> None:
        self._session.close()

    def _wait_for_report(self) -> None:
        from psychopy_neon.protocol.rtcp import parse_rtcp

        while not self._sender_clock.reports:
            for datagram in self._session.receive(5.0):
                reports = parse_rtcp(datagram.data).sender_reports if datagram.is_rtcp else ()
                for report in reports:
                    self._sender_clock.add_report(report.device_ns, report.rtp_timestamp)


def _gaze_url(address: str) -> str:
    from psychopy_neon import Neon

    with Neon.connect(address) as neon:
        sensor = neon.status.sensor("gaze")
    assert sensor is not None and sensor.url is not None
    return sensor.url


def _frame() -> dict[str, Any]:
    """The tags that the simulator draws, so that the scene is watched as in an experiment."""
    from psychopy_neon.screen.markers import frame_layout

    tags = [[marker.tag_id, marker.corners] for marker in frame_layout((1280, 720)).markers]
    return {"tags": tags, "units_per_norm": [1.0, 1.0]}


CLIENTS: dict[str, Callable[[str, str], Any]] = {
    "ours": Ours,
    "ours, in ioHub": OursInIoHub,
    "official": Official,
    "bare": Bare,
}
