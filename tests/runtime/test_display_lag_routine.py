"""What the Routine keeps of a measurement; the measurement itself is in test_display_lag."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from psychopy_neon.certificate import read_frames
from psychopy_neon.exceptions import NeonConnectionError, UsageError
from psychopy_neon.screen.display_lag import DisplayLag

GOOD = DisplayLag("good", "", lag_s=0.02345678, uncertainty_s=0.001, changes=58, shown=60)
NOT_SEEN = DisplayLag("not seen", "look at the screen")


@pytest.fixture
def routine(
    runtime: Any,
    view: Any,
    window: Any,
    exp: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    """Its measurement finds `routine.finds`, and flips the window twice."""
    from psychopy_neon.runtime import display_lag_routine

    view.chosen["journal"] = str(tmp_path / "p01_neon_events.jsonl")
    made = runtime.NeonDisplayLag(window, view, exp=exp, name="lagTest", otherwise=0.01)

    def measure(win: Any, tracker: Any, **choices: Any) -> DisplayLag:
        win.flip()
        win.flip()
        found: DisplayLag = made.finds
        return found

    monkeypatch.setattr(display_lag_routine, "measure_display_lag", measure)
    return made


def test_what_was_found_is_offered_and_saved(routine: Any, exp: Any) -> None:
    assert (routine.lag, routine.measured) == (0.01, False)
    routine.finds = GOOD
    assert routine.run() is GOOD
    assert (routine.lag, routine.uncertainty) == (0.023457, 0.001)
    assert exp.thisEntry == {
        "lagTest.lag_s": 0.023457,
        "lagTest.uncertainty_s": 0.001,
        "lagTest.verdict": "good",
        "lagTest.problem": "",
        "lagTest.clock_agrees": True,
        "lagTest.changes": 58,
        "lagTest.used_s": 0.023457,
    }


def test_without_a_lag_the_other_one_is_used_and_that_is_said(
    routine: Any, exp: Any, log: Any
) -> None:
    routine.finds = NOT_SEEN
    routine.run()
    assert routine.lag == 0.01 and math.isnan(routine.uncertainty)
    assert (exp.thisEntry["lagTest.lag_s"], exp.thisEntry["lagTest.used_s"]) == ("", 0.01)
    assert "look at the screen. lagTest.lag is 0.01 s" in log


def test_events_take_it_over(runtime: Any, routine: Any, view: Any, window: Any) -> None:
    event = runtime.NeonEvent(window, view, eventName="on")
    routine.finds = GOOD
    routine.run()
    event.setDisplayLag(routine.lag)
    event.send_on_flip()
    window.flip()
    (sent,) = view.take()
    assert sent.data == {"display_lag_s": 0.023457}
    assert sent.raw_s == pytest.approx(runtime.flip_watch.flip_raw_s(window) + 0.023457)


def test_its_flips_are_not_those_of_a_stimulus(
    runtime: Any, routine: Any, view: Any, window: Any, tmp_path: Path
) -> None:
    runtime.NeonRecording(view, win=window).start()
    window.flip()
    routine.finds = GOOD
    routine.run()
    window.flip()
    routine.tracker.close()
    frames = read_frames((tmp_path / "p01_neon_frames.tsv").read_text("utf-8"))
    assert [math.isnan(frame.interval_s) for frame in frames] == [True, True]


def test_a_lag_that_makes_no_sense_is_refused(runtime: Any, view: Any, window: Any) -> None:
    with pytest.raises(UsageError, match="expected seconds"):
        runtime.NeonDisplayLag(window, view, otherwise=float("nan"))


def test_without_a_phone_it_is_skipped_if_the_settings_say_so(
    routine: Any, view: Any, exp: Any, log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from psychopy_neon.runtime import display_lag_routine

    def failing(*_: Any, **__: Any) -> None:
        raise NeonConnectionError("the phone's clock could not be read within 5 s")

    monkeypatch.setattr(display_lag_routine, "measure_display_lag", failing)
    with pytest.raises(NeonConnectionError):
        routine.run()
    view.chosen["if_missing"] = "go on"
    assert routine.run() is None and not routine.measured and routine.lag == 0.01
    assert exp.thisEntry == {"lagTest.used_s": 0.01}
    assert "lagTest could not measure: the phone's clock" in log
