"""How the pursuit demo judges gaze, on gaze that is known."""

from __future__ import annotations

import importlib
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

REACH, PERIOD_S = 0.35, 4.0


@pytest.fixture(scope="module")
def tracking() -> Any:
    from psychopy_neon.demos import catalogue

    folder = Path(catalogue.__file__).parent / "builder" / "pursuit"
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        return importlib.import_module("tracking")


def gaze(gain: float, lag_s: float, seconds: float = 12.0) -> tuple[Any, Any, Any]:
    times = np.arange(0, seconds, 1 / 60)
    x = gain * REACH * np.sin(2 * np.pi * (times - lag_s) / PERIOD_S)
    return times, x + 0.02, np.full_like(x, 0.01)


def test_gain_and_lag_are_found_beside_an_offset(tracking: Any) -> None:
    found = tracking.judge(*gaze(0.9, 0.08), REACH, PERIOD_S)
    assert found.gain == pytest.approx(0.9, abs=1e-6)
    assert found.lag_s == pytest.approx(0.08, abs=1e-6)


def test_the_distance_is_from_where_the_target_was(tracking: Any) -> None:
    found = tracking.judge(*gaze(1.0, 0.0), REACH, PERIOD_S)
    assert found.rms == pytest.approx(math.hypot(0.02, 0.01), abs=1e-6)


def test_neither_lost_gaze_nor_the_first_half_swing_counts(tracking: Any) -> None:
    times, x, y = gaze(0.9, 0.08)
    x[times < PERIOD_S / 2] = 5.0
    x[400:420] = math.nan
    found = tracking.judge(times, x, y, REACH, PERIOD_S)
    assert found.gain == pytest.approx(0.9, abs=1e-6)
    assert found.samples == np.sum(times >= PERIOD_S / 2) - 20


def test_less_than_a_swing_is_too_little(tracking: Any) -> None:
    assert tracking.judge(*gaze(1.0, 0.0, seconds=1.4 * PERIOD_S), REACH, PERIOD_S) is None


def test_the_gain_of_pursuit_is_that_between_saccades(tracking: Any) -> None:
    target = np.linspace(0, 0.2, 50)
    pieces = [(0.9 * target + leap, target) for leap in (0.0, 0.05, 0.1)]
    assert tracking.smooth_gain(pieces) == pytest.approx(0.9)
