"""The phone's recording: the part of `NeonTracker` that starts and stops it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from psychopy_neon.runtime.run_end import Recorder, RunEnd


class TrackerRecording:
    """Starts and stops recordings, and knows who has to be told of the end."""

    _end: RunEnd
    _call: Callable[..., Any]

    def start_recording(self) -> bool:
        """Ask the phone to record, and let samples flow into the HDF5 file; returns at once.

        Returns
        -------
        bool
            False if the settings say that something else makes the phone record.
        """
        is_asked = bool(self._call("neon_start_recording", bool))
        if self._call("isRecordingEnabled", bool) is False:
            self._call("setRecordingState", bool, True)
        return is_asked

    def stop_recording(self, save: bool) -> None:
        """Ask the phone to stop, and to keep the recording or not; returns at once.

        Parameters
        ----------
        save : bool
            Whether to keep it; without, the phone deletes it.
        """
        self._call("neon_stop_recording", bool, save)

    def recording(self) -> dict[str, Any]:
        """State of the phone's recording: keys ``state``, ``id`` and ``error``."""
        reply = self._call("neon_recording", dict)
        return reply or {"state": "failed", "id": "", "error": "ioHub does not answer"}

    def add_recorder(self, recorder: Recorder) -> None:
        """Have `recorder` stopped when the experiment ends.

        Parameters
        ----------
        recorder : object
            With the methods ``stop`` and ``write_outcome``.
        """
        self._end.add_recorder(recorder)
