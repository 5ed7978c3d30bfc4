"""Live gaze for stimuli."""

from __future__ import annotations

import math
from typing import Any

import pytest

MAX_AGE_S = 20.0  # of the view's board, see conftest.py


@pytest.fixture
def gaze(runtime: Any, view: Any, window: Any, exp: Any) -> Any:
    return runtime.NeonGaze(window, view, exp=exp, name="gaze")


def test_one_frame_reads_once_whoever_asks(gaze: Any, view: Any, window: Any) -> None:
    window.flip()
    first = gaze.pos
    view.show_gaze(x=-1.0)
    assert (gaze.pos, gaze.valid, gaze.pupil, gaze.problem) == (first, True, 3.5, None)
    assert 0.02 <= gaze.age < 10.0


def test_reading_gaze_asks_ioHub_for_nothing(gaze: Any, view: Any, window: Any) -> None:  # noqa: N802
    calls = len(view.calls)
    for _ in range(5):
        window.flip()
        assert gaze.valid
    assert len(view.calls) == calls


def test_gaze_that_nobody_renews_becomes_too_old(gaze: Any, view: Any, window: Any) -> None:
    view.show_gaze(age_s=MAX_AGE_S + 1.0)
    assert (gaze.valid, gaze.problem) == (False, "too old")
    assert math.isnan(gaze.screen.x)


def test_every_frame_reads_anew(gaze: Any, view: Any, window: Any) -> None:
    for x in (0.1, 0.2, 0.3):
        window.flip()
        view.show_gaze(x=x)
        assert gaze.pos[0] == pytest.approx(x)


def test_a_script_that_does_not_flip_still_sees_the_eye_move(
    gaze: Any, view: Any, window: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    window.flip()
    assert gaze.pos[0] == pytest.approx(0.5)
    view.show_gaze(x=0.75)
    later = time.perf_counter() + 1.0
    monkeypatch.setattr(time, "perf_counter", lambda: later)
    assert gaze.pos[0] == pytest.approx(0.75)


@pytest.mark.parametrize(
    ("units", "expected"),
    [("norm", (0.5, -0.25)), ("height", (0.5 * 640 / 720, -0.125)), ("pix", (320.0, -90.0))],
)
def test_positions_are_in_the_windows_units(
    gaze: Any, window: Any, units: str, expected: tuple[float, float]
) -> None:
    window.units = units
    assert gaze.pos == pytest.approx(expected)
    assert all(type(coordinate) is float for coordinate in gaze.pos)


def test_lost_gaze_says_why(gaze: Any, view: Any, window: Any) -> None:
    view.lose_gaze("no screen")
    assert not gaze.valid
    assert gaze.problem == "no screen"
    assert math.isnan(gaze.screen.x) and math.isnan(gaze.screen.y)
    assert gaze.getPos() is None


@pytest.mark.parametrize("units", ["norm", "height", "pix"])
def test_stimuli_that_follow_a_lost_gaze_are_far_away(
    gaze: Any, view: Any, window: Any, units: str
) -> None:
    window.units = units
    view.lose_gaze()
    x, y = gaze.pos
    half = {"norm": (1, 1), "height": (640 / 720, 0.5), "pix": (640, 360)}[units]
    assert x < -10 * half[0]
    assert y < -10 * half[1]


def test_an_roi_can_use_it_as_its_device(gaze: Any, window: Any, view: Any) -> None:
    assert gaze.getPos() == pytest.approx((0.5, -0.25))


def test_the_summary_counts_frames(gaze: Any, view: Any, window: Any, exp: Any) -> None:
    gaze.start()
    for age_s, valid in [(0.01, True), (0.03, True), (0.5, False), (0.02, True)]:
        window.flip()
        view.show_gaze(age_s=age_s, valid=valid, problem=None if valid else "no screen")
        gaze.watch()
    gaze.stop()
    assert exp.thisEntry == {
        "gaze.frames": 4,
        "gaze.valid_fraction": 0.75,
        "gaze.median_age_s": 0.02,
    }


def test_a_summary_starts_afresh_and_ends_once(gaze: Any, view: Any, window: Any, exp: Any) -> None:
    for frames in (3, 2):
        gaze.start()
        for _ in range(frames):
            window.flip()
            gaze.watch()
        gaze.stop()
        gaze.stop()
        exp.nextEntry()
    assert [row["gaze.frames"] for row in exp.entries] == [3, 2]


def test_outside_a_summary_watching_saves_nothing(gaze: Any, view: Any, exp: Any) -> None:
    gaze.watch()
    gaze.stop()
    assert exp.thisEntry == {}


# -- smoothed and held ----------------------------------------------------------------------------


STEP_NS = 10_000_000


def _show(view: Any, window: Any, x: float, number: int) -> None:
    window.flip()
    view.show_gaze(x=x, y=0.0, device_ns=1_700_000_000_000_000_000 + number * STEP_NS)


def test_smoothing_averages_what_frames_have_read_and_says_its_delay(
    runtime: Any, view: Any, window: Any
) -> None:
    gaze = runtime.NeonGaze(window, view, smoothing="moving average", smoothing_s=0.1)
    for number, x in enumerate([0.1, 0.2, 0.3]):
        _show(view, window, x, number)
        seen = gaze.pos[0], gaze.delay
    assert seen == pytest.approx((0.2, 0.01))
    assert gaze.screen.x == pytest.approx(0.3)


def test_smoothing_is_the_same_in_x_and_y_whatever_the_windows_shape(
    runtime: Any, view: Any, window: Any
) -> None:
    gaze = runtime.NeonGaze(window, view, smoothing="within fixations", smoothing_s=0.1)
    jumps = []
    for axis in ("x", "y"):
        for number in range(2):
            window.flip()
            # 7 % of the height in x, 3.5 % in y: a saccade and none
            change = {axis: number * 0.07}
            view.show_gaze(**{"x": 0.0, "y": 0.0, **change}, device_ns=10**18 + number * STEP_NS)
            gaze.pos  # noqa: B018 - reading it feeds the filter
        jumps.append(gaze.delay == 0)
        _show(view, window, 0.9, 0)
        gaze.pos  # noqa: B018
    assert jumps == [True, False]


def test_gaze_that_is_lost_goes_away_at_once_by_default(gaze: Any, view: Any, window: Any) -> None:
    window.flip()
    assert gaze.pos and gaze.shown
    window.flip()
    view.lose_gaze("blink")
    assert (gaze.shown, gaze.held) == (False, False)
    assert gaze.pos[0] < -10


def test_gaze_that_is_lost_can_be_held_for_a_while(
    runtime: Any, view: Any, window: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    gaze = runtime.NeonGaze(window, view, hold_s=0.3)
    window.flip()
    now_s, place = time.perf_counter(), gaze.pos
    view.lose_gaze("blink")
    for later_s, expected in [(0.2, True), (0.5, False)]:
        window.flip()
        monkeypatch.setattr(time, "perf_counter", lambda later_s=later_s: now_s + later_s)
        assert (gaze.shown, gaze.held) == (expected, expected)
        assert (gaze.pos == place) is expected
        assert not gaze.valid and gaze.getPos() is None and math.isnan(gaze.delay)


def test_the_summary_says_how_much_smoothing_delays(
    runtime: Any, view: Any, window: Any, exp: Any
) -> None:
    gaze = runtime.NeonGaze(window, view, exp=exp, name="gaze", smoothing="one euro")
    gaze.start()
    for number in range(30):
        _show(view, window, 0.1, number)
        gaze.watch()
    gaze.stop()
    assert 0.02 < exp.thisEntry["gaze.smoothing_delay_s"] <= 0.05


# -- choosing by looking --------------------------------------------------------------------------


class Box:
    """A stimulus of the kind that can be asked what it contains, norm units."""

    def __init__(self, name: str, left: float, right: float) -> None:
        self.name = name
        self._left, self._right = left, right

    def contains(self, place: Any, units: str) -> bool:
        assert units == "norm"
        return self._left <= place[0] <= self._right


@pytest.fixture
def look(view: Any, window: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``look(gaze, x, seconds)``, frame by frame on a clock of the test's own."""
    import time

    now_s = [time.perf_counter()]
    monkeypatch.setattr(time, "perf_counter", lambda: now_s[0])

    def looking(gaze: Any, x: float, seconds: float) -> None:
        for _ in range(round(seconds / 0.02)):
            now_s[0] += 0.02
            window.flip()
            view.show_gaze(x=x, valid=True, problem=None)
            gaze.watch()

    return looking


def test_a_stimulus_is_chosen_by_looking_at_it(
    runtime: Any, view: Any, window: Any, exp: Any, look: Any
) -> None:
    gaze = runtime.NeonGaze(window, view, exp=exp, name="gaze", dwell_s=0.5)
    left, right = Box("left", -1, -0.1), Box("right", 0.1, 1)
    gaze.setDwellOn([left, right])
    gaze.start()
    look(gaze, -0.5, 0.3)
    assert (gaze.looked_at, gaze.selected) == (left, None)
    look(gaze, 0.5, 0.6)
    assert (gaze.looked_at, gaze.selected, gaze.progress) == (right, right, 1.0)
    gaze.stop()
    assert exp.thisEntry["gaze.selected"] == "right"
    assert exp.thisEntry["gaze.selected_s"] == pytest.approx(0.82, abs=0.03)


def test_what_was_not_chosen_leaves_its_columns_empty_and_each_trial_begins_anew(
    runtime: Any, view: Any, window: Any, exp: Any, look: Any
) -> None:
    gaze = runtime.NeonGaze(window, view, exp=exp, name="gaze", dwell_s=0.2)
    for x in (0.5, -0.5):
        gaze.setDwellOn([Box("right", 0.1, 1)])
        gaze.start()
        look(gaze, x, 0.4)
        gaze.stop()
        exp.nextEntry()
    assert [row.get("gaze.selected") for row in exp.entries] == ["right", None]


def test_lost_gaze_chooses_nothing(
    runtime: Any, view: Any, window: Any, exp: Any, look: Any
) -> None:
    gaze = runtime.NeonGaze(window, view, exp=exp, dwell_s=0.2, hold_s=10.0)
    gaze.setDwellOn([Box("right", 0.1, 1)])
    gaze.start()
    look(gaze, 0.5, 0.1)
    view.lose_gaze("blink")
    for _ in range(20):
        window.flip()
        gaze.watch()
    assert gaze.selected is None
