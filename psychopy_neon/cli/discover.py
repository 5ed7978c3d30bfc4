"""``psychopy-neon discover``: which phones announce themselves on this network."""

from __future__ import annotations

import argparse
from typing import Any

from psychopy_neon.cli import argument_types


def add_parser(subparsers: Any) -> None:
    """Add the sub-command to the command line."""
    parser = subparsers.add_parser(
        "discover",
        help="list the phones on this network",
        description="Lists the phones on this network whose Companion app is open, with their "
        "addresses.",
    )
    parser.add_argument(
        "--seconds",
        type=argument_types.seconds,
        default=5.0,
        metavar="S",
        help="how long to look (default: 5)",
    )
    parser.add_argument(
        "--sweep",
        action="store_true",
        help="for networks that block multicast: knock at port 8080 of all neighbours too (up to "
        "254 addresses around each private one of this computer)",
    )


def run(args: argparse.Namespace) -> int:
    """Print one line per phone; exit code 1 if there is none."""
    from psychopy_neon.client import discover

    phones = discover(args.seconds, sweep=args.sweep)
    for phone in phones:
        places = ", ".join(f"{address}:{phone.port}" for address in phone.addresses)
        print(f"{phone.phone_name} (id {phone.phone_id}) at {places}")
    if not phones:
        print(
            "no phone found. Check that the Companion app is open and in the same network; "
            "networks that block multicast need --sweep, or the address that the app shows"
        )
    return 0 if phones else 1
