"""Events in mapped slots: whole or not there, and kept until they are elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psychopy_neon.protocol.event_slot import (
    HEAD_BYTES,
    SLOT_BYTES,
    TEXT_BYTES,
    EventSlot,
    head,
    session_of,
    slots_in,
)
from psychopy_neon.transport.event_slots import RESERVE, EventSlots, allocate, make_slots
from psychopy_neon.transport.file_lock import lock_alone

COUNT = 128
ROOM = COUNT - RESERVE

names = st.text(min_size=1, max_size=60)
times = st.floats(allow_nan=False, allow_infinity=False)
events = st.lists(st.tuples(names, st.integers(-(2**63), 2**63 - 1), times), max_size=ROOM - 1)


def in_file(path: Path) -> list[EventSlot]:
    return slots_in(path.read_bytes())


def make(path: Path, count: int = COUNT) -> EventSlots:
    file = path.open("xb+", buffering=0)
    allocate(file, count)
    return EventSlots(file)


@pytest.fixture
def slots(tmp_path: Path) -> Iterator[EventSlots]:
    made = make_slots(tmp_path / "run.jsonl", "spool", COUNT)
    yield made
    made.close(delete=True)


@settings(max_examples=50, deadline=None)
@given(events)
def test_what_was_put_in_is_in_the_file_at_once(
    tmp_path_factory: pytest.TempPathFactory, sent: list[tuple[str, int, float]]
) -> None:
    slots = make(tmp_path_factory.mktemp("slots") / "x.bin")
    for number, (name, host_ns, seconds) in enumerate(sent, start=1):
        assert slots.put(number, name, host_ns, seconds, ', "data": {}')
    found = in_file(slots.path)
    slots.close(delete=True)
    assert found == [
        EventSlot(number, host_ns, seconds, name, ', "data": {}')
        for number, (name, host_ns, seconds) in enumerate(sent, start=1)
    ]


@pytest.mark.parametrize(
    ("name", "host_ns", "attached"),
    [
        ("x" * (TEXT_BYTES + 1), 1, ""),
        ("x", 1, "y" * TEXT_BYTES),
        ("half a character \ud800", 1, ""),
        ("beyond 64 bits", 2**63, ""),
    ],
    ids=["long name", "long data", "half a character", "late"],
)
def test_what_does_not_fit_is_refused_and_not_kept(
    slots: EventSlots, name: str, host_ns: int, attached: str
) -> None:
    assert not slots.put(1, name, host_ns, 0.0, attached)
    assert slots.take() == [] and in_file(slots.path) == []


def test_an_event_that_is_still_needed_is_not_pushed_out(slots: EventSlots) -> None:
    taken = sum(slots.put(number, "x", number, 0.0) for number in range(1, 3 * COUNT))
    assert taken == ROOM
    assert [slot.number for slot in in_file(slots.path)] == [*range(1, ROOM + 1)]


def test_room_that_is_released_is_used_again(slots: EventSlots) -> None:
    for number in range(1, 5 * COUNT):
        assert slots.put(number, "x", number, 0.0)
        assert [kept[0] for kept in slots.take()] == [number]
        slots.release(1)
    assert [slot.number for slot in in_file(slots.path)] == [*range(4 * COUNT, 5 * COUNT)]


def test_what_is_put_back_comes_first_again(slots: EventSlots) -> None:
    for number in (1, 2):
        slots.put(number, "x", 0, 0.0)
    taken = slots.take()
    slots.put(3, "x", 0, 0.0)
    slots.put_back(taken)
    assert [number for number, *_ in slots.take()] == [1, 2, 3]


@pytest.mark.parametrize("written", range(0, SLOT_BYTES, 37))
def test_a_slot_that_was_written_in_part_is_none(slots: EventSlots, written: int) -> None:
    """As after the end of the program amid a copy, also on top of an earlier event."""
    slots.put(1, "earlier", 7, 1.0)
    before = slots.path.read_bytes()
    slots.put(1 + COUNT - RESERVE - 1, "y" * 400, 8, 2.0)
    place = HEAD_BYTES + (COUNT - RESERVE) * SLOT_BYTES
    whole = slots.path.read_bytes()[place : place + SLOT_BYTES]
    for earlier in (bytes(SLOT_BYTES), b"\xff" * SLOT_BYTES):
        torn = before[:place] + whole[:written] + earlier[written:] + before[place + SLOT_BYTES :]
        assert [slot.name for slot in slots_in(torn)] == ["earlier"]


@given(st.binary(max_size=3 * SLOT_BYTES))
def test_no_content_of_the_file_does_harm(garbage: bytes) -> None:
    assert slots_in(garbage) == []
    for slot in slots_in(head(3) + garbage):
        assert slot.number > 0
    session_of(garbage)


def test_a_closed_file_takes_nothing_and_is_gone(slots: EventSlots) -> None:
    slots.close(delete=True)
    slots.close(delete=True)
    assert not slots.put(1, "x", 1, 1.0)
    assert not slots.path.exists()


def test_nobody_takes_the_place_of_another(tmp_path: Path) -> None:
    made = [make_slots(tmp_path / "run.jsonl", "spool", COUNT) for _ in range(3)]
    assert [slots.path.name for slots in made] == [
        "run.spool.bin",
        "run.spool_2.bin",
        "run.spool_3.bin",
    ]
    for slots in made:
        slots.close(delete=True)


def test_the_session_stands_in_the_head(slots: EventSlots) -> None:
    assert session_of(slots.path.read_bytes()) == 0
    slots.note_session(123)
    slots.put(1, "x", 1, 1.0)
    assert session_of(slots.path.read_bytes()) == 123
    assert [slot.name for slot in in_file(slots.path)] == ["x"]


def test_threads_lose_none_of_their_events(tmp_path: Path) -> None:
    slots = make(tmp_path / "x.bin", 4096)
    start = threading.Barrier(4)

    def put(first: int) -> None:
        start.wait()
        for number in range(first, 2001, 4):
            assert slots.put(number, f"{number}", number, 0.0)

    threads = [threading.Thread(target=put, args=(first,)) for first in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(number for number, *_ in slots.take()) == [*range(1, 2001)]
    slots.close(delete=True)


@pytest.fixture
def kill_amid(tmp_path: Path) -> Callable[[str], Path]:
    """Run a program that puts events into slots until it is killed; returns its file."""

    def run(end: str) -> Path:
        program = (
            "import os, signal, sys\n"
            "from pathlib import Path\n"
            "from psychopy_neon.transport.event_slots import make_slots\n"
            "slots = make_slots(Path(sys.argv[1]), 'spool', 4096)\n"
            "for number in range(1, 2001):\n"
            "    assert slots.put(number, f'event {number}', number, float(number))\n"
            f"{end}\n"
        )
        path = tmp_path / "killed.spool.bin"
        command = [sys.executable, "-c", program, str(tmp_path / "killed.jsonl")]
        subprocess.run(command, timeout=60, check=False)
        return path

    return run


def test_a_killed_program_leaves_all_its_events(kill_amid: Callable[[str], Path]) -> None:
    end = "os.kill(os.getpid(), signal.SIGTERM if os.name == 'nt' else signal.SIGKILL)"
    path = kill_amid(end)
    assert [slot.name for slot in in_file(path)] == [f"event {n}" for n in range(1, 2001)]
    with path.open("rb+") as file:
        assert lock_alone(file)  # it does not run any more


def test_a_file_in_use_is_known_by_its_lock(slots: EventSlots) -> None:
    with slots.path.open("rb+") as file:
        assert not lock_alone(file)


@pytest.mark.skipif(os.name != "posix", reason="sets a limit that other systems do not have")
def test_without_room_on_the_disk_there_is_no_file(tmp_path: Path) -> None:
    """Later it would be the end of the experiment: the disk's limit is met when it is made."""
    program = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from psychopy_neon.transport.event_slots import make_slots\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
        "try:\n"
        "    make_slots(Path(sys.argv[1]), 'spool', 4096)\n"
        "except OSError:\n"
        "    sys.exit(7)\n"
    )
    path = tmp_path / "x.jsonl"
    done = subprocess.run([sys.executable, "-c", program, str(path)], timeout=60, check=False)
    assert done.returncode == 7
    assert list(tmp_path.iterdir()) == []
