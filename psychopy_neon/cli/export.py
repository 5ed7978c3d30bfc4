"""``psychopy-neon export``: a finished run as CSV files, and as files of BIDS."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psychopy_neon.cli import argument_types

if TYPE_CHECKING:
    from psychopy_neon.export import BidsName, Screen

DONE, BAD_INPUT = 0, 2


def add_parser(subparsers: Any) -> None:
    """Add the sub-command to the command line."""
    parser = subparsers.add_parser(
        "export",
        help="a finished run as CSV files of samples, events and trials, and as BIDS files",
        description="Writes a finished run as CSV files of samples, events and trials, all on one "
        "clock, and as BIDS files if asked for. Exit code 0 if everything was written, 2 if a "
        "file or an option is of no use.",
    )
    parser.add_argument(
        "run",
        type=Path,
        metavar="RUN",
        help="any file of the run (its .hdf5, .csv or ledger), or a folder with a single run",
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FOLDER", help="of the CSV files; default: the run's"
    )
    _add_bids(parser.add_argument_group("BIDS"))


def _add_bids(group: Any) -> None:
    group.add_argument("--bids", type=Path, metavar="FOLDER", help="add the run to this dataset")
    group.add_argument("--sub", metavar="LABEL", help="participant, e.g. 01")
    group.add_argument("--task", metavar="LABEL", help="e.g. visualSearch")
    group.add_argument("--ses", metavar="LABEL", default="", help="session")
    group.add_argument("--run-number", type=int, metavar="N", default=0, help="run")
    group.add_argument(
        "--screen-m",
        type=argument_types.metres,
        metavar="WxH",
        help="size of the screen in metres, 0.53x0.30",
    )
    group.add_argument(
        "--screen-px",
        type=argument_types.pixels,
        metavar="WxH",
        help="size of the window in pixels, if the run does not tell",
    )
    group.add_argument(
        "--distance-m", type=float, metavar="X", help="from the eyes to the screen, metres"
    )


def run(args: argparse.Namespace) -> int:
    """Write the files and list them; what is of no use is said in one line."""
    from psychopy_neon.exceptions import UsageError

    try:
        written = _export(args)
    except (UsageError, OSError) as error:
        print(f"psychopy-neon: {' '.join(str(error).split())}", file=sys.stderr)
        return BAD_INPUT
    for path in written:
        print(path)
    return DONE


def _export(args: argparse.Namespace) -> list[Path]:
    from psychopy_neon.export import read_run, write_bids, write_csv

    name = _name(args)
    run = read_run(args.run)
    if name is None:
        return write_csv(run, args.output)
    written = write_bids(run, args.bids, name, _screen(args))
    return written if args.output is None else [*write_csv(run, args.output), *written]


def _name(args: argparse.Namespace) -> BidsName | None:
    from psychopy_neon.exceptions import UsageError
    from psychopy_neon.export import BidsName

    if args.bids is None:
        return None
    if not (args.sub and args.task):
        raise UsageError("--bids needs --sub and --task, which are in the names of its files")
    return BidsName(args.sub, args.task, args.ses, args.run_number)


def _screen(args: argparse.Namespace) -> Screen:
    from psychopy_neon.export import Screen

    if args.screen_m is None or args.distance_m is None:
        print(
            "psychopy-neon: BIDS requires the size of the screen and its distance: without "
            "--screen-m and --distance-m they are 'n/a', and the dataset does not validate",
            file=sys.stderr,
        )
    return Screen(args.screen_px, args.screen_m, args.distance_m)
