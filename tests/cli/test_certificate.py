"""``psychopy-neon certificate``: files, exit codes, and one sentence for what is of no use."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psychopy_neon.cli.main import main

SECOND_NS = 1_000_000_000
ZERO_NS = 100 * SECOND_NS
DEVICE_NS = 1_790_000_000 * SECOND_NS
HEADER = "flip_experiment_s\tinterval_s\tgaze_age_s\tgaze_valid\n"
FRAMES = f"{HEADER}1.0\t\t0.02\t1\n1.1\t0.1\t0.02\t1\n"

Run = Callable[..., int]


def _lines(seconds: int, states: dict[int, str]) -> list[dict[str, Any]]:
    """A session with one event and some probes of a perfect link each second."""
    pair = {"host_ns": ZERO_NS, "experiment_s": 0.0, "half_gap_ns": 0}
    lines: list[dict[str, Any]] = [{"kind": "session", "version": 1, "utc": "", **pair}]
    for number in range(1, seconds + 1):
        host_ns = ZERO_NS + number * SECOND_NS
        device_ns = DEVICE_NS + number * SECOND_NS
        when = {"host_ns": host_ns, "experiment_s": float(number)}
        dated = {"number": number, "device_ns": device_ns, "bound_ns": 400_000}
        lines.append({"kind": "event", "number": number, "name": "x", **when})
        lines.append({"kind": states.get(number, "confirmed"), "tries": 1, **dated})
        for part_ns in range(0, SECOND_NS, 10_100_000):
            sent_ns = host_ns + part_ns
            probe = {"sent_host_ns": sent_ns, "received_host_ns": sent_ns + 200_000}
            device_ms = (device_ns + part_ns + 100_000) // 1_000_000
            lines.append({"kind": "probe", "device_ms": device_ms, **probe})
    return [*lines, {"kind": "closed", "host_ns": ZERO_NS}]


@pytest.fixture
def ledger(tmp_path: Path) -> Callable[..., Path]:
    """Factory of a ledger in a folder of its own; give the states of events not confirmed."""

    def make(seconds: int = 3, **states: str) -> Path:
        path = tmp_path / "data" / "p01_neon_events.jsonl"
        path.parent.mkdir()
        by_number = {int(name.removeprefix("event")): state for name, state in states.items()}
        lines = map(json.dumps, _lines(seconds, by_number))
        path.write_text("\n".join(lines) + "\n", "utf-8")
        return path

    return make


def test_a_run_within_its_limits_ends_with_0_and_two_files_beside_the_journal(
    ledger: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = ledger()
    assert main(["certificate", str(path)]) == 0
    page = path.parent / "p01_neon_timing.html"
    assert capsys.readouterr().out.splitlines() == [
        "PASS All 3 events confirmed; every event's time is within 0.40 ms.",
        str(page),
    ]
    assert "<strong>PASS</strong>" in page.read_text("utf-8")
    content = json.loads(page.with_suffix(".json").read_text("utf-8"))
    assert content["passed"] is True
    assert list(content["files"]) == [path.name] and len(content["files"][path.name]) == 64


def test_a_run_beyond_its_limits_ends_with_1(
    ledger: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["certificate", str(ledger(event2="discarded"))]) == 1
    assert capsys.readouterr().out.startswith("FAIL 2 of 3 events confirmed; ")


def test_the_folder_for_the_files_is_made(ledger: Callable[..., Path], tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    assert main(["certificate", str(ledger()), "-o", str(folder)]) == 0
    assert {file.name for file in folder.iterdir()} == {
        "p01_neon_timing.html",
        "p01_neon_timing.json",
    }


def test_an_option_goes_before_the_file_of_limits_and_that_before_the_defaults(
    ledger: Callable[..., Path], tmp_path: Path
) -> None:
    path, limits = str(ledger()), tmp_path / "limits.json"
    limits.write_text('{"max_event_bound_ms": 0.1}', "utf-8")
    assert main(["certificate", path]) == 0
    assert main(["certificate", path, "--limits", str(limits)]) == 1
    assert main(["certificate", path, "--limits", str(limits), "--max-bound-ms", "0.5"]) == 0
    assert main(["certificate", path, "--wifi", "--max-bound-ms", "0.1"]) == 1


def test_the_frame_log_is_judged_too(ledger: Callable[..., Path], tmp_path: Path) -> None:
    path, frames = ledger(), tmp_path / "frames.tsv"
    frames.write_text(FRAMES, "utf-8")
    command = ["certificate", str(path), "--frames", str(frames)]
    assert main(command) == 0
    assert main([*command, "--max-gaze-age-ms", "10"]) == 1


def test_the_frame_log_beside_the_journal_is_found(ledger: Callable[..., Path]) -> None:
    path = ledger()
    path.with_name("p01_neon_frames.tsv").write_text(FRAMES, "utf-8")
    assert main(["certificate", str(path)]) == 0
    content = json.loads(path.with_name("p01_neon_timing.json").read_text("utf-8"))
    assert content["frames"]["flips"] == 2
    assert list(content["files"]) == [path.name, "p01_neon_frames.tsv"]


def test_an_empty_frame_log_is_told_and_the_run_is_judged(ledger: Callable[..., Path]) -> None:
    """Such as one whose disk was full, or whose program was killed at once."""
    path = ledger()
    path.with_name("p01_neon_frames.tsv").write_text("", "utf-8")
    assert main(["certificate", str(path)]) == 0
    content = json.loads(path.with_name("p01_neon_timing.json").read_text("utf-8"))
    assert "The frame log is empty: nothing is known of the flips." in content["notes"]
    assert "p01_neon_frames.tsv" in content["files"]


@pytest.mark.parametrize("content", [b"a,b\n", b"\xff\xfe"])
def test_a_frame_log_beside_the_journal_that_is_none_is_named(
    ledger: Callable[..., Path], capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    path = ledger()
    frames = path.with_name("p01_neon_frames.tsv")
    frames.write_bytes(content)
    assert main(["certificate", str(path)]) == 2
    said = capsys.readouterr().err
    assert str(frames) in said and "move this one away" in said and said.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "content", "options", "said"),
    [
        ("p.jsonl", "", [], "is not a ledger"),
        ("p.jsonl", "hello\n", [], "is not a ledger"),
        ("p.jsonl", None, [], "No such file"),
        ("f.tsv", "a,b\n1,2\n", ["--frames"], "not a frame log"),
        ("f.tsv", None, ["--frames"], "No such file"),
        ("l.json", "{", ["--limits"], "is not JSON"),
        ("l.json", "[1]", ["--limits"], "holds no limits"),
        ("l.json", '{"max_bound": 1}', ["--limits"], "there is no limit 'max_bound'"),
    ],
)
def test_a_file_of_no_use_ends_with_2_and_one_sentence(
    ledger: Callable[..., Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: str | None,
    options: list[str],
    said: str,
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_text(content, "utf-8")
    arguments = [str(ledger()), *options, str(file)] if options else [str(file)]
    assert main(["certificate", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err and len(printed.err.splitlines()) == 1


def test_a_limit_of_no_use_ends_with_2(
    ledger: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["certificate", str(ledger()), "--min-confirmed", "7"]) == 2
    assert "min_confirmed_share is 7.0; expected a share, 0 to 1" in capsys.readouterr().err


def test_an_output_that_cannot_be_written_ends_with_2(
    ledger: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocking = tmp_path / "file"
    blocking.write_text("", "utf-8")
    assert main(["certificate", str(ledger()), "-o", str(blocking)]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(f"psychopy-neon: {blocking} cannot be written (")
