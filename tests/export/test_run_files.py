"""Which files belong to a run, and what somebody reads who gave others."""

from __future__ import annotations

from pathlib import Path

import pytest

from psychopy_neon.cli.main import main
from psychopy_neon.exceptions import UsageError
from psychopy_neon.export import BidsName, Screen, find_run, read_run


def test_a_folder_without_a_data_file_is_told_where_to_switch_it_on(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Save hdf5 file"):
        find_run(tmp_path)


def test_a_folder_of_several_runs_names_them(tmp_path: Path) -> None:
    for name in ("p01", "p02"):
        (tmp_path / f"{name}.hdf5").touch()
    with pytest.raises(UsageError, match=r"p01\.hdf5, p02\.hdf5: name one of them"):
        find_run(tmp_path)


def test_the_longest_name_that_fits_is_the_runs(tmp_path: Path) -> None:
    for name in ("p1", "p1_b"):
        (tmp_path / f"{name}.hdf5").touch()
    assert find_run(tmp_path / "p1_b_neon_events.jsonl").hdf5.stem == "p1_b"
    assert find_run(tmp_path / "p1_neon_events.jsonl").hdf5.stem == "p1"


def test_a_longer_number_is_another_run(tmp_path: Path) -> None:
    (tmp_path / "p1.hdf5").touch()
    with pytest.raises(UsageError, match=r"no HDF5 file beside .*p10\.csv"):
        find_run(tmp_path / "p10.csv")


def test_files_that_are_missing_are_none(tmp_path: Path) -> None:
    (tmp_path / "p1.hdf5").touch()
    files = find_run(tmp_path)
    assert files.journal is None and files.trials is None


def test_a_file_that_is_not_iohubs_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "p1.hdf5").write_bytes(b"no data")
    with pytest.raises(UsageError, match="cannot be read as an HDF5 file of ioHub"):
        read_run(tmp_path)
    assert main(["export", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_bids_needs_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(tmp_path), "--bids", str(tmp_path / "bids")]) == 2
    assert "--bids needs --sub and --task" in capsys.readouterr().err


@pytest.mark.parametrize(
    "labels", [("", "x"), ("01", ""), ("0_1", "x"), ("01", "visual search"), ("01", "x", "s-1")]
)
def test_labels_that_bids_does_not_allow_are_refused(labels: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="letters and digits"):
        BidsName(*labels)


@pytest.mark.parametrize(
    "wrong",
    [
        {"size_px": (0, 1080)},
        {"size_m": (0.5, -1.0)},
        {"distance_m": float("inf")},
        {"distance_m": 0.0},
    ],
)
def test_a_screen_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="no length of a screen"):
        Screen(**wrong)  # type: ignore[arg-type]
