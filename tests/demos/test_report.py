"""The report notices what went wrong: files of a good run, each time with one thing spoilt."""

from __future__ import annotations

import csv
import dataclasses
import json
import math
import shutil
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

WINDOW_PX = (1280, 720)
MM_PER_PX = 531.0 / 1280
TRIALS = 8

Lines = list[dict[str, Any]]


@pytest.fixture(scope="session")
def reporting() -> Any:
    """The module under test, with what it imports later."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in ("psychopy.clock", "tables"):
            import_module(name)
    return import_module("psychopy_neon.demos.report")


@pytest.fixture
def files(demo_run: Any, reporting: Any, tmp_path: Path) -> Any:
    """Copies of what the demo left, to be spoilt."""
    saved = json.loads((demo_run.folder / "report.json").read_text(encoding="utf-8"))["files"]
    copies = {name: tmp_path / f"{name}{Path(path).suffix}" for name, path in saved.items()}
    for name, path in saved.items():
        shutil.copy(path, copies[name])
    return reporting.RunFiles(**copies)


@pytest.fixture
def make(reporting: Any, files: Any) -> Callable[[], Any]:
    """Make the report of `files` as they are now."""
    return lambda: reporting.make_report(files, WINDOW_PX, MM_PER_PX)


def _change(path: Path, change: Callable[[Lines], Lines]) -> None:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    text = "".join(json.dumps(line) + "\n" for line in change(lines))
    path.write_text(text, encoding="utf-8")


def _first_event(lines: Lines) -> dict[str, Any]:
    return next(line for line in lines if line["kind"] == "event")


def _without_first_event(lines: Lines) -> Lines:
    return [line for line in lines if line is not _first_event(lines)]


def _discarded_first_event(lines: Lines) -> Lines:
    _first_event(lines)["recording_id"] = None
    return lines


def _first_event_at_another_time(lines: Lines) -> Lines:
    _first_event(lines)["timestamp_ns"] += 1
    return lines


def _without_first_confirmation(lines: Lines) -> Lines:
    return [line for line in lines if (line["kind"], line.get("number")) != ("confirmed", 1)]


def test_a_good_run_passes(make: Callable[[], Any]) -> None:
    report = make()
    assert report.passed
    assert (report.events_sent, report.events_confirmed) == (TRIALS, TRIALS)


@pytest.mark.parametrize(
    ("spoilt", "change"),
    [
        ("truth", _without_first_event),
        ("truth", _discarded_first_event),
        ("truth", _first_event_at_another_time),
        ("journal", _without_first_confirmation),
    ],
    ids=["never arrived", "discarded", "stored with another time", "not confirmed to us"],
)
def test_an_event_that_the_phone_lacks_is_missing(
    files: Any, make: Callable[[], Any], reporting: Any, spoilt: str, change: Any
) -> None:
    journal = files.journal.read_text(encoding="utf-8").splitlines()
    name = _first_event([json.loads(line) for line in journal])["name"]
    _change(getattr(files, spoilt), change)
    report = make()
    assert not report.passed
    assert report.events_missing == [name]
    assert report.events_confirmed == TRIALS - 1
    assert f"MISSING EVENT    {name}" in reporting.format_report(report, files)


def test_a_run_without_events_does_not_pass(files: Any, make: Callable[[], Any]) -> None:
    _change(files.journal, lambda lines: [line for line in lines if line["kind"] == "stream"])
    report = make()
    assert not report.passed
    assert report.events_sent == 0


def test_an_event_stamped_a_second_late_is_beyond_its_bound(
    files: Any, make: Callable[[], Any]
) -> None:
    _edit_csv(files.csv, "onset.flip_raw_s", lambda value: repr(float(value) - 1.0))
    report = make()
    assert report.events_beyond_bound == 1
    assert report.event_error_worst_ms == pytest.approx(1000, abs=50)


def test_an_event_without_a_flip_time_is_a_problem(files: Any, make: Callable[[], Any]) -> None:
    _edit_csv(files.csv, "onset.flip_raw_s", lambda value: "")
    report = make()
    assert not report.passed
    assert report.problems == [f"only {TRIALS - 1} of {TRIALS} events have a flip time"]


def test_wrong_gaze_shows_as_an_angle(files: Any, make: Callable[[], Any]) -> None:
    def shift(lines: Lines) -> Lines:
        for line in lines:
            if line["kind"] == "gaze":
                line["screen_x"] += 0.1  # of half a window's width
        return lines

    before = make()
    _change(files.truth, shift)
    expected_deg = math.degrees(math.atan(0.1 * 640 * MM_PER_PX / 600))
    assert before.screen_error_median_deg < 0.5
    assert make().screen_error_median_deg == pytest.approx(expected_deg, abs=0.5)


def test_gaze_that_nobody_had_is_a_problem(files: Any, make: Callable[[], Any]) -> None:
    _change(files.truth, lambda lines: [line for line in lines if line["kind"] != "gaze"])
    report = make()
    assert not report.passed
    assert any("have a truth" in problem for problem in report.problems)


def test_a_data_file_without_samples_is_a_problem(files: Any, make: Callable[[], Any]) -> None:
    import tables

    with tables.open_file(str(files.hdf5), "a") as file:
        file.root.data_collection.events.eyetracker.BinocularEyeSampleEvent.remove_rows()
    report = make()
    assert not report.passed
    assert report.problems == ["the HDF5 file holds no gaze samples"]


def test_a_journal_that_was_not_closed_is_a_problem(files: Any, make: Callable[[], Any]) -> None:
    _change(files.journal, lambda lines: [line for line in lines if line["kind"] != "stream"])
    report = make()
    assert not report.passed
    assert any("journal" in problem for problem in report.problems)


def test_a_missing_screenshot_is_a_problem(
    files: Any, make: Callable[[], Any], reporting: Any
) -> None:
    files.screenshot.unlink()
    report = make()
    assert not report.passed
    assert "PROBLEM          no screenshot" in reporting.format_report(report, files)


def test_a_report_without_numbers_is_saved_as_proper_json(
    reporting: Any, files: Any, tmp_path: Path
) -> None:
    path = tmp_path / "empty.json"
    reporting.save_report(reporting.Report(), files, path)
    content = json.loads(path.read_text(encoding="utf-8"), parse_constant=_not_json)
    assert content["passed"] is False
    assert content["event_error_worst_ms"] is None
    assert content["files"] == {n: str(p) for n, p in dataclasses.asdict(files).items()}


def _not_json(text: str) -> None:
    raise AssertionError(f"{text} is not JSON")


def _edit_csv(path: Path, column: str, change: Callable[[str], str]) -> None:
    """Change the first value in a column."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    row = next(row for row in rows if row[column])
    row[column] = change(row[column])
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


# -- the exit code --------------------------------------------------------------------------------


@pytest.fixture
def run_demo(
    reporting: Any, demo_run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str]]:
    """`run_demo`, with an experiment that ends as told and leaves the files of the good run."""
    from psychopy_neon.demos import gaze_contingent

    def run(code: int | None, spoil: Callable[[Path], object] | None = None) -> tuple[int, str]:
        def leave_files(folder: Path, *_: object) -> int | None:
            shutil.copytree(demo_run.folder, folder, dirs_exist_ok=True)
            (folder / "report.json").unlink()
            if spoil is not None:
                spoil(folder)
            return code

        said: list[str] = []
        monkeypatch.setattr(gaze_contingent, "export_experiment", lambda psyexp, *_: psyexp)
        monkeypatch.setattr(gaze_contingent, "_run", leave_files)
        return gaze_contingent.run_demo(tmp_path / "out", said.append), "\n".join(said)

    return run


def test_a_good_run_ends_with_code_0(run_demo: Callable[..., tuple[int, str]]) -> None:
    code, said = run_demo(0)
    assert code == 0, said
    assert "every event arrived" in said


def test_a_missing_event_ends_with_code_1(run_demo: Callable[..., tuple[int, str]]) -> None:
    code, said = run_demo(0, lambda folder: _change(folder / "truth.jsonl", _without_first_event))
    assert code == 1
    assert "MISSING EVENT" in said and "FAILED" in said
    assert "every event arrived" not in said


@pytest.mark.parametrize(("ending", "words"), [(3, "ended with code 3"), (None, "did not end")])
def test_an_experiment_that_fails_ends_with_code_1(
    run_demo: Callable[..., tuple[int, str]], ending: int | None, words: str
) -> None:
    code, said = run_demo(ending)
    assert code == 1
    assert words in said and "experiment.log" in said
