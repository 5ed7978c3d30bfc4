"""Answers of the settings reach the phone before it records; no PsychoPy needed."""

from __future__ import annotations

import time

import pytest

from psychopy_neon.iohub.glasses import Glasses
from psychopy_neon.iohub.problems import problems
from psychopy_neon.iohub.settings import Settings

WAIT_S = 15.0


@pytest.fixture
def glasses_with(simulated_neon):
    simulator = simulated_neon(scene=False)
    made = []

    def connected(**answers):
        address = f"{simulator.address}:{simulator.port}"
        glasses = Glasses(Settings(address=address, template_answers=answers), time.perf_counter)
        made.append(glasses)
        glasses.start_recording()
        glasses.start()
        end_s = time.perf_counter() + WAIT_S
        while glasses.neon is None or glasses.recording()["state"] == "starting":
            assert time.perf_counter() < end_s, "the phone did not record in time"
            time.sleep(0.01)
        return glasses, simulator.state

    yield connected
    for glasses in made:
        glasses.close()


def question_of(state, title):
    return next(item for item in state.template()["items"] if item["title"] == title)


def problem_of(glasses):
    facts = glasses.facts(None)
    return problems(facts, facts)["template"]


def test_they_are_stored_before_the_phone_records(glasses_with):
    glasses, state = glasses_with(Participant="P07")
    assert state.answers()[question_of(state, "Participant")["id"]] == ["P07"]
    assert glasses.recording()["state"] == "recording" and not problem_of(glasses).holds


def test_a_question_that_is_not_there_is_told(glasses_with):
    glasses, _ = glasses_with(Shoe="42")
    told = problem_of(glasses)
    assert told.holds and told.level == "error"
    assert "no question is called 'Shoe'; there are " in told.text


def test_glasses_that_are_simulated_for_a_pilot_run_are_not_asked():
    settings = Settings(address="simulator", template_answers={"Shoe": "42"})
    glasses = Glasses(settings, time.perf_counter)
    glasses.start()
    try:
        end_s = time.perf_counter() + WAIT_S
        while glasses.neon is None:
            assert time.perf_counter() < end_s, glasses.error
            time.sleep(0.01)
        assert glasses.is_simulated and not problem_of(glasses).holds
    finally:
        glasses.close()
