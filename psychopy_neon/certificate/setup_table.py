"""Devices and versions of a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from psychopy_neon.certificate.display_facts import display_details
from psychopy_neon.certificate.quantities import duration
from psychopy_neon.ledger.session import LedgerEvent, Session

MOST_MEASUREMENTS = 3  # the JSON counts them


def setup_of(sessions: Sequence[Session], duration_s: float) -> dict[str, str]:
    """What the sessions say of phone, glasses and software; the phone's address stays out."""
    if not sessions:
        return {}
    heads = [session.head for session in sessions]
    rows = {
        "Start (UTC)": heads[0].utc.replace("T", " ").removesuffix("Z").partition(".")[0],
        "Length": duration(duration_s),
        "Glasses, serial number": _different(head.module_serial for head in heads),
        "Phone": _different(head.phone_name for head in heads),
        "psychopy-neon": _different(head.package for head in heads),
    }
    checks = [f"{check.verdict} ({check.choice})" for each in sessions for check in each.checks]
    if checks:
        rows["Glasses, checked before"] = "; ".join(checks[-MOST_MEASUREMENTS:])
    lags = {str(lag) for session in sessions for event in session.events for lag in _lag(event)}
    if lags:
        rows["Display's lag, added to flips"] = f"{', '.join(sorted(lags))} s"
    filmed = [display_details(lag) for session in sessions for lag in session.display_lags]
    if filmed:
        rows["Display's lag, filmed"] = "; ".join(filmed[-MOST_MEASUREMENTS:])
    skews = [session.skew_ns for session in sessions if session.skew_ns is not None]
    if skews:
        rows["Phone's Unix clock minus its sensor clock"] = f"{skews[-1] / 1e6:+.3f} ms".replace(
            "-", "−"
        )
    return {name: value for name, value in rows.items() if value}


def _lag(event: LedgerEvent) -> list[object]:
    """Lag of the display that was added to the time of an event, if any was."""
    return [event.data["display_lag_s"]] if "display_lag_s" in event.data else []


def _different(values: Iterable[str | None]) -> str:
    """The values without repetition, in their order; more than one if it changed."""
    return ", ".join(dict.fromkeys(value for value in values if value))
