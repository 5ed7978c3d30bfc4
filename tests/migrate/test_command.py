"""`psychopy-neon migrate`: what it prints, writes and refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from psychopy_neon.cli.main import main


@pytest.fixture
def experiment(writer: Any, tmp_path: Path) -> Path:
    """With one frame of tags."""
    path = tmp_path / "words.psyexp"
    tags = writer.component("AprilTagFrameComponent", "tags", contrast="0.5")
    path.write_bytes(writer.experiment(trial=[tags]))
    return path


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The one line on stderr of a command that fails."""
    assert main(["migrate", *map(str, arguments)]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("psychopy-neon: ")
    assert printed.err.count("\n") == 1
    return printed.err


def test_a_new_file_is_written_beside_the_old_one(
    experiment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = experiment.read_bytes()
    assert main(["migrate", str(experiment)]) == 0
    new = experiment.with_name("words_neon.psyexp")
    assert b"NeonMarkersComponent" in new.read_bytes()
    assert experiment.read_bytes() == before
    printed = capsys.readouterr().out
    assert "trial.tags: AprilTagFrame -> Neon Markers" in printed
    assert "contrast = '0.5'" in printed
    assert printed.endswith(f"wrote {new}\n")
    assert len(list(experiment.parent.iterdir())) == 2


def test_the_new_file_can_have_another_name(experiment: Path, tmp_path: Path) -> None:
    new = tmp_path / "ours.psyexp"
    assert main(["migrate", str(experiment), "-o", str(new)]) == 0
    assert new.exists()


def test_an_earlier_result_is_replaced_only_if_allowed(
    experiment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = experiment.with_name("words_neon.psyexp")
    new.write_text("mine")
    assert "exists already" in refused(capsys, experiment)
    assert new.read_text() == "mine"
    assert main(["migrate", str(experiment), "--overwrite"]) == 0
    assert b"NeonMarkersComponent" in new.read_bytes()


def test_the_experiment_itself_is_never_replaced(
    experiment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = experiment.read_bytes()
    again = experiment.parent / "." / experiment.name
    assert "itself" in refused(capsys, experiment, "-o", again, "--overwrite")
    assert experiment.read_bytes() == before


def test_a_file_without_the_makers_parts_says_so(
    writer: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mouse.psyexp"
    writer.settings["eyetracker"] = ("None", "str")
    path.write_bytes(writer.experiment(trial=[]))
    assert main(["migrate", str(path)]) == 0
    assert "nothing of the makers' plugin" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_missing_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "cannot be read (No such file" in refused(capsys, tmp_path / "no.psyexp")


def test_a_folder_is_no_experiment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "cannot be read" in refused(capsys, tmp_path)


def test_a_file_that_is_none_is_told_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.psyexp"
    path.write_text("<PsychoPy2experiment><Settings>")
    line = refused(capsys, path)
    assert f"{path}: it is not a PsychoPy experiment" in line
    assert list(tmp_path.iterdir()) == [path]


def test_a_huge_file_is_refused_unread(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "huge.psyexp"
    with path.open("wb") as file:
        file.truncate(10 * 1024**3)  # sparse
    assert "larger than 16 MB" in refused(capsys, path)


def test_a_folder_that_is_missing_is_told(
    experiment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = experiment.parent / "nowhere" / "new.psyexp"
    assert "cannot be written" in refused(capsys, experiment, "-o", target)
