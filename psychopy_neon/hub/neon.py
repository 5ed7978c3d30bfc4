"""The glasses of an ioHub device, with the names that `Neon` has."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping
from typing import Any

from psychopy import core

from psychopy_neon.client.event_calls import EventCalls
from psychopy_neon.client.recording import RecordingRemote
from psychopy_neon.clock.clock_map import ClockMap
from psychopy_neon.exceptions import NeonTimeoutError
from psychopy_neon.hub.clock import HubClock
from psychopy_neon.hub.events import HubDelivery
from psychopy_neon.hub.not_offered import NotOffered
from psychopy_neon.hub.recordings import HubRecordings
from psychopy_neon.hub.samples import eye_event, gaze_sample, imu_sample
from psychopy_neon.hub.screens import HubScreens
from psychopy_neon.hub.streams import HubStream
from psychopy_neon.runtime.hub_tracker import NeonTracker
from psychopy_neon.samples import EyeEvent, GazeSample, ImuSample

CLOSE_TIMEOUT_S = 10.0


class HubNeon(NotOffered, HubScreens, EventCalls):
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

    def close(self, timeout_s: float = CLOSE_TIMEOUT_S) -> None:
        """Save a recording that this script started, and wait for the phone's answers.

        Escape in a window ends the waiting. ioHub ends, too, if it was started by `connect`: it
        delivers what is left for two seconds more, and what is then not confirmed stays in the
        journal. May be called twice.

        Parameters
        ----------
        timeout_s : float
            Longest wait for the phone's answers, seconds; 0 for none.
        """
        for stream in (self.gaze, self.imu, self.eye_events):
            stream.close()
        self.neon_tracker.close(timeout_s)
        hub, self._hub = self._hub, None
        if hub is not None:
            hub.quit()

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

    def host_time(self, device_ns: int) -> tuple[int, int]:
        """As `Neon.host_time`; asks ioHub if the phone's clock was set since."""
        clock_map = self.clock_map or self.wait_for_clock(0.0)
        if clock_map.segment:  # only ioHub knows what held before the phone's clock was set
            known = self.neon_tracker.ask("neon_host_time", list, device_ns)
            if known:
                return int(known[0]), int(known[1])
        host_ns = clock_map.host_from_device(device_ns)
        return host_ns, clock_map.bound_ns(host_ns)

    # -- events -------------------------------------------------------------------------------

    def mark_on_flip(
        self, win: Any, name: str, data: dict[str, Any] | None = None, *, lag_s: float = 0.0
    ) -> None:
        """As `Neon.mark_on_flip`; the window's flips are logged from now on as well.

        Parameters
        ----------
        win : psychopy.visual.Window
        name : str
            Any text that is not empty, of up to 1000 characters.
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


def _wait(seconds: float) -> None:
    core.wait(seconds, hogCPUperiod=0.0)
