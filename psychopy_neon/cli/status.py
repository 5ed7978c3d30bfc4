"""``psychopy-neon status``: connect to the glasses and print how they are."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psychopy_neon.client import Neon

GAZE_TIMEOUT_S = 3.0


def add_parser(subparsers: Any) -> None:
    """Add the sub-command to the command line."""
    parser = subparsers.add_parser(
        "status",
        help="connect to the glasses and print how they are",
        description="Connects to the glasses and prints how they are: worn or not, battery, "
        "storage, and how wrong the time of an event could be at most.",
    )
    parser.add_argument(
        "address", nargs="?", help="as the Companion app shows it (default: discover)"
    )
    parser.add_argument("--name", help="the phone's name")
    parser.add_argument("--serial", help="serial number of the glasses")


def run(args: argparse.Namespace) -> int:
    """Print one fact per line."""
    from psychopy_neon.client import Neon

    with Neon.connect(args.address, name=args.name, serial=args.serial) as neon:
        for what, value in _facts(neon).items():
            print(f"{what + ':':<16}{value}")
    return 0


def _facts(neon: Neon) -> dict[str, object]:
    clock_map = neon.wait_for_clock()
    gaze = neon.gaze.read(GAZE_TIMEOUT_S)
    bound_ns = clock_map.bound_ns(clock_map.reference_host_ns)
    worn = "no gaze" if gaze is None else "worn" if gaze.worn else "not worn"
    return {
        "phone": f"{neon.phone_name} (id {neon.phone_id})",
        "address": f"{neon.host}:{neon.port}",
        "glasses": f"{neon.module_serial or 'not plugged in'}, {worn}",
        "battery": f"{neon.battery_percent} % ({neon.battery_state})",
        "free storage": f"{neon.free_storage_bytes / 1e9:.1f} GB ({neon.storage_state})",
        "event times": f"known to ±{bound_ns / 1e6:.2f} ms",
    }
