"""The scene picture on its way between two processes."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from psychopy_neon.transport.picture_board import (
    PictureBoard,
    PictureBoardWriter,
    Preview,
    PreviewTag,
)

CORNERS = ((0.25, 0.5), (0.5, 0.5), (0.5, 0.75), (-0.25, 1.5))


def preview(number: int, height: int = 30, width: int = 40) -> Preview:
    luma = np.full((height, width), number % 256, np.uint8)
    return Preview(number, luma, (0.5, 0.25), (PreviewTag(number % 2 == 0, CORNERS),))


@pytest.fixture
def writer() -> Iterator[PictureBoardWriter]:
    made = PictureBoardWriter()
    yield made
    made.close()


@pytest.fixture
def board(writer: PictureBoardWriter) -> Iterator[PictureBoard]:
    made = PictureBoard(writer.path)
    yield made
    made.close()


def test_before_the_first_there_is_none(board: PictureBoard) -> None:
    assert board.read() is None


def test_a_picture_comes_across_as_it_was(writer: PictureBoardWriter, board: PictureBoard) -> None:
    writer.write(preview(2))
    found = board.read()
    assert found is not None
    assert (found.number, found.gaze, found.tags) == (2, (0.5, 0.25), (PreviewTag(True, CORNERS),))
    assert found.luma.shape == (30, 40) and (found.luma == 2).all()


def test_the_same_picture_is_not_read_twice(
    writer: PictureBoardWriter, board: PictureBoard
) -> None:
    writer.write(preview(3))
    assert board.read(but_not=3) is None
    writer.write(preview(4))
    assert board.read(but_not=3) is not None


def test_gaze_and_tags_may_be_unknown(writer: PictureBoardWriter, board: PictureBoard) -> None:
    writer.write(Preview(1, np.zeros((4, 4), np.uint8), None, ()))
    found = board.read()
    assert found is not None and found.gaze is None and found.tags == ()


def test_too_large_a_picture_is_left_out(writer: PictureBoardWriter, board: PictureBoard) -> None:
    writer.write(Preview(1, np.zeros((600, 800), np.uint8), None, ()))
    assert board.read() is None


def test_more_tags_than_there_is_room_for_are_left_out(
    writer: PictureBoardWriter, board: PictureBoard
) -> None:
    tags = (PreviewTag(True, CORNERS),) * 100
    writer.write(Preview(1, np.zeros((4, 4), np.uint8), None, tags))
    found = board.read()
    assert found is not None and len(found.tags) == 64


def test_no_picture_is_half_of_one_and_half_of_another(
    writer: PictureBoardWriter, board: PictureBoard
) -> None:
    done = threading.Event()

    def write() -> None:
        for number in range(1, 400):
            writer.write(preview(number, 300, 400))
        done.set()

    thread = threading.Thread(target=write, name="neon-test-writer")
    thread.start()
    seen = 0
    while not done.is_set():
        found = board.read(but_not=seen)
        if found is not None:
            assert found.number > seen
            assert (found.luma == found.number % 256).all()
            assert found.tags[0].good == (found.number % 2 == 0)
            seen = found.number
    thread.join()
    newest = board.read()
    assert newest is not None and newest.number == 399


def test_the_file_goes_with_its_writer(writer: PictureBoardWriter) -> None:
    board = PictureBoard(writer.path)
    board.close()
    writer.close()
    writer.close()
    assert not writer.path.exists()
    writer.write(preview(1))  # a thread that is late does no harm
    with pytest.raises(OSError):
        PictureBoard(writer.path)
