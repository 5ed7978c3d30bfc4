"""What an export lacks is added to a copy of it, once, and marked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.ledger import repair_export

SECOND = 1_000_000_000
OTHER = "00000000-0000-4000-8000-000000000002"
ReadCsv = Callable[[Path], list[dict[str, str]]]


def names(rows: list[dict[str, str]], mark: str) -> list[str]:
    return [row["name"] for row in rows if row["type"] == mark]


def test_missing_events_are_added_in_order_and_marked(
    ledger: Any, write_events: Callable[..., Path], read_csv: ReadCsv
) -> None:
    ledger.run()
    arrived = [(f"trial {n}", ledger.event(f"trial {n}", n)) for n in (2, 5)]
    lost_ns = ledger.event("trial 3", 3, "unconfirmed")
    ledger.event("trial 4", 4, None)
    folder = write_events(*arrived)
    original = (folder / "events.csv").read_bytes()
    (result,) = repair_export(ledger.path, folder)
    assert [event.name for event in result.present] == ["trial 2", "trial 5"]
    assert [event.name for event in result.added] == ["trial 3", "trial 4"]
    rows = read_csv(result.path)
    assert names(rows, "ledger") == ["trial 3", "trial 4"]
    assert names(rows, "recording") == ["recording.begin", "trial 2", "trial 5", "recording.end"]
    times = [int(row["timestamp [ns]"]) for row in rows]
    assert times == sorted(times) and lost_ns in times
    assert {row["recording id"] for row in rows} == {result.recording_id}
    assert (folder / "events.csv").read_bytes() == original


def test_event_that_was_never_dated_is_dated_by_all_probes(
    ledger: Any, write_events: Callable[..., Path]
) -> None:
    ledger.run()
    ledger.event("late", 4, None)
    (result,) = repair_export(ledger.path, write_events())
    (event,) = result.added
    assert abs(event.device_ns - ledger.device_ns(event.host_ns)) <= event.bound_ns < 300_000


def test_event_is_recognised_within_its_bound_and_by_its_name(
    ledger: Any, write_events: Callable[..., Path]
) -> None:
    ledger.run()
    first, second = ledger.event("a", 2), ledger.event("b", 3)
    third = ledger.event("c", 4, "unconfirmed")
    folder = write_events(("a", first + 299_000), ("b", second + 301_000), ("C", third))
    (result,) = repair_export(ledger.path, folder)
    assert [event.name for event in result.present] == ["a"]
    assert [event.name for event in result.added] == ["b", "c"]


def test_events_alike_within_each_others_bounds_are_told_apart(
    ledger: Any, write_events: Callable[..., Path]
) -> None:
    ledger.run()
    times = [ledger.event("flip", 2 + n * 0.0001) for n in range(4)]
    (result,) = repair_export(ledger.path, write_events(*(("flip", t) for t in times[1:])))
    assert [event.number for event in result.added] == [1]


@pytest.mark.parametrize(("is_marked", "kept"), [(True, 1), (False, 2)])
def test_row_that_is_there_twice_is_left_out_if_the_ledger_says_that_it_may_be(
    ledger: Any,
    write_events: Callable[..., Path],
    read_csv: ReadCsv,
    is_marked: bool,
    kept: int,
) -> None:
    ledger.run()
    sent = ledger.event("twice", 2, perhaps_twice=is_marked)
    rows = [("twice", sent), ("twice", sent), ("twice", sent + 10_000_000_000)]
    (result,) = repair_export(ledger.path, write_events(*rows))
    assert (result.stored_twice, result.left_out, result.added) == (1, 2 - kept, ())
    assert names(read_csv(result.path), "recording").count("twice") == kept + 1


def test_events_of_other_recordings_and_times_are_left_out(
    ledger: Any, write_events: Callable[..., Path]
) -> None:
    ledger.run()
    ledger.event("in another", 2, recording_id=OTHER)
    ledger.event("before", -3, "discarded")
    ledger.event("while it started", 1, "discarded")
    ledger.event("in the wrong one", 3, "misplaced", recording_id=OTHER)
    (result,) = repair_export(ledger.path, write_events())
    assert [event.name for event in result.added] == ["while it started", "in the wrong one"]


def test_folder_with_several_recordings_gets_each_repaired(
    ledger: Any, write_events: Callable[..., Path], tmp_path: Path
) -> None:
    ledger.run()
    ledger.event("one", 2)
    ledger.event("two", 3, recording_id=OTHER)
    write_events(folder="all/first-5f6a")
    write_events(folder="all/second-0000", recording=OTHER)
    one, two = repair_export(ledger.path, tmp_path / "all")
    assert [event.name for event in one.added] == ["one"]
    assert [event.name for event in two.added] == ["two"]
    assert two.path == tmp_path / "all" / "second-0000" / "events.repaired.csv"


def test_export_without_types_gets_the_column(
    ledger: Any, write_csv: Callable[..., Path], read_csv: ReadCsv, tmp_path: Path
) -> None:
    ledger.run()
    ledger.event("x", 2, "unconfirmed")
    start = ledger.device_ns(ledger.start_ns)
    rows = [["recording.begin", start], ["recording.end", start + 20 * SECOND]]
    write_csv(tmp_path / "e" / "events.csv", ["name", "timestamp [ns]"], rows)
    (result,) = repair_export(ledger.path, tmp_path / "e")
    assert [row["type"] for row in read_csv(result.path)] == ["", "ledger", ""]


def test_nothing_is_overwritten_unasked(ledger: Any, write_events: Callable[..., Path]) -> None:
    ledger.run()
    ledger.event("x", 2, "unconfirmed")
    folder = write_events()
    repair_export(ledger.path, folder)
    with pytest.raises(UsageError, match="exists already"):
        repair_export(ledger.path, folder)
    (result,) = repair_export(ledger.path, folder, overwrite=True)
    assert len(result.added) == 1


def test_export_of_another_run_is_refused(ledger: Any, write_events: Callable[..., Path]) -> None:
    folder = write_events(recording=OTHER)
    ledger.start_ns += 10**15
    ledger.run()
    ledger.event("x", 2)
    with pytest.raises(UsageError, match="none of the 1 events"):
        repair_export(ledger.path, folder)


def test_folder_without_events_is_refused(ledger: Any, tmp_path: Path) -> None:
    ledger.run()
    with pytest.raises(UsageError, match=r"has no events\.csv"):
        repair_export(ledger.path, tmp_path)


def test_an_empty_ledger_changes_nothing(ledger: Any, write_events: Callable[..., Path]) -> None:
    ledger.run()
    (result,) = repair_export(ledger.path, write_events())
    assert (result.added, result.present) == ((), ())


def test_events_that_nothing_dates_are_told(
    ledger: Any, write_events: Callable[..., Path], read_csv: ReadCsv
) -> None:
    """In a session without answers of the phone; those of another one are added all the same."""
    ledger.run()
    ledger.event("lost", 4, "unconfirmed")
    ledger.session()
    ledger.event("without a time", 5, None)
    write_events(folder="all/first-5f6a")
    results = repair_export(ledger.path, write_events(folder="all/second", recording=OTHER).parent)
    for result in results:
        assert [event.name for event in result.undated] == ["without a time"]
        assert names(read_csv(result.path), "ledger") == ["lost"]
