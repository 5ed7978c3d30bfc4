"""What `runtime_settings` may hold, and what somebody reads who got it wrong."""

from __future__ import annotations

from typing import Any

import pytest

from psychopy_neon.exceptions import UsageError


@pytest.fixture
def from_config(sample_classes: Any) -> Any:
    from psychopy_neon.iohub.settings import Settings

    return Settings.from_config


@pytest.mark.parametrize("nothing", [None, {}])
def test_without_settings_the_phone_is_discovered_and_recorded_by_routines(
    from_config: Any, nothing: Any
) -> None:
    settings = from_config(nothing)
    assert (settings.address, settings.name, settings.serial, settings.journal) == ("",) * 4
    assert (settings.record_with, settings.if_missing) == ("routine", "stop")
    assert (settings.max_gaze_age_s, settings.max_pose_age_s) == (0.1, 0.5)


def test_values_are_taken_over(from_config: Any) -> None:
    settings = from_config(
        {"address": "192.0.2.1:8080", "max_gaze_age_s": 0.25, "record_with": "never"}
    )
    assert settings.address == "192.0.2.1:8080"
    assert settings.max_gaze_age_s == 0.25
    assert settings.record_with == "never"


def test_text_is_trimmed_and_none_is_empty(from_config: Any) -> None:
    settings = from_config({"address": " 192.0.2.1 \n", "name": None})
    assert settings.address == "192.0.2.1"
    assert settings.name == ""


def test_a_serial_number_may_be_given_as_a_number(from_config: Any) -> None:
    assert from_config({"serial": 123456}).serial == "123456"


def test_seconds_may_be_given_as_whole_number_or_text(from_config: Any) -> None:
    settings = from_config({"max_gaze_age_s": 1, "max_pose_age_s": "0.75"})
    assert (settings.max_gaze_age_s, settings.max_pose_age_s) == (1.0, 0.75)
    assert isinstance(settings.max_gaze_age_s, float)


def test_answers_and_streams_are_taken_over(from_config: Any) -> None:
    settings = from_config({"template_answers": {"Age": 31}, "streams": ["motion"]})
    assert (settings.template_answers, settings.streams) == ({"Age": 31}, ["motion"])
    assert from_config({"template_answers": None}).template_answers == {}
    assert from_config({}).streams == ["eye movements", "motion"]


@pytest.mark.parametrize("wrong", ["P07", ["P07"], 7])
def test_answers_without_questions_are_refused(from_config: Any, wrong: Any) -> None:
    with pytest.raises(UsageError, match="expected answers by the title of their question"):
        from_config({"template_answers": wrong})


@pytest.mark.parametrize("wrong", ["motion", ["sound"], 7])
def test_streams_that_do_not_exist_are_refused(from_config: Any, wrong: Any) -> None:
    with pytest.raises(UsageError, match=r"streams is .*; expected .*eye movements, motion"):
        from_config({"streams": wrong})


def test_an_unknown_name_is_told_with_the_known_ones(from_config: Any) -> None:
    with pytest.raises(UsageError, match=r"'adress'.*expected.*address.*record_with"):
        from_config({"adress": "192.0.2.1"})


@pytest.mark.parametrize("wrong", ["soon", None, 0, -0.1, 61, float("nan"), float("inf"), []])
@pytest.mark.parametrize("name", ["max_gaze_age_s", "max_pose_age_s"])
def test_seconds_that_make_no_sense_are_refused(from_config: Any, name: str, wrong: Any) -> None:
    with pytest.raises(UsageError, match=rf"{name} is .*more than 0 and at most 60"):
        from_config({name: wrong})


@pytest.mark.parametrize(
    ("name", "wrong", "choices"),
    [
        ("record_with", "Routine", "routine, experiment, never"),
        ("record_with", "", "routine, experiment, never"),
        ("if_missing", "go_on", "stop, go on"),
    ],
)
def test_a_choice_that_does_not_exist_is_told_with_those_that_do(
    from_config: Any, name: str, wrong: str, choices: str
) -> None:
    with pytest.raises(UsageError, match=rf"{name} is {wrong!r}; expected one of {choices}"):
        from_config({name: wrong})


def test_what_was_passed_in_is_left_alone(from_config: Any) -> None:
    given = {"address": " a ", "max_gaze_age_s": "1"}
    from_config(given)
    assert given == {"address": " a ", "max_gaze_age_s": "1"}


def test_limits_of_the_certificate_are_taken_over(from_config: Any) -> None:
    limits = {"max_event_bound_ms": 2, "max_clock_steps": None}
    assert from_config({"timing_limits": limits}).timing_limits == limits
    assert from_config({}).timing_limits == {}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("strict", "expected names of limits with their values"),
        ({"max_bound": 1}, "there is no limit 'max_bound'"),
        ({"max_event_bound_ms": -1}, "expected a number of at least 0"),
    ],
)
def test_limits_of_no_use_are_told_before_the_run(from_config: Any, wrong: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        from_config({"timing_limits": wrong})
