"""``psychopy-neon markers``: tags on paper for the edge of a screen."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psychopy_neon.cli import argument_types
from psychopy_neon.exceptions import UsageError

if TYPE_CHECKING:
    from psychopy_neon.screen.printed_tags import PrintedTags


def add_parser(subparsers: Any) -> None:
    """Add the sub-command to the command line."""
    parser = subparsers.add_parser(
        "markers",
        help="print markers to glue around a screen, and a file that says where they are",
        description="Writes a PDF of markers to print in true size and to glue around a screen.",
    )
    parser.add_argument(
        "--distance-m",
        type=float,
        default=0.6,
        metavar="METRES",
        help="from the eyes to the screen; the markers get the size that is seen well from there "
        "(default: 0.6)",
    )
    parser.add_argument(
        "--side-mm", type=float, metavar="MM", help="side of the black squares, whatever distance"
    )
    parser.add_argument(
        "--columns", type=int, default=3, help="markers above and below (default: 3)"
    )
    parser.add_argument(
        "--rows", type=int, default=3, help="markers on each side, corners included (default: 3)"
    )
    parser.add_argument(
        "--first-id",
        type=int,
        default=100,
        metavar="ID",
        help="number of the first marker, 0 to 586; those that a window shows need others "
        "(default: 100)",
    )
    parser.add_argument("--paper", choices=("a4", "letter"), default="a4", help="default: a4")
    parser.add_argument(
        "-o",
        "--out",
        type=Path,
        default=Path("markers.pdf"),
        metavar="FILE",
        help="a PDF (default: markers.pdf)",
    )
    parser.add_argument("--svg", action="store_true", help="write an SVG of each page as well")
    parser.add_argument(
        "--layout",
        type=Path,
        metavar="FILE.json",
        help="also write where the markers should be; measure after gluing, correct the file, and "
        "give it to Neon Markers",
    )
    parser.add_argument(
        "--screen-mm",
        type=argument_types.millimetres,
        default=(531.0, 299.0),
        metavar="WxH",
        help="width and height of the screen's visible picture (default: 531x299, 24 inches)",
    )


def run(args: argparse.Namespace) -> int:
    """Write the pages, and where the markers are meant to be."""
    from psychopy_neon.screen.printed_tags import PrintedTags, side_for_distance
    from psychopy_neon.screen.sheet_files import sheet_as_svg, sheets_as_pdf
    from psychopy_neon.screen.tag_sheet import tag_sheets

    side_mm = side_for_distance(args.distance_m) if args.side_mm is None else args.side_mm
    printed = PrintedTags.around_screen(
        args.screen_mm, side_mm, columns=args.columns, rows=args.rows, first_id=args.first_id
    )
    sheets = tag_sheets(printed.tags, args.paper)
    if args.layout is not None:
        _write_layout(args.layout, printed)
    _write(args.out, sheets_as_pdf(sheets))
    if args.svg:
        for number, sheet in enumerate(sheets, start=1):
            part = "" if len(sheets) == 1 else f"-{number}"
            path = args.out.with_name(f"{args.out.stem}{part}.svg")
            _write(path, sheet_as_svg(sheet).encode("utf-8"))
    if (needed_mm := side_for_distance(args.distance_m)) > 1.5 * side_mm:
        print(
            f"{side_mm:g} mm are little for {args.distance_m:g} m: {needed_mm} mm are seen well "
            "from there, also while the head moves."
        )
    first, last = printed.ids[0], printed.ids[-1]
    print(f"{len(printed.tags)} markers, {first} to {last}, {side_mm:g} mm: print at 100 %.")
    return 0


def _write_layout(path: Path, printed: PrintedTags) -> None:
    """Never over a file in which somebody has written what was measured."""
    if path.exists():
        raise UsageError(f"{path} exists, perhaps with measured places: choose another name.")
    _write(path, printed.to_json().encode("utf-8"))


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error
    print(f"wrote {path}")
