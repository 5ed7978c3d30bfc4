"""The glasses as the ioHub device needs them: connected in the background, never in the way.

Nothing here imports PsychoPy. Every method returns at once, except `close`, which is bounded.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from psychopy_neon.client.neon import Neon
from psychopy_neon.client.patch_watcher import PatchWatcher, flip_on_phone
from psychopy_neon.client.phone_status import LinkState
from psychopy_neon.client.sample_buffer import SampleReader
from psychopy_neon.client.screen_tracker import ScreenTracker
from psychopy_neon.client.screen_tracking import make_tracker
from psychopy_neon.exceptions import NeonConnectionError, NeonError, NeonTimeoutError
from psychopy_neon.iohub.event_queue import EventQueue
from psychopy_neon.iohub.problems import Facts
from psychopy_neon.iohub.settings import SIMULATOR, Settings
from psychopy_neon.iohub.simulated_phone import SimulatedPhone
from psychopy_neon.samples import GazeSample, ScreenGaze, SettledGaze
from psychopy_neon.screen.patch import Points
from psychopy_neon.screen.patch_blinking import PatchLevel
from psychopy_neon.screen.pose import ScreenPose
from psychopy_neon.screen.surface import Surface
from psychopy_neon.transport.backoff import LONGEST_S
from psychopy_neon.transport.gaze_board import GazeBoard, GazeBoardWriter
from psychopy_neon.transport.worker import Worker

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 2.0
MAX_UNFETCHED = 4_000  # samples; ioHub fetches them every few milliseconds
START_POLL_S = 0.02
WAIT_S = 0.25


class Glasses:
    """One `Neon`, found and kept by a thread of its own.

    Parameters
    ----------
    settings : Settings
    clock : callable
        Raw PsychoPy seconds; the only experiment clock at this level.
    """

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        self.neon: Neon | None = None
        self.error = ""
        self.events = EventQueue(clock, settings.journal)
        self._settings = settings
        self._clock = clock
        self._attempted = False
        self._first_serial = ""
        self._simulated = SimulatedPhone()
        self._surface: Surface | None = None
        self._tracker: ScreenTracker | None = None
        self._patch: PatchWatcher | None = None
        self._settled: SampleReader[SettledGaze] | None = None
        self._board = GazeBoardWriter()
        self._mapped: deque[tuple[GazeSample, ScreenGaze]] = deque(maxlen=MAX_UNFETCHED)
        self._wants_recording = False
        self._lock = threading.Lock()  # guards the hand-over of what came before the connection
        self._connector = Worker("neon-connect", self._connect)
        self._mapper = Worker("neon-mapping", self._map_samples)

    def start(self) -> None:
        """Begin to look for the glasses."""
        self._connector.start()
        self._mapper.start()

    def close(self, timeout_s: float = CLOSE_TIMEOUT_S) -> None:
        """Deliver what is left, for at most `timeout_s`, and end all threads in a few seconds."""
        self.stop_patch()
        workers: list[Worker | ScreenTracker] = [self._connector, self._mapper]
        if self._tracker is not None:
            workers.append(self._tracker)
        for worker in workers:
            worker.stop()
        for worker in workers:
            worker.join(CONNECT_TIMEOUT_S + CLOSE_TIMEOUT_S)
        self.events.handed_over.take_rest()
        if self.neon is not None:
            self.neon.close(timeout_s)
        self._simulated.close()
        self._board.close()
        self.events.close(self.error)

    # -- state --------------------------------------------------------------------------------

    @property
    def state(self) -> str:
        """One of "connecting", "connected", "lost", "failed"."""
        if self.neon is None:
            return "failed" if self._attempted else "connecting"
        return "connected" if self.neon.state is LinkState.CONNECTED else "lost"

    def status(self) -> dict[str, Any]:
        """Everything worth showing, as plain values."""
        neon = self.neon
        status: dict[str, Any] = {
            "state": self.state,
            "error": self.error if neon is None else neon.link_error,
            "events": self.events.counts(),
            "simulated": self._simulated.is_running,
        }
        if neon is None:
            return status
        gaze = neon.gaze.health
        status.update(
            phone_name=neon.phone_name,
            module_serial=neon.module_serial or "",
            battery_percent=neon.battery_percent,
            free_storage_bytes=neon.free_storage_bytes,
            clock_bound_ms=_bound_ms(neon),
            gaze_state=gaze.state.value,
            gaze_received=gaze.received,
            gaze_lost=gaze.lost,
            scene_state=neon.scene.health.state.value,
            scene_lost=neon.scene.health.lost,
        )
        if self._tracker is not None:
            status.update(
                screen_frames=self._tracker.frames,
                screen_frames_skipped=self._tracker.frames_skipped,
                screen_frames_late=self._tracker.frames_late,
                screen_frames_without_screen=self._tracker.frames_without_screen,
                gyroscope=self._tracker.gyroscope,
            )
        return status

    def facts(self, worn: bool | None) -> Facts:
        """What the `Lookout` has to know; `worn` by the newest gaze."""
        recording, neon, tracker = self.recording(), self.neon, self._tracker
        facts = Facts(
            state=self.state,
            error=self.error if neon is None else neon.link_error,
            recording=recording["state"],
            recording_error=recording["error"],
        )
        if neon is None or tracker is None:
            return facts
        return replace(
            facts,
            module_serial=neon.module_serial or "",
            first_serial=self._first_serial,
            worn=worn,
            gaze_error=neon.gaze.health.error,
            shows_markers=self._surface is not None,
            frames=tracker.frames,
            frames_without_screen=tracker.frames_without_screen,
            battery_percent=neon.battery_percent,
            battery_state=neon.battery_state or "OK",
            storage_state=neon.storage_state or "OK",
        )

    # -- gaze ---------------------------------------------------------------------------------

    def set_surface(self, surface: Surface) -> None:
        """Track this surface from now on."""
        with self._lock:
            self._surface = surface
            if self._tracker is not None:
                self._tracker.set_surface(surface)

    def new_samples(self) -> list[tuple[GazeSample, ScreenGaze]]:
        """Gaze since the last call, each with its place on the window; call it often."""
        return [self._mapped.popleft() for _ in range(len(self._mapped))]

    @property
    def tracker(self) -> ScreenTracker | None:
        """Knows where the window is; None before the phone answered."""
        return self._tracker

    @property
    def pose(self) -> ScreenPose | None:
        """Where the window was in the newest picture that showed it; None before the first."""
        return None if self._tracker is None else self._tracker.pose

    def follow_settled(self) -> SampleReader[SettledGaze] | None:
        """A reader of gaze as it is known some 100 ms later; None before the phone answered.

        From its first use on all gaze is mapped a second time for it.
        """
        return None if self._tracker is None else SampleReader(self._tracker.settled)

    def settled_gaze(self, most: int) -> list[SettledGaze]:
        """Such gaze since the last call, the oldest first and at most so many; never waits."""
        if self._settled is None:
            self._settled = self.follow_settled()
        reader = self._settled
        polled = (reader.poll() for _ in range(most)) if reader is not None else ()
        return [gaze for gaze in polled if gaze is not None]

    @property
    def board_path(self) -> Path:
        """Where every process of this computer can read the newest gaze; see `GazeBoard`."""
        return self._board.path

    def open_board(self) -> GazeBoard:
        """A reader of the newest gaze, which is not valid when it is too old."""
        return GazeBoard(self._board.path, self._settings.max_gaze_age_s)

    # -- display lag --------------------------------------------------------------------------

    def watch_patch(self, points: Points) -> bool:
        """Measure a patch of the window in the scene video; False before the phone answered."""
        self.stop_patch()
        neon, tracker = self.neon, self._tracker
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
            patch.join(CLOSE_TIMEOUT_S)

    def flip_on_phone(self, raw_s: float) -> tuple[int, int] | None:
        """Time of a flip on the phone's clock and its bound, ns; None before it is known."""
        clock_map = None if self.neon is None else self.neon.clock_map
        return None if clock_map is None else flip_on_phone(clock_map, self._clock, raw_s)

    # -- recording ----------------------------------------------------------------------------

    def start_recording(self) -> None:
        """Ask the phone to record, now or as soon as it is connected."""
        self.events.handed_over.take_new()  # these are not meant for it
        with self._lock:
            self._wants_recording = True
            if self.neon is not None:
                self.neon.recording.request_start()

    def stop_recording(self, *, save: bool) -> None:
        """Ask the phone to stop."""
        self.events.handed_over.take_new()  # these are still meant for it
        with self._lock:
            self._wants_recording = False
            if self.neon is not None:
                self.neon.recording.request_stop(save=save)

    def recording(self) -> dict[str, str]:
        """State, id and error of the recording."""
        if self.neon is None:
            state = "starting" if self._wants_recording else "idle"
            return {"state": state, "id": "", "error": self.error}
        info = self.neon.recording.info
        return {"state": info.state.value, "id": info.id, "error": info.error}

    # -- the thread ---------------------------------------------------------------------------

    def _connect(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            try:
                self._take_over(self._open())
                return
            except NeonError as error:
                self._note_failure(str(error))
            except Exception as error:  # outermost frame: the experimenter must hear of it
                logger.exception("connecting failed; please report this")
                self._note_failure(f"connecting failed by an error of ours: {error!r}")
            stopping.wait(LONGEST_S)

    def _note_failure(self, error: str) -> None:
        if not self._attempted:
            logger.error("%s", error)
        self.error = error
        self._attempted = True

    def _open(self) -> Neon:
        s = self._settings
        if s.address == SIMULATOR or self._simulated.is_running:
            return self._connect_to(self._simulated.address())
        try:
            return self._connect_to(s.address or None, s.name or None, s.serial or None)
        except (NeonConnectionError, NeonTimeoutError) as error:
            if s.if_missing != SIMULATOR:
                raise
            logger.error("%s Simulated glasses take their place.", error)
            return self._connect_to(self._simulated.address())

    def _connect_to(
        self, address: str | None, name: str | None = None, serial: str | None = None
    ) -> Neon:
        return Neon.connect(
            address,
            name=name,
            serial=serial,
            clock=self._clock,
            journal=self._settings.journal or None,
            timeout_s=CONNECT_TIMEOUT_S,
        )

    def _take_over(self, neon: Neon) -> None:
        """Publish the connection, and pass on what was asked for before it stood."""
        neon.gaze.start()
        tracker = make_tracker(neon, self._settings.max_gaze_age_s, self._settings.max_pose_age_s)
        with self._lock:
            if self._wants_recording:
                neon.recording.request_start()
            self.events.connect(neon)
            if self._surface is not None:
                tracker.set_surface(self._surface)
            self._tracker = tracker
            self.error = ""
            self._attempted = True
            self._first_serial = neon.module_serial or ""
            self.neon = neon

    def _map_samples(self, stopping: threading.Event) -> None:
        """Map every sample as it comes; show the newest, and keep all for the data file."""
        while self.neon is None or self._tracker is None:
            if stopping.wait(START_POLL_S):
                return
        neon, tracker, reader = self.neon, self._tracker, self.neon.gaze.reader()
        while not stopping.is_set():
            sample = reader.read(WAIT_S)
            if sample is None:
                continue
            # A sample is judged by the pose at its own time; who reads it later judges its age.
            samples = (sample, *reader.drain())
            mapped = [(each, tracker.map(each, each.device_ns)) for each in samples]
            self._mapped.extend(mapped)
            clock_map = neon.clock_map
            if clock_map is not None:
                newest, screen_gaze = mapped[-1]
                self._board.write(screen_gaze, clock_map.host_from_device(newest.device_ns))


def _bound_ms(neon: Neon) -> float | None:
    clock_map = neon.clock_map
    return None if clock_map is None else clock_map.bound_ns(time.perf_counter_ns()) / 1e6
