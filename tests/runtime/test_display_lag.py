"""The routine with a real window, and the simulated glasses before a monitor of known lag."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from psychopy_neon import Neon
from psychopy_neon.clock.experiment_clock import pair
from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.display_lag import FRAME_S
from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions

LAG_S = 0.0234
EXPOSURE_S = 0.008
FRAME_PAUSE_S = 0.004  # flips without a monitor do not wait


@pytest.fixture(scope="module")
def phone() -> Iterator[SimulatedNeon]:
    options = SimulatorOptions(display_lag_s=LAG_S, exposure_s=EXPOSURE_S)
    with SimulatedNeon(options) as simulator:
        assert simulator.scene is not None and simulator.scene.wait_until_drawn(60.0)
        yield simulator


@pytest.fixture
def neon(phone: SimulatedNeon) -> Iterator[Neon]:
    with Neon.connect(phone.address, phone.port) as connected:
        yield connected


@pytest.fixture
def large_window(runtime: Any) -> Iterator[Any]:
    from psychopy import visual

    window = visual.Window((1280, 720), units="deg", monitor="testMonitor", checkTiming=False)
    yield window
    if not window._closed:
        window.close()


@pytest.fixture
def on_monitor(runtime: Any, phone: SimulatedNeon) -> Callable[[bool, float], None]:
    """The drawn monitor changes with the window."""
    from psychopy import clock

    def show(bright: bool, raw_s: float) -> None:
        clocks = pair(time.perf_counter_ns, clock.getTime)
        phone.show_patch(bright, phone.clock.device_ns(clocks.host_from_experiment(raw_s)))
        time.sleep(FRAME_PAUSE_S)

    return show


def is_shown(window: Any) -> list[str]:
    return sorted(type(stimulus).__name__ for stimulus in window._toDraw)


def test_the_known_lag_is_found_end_to_end(
    runtime: Any, neon: Neon, large_window: Any, on_monitor: Any
) -> None:
    found = runtime.measure_display_lag(large_window, neon, changes=24, on_change=on_monitor)
    assert found.verdict in ("good", "coarse"), found
    assert abs(found.lag_s - LAG_S) <= found.uncertainty_s < 0.01  # 1 ms on a calm computer
    assert found.clock_agrees and found.shown == 24 and found.changes >= 12
    assert is_shown(large_window) == []


def test_the_wrong_sign_of_the_clock_is_found_end_to_end(
    runtime: Any,
    neon: Neon,
    large_window: Any,
    on_monitor: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from psychopy_neon.runtime import patch_source

    def device_time(self: Any, raw_s: float) -> tuple[int, int]:
        device_ns, bound_ns = right(self, raw_s)
        return device_ns - 2 * round(self.clock_offset_s() * 1e9), bound_ns

    right = patch_source.OwnSource.device_time
    monkeypatch.setattr(patch_source.OwnSource, "device_time", device_time)
    found = runtime.measure_display_lag(large_window, neon, changes=30, on_change=on_monitor)
    assert found.verdict == "clock" and "wrong sign" in found.problem
    assert found.lag_s == pytest.approx(2 * 7.3 + LAG_S, abs=0.1)


def test_escape_ends_it_and_takes_everything_off_the_screen(
    runtime: Any, neon: Neon, large_window: Any, on_monitor: Any
) -> None:
    from psychopy import event

    shown = []

    def press_escape(bright: bool, raw_s: float) -> None:
        on_monitor(bright, raw_s)
        shown.append(bright)
        if len(shown) == 4:
            event._onPygletKey(symbol="escape", modifiers=0, emulated=True)

    found = runtime.measure_display_lag(large_window, neon, on_change=press_escape)
    assert shown == [True, False, True, False]
    assert found.verdict == "not seen" and "Escape" in found.problem
    assert "only 4 changes" in found.problem
    assert is_shown(large_window) == []


def test_a_window_that_is_closed_ends_it(
    runtime: Any, neon: Neon, large_window: Any, on_monitor: Any
) -> None:
    measurement = runtime.DisplayLagMeasurement(large_window, neon, changes=20)
    measurement.start()
    for _ in range(3):
        measurement.each_frame()
        large_window.flip()
    large_window.close()
    assert measurement.end().verdict == "not seen"
    assert measurement.finished


def test_markers_of_the_experiment_stay_on_the_screen(
    runtime: Any, neon: Neon, large_window: Any
) -> None:
    from psychopy_neon.visual import NeonMarkers

    markers = NeonMarkers(large_window)
    markers.autoDraw = True
    measurement = runtime.DisplayLagMeasurement(large_window, neon, markers=markers)
    measurement.start()
    assert is_shown(large_window) == ["NeonMarkers", "NeonPatch"]
    measurement.end()
    assert is_shown(large_window) == ["NeonMarkers"]


@pytest.mark.parametrize(
    ("mode", "layout", "first_id"),
    [
        ("patch", {"columns": 4, "first_id": 20}, 20),
        ("patch", {"columns": 20, "tag_size": 0.05, "first_id": 20}, 0),  # no room between them
        ("frame", {"columns": 20, "tag_size": 0.05, "first_id": 20}, 20),
    ],
)
def test_markers_of_the_experiment_are_shown_if_there_is_room(
    runtime: Any, view: Any, large_window: Any, mode: str, layout: dict[str, Any], first_id: int
) -> None:
    view.neon_device_time = lambda raw_s: [1, 1]
    view.neon_watch_patch = view.neon_stop_patch = lambda *points: True
    markers = runtime.NeonMarkers(large_window, view, **layout)
    measurement = runtime.DisplayLagMeasurement(large_window, view, mode=mode)
    measurement.start()
    shown = next(each for each in large_window._toDraw if hasattr(each, "layout"))
    measurement.close()
    assert shown.layout.tag_ids[0] == first_id
    assert is_shown(large_window) == [] and view.neon_tracker.surface_owner is markers


@pytest.mark.parametrize("changes", [11, 601])
def test_too_few_or_too_many_changes_are_refused(
    runtime: Any, neon: Neon, large_window: Any, changes: int
) -> None:
    with pytest.raises(UsageError, match="between 12 and 600"):
        runtime.measure_display_lag(large_window, neon, changes=changes)


def test_the_plan_spreads_changes_over_the_phases_of_the_camera(runtime: Any) -> None:
    from psychopy_neon.runtime.blink_plan import BlinkPlan

    plan = BlinkPlan(60)
    holds = [b - a for a, b in itertools.pairwise(plan.times_s)]
    phases = sorted(at % FRAME_S for at in plan.times_s)
    gaps = [b - a for a, b in itertools.pairwise(phases)]
    assert max(gaps) < 0.001
    assert min(holds) > 0.22 and max(holds) < 0.54
    assert 18 < plan.length_s < 30
