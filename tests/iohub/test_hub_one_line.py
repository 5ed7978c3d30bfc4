"""A script that runs without ioHub, and on top of it when one line is changed."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

NO_PICTURES = ("scene", "eyes", "audio", "read_scene_and_gaze", "match_scene_and_gaze")
ASK_THE_PHONE = ("template", "camera", "calibration", "request", "probe_clock")


@pytest.fixture(scope="module")
def run(hub_run: Callable[..., Any]) -> Any:
    return hub_run("hub_one_line.py")


@pytest.fixture(scope="module")
def seen(run: Any) -> dict[str, Any]:
    results: dict[str, Any] = run.results
    return results


@pytest.mark.parametrize("how", ["without", "with"])
def test_the_script_does_the_same_either_way(seen: dict[str, Any], how: str) -> None:
    printed = seen[how]
    assert seen["is_changed"]
    assert re.search(r"^Simulated Neon, 71 %, glasses 123456$", printed, re.MULTILINE)
    assert re.search(r"^recording [0-9a-f-]{36}$", printed, re.MULTILINE)
    assert [f"dot {number}: seen" in printed for number in (1, 2, 3)] == [True] * 3
    events = re.findall(r"^(dot \d|that is all): confirmed, ([\d.]+) s$", printed, re.MULTILINE)
    assert [name for name, _ in events] == ["dot 1", "dot 2", "dot 3", "that is all"]
    times_s = [float(time_s) for _, time_s in events]
    assert times_s == sorted(times_s)


def test_each_run_saved_its_recording(seen: dict[str, Any]) -> None:
    assert [action for action, _ in seen["recordings"]] == ["start", "stop_and_save"] * 3
    for number, how in enumerate(("without", "with")):
        assert seen["recordings"][2 * number][1] in seen[how]


def test_it_says_what_the_phone_says(seen: dict[str, Any]) -> None:
    assert seen["phone"] == [*seen["address"], "Simulated Neon", "123456", "127.0.0.1"]
    assert (seen["state"], seen["error"], seen["sensor"]) == ("connected", "", True)


def test_the_phones_clock_goes_on_in_the_script(seen: dict[str, Any]) -> None:
    before_ns, _, after_ns, bound_ns = seen["clock"]
    assert abs(seen["zero"]) < (after_ns - before_ns + 2 * bound_ns) / 1e9
    assert 0 < bound_ns < 10_000_000


def test_streams_are_read_sample_by_sample(seen: dict[str, Any]) -> None:
    kinds = [[kind, state] for kind, state, _ in seen["streams"]]
    assert kinds == [[kind, "streaming"] for kind in ("GazeSample", "ImuSample", "EyeEvent")]
    steps_ns = seen["steps_ns"]
    assert min(steps_ns) == 5_000_000 and steps_ns.count(5_000_000) > 50
    assert seen["eye"] is not None and len(seen["eye"]) == 4


def test_gaze_on_the_window_is_that_of_the_sample_asked_for(seen: dict[str, Any]) -> None:
    assert seen["mapped_ns"] == seen["sample_ns"]
    assert seen["earlier_ns"] < seen["sample_ns"]


def test_a_correction_moves_gaze_to_the_right(seen: dict[str, Any]) -> None:
    assert 0.05 < seen["shift"] < 0.11  # 2 degrees of a window that is 50 wide


@pytest.mark.parametrize("name", [*NO_PICTURES, *ASK_THE_PHONE])
def test_what_is_not_offered_says_why(seen: dict[str, Any], name: str) -> None:
    told = seen["refusals"][name]
    assert told.startswith(f"UsageError: '{name}' is not offered through ioHub: ")
    assert told.endswith("In a script without ioHub, psychopy_neon.Neon.connect() offers it")
    assert ("pictures" in told) == (name in NO_PICTURES)


def test_what_can_be_offered_is(seen: dict[str, Any]) -> None:
    wanted = {"send_event", "mark_on_flip", "track_screen", "status", "battery_percent", "imu"}
    wanted |= {"wait_for_clock", "now_device_ns", "events", "event_counts", "journal_path"}
    assert wanted & set(seen["refusals"]) == set()


def test_events_end_as_they_do_without_iohub(seen: dict[str, Any]) -> None:
    assert seen["no_recording"] == "discarded"
    assert seen["counts"] == [2, 1, 1]
    assert seen["late"] == 2
    assert seen["bad"].startswith("UsageError: an event needs a name")
    assert seen["journal"].endswith("ledger.jsonl")


def test_refusals_of_the_phone_are_told_with_its_words(seen: dict[str, Any]) -> None:
    assert re.match(r"DeviceError: .*Recording is already running", seen["twice"])


def test_an_iohub_that_runs_is_shared_and_keeps_its_settings(seen: dict[str, Any]) -> None:
    assert seen["shared"] is True
    assert re.match(r"UsageError: ioHub runs already.*give address to", seen["again"])
    assert re.match(r"UsageError: max_gaze_age_s .* belong to ioHub's settings", seen["bad_age"])
    assert re.match(r"UsageError: the markers cannot be used", seen["bad_markers"])


def test_replies_have_no_keys_but_texts(seen: dict[str, Any]) -> None:
    """Others would leave ioHub's end in the script without understanding for ever."""
    assert set(map(tuple, seen["keys"].values())) == {("str",)}


def test_closing_ends_it(run: Any, seen: dict[str, Any]) -> None:
    assert seen["closed"] == ["closed", "closed"]
    assert seen["too_late"] == [
        "ClosedError: the device was closed",
        "ClosedError: the gaze stream was closed with its device",
    ]
    assert run.survivors == [] and run.port_is_free
