"""Pages of tags: true sizes, in the files as well, and tags that are found in the printed page."""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.detector import DetectedMarkers, MarkerDetector
from psychopy_neon.screen.printed_tags import PrintedTags
from psychopy_neon.screen.sheet_files import sheet_as_svg, sheets_as_pdf
from psychopy_neon.screen.tag_sheet import PAPERS_MM, TagSheet, tag_sheets

PX_PER_MM = 8
POINT_MM = 25.4 / 72


def sheets_of(side_mm: float, paper: str = "a4", **layout: int) -> tuple[TagSheet, ...]:
    return tag_sheets(PrintedTags.around_screen((531, 299), side_mm, **layout).tags, paper)


def painted(rectangles: Any, size_mm: tuple[float, float]) -> Any:
    picture = np.full([round(length * PX_PER_MM) for length in size_mm[::-1]], 255, np.uint8)
    for left, top, width, height in rectangles:
        x0, y0, x1, y1 = (
            round(edge * PX_PER_MM) for edge in (left, top, left + width, top + height)
        )
        picture[y0:y1, x0:x1] = 0
    return picture


def found_in(picture: Any) -> DetectedMarkers:
    return MarkerDetector(range(100, 130)).detect(picture)


def pdf_rectangles(pdf: bytes, height_mm: float) -> Any:
    """Of the first page, mm, y down."""
    content = pdf.split(b"stream\n")[1].decode("cp1252")
    scale = float(content.split()[0]) * POINT_MM
    rows = re.findall(r"^([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re$", content, re.MULTILINE)
    for left, bottom, width, height in np.array(rows, float) * scale:
        yield left, height_mm - bottom - height, width, height


def test_every_tag_is_found_upright_in_its_true_size() -> None:
    (sheet,) = sheets_of(25)
    found = found_in(painted(sheet.rectangles, sheet.size_mm))
    assert found.ids.tolist() == list(range(100, 108))
    top_left, top_right, _, bottom_left = found.corners_px.transpose(1, 0, 2)
    side_px = 25 * PX_PER_MM
    assert top_right - top_left == pytest.approx(np.tile((side_px, 0), (8, 1)), abs=0.5)
    assert bottom_left - top_left == pytest.approx(np.tile((0, side_px), (8, 1)), abs=0.5)


def test_pdf_has_the_page_and_the_tags_in_true_size() -> None:
    sheets = sheets_of(25)
    pdf = sheets_as_pdf(sheets)
    width, height = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf).groups()  # type: ignore[union-attr]
    assert float(width) * POINT_MM == pytest.approx(210, abs=0.01)
    assert float(height) * POINT_MM == pytest.approx(297, abs=0.01)
    assert b"/PrintScaling /None" in pdf
    shown = np.array(list(pdf_rectangles(pdf, 297.0)))
    assert shown == pytest.approx(np.array(sheets[0].rectangles), abs=0.001)


def test_pdf_tells_where_its_objects_begin() -> None:
    pdf = sheets_as_pdf(sheets_of(50))
    start = int(pdf.rsplit(b"startxref\n", 1)[1].split()[0])
    assert pdf[start:].startswith(b"xref\n")
    offsets = [int(line[:10]) for line in pdf[start:].split(b"\n")[3:] if line.endswith(b" n ")]
    for number, offset in enumerate(offsets, start=1):
        assert pdf[offset:].startswith(f"{number} 0 obj\n".encode())
    for length, content in re.findall(rb"/Length (\d+) >>\nstream\n(.*?)\nendstream", pdf, re.S):
        assert int(length) == len(content)
    assert pdf.count(b"/Type /Page ") == len(sheets_of(50)) == 2


def test_pdf_is_drawn_by_another_program_with_all_tags_found(tmp_path: Path) -> None:
    draw = shutil.which("pdftoppm")
    if draw is None:
        pytest.skip("pdftoppm is not installed")
    (tmp_path / "page.pdf").write_bytes(sheets_as_pdf(sheets_of(25)))
    command = [draw, "-r", "203.2", "-gray", "-singlefile", "page.pdf", "page"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60, check=True)
    assert run.stderr == b""
    picture = cv2.imread(str(tmp_path / "page.pgm"), cv2.IMREAD_GRAYSCALE)
    found = found_in(picture)
    assert found.ids.tolist() == list(range(100, 108))
    sides = np.linalg.norm(found.corners_px[:, 1] - found.corners_px[:, 0], axis=1)
    assert sides == pytest.approx(np.full(8, 25 * PX_PER_MM), abs=0.5)


def test_svg_is_well_formed_and_in_millimetres() -> None:
    (sheet,) = sheets_of(25)
    root = ElementTree.fromstring(sheet_as_svg(sheet))
    assert (root.get("width"), root.get("height")) == ("210mm", "297mm")
    assert root.get("viewBox") == "0 0 210 297"
    black = root.findall("{*}path")[0].get("d")
    assert black is not None
    parts = re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)h-[\d.]+z", black)
    assert np.array(parts, float) == pytest.approx(np.array(sheet.rectangles), abs=0.001)
    words = [text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "100 top left" in words and any("100 %" in text for text in words)


@pytest.mark.parametrize("paper", PAPERS_MM)
@pytest.mark.parametrize("side_mm", [8, 25, 80])
def test_everything_stays_on_the_page_and_apart(paper: str, side_mm: float) -> None:
    sheets = sheets_of(side_mm, paper, columns=4, rows=4)
    for sheet in sheets:
        black = np.array(sheet.rectangles)
        assert black[:, :2].min() >= 10
        assert ((black[:, :2] + black[:, 2:]).max(axis=0) <= np.array(sheet.size_mm) - 10).all()
        ruler = [line for line in sheet.lines if not line.dashed]
        assert max(line.x1 for line in ruler) - min(line.x0 for line in ruler) == 100
        assert black[:, 1].max() + black[0, 3] < min(line.y0 for line in ruler)
    found = [found_in(painted(sheet.rectangles, sheet.size_mm)).ids.tolist() for sheet in sheets]
    assert sorted(tag_id for ids in found for tag_id in ids) == list(range(100, 112))


def test_a_tag_larger_than_the_paper_is_refused_with_the_largest_size() -> None:
    with pytest.raises(UsageError, match="its largest is 148 mm"):
        sheets_of(160)
    assert len(sheets_of(148)) == 8


def test_unknown_paper_is_refused() -> None:
    with pytest.raises(UsageError, match="choose a4 or letter"):
        sheets_of(25, "a5")
