"""The phone's recording, started and stopped through ioHub."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from psychopy_neon.client.recording import RecordingInfo, RecordingState
from psychopy_neon.exceptions import ClosedError, DeviceError, NeonError, UsageError
from psychopy_neon.runtime.hub_tracker import NeonTracker
from psychopy_neon.transport.deadline import clipped_s

POLL_S = 0.01
UNDER_WAY = (RecordingState.STARTING, RecordingState.STOPPING)
REFUSAL = re.compile(r"the phone refused the request \(HTTP (\d+)\): (.*)", re.DOTALL)


class HubRecordings:
    """What `RecordingRemote` needs; a recording that it started is saved at the end.

    Parameters
    ----------
    tracker : NeonTracker
    wait : callable
        Waits some seconds.
    """

    def __init__(self, tracker: NeonTracker, wait: Callable[[float], None]) -> None:
        self._tracker = tracker
        self._wait = wait
        self._is_ours = False
        self._is_known = False
        self._last = RecordingInfo()

    @property
    def info(self) -> RecordingInfo:
        """State, id and error; a round trip, below 1 ms."""
        if not self._tracker.closed:
            told = self._tracker.recording()
            self._last = RecordingInfo(RecordingState(told["state"]), told["id"], told["error"])
        return self._last

    def queue_start(self) -> HubTicket:
        """Ask for a start."""
        self._require_open()
        if not self._tracker.start_recording():
            raise UsageError(
                "the phone does not record at the script's command: record_with in the settings "
                "of the device is not 'routine'"
            )
        if not self._is_known:
            self._is_known = True
            self._tracker.add_recorder(self)
        self._is_ours = True
        self._tracker.flips.begin(self)
        return HubTicket(self, self._wait)

    def queue_stop(self, *, save: bool) -> HubTicket:
        """Ask for the end."""
        self._require_open()
        self._tracker.flips.end(self)
        self._tracker.stop_recording(save)
        self._is_ours = False
        return HubTicket(self, self._wait)

    def stop(self) -> None:
        """Save what was started and not stopped; called when the experiment ends."""
        self._tracker.flips.end(self)
        if self._is_ours:
            self._is_ours = False
            self._tracker.stop_recording(True)

    def write_outcome(self) -> None:
        """Keep what is known at the end."""
        told = self._tracker.recording()
        self._last = RecordingInfo(RecordingState(told["state"]), told["id"], told["error"])

    def _require_open(self) -> None:
        if self._tracker.closed:
            raise ClosedError("the device was closed")


class HubTicket:
    """A command under way.

    Parameters
    ----------
    recordings : HubRecordings
    wait : callable
        Waits some seconds.
    """

    def __init__(self, recordings: HubRecordings, wait: Callable[[float], None]) -> None:
        self._recordings = recordings
        self._wait = wait

    def wait(self, timeout_s: float) -> bool:
        """Wait until it is done; False if it is not by then."""
        until_s = time.perf_counter() + clipped_s(timeout_s)
        while self._recordings.info.state in UNDER_WAY:
            if time.perf_counter() >= until_s:
                return False
            self._wait(POLL_S)
        return True

    @property
    def error(self) -> NeonError | None:
        """Why it failed; the phone's own refusals as `DeviceError`."""
        told = self._recordings.info.error
        refusal = REFUSAL.fullmatch(told)
        if refusal:
            return DeviceError(int(refusal[1]), refusal[2])
        return NeonError(told) if told else None
