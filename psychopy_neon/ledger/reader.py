"""From a ledger file to its sessions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from psychopy_neon.clock.clock_map import ClockMap
from psychopy_neon.clock.exchange import Exchange
from psychopy_neon.clock.experiment_clock import ClockPair
from psychopy_neon.exceptions import UsageError
from psychopy_neon.ledger.check_line import check_of
from psychopy_neon.ledger.correction_line import correction_of
from psychopy_neon.ledger.lines import (
    Line,
    decode,
    number,
    read_lines,
    text,
    whole,
    whole_or,
    whole_or_none,
)
from psychopy_neon.ledger.remains import Remains, read_spool, spools_beside
from psychopy_neon.ledger.session import (
    FINAL_STATES,
    LedgerCheck,
    LedgerCorrection,
    LedgerDisplayLag,
    LedgerEvent,
    LedgerRecording,
    LedgerStream,
    Session,
    SessionHead,
)


def read_sessions(path: str | Path) -> list[Session]:
    """Read a ledger, the journal file of `Neon.connect`; blocks while it reads.

    A line that a crash has cut short, kinds of lines and fields that are not known, and kinds
    that an old file lacks do no harm.

    Parameters
    ----------
    path : path-like
        The file; of an experiment that is still running as well.

    Returns
    -------
    list of Session
        Oldest first; a file that was continued has several.

    Raises
    ------
    UsageError
        If the file cannot be read, or no line in it is one of a ledger.
    """
    # First, since events of a run that goes on leave the spool for the file meanwhile.
    remains = [read_spool(spool) for spool in spools_beside(Path(path))]
    sessions = _read_sessions(Path(path))
    if not sessions:
        raise UsageError(
            f"{path} is not a ledger; give the file ..._neon_events.jsonl that lies "
            "beside the experiment's data"
        )
    for spooled in remains:
        _add(sessions, spooled)
    return [session.result() for session in sessions]


def lines_to_add(ledger: Path, spool: Path) -> list[str] | None:
    """Return the lines of a spool that the ledger lacks, oldest first.

    None if they cannot be added at its end: they belong to an earlier session, or to none of it.

    Raises
    ------
    UsageError
        If a file cannot be read.
    """
    sessions = _read_sessions(ledger)
    spooled = read_spool(spool)
    is_last = bool(sessions) and sessions[-1].is_session(spooled.session_host_ns)
    return _add(sessions, spooled) if is_last or not spooled.lines else None


def _add(sessions: list[_SessionReader], spooled: Remains) -> list[str]:
    """Give a spool's events to their session, and return the lines of those that it lacked."""
    for session in reversed(sessions):
        if session.is_session(spooled.session_host_ns):
            return [line for line in spooled.lines if session.take_missing(line)]
    return []


def _read_sessions(path: Path) -> list[_SessionReader]:
    sessions: list[_SessionReader] = []
    unreadable = 0
    for line in read_lines(path):
        if line is None:
            unreadable += 1
        elif line["kind"] == "session" or not sessions:
            sessions.append(_SessionReader(unreadable))
            unreadable = 0
        if sessions:
            sessions[-1].take(line)
    return sessions


class _SessionReader:
    """Collects the lines of one session."""

    def __init__(self, unreadable_before: int) -> None:
        self._session = Session(SessionHead())
        self._unreadable = unreadable_before
        self._events: dict[int, LedgerEvent] = {}
        self._probes: list[Exchange] = []
        self._snapshots: list[ClockMap] = []
        self._pairs: list[ClockPair] = []
        self._recordings: list[LedgerRecording] = []
        self._streams: dict[str, LedgerStream] = {}
        self._display_lags: list[LedgerDisplayLag] = []
        self._corrections: list[LedgerCorrection] = []
        self._checks: list[LedgerCheck] = []
        self._takers: dict[str, Callable[[Line], None]] = {
            "session": self._take_head,
            "event": self._take_event,
            "dated": self._take_date,
            **dict.fromkeys(FINAL_STATES, self._take_end),
            "recording": self._take_recording,
            "probe": self._take_probe,
            "clock": self._take_snapshot,
            "pair": self._take_pair,
            "stream": self._take_stream,
            "display_lag": self._take_display_lag,
            "check": lambda line: self._checks.append(check_of(line)),
            "gaze_correction": self._take_correction,
            "skew": self._take_skew,
            "closed": self._take_close,
        }

    def take(self, line: Line | None) -> None:
        taker = None if line is None else self._takers.get(line["kind"])
        if line is None or taker is None:
            # A kind that is not known comes from a newer version.
            self._unreadable += line is None
            return
        try:
            taker(line)
        except (ValueError, KeyError, TypeError, OverflowError):
            self._unreadable += 1

    def is_session(self, began_host_ns: int) -> bool:
        """Whether it began then; 0 stands for any."""
        return began_host_ns in (0, self._session.head.host_ns)

    def take_missing(self, event: str) -> bool:
        """Take the line of an event, unless it was taken already; whether it was taken now."""
        line = decode(event.encode("ascii"))
        if line is None or line["number"] in self._events:
            return False
        self.take(line)
        return True

    def result(self) -> Session:
        return replace(
            self._session,
            events=tuple(self._events.values()),
            probes=tuple(self._probes),
            snapshots=tuple(self._snapshots),
            pairs=tuple(sorted(self._pairs, key=lambda pair: pair.host_ns)),
            recordings=tuple(self._recordings),
            streams=tuple(self._streams.values()),
            display_lags=tuple(self._display_lags),
            corrections=tuple(self._corrections),
            checks=tuple(self._checks),
            unreadable=self._unreadable,
        )

    def _take_head(self, line: Line) -> None:
        head = SessionHead(
            version=whole_or(line, "version", 1),
            utc=text(line, "utc"),
            host_ns=whole_or_none(line, "host_ns"),
            phone_name=text(line, "phone_name"),
            phone_id=text(line, "phone_id"),
            module_serial=text(line, "module_serial"),
            address=text(line, "address"),
            package=text(line, "package"),
        )
        self._session = replace(self._session, head=head)
        if "host_ns" in line:
            self._take_pair(line)

    def _take_event(self, line: Line) -> None:
        data = line.get("data")
        event = LedgerEvent(
            number=whole(line, "number"),
            name=text(line, "name"),
            host_ns=whole(line, "host_ns"),
            experiment_s=number(line, "experiment_s"),
            data=data if isinstance(data, dict) else {},
        )
        self._events[event.number] = event

    def _take_date(self, line: Line) -> None:
        event = self._events[whole(line, "number")]
        device_ns, bound_ns = whole(line, "device_ns"), whole_or_none(line, "bound_ns")
        self._events[event.number] = replace(event, device_ns=device_ns, bound_ns=bound_ns)

    def _take_end(self, line: Line) -> None:
        event = self._events[whole(line, "number")]
        device_ns, bound_ns = whole_or_none(line, "device_ns"), whole_or_none(line, "bound_ns")
        self._events[event.number] = replace(
            event,
            state=line["kind"],
            device_ns=event.device_ns if device_ns is None else device_ns,
            bound_ns=event.bound_ns if bound_ns is None else bound_ns,
            recording_id=text(line, "recording_id") or None,
            tries=whole_or(line, "tries", event.tries),
            perhaps_twice=line.get("perhaps_twice") is True,
            error=text(line, "error"),
        )

    def _take_recording(self, line: Line) -> None:
        recording = LedgerRecording(
            text(line, "state"),
            text(line, "id"),
            text(line, "error"),
            whole_or_none(line, "host_ns"),
        )
        self._recordings.append(recording)

    def _take_probe(self, line: Line) -> None:
        keys = ("sent_host_ns", "received_host_ns", "device_ms")
        sent_host_ns, received_host_ns, device_ms = (whole(line, key) for key in keys)
        if abs(device_ms) >= 2**63 // 1_000_000:
            raise ValueError("not a time in milliseconds")
        self._probes.append(Exchange(sent_host_ns, received_host_ns, device_ms))

    def _take_snapshot(self, line: Line) -> None:
        self._snapshots.append(
            ClockMap(
                reference_host_ns=whole(line, "reference_host_ns"),
                offset_ns=whole(line, "offset_ns"),
                rate=float(line["rate"]),
                vertices=tuple((float(offset), float(rate)) for offset, rate in line["vertices"]),
                max_rate=float(line["max_rate"]),
                wander_per_ns=float(line["wander_per_ns"]),
                since_host_ns=whole(line, "since_host_ns"),
                segment=whole_or(line, "segment", 0),
            )
        )

    def _take_pair(self, line: Line) -> None:
        experiment_s = number(line, "experiment_s")
        if math.isnan(experiment_s):
            raise ValueError("a pair without the experiment's time")
        pair = ClockPair(whole(line, "host_ns"), experiment_s, whole_or(line, "half_gap_ns", 0))
        self._pairs.append(pair)

    def _take_stream(self, line: Line) -> None:
        counts = (whole_or(line, key, 0) for key in ("received", "lost", "malformed"))
        stream = LedgerStream(text(line, "name"), *counts)
        self._streams[stream.name] = stream

    def _take_display_lag(self, line: Line) -> None:
        lag = LedgerDisplayLag(
            text(line, "verdict"),
            text(line, "problem"),
            lag_s=number(line, "lag_s"),
            uncertainty_s=number(line, "uncertainty_s"),
            changes=whole_or(line, "changes", 0),
            shown=whole_or(line, "shown", 0),
            exposure_s=number(line, "exposure_s"),
            drift_ppm=number(line, "drift_ppm"),
            drift_uncertainty_ppm=number(line, "drift_uncertainty_ppm"),
        )
        self._display_lags.append(lag)

    def _take_correction(self, line: Line) -> None:
        self._corrections.append(correction_of(line))

    def _take_skew(self, line: Line) -> None:
        self._session = replace(self._session, skew_ns=whole_or_none(line, "skew_ns"))

    def _take_close(self, line: Line) -> None:
        self._session = replace(self._session, closed=True)
