"""``psychopy-neon migrate``: a Builder experiment of the makers' plugin becomes one of ours."""

from __future__ import annotations

import argparse
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psychopy_neon.exceptions import UsageError

if TYPE_CHECKING:
    from psychopy_neon.migrate import Migration


def add_parser(subparsers: Any) -> None:
    """Add the sub-command to the command line."""
    parser = subparsers.add_parser(
        "migrate",
        help="rewrite a Builder experiment of the makers' PsychoPy plugin, into a new file",
        description="Rewrites a Builder experiment of the makers' PsychoPy plugin into a new file, "
        "and says what changed and what has no counterpart. The experiment stays as it is.",
    )
    parser.add_argument("experiment", type=Path, metavar="EXPERIMENT.psyexp")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="NEW.psyexp",
        help="where to write (default: beside the experiment, with _neon in its name)",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace an earlier result")


def run(args: argparse.Namespace) -> int:
    """Write the new experiment, and say what has become of each part."""
    from psychopy_neon.migrate import migrate_psyexp

    source: Path = args.experiment
    target = args.output or source.with_name(f"{source.stem}_neon.psyexp")
    text = _read(source)
    _check_target(source, target, args.overwrite)
    try:
        migration = migrate_psyexp(text)
    except UsageError as error:
        raise UsageError(f"{source}: {error}") from error
    if migration.changed:
        _write(target, migration.text)
    _report(source, target, migration)
    return 0


def _read(source: Path) -> bytes:
    from psychopy_neon.migrate.migration import MAX_BYTES

    try:
        with source.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"{source} cannot be read ({error.strerror}); give a .psyexp file of PsychoPy Builder"
        ) from error


def _check_target(source: Path, target: Path, overwrite: bool) -> None:
    if target.exists() and target.samefile(source):
        raise UsageError(f"{target} is the experiment itself, which stays; name another file")
    if target.exists() and not overwrite:
        raise UsageError(
            f"{target} exists already; name another file with -o, or allow it to be replaced with "
            "--overwrite"
        )


def _write(target: Path, text: bytes) -> None:
    """The file has its name only when it is complete."""
    unfinished = target.with_name(f"{target.name}.part")
    try:
        unfinished.write_bytes(text)
        unfinished.replace(target)
    except OSError as error:
        raise UsageError(
            f"{target} cannot be written ({error.strerror}); choose another place with -o"
        ) from error
    finally:
        with suppress(OSError):  # as a rule it is not there any more
            unfinished.unlink()


def _report(source: Path, target: Path, migration: Migration) -> None:
    if not migration.changed:
        print(f"{source} has nothing of the makers' plugin for Neon; no file was written")
    _section("changed", migration.changed)
    _section("kept", migration.kept)
    _section(
        "no counterpart (kept in comments and in the Routines' descriptions)",
        migration.without_counterpart,
    )
    _section("please look at", migration.by_hand)
    if migration.changed:
        print(f"wrote {target}")


def _section(title: str, lines: tuple[str, ...]) -> None:
    if lines:
        print(f"{title}:")
    for line in lines:
        print(f"  {line}")
