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
