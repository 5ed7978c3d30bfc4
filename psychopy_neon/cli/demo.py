"""``psychopy-neon demo``: experiments to see and to copy from, without glasses."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from psychopy_neon.cli import argument_types


def add_parser(subparsers: Any) -> None:
    """Add the sub-command to the command line."""
    parser = subparsers.add_parser(
        "demo",
        help="run an experiment against simulated glasses, and check the result",
        description="Runs a demonstration on this computer, without glasses: simulated ones are "
        "started, worn by a virtual participant who does the task. Without a name it is a "
        "gaze-contingent experiment, whose data are compared with what really happened.",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="see --list")
    parser.add_argument("--list", action="store_true", help="say which there are")
    parser.add_argument(
        "--trials", type=argument_types.count, metavar="N", help="fewer than it has"
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
    from psychopy_neon.demos.catalogue import FIRST, find_demo

    if args.list:
        return _list()
    name = args.name or FIRST
    demo = find_demo(name)
    if demo is None:
        known = "psychopy-neon demo --list tells which there are"
        print(f"there is no demo {name!r}; {known}", file=sys.stderr)
        return 2
    if name == FIRST:
        from psychopy_neon.demos.gaze_contingent import run_demo as run_first

        exit_code: int = run_first(args.output, trials=args.trials)
    else:
        from psychopy_neon.demos.runner import run_demo

        exit_code = run_demo(demo, args.output, args.trials)
    return exit_code


def _list() -> int:
    from psychopy_neon.demos.catalogue import DEMOS, HERE

    for title, is_script in (("Experiments for Builder", False), ("Scripts for Coder", True)):
        print(f"{title}:")
        for demo in DEMOS:
            if demo.is_script is is_script:
                print(f"  {demo.name:<18}{demo.shows}")
    print(f"To copy from: {HERE}")
    return 0
