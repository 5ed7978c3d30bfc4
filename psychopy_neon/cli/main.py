"""Choose the sub-command, run it, and turn what it raises into an exit code.

Each sub-command is a module of this package with ``add_parser(subparsers)``, which adds a parser
of the module's name, and ``run(args) -> int``. Their module level imports nothing heavy, so that
``psychopy-neon --help`` answers at once.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from io import TextIOWrapper

from psychopy_neon import __version__
from psychopy_neon.exceptions import NeonError

COMMANDS = (
    *("demo", "simulate", "discover", "status", "sync", "refit", "ledger", "certificate"),
    *("migrate", "export", "markers"),
)

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells report it
EXIT_UNREAD = 141  # 128 + SIGPIPE, likewise

Run = Callable[[argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code of the process.

    Parameters
    ----------
    arguments : sequence of str, optional
        Without the program's name; by default those this process was started with.

    Returns
    -------
    int
        0 on success, 1 after a `NeonError` (its message is on stderr, in one line), 130 after
        Ctrl-C, 141 if nobody reads its output any more (as in ``| head``), or what the
        sub-command returned. A wrong command line exits with 2, as usual.
    """
    _print_any_text()
    try:
        try:
            parser, runs = build_parser()
            args = parser.parse_args(arguments)
            return exit_code(runs[args.command], args)
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()  # not when Python ends, where nobody can catch it
    except BrokenPipeError:
        _forget_output()
        return EXIT_UNREAD


def build_parser() -> tuple[argparse.ArgumentParser, dict[str, Run]]:
    """Return the parser of all sub-commands, and what each of them runs."""
    parser = argparse.ArgumentParser(
        prog="psychopy-neon", description="Pupil Labs Neon in PsychoPy: try it, find it, check it."
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="command", required=True)
    runs: dict[str, Run] = {}
    for name in COMMANDS:
        module = import_module(f"psychopy_neon.cli.{name}")
        module.add_parser(subparsers)
        runs[name] = module.run
    return parser, runs


def exit_code(run: Run, args: argparse.Namespace) -> int:
    """Run one sub-command; what the user can mend becomes one line instead of a traceback."""
    try:
        return run(args)
    except NeonError as error:
        print(f"psychopy-neon: {' '.join(str(error).split())}", file=sys.stderr)
        return EXIT_FAILED
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def _print_any_text() -> None:
    """Show as codes what the output's characters lack, as of Windows when it goes to a file."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _forget_output() -> None:
    """Let Python end without trying once more to write what nobody reads."""
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
