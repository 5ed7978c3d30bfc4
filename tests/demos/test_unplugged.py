"""The experiment without glasses, with glasses that die, and with somebody who has enough."""

from __future__ import annotations

import csv
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

CONFIRMED = 3
TRIALS = 5
EVENT_TIMEOUT_S = 60.0
# Nobody looks any more, and each of the other trials lasts as long as it may.
SHORTER_TRIALS = {"getTime() < 4.0:": "getTime() < 2.0:", "(-4.000000)": "(-2.000000)"}


@pytest.fixture(scope="module")
def closed_port() -> Iterator[int]:
    """A port on which nobody can listen while the tests run."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])


@pytest.fixture(scope="module")
def nobody_answers(
    run_experiment: Callable[..., Any],
    closed_port: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    return run_experiment(tmp_path_factory.mktemp("nobody"), f"127.0.0.1:{closed_port}")


@pytest.fixture(scope="module")
def nobody_found(
    run_experiment: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> Any:
    """Looking for a name that no phone has: others may be within sight of this computer."""
    name = f"nobody-{uuid.uuid4()}"
    changes = {"'name': '',": f"'name': '{name}',"}
    return run_experiment(tmp_path_factory.mktemp("search"), "", changes=changes)


@pytest.fixture(scope="module")
def participant(demo_run: Any) -> Path:
    """Somebody who looks at every target as soon as it appears."""
    path: Path = demo_run.folder / "participant.json"
    return path


@pytest.fixture(scope="module")
def going_on(
    run_experiment: Callable[..., Any],
    closed_port: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    """No phone answers, and the settings say to go on then."""
    changes = {"'if_missing': 'stop',": "'if_missing': 'go on',"}
    address = f"127.0.0.1:{closed_port}"
    return run_experiment(tmp_path_factory.mktemp("on"), address, trials=1, changes=changes)


@pytest.fixture(scope="module", params=["nobody_answers", "nobody_found"])
def without_phone(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def phone_died(
    run_experiment: Callable[..., Any],
    participant: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    """The phone dies in the third trial."""
    folder = tmp_path_factory.mktemp("died")

    with _simulator(folder, participant) as simulator:

        def kill_in_third_trial(experiment: Any) -> None:
            # Not only stored: the answer must have come, too, before the phone dies.
            _wait_for_lines(folder, "data/*_neon_events.jsonl", "confirmed", CONFIRMED, experiment)
            simulator.kill()

        return run_experiment(
            folder, simulator.address, kill_in_third_trial, TRIALS, SHORTER_TRIALS
        )


@pytest.fixture(scope="module")
def escaped(
    run_experiment: Callable[..., Any],
    participant: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Any:
    """Somebody presses Escape in the second trial."""
    pytest.importorskip("Xlib", reason="pressing a key needs an X display and python-xlib")
    folder = tmp_path_factory.mktemp("escaped")

    def press_escape(experiment: Any) -> None:
        _wait_for_lines(folder, "truth.jsonl", "event", 2, experiment)
        _press_escape()

    with _simulator(folder, participant) as simulator:
        return run_experiment(folder, simulator.address, press_escape, TRIALS)


def _simulator(folder: Path, participant: Path) -> Any:
    from psychopy_neon.transport.simulator_process import SimulatorProcess

    arguments = ["--truth", str(folder / "truth.jsonl"), "--participant", str(participant)]
    return SimulatorProcess(arguments, folder / "simulator.log")


def _wait_for_lines(folder: Path, pattern: str, kind: str, count: int, experiment: Any) -> None:
    """Until the file has so many lines of that kind."""
    deadline_s = time.monotonic() + EVENT_TIMEOUT_S
    while sum(_count(path, kind) for path in folder.glob(pattern)) < count:
        assert experiment.is_running, (folder / "experiment.log").read_text("utf-8")[-3000:]
        assert time.monotonic() < deadline_s, f"no {count} lines {kind!r} in {pattern}"
        time.sleep(0.02)


def _count(path: Path, kind: str) -> int:
    return sum(f'"kind": "{kind}"' in line for line in path.read_text("utf-8").splitlines())


def _press_escape() -> None:
    from Xlib import XK, X
    from Xlib.display import Display
    from Xlib.ext import xtest

    display = Display()
    try:
        key = display.keysym_to_keycode(XK.XK_Escape)
        for kind in (X.KeyPress, X.KeyRelease):
            xtest.fake_input(display, kind, key)
            display.sync()
    finally:
        display.close()


def _rows(run: Any) -> list[dict[str, str]]:
    [path] = (run.folder / "data").glob("*.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _trials(run: Any) -> list[dict[str, str]]:
    return [row for row in _rows(run) if row["trials.thisN"]]


def _gaze(run: Any) -> Any:
    import tables

    [path] = (run.folder / "data").glob("*.hdf5")
    with tables.open_file(str(path)) as file:
        return file.root.data_collection.events.eyetracker.BinocularEyeSampleEvent[:]


def _names(lines: list[dict[str, Any]], kind: str) -> list[str]:
    names = {line["number"]: line["name"] for line in lines if line["kind"] == "event"}
    return [names[line["number"]] for line in lines if line["kind"] == kind]


def _last_words(run: Any) -> str:
    lines = [line for line in run.ending.output.splitlines() if line.strip()]
    return next(line for line in reversed(lines) if "psychopy_neon" in line)


# -- no phone -------------------------------------------------------------------------------------


def test_without_a_phone_the_experiment_fails_soon(without_phone: Any) -> None:
    assert without_phone.ending.code not in (0, None)
    assert without_phone.ending.seconds < 60


def test_without_a_phone_the_last_words_are_one_sentence_that_says_what_to_do(
    without_phone: Any,
) -> None:
    words = _last_words(without_phone)
    assert "the glasses are not connected" in words
    assert "If the glasses are missing" in words and "Experiment settings" in words
    assert len(words) < 800  # also where three phones of other labs are named


def test_the_address_that_does_not_answer_is_named(nobody_answers: Any, closed_port: int) -> None:
    assert f"127.0.0.1:{closed_port}" in _last_words(nobody_answers)


def test_the_name_that_was_not_found_is_named(nobody_found: Any) -> None:
    assert "nobody-" in _last_words(nobody_found)


def test_without_a_phone_nothing_is_left_running(without_phone: Any) -> None:
    assert without_phone.ending.survivors == []
    assert without_phone.ending.port_is_free


def test_if_told_to_the_experiment_goes_on_without_a_phone(going_on: Any, closed_port: int) -> None:
    assert going_on.ending.code == 0, going_on.ending.output[-3000:]
    assert "Traceback" not in going_on.ending.output
    [warning] = [line for line in going_on.ending.output.splitlines() if "going on" in line]
    assert f"127.0.0.1:{closed_port}" in warning
    [trial] = _trials(going_on)
    assert float(trial["neonGaze.valid_fraction"]) == 0


def test_events_that_no_phone_got_are_named_and_kept(going_on: Any) -> None:
    [trial] = _trials(going_on)
    name = trial["onset.event"]
    assert "psychopy_neon: 0 of 1 events confirmed" in going_on.ending.output
    assert f"not confirmed: {name!r}" in going_on.ending.output
    lines = going_on.json_lines("data/*_neon_events.jsonl")
    assert _names(lines, "event") == _names(lines, "unconfirmed") == [name]


def test_having_gone_on_nothing_is_left_running(going_on: Any) -> None:
    assert going_on.ending.survivors == []
    assert going_on.ending.port_is_free


# -- the phone dies -------------------------------------------------------------------------------


def test_the_experiment_goes_on_to_its_end_without_the_phone(phone_died: Any) -> None:
    assert phone_died.ending.code == 0, phone_died.ending.output[-3000:]
    assert len(_trials(phone_died)) == TRIALS
    assert "Traceback" not in phone_died.ending.output


def test_gaze_becomes_invalid_when_the_phone_dies(phone_died: Any) -> None:
    later = _trials(phone_died)[CONFIRMED:]
    assert all(int(row["neonGaze.frames"]) > 10 for row in later)
    assert [float(row["neonGaze.valid_fraction"]) for row in later] == [0.0] * len(later)
    assert all(not float(row["lookedAt.dwellTime"] or 0) for row in later)


def test_no_samples_are_saved_after_the_phone_died(phone_died: Any) -> None:
    gaze = _gaze(phone_died)
    next_trial = _trials(phone_died)[CONFIRMED]
    assert len(gaze) > 100
    assert gaze["time"].max() < float(next_trial["trial.started"])


def test_unconfirmed_events_are_named_at_the_end(phone_died: Any) -> None:
    sent = [row["onset.event"] for row in _trials(phone_died)]
    log = phone_died.ending.output
    assert f"psychopy_neon: {CONFIRMED} of {TRIALS} events confirmed" in log
    [warning] = [line for line in log.splitlines() if "not confirmed:" in line]
    assert all(repr(name) in warning for name in sent[CONFIRMED:])
    assert not any(repr(name) in warning for name in sent[:CONFIRMED])
    [journal] = (phone_died.folder / "data").glob("*_neon_events.jsonl")
    assert str(journal) in warning


def test_unconfirmed_events_are_kept_in_the_journal(phone_died: Any) -> None:
    sent = [row["onset.event"] for row in _trials(phone_died)]
    lines = phone_died.json_lines("data/*_neon_events.jsonl")
    assert [line["name"] for line in lines if line["kind"] == "event"] == sent
    assert _names(lines, "confirmed") == sent[:CONFIRMED]
    assert _names(lines, "unconfirmed") == sent[CONFIRMED:]


def test_when_the_phone_died_nothing_is_left_running(phone_died: Any) -> None:
    assert phone_died.ending.survivors == []
    assert phone_died.ending.port_is_free


# -- Escape ---------------------------------------------------------------------------------------


def test_escape_ends_the_experiment_soon_and_without_an_error(escaped: Any) -> None:
    assert escaped.ending.code == 0, escaped.ending.output[-3000:]
    assert "Traceback" not in escaped.ending.output
    assert len(_trials(escaped)) < TRIALS


def test_after_escape_the_recording_is_saved_on_the_phone(escaped: Any) -> None:
    recordings = [line for line in escaped.json_lines("truth.jsonl") if line["kind"] == "recording"]
    assert [line["action"] for line in recordings] == ["start", "stop_and_save"]
    assert len({line["id"] for line in recordings}) == 1


def test_after_escape_every_event_is_confirmed(escaped: Any) -> None:
    lines = escaped.json_lines("data/*_neon_events.jsonl")
    sent = [line["name"] for line in lines if line["kind"] == "event"]
    assert len(sent) >= 2
    assert _names(lines, "confirmed") == sent
    truth = [line for line in escaped.json_lines("truth.jsonl") if line["kind"] == "event"]
    assert [line["name"] for line in truth] == sent
    assert all(line["recording_id"] for line in truth)


def test_after_escape_nothing_is_left_running(escaped: Any) -> None:
    assert escaped.ending.survivors == []
    assert escaped.ending.port_is_free
