"""A known error is found, taken away, and can be put back."""

from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.accuracy import PointAccuracy
from psychopy_neon.screen.correction import NO_CORRECTION, GazeCorrection, fit_correction
from psychopy_neon.screen.viewing_angles import offsets_from_target

Array = npt.NDArray[np.float64]
NINE = [(x, y) for x in (-15.0, 0.0, 15.0) for y in (-9.0, 0.0, 9.0)]
FIVE = [NINE[4], NINE[0], NINE[2], NINE[6], NINE[8]]

part = st.floats(-0.2, 0.2)
offset = st.floats(-6.0, 6.0)
corrections = st.builds(
    GazeCorrection,
    offset_deg=st.tuples(offset, offset),
    linear=st.tuples(st.tuples(part, part), st.tuples(part, part)),
    version=st.integers(0, 99),
    points=st.integers(0, 13),
    distance=st.floats(0.5, 5.0),
    expected_error_deg=st.floats(0.0, 5.0),
)
directions = st.lists(st.tuples(st.floats(-40, 40), st.floats(-30, 30)), min_size=1, max_size=5)


def seen(wrong: GazeCorrection, targets: list[tuple[float, float]]) -> list[PointAccuracy]:
    """What is measured if gaze is off so that `wrong` would correct it."""
    return [
        PointAccuracy((0, 0), gaze_deg=tuple(gaze), target_deg=target, distance=1.5)
        for gaze, target in zip(wrong.undone(targets), targets, strict=True)
    ]


def error_of(found: GazeCorrection, points: list[PointAccuracy]) -> float:
    corrected = found.apply([point.gaze_deg for point in points])
    offsets = offsets_from_target(corrected, [point.target_deg for point in points])
    return float(np.hypot(*offsets.T).mean())


@given(offset, offset, st.sampled_from([1, 2, 5, 9]))
def test_a_known_offset_is_found(x: float, y: float, number: int) -> None:
    wrong = GazeCorrection(offset_deg=(x, y))
    found = fit_correction(seen(wrong, NINE[:number]), version=3)
    assert found.offset_deg == pytest.approx((x, y), abs=1e-9)
    assert np.abs(found.linear).max() < 1e-9
    assert (found.version, found.points, found.distance) == (3, number, 1.5)


@given(corrections, st.integers(0, 1000))
def test_correcting_reduces_the_error_on_targets_it_has_not_seen(
    wrong: GazeCorrection, seed: int
) -> None:
    noise = np.random.default_rng(seed).normal(0.0, 0.02, (5, 2))
    points = [
        PointAccuracy(
            (0, 0), gaze_deg=tuple(np.add(each.gaze_deg, shift)), target_deg=each.target_deg
        )
        for each, shift in zip(seen(wrong, FIVE), noise, strict=True)
    ]
    found, fresh = fit_correction(points), seen(wrong, NINE)
    assert error_of(found, fresh) <= error_of(NO_CORRECTION, fresh) + 0.05


@given(corrections, directions)
def test_the_inverse_restores_gaze(
    correction: GazeCorrection, gaze: list[tuple[float, float]]
) -> None:
    assert correction.undone(correction.apply(gaze)) == pytest.approx(np.array(gaze), abs=1e-8)


@given(corrections)
def test_what_is_saved_is_what_is_read(correction: GazeCorrection) -> None:
    assert GazeCorrection.from_json(correction.to_json()) == correction


def test_a_linear_error_is_found_from_five_targets_on() -> None:
    wrong = GazeCorrection(offset_deg=(1.0, -0.5), linear=((0.06, 0.0), (0.02, -0.05)))
    assert error_of(fit_correction(seen(wrong, FIVE)), seen(wrong, NINE)) < 0.06
    few = fit_correction(seen(wrong, NINE[:4]))
    assert not np.any(few.linear) and error_of(few, seen(wrong, NINE)) < 1.0


def test_noise_alone_earns_no_linear_part() -> None:
    random = np.random.default_rng(3)
    plain = 0
    for _ in range(40):
        points = [
            PointAccuracy((0, 0), gaze_deg=tuple(random.normal(each, 0.35)), target_deg=each)
            for each in FIVE
        ]
        plain += not np.any(fit_correction(points).linear)
    assert plain > 28


def test_the_error_it_will_leave_is_told() -> None:
    points = seen(GazeCorrection(offset_deg=(2.0, 0.0)), FIVE)
    assert fit_correction(points).expected_error_deg == pytest.approx(0.0, abs=0.02)
    assert np.isnan(fit_correction(points[:1]).expected_error_deg)


def test_rays_are_corrected_as_angles_are() -> None:
    ray = GazeCorrection(offset_deg=(45.0 - 20.0, 0.0)).apply_to_rays([(np.tan(np.radians(20)), 0)])
    assert ray[0] == pytest.approx((1.0, 0.0), abs=1e-12)


def test_targets_that_were_not_measured_do_not_count() -> None:
    good = seen(GazeCorrection(offset_deg=(1.0, 1.0)), FIVE)
    assert fit_correction([*good, PointAccuracy((0, 0), "no gaze")]).points == 5
    with pytest.raises(UsageError, match="no target was measured"):
        fit_correction([PointAccuracy((0, 0), "no gaze")])


def test_a_correction_out_of_all_reason_is_refused() -> None:
    with pytest.raises(UsageError, match="out of all reason"):
        GazeCorrection(offset_deg=(40.0, 0.0))
    with pytest.raises(UsageError, match="finite"):
        GazeCorrection(offset_deg=(float("nan"), 0.0))


@pytest.mark.parametrize("place", range(4))
def test_each_number_of_the_linear_part_must_be_within_reason(place: int) -> None:
    def with_number(number: float) -> GazeCorrection:
        a, b, c, d = (number if each == place else 0.0 for each in range(4))
        return GazeCorrection(linear=((a, b), (c, d)))

    assert not with_number(0.2).changes_nothing
    with pytest.raises(UsageError, match="out of all reason"):
        with_number(-3.0)
    with pytest.raises(UsageError, match="finite"):
        with_number(float("inf"))


def test_what_changes_nothing_says_so() -> None:
    assert NO_CORRECTION.changes_nothing and GazeCorrection(version=3).changes_nothing
    assert not GazeCorrection(offset_deg=(0.0, 0.1)).changes_nothing


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", '{"format": 1}', "[" * 20_000])
def test_text_that_is_no_correction_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="no correction of gaze"):
        GazeCorrection.from_json(text)


@pytest.mark.parametrize("field", ["offset_deg", "points", "version", "distance"])
def test_a_number_that_is_too_large_for_any_float_is_refused(field: str) -> None:
    """As Python reads 1e999, or a one with 400 zeros."""
    value = [10**400, 0] if field == "offset_deg" else 10**400 if field == "distance" else 1e999
    content = json.loads(NO_CORRECTION.to_json()) | {field: value}
    with pytest.raises(UsageError, match="no correction of gaze"):
        GazeCorrection.from_json(json.dumps(content))


def test_a_later_format_is_refused_by_its_number() -> None:
    later = json.loads(NO_CORRECTION.to_json()) | {"format": 2}
    with pytest.raises(UsageError, match="format 2, not 1"):
        GazeCorrection.from_json(json.dumps(later))
