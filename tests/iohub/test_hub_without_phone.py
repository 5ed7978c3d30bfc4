"""Wrong settings and an absent phone: one sentence, no exception, a clean end."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

PROMPT_S = 10.0
QUIT_S = 4.0


@pytest.fixture(scope="module")
def closed_port() -> Iterator[int]:
    """A port on which nobody can listen while the tests run."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])


@pytest.fixture(scope="module")
def misspelt(hub_run: Callable[..., Any]) -> Any:
    return hub_run("hub_without_phone.py", runtime_settings={"adress": "192.0.2.1"})


@pytest.fixture(scope="module")
def unreachable(hub_run: Callable[..., Any], closed_port: int) -> Any:
    address = f"127.0.0.1:{closed_port}"
    return hub_run("hub_without_phone.py", runtime_settings={"address": address})


@pytest.fixture(scope="module", params=["misspelt", "unreachable"])
def either(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


def _is_one_sentence(text: str) -> bool:
    return bool(text) and "\n" not in text and "Traceback" not in text and len(text) < 300


def test_a_misspelt_setting_is_named_with_those_that_exist(misspelt: Any) -> None:
    outcome = misspelt.results["outcome"]
    assert outcome["state"] == "failed"
    assert "'adress'" in outcome["error"] and "address" in outcome["error"]
    assert _is_one_sentence(outcome["error"])


def test_an_unreachable_address_is_named(unreachable: Any, closed_port: int) -> None:
    outcome = unreachable.results["outcome"]
    assert outcome["state"] == "failed"
    assert f"127.0.0.1:{closed_port}" in outcome["error"]
    assert _is_one_sentence(outcome["error"])


def test_the_outcome_comes_soon(either: Any) -> None:
    assert either.results["outcome_s"] < PROMPT_S


def test_the_experiment_reads_what_is_wrong_and_what_to_do(either: Any) -> None:
    text = either.results["connection_error"]
    assert either.results["outcome"]["error"] in text
    assert "If the glasses are missing" in text


def test_there_is_no_gaze_and_no_time(either: Any) -> None:
    use = either.results["use"]
    assert use["connected"] is False and use["set_connection"] is False
    assert use["sample"] is None and use["gaze"] is None and use["position"] is None
    assert use["tracker_time"] == 0


def test_sampling_can_be_switched_on_all_the_same(either: Any) -> None:
    assert either.results["use"]["set_recording"] is True
    assert either.results["use"]["enabled"] is True


def test_events_are_taken_and_counted_as_not_yet_delivered(either: Any) -> None:
    use = either.results["use"]
    assert (use["event"], use["message"]) == (1, 200)  # ioHub's code for "done"
    assert use["events"]["sent"] == use["events"]["pending"] == 2
    assert use["events"]["unconfirmed_names"] == ["early", "early, too"]
    assert use["events"]["confirmed"] == 0


def test_events_are_kept_in_the_journal_as_unconfirmed(unreachable: Any) -> None:
    lines = unreachable.json_lines("journal.jsonl")
    kept = {line["number"]: line["name"] for line in lines if line["kind"] == "event"}
    assert kept == {1: "early", 2: "early, too"}
    assert [line["number"] for line in lines if line["kind"] == "unconfirmed"] == [1, 2]


def test_a_recording_is_asked_for_and_never_comes(either: Any) -> None:
    use = either.results["use"]
    assert (use["start_recording"], use["stop_recording"]) == (True, True)
    assert use["recording"]["id"] == ""
    assert use["recording"]["state"] != "recording"


def test_iohub_ends_cleanly_and_soon(either: Any) -> None:
    assert either.results["hub_code"] == 0
    assert either.results["quit_s"] < QUIT_S
    assert either.survivors == []
    assert either.port_is_free
    assert "Traceback" not in either.output


def test_a_check_says_that_there_is_no_phone(either: Any) -> None:
    check = either.results["use"]["check"]
    assert check["facts"]["link"] == "failed"
    assert check["picture"] is True and check["picture_after"] is False
    assert (check["again"], check["note"], check["end"]) == (True, False, True)
