"""The glasses of an ioHub device, with the names that `Neon` has."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psychopy import core
from psychopy.layout import Position

from psychopy_neon.client.event_calls import EventCalls
from psychopy_neon.client.phone_facts import PhoneFacts
from psychopy_neon.client.phone_status import LinkState
from psychopy_neon.client.recording import RecordingRemote
from psychopy_neon.clock.clock_map import ClockMap
from psychopy_neon.exceptions import NeonTimeoutError, UsageError
from psychopy_neon.hub import refusals
from psychopy_neon.hub.clock import HubClock
from psychopy_neon.hub.events import HubDelivery
from psychopy_neon.hub.recordings import HubRecordings
from psychopy_neon.hub.refusals import Refused, refused
from psychopy_neon.hub.samples import eye_event, gaze_sample, imu_sample
from psychopy_neon.hub.screen import HubScreen
from psychopy_neon.hub.streams import HubStream
from psychopy_neon.protocol.status import Status, parse_status
from psychopy_neon.runtime.hub_tracker import NeonTracker
from psychopy_neon.samples import EyeEvent, GazeSample, ImuSample

if TYPE_CHECKING:
    from psychopy_neon.screen.markers import Marker

ASKED_EVERY_S = 0.1


class HubNeon(PhoneFacts, EventCalls):
    """A `psychopy_neon.Neon` on top of ioHub: the same names, the same meaning.

    Made by `psychopy_neon.iohub.connect`. It asks the ioHub process, which has the only connection
    to the phone, so most reads take a round trip (below 1 ms). Use it from one thread. What ioHub
    cannot offer, such as pictures, raises a `UsageError` that says why. Everything in
    ``psychopy_neon.runtime`` takes it as its tracker.

    Attributes
    ----------
    gaze : HubStream of GazeSample
        As the glasses sent it; `track_screen` tells where on the window.
    imu : HubStream of ImuSample
        Motion of the head.
    eye_events : HubStream of EyeEvent
        Fixations, saccades and blinks.
    recording : RecordingRemote
        Starts and stops recordings on the phone.
    neon_tracker : NeonTracker
        What the objects of ``psychopy_neon.runtime`` share.
    """

    scene: Any = Refused(refusals.PICTURES)
    eyes: Any = Refused(refusals.PICTURES)
    audio: Any = Refused(refusals.PICTURES)
    read_scene_and_gaze: Any = Refused(refusals.PICTURES)
    latest_scene_and_gaze: Any = Refused(refusals.PICTURES)
    read_scene_eyes_and_gaze: Any = Refused(refusals.PICTURES)
    read_scene_and_audio: Any = Refused(refusals.PICTURES)
    scene_near: Any = Refused(refusals.PICTURES)
    match_scene_and_gaze: Any = Refused(refusals.PICTURES)
    match_scene_eyes_and_gaze: Any = Refused(refusals.PICTURES)
    match_scene_and_audio: Any = Refused(refusals.PICTURES)
    template: Any = Refused(refusals.PHONE)
    camera: Any = Refused(refusals.PHONE)
    request: Any = Refused(refusals.PHONE)
    calibration: Any = Refused(refusals.PHONE)
    probe_clock: Any = Refused(refusals.PHONE)
    watch_status: Any = Refused(refusals.THREADS)
    clock_exchanges: Any = Refused("the ledger has them")
    stop_stream: Any = Refused("ioHub needs the streams for its data file")
    note_gaze_correction: Any = Refused(
        "the ledger notes it when the 'correction' of track_screen() is set"
    )

    def __init__(
        self,
        tracker: NeonTracker,
        clock: Callable[[], float] = time.perf_counter,
        window: Any = None,
        hub: Any = None,
    ) -> None:
        self.neon_tracker = tracker
        self._read_experiment_s = clock
        self._window = window
        self._hub = hub
        self._clock = HubClock(tracker.ask)
        self._delivery = HubDelivery(tracker)
        self._told: dict[str, tuple[float, dict[str, Any]]] = {}
        self.recording = RecordingRemote(HubRecordings(tracker, _wait))
        stream = functools.partial(HubStream[Any], ask=tracker.ask, wait=_wait)
        self.gaze: HubStream[GazeSample] = stream("gaze", decode=gaze_sample)
        self.imu: HubStream[ImuSample] = stream("imu", decode=imu_sample)
        self.eye_events: HubStream[EyeEvent] = stream("eye_events", decode=eye_event)
        tracker.know(window, None)

    def __enter__(self) -> HubNeon:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Neon {self.phone_name!r} through ioHub, {self.state.value}>"

    def __getattr__(self, name: str) -> Any:
        from psychopy_neon.client.neon import Neon

        if not name.startswith("_") and hasattr(Neon, name):
            raise refused(name, refusals.NO_COUNTERPART)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def close(self, timeout_s: float = 10.0) -> None:
        """Save a recording that this script started, and wait for the phone's answers.

        Takes 10 s at most; Escape in a window ends the waiting. ioHub ends, too, if it was started
        by `connect`. May be called twice.

        Parameters
        ----------
        timeout_s : float
            Has no effect.
        """
        self.neon_tracker.close()
        hub, self._hub = self._hub, None
        if hub is not None:
            hub.quit()

    # -- the phone ------------------------------------------------------------------------------

    @property
    def status(self) -> Status:
        """Everything the phone said about itself so far; at most 0.1 s old."""
        return parse_status(self._ask("neon_link").get("status", []))

    @property
    def state(self) -> LinkState:
        """Whether the phone is there; it is looked for again by itself when lost."""
        if self.neon_tracker.closed:
            return LinkState.CLOSED
        is_there = self._ask("neon_status").get("state") == "connected"
        return LinkState.CONNECTED if is_there else LinkState.LOST

    @property
    def link_error(self) -> str:
        """Why the phone was lost; empty while it is there."""
        return str(self._ask("neon_status").get("error", ""))

    @property
    def host(self) -> str:
        """Where the phone was reached."""
        return str(self._ask("neon_link").get("host", ""))

    @property
    def port(self) -> int:
        """Of the phone's REST service."""
        return int(self._ask("neon_link").get("port", 0))

    @property
    def dns_name(self) -> str:
        """Host name that the phone announced; else empty."""
        return str(self._ask("neon_link").get("dns_name", ""))

    def sensor(self, name: str) -> Any:
        """Status of a sensor by the phone's own name; None if it has not named it.

        Parameters
        ----------
        name : str
            "gaze", "world", "imu", "eyes" or "eye_events".
        """
        return self.status.sensor(name)

    # -- time -----------------------------------------------------------------------------------

    @property
    def clock_map(self) -> ClockMap | None:
        """Relation of the phone's clock to this computer's, at most 0.2 s old."""
        return self._clock.newest

    def wait_for_clock(self, timeout_s: float = 5.0) -> ClockMap:
        """Wait until the phone's clock is known, at most `timeout_s`.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Raises
        ------
        NeonTimeoutError
            If it is not known by then.
        """
        known = self._clock.wait(timeout_s, _wait)
        if known is None:
            raise NeonTimeoutError(f"the phone's clock could not be read within {timeout_s:g} s")
        return known

    @property
    def sensor_skew_ns(self) -> int | None:
        """Phone's Unix clock minus its sensor clock, ns; None before it is known."""
        skew_ns = self._ask("neon_link").get("sensor_skew_ns")
        return None if skew_ns is None else int(skew_ns)

    # -- events and gaze ------------------------------------------------------------------------

    def mark_on_flip(
        self, win: Any, name: str, data: dict[str, Any] | None = None, *, lag_s: float = 0.0
    ) -> None:
        """As `Neon.mark_on_flip`; the window's flips are logged from now on as well.

        Parameters
        ----------
        win : psychopy.visual.Window
        name : str
            Any text that is not empty.
        data : dict, optional
            Texts and numbers that belong to it.
        lag_s : float
            How much later the display shows what was flipped, seconds.

        Raises
        ------
        UsageError
            If the name, the data or the lag cannot be used.
        """
        self.neon_tracker.know(win, None)
        self.neon_tracker.watch_flips_of_events()
        super().mark_on_flip(win, name, data, lag_s=lag_s)

    @property
    def journal_path(self) -> Path | None:
        """The file that holds every event, or None."""
        journal = self._ask("neon_status").get("journal")
        return Path(journal) if journal else None

    def note_display_lag(self, lag: Mapping[str, Any]) -> None:
        """Keep a measurement of the display's lag in the ledger; a round trip, below 1 ms.

        Parameters
        ----------
        lag : mapping
            Attributes of a `DisplayLag` by name; those that are NaN are left out.
        """
        known = {name: value for name, value in lag.items() if value == value}
        self.neon_tracker.ask("neon_note_display_lag", bool, known)

    def note_check(self, outcome: Mapping[str, Any]) -> None:
        """Keep what a check before the session found in the ledger; a round trip, below 1 ms.

        Parameters
        ----------
        outcome : mapping
            Texts and numbers by name, as `check_glasses` writes them itself.
        """
        self.neon_tracker.ask("neon_note_check", bool, dict(outcome))

    def track_screen(
        self,
        markers: Iterable[Marker],
        *,
        max_gaze_age_s: float | None = None,
        max_pose_age_s: float | None = None,
    ) -> HubScreen:
        """Find gaze on a window that shows markers.

        Parameters
        ----------
        markers : iterable of Marker
            As they are drawn: ``psychopy_neon.screen.markers.frame_layout(size_px).markers``.
        max_gaze_age_s, max_pose_age_s : float, optional
            Belong to the settings of the device; leave them out.

        Returns
        -------
        HubScreen
            Its ``map`` and ``latest`` tell gaze on the window.

        Raises
        ------
        UsageError
            If the markers cannot be used, or an age is given.
        """
        if max_gaze_age_s is not None or max_pose_age_s is not None:
            raise UsageError(
                "max_gaze_age_s and max_pose_age_s belong to ioHub's settings of the device: give "
                "them to psychopy_neon.iohub.connect()"
            )
        tags = [[m.tag_id, [list(corner) for corner in m.corners]] for m in markers]
        surface = {"tags": tags, **_scale(self._window)}
        if not self.neon_tracker.set_surface(surface, owner=self):
            raise UsageError("the markers cannot be used: ioHub's message above says why")
        return HubScreen(self.neon_tracker, functools.partial(self._ask, "neon_status"))

    # -- inside ---------------------------------------------------------------------------------

    def _ask(self, method: str) -> dict[str, Any]:
        """The newest reply, at most 0.1 s old."""
        asked_s, reply = self._told.get(method, (float("-inf"), {}))
        now_s = time.perf_counter()
        if now_s - asked_s >= ASKED_EVERY_S and not self.neon_tracker.closed:
            reply = self.neon_tracker.ask(method, dict) or reply
            self._told[method] = now_s, reply
        return reply


def _wait(seconds: float) -> None:
    core.wait(seconds, hogCPUperiod=0.0)


def _scale(window: Any) -> dict[str, Any]:
    """The window's units and size for the data file; ``norm`` units without a window."""
    if window is None:
        return {"units_per_norm": [1.0, 1.0]}
    corner = getattr(Position((1.0, 1.0), "norm", window), str(window.units))
    return {
        "units_per_norm": [float(side) for side in corner],
        "size_px": [int(side) for side in window.size],
    }
