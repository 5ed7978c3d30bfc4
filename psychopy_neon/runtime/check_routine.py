"""A check before the session, in a Routine of its own."""

from __future__ import annotations

from typing import Any

from psychopy import logging
from psychopy.constants import NOT_STARTED

from psychopy_neon.exceptions import UsageError
from psychopy_neon.readiness import KEYS, Item, Requirements
from psychopy_neon.readiness.requirements import BATTERY_PER_MINUTE, STORAGE_MB_PER_MINUTE
from psychopy_neon.runtime.check import CHOICES, check_glasses
from psychopy_neon.runtime.check_result import Check, Choice
from psychopy_neon.runtime.row import DataRow
from psychopy_neon.runtime.tracker import connect
from psychopy_neon.runtime.waiting import say
from psychopy_neon.screen.given_numbers import number, number_or_none


class NeonCheck:
    """Shows, in `run`, whether glasses, phone and network are ready for the session.

    Parameters
    ----------
    win : psychopy.visual.Window
    tracker : ioHubDeviceView
        See `connect`, which may block up to 15 s and raise.
    exp : psychopy.data.ExperimentHandler, optional
        Gets the columns below.
    name : str
        Of the object; begins the names of the columns.
    minutes, serial, wearer, clock_ms, round_trip_ms, gaze_hz : optional
        What the session needs, see `Requirements`.
    battery_per_minute, storage_per_minute : float
        What a minute takes, percent and MB, see `Requirements`.
    by_itself : bool
        Whether to go on without a key when everything has been good for a second.
    limit : float, optional
        Longest wait, seconds; without it, for ever.
    at_limit : {"stop", "go on"}
        What happens then.
    piloting : bool
        Whether this is a pilot run, see `check_glasses`.

    Attributes
    ----------
    result : Check or None
        All that was found; None before `run`.

    Notes
    -----
    Columns: ``<name>.verdict`` ("ready", "ready with warnings", "not ready", "waiting"),
    ``.choice`` ("go on", "stop"), ``.chosen_by`` ("key", "itself", "time limit", "closed
    window"), ``.retries``, ``.duration_s``; and for each of glasses, wearer, worn, battery,
    storage, template, recording, clock, network, gaze and markers its state, such as
    ``<name>.battery`` ("good", "warning", "bad", "waiting"; empty for a wearer that is not asked
    for), and what was found, ``<name>.battery_found``. The journal has the sentences as well.
    """

    def __init__(
        self,
        win: Any,
        tracker: Any,
        exp: Any | None = None,
        name: str = "neonCheck",
        minutes: float = 60.0,
        serial: Any = "",
        wearer: Any = "",
        clock_ms: float = 5.0,
        round_trip_ms: float = 50.0,
        gaze_hz: float = 100.0,
        battery_per_minute: float = BATTERY_PER_MINUTE,
        storage_per_minute: float = STORAGE_MB_PER_MINUTE,
        by_itself: bool = False,
        limit: float | None = None,
        at_limit: Choice = "stop",
        piloting: bool = False,
    ) -> None:
        if at_limit not in CHOICES:
            raise UsageError(
                f"at_limit of {name} is {at_limit!r}; it must be one of {', '.join(CHOICES)}"
            )
        self.limit = number_or_none(limit, "Time limit (s)", name)
        if self.limit is not None and not 0 < self.limit < 86_400:
            raise UsageError(f"the time limit of {name} is {limit!r}; expected seconds, above 0")
        self.needs = Requirements(
            minutes=number(minutes, "Session lasts (min)", name),
            serial=_text(serial),
            wearer=_text(wearer),
            clock_ms=number(clock_ms, "Clock known to (ms)", name),
            round_trip_ms=number(round_trip_ms, "Network answers within (ms)", name),
            gaze_hz=number(gaze_hz, "Lowest gaze rate (Hz)", name),
            battery_per_minute=number(battery_per_minute, "Battery per minute (%)", name),
            storage_mb_per_minute=number(storage_per_minute, "Storage per minute (MB)", name),
        )
        self.win = win
        self.tracker = connect(tracker)
        self.tracker.know(win, exp)
        self.exp = exp
        self.name = name
        self.by_itself = bool(by_itself)
        self.at_limit: Choice = at_limit
        self.piloting = bool(piloting)
        self.status = NOT_STARTED
        self.result: Check | None = None

    @property
    def ready(self) -> bool:
        """Whether nothing was bad in the last check; False before the first."""
        return self.result is not None and self.result.ready

    @property
    def stopped(self) -> bool:
        """Whether the experiment is to end, by the last check; False before the first."""
        return self.result is not None and self.result.stopped

    def run(self) -> Check:
        """Check until somebody goes on or stops; what was found goes into the data file.

        Returns
        -------
        Check
        """
        with self.tracker.flips.suspended():
            self.result = check_glasses(
                self.win,
                self.tracker,
                self.needs,
                by_itself=self.by_itself,
                limit_s=self.limit,
                at_limit=self.at_limit,
                piloting=self.piloting,
            )
        self._write(self.result)
        self._tell(self.result)
        return self.result

    def _write(self, found: Check) -> None:
        row = DataRow(self.exp)
        values = {
            "verdict": found.readiness.verdict,
            "choice": found.choice,
            "chosen_by": found.chosen_by,
            "retries": found.retries,
            "duration_s": round(found.seconds, 3),
        }
        for measure, value in values.items():
            row.write(f"{self.name}.{measure}", value)
        for key in KEYS:
            item = found.readiness.item(key) or Item(key, "", "good")
            is_asked = found.readiness.item(key) is not None
            row.write(f"{self.name}.{key}", item.state if is_asked else "")
            row.write(f"{self.name}.{key}_found", item.value)

    def _tell(self, found: Check) -> None:
        if found.ready:
            say(f"psychopy_neon: {found}")
        else:
            logging.warning(f"psychopy_neon: {found}")


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()
