"""The glasses as the ioHub device needs them: connected in the background, never in the way.

Nothing here imports PsychoPy. Every method returns at once, except `close`, which is bounded.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from psychopy_neon.client.neon import Neon
from psychopy_neon.client.patch_watcher import flip_on_phone
from psychopy_neon.client.phone_status import LinkState
from psychopy_neon.exceptions import NeonConnectionError, NeonError, NeonTimeoutError
from psychopy_neon.iohub.event_queue import EventQueue
from psychopy_neon.iohub.problems import Facts
from psychopy_neon.iohub.settings import SIMULATOR, Settings
from psychopy_neon.iohub.simulated_phone import SimulatedPhone
from psychopy_neon.iohub.window_gaze import WindowGaze
from psychopy_neon.transport.backoff import LONGEST_S
from psychopy_neon.transport.worker import Worker

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 2.0


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
        self.window = WindowGaze(settings.max_gaze_age_s, settings.max_pose_age_s)
        self._settings = settings
        self._clock = clock
        self._attempted = False
        self._first_serial = ""
        self._template_error = ""
        self._simulated = SimulatedPhone()
        self._wants_recording = False
        self._lock = threading.Lock()  # guards the hand-over of what came before the connection
        self._connector = Worker("neon-connect", self._connect)

    def start(self) -> None:
        """Begin to look for the glasses."""
        self._connector.start()
        self.window.start()

    def close(self, timeout_s: float = CLOSE_TIMEOUT_S) -> None:
        """Deliver what is left, for at most `timeout_s`, and end all threads in a few seconds."""
        self._connector.stop()
        self.window.stop()
        self._connector.join(CONNECT_TIMEOUT_S + CLOSE_TIMEOUT_S)
        self.window.close()
        self.events.handed_over.take_rest()
        if self.neon is not None:
            self.neon.close(timeout_s)
        self._simulated.close()
        self.events.close(self.error)

    # -- state --------------------------------------------------------------------------------

    @property
    def state(self) -> str:
        """One of "connecting", "connected", "lost", "failed"."""
        if self.neon is None:
            return "failed" if self._attempted else "connecting"
        return "connected" if self.neon.state is LinkState.CONNECTED else "lost"

    @property
    def is_simulated(self) -> bool:
        """Whether the glasses are simulated ones that were started here."""
        return self._simulated.is_running

    def status(self) -> dict[str, Any]:
        """Everything worth showing, as plain values."""
        neon = self.neon
        status: dict[str, Any] = {
            "state": self.state,
            "error": self.error if neon is None else neon.link_error,
            "events": self.events.counts(),
            "simulated": self.is_simulated,
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
        status.update(self.window.counts())
        return status

    def facts(self, worn: bool | None) -> Facts:
        """What the `Lookout` has to know; `worn` by the newest gaze."""
        recording, neon, tracker = self.recording(), self.neon, self.window.tracker
        facts = Facts(
            state=self.state,
            error=self.error if neon is None else neon.link_error,
            recording=recording["state"],
            recording_error=recording["error"],
            template_error=self._template_error,
        )
        if neon is None or tracker is None:
            return facts
        given = [surface.counts() for surface in self.window.surfaces.given]
        return replace(
            facts,
            module_serial=neon.module_serial or "",
            first_serial=self._first_serial,
            worn=worn,
            gaze_error=neon.gaze.health.error,
            shows_markers=bool(given),
            # Summed: markers are out of sight only if no picture shows any of the surfaces.
            frames=sum(surface.get("frames", 0) for surface in given),
            frames_without_screen=sum(each.get("frames_without_screen", 0) for each in given),
            distance_change=tracker.viewing_distance.change,
            battery_percent=neon.battery_percent,
            battery_state=neon.battery_state or "OK",
            storage_state=neon.storage_state or "OK",
        )

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
                neon = self._open()
                self._answer_template(neon)
                self._take_over(neon)
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

    def _answer_template(self, neon: Neon) -> None:
        """Before anything is recorded: the phone would refuse, or name the recording wrongly."""
        answers = self._settings.template_answers
        if not answers or self.is_simulated:  # those do not have the workspace's questions
            return
        try:
            neon.template.post_by_title(answers, complete=False, timeout_s=CONNECT_TIMEOUT_S)
        except NeonError as error:
            self._template_error = str(error)

    def _take_over(self, neon: Neon) -> None:
        """Publish the connection, and pass on what was asked for before it stood."""
        self.window.connect(neon)
        with self._lock:
            if self._wants_recording:
                neon.recording.request_start()
            self.events.connect(neon)
            self.error = ""
            self._attempted = True
            self._first_serial = neon.module_serial or ""
            self.neon = neon


def _bound_ms(neon: Neon) -> float | None:
    clock_map = neon.clock_map
    return None if clock_map is None else clock_map.bound_ns(time.perf_counter_ns()) / 1e6
