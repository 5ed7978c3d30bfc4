"""What is read of an export before anything is compared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from psychopy_neon.ledger.export import read_exports

COLUMNS = ["recording id", "timestamp [ns]", "name", "type"]
BEGIN, END = ["a", 5, "recording.begin", "recording"], ["a", 9, "recording.end", "recording"]


@pytest.mark.parametrize(
    ("rows", "span"), [([BEGIN, END], (5, 9)), ([BEGIN], None), ([END], None), ([], None)]
)
def test_a_recording_has_a_span_if_begin_and_end_are_there(
    write_csv: Callable[..., Path], tmp_path: Path, rows: list[list[object]], span: object
) -> None:
    (found,) = read_exports(write_csv(tmp_path / "e" / "events.csv", COLUMNS, rows).parent)
    assert (found.span_ns, found.columns) == (span, COLUMNS)
    assert found.recording_id == ("a" if rows else "")


def test_the_id_is_that_of_most_rows(write_csv: Callable[..., Path], tmp_path: Path) -> None:
    rows = [BEGIN, ["b", 6, "x", "recording"], END]
    (found,) = read_exports(write_csv(tmp_path / "e" / "events.csv", COLUMNS, rows).parent)
    assert found.recording_id == "a"
    assert [(event.name, event.device_ns) for event in found.events] == [
        *(("recording.begin", 5), ("x", 6), ("recording.end", 9))
    ]
