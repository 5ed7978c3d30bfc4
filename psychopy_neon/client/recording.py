"""Remote control of the phone's recording."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Protocol

from psychopy_neon.exceptions import NeonError, NeonTimeoutError


class RecordingState(enum.Enum):
    """What our recording is doing."""

    IDLE = "idle"
    """None was started, or the last one ended well."""
    STARTING = "starting"
    """The phone was asked, or will be when the events before it are delivered."""
    RECORDING = "recording"
    """Events attach to it."""
    STOPPING = "stopping"
    FAILED = "failed"
    """Starting or stopping failed, or somebody else ended it; `RecordingInfo` says why."""


@dataclass(frozen=True, slots=True)
class RecordingInfo:
    """State of the recording that this program controls.

    Attributes
    ----------
    state : RecordingState
        What it is doing.
    id : str
        Id of the recording that runs, or of the last one; empty before the first.
    error : str
        Why starting or stopping failed; else empty.
    """

    state: RecordingState = RecordingState.IDLE
    id: str = ""
    error: str = ""


class RecordingQueue(Protocol):
    """The ordered queue to the phone, as far as recordings need it."""

    @property
    def info(self) -> RecordingInfo:
        """State, id and last error."""

    def queue_start(self) -> Ticket: ...

    def queue_stop(self, *, save: bool) -> Ticket: ...


class Ticket(Protocol):
    """A command under way."""

    def wait(self, timeout_s: float) -> bool:
        """Wait until it is done; False if it is not by then."""

    @property
    def error(self) -> NeonError | None:
        """Why it failed."""


class RecordingRemote:
    """Starts and stops the phone's recording; reached as ``neon.recording`` (reference, 2.3).

    Each command waits its turn behind the events sent before it, so that an event which was
    sent before a stop is in the recording.
    """

    def __init__(self, control: RecordingQueue) -> None:
        self._control = control

    @property
    def info(self) -> RecordingInfo:
        """State, id and last error; never blocks."""
        return self._control.info

    @property
    def id(self) -> str:
        """Id of the recording that runs, or of the last one; empty before the first."""
        return self.info.id

    def start(self, timeout_s: float = 10.0) -> str:
        """Start recording and wait until events can attach to it.

        Takes about a second, at most `timeout_s`.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        str
            The recording's id.

        Raises
        ------
        DeviceError
            If the phone refuses: already recording, battery or storage low, no wearer chosen,
            template not answered. Its message says which.
        NeonConnectionError, NeonTimeoutError
            If the phone does not answer.
        ClosedError
            If the device was closed.
        """
        _finish(self._control.queue_start(), timeout_s, "started recording")
        return self.id

    def stop_and_save(self, timeout_s: float = 10.0) -> None:
        """Stop the recording and keep it; waits up to `timeout_s` for the phone's answer.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Raises
        ------
        DeviceError
            If the phone refuses: not recording, or required answers of the template are missing.
        NeonConnectionError, NeonTimeoutError
            If the phone does not answer.
        ClosedError
            If the device was closed.
        """
        _finish(self._control.queue_stop(save=True), timeout_s, "stopped recording")

    def cancel(self, timeout_s: float = 10.0) -> None:
        """Stop the recording and delete it from the phone; waits up to `timeout_s` for its answer.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Raises
        ------
        DeviceError
            If the phone refuses: not recording.
        NeonConnectionError, NeonTimeoutError
            If the phone does not answer.
        ClosedError
            If the device was closed.
        """
        _finish(self._control.queue_stop(save=False), timeout_s, "cancelled recording")

    def request_start(self) -> None:
        """Ask for a start and return at once; follow it through `info`.

        Raises
        ------
        ClosedError
            If the device was closed.
        """
        self._control.queue_start()

    def request_stop(self, *, save: bool = True) -> None:
        """Ask for a stop and return at once; follow it through `info`.

        Parameters
        ----------
        save : bool
            Whether to keep the recording; without, the phone deletes it.

        Raises
        ------
        ClosedError
            If the device was closed.
        """
        self._control.queue_stop(save=save)


def _finish(ticket: Ticket, timeout_s: float, what: str) -> None:
    if not ticket.wait(timeout_s):
        raise NeonTimeoutError(f"no {what} within {timeout_s:g} s; the phone does not answer")
    if ticket.error is not None:
        raise ticket.error
