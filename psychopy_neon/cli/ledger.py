"""``psychopy-neon ledger``: look into an experiment's ledger, and mend an export with it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psychopy_neon.ledger import LedgerEvent, RepairResult


def add_parser(subparsers: Any) -> None:
    """Add the sub-command, and its own, to the command line."""
    parser = subparsers.add_parser(
        "ledger",
        help="look into the ledger of an experiment; mend an export with it",
        description="The ledger is the file ..._neon_events.jsonl beside an experiment's data. It "
        "has every event, when it happened, and what became of it.",
    )
    actions = parser.add_subparsers(dest="action", metavar="action", required=True)
    _add_show(actions)
    _add_repair(actions)
    _add_resend(actions)


def run(args: argparse.Namespace) -> int:
    """Do what was asked for."""
    return ACTIONS[args.action](args)


def _add_ledger(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ledger", type=Path, help="the run's ledger, ..._neon_events.jsonl")


def _add_show(actions: Any) -> None:
    parser = actions.add_parser(
        "show",
        help="print a short summary",
        description="Prints a short summary of each session in the ledger.",
    )
    _add_ledger(parser)


def _add_repair(actions: Any) -> None:
    parser = actions.add_parser(
        "repair",
        help="add the events that are missing in an export to a copy of its events.csv",
        description="Adds the events that are missing in an export of Pupil Cloud or Neon Player "
        "to a copy of its events.csv, events.repaired.csv.",
    )
    _add_ledger(parser)
    parser.add_argument(
        "export",
        type=Path,
        metavar="EXPORT_FOLDER",
        help="unpacked folder of an exported recording, or of several",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier repair")


def _add_resend(actions: Any) -> None:
    parser = actions.add_parser(
        "resend",
        help="send what the phone has not confirmed, while the same recording still runs",
        description="After a crash: sends the events that the phone has not confirmed, with their "
        "true times, while the same recording still runs.",
    )
    _add_ledger(parser)
    parser.add_argument(
        "--address", help="the phone's, as the app shows it (default: the one in the ledger)"
    )


def _show(args: argparse.Namespace) -> int:
    """Print some lines per session."""
    from psychopy_neon.ledger import read_sessions, summary

    for number, session in enumerate(read_sessions(args.ledger), start=1):
        print(f"session {number}")
        for line in summary(session):
            print(f"  {line}")
    return 0


def _repair(args: argparse.Namespace) -> int:
    """Repair each recording of the export, and say what was done."""
    from psychopy_neon.client.adoption import adopt_events
    from psychopy_neon.ledger import repair_export

    if adopted := adopt_events(args.ledger):
        print(f"{adopted} events that nobody had taken over are added to the ledger")
    results = repair_export(args.ledger, args.export, overwrite=args.overwrite)
    for result in results:
        _print_repair(result)
    _print_undated(results[0].undated)
    return 0


def _print_repair(result: RepairResult) -> None:
    print(f"recording {result.recording_id or 'without an id'}")
    print(f"  {len(result.present)} events of the ledger were there already")
    print(f"  {len(result.added)} were missing and are added, with the type 'ledger'")
    for event in result.added:
        print(f"    {event.number} {event.name!r} at {event.device_ns} ns ({event.state})")
    if result.stored_twice:
        print(
            f"  {result.stored_twice} rows repeat an event that happened once; "
            f"{result.left_out} of them are left out of the copy"
        )
    print(f"  wrote {result.path}")


def _print_undated(events: Sequence[LedgerEvent]) -> None:
    if events:
        print(f"{len(events)} events have no time on the phone's clock; they are not added:")
    for event in events:
        print(f"  {event.number} {event.name!r} ({event.state})")


def _resend(args: argparse.Namespace) -> int:
    """Send what is left; 1 if the phone did not confirm all of it."""
    from psychopy_neon.client.resend import resend

    result = resend(args.ledger, args.address)
    left = len(result.receipts) + len(result.undated)
    print(f"{result.confirmed} of {left} events confirmed in recording {result.recording_id}")
    for receipt in result.receipts:
        if receipt.perhaps_twice:
            print(
                f"  {receipt.number} {receipt.name!r} may be there twice, with the same time; "
                "'ledger repair' leaves the second one out"
            )
        if receipt.error:
            print(f"  {receipt.number} {receipt.name!r} is {receipt.state.value}: {receipt.error}")
    for event in result.undated:
        print(f"  {event.number} {event.name!r} has no time on the phone's clock; it was not sent")
    return int(result.confirmed < left)


ACTIONS: dict[str, Callable[[argparse.Namespace], int]] = {
    "show": _show,
    "repair": _repair,
    "resend": _resend,
}
