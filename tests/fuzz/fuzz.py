"""Fuzz the parsers: ``python tests/fuzz/fuzz.py TARGET [--cpu-seconds N]``, or ``all``.

Without atheris (``pip install atheris``, Linux) the seeds are changed blindly. An input that is
a finding is kept in a file; ``--input FILE`` runs it again, without atheris.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oracle import Target

HAS_ATHERIS = importlib.util.find_spec("atheris") is not None


def load_targets(*, instrumented: bool) -> dict[str, Target]:
    """Import the parsers, if wanted with the counters that atheris is guided by."""
    if instrumented:
        import atheris

        with atheris.instrument_imports(include=["psychopy_neon"]):
            from targets import TARGETS
    else:
        from targets import TARGETS
    return TARGETS


def fuzz(name: str, target: Target, args: argparse.Namespace) -> bool:
    """Fuzz one target until a limit is reached or there is a finding; whether there was none."""
    from engines import Folders, Limits, Trial, run_blind, run_guided

    limits = Limits(args.runs, args.cpu_seconds, args.seconds, args.seed)
    corpus = None if args.corpus is None else args.corpus / name
    if corpus is not None:
        corpus.mkdir(parents=True, exist_ok=True)
    run = run_guided if args.engine == "atheris" else run_blind
    folders = Folders(args.findings / name, corpus)
    return run(Trial(name, target, limits), limits, target.seeds(), folders)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("target", help="name of a target, 'all', or 'list' for their names")
    parser.add_argument("--cpu-seconds", type=float, metavar="N", help="of each target")
    parser.add_argument("--seconds", type=float, metavar="N", help="of each target, by the clock")
    parser.add_argument("--runs", type=int, metavar="N", help="executions of each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=("atheris", "blind"))
    parser.add_argument("--corpus", type=Path, help="folder of inputs to keep and go on from")
    parser.add_argument("--findings", type=Path, default=Path("findings"), help="folder")
    parser.add_argument("--input", type=Path, metavar="FILE", help="run this one and stop")
    args = parser.parse_args(arguments)
    if args.runs is None and args.cpu_seconds is None and args.seconds is None:
        args.cpu_seconds = 60.0
    if args.engine is None:
        args.engine = "atheris" if HAS_ATHERIS else "blind"
    return args


def main(arguments: Sequence[str] | None = None) -> int:
    args = parse(arguments)
    instrumented = args.engine == "atheris" and args.input is None and args.target != "list"
    targets = load_targets(instrumented=instrumented)
    if args.target == "list":
        print("\n".join(targets))
        return 0
    if args.target not in (*targets, "all"):
        print(f"no target {args.target!r}; there are {', '.join(targets)}", file=sys.stderr)
        return 2
    if args.input is not None:
        print("accepted" if targets[args.target](args.input.read_bytes()) else "refused")
        return 0
    names = list(targets) if args.target == "all" else [args.target]
    failed = [name for name in names if not fuzz(name, targets[name], args)]
    if failed:
        print(f"findings in: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
