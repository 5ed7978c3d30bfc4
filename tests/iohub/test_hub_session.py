"""A real ioHub with simulated glasses: one session, many questions about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

OK, ERROR, NOT_SUPPORTED = 200, 201, 202  # ioHub's codes
CLOCK_ERROR_S = 0.002
QUIT_S = 16.0  # 10 of them for the answer of a phone that is gone
BAD_EVENTS = (
    "event without a name",
    "event whose name is white space",
    "event with a name that is too long",
    "event at a time in words",
    "event at no time",
    "event at NaN",
    "event at infinity",
    "event at a list",
)
BAD_SURFACES = (
    "no surface",
    "an empty surface",
    "a surface without tags",
    "a surface in words",
    "a surface of numbers",
    "corners in words",
    "tags on one spot",
    "one scale",
    "a window of words",
)

Truth = list[dict[str, Any]]


def _events(truth: Truth, name: str) -> Truth:
    return [line for line in truth if line["kind"] == "event" and line["name"] == name]


# -- connection -----------------------------------------------------------------------------------


def test_starting_does_not_wait_for_the_phone(seen: dict[str, Any]) -> None:
    assert seen["first_status"]["state"] in ("connecting", "connected")
    assert seen["launch_s"] < 100  # two or three on an idle computer


def test_the_phone_is_connected_and_described(seen: dict[str, Any]) -> None:
    assert seen["connected"] is True and seen["set_connection"] is True
    status = seen["status"]
    assert status["state"] == "connected"
    assert (status["phone_name"], status["module_serial"]) == ("Simulated Neon", "123456")
    assert status["battery_percent"] == 71
    # A computer that is too busy to read them in time loses some.
    assert status["gaze_received"] > 0 and status["gaze_lost"] < 0.05 * status["gaze_received"]
    assert 0 < status["clock_bound_ms"] < 10


def test_the_phones_clock_is_known(seen: dict[str, Any], true_clock: dict[str, Any]) -> None:
    for before_ns, device_s, after_ns in seen["tracker_times"]:
        earliest, latest = (
            true_clock["zero_device_ns"] / 1e9
            + (ns - true_clock["zero_host_ns"]) / 1e9 * (1 + true_clock["drift_ppm"] * 1e-6)
            for ns in (before_ns, after_ns)
        )
        assert earliest - CLOCK_ERROR_S < device_s < latest + CLOCK_ERROR_S


# -- events and recording -------------------------------------------------------------------------


def test_the_phone_recorded_from_start_to_stop(seen: dict[str, Any], truth: Truth) -> None:
    assert seen["start_recording"] is True and seen["stop_recording"] is True
    recordings = [line for line in truth if line["kind"] == "recording"]
    assert [line["action"] for line in recordings] == ["start", "stop_and_save"]
    ids = {line["id"] for line in recordings}
    assert ids == {seen["recording"]["id"]} == {seen["recording_at_end"]["id"]}


def test_a_message_becomes_an_event_of_the_recording(seen: dict[str, Any], truth: Truth) -> None:
    assert seen["message"] == OK
    [event] = _events(truth, "look left")
    assert event["given"] is True
    assert event["recording_id"] == seen["recording"]["id"]
    assert 0 <= event["arrived_ns"] - event["timestamp_ns"] < 1e9


def test_the_offset_of_a_message_lies_in_the_past(
    seen: dict[str, Any], truth: Truth, raw_s: Callable[[Any], Any]
) -> None:
    assert seen["message_earlier"] == OK
    [event] = _events(truth, "a quarter earlier")
    before_s, after_s = seen["message_earlier_raw_s"]
    happened_s = raw_s(event["timestamp_ns"] / 1e9)
    assert before_s - 0.25 - CLOCK_ERROR_S < happened_s < after_s - 0.25 + CLOCK_ERROR_S


def test_events_are_counted(seen: dict[str, Any]) -> None:
    assert seen["events"]["sent"] == seen["events"]["confirmed"] == 3
    assert seen["events"]["unconfirmed_names"] == []
    assert seen["status"]["events"] == seen["events"]


@pytest.mark.parametrize("call", BAD_EVENTS)
def test_an_event_that_makes_no_sense_is_refused(seen: dict[str, Any], call: str) -> None:
    assert seen["bad_calls"][call] == 0


@pytest.mark.parametrize("call", ["message without text", "message at a time in words"])
def test_a_message_that_makes_no_sense_is_an_error(seen: dict[str, Any], call: str) -> None:
    assert seen["bad_calls"][call] == ERROR


@pytest.mark.parametrize("call", BAD_SURFACES)
def test_markers_that_make_no_sense_are_refused(seen: dict[str, Any], call: str) -> None:
    assert seen["bad_calls"][call] is False


def test_after_refusals_everything_goes_on(seen: dict[str, Any], truth: Truth) -> None:
    assert seen["good_event"] == 3
    assert len(_events(truth, "after the bad ones")) == 1
    assert seen["gaze_before_loss"] is not None


def test_replies_hold_nothing_but_plain_values(seen: dict[str, Any]) -> None:
    assert set(seen["reply_types"]) <= {"dict", "list", "str", "int", "float", "bool", "NoneType"}
    assert {"dict", "str", "int"} <= set(seen["reply_types"])


def test_what_neon_lacks_is_told_by_iohubs_codes(seen: dict[str, Any]) -> None:
    assert (seen["command"], seen["setup"]) == (NOT_SUPPORTED, OK)


# -- the end of the phone, and of ioHub -----------------------------------------------------------


def test_gaze_expires_when_the_phone_dies(seen: dict[str, Any]) -> None:
    assert seen["gaze_expired_after_s"] < 0.5
    assert seen["sample_after_loss"] is None and seen["gaze_after_loss"] is None


def test_a_lost_phone_is_told_in_one_sentence(seen: dict[str, Any]) -> None:
    status = seen["status_after_loss"]
    assert status["state"] == "lost"
    assert status["error"] and "\n" not in status["error"]


def test_the_experimenter_reads_in_psychopys_log_that_the_phone_is_lost(
    session: Any, seen: dict[str, Any]
) -> None:
    [problem] = seen["status_after_loss"]["problems"]
    assert problem.startswith("the phone is lost: ")
    log = (session.folder / "psychopy.log").read_text("utf-8")
    assert f"ERROR \tpsychopy_neon: {problem}" in log
    assert f"psychopy_neon: {problem}" in session.output  # and on the console
    assert seen["status"]["problems"] == []


def test_an_event_for_a_lost_phone_is_kept_and_named(session: Any, seen: dict[str, Any]) -> None:
    assert seen["event_after_loss"] == 5
    assert seen["status_after_loss"]["events"]["unconfirmed_names"] == ["too late"]
    journal = session.json_lines("run_neon_events.jsonl")
    assert [line["number"] for line in journal if line["kind"] == "unconfirmed"] == [5]
    assert {line["number"] for line in journal if line["kind"] == "confirmed"} == {1, 2, 3, 4}


def test_iohub_ends_cleanly_in_bounded_time(session: Any, seen: dict[str, Any]) -> None:
    assert seen["hub_code"] == 0
    assert seen["quit_s"] < QUIT_S
    assert session.survivors == []
    assert session.port_is_free


def test_no_reply_was_an_exceptions(session: Any, seen: dict[str, Any]) -> None:
    assert "Traceback" not in session.output
    assert "RUNTIME_ERROR" not in json.dumps(seen)
