"""What a ledger tells about one session: the time between opening and closing a device."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from psychopy_neon.clock.clock_map import ClockMap
from psychopy_neon.clock.exchange import Exchange
from psychopy_neon.clock.experiment_clock import ClockPair

PENDING = "pending"
CONFIRMED = "confirmed"
FINAL_STATES = (CONFIRMED, "misplaced", "discarded", "refused", "unconfirmed")


@dataclass(frozen=True, slots=True)
class SessionHead:
    """Who wrote the session, when, and to which phone; what an old file does not say is empty.

    Attributes
    ----------
    version : int
        Of the file's format.
    utc : str
        Wall clock of the computer at the start, ISO 8601.
    host_ns : int or None
        ``time.perf_counter_ns()`` at that moment.
    phone_name, phone_id, module_serial, address : str
        The phone, and the glasses plugged into it.
    package : str
        Version of psychopy_neon.
    """

    version: int = 1
    utc: str = ""
    host_ns: int | None = None
    phone_name: str = ""
    phone_id: str = ""
    module_serial: str = ""
    address: str = ""
    package: str = ""


@dataclass(frozen=True, slots=True)
class LedgerEvent:
    """One event and what became of it in the end.

    Attributes
    ----------
    number : int
        Counts the events of the session from 1 on.
    name : str
        As it was sent.
    host_ns : int
        When it happened, ``time.perf_counter_ns()`` of the computer of the experiment.
    experiment_s : float
        The same on the experiment's clock, seconds; NaN if the file does not say.
    data : dict
        What was attached to it; it did not go to the phone.
    state : str
        "pending" if the file does not tell its end; else "confirmed", "misplaced" (taken by a
        recording that is not ours), "discarded" (no recording was running), "refused" or
        "unconfirmed".
    device_ns : int or None
        The same on the phone's Unix clock, ns, as sent; None if it was never dated.
    bound_ns : int or None
        Greatest possible error of `device_ns`, ns, as far as known then.
    recording_id : str or None
        The recording that took it.
    tries : int
        How often it was sent.
    perhaps_twice : bool
        Whether an earlier try, whose answer was lost, may have been stored as well.
    error : str
        Why it could not be delivered.
    """

    number: int
    name: str
    host_ns: int
    experiment_s: float
    data: dict[str, Any] = field(default_factory=dict)
    state: str = PENDING
    device_ns: int | None = None
    bound_ns: int | None = None
    recording_id: str | None = None
    tries: int = 0
    perhaps_twice: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class LedgerRecording:
    """A change of the recording's state.

    Attributes
    ----------
    state : str
        "starting", "recording", "stopping", "idle" or "failed".
    id : str
        Of the recording.
    error : str
        Why it failed.
    host_ns : int or None
        When, ``time.perf_counter_ns()``; None in old files.
    """

    state: str
    id: str
    error: str = ""
    host_ns: int | None = None


@dataclass(frozen=True, slots=True)
class LedgerStream:
    """How much of a stream arrived.

    Attributes
    ----------
    name : str
        "gaze", "scene", ...
    received, lost, malformed : int
        Samples taken in; packets that never came; packets that could not be read.
    """

    name: str
    received: int = 0
    lost: int = 0
    malformed: int = 0


@dataclass(frozen=True, slots=True)
class LedgerDisplayLag:
    """A measurement of the display's lag; numbers that were not found are NaN.

    Attributes
    ----------
    verdict, problem : str
        As of `DisplayLag`, like all that follows.
    lag_s, uncertainty_s : float
        From the flip to light, and how far that can be off, seconds.
    changes, shown : int
        Changes of the patch that were used, and that were shown.
    exposure_s : float
        Of the scene camera, seconds.
    drift_ppm, drift_uncertainty_ppm : float
        Change of the lag in the course of the measurement, and how far that can be off.
    """

    verdict: str
    problem: str = ""
    lag_s: float = math.nan
    uncertainty_s: float = math.nan
    changes: int = 0
    shown: int = 0
    exposure_s: float = math.nan
    drift_ppm: float = math.nan
    drift_uncertainty_ppm: float = math.nan


@dataclass(frozen=True, slots=True)
class LedgerCorrection:
    """What gaze on the window was corrected by from an instant on; as of `GazeCorrection`.

    Attributes
    ----------
    host_ns : int
        When it was set, ``time.perf_counter_ns()``.
    experiment_s : float
        The same on the experiment's clock, seconds; NaN in old files.
    version : int
        Counted through the experiment; 0 for the end of the correction.
    offset_deg : tuple of 2 float
        To the right and up, camera axes.
    linear : tuple of 2 tuples of 2 float
        Rows.
    points : int
        Number of targets it rests on.
    distance : float
        To them, window heights; NaN if unknown.
    expected_error_deg : float
        Mean error that it leaves on targets that it was not fitted to; NaN if unknown.
    """

    host_ns: int
    experiment_s: float
    version: int
    offset_deg: tuple[float, float]
    linear: tuple[tuple[float, float], tuple[float, float]]
    points: int = 0
    distance: float = math.nan
    expected_error_deg: float = math.nan


@dataclass(frozen=True, slots=True)
class LedgerCheck:
    """What a check before the session found; as of `Check`.

    Attributes
    ----------
    verdict : str
        "ready", "ready with warnings", "not ready" or "waiting".
    choice, chosen_by : str
        What was made of it ("go on", "stop"), and by whom.
    retries : int
        How often everything was checked again.
    problems : tuple of str
        A sentence for each thing that was not good.
    """

    verdict: str
    choice: str = ""
    chosen_by: str = ""
    retries: int = 0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """Everything one session left in the ledger.

    Attributes
    ----------
    head : SessionHead
        Its first line.
    events : tuple of LedgerEvent
        In the order in which they were made.
    probes : tuple of Exchange
        All exchanges with the phone's time echo, in the order of the file.
    snapshots : tuple of ClockMap
        What followed from them during the session.
    pairs : tuple of ClockPair
        This computer's clock against the experiment's, oldest first.
    recordings : tuple of LedgerRecording
        In the order of the file.
    streams : tuple of LedgerStream
        As they ended.
    display_lags : tuple of LedgerDisplayLag
        In the order of the file.
    corrections : tuple of LedgerCorrection
        Of gaze on the window, in the order of the file.
    checks : tuple of LedgerCheck
        Before the session or in its course, in the order of the file.
    skew_ns : int or None
        The phone's Unix clock minus its sensor clock, if it was found.
    closed : bool
        Whether the session ended properly; False after a crash.
    unreadable : int
        Lines that could not be understood, as a rule one that was cut short by a crash.
    """

    head: SessionHead
    events: tuple[LedgerEvent, ...] = ()
    probes: tuple[Exchange, ...] = ()
    snapshots: tuple[ClockMap, ...] = ()
    pairs: tuple[ClockPair, ...] = ()
    recordings: tuple[LedgerRecording, ...] = ()
    streams: tuple[LedgerStream, ...] = ()
    display_lags: tuple[LedgerDisplayLag, ...] = ()
    corrections: tuple[LedgerCorrection, ...] = ()
    checks: tuple[LedgerCheck, ...] = ()
    skew_ns: int | None = None
    closed: bool = False
    unreadable: int = 0
