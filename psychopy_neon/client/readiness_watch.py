"""Gathers what a check before a session has to know, and pictures for it."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from psychopy_neon.client.neon import Neon
from psychopy_neon.client.recording import RecordingInfo, RecordingState
from psychopy_neon.client.sample_buffer import SampleReader
from psychopy_neon.client.screen_tracker import ScreenTracker
from psychopy_neon.client.template_watch import TemplateWatch
from psychopy_neon.protocol.status import Recording
from psychopy_neon.readiness import Facts
from psychopy_neon.samples import Point, VideoFrame
from psychopy_neon.screen.preview import shrunk
from psychopy_neon.screen.steady_placement import SteadyPlacement
from psychopy_neon.transport.picture_board import Preview, PreviewTag
from psychopy_neon.transport.worker import Worker

PICTURE_EVERY_S = 0.1
PLACEMENT_EVERY_S = 0.5
UNWATCHED_AFTER_S = 10.0
WAIT_S = 0.25
WORN_NS = 1_000_000_000
MOST_SAMPLES = 250
EXCHANGES = 40
NEAR_NS = 50_000_000


class ReadinessWatch:
    """Knows the state of the glasses; idle while nobody asks for `facts`.

    Parameters
    ----------
    neon : Neon
        Its gaze and scene video are started.
    tracker : ScreenTracker
        Knows the markers of the window.
    show : callable
        Gets about ten small pictures a second, in a thread of ours.
    on_end : callable
        Called by that thread at its end.
    """

    def __init__(
        self,
        neon: Neon,
        tracker: ScreenTracker,
        show: Callable[[Preview], None],
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self._neon = neon
        self._tracker = tracker
        self._show = show
        self._on_end = on_end
        self._template = TemplateWatch(neon.template)
        self._asked_s = time.perf_counter()
        self._worker = Worker("neon-check", self._run)
        self.again()

    def start(self) -> None:
        """Begin to watch."""
        self._neon.gaze.start()
        self._neon.scene.start()
        self._worker.start()
        self._template.start()

    def again(self) -> None:
        """Forget what was found, and ask the phone anew; returns at once."""
        health = self._neon.gaze.health
        self._received, self._lost = health.received, health.lost
        self._old_placement = self._tracker.placement.newest
        self._steady = SteadyPlacement()
        self._began_host_ns = time.perf_counter_ns()
        self._template.again()

    def stop(self) -> None:
        """Ask the threads to end; returns at once."""
        self._worker.stop()
        self._template.stop()

    def join(self, timeout_s: float) -> bool:
        """Wait for the threads, at most twice `timeout_s`; whether they have ended."""
        ended = [self._worker.join(timeout_s), self._template.join(timeout_s)]
        return all(ended)

    def facts(self) -> Facts:
        """What is known now; never blocks."""
        self._asked_s = time.perf_counter()
        neon = self._neon
        status, recording = neon.status, neon.recording.info
        return Facts(
            link=neon.state.value,
            link_error=neon.link_error,
            phone_name=neon.phone_name,
            module_serial=neon.module_serial or "",
            frame_name=neon.frame_name or "",
            plugged_in=status.hardware is not None and status.hardware.version is not None,
            battery_percent=neon.battery_percent,
            battery_state=neon.battery_state or "OK",
            free_storage_bytes=neon.free_storage_bytes,
            storage_state=neon.storage_state or "OK",
            recording=recording.state.value,
            recording_error=recording.error,
            other_recording=_is_foreign(status.recording, recording),
            **self._template.facts(),
            **self._clock_facts(),
            **self._gaze_facts(),
            **self._scene_facts(),
        )

    def _clock_facts(self) -> dict[str, Any]:
        clock_map = self._neon.clock_map
        trips = sorted(e.round_trip_ns / 1e6 for e in self._neon.clock_exchanges[-EXCHANGES:])
        if clock_map is None or not trips:
            return {}
        return {
            "clock_bound_ms": clock_map.bound_ns(time.perf_counter_ns()) / 1e6,
            "clock_steps": clock_map.steps,
            "round_trip_ms": statistics.median(trips),
            "slow_trip_ms": trips[int(0.95 * (len(trips) - 1))],
        }

    def _gaze_facts(self) -> dict[str, Any]:
        health, buffer = self._neon.gaze.health, self._neon.gaze.buffer
        received, lost = health.received - self._received, health.lost - self._lost
        newest, _ = buffer.since(max(0, buffer.appended - MOST_SAMPLES))
        since_ns = max(time.perf_counter_ns() - WORN_NS, self._began_host_ns)
        fresh = [sample.worn for sample in newest if sample.arrived_host_ns >= since_ns]
        return {
            "gaze_hz": health.rate_hz if fresh and health.rate_hz > 0 else None,
            "gaze_lost_share": max(0, lost) / max(1, received + max(0, lost)),
            "gaze_error": health.error,
            "worn_share": sum(fresh) / len(fresh) if fresh else None,
        }

    def _scene_facts(self) -> dict[str, Any]:
        placement = self._steady.shown
        error = self._neon.scene.health.error
        if placement is None:
            return {"scene_error": error}
        return {
            "scene_error": error,
            "markers_expected": placement.expected,
            "markers_seen": placement.seen,
            "markers_locate": placement.has_pose,
            "marker_problems": placement.sentences,
        }

    # -- the thread ---------------------------------------------------------------------------

    def _run(self, stopping: threading.Event) -> None:
        try:
            self._watch(stopping)
        finally:
            self._on_end()

    def _watch(self, stopping: threading.Event) -> None:
        reader = SampleReader(self._neon.scene.buffer)
        number, ask_s = 0, 0.0
        while not stopping.wait(PICTURE_EVERY_S):
            now_s = time.perf_counter()
            if now_s - self._asked_s > UNWATCHED_AFTER_S:
                continue
            if now_s >= ask_s:
                self._tracker.placement.ask()
                ask_s = now_s + PLACEMENT_EVERY_S
            self._take_placement()
            frame = reader.skip_to_latest(WAIT_S)
            if frame is not None:
                number += 1
                self._show(self._preview(number, frame))

    def _take_placement(self) -> None:
        steady, newest = self._steady, self._tracker.placement.newest
        if newest is not None and newest is not self._old_placement:
            steady.take(newest)

    def _preview(self, number: int, frame: VideoFrame) -> Preview:
        gaze = self._neon.gaze.buffer.nearest(frame.device_ns)
        is_near = gaze is not None and abs(gaze.device_ns - frame.device_ns) <= NEAR_NS
        point = (gaze.x / frame.width, gaze.y / frame.height) if gaze and is_near else None
        return Preview(number, shrunk(frame.luma), point, self._tags(frame))

    def _tags(self, frame: VideoFrame) -> tuple[PreviewTag, ...]:
        """Judged some tenths of a second ago, but drawn where they are in this picture."""
        placement = self._steady.shown
        expected = self._tracker.expected(frame.device_ns)
        if placement is None or expected is None:
            return ()
        good = {tag.tag_id for tag in placement.tags if tag.state == "good"}
        return tuple(
            PreviewTag(tag_id in good, _fractions(corners_px, frame))
            for tag_id, corners_px in zip(
                expected.ids.tolist(), expected.corners_px.tolist(), strict=True
            )
        )


def _is_foreign(running: Recording | None, ours: RecordingInfo) -> bool:
    if running is None or not running.is_running or running.id == ours.id:
        return False
    return ours.state in (RecordingState.IDLE, RecordingState.FAILED)


def _fractions(corners_px: Iterable[Sequence[float]], frame: VideoFrame) -> tuple[Point, ...]:
    return tuple((x / frame.width, y / frame.height) for x, y in corners_px)
