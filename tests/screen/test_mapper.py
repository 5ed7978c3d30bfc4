from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from psychopy_neon.samples import Eyelid, EyeState, GazeSample, ScreenGaze
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.mapper import map_gaze
from psychopy_neon.screen.pose import ScreenPose

CAMERA = SceneCamera.typical()
S = 1_000_000_000
NOW = 1_700_000_000 * S
MS = 1_000_000


def pose(age_ms: int = 40) -> ScreenPose:
    """A 16:9 window seen from the front."""
    translation = np.array([0.0, 0.0, 4.0])
    return ScreenPose(NOW - age_ms * MS, np.eye(3), translation, (16 / 9, 1.0), 7, 0.9, 0.3)


def gaze(x: float = 817.1, y: float = 614.4, age_ms: int = 10, **changes: Any) -> GazeSample:
    given = {"device_ns": NOW - age_ms * MS, "arrived_host_ns": 5, "worn": True, **changes}
    return GazeSample(x=x, y=y, **given)


def mapped(sample: GazeSample | None, screen: ScreenPose | None) -> ScreenGaze:
    return map_gaze(
        sample, screen, CAMERA, now_device_ns=NOW, max_gaze_age_s=0.1, max_pose_age_s=0.5
    )


def test_gaze_at_the_middle_is_the_origin_and_carries_its_ages() -> None:
    result = mapped(gaze(), pose())
    assert (result.x, result.y) == pytest.approx((0, 0), abs=1e-6)
    assert (result.valid, result.problem) == (True, None)
    assert result.age_s == pytest.approx(0.010)
    assert result.pose_age_s == pytest.approx(0.030)
    assert (result.tags, result.device_ns) == (7, NOW - 10 * MS)


def test_gaze_above_and_right_is_positive() -> None:
    x, y = CAMERA.project([(16 / 9 / 4 * 0.5, -0.25 * 0.5)])[0]
    result = mapped(gaze(x, y), pose())
    assert (result.x, result.y) == pytest.approx((0.5, 0.5), abs=1e-5)


def test_gaze_beside_the_window_is_valid_and_beyond_one() -> None:
    x, y = CAMERA.project([(1.0, 0.0)])[0]
    result = mapped(gaze(x, y), pose())
    assert result.valid
    assert result.x == pytest.approx(2.25, abs=1e-4)


@pytest.mark.parametrize(
    ("sample", "screen", "problem"),
    [
        (None, pose(), "no gaze"),
        (gaze(age_ms=101), pose(), "too old"),
        (gaze(age_ms=-101), pose(), "too old"),
        (gaze(worn=False), pose(), "not worn"),
        (gaze(), None, "no screen"),
        (gaze(), pose(age_ms=511), "screen too old"),
        (gaze(), pose(age_ms=-491), "screen too old"),
        (gaze(x=3.0, y=3.0), pose(), "off lens"),
        (gaze(x=math.nan), pose(), "off lens"),
        (gaze(age_ms=200, worn=False), None, "too old"),
        (gaze(worn=False, x=3.0), None, "not worn"),
        (gaze(x=3.0, y=3.0), pose(age_ms=800), "screen too old"),
    ],
)
def test_unusable_gaze_is_nan_and_says_why(
    sample: GazeSample | None, screen: ScreenPose | None, problem: str
) -> None:
    result = mapped(sample, screen)
    assert (result.valid, result.problem) == (False, problem)
    assert math.isnan(result.x)
    assert math.isnan(result.y)


@pytest.mark.parametrize("age_ms", [0, 100, -100])
def test_gaze_at_the_age_limit_still_counts(age_ms: int) -> None:
    assert mapped(gaze(age_ms=age_ms), pose()).valid


@pytest.mark.parametrize("age_ms", [510, -490])
def test_screen_at_the_age_limit_still_counts(age_ms: int) -> None:
    assert mapped(gaze(), pose(age_ms)).valid


def test_gaze_that_does_not_meet_the_plane_of_the_window_has_no_screen() -> None:
    edge_on = np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]])
    aside = ScreenPose(NOW, edge_on, np.array([2.0, 0, 4]), (1.0, 1.0), 3, 0.5, 0.1)
    assert mapped(gaze(x=300), aside).problem == "no screen"


def test_ages_are_known_although_the_gaze_is_unusable() -> None:
    result = mapped(gaze(age_ms=300), pose(age_ms=800))
    assert result.age_s == pytest.approx(0.3)
    assert result.pose_age_s == pytest.approx(0.5)
    assert result.tags == 7


def test_without_gaze_nothing_is_known() -> None:
    result = mapped(None, None)
    assert math.isnan(result.age_s)
    assert math.isnan(result.pose_age_s)
    assert (result.tags, result.device_ns) == (0, None)
    assert math.isnan(result.pupil_mm)


def eye(diameter_mm: float) -> EyeState:
    return EyeState(diameter_mm, (0, 0, 0), (0, 0, 1))


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [(3.0, 4.0, 3.5), (3.0, 0.0, 3.0), (math.nan, 4.0, 4.0), (0.0, math.nan, math.nan)],
)
def test_pupil_is_the_mean_of_the_open_eyes(left: float, right: float, expected: float) -> None:
    result = mapped(gaze(left_eye=eye(left), right_eye=eye(right)), pose())
    assert result.pupil_mm == pytest.approx(expected, nan_ok=True)


def test_pupil_is_reported_even_if_only_one_eye_is_sent() -> None:
    assert mapped(gaze(right_eye=eye(5.0)), None).pupil_mm == 5.0


def lid(aperture_mm: float) -> Eyelid:
    return Eyelid(0.5, -0.5, aperture_mm)


@pytest.mark.parametrize(
    ("left", "right", "problem"),
    [
        (lid(0.0), lid(0.3), "blink"),
        (lid(0.0), lid(9.0), None),
        (lid(0.0), None, None),
        (None, None, None),
        (lid(math.nan), lid(math.nan), None),
    ],
)
def test_gaze_of_two_shut_eyes_is_a_blink(
    left: Eyelid | None, right: Eyelid | None, problem: str | None
) -> None:
    result = mapped(gaze(left_lid=left, right_lid=right), pose())
    assert (result.valid, result.problem) == (problem is None, problem)


def test_how_the_pose_was_got_is_handed_on_and_its_error_only_with_valid_gaze() -> None:
    given = {"now_device_ns": NOW, "max_gaze_age_s": 0.1, "max_pose_age_s": 0.5}
    quality: dict[str, Any] = {"pose_source": "gyroscope", "expected_error_deg": 0.07}
    good = map_gaze(gaze(), pose(), CAMERA, **given, **quality)
    assert (good.pose_source, good.expected_error_deg) == ("gyroscope", 0.07)
    shut = map_gaze(gaze(worn=False), pose(), CAMERA, **given, **quality)
    assert shut.pose_source == "gyroscope" and math.isnan(shut.expected_error_deg)
    assert map_gaze(gaze(), None, CAMERA, **given, **quality).pose_source is None
