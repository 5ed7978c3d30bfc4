"""Gaze on the experiment's window and other surfaces, and what else the scene video tells."""

from __future__ import annotations

import threading
from collections import deque
from itertools import islice
from pathlib import Path
from typing import Any

from psychopy_neon.client.neon import Neon
from psychopy_neon.client.patch_watcher import PatchWatcher
from psychopy_neon.client.sample_buffer import SampleReader
from psychopy_neon.client.screen_tracker import ScreenTracker
from psychopy_neon.client.screen_tracking import make_watch
from psychopy_neon.client.screen_watch import ScreenWatch
from psychopy_neon.iohub.surface_gaze import Ages, SurfaceGaze
from psychopy_neon.iohub.surfaces import Surfaces
from psychopy_neon.samples import GazeSample, ScreenGaze, SettledGaze
from psychopy_neon.screen.correction import GazeCorrection
from psychopy_neon.screen.patch import Points
from psychopy_neon.screen.patch_blinking import PatchLevel
from psychopy_neon.transport.gaze_board import GazeBoard
from psychopy_neon.transport.worker import Worker

MAX_UNFETCHED = 4_000  # samples; ioHub fetches them every few milliseconds
START_POLL_S = 0.02
WAIT_S = 0.25
JOIN_S = 2.0


class WindowGaze:
    """Maps every sample of gaze as it comes, and shows the newest to all processes.

    Every sample is mapped on the window; on other surfaces, the newest only. May be asked for
    everything before there are glasses; then there is nothing yet.

    Parameters
    ----------
    max_gaze_age_s, max_pose_age_s : float
        Older gaze, or gaze farther from the nearest picture of the markers, is not valid.

    Attributes
    ----------
    surfaces : Surfaces
        The window and the other surfaces.
    """

    def __init__(self, max_gaze_age_s: float, max_pose_age_s: float) -> None:
        self.surfaces = Surfaces(Ages(max_gaze_age_s, max_pose_age_s))
        self._window: SurfaceGaze = self.surfaces.window
        self._max_gaze_age_s = max_gaze_age_s
        self._neon: Neon | None = None
        self._watch: ScreenWatch | None = None
        self._patch: PatchWatcher | None = None
        self._settled: SampleReader[SettledGaze] | None = None
        self._mapped: deque[tuple[GazeSample, ScreenGaze, int]] = deque(maxlen=MAX_UNFETCHED)
        self._mapper = Worker("neon-mapping", self._map_samples)

    def start(self) -> None:
        """Begin to wait for `connect`."""
        self._mapper.start()

    def connect(self, neon: Neon) -> None:
        """Use these glasses from now on; blocks for a request."""
        neon.gaze.start()
        watch = make_watch(neon)
        self.surfaces.connect(watch)
        self._neon, self._watch = neon, watch

    def stop(self) -> None:
        """Ask all threads to end; returns at once."""
        self._mapper.stop()
        if self._watch is not None:
            self._watch.stop()

    def close(self) -> None:
        """End all threads; bounded by a few seconds."""
        self.stop()
        self.stop_patch()
        self._mapper.join(JOIN_S)
        if self._watch is not None:
            self._watch.join(JOIN_S)
        self.surfaces.close()

    def counts(self) -> dict[str, Any]:
        """How the search for the window goes, as plain values; empty before the connection."""
        watch, tracker = self._watch, self.tracker
        if watch is None or tracker is None:
            return {}
        return {
            "screen_frames": tracker.frames,
            "screen_frames_skipped": watch.frames_skipped,
            "screen_frames_late": watch.frames_late,
            "screen_frames_without_screen": tracker.frames_without_screen,
            "gyroscope": tracker.gyroscope,
        }

    # -- gaze ---------------------------------------------------------------------------------

    @property
    def tracker(self) -> ScreenTracker | None:
        """Knows where the window is; None before the phone answered."""
        return self._window.tracker

    def correct(self, correction: GazeCorrection | None) -> None:
        """Correct gaze on all surfaces from now on: what is wrong are the eyes' angles."""
        self.surfaces.correct(correction)

    def new_samples(self) -> list[tuple[GazeSample, ScreenGaze, int]]:
        """Gaze since the last call; call it often.

        Each with its place on the window, and the version of the correction in force (0 for none).
        """
        return [self._mapped.popleft() for _ in range(len(self._mapped))]

    def settled_reader(self) -> SampleReader[SettledGaze] | None:
        """Reads gaze as it is known some 100 ms later; None before there are glasses.

        From its first use on all gaze is mapped a second time for it.
        """
        return None if self.tracker is None else SampleReader(self.tracker.settled)

    def settled(self, most: int) -> list[SettledGaze]:
        """Gaze as it is known some 100 ms later, since the last call; never waits.

        The oldest first and at most so many.
        """
        if self._settled is None:
            self._settled = self.settled_reader()
        if self._settled is None:
            return []
        unread = islice(iter(self._settled.poll, None), most)
        return [gaze for gaze in unread if gaze is not None]

    @property
    def board_path(self) -> Path:
        """Where every process of this computer can read the newest gaze; see `GazeBoard`."""
        return self._window.board.path

    def open_board(self) -> GazeBoard:
        """A reader of the newest gaze, which is not valid when it is too old."""
        return GazeBoard(self.board_path, self._max_gaze_age_s)

    # -- display lag --------------------------------------------------------------------------

    def watch_patch(self, points: Points) -> bool:
        """Measure a patch of the window in the scene video; False before the phone answered."""
        self.stop_patch()
        neon, tracker = self._neon, self.tracker
        if neon is None or tracker is None:
            return False
        self._patch = PatchWatcher(neon.scene, tracker, points)
        self._patch.start()
        return True

    def patch_levels(self, after_device_ns: int, most: int) -> list[PatchLevel]:
        """What was measured later than this, oldest first."""
        return [] if self._patch is None else self._patch.levels_after(after_device_ns, most)

    def stop_patch(self) -> None:
        """Measure it no longer."""
        patch, self._patch = self._patch, None
        if patch is not None:
            patch.stop()
            patch.join(JOIN_S)

    # -- the thread ---------------------------------------------------------------------------

    def _map_samples(self, stopping: threading.Event) -> None:
        while self._neon is None or self.tracker is None:
            if stopping.wait(START_POLL_S):
                return
        neon, tracker, reader = self._neon, self.tracker, self._neon.gaze.reader()
        while not stopping.is_set():
            sample = reader.read(WAIT_S)
            if sample is None:
                continue
            # A sample is judged by the pose at its own time; who reads it later judges its age.
            samples = (sample, *reader.drain())
            version = 0 if tracker.correction is None else tracker.correction.version
            mapped = [(each, tracker.map(each, each.device_ns), version) for each in samples]
            self._mapped.extend(mapped)
            clock_map = neon.clock_map
            if clock_map is not None:
                newest, on_window, _ = mapped[-1]
                self.surfaces.show(newest, on_window, clock_map.host_from_device(newest.device_ns))
