"""Sentences from one process to another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from psychopy_neon.transport.notice_file import MOST_NOTICES, Notice, NoticeReader, NoticeWriter

LOST = Notice("error", "das Telefon ist fort – „Neon“")


@pytest.fixture
def writer() -> Iterator[NoticeWriter]:
    made = NoticeWriter()
    yield made
    made.close()


def test_each_notice_is_read_once_in_order(writer: NoticeWriter) -> None:
    reader = NoticeReader(writer.path)
    assert reader.read() == []
    writer.write(LOST)
    writer.write(Notice("warning", "two"))
    assert reader.read() == [LOST, Notice("warning", "two")]
    writer.write(Notice("warning", "three"))
    assert reader.read() == [Notice("warning", "three")]
    assert reader.read() == []


def test_a_line_that_is_still_being_written_is_left_for_later(writer: NoticeWriter) -> None:
    reader = NoticeReader(writer.path)
    with writer.path.open("a", encoding="utf-8") as file:
        file.write('["error", "ha')
        file.flush()
        assert reader.read() == []
        file.write('lf"]\n')
    assert reader.read() == [Notice("error", "half")]


def test_a_line_that_makes_no_sense_is_left_out(writer: NoticeWriter) -> None:
    writer.path.write_text('nonsense\n[1]\n{"a": 1}\n["warning", "good"]\n', "utf-8")
    assert NoticeReader(writer.path).read() == [Notice("warning", "good")]


def test_the_file_stays_small(writer: NoticeWriter) -> None:
    for _ in range(MOST_NOTICES + 50):
        writer.write(Notice("warning", "again"))
    assert len(writer.path.read_text("utf-8").splitlines()) == MOST_NOTICES


def test_the_file_is_gone_in_the_end_and_nobody_minds(writer: NoticeWriter) -> None:
    writer.close()
    writer.close()
    assert not writer.path.exists()
    assert NoticeReader(writer.path).read() == []
    assert NoticeReader(Path("there is no such file")).read() == []
