"""Numbers that come from texts, as those of the dialog at the start of an experiment."""

from __future__ import annotations

from typing import Any

import pytest

from psychopy_neon.exceptions import UsageError

# Of the object, its argument, a number for it, and what Builder calls it.
FIELDS = [
    ("NeonGate", "radius", 1.5, "Radius (deg)"),
    ("NeonGate", "hold", 0.5, "Hold (s)"),
    ("NeonGate", "give_up", 4.0, "Give up after (s)"),
    ("NeonValidate", "points", 9, "Number of targets"),
    ("NeonValidate", "spread", 0.5, "Spread of the targets"),
    ("NeonValidate", "limit", 2.0, "Pass limit (deg)"),
    ("NeonValidate", "show", 0.0, "Show the result for (s)"),
    ("NeonDisplayLag", "changes", 24, "Number of changes"),
    ("NeonDisplayLag", "exposure", 0.005, "Exposure of the camera (s)"),
    ("NeonDisplayLag", "otherwise", 0.02, "Lag if none is found (s)"),
    ("NeonCheck", "limit", 20.0, "Time limit (s)"),
]
HIDDEN = [
    ("NeonCheck", "minutes", "Session lasts (min)"),
    ("NeonCheck", "clock_ms", "Clock known to (ms)"),
    ("NeonCheck", "round_trip_ms", "Network answers within (ms)"),
    ("NeonCheck", "gaze_hz", "Lowest gaze rate (Hz)"),
    ("NeonCheck", "battery_per_minute", "Battery per minute (%)"),
    ("NeonCheck", "storage_per_minute", "Storage per minute (MB)"),
    ("NeonGaze", "smoothing_s", "Smooth over (s)"),
    ("NeonGaze", "hold_s", "Hold for (s)"),
    ("NeonGaze", "dwell_s", "Dwell time (s)"),
]


@pytest.mark.parametrize(("kind", "argument", "value", "_"), FIELDS)
def test_a_text_that_is_a_number_is_taken_for_it(
    runtime: Any, view: Any, window: Any, kind: str, argument: str, value: float, _: str
) -> None:
    made = getattr(runtime, kind)(window, view, **{argument: f" {value} "})
    assert getattr(made, argument) == value


@pytest.mark.parametrize(
    ("kind", "argument", "field"),
    [(kind, argument, field) for kind, argument, _, field in FIELDS] + HIDDEN,
)
def test_what_is_none_is_refused_by_the_name_of_its_field(
    runtime: Any, view: Any, window: Any, kind: str, argument: str, field: str
) -> None:
    with pytest.raises(UsageError) as refusal:
        getattr(runtime, kind)(window, view, name="mine", **{argument: "soon"})
    assert str(refusal.value).startswith(f"'{field}' of mine is 'soon'; expected a ")


@pytest.mark.parametrize("blank", [None, "", " "])
def test_a_blank_number_is_refused_where_one_is_needed(
    runtime: Any, view: Any, window: Any, blank: Any
) -> None:
    with pytest.raises(UsageError, match=r"'Hold \(s\)' of neonGate is blank; expected a number"):
        runtime.NeonGate(window, view, hold=blank)
    gate = runtime.NeonGate(window, view, give_up=blank)
    validate = runtime.NeonValidate(window, view, show=blank)
    lag = runtime.NeonDisplayLag(window, view, exposure=blank, otherwise=blank)
    assert gate.give_up is validate.show is lag.exposure is None and lag.otherwise == 0.0


def test_what_a_check_needs_may_be_texts(runtime: Any, view: Any, window: Any) -> None:
    needs = runtime.NeonCheck(window, view, minutes="45", clock_ms="2.5").needs
    assert (needs.minutes, needs.clock_ms) == (45.0, 2.5)


def test_gaze_may_be_held_and_dwelt_for_the_time_of_a_text(
    runtime: Any, view: Any, window: Any
) -> None:
    texts = {"smoothing_s": "0.2", "hold_s": "0.4", "dwell_s": "1"}
    assert runtime.NeonGaze(window, view, smoothing="moving average", **texts).pos is not None


@pytest.mark.parametrize(
    ("argument", "value", "words"),
    [
        ("columns", None, "'Columns' of frame is blank; expected a whole number"),
        ("rows", 3.5, "'Rows' of frame is 3.5; expected a whole number"),
        ("first_id", "ten", "'First marker' of frame is 'ten'; expected a whole number"),
        ("tag_size", "", "'Size of a marker' of frame is blank; expected a number"),
    ],
)
def test_the_layout_of_markers_is_of_numbers(
    runtime: Any, view: Any, window: Any, argument: str, value: Any, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        runtime.NeonMarkers(window, view, name="frame", white=200, **{argument: value})
