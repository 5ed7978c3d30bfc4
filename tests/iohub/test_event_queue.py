"""Events from the experiment's file: taken over in order, once, and never forgotten."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from psychopy_neon import Neon
from psychopy_neon.exceptions import UsageError
from psychopy_neon.iohub import event_queue
from psychopy_neon.iohub.event_queue import EventQueue
from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions
from psychopy_neon.transport.spool_writer import SpoolWriter

TIMEOUT_S = 10.0


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "run_neon_events.jsonl"


@pytest.fixture
def new_queue(journal: Path) -> Iterator[Callable[..., EventQueue]]:
    made: list[EventQueue] = []

    def making(path: Path | str = journal) -> EventQueue:
        made.append(EventQueue(time.perf_counter, str(path)))
        return made[-1]

    yield making
    for queue in made:
        queue.close("")


@pytest.fixture
def queue(new_queue: Callable[..., EventQueue]) -> EventQueue:
    return new_queue()


@pytest.fixture
def neon(journal: Path) -> Iterator[Neon]:
    options = SimulatorOptions(scene=False)
    with SimulatedNeon(options) as simulator:
        address = f"127.0.0.1:{simulator.port}"
        connected = Neon.connect(address, clock=time.perf_counter, journal=journal)
        with closing(connected) as device:
            device.recording.start()
            yield device


def write(path: Path, names: list[str], first_number: int = 1) -> None:
    """What the experiment does."""
    with closing(SpoolWriter(path, first_number)) as writer:
        for name in names:
            now_ns = time.perf_counter_ns()
            writer.write(name, now_ns / 1e9, now_ns)


def wait_for(condition: Callable[[], Any]) -> None:
    deadline_s = time.perf_counter() + TIMEOUT_S
    while not condition():
        assert time.perf_counter() < deadline_s, "it did not happen in time"
        time.sleep(0.005)


def states(queue: EventQueue, since: int = 0) -> list[str]:
    return [state for _, state, *_ in queue.handed_over.outcomes(since)]


def lines(journal: Path, kind: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    return [line for line in found if line["kind"] == kind]


def test_events_are_taken_over_by_themselves(queue: EventQueue) -> None:
    path, first_number = queue.handed_over.open()
    write(path, ["a", "b"])
    wait_for(lambda: queue.handed_over.last_number == 2)
    assert first_number == 1
    assert queue.counts()["unconfirmed_names"] == ["a", "b"]


def test_their_outcomes_are_told(queue: EventQueue, neon: Neon) -> None:
    queue.connect(neon)
    path, _ = queue.handed_over.open()
    write(path, ["a", "b", "c"])
    wait_for(lambda: states(queue) == ["confirmed"] * 3)
    receipts = neon.events
    assert queue.handed_over.outcomes(1) == [
        [number, "confirmed", receipt.device_ns, receipt.bound_ns]
        for number, receipt in enumerate(receipts[1:], start=2)
    ]
    assert queue.counts()["handed_over"] == queue.counts()["confirmed"] == 3


def test_outcomes_come_in_answers_of_bounded_length(queue: EventQueue) -> None:
    path, _ = queue.handed_over.open()
    write(path, [f"{number}" for number in range(250)])
    queue.handed_over.take_new()
    lengths = [len(states(queue, since)) for since in (0, 100, 200, 250, 999)]
    assert lengths == [100, 100, 50, 0, 0]


def test_events_before_the_glasses_come_keep_their_order_and_number(
    queue: EventQueue, neon: Neon
) -> None:
    path, _ = queue.handed_over.open()
    write(path, ["early"])
    queue.handed_over.take_new()
    assert queue.handed_over.outcomes(0) == [[1, "pending", 0, 0]]
    queue.connect(neon)
    wait_for(lambda: states(queue) == ["confirmed"])


def test_what_is_asked_for_later_comes_later(queue: EventQueue, neon: Neon) -> None:
    """A recording must not be stopped before the events that were meant for it."""
    queue.connect(neon)
    path, _ = queue.handed_over.open()
    for _ in range(20):
        write(path, ["in the recording"], queue.handed_over.last_number + 1)
        queue.handed_over.take_new()
        assert queue.send("later", time.perf_counter()) == len(neon.events)
    names = [receipt.name for receipt in neon.events]
    assert names == ["in the recording", "later"] * 20


def test_a_second_experiment_goes_on_counting(queue: EventQueue) -> None:
    first, _ = queue.handed_over.open()
    write(first, ["a", "b"])
    second, number = queue.handed_over.open()
    assert number == 3
    write(second, ["c"], number)
    wait_for(lambda: queue.handed_over.last_number == 3)
    assert queue.counts()["unconfirmed_names"] == ["a", "b", "c"]


def test_what_there_is_no_place_for_stays_in_the_file(
    queue: EventQueue, monkeypatch: pytest.MonkeyPatch, neon: Neon
) -> None:
    monkeypatch.setattr(event_queue, "MAX_EARLY_EVENTS", 3)
    path, _ = queue.handed_over.open()
    write(path, [f"{number}" for number in range(10)])
    wait_for(lambda: queue.handed_over.last_number == 3)
    queue.connect(neon)
    wait_for(lambda: states(queue) == ["confirmed"] * 10)
    assert [receipt.name for receipt in neon.events] == [f"{number}" for number in range(10)]


def test_at_the_end_there_is_a_place_again_for_all_of_them(
    queue: EventQueue, monkeypatch: pytest.MonkeyPatch, neon: Neon
) -> None:
    monkeypatch.setattr(event_queue, "MAX_EARLY_EVENTS", 3)
    path, _ = queue.handed_over.open()
    names = [f"{number} {'x' * 500}" for number in range(400)]  # several pieces of the file
    write(path, names)
    wait_for(lambda: queue.handed_over.last_number == 3)
    queue.connect(neon)
    queue.handed_over.take_rest()
    assert [receipt.name for receipt in neon.events] == names


def test_at_the_end_a_file_with_untaken_events_is_kept(
    queue: EventQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_queue, "MAX_EARLY_EVENTS", 3)
    path, _ = queue.handed_over.open()
    write(path, [f"{number}" for number in range(10)])
    queue.close("no phone")
    assert path.exists()


def test_at_the_end_the_rest_is_taken_and_the_file_goes(queue: EventQueue, journal: Path) -> None:
    path, _ = queue.handed_over.open()
    names = [f"{number}" for number in range(2000)]
    write(path, names)
    queue.close("no phone")
    assert not path.exists()
    events = lines(journal, "event")
    assert [line["name"] for line in events] == names
    assert [line["handed_over"] for line in events] == list(range(1, 2001))
    assert {line["error"] for line in lines(journal, "unconfirmed")} == {"no phone"}


def test_without_a_journal_the_file_stays_unless_all_is_confirmed(
    new_queue: Callable[..., EventQueue], neon: Neon
) -> None:
    lonely, lucky = new_queue(""), new_queue("")
    lucky.connect(neon)
    kept, _ = lonely.handed_over.open()
    gone, _ = lucky.handed_over.open()
    write(kept, ["a"])
    write(gone, ["a"])
    wait_for(lambda: states(lucky) == ["confirmed"])
    lonely.close("")
    lucky.close("")
    assert kept.exists() and not gone.exists()
    kept.unlink()


def test_damage_to_the_file_is_not_thrown_away(queue: EventQueue) -> None:
    path, _ = queue.handed_over.open()
    with path.open("ab") as file:
        file.write(b"half an eve\n")
    write(path, ["after"])
    queue.close("")
    assert path.exists()


def test_an_event_is_dated_by_its_own_moment_whatever_became_of_the_clock(
    journal: Path, neon: Neon
) -> None:
    """On Linux PsychoPy's clock follows the wall clock, which may be set at any time."""
    set_back_s = [0.0]
    with closing(_Queue(lambda: time.perf_counter() - set_back_s[0], journal)) as kept:
        path, _ = kept.queue.handed_over.open()
        happened_ns = time.perf_counter_ns()
        write(path, ["before the clock was set"])
        kept.queue.handed_over.take_new()
        set_back_s[0] = 3600.0
        kept.queue.connect(neon)
        [receipt] = neon.events
        assert abs(receipt.host_ns - happened_ns) < 100_000_000


class _Queue:
    """A queue that `closing` can close."""

    def __init__(self, clock: Callable[[], float], journal: Path) -> None:
        self.queue = EventQueue(clock, str(journal))

    def close(self) -> None:
        self.queue.close("")


@pytest.mark.parametrize("raw_s", [float("nan"), float("inf"), 1e300])
def test_a_time_that_makes_no_sense_is_refused_also_without_a_phone(
    queue: EventQueue, raw_s: float
) -> None:
    with pytest.raises(UsageError, match="is not a time"):
        queue.send("a", raw_s)


@pytest.mark.parametrize("name", ["", "  ", "x" * 5000])
def test_a_name_that_cannot_be_used_is_refused_also_without_a_phone(
    queue: EventQueue, name: str
) -> None:
    with pytest.raises(UsageError, match="name"):
        queue.send(name, 1.0)
