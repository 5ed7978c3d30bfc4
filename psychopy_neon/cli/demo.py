"""``psychopy-neon demo``: the whole chain on this computer, without glasses."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_parser(subparsers: Any) -> None:
    """Add the sub-command to the command line."""
    parser = subparsers.add_parser(
        "demo",
        help="run a gaze-contingent experiment against simulated glasses, and check the result",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=Path("neon_demo"),
        metavar="FOLDER",
        help="where to put the data; each run gets a folder in it (default: neon_demo)",
    )


def run(args: argparse.Namespace) -> int:
    """Run the demo; exit code 0 if the experiment ran and every event was confirmed."""
    from psychopy_neon.demos.gaze_contingent import run_demo

    exit_code: int = run_demo(args.output)
    return exit_code
