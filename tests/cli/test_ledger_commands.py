"""`psychopy-neon ledger` and `refit`: what they print, write and refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from psychopy_neon.cli.main import main

SECOND = 1_000_000_000
UNIX_NS = 1_795_000_000 * SECOND


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """Ten seconds of probes, one event that arrived and one that did not."""
    lines: list[dict[str, Any]] = [{"kind": "session", "phone_name": "lab", "host_ns": 0}]
    lines += [
        {
            "kind": "probe",
            "sent_host_ns": sent,
            "received_host_ns": sent + 200_000,
            "device_ms": (UNIX_NS + sent + 100_000) // 1_000_000,
        }
        for sent in range(0, 10 * SECOND, SECOND // 10 + 618_034)
    ]
    for number, name in ((1, "arrived"), (2, "lost")):
        event = {"number": number, "name": name, "host_ns": number * SECOND}
        lines.append({"kind": "event", "experiment_s": float(number), **event})
    times = {"device_ns": UNIX_NS + SECOND, "bound_ns": 500_000}
    lines.append({"kind": "confirmed", "number": 1, "recording_id": "r", **times})
    path = tmp_path / "run.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "events.csv").write_text(
        "recording id,timestamp [ns],name,type\n"
        f"r,{UNIX_NS},recording.begin,recording\n"
        f"r,{UNIX_NS + SECOND},arrived,recording\n"
        f"r,{UNIX_NS + 9 * SECOND},recording.end,recording\n"
    )
    return folder


def test_show_counts_the_events(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "show", str(ledger)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("session 1\n")
    assert "events: 1 of 2 confirmed, 1 pending" in printed


def test_repair_adds_and_says_so(
    ledger: Path, export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ledger", "repair", str(ledger), str(export)]) == 0
    printed = capsys.readouterr().out
    assert "1 events of the ledger were there already" in printed
    assert "1 were missing and are added" in printed and "2 'lost' at" in printed
    assert ",lost,ledger\n" in (export / "events.repaired.csv").read_text()


def test_repair_tells_which_events_have_no_time(
    ledger: Path, export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ledger.open("a") as file:
        for line in (
            {"kind": "session", "host_ns": 0},
            {"kind": "event", "number": 1, "name": "undated", "host_ns": 1, "experiment_s": 0.0},
        ):
            file.write(json.dumps(line) + "\n")
    assert main(["ledger", "repair", str(ledger), str(export)]) == 0
    assert capsys.readouterr().out.endswith(
        "1 events have no time on the phone's clock; they are not added:\n  1 'undated' (pending)\n"
    )


def test_refit_writes_beside_or_into_a_folder(
    ledger: Path, export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = str(export / "events.csv")
    assert main(["refit", str(ledger), "--gaze", events, "-o", str(tmp_path / "out")]) == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        *("run.refit.csv", "events.refit.csv"),
    }
    assert main(["refit", str(ledger)]) == 0
    assert (tmp_path / "run.refit.csv").is_file()
    printed = capsys.readouterr().out
    assert "drift" in printed and "2 events" in printed and "no steps" in printed


@pytest.mark.parametrize("command", [["ledger", "show"], ["refit"]])
def test_bad_input_is_one_sentence(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("hello\n")
    assert main([*command, str(path)]) == 1
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.count("\n") == 1
    assert "is not a ledger" in printed.err


def test_second_time_asks_before_it_overwrites(
    ledger: Path, export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repair = ["ledger", "repair", str(ledger), str(export)]
    assert [main(repair), main(repair), main([*repair, "--overwrite"])] == [0, 1, 0]
    assert "exists already" in capsys.readouterr().err
