"""Timelines of faults: checked as a whole, carried out in time, repeatable."""

from __future__ import annotations

import json
import threading
import time

import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator import Scenario, SimulatedNeon, SimulatorOptions

WAIT_S = 20.0
QUIET = {"scene": False, "drift_ppm": 0}


def done(truth):
    return [step.do for step in truth.steps]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([], "1 to 10000 steps"),
        ({}, "expected a list of steps"),
        ("no-such-file", "cannot read the scenario file no-such-file"),
        (None, "expected a list of steps"),
        ({"steps": [], "sead": 1}, "expected a list of steps"),
        ({"steps": [{"at": 0, "do": "blink"}], "seed": 1.5}, "seed must be a whole number"),
        ([{"do": "blink"}], "step 1 must be like"),
        ([{"at": 0}], "step 1 must be like"),
        (["blink"], "step 1 must be like"),
        ([{"at": -1, "do": "blink"}], "step 1: at must be 0 to 86400 seconds, not -1"),
        ([{"at": float("nan"), "do": "blink"}], "step 1: at must be"),
        ([{"at": 10**400, "do": "blink"}], "step 1: at must be"),
        ([{"at": True, "do": "blink"}], "step 1: at must be"),
        ([{"at": [5, 3], "do": "blink"}], r"step 1: at must be seconds, or \[earliest, latest\]"),
        ([{"at": [5], "do": "blink"}], "step 1: at must be seconds"),
        ([{"at": 0, "do": "blink"}, {"at": 1, "do": "wink"}], "step 2: there is no 'wink'"),
        ([{"at": 0, "do": "cut_link"}], "step 1: cut_link needs seconds"),
        ([{"at": 0, "do": "cut_link", "seconds": "ten"}], "step 1: seconds of cut_link must be"),
        ([{"at": 0, "do": "lose", "stream": "world", "share": 0.1}], "no stream 'world'"),
        ([{"at": 0, "do": "show_patch"}], "give display_lag_s"),
    ],
)
def test_a_wrong_scenario_is_refused_before_anything_happens(simulated_neon, content, reason):
    neon = simulated_neon(**QUIET)
    with pytest.raises(UsageError, match=reason):
        neon.play(content)
    assert neon.truth.steps == []
    neon.play([{"at": 0, "do": "blink"}])  # nothing is under way


def test_steps_happen_in_time_and_are_noted_by_the_phones_clock(simulated_neon):
    neon = simulated_neon(**QUIET, offset_s=-7)
    # Not in order; and the clock is set meanwhile, which must not move what follows.
    playback = neon.play(
        [
            {"at": 0.4, "do": "look_at", "x": 0.5, "y": -0.25},
            {"at": 0, "do": "lose", "stream": "gaze", "share": 0.5},
            {"at": 0.2, "do": "step_clock", "seconds": 100},
        ]
    )
    assert playback.wait(WAIT_S) and playback.is_done and playback.problems == []
    first, second, third = neon.truth.steps
    assert done(neon.truth) == ["lose", "step_clock", "look_at"]
    assert [step.at_s for step in neon.truth.steps] == [0, 0.2, 0.4]
    assert third.arguments == {"x": 0.5, "y": -0.25}
    assert 0.2 <= (second.device_ns - first.device_ns) / 1e9 < 2
    assert 100.15 <= (third.device_ns - second.device_ns) / 1e9 < 102
    neon_s = time.time() - 7
    assert abs(first.device_ns / 1e9 - neon_s) < 5


def test_a_scenario_may_begin_with_the_simulator():
    neon = SimulatedNeon(SimulatorOptions(**QUIET))
    try:
        playback = neon.play([{"at": 0, "do": "battery", "percent": 3}])
        assert not playback.wait(0.1) and neon.truth.steps == []
        neon.start()
        assert playback.wait(WAIT_S) and done(neon.truth) == ["battery"]
    finally:
        neon.close()


def test_a_step_that_the_phone_refuses_is_told_and_the_rest_goes_on(simulated_neon):
    neon = simulated_neon(**QUIET)
    playback = neon.play([{"at": 0, "do": "stop_recording"}, {"at": 0, "do": "blink"}])
    assert playback.wait(WAIT_S)
    assert done(neon.truth) == ["stop_recording", "stop_recording", "blink"]
    assert [step.problem for step in neon.truth.steps] == ["", "No recording is running", ""]
    assert neon.problems() == ["Step at 0 s: stop_recording: No recording is running"]


def test_one_at_a_time(simulated_neon):
    neon = simulated_neon(**QUIET)
    neon.play([{"at": 3600, "do": "blink"}])
    with pytest.raises(UsageError, match="still under way"):
        neon.play([{"at": 0, "do": "blink"}])
    neon.close()
    with pytest.raises(UsageError, match="closed"):
        neon.play([{"at": 0, "do": "blink"}])


def test_closing_does_not_wait_for_what_is_to_come_nor_for_a_reboot(simulated_neon, stopwatch):
    neon = simulated_neon(**QUIET)
    playback = neon.play([{"at": 0, "do": "reboot", "down_s": 3600}, {"at": 1, "do": "blink"}])
    deadline = time.monotonic() + WAIT_S
    while not neon.truth.steps:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    passing = stopwatch()
    neon.close()
    assert passing.own_s < 6
    assert playback.is_done and done(neon.truth) == ["reboot"]
    assert not any(thread.name == "neon-sim-scenario" for thread in threading.enumerate())


def test_the_seed_decides_the_moments_between():
    steps = [{"at": [0, 100], "do": "blink"}, {"at": [50, 60], "do": "clear"}]
    one, same, other = (
        Scenario.from_json({"seed": seed, "steps": steps}).steps for seed in (7, 7, 8)
    )
    assert one == same != other
    assert all(50 <= step.at_s <= 60 for step in (*one, *other) if step.do == "clear")


def test_the_seed_decides_which_packets_are_hit(simulated_neon):
    neon = simulated_neon(**QUIET)
    neon.play({"seed": 7, "steps": [{"at": 3600, "do": "blink"}]})
    assert {
        stream.faults.seed for streams in neon.sensors.streams.values() for stream in streams
    } == {7}


def test_a_scenario_is_read_from_json(tmp_path):
    file = tmp_path / "link.json"
    file.write_text(json.dumps([{"at": 1, "do": "silence", "stream": "gaze", "on": False}]))
    (step,) = Scenario.from_file(file).steps
    assert (step.at_s, step.do, step.arguments) == (1, "silence", {"stream": "gaze", "on": False})


def test_a_scenario_is_read_from_yaml_where_on_is_no_truth(tmp_path):
    pytest.importorskip("yaml")
    file = tmp_path / "link.yaml"
    file.write_text(
        "seed: 7\nsteps:\n- {at: 1, do: silence, stream: gaze, on: false}\n- {at: 2, do: blink}\n"
    )
    scenario = Scenario.from_file(str(file))
    assert scenario.seed == 7 and scenario.steps[0].arguments == {"stream": "gaze", "on": False}


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("s.json", "[{", "cannot read the scenario file"),
        ("s.json", "[" * 100_000, "cannot read the scenario file"),
        ("s.json", " " * 2_000_001, "longer than"),
        ("s.json", "[1]", "scenario file .*: step 1 must be like"),
        ("s.yaml", "- {at: 1, do: [", "cannot read the scenario file"),
        ("s.yml", "!!python/object/apply:os.getcwd []", "cannot read the scenario file"),
        (None, "", "cannot read the scenario file"),
    ],
)
def test_a_file_that_cannot_be_understood_is_one_error(tmp_path, name, text, reason):
    file = tmp_path / (name or "missing.json")
    if name:
        file.write_text(text)
    with pytest.raises(UsageError, match=reason):
        Scenario.from_file(file)


def test_steps_are_in_the_truth_file(tmp_path, simulated_neon):
    path = tmp_path / "truth.jsonl"
    neon = simulated_neon(**QUIET, truth_path=path)
    assert neon.play([{"at": 0, "do": "wear", "on": False}]).wait(WAIT_S)
    neon.close()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    (step,) = (line for line in lines if line["kind"] == "step")
    assert (step["do"], step["arguments"], step["at_s"]) == ("wear", {"on": False}, 0)
    assert neon.truth.counts()["steps"] == 1 and not neon.gaze.worn
