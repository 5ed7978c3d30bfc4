"""Rows by field name."""

from __future__ import annotations

import math
from typing import Any

import pytest


@pytest.fixture
def times(sample_classes: Any) -> Any:
    from psychopy_neon.iohub.event_times import EventTimes

    return EventTimes(1_700_000_000.25, 12.5, 12.53125, 0.0005)


def test_a_field_that_does_not_exist_is_named(sample_classes: Any, times: Any) -> None:
    from psychopy_neon.iohub.event_rows import row_of

    with pytest.raises(KeyError, match=r"has no field \['gaze'\]"):
        row_of(sample_classes.BlinkEndEvent, times, {"gaze": 1.0})


def test_fields_stand_in_the_order_of_the_class(sample_classes: Any, times: Any) -> None:
    from psychopy_neon.iohub.event_rows import row_of

    event_class = sample_classes.BlinkEndEvent
    row = row_of(event_class, times, {"status": 22, "duration": 0.25, "eye": 26})
    fields = dict(zip(event_class.CLASS_ATTRIBUTE_NAMES, row, strict=True))
    assert (fields["eye"], fields["duration"], fields["status"]) == (26, 0.25, 22)
    assert (fields["time"], fields["logged_time"], fields["delay"]) == (12.5, 12.53125, 0.03125)
    assert fields["type"] == event_class.EVENT_TYPE_ID


def test_rows_do_not_share_their_values(sample_classes: Any, times: Any) -> None:
    from psychopy_neon.iohub.event_rows import NAN, row_of

    event_class = sample_classes.FixationEndEvent
    place = event_class.CLASS_ATTRIBUTE_NAMES.index("start_gaze_x")
    row_of(event_class, times, {"start_gaze_x": 5.0}, NAN)
    assert math.isnan(row_of(event_class, times, {}, NAN)[place])
    assert row_of(event_class, times, {})[place] == 0
