from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from psychopy_neon import Neon
from psychopy_neon.client.patch_watcher import PatchWatcher, flip_on_phone
from psychopy_neon.client.screen_watch import ScreenWatch
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.display_lag import estimate_display_lag
from psychopy_neon.screen.markers import frame_layout
from psychopy_neon.screen.patch import patch_corners, patch_points
from psychopy_neon.screen.patch_blinking import PatchChange
from psychopy_neon.screen.surface import Surface
from psychopy_neon.simulator import SimulatedNeon

LAG_S = 0.0234
LAYOUT = frame_layout((1280, 720))


PATCH = patch_points(patch_corners(LAYOUT))


def watching(neon: Neon, first_id: int = 0) -> tuple[ScreenWatch, PatchWatcher]:
    lens = neon.calibration().scene
    watch = ScreenWatch(neon.scene, SceneCamera(lens.matrix, lens.distortion))
    tracker = watch.screen()
    shown = frame_layout((1280, 720), first_id=first_id)
    watch.track(tracker, Surface.from_markers(shown.markers))
    watcher = PatchWatcher(neon.scene, tracker, PATCH)
    watcher.start()
    return watch, watcher


def end(*parts: Any) -> None:
    for part in parts:
        part.stop()
    assert all([part.join(10.0) for part in parts])


def flips(phone: SimulatedNeon, neon: Neon, since_ns: int) -> list[PatchChange]:
    """What the truth log says of the flips, converted by the client's clock."""
    clock_map = neon.clock_map
    assert clock_map is not None
    hosts = [
        (phone.clock.host_ns(change.device_ns), change.on)
        for change in phone.truth.patch
        if since_ns < change.device_ns < phone.clock.now_ns()
    ]
    return [
        PatchChange(clock_map.device_from_host(host), clock_map.bound_ns(host), on)
        for host, on in hosts
    ]


def test_a_known_lag_is_found_in_the_scene_video(
    simulated_neon: Callable[..., SimulatedNeon],
    connect: Callable[..., Neon],
    eventually: Callable[..., None],
) -> None:
    phone = simulated_neon(display_lag_s=LAG_S, patch_period_s=0.3, exposure_s=0.02, seed=2)
    assert phone.scene is not None and phone.scene.wait_until_drawn(60.0)
    neon = connect(phone)
    watch, watcher = watching(neon)
    try:
        neon.wait_for_clock()
        eventually(lambda: watcher.levels.latest is not None)
        since_ns = phone.clock.now_ns() + 500_000_000
        eventually(lambda: len(flips(phone, neon, since_ns)) > 26 and watcher.levels.appended > 150)
        changes, levels = flips(phone, neon, since_ns), watcher.levels_after(0)
    finally:
        end(watcher, watch)
    found = estimate_display_lag(changes, levels, exposure_s=0.02)
    assert abs(found.lag_s - LAG_S) <= found.uncertainty_s < 0.01, found
    assert found.clock_agrees
    assert (found.dark, found.bright) == (pytest.approx(16, abs=6), pytest.approx(188, abs=6))
    assert watcher.frames >= len(levels) > 150


def test_no_level_is_made_up_without_tags(
    simulated_neon: Callable[..., SimulatedNeon],
    connect: Callable[..., Neon],
    eventually: Callable[..., None],
) -> None:
    watch, watcher = watching(connect(simulated_neon()), first_id=100)
    try:
        eventually(lambda: watcher.frames > 15)
    finally:
        end(watcher, watch)
    assert watcher.frames_left_out == watcher.frames
    assert watcher.levels_after(0) == []


def test_levels_are_given_out_in_portions(
    simulated_neon: Callable[..., SimulatedNeon],
    connect: Callable[..., Neon],
    eventually: Callable[..., None],
) -> None:
    watch, watcher = watching(connect(simulated_neon()))
    try:
        eventually(lambda: watcher.levels.appended > 12)
    finally:
        end(watcher, watch)
    everything = watcher.levels_after(0)
    first = watcher.levels_after(0, most=5)
    rest = watcher.levels_after(first[-1].device_ns)
    assert len(first) == 5 and first + rest == everything


def test_a_flip_is_converted_as_an_event_is(
    simulated_neon: Callable[..., SimulatedNeon], connect: Callable[..., Neon]
) -> None:
    neon = connect(simulated_neon(scene=False))
    clock_map, clocks = neon.wait_for_clock(), neon.pair_clocks()
    device_ns, bound_ns = flip_on_phone(clock_map, lambda: neon.pair_clocks().experiment_s, 5.0)
    expected = clock_map.device_from_host(clocks.host_from_experiment(5.0))
    assert abs(device_ns - expected) <= 2 * bound_ns
    assert bound_ns >= clock_map.bound_ns(clocks.host_from_experiment(5.0))
