"""Events through a file: what was written arrives, once, however it was cut."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psychopy_neon.protocol.event_slot import SLOT_BYTES
from psychopy_neon.protocol.spooled_event import SpooledEvent
from psychopy_neon.transport.event_spool import SLOTS, make_spool
from psychopy_neon.transport.spool_reader import READ_BYTES, SpoolReader
from psychopy_neon.transport.spool_writer import SpoolWriter

FULL = Path("/dev/full")
TIMEOUT_S = 60.0

# Lone surrogates come from names of files and from copied text; Hypothesis leaves them out.
# High ones only: JSON makes a character of a high one before a low one.
names = st.text(min_size=1, max_size=40) | st.text(
    st.characters(min_codepoint=0xD800, max_codepoint=0xDBFF), min_size=1, max_size=5
)
times = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12)
plain = st.none() | st.booleans() | st.integers() | times | names
data = st.none() | st.dictionaries(names, plain, max_size=4)
events = st.lists(st.tuples(names, times, st.integers(-(2**62), 2**62), data), max_size=20)


def everything(reader: SpoolReader) -> list[SpooledEvent]:
    found = reader.read()
    while not reader.is_at_end:
        found += reader.read()
    return found


@pytest.fixture(params=["slots", "lines only"])
def spool(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    made = make_spool(tmp_path / "run_neon_events.jsonl")
    if request.param == "lines only":  # as where there was no place for slots
        made.write_bytes(b"")
    return made


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """A spool without slots, as older versions have written."""
    (tmp_path / "lines.jsonl").touch()
    return tmp_path / "lines.jsonl"


@pytest.fixture
def writer(spool: Path) -> Iterator[SpoolWriter]:
    made = SpoolWriter(spool)
    yield made
    made.close()


@pytest.fixture
def reader(spool: Path) -> Iterator[SpoolReader]:
    made = SpoolReader(spool)
    yield made
    made.close()


@pytest.fixture(scope="session")
def bytes_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., bytes]:
    """What a writer makes of events."""
    folder = tmp_path_factory.mktemp("written")

    def written(given_events: list[tuple]) -> bytes:
        path = folder / "x"
        path.touch()
        writer = SpoolWriter(path)
        for event in given_events:
            writer.write(*event)
        writer.close()
        text = path.read_bytes()
        path.unlink()
        return text

    return written


@settings(max_examples=60, deadline=None)
@given(events, st.lists(st.integers(0, 4000), max_size=8))
def test_events_arrive_once_and_in_order_however_the_file_grows(
    bytes_of: Callable[..., bytes],
    tmp_path_factory: pytest.TempPathFactory,
    sent: list[tuple],
    cuts: list[int],
) -> None:
    written = bytes_of(sent)
    places = sorted({min(cut, len(written)) for cut in cuts})
    path = tmp_path_factory.getbasetemp() / "growing"
    path.touch()
    reader = SpoolReader(path)
    arrived = []
    with path.open("ab", buffering=0) as file:
        for begin, end in zip([0, *places], [*places, len(written)], strict=True):
            file.write(written[begin:end])
            arrived += everything(reader)
    reader.close()
    path.unlink()
    numbers = range(1, len(sent) + 1)
    assert arrived == [SpooledEvent(n, *event) for n, event in zip(numbers, sent, strict=True)]
    assert reader.unreadable == 0


def test_a_half_line_is_not_read_before_its_end(spool: Path, reader: SpoolReader) -> None:
    line = b'{"kind": "event", "number": 1, "name": "a", "raw_s": 1.5, "host_ns": 7}\n'
    with spool.open("ab", buffering=0) as file:
        for place in range(len(line) - 1):
            file.write(line[place : place + 1])
            assert reader.read() == []
        file.write(line[-1:])
    assert reader.read() == [SpooledEvent(1, "a", 1.5, 7)]


def test_nothing_new_is_nothing(writer: SpoolWriter, reader: SpoolReader) -> None:
    writer.write("a", 1.0, 1)
    assert len(reader.read()) == 1
    assert reader.read() == [] and reader.is_at_end


def test_more_than_one_piece_is_read_in_pieces(writer: SpoolWriter, reader: SpoolReader) -> None:
    for number in range(1200):
        writer.write(f"a name that makes the line longer {number}", 1.0, number)
    assert writer.path.stat().st_size > READ_BYTES
    assert 0 < len(reader.read()) < 1200
    assert not reader.is_at_end
    assert everything(reader)[-1].number == 1200


@pytest.mark.parametrize(
    "line",
    [
        *(b"", b"{}", b"[]", b"3", b"null", b"no JSON", b"\xff\xfe", b'{"number": 1}', b"[" * 9000),
        b'{"number": "x", "name": "a", "raw_s": 1, "host_ns": 1}',
        b'{"number": 1, "name": 3, "raw_s": 1, "host_ns": 1}',
        b'{"number": 1, "name": "a", "raw_s": null, "host_ns": 1}',
        b'{"number": 1, "name": "a", "raw_s": 1, "host_ns": 1, "data": [1]}',
        b"x" * 200_000,
    ],
    ids=lambda line: repr(line[:24]),
)
def test_a_line_that_makes_no_sense_does_not_stop_those_after_it(
    spool: Path, writer: SpoolWriter, reader: SpoolReader, line: bytes
) -> None:
    writer.write("before", 1.0, 1)
    with spool.open("ab") as file:
        file.write(line + b"\n")
    writer.write("after" * 200, 2.0, 2)  # does not fit into a slot
    assert [event.name for event in everything(reader)] == ["before", "after" * 200]
    assert reader.unreadable == (1 if line else 0)


def test_what_has_no_end_is_not_collected_for_ever(lines: Path) -> None:
    lines.write_bytes(b"x" * 1_000_000)
    reader = SpoolReader(lines)
    everything(reader)
    reader.close()
    assert len(reader._rest) <= READ_BYTES


def test_each_line_says_what_it_is(lines: Path) -> None:
    writer = SpoolWriter(lines)
    writer.write("grün", 1.25, 99, {"trial": 3})
    writer.close()
    [line] = lines.read_text("ascii").splitlines()
    assert json.loads(line) == {
        "kind": "event",
        "number": 1,
        "name": "grün",
        "raw_s": 1.25,
        "host_ns": 99,
        "data": {"trial": 3},
    }


def test_numbers_begin_where_they_are_told_to(spool: Path, reader: SpoolReader) -> None:
    writer = SpoolWriter(spool, 41)
    assert [writer.write("a", 1.0, 1), writer.next_number(), writer.write("b", 1.0, 1)] == [
        *(41, 42, 43)
    ]
    writer.close()
    assert [event.number for event in everything(reader)] == [41, 43]


@pytest.mark.skipif(not FULL.exists(), reason="no file that is always full")
def test_a_full_disk_is_an_error_at_the_call() -> None:
    writer = SpoolWriter(FULL)
    with pytest.raises(OSError, match="No space left"):
        writer.write("a", 1.0, 1)
    writer.close()


def test_a_line_that_was_torn_does_not_count_later(
    lines: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk was full for all but the end of the line, and then no more."""
    spool, writer, reader = lines, SpoolWriter(lines), SpoolReader(lines)

    class FillingUp:
        def write(self, line: bytes) -> int:
            with spool.open("ab") as file:
                return file.write(line[:-1])

        def close(self) -> None:
            pass

    with monkeypatch.context() as patch:
        patch.setattr(writer, "_file", FillingUp())
        with pytest.raises(OSError, match="No space left"):
            writer.write("torn", 1.0, 1)
    writer.write("whole", 2.0, 2)
    assert [(event.number, event.name) for event in reader.read()] == [(2, "whole")]
    writer.close()
    reader.close()


def test_a_new_spool_lies_beside_the_journal_and_takes_nobodys_place(tmp_path: Path) -> None:
    journal = tmp_path / "new" / "p1_neon_events.jsonl"
    first, second = make_spool(journal), make_spool(journal)
    assert first == journal.with_name("p1_neon_events.handed_over.bin")
    assert second == journal.with_name("p1_neon_events.handed_over_2.bin")


def test_where_nothing_can_be_written_it_lies_in_the_temporary_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    made = make_spool(tmp_path / "file" / "journal.jsonl")
    assert made.exists()
    made.unlink()


def test_another_process_follows_at_once_and_gets_all_after_kill_9(
    spool: Path, reader: SpoolReader
) -> None:
    program = (
        "import os, signal, sys\n"
        "from psychopy_neon.transport.spool_writer import SpoolWriter\n"
        "writer = SpoolWriter(sys.argv[1])\n"
        "for number in range(500):\n"
        "    writer.write(f'event {number}', float(number), number)\n"
        "print('written', flush=True)\n"
        "os.kill(os.getpid(), signal.SIGTERM if os.name == 'nt' else signal.SIGKILL)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(spool)], stdout=subprocess.PIPE, text=True
    ) as process:
        arrived = []
        deadline_s = time.monotonic() + TIMEOUT_S
        while process.poll() is None and time.monotonic() < deadline_s:
            arrived += reader.read()
        assert process.stdout is not None and process.stdout.read().split() == ["written"]
    arrived += everything(reader)
    assert [event.name for event in arrived] == [f"event {number}" for number in range(500)]


def test_events_come_in_order_when_some_do_not_fit_into_a_slot(
    writer: SpoolWriter, reader: SpoolReader
) -> None:
    arrived = []
    for number in range(40):
        writer.write(f"{number}", 1.0, number, {"much": "x" * 600} if number % 20 == 11 else None)
        if number % 7 == 0:
            arrived += everything(reader)
    arrived += everything(reader)
    assert [event.name for event in arrived] == [f"{number}" for number in range(40)]
    assert [event.number for event in arrived] == [*range(1, 41)]


def test_events_beyond_the_last_slot_are_lines(writer: SpoolWriter, reader: SpoolReader) -> None:
    for number in range(1, SLOTS + 100):
        assert writer.write(f"{number}", 1.0, number) == number
    assert [event.number for event in everything(reader)] == [*range(1, SLOTS + 100)]


def test_none_is_lost_of_many_that_come_amid_a_read(
    writer: SpoolWriter, reader: SpoolReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_at = reader._read_at

    def read_late(place: int) -> bytes:
        if place == reader._line_place:  # the slots were read, and then the writer had its turn
            monkeypatch.undo()
            for number in range(300):
                writer.write("in a slot", 1.0, number)
            writer.write("x" * 600, 1.0, 300)
        return read_at(place)

    monkeypatch.setattr(reader, "_read_at", read_late)
    assert [event.number for event in everything(reader)] == [*range(1, 302)]


def test_a_second_writer_leaves_the_events_of_the_first_alone(
    writer: SpoolWriter, reader: SpoolReader, spool: Path
) -> None:
    writer.write("first", 1.0, 1)
    writer.close()
    second = SpoolWriter(spool, 2)
    second.write("second", 2.0, 2)
    second.close()
    assert [event.name for event in everything(reader)] == ["first", "second"]


def test_the_room_on_the_disk_is_taken_beforehand(tmp_path: Path) -> None:
    spool = make_spool(tmp_path / "run.jsonl")
    size = spool.stat().st_size
    writer = SpoolWriter(spool)
    writer.write("a", 1.0, 1)
    writer.close()
    assert spool.stat().st_size == size > SLOTS * SLOT_BYTES
