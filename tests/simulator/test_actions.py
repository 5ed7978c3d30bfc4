"""What can be asked of a simulator by name, and what is refused before it is done."""

from __future__ import annotations

import inspect

import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.status import Hardware
from psychopy_neon.simulator import Controls, Faults
from psychopy_neon.simulator.actions import ACTIONS, find_action

GOOD = {
    "hardware": {"hardware": {"version": "2.0", "module_serial": None}},
    "refuse": {"operation": "event", "message": "no"},
    "unknown_model": {"data": {"any": ["thing"]}},
    "http_garbage": {"body": "no json", "count": 2},
    "reset": {"sensor": None},
    "http_error": {"json_body": False},
    "say_bye": {"sensor": "gaze"},
}


def methods(cls):
    return {name for name in vars(cls) if not name.startswith("_") and callable(vars(cls)[name])}


def test_every_method_of_faults_and_controls_is_there_once():
    assert methods(Faults) & methods(Controls) == set()
    assert set(ACTIONS) == methods(Faults) | methods(Controls)
    assert len(ACTIONS) > 40


@pytest.mark.parametrize("name", ACTIONS)
def test_arguments_are_those_of_the_method(name):
    owner = Faults if ACTIONS[name].owner == "faults" else Controls
    parameters = list(inspect.signature(getattr(owner, name)).parameters.values())[1:]
    described = {key: one.is_needed for key, one in ACTIONS[name].arguments.items()}
    assert described == {one.name: one.default is one.empty for one in parameters}
    assert all(len(one.wanted) > 5 for one in ACTIONS[name].arguments.values())
    assert not {"at", "do"} & set(described)  # a step of a scenario has these besides


@pytest.mark.parametrize("name", GOOD)
def test_what_fits_the_signature_is_taken(name):
    assert set(find_action(name).read(GOOD[name])) == set(GOOD[name])


def test_json_becomes_what_the_method_takes():
    assert find_action("http_garbage").read({"body": "é"}) == {"body": "é".encode()}
    glasses = find_action("hardware").read({"hardware": {"version": "2.0"}})
    assert glasses == {"hardware": Hardware("2.0")}
    seconds = find_action("cut_link").read({"seconds": 10})["seconds"]
    assert seconds == 10 and isinstance(seconds, float)


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        ("lose", {"stream": "gaze", "share": 1.01}, "share of lose must be a number from 0 to 1"),
        ("lose", {"stream": "gaze", "share": "much"}, "must be a number"),
        ("lose", {"stream": "gaze", "share": True}, "must be a number"),
        ("lose", {"stream": "gaze", "share": float("nan")}, "must be a number"),
        ("lose", {"stream": "gaze", "share": 10**400}, "must be a number"),
        ("lose", {"stream": "gays", "share": 0.1}, "must be a text: imu, world, gaze"),
        ("lose", {"stream": ["gaze"], "share": 0.1}, "must be a text"),
        ("lose", {"stream": "gaze"}, "lose needs share"),
        ("lose", {}, "lose needs stream and share"),
        ("lose", {"stream": "gaze", "sahre": 0.1}, "takes stream, share; there is no 'sahre'"),
        ("blink", {"x": 1}, "blink takes nothing"),
        ("cut_link", {"seconds": -1}, "from 0 to 3600"),
        ("step_clock", {"seconds": 1e300}, "must be a number"),
        ("refuse_play", {"stream": "gaze", "count": 1.5}, "must be a whole number"),
        ("refuse", {"operation": "explode", "message": "no"}, "recording:start"),
        ("silence", {"stream": "gaze", "on": 1}, "must be true or false"),
        ("hardware", {"hardware": {"colour": "red"}}, "must be an object"),
        ("hardware", {"hardware": {"version": 2}}, "must be an object"),
        ("unknown_gaze", {"length": 8}, "from 9 to"),
        ("http_garbage", {"body": "x" * 200_000}, "must be a text"),
    ],
)
def test_what_does_not_fit_is_one_sentence(name, arguments, reason):
    with pytest.raises(UsageError, match=reason) as caught:
        find_action(name).read(arguments)
    assert len(str(caught.value)) < 300 and str(caught.value).endswith(".")


@pytest.mark.parametrize("name", ["cut_lnk", "", None, 7, ["cut_link"], "__init__", "_of"])
def test_an_unknown_name_is_one_sentence(name):
    with pytest.raises(UsageError, match="there is no"):
        find_action(name)


def test_a_slip_of_the_pen_is_recognised():
    with pytest.raises(UsageError, match="did you mean cut_link"):
        find_action("cut_lnk")


def test_clear_puts_sensor_times_back_to_what_they_were_at_the_start(simulated_neon):
    neon = simulated_neon(scene=False, sensor_skew_s=0.5)
    neon.faults.skew_sensors(-3)
    neon.faults.clear()
    assert neon.sensors.imu.skew_ns == neon.sensors.eye_events.skew_ns == 500_000_000


def test_clear_keeps_the_variant_that_was_chosen(simulated_neon):
    neon = simulated_neon(scene=False)
    neon.controls.gaze_variant(89)
    neon.faults.unknown_gaze()
    neon.faults.unknown_gaze(200)
    neon.faults.clear()
    assert neon.gaze.gaze_bytes == 89


def test_an_unknown_variant_and_one_of_glasses_that_have_one_only_are_refused(simulated_neon):
    with pytest.raises(UsageError, match="one of 9, 17"):
        simulated_neon(scene=False).controls.gaze_variant(90)
    with pytest.raises(UsageError, match="one variant"):
        simulated_neon(scene=False, model="invisible").controls.gaze_variant(65)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda controls: controls.battery(150), "battery must be 0 to 100"),
        (lambda controls: controls.refuse("recording", "no"), "one of recording:start, "),
        (lambda controls: controls.allow("recording"), "one of recording:start, "),
        (lambda controls: controls.stop_recording(), "No recording is running"),
        (lambda controls: controls.cancel_recording(), "No recording is running"),
    ],
)
def test_what_cannot_be_is_refused_from_python_as_well(simulated_neon, call, words):
    with pytest.raises(UsageError, match=words):
        call(simulated_neon(scene=False).controls)


def test_glasses_follow_a_participant_or_the_mouse(simulated_neon):
    with pytest.raises(UsageError, match="gaze_follows must be"):
        simulated_neon(scene=False, gaze_follows="cat")
