from __future__ import annotations

from pathlib import Path

import pytest

from psychopy_neon.cli.main import main
from psychopy_neon.screen.printed_tags import PrintedTags


def test_pages_and_places_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pdf, layout = tmp_path / "tags.pdf", tmp_path / "tags.json"
    given = ["markers", "--distance-m", "1.2", "--out", str(pdf), "--svg", "--layout", str(layout)]
    assert main([*given, "--screen-mm", "600x340", "--paper", "letter"]) == 0
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert {path.name for path in tmp_path.glob("*.svg")} == {"tags-1.svg", "tags-2.svg"}
    printed = PrintedTags.from_json(layout.read_text("utf-8"))
    assert printed.screen_mm == (600.0, 340.0)
    assert {tag.side_mm for tag in printed.tags} == {50.0}
    assert "8 markers, 100 to 107, 50 mm: print at 100 %." in capsys.readouterr().out


def test_measured_places_are_never_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layout = tmp_path / "tags.json"
    layout.write_text("measured", "utf-8")
    out = str(tmp_path / "tags.pdf")
    assert main(["markers", "--out", out, "--layout", str(layout)]) == 1
    assert "choose another name" in capsys.readouterr().err
    assert layout.read_text("utf-8") == "measured"


def test_markers_that_are_too_small_for_the_distance_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["markers", "--out", str(tmp_path / "tags.pdf")]
    assert main([*given, "--side-mm", "10", "--distance-m", "1.2"]) == 0
    assert "10 mm are little for 1.2 m: 50 mm" in capsys.readouterr().out
    assert main([*given, "--side-mm", "45", "--distance-m", "1.2"]) == 0
    assert "are little" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--distance-m", "60"], "between 0.2 and 10 m"),
        (["--side-mm", "500"], "does not fit"),
        (["--side-mm", "-5"], "larger than 0 mm"),
        (["--first-id", "-1"], "does not exist"),
        (["--out", "no/such/folder/tags.pdf"], "cannot be written"),
    ],
)
def test_impossible_wishes_are_one_clear_line(
    given: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["markers", "--out", str(tmp_path / "tags.pdf"), *given]
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert words in error and error.count("\n") == 1


def test_markers_that_are_too_large_leave_no_layout_in_the_way(tmp_path: Path) -> None:
    pdf, layout = tmp_path / "tags.pdf", tmp_path / "tags.json"
    command = ["markers", "--out", str(pdf), "--layout", str(layout), "--side-mm"]
    assert [main([*command, side]) for side in ("300", "30")] == [1, 0]
    assert PrintedTags.from_json(layout.read_text("utf-8")).tags[0].side_mm == 30
