"""``psychopy-neon refit``: date a finished run again with all that is known afterwards."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psychopy_neon.clock.clock_history import ClockHistory


def add_parser(subparsers: Any) -> None:
    """Add the sub-command to the command line."""
    parser = subparsers.add_parser(
        "refit",
        help="date the events and gaze of a finished run again, with all probes of the clock",
        description="Dates the events of a finished run again, on the phone's clock and the "
        "experiment's, with everything that became known after each. The files that it reads stay "
        "as they are.",
    )
    parser.add_argument("ledger", type=Path, help="the run's ledger, ..._neon_events.jsonl")
    parser.add_argument(
        "--gaze",
        type=Path,
        action="append",
        default=[],
        metavar="FILE.csv",
        help="gaze.csv, events.csv or another table of a Neon export with a column 'timestamp "
        "[ns]'; its copy gets the experiment's time. May be repeated",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FOLDER",
        help="where to write (default: beside each file)",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace earlier results")


def run(args: argparse.Namespace) -> int:
    """Write the tables, and say what the clocks did."""
    from psychopy_neon.ledger import refit_run

    result = refit_run(args.ledger, args.gaze, args.output, overwrite=args.overwrite)
    for number, history in enumerate(result.histories, start=1):
        print(f"session {number}: {_clock(history)}")
    print(f"{result.events} events")
    for path in result.files:
        print(f"wrote {path}")
    return 0


def _clock(history: ClockHistory | None) -> str:
    if history is None:
        return "the phone answered no probe; its events keep the times they were sent with"
    middle_ns = (history.start_host_ns + history.end_host_ns) // 2
    return (
        f"{history.exchanges} probes, drift {history.rate_at(middle_ns) * 1e6:+.2f} ppm, "
        f"known to ±{history.bound_ns(middle_ns) / 1e6:.3f} ms in the middle, "
        f"{len(history.steps) or 'no'} steps of the phone's clock"
    )
