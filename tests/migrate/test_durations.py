"""Routines that the makers' components held open, and ours do not."""

from __future__ import annotations

from typing import Any

import pytest

from psychopy_neon.migrate import migrate_psyexp

EVENT, FRAME, TAG = "PLEventComponent", "AprilTagFrameComponent", "AprilTagComponent"
TEXT, RECORD = "TextComponent", "EyetrackerRecordComponent"

Part = tuple[str, dict[str, str]]


def by_hand(writer: Any, *parts: Part) -> tuple[str, ...]:
    texts = [writer.component(kind, f"c{n}", **changed) for n, (kind, changed) in enumerate(parts)]
    return migrate_psyexp(writer.experiment(trial=texts)).by_hand


@pytest.mark.parametrize(
    ("part", "other", "ends"),
    [
        ((EVENT, {"stopVal": "1"}), (TEXT, {"stopVal": "0.5"}), "after 0.5 s"),
        ((EVENT, {"stopVal": ""}), (TEXT, {"stopVal": "9"}), "after 9 s"),
        ((EVENT, {"stopVal": "3", "stopType": "time (s)"}), (TEXT, {}), "after 2 s"),
        ((EVENT, {"stopVal": "$t"}), (TEXT, {}), "after 2 s"),
        ((EVENT, {"stopVal": "1"}), (TEXT, {"stopVal": "x"}), "when its other components do"),
        ((EVENT, {}), (TEXT, {"stopVal": "60", "stopType": "duration (frames)"}), "when its"),
        ((FRAME, {}), (TEXT, {"startVal": "1.5"}), "after 3.5 s"),
        ((EVENT, {}), (RECORD, {"actionType": "Start Only"}), "after 0 s"),
        ((EVENT, {}), (TEXT, {"stopVal": "", "disabled": "True"}), "after 0 s"),
    ],
)
def test_a_routine_that_will_be_shorter_is_pointed_out(
    writer: Any, part: Part, other: Part, ends: str
) -> None:
    (told,) = by_hand(writer, part, other)
    assert told.startswith("trial: c0 held this Routine open")
    assert ends in told


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ((EVENT, {"stopVal": "1"}), (TEXT, {"stopVal": "1.0"})),
        ((EVENT, {"stopVal": "1", "startVal": "1"}), (TEXT, {})),
        ((EVENT, {}), (TEXT, {"stopVal": ""})),
        ((FRAME, {"stopVal": "3"}), (TEXT, {})),
        ((FRAME, {}), (TEXT, {"stopVal": ""})),
        ((TAG, {"disabled": "True"}), (TEXT, {})),
        ((EVENT, {"disabled": "True"}), (TEXT, {"stopVal": "0.1"})),
    ],
)
def test_a_routine_that_will_be_as_long_is_not(writer: Any, part: Part, other: Part) -> None:
    assert by_hand(writer, part, other) == ()
