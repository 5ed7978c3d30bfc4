"""Events and the phone's recording, for scripts in the experiment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psychopy.iohub.errors import print2err

from psychopy_neon.exceptions import NeonError
from psychopy_neon.iohub.settings import Settings

if TYPE_CHECKING:  # neither sockets nor OpenCV in the experiment's process
    from psychopy_neon.iohub.glasses import Glasses


class EventFunctions:
    """Sends events, and starts and stops the phone's recording."""

    _glasses: Glasses
    _settings: Settings

    def neon_event_spool(self) -> dict[str, Any]:
        """Make a file through which the experiment hands events over without waiting.

        Returns
        -------
        dict
            ``path``, ``first_number`` of the events in it, and ``error``, which is empty unless no
            file could be made.
        """
        try:
            path, number = self._glasses.events.handed_over.open()
        except OSError as error:
            return {"path": "", "first_number": 1, "error": str(error)}
        return {"path": str(path), "first_number": number, "error": ""}

    def neon_event_outcomes(self, since: int) -> list[list[Any]]:
        """What became of the events that were handed over, as far as it is known.

        Parameters
        ----------
        since : int
            Number of the last event that is not asked for.

        Returns
        -------
        list of list
            Of 100 events at most, in order: number, state (as in `neon_events`), time on the
            phone's Unix clock and the greatest error of that time, both in ns and 0 if unknown.
        """
        outcomes: list[list[Any]] = self._glasses.events.handed_over.outcomes(int(since))
        return outcomes

    def neon_send_event(
        self, name: Any, raw_s: float, data: dict[str, Any] | None = None, handed_over: int = 0
    ) -> int:
        """Save an event in the phone's recording; returns at once.

        Parameters
        ----------
        name : str
            Any text that is not empty, of up to 1000 characters.
        raw_s : float
            When it happened, raw PsychoPy seconds (``psychopy.clock.getTime``).
        data : dict, optional
            Texts and numbers that belong to it; they are kept in the journal.
        handed_over : int
            Number of the event in the experiment, if it could not take the way through the file.

        Returns
        -------
        int
            Number of the event, counted from 1; 0 if it was refused.
        """
        try:
            return int(self._glasses.events.send(str(name), float(raw_s), data, int(handed_over)))
        except (NeonError, TypeError, ValueError) as error:
            print2err(f"psychopy_neon: event {str(name)[:40]!r} was not accepted: {error}")
            return 0

    def neon_events(self) -> dict[str, Any]:
        """How many events are in which state, and the names of those not confirmed.

        Returns
        -------
        dict
            ``sent``, ``confirmed``, ``misplaced``, ``discarded``, ``refused``, ``pending``,
            ``unconfirmed`` and ``unconfirmed_names`` (100 at most); ``handed_over``, the number of
            the last event taken from the experiment's file.
        """
        counts: dict[str, Any] = self._glasses.events.counts()
        return counts

    def neon_start_recording(self) -> bool:
        """Ask the phone to record; False if the settings say that something else does."""
        if self._settings.record_with != "routine":
            return False
        self._glasses.start_recording()
        return True

    def neon_stop_recording(self, save: bool = True) -> bool:
        """Ask the phone to stop; False if the settings say that something else does.

        Parameters
        ----------
        save : bool
            Whether to keep the recording; without, the phone deletes it.
        """
        if self._settings.record_with != "routine":
            return False
        self._glasses.stop_recording(save=bool(save))
        return True

    def neon_recording(self) -> dict[str, str]:
        """What the phone's recording is doing.

        Returns
        -------
        dict
            ``state`` ("idle", "starting", "recording", "stopping" or "failed"), ``id``, ``error``.
        """
        recording: dict[str, str] = self._glasses.recording()
        return recording
