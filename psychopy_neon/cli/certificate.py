"""``psychopy-neon certificate``: how well a run's times are proven, as a page and as JSON."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from psychopy_neon.certificate import Certificate, Frame, Limits

PASSED, FAILED, BAD_INPUT = 0, 1, 2
LIMIT_OPTIONS = {
    "max_bound_ms": ("max_event_bound_ms", "greatest possible error of any event's time, ms"),
    "min_confirmed": ("min_confirmed_share", "share of events that the phone confirmed, 0 to 1"),
    "max_steps": ("max_clock_steps", "steps of the phone's clock"),
    "max_gaze_loss": ("max_gaze_loss_share", "share of gaze samples lost, 0 to 1"),
    "max_gaze_age_ms": ("max_gaze_age_p95_ms", "age of gaze at the flip, 95th percentile, ms"),
    "max_late_flips": ("max_late_flip_share", "share of flips that came late, 0 to 1"),
}


def add_parser(subparsers: Any) -> None:
    """Add the sub-command to the command line."""
    parser = subparsers.add_parser(
        "certificate",
        help="judge a finished run by its ledger: a page with plots, and JSON",
        description="Makes the timing certificate of a finished run: a page with plots, and JSON. "
        "Exit code 0 if the run keeps to its limits, 1 if not, 2 if a file is of no "
        "use.",
    )
    parser.add_argument("ledger", type=Path, help="the run's ledger, ..._neon_events.jsonl")
    parser.add_argument(
        "--frames",
        type=Path,
        metavar="FILE",
        help="the run's frame log, ..._neon_frames.tsv (default: the one beside the ledger)",
    )
    parser.add_argument(
        "--limits", type=Path, metavar="FILE", help="limits by name in a JSON file (see the docs)"
    )
    parser.add_argument("--wifi", action="store_true", help="limits for a shared network")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FOLDER", help="default: the folder of the ledger"
    )
    for option, (_, help_text) in LIMIT_OPTIONS.items():
        parser.add_argument(
            f"--{option.replace('_', '-')}", type=float, metavar="X", help=help_text
        )


def run(args: argparse.Namespace) -> int:
    """Write both files, and print the verdict; what is of no use is said in one line."""
    from psychopy_neon.exceptions import UsageError

    try:
        certificate = _certificate(args)
        page = _write(certificate, args)
    except (UsageError, OSError) as error:
        print(f"psychopy-neon: {_in_words(error)}", file=sys.stderr)
        return BAD_INPUT
    print("PASS" if certificate.passed else "FAIL", certificate.verdict)
    print(page)
    return PASSED if certificate.passed else FAILED


def _certificate(args: argparse.Namespace) -> Certificate:
    from psychopy_neon.certificate import assemble
    from psychopy_neon.ledger.reader import read_sessions

    limits, frame_log = _limits(args), args.frames or _beside(args.ledger)
    sessions, frames = read_sessions(args.ledger), _frames(frame_log)
    files = {path.name: _digest(path) for path in (args.ledger, frame_log) if path is not None}
    return assemble(sessions, frames, limits, files=files)


def _beside(ledger: Path) -> Path | None:
    from psychopy_neon.certificate import frame_log_name

    path = ledger.with_name(frame_log_name(ledger.name))
    return path if path.is_file() else None


def _frames(path: Path | None) -> list[Frame] | None:
    from psychopy_neon.certificate import read_frames
    from psychopy_neon.exceptions import UsageError

    if path is None:
        return None
    try:
        return read_frames(path.read_text("utf-8"))
    except (UsageError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} cannot be used: {error}; give the run's own with --frames, or move this one "
            "away"
        ) from error


def _limits(args: argparse.Namespace) -> Limits:
    from dataclasses import asdict

    from psychopy_neon.certificate import Limits

    values = asdict(Limits.wifi()) if args.wifi else {}
    if args.limits is not None:
        values |= _json_object(args.limits)
    for option, (name, _) in LIMIT_OPTIONS.items():
        value = getattr(args, option)
        if value is not None:
            values[name] = value
    return Limits.from_values(values)


def _json_object(path: Path) -> dict[str, Any]:
    import json

    from psychopy_neon.exceptions import UsageError

    try:
        content = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise UsageError(f"{path} is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise UsageError(f'{path} holds no limits; expected e.g. {{"max_event_bound_ms": 1}}')
    return content


def _write(certificate: Certificate, args: argparse.Namespace) -> Path:
    from psychopy_neon.certificate import certificate_stem, to_html, to_json
    from psychopy_neon.exceptions import UsageError

    folder: Path = args.output or args.ledger.parent
    page = folder / f"{certificate_stem(args.ledger.name)}.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        page.write_text(to_html(certificate), "utf-8")
        page.with_suffix(".json").write_text(to_json(certificate), "utf-8")
    except OSError as error:
        raise UsageError(
            f"{error.filename} cannot be written ({error.strerror}); choose a folder with -o"
        ) from error
    return page


def _digest(path: Path) -> str:
    from hashlib import sha256

    return sha256(path.read_bytes()).hexdigest()


def _in_words(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}; give a file that can be read"
    return " ".join(str(error).split())
