"""Eyes that follow a swinging target do it as people's do."""

from __future__ import annotations

import json

import numpy as np
import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator import Participant, Swing
from psychopy_neon.simulator.gaze_script import ScriptedGaze
from psychopy_neon.simulator.human.angles import ScreenAngles
from psychopy_neon.simulator.human.gaze import HumanGaze

STEP_NS = 5_000_000
ANGLES = ScreenAngles(531 / 1200, 531 * 9 / 16 / 1200)  # the default monitor, 60 cm away
START_NS = 1_700_000_000_000_000_000
BEGAN_NS = START_NS + 1_000_000_000
SWING = Swing((0.1, -0.2), (0.5, 0.0), 4.0)
PARTICIPANT = Participant(start=SWING.middle, on_event={"go": SWING, "rest": (-0.5, 0.5)})
SECONDS = 21


def followed(gaze):
    """Places of eye and target in degrees to the right, and whether the eye leapt, 200 a second."""
    seen = []
    for number in range(SECONDS * 200):
        now_ns = START_NS + number * STEP_NS
        if now_ns == BEGAN_NS + STEP_NS:
            gaze.notice_event("go", BEGAN_NS, now_ns)
        eye = gaze.position(now_ns)
        target = SWING.place((now_ns - BEGAN_NS) / 1e9)
        seen.append((eye[0], target[0], bool(gaze.is_moving)))
    eye, target, leaps = np.array(seen).T
    return *(np.degrees(np.arctan(each * ANGLES.half_width)) for each in (eye, target)), leaps > 0


@pytest.fixture(scope="module")
def human():
    return followed(HumanGaze(PARTICIPANT, ANGLES, seed=5))


def steady(values):
    """Without the time before the target moves, and its first two seconds."""
    return values[3 * 200 :]


def test_pursuit_begins_150_ms_after_the_target(human):
    eye, target, _ = human
    begin = 200
    assert np.ptp(eye[begin : begin + 28]) < 0.2  # nothing but drift
    assert target[begin + 28] - target[begin] > 1
    assert eye[begin + 50] - eye[begin + 30] > 1


def test_between_saccades_the_eye_is_too_slow_by_some_per_cent(human):
    eye, target, leaps = (steady(each) for each in human)
    smooth = ~leaps[1:] & ~leaps[:-1]
    moved, should = np.diff(eye)[smooth], np.diff(target)[smooth]
    assert np.sum(moved * should) / np.sum(should**2) == pytest.approx(0.92, abs=0.02)


def test_saccades_make_up_for_it_without_a_lag(human):
    eye, target, leaps = (steady(each) for each in human)
    assert 10 < np.sum(np.diff(leaps.astype(int)) == 1) < 60  # in 18 s
    by_sine = np.polyfit(target, eye, 1)[0]
    assert by_sine == pytest.approx(1.0, abs=0.04)
    # Collewijn and Tamminga report 0.2 to 1.3 degrees.
    assert 0.2 < np.std(eye - target) < 1.3


def test_something_else_to_look_at_ends_it():
    gaze = HumanGaze(PARTICIPANT, ANGLES, seed=5)
    followed(gaze)
    now_ns = START_NS + SECONDS * 200 * STEP_NS
    gaze.notice_event("rest", now_ns, now_ns)
    places = [gaze.position(now_ns + number * STEP_NS) for number in range(400)]
    assert ANGLES.between_deg(places[-1], (-0.5, 0.5)) < 0.6
    assert max(ANGLES.between_deg(place, places[-1]) for place in places[-100:]) < 0.5


def test_an_exact_participant_is_on_the_target_from_the_reaction_on():
    eye, target, _ = followed(ScriptedGaze(PARTICIPANT, START_NS))
    assert np.ptp(eye[200:240]) == 0
    assert np.abs(eye - target)[260:].max() < 1e-6


def test_a_swing_can_stand_in_the_participants_file(tmp_path):
    path = tmp_path / "participant.json"
    swing = {"middle": [0.1, -0.2], "reach": [0.5, 0], "period_s": 4}
    path.write_text(json.dumps({"on_event": {"go": swing, "rest": [-0.5, 0.5]}}), "utf-8")
    assert Participant.from_file(path).on_event == PARTICIPANT.on_event


@pytest.mark.parametrize("wrong", [{"period_s": 0}, {"reach": [1]}, {"middle": None}, {"speed": 3}])
def test_a_wrong_swing_is_refused(wrong):
    swing = {"middle": [0, 0], "reach": [0.5, 0], "period_s": 4, **wrong}
    with pytest.raises(UsageError):
        Participant.from_json({"on_event": {"go": swing}})
