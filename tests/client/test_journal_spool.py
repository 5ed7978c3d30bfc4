"""The journal's spool: quick for who sends an event, and whole whatever happens."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from psychopy_neon.client.journal import SLOTS, Journal
from psychopy_neon.ledger import read_sessions
from psychopy_neon.ledger.remains import spools_beside
from psychopy_neon.transport import event_slots

RUN_THAT_IS_KILLED = """
import os, signal, sys
from psychopy_neon.client.journal import Journal
journal = Journal(sys.argv[1], has_spool=True)
journal.write("session", host_ns=int(sys.argv[2]), experiment_s=0.0)
for number in range(1, 301):
    journal.put_event(number, f"event {number}", number, number / 7)
    if number == 100:
        journal.write("dated", number=100, device_ns=5, bound_ns=1)
os.kill(os.getpid(), signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
"""


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]


def numbers_in(path: Path) -> list[int]:
    return [line["number"] for line in lines_of(path) if line["kind"] == "event"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run [1].jsonl"


@pytest.fixture
def journal(path: Path):
    made = Journal(path, has_spool=True)
    made.write("session", host_ns=1_000, experiment_s=0.0)
    yield made
    made.close()


@pytest.fixture
def killed(path: Path):
    """Run a program that is killed with 200 of its 300 events in the spool only."""

    def run(session_ns: int = 1_000) -> Path:
        command = [sys.executable, "-c", RUN_THAT_IS_KILLED, str(path), str(session_ns)]
        subprocess.run(command, timeout=60, check=False)
        return path

    return run


def test_after_a_kill_the_ledger_has_all_events_though_not_all_are_in_the_file(killed):
    path = killed()
    assert numbers_in(path) == [*range(1, 101)]
    (session,) = read_sessions(path)
    assert [event.number for event in session.events] == [*range(1, 301)]
    assert [event.experiment_s for event in session.events] == [n / 7 for n in range(1, 301)]
    assert (session.events[99].device_ns, session.unreadable) == (5, 0)


def test_the_next_start_writes_them_to_the_file_once_and_in_order(killed):
    path = killed()
    Journal(path).close()
    assert numbers_in(path) == [*range(1, 301)]
    assert spools_beside(path) == []
    Journal(path).close()
    assert numbers_in(path) == [*range(1, 301)]


def test_a_line_that_the_kill_has_cut_short_does_not_swallow_them(killed):
    path = killed()
    with path.open("ab") as file:
        file.write(b'{"kind": "event", "number": 101, "na')
    Journal(path).close()
    (session,) = read_sessions(path)
    assert [event.number for event in session.events] == [*range(1, 301)]
    assert session.unreadable == 1


def test_every_run_has_its_own_events(killed):
    path = killed(1_000)
    killed(2_000)
    first, second = read_sessions(path)
    assert (first.head.host_ns, second.head.host_ns) == (1_000, 2_000)
    assert [len(session.events) for session in (first, second)] == [300, 300]


def test_a_run_that_goes_on_keeps_its_spool(path, journal):
    assert journal.put_event(1, "first", 5, 0.5)
    other = Journal(path)
    other.close()
    assert len(spools_beside(path)) == 1
    assert journal.put_event(2, "second", 6, 0.6)
    assert numbers_in(path) == []
    (session,) = read_sessions(path)
    assert [event.name for event in session.events] == ["first", "second"]
    journal.close()
    assert numbers_in(path) == [1, 2] and spools_beside(path) == []


def test_another_line_comes_after_the_events_before_it(path, journal):
    journal.put_event(1, "a", 5, 0.5)
    journal.write("dated", number=1, device_ns=7, bound_ns=1)
    journal.put_event(2, "b", 6, 0.6)
    journal.write_events()
    assert [line["kind"] for line in lines_of(path)[1:]] == ["event", "dated", "event"]


def test_events_of_every_kind_come_in_order(path, journal):
    sent = [
        ("plain", None, None),
        ("x" * 900, None, None),
        ("half \ud800", None, None),
        ('quote " \\ \0 é', {"trial": 7, "text": 'é"'}, 3),
        ("much", {"text": "y" * 3_000}, None),
        ("plain again", None, None),
    ]
    for number, (name, data, handed_over) in enumerate(sent, start=1):
        journal.write_event(number, name, 5 + number, 0.5, data, handed_over)
    journal.close()
    lines = lines_of(path)[1:]
    assert [(e["name"], e.get("data"), e.get("handed_over")) for e in lines] == sent
    assert [e["number"] for e in lines] == [*range(1, 7)]


@pytest.mark.parametrize("has_spool", [True, False])
def test_what_is_no_number_is_null_and_not_an_error_to_other_programs(path, has_spool):
    data = {"NaN": math.nan, "rest": [math.inf, -math.inf, 1.5], "text": 'NaN, "Infinity'}
    journal = Journal(path, has_spool=has_spool)
    journal.write("session", host_ns=1_000, experiment_s=0.0)
    journal.write_event(1, "Infinity \ud800", 5, 0.1, data, 3)
    journal.write("check", host_ns=6, outcome={"error_deg": math.nan})
    journal.close()

    def refuse(constant):
        raise ValueError(constant)

    lines = path.read_text("ascii").splitlines()
    event, check = (json.loads(line, parse_constant=refuse) for line in lines[1:])
    assert event == {
        **{"kind": "event", "number": 1, "name": "Infinity \ud800", "host_ns": 5},
        **{"experiment_s": 0.1, "handed_over": 3},
        "data": {"NaN": None, "rest": [None, None, 1.5], "text": 'NaN, "Infinity'},
    }
    assert check["outcome"] == {"error_deg": None}


def test_more_events_than_there_is_room_for_are_all_written(path, journal):
    for number in range(1, 2 * SLOTS):
        journal.write_event(number, f"{number}", number, 0.5, None)
    journal.close()
    assert numbers_in(path) == [*range(1, 2 * SLOTS)]


def test_where_files_cannot_be_locked_events_go_straight_to_the_journal(path, monkeypatch):
    monkeypatch.setattr(event_slots, "lock_alone", lambda file: False)
    journal = Journal(path, has_spool=True)
    assert not journal.put_event(1, "a", 5, 0.5)
    journal.write_event(1, "a", 5, 0.5, None)
    assert numbers_in(path) == [1] and spools_beside(path) == []
    journal.close()


class FullDisk:
    """Takes the beginning of what is written and no more."""

    def __init__(self, file, takes):
        self._file, self._takes = file, takes

    def write(self, data):
        taken, self._takes = data[: self._takes], max(0, self._takes - len(data))
        if not taken:
            raise OSError(28, "No space left on device")
        return self._file.write(taken)

    def close(self):
        self._file.close()


@pytest.mark.parametrize("takes", [0, 20, 150])
def test_a_full_disk_leaves_events_in_the_spool_until_there_is_room(path, journal, takes, caplog):
    for number in (1, 2):
        journal.put_event(number, f"event {number}", number, 0.5)
    file = journal._file
    journal._file = FullDisk(file, takes)
    journal.write_events()
    journal.write_events()
    assert len([r for r in caplog.records if "No space left" in r.getMessage()]) == 1
    (session,) = read_sessions(path)
    assert [event.number for event in session.events] == [1, 2]
    journal._file = file
    journal.put_event(3, "event 3", 3, 0.5)
    journal.close()
    (session,) = read_sessions(path)
    assert [event.number for event in session.events] == [1, 2, 3]
    assert spools_beside(path) == []


def test_a_disk_that_stays_full_keeps_the_spool(path, journal):
    journal.put_event(1, "kept", 1, 0.5)
    journal._file.close()
    journal._file = FullDisk(path.open("ab", buffering=0), 0)
    journal.close()
    (session,) = read_sessions(path)
    assert [event.name for event in session.events] == ["kept"]
    Journal(path).close()
    assert numbers_in(path) == [1]


def test_the_spool_of_another_journal_is_left_alone(killed):
    path = killed()
    other = path.with_suffix(".txt")
    journal = Journal(other)
    journal.write("session", host_ns=77, experiment_s=0.0)
    journal.close()
    Journal(other).close()
    assert read_sessions(other)[0].events == ()
    Journal(path).close()
    assert numbers_in(path) == [*range(1, 301)]


def test_a_spool_that_is_none_is_left_out(path, journal):
    path.with_name(f"{path.stem}.spool_9.bin").write_bytes(b"garbage" * 1_000)
    journal.put_event(1, "a", 1, 0.5)
    (session,) = read_sessions(path)
    assert [event.name for event in session.events] == ["a"]
