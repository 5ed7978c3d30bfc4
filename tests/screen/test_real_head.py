"""The gyroscope trace of a real head, as in ``benchmarks/bench_head_motion.py``: what must hold."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest


@pytest.fixture(scope="module")
def runs(repository: Path) -> Any:
    """The benchmark's module of runs."""
    folder = str(repository / "benchmarks")
    sys.path.insert(0, folder)
    try:
        import head_runs
    finally:
        sys.path.remove(folder)
    return head_runs


@pytest.fixture(scope="module")
def run(runs: Any, repository: Path) -> Any:
    from head_scene import recorded

    folder = repository.parent / "shared" / "data" / "neon-recording"
    motion = recorded(folder)
    if motion is None:
        pytest.skip(f"no recording in {folder}")
    return runs.Run.of(motion, 1)


def steady(runs: Any, run: Any, errors: Any) -> Any:
    """Median and 95th percentile after the first two seconds."""
    late = np.array(run.gaze.device_ns) - runs.START_NS > runs.SETTLED_IN_S * 1e9
    return np.nanpercentile(errors[late], [50, 95])


@pytest.mark.parametrize(("late_ms", "limits"), [(50, (0.12, 0.3)), (100, (0.2, 0.4))])
def test_live_gaze_is_hardly_off(runs: Any, run: Any, late_ms: int, limits: Any) -> None:
    live = runs.live(run, late_ms / 1e3)
    assert (steady(runs, run, live.ours) < limits).all()
    assert (steady(runs, run, live.newest) > (1.0, 4.0)).all()


def test_a_gyroscope_that_comes_late_is_carried_on(runs: Any, run: Any) -> None:
    live = runs.live(run, 0.05, gyro_late_s=0.04)
    assert (steady(runs, run, live.ours) < (0.18, 0.75)).all()  # its last rate: 0.23 and 0.85
    rms, said = (np.sqrt(np.nanmean(np.square(each))) for each in (live.ours, live.expected))
    assert 0.7 < said / rms < 1.4


def test_tags_lost_for_300_ms_cost_less_than_half_a_degree(runs: Any, run: Any) -> None:
    live = runs.live(run, 0.05, lost=True)
    old = np.abs(live.age_s - 0.3) < 0.03
    assert np.median(live.ours[old]) < 0.5
    assert np.median(live.newest[old]) > 2.0


def test_settled_gaze_is_exact(runs: Any, run: Any) -> None:
    errors, expected = runs.settled(run)
    assert (steady(runs, run, errors) < (0.02, 0.1)).all()
    assert np.nanmedian(expected) < 0.02
