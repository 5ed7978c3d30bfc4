"""Validation with a connection in this process, a real window and simulated glasses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from psychopy_neon import Neon
from psychopy_neon.screen.correction import NO_CORRECTION
from psychopy_neon.screen.markers import frame_layout
from psychopy_neon.simulator import Participant, SimulatedNeon, SimulatorOptions

BESIDE = (0.06, 0.05)  # of the middle of the window


@pytest.fixture
def neon(display: None) -> Iterator[Neon]:
    options = SimulatorOptions(participant=Participant(start=BESIDE))
    with SimulatedNeon(options) as phone:
        assert phone.scene is not None and phone.scene.wait_until_drawn(60.0)
        with Neon.connect(phone.address, phone.port) as connected:
            yield connected


@pytest.fixture
def large_window(runtime: Any) -> Iterator[Any]:
    from psychopy import visual

    window = visual.Window((1280, 720), units="norm", checkTiming=False)
    yield window
    window.close()


def test_gaze_of_a_screen_tracker_is_corrected(runtime: Any, neon: Neon, large_window: Any) -> None:
    screen = neon.track_screen(frame_layout((1280, 720)).markers)
    shown: list[Any] = []
    found = runtime.validate_gaze(
        large_window,
        neon,
        points=1,
        correct="always",
        show_s=0.2,
        screen=screen,
        on_target=lambda place, raw_s: shown.append(place),
    )
    assert found.rounds == 2 and found.correction is screen.correction, found
    assert found.uncorrected.accuracy_deg > 1.0 > 0.2 > found.accuracy.accuracy_deg
    assert shown == [(0.0, 0.0), (0.0, 0.0)]
    sample = neon.gaze.latest()
    assert sample is not None
    corrected = screen.map(sample, sample.device_ns)
    assert (corrected.x, corrected.y) == pytest.approx((0.0, 0.0), abs=0.03)
    screen.correction = NO_CORRECTION
    raw = screen.map(sample, sample.device_ns)
    assert (raw.x, raw.y) == pytest.approx(BESIDE, abs=0.03)


def test_gates_one_after_another_correct_the_same_gaze(
    runtime: Any, neon: Neon, large_window: Any
) -> None:
    found = [
        runtime.wait_for_fixation(large_window, neon, radius_deg=8.0, correct_drift=True)
        for _ in range(2)
    ]
    assert all(each.opened for each in found), found
    assert [each.correction.version for each in found] == [1, 2]
    assert abs(found[1].offset_x_deg) < 0.7 * abs(found[0].offset_x_deg)
    [screen] = neon.screens.values()
    assert screen.correction is found[1].correction
