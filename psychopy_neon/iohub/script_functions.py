"""What a script in the experiment can ask of the glasses, besides what every eye tracker offers.

These methods are called through ioHub: they return at once, take and return plain values, and
never raise, because ioHub turns an exception into a string. Times at this border are raw
PsychoPy seconds (`psychopy.clock.getTime`), which Builder does not re-zero.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from psychopy_neon.iohub.event_functions import EventFunctions
from psychopy_neon.iohub.lag_functions import LagFunctions
from psychopy_neon.iohub.orphan import experiment_pid
from psychopy_neon.iohub.surface_functions import SurfaceFunctions

if TYPE_CHECKING:  # neither sockets nor OpenCV in the experiment's process
    from psychopy_neon.iohub.lookout import Lookout
    from psychopy_neon.transport.gaze_board import GazeBoard
    from psychopy_neon.transport.notice_file import NoticeWriter

SETTLED_AT_ONCE = 100  # a reply has to stay small


class ScriptFunctions(EventFunctions, LagFunctions, SurfaceFunctions):
    """The part of the device that scripts call by names that begin with ``neon_``."""

    _settings_error: str
    _board: GazeBoard
    _lookout: Lookout
    _notices: NoticeWriter

    def neon_status(self) -> dict[str, Any]:
        """State of the connection, the phone, the streams and the events.

        Returns
        -------
        dict
            Always ``state`` ("connecting", "connected", "lost" or "failed"), ``error``, ``events``
            (as `neon_events`), ``problems`` (what is wrong now, a sentence each), ``if_missing``,
            ``journal``, ``record_with`` and ``timing_limits`` (of the settings),
            ``experiment_pid`` (the process that started this ioHub, 0 if unknown), and
            ``simulated`` (whether the glasses are simulated ones that were started here).
            When the phone has answered also ``phone_name``, ``module_serial``, ``battery_percent``,
            ``free_storage_bytes``, ``clock_bound_ms`` (greatest error of the phone's clock, None
            before it is known), ``gaze_state``, ``gaze_received``, ``gaze_lost``, ``scene_state``,
            ``scene_lost``, ``screen_frames``, ``screen_frames_skipped``, ``screen_frames_late``,
            ``screen_frames_without_screen`` and ``gyroscope`` (whether it agrees with the pictures:
            "assumed", "fitted", "disagrees"; None while nothing came from it).
        """
        status: dict[str, Any] = self._glasses.status()
        status.update(
            if_missing=self._settings.if_missing,
            journal=self._settings.journal,
            record_with=self._settings.record_with,
            timing_limits=self._settings.timing_limits,
            problems=self._lookout.present,
            experiment_pid=experiment_pid(),
        )
        if self._settings_error:
            status.update(state="failed", error=self._settings_error)
        return status

    def neon_gaze(self) -> dict[str, Any]:
        """The newest gaze on the window: the fields of `psychopy_neon.ScreenGaze`."""
        return dataclasses.asdict(self._board.read())

    def neon_settled_gaze(self) -> list[list[Any]]:
        """Gaze as it is known some 100 ms later, by the pictures before and after it.

        From the first call on all gaze is mapped a second time; ten seconds of it are kept.

        Returns
        -------
        list of list
            Of the 100 oldest samples since the last call at most: time on the phone's Unix clock,
            ns; x and y, ``norm`` units, NaN when not valid; the problem or ""; the error that
            markers and motion are expected to add, degrees.
        """
        return [
            [
                each.device_ns,
                each.screen.x,
                each.screen.y,
                each.screen.problem or "",
                each.screen.expected_error_deg,
            ]
            for each in self._glasses.window.settled(SETTLED_AT_ONCE)
        ]

    def neon_notice_file(self) -> dict[str, Any]:
        """Where each problem is told as soon as it is seen.

        Returns
        -------
        dict
            ``path`` of a file of JSON lines: level ("error" or "warning") and sentence.
        """
        return {"path": str(self._notices.path)}
