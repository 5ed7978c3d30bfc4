"""A phone that comes late gets what it was asked for before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

CLOCK_ERROR_S = 0.002
QUIT_S = 10.0


@pytest.fixture(scope="module")
def late(hub_run: Callable[..., Any]) -> Any:
    return hub_run("hub_late_phone.py")


@pytest.fixture(scope="module")
def truth(late: Any) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = late.json_lines("truth.jsonl")
    return lines


def test_the_phone_is_connected_and_no_error_remains(late: Any) -> None:
    status = late.results["late"]["status"]
    assert (status["state"], status["error"]) == ("connected", "")


def test_the_recording_asked_for_before_is_made_and_saved(
    late: Any, truth: list[dict[str, Any]]
) -> None:
    assert late.results["early"]["start_recording"] is True
    recordings = [line for line in truth if line["kind"] == "recording"]
    assert [line["action"] for line in recordings] == ["start", "stop_and_save"]
    recording = late.results["late"]["recording"]
    assert (recording["state"], recording["id"]) == ("recording", recordings[0]["id"])


def test_early_events_arrive_first_and_in_the_recording(
    late: Any, truth: list[dict[str, Any]]
) -> None:
    assert (late.results["early"]["event"], late.results["late"]["later_event"]) == (1, 2)
    events = [line for line in truth if line["kind"] == "event"]
    assert [line["name"] for line in events] == ["before the phone came", "after the phone came"]
    assert {line["recording_id"] for line in events} == {late.results["late"]["recording"]["id"]}


def test_early_events_keep_their_own_time(late: Any, truth: list[dict[str, Any]]) -> None:
    clock = next(line for line in truth if line["kind"] == "clock")
    before_ns, raw_s, after_ns = late.results["late"]["raw_clock"]
    passed_s = raw_s - late.results["early"]["raw_s"]
    host_ns = (before_ns + after_ns) / 2 - passed_s * 1e9
    rate = 1 + clock["drift_ppm"] * 1e-6
    true_ns = clock["zero_device_ns"] + round((host_ns - clock["zero_host_ns"]) * rate)
    event = next(line for line in truth if line["kind"] == "event")
    assert abs(event["timestamp_ns"] - true_ns) < CLOCK_ERROR_S * 1e9


def test_iohub_ends_cleanly_and_soon(late: Any) -> None:
    assert late.results["quit_s"] < QUIT_S
    assert late.survivors == []
    assert late.port_is_free
    assert "Traceback" not in late.output
