from __future__ import annotations

import json

import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator import Participant
from psychopy_neon.simulator.gaze_script import PathGaze, ScriptedGaze

S = 1_000_000_000
MS = 1_000_000


def test_rests_at_the_start():
    gaze = ScriptedGaze(Participant(start=(0.2, -0.1)), 0)
    assert gaze.position(5 * S) == (0.2, -0.1)


def test_reacts_to_the_time_of_an_event_not_to_its_arrival():
    participant = Participant(reaction_s=0.2, saccade_s=0.03, on_event={"go": (0.5, 0.5)})
    gaze = ScriptedGaze(participant, 0)
    gaze.notice_event("go", timestamp_ns=1 * S, arrived_ns=1 * S + 20 * MS)
    assert gaze.position(S + 200 * MS) == (0.0, 0.0)
    assert gaze.position(S + 215 * MS) == pytest.approx((0.25, 0.25))
    assert gaze.position(S + 230 * MS) == (0.5, 0.5)


def test_an_event_with_a_foreign_clock_counts_from_its_arrival():
    gaze = ScriptedGaze(Participant(saccade_s=0.03, on_event={"go": (1, 0)}), 0)
    gaze.notice_event("go", timestamp_ns=-1000 * S, arrived_ns=S)
    assert gaze.position(S + 199 * MS) == (0.0, 0.0)
    assert gaze.position(S + 230 * MS) == (1, 0)


def test_an_event_that_comes_too_late_is_answered_at_once():
    gaze = ScriptedGaze(Participant(saccade_s=0.03, on_event={"go": (1, 0)}), 0)
    gaze.notice_event("go", timestamp_ns=S, arrived_ns=S + 500 * MS)
    assert gaze.position(S + 499 * MS) == (0.0, 0.0)
    assert gaze.position(S + 530 * MS) == (1, 0)


def test_unknown_events_change_nothing():
    gaze = ScriptedGaze(Participant(on_event={"go": (1, 0)}), 0)
    gaze.notice_event("stop", S, S)
    assert gaze.position(10 * S) == (0.0, 0.0)


def test_a_path_is_repeated():
    gaze = PathGaze(Participant(path=((1.0, -0.5, 0), (2.0, 0.5, 0))), 0)
    places = [gaze.position(round(t * S)) for t in (0.5, 1.5, 2.9, 3.5, 4.5)]
    assert places == [(-0.5, 0), (0.5, 0), (0.5, 0), (-0.5, 0), (0.5, 0)]


def test_reads_a_file(tmp_path):
    file = tmp_path / "participant.json"
    content = {"start": [0.1, 0], "reaction_s": 0.3, "on_event": {"a": [1, 2]}, "path": []}
    file.write_text(json.dumps(content), encoding="utf-8")
    read = Participant.from_file(file)
    assert read == Participant((0.1, 0.0), 0.3, on_event={"a": (1.0, 2.0)})


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[" * 200_000,
        "[]",
        '{"strat": [0, 0]}',
        '{"start": [0]}',
        '{"start": [0, NaN]}',
        '{"start": ["0", 0]}',
        '{"reaction_s": -1}',
        '{"on_event": [1]}',
        '{"path": 5}',
        '{"path": [[0, 1, 1]]}',
    ],
)
def test_a_bad_file_is_refused_with_its_name(tmp_path, content):
    file = tmp_path / "participant.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=r"participant"):
        Participant.from_file(file)
