"""Rendered pictures of a monitor with tags, with the truth, from the shared scene renderer."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.markers import MarkerLayout, frame_layout, paint_markers

MONITOR_PX = (1920, 1080)
MONITOR_MM = (531.0, 299.0)


@dataclass(frozen=True)
class Scene:
    """One rendered picture, the camera that took it, and points of the window seen in it."""

    luma: Any
    layout: MarkerLayout
    camera: SceneCamera
    points_norm: Any
    points_px: Any
    distance_mm: float

    def error_deg(self, norm: Any) -> Any:
        """Angle of the distance to the true points; at most this much, as seen from the front."""
        half_mm = np.array(MONITOR_MM) / 2
        return np.degrees(
            np.linalg.norm((norm - self.points_norm) * half_mm, axis=1) / self.distance_mm
        )


@pytest.fixture(scope="session")
def renderer(shared_reference: Path) -> ModuleType:
    source = shared_reference / "examples" / "scene_renderer" / "scene_renderer.py"
    if not source.exists():
        pytest.skip(f"no file {source}")
    spec = importlib.util.spec_from_file_location("scene_renderer", source)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["scene_renderer"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def render(renderer: ModuleType) -> Callable[..., Scene]:
    """``render(distance_mm=..., content=..., exposure=..., room=..., yaw=..., azimuth=...)``."""
    model, around = renderer.SceneCamera.neon(0), renderer.make_room(1)  # keeps its pixels' rays

    @lru_cache(maxsize=16)
    def rendered(
        distance_mm: float,
        content: str = "natural",
        exposure: float = 0.8,
        room: float = 0.15,
        yaw: float = 5.0,
        azimuth: float = 0.0,
    ) -> Scene:
        layout = frame_layout(MONITOR_PX)
        monitor = renderer.Screen(MONITOR_PX, MONITOR_MM)
        shown = np.array(renderer.make_content(content, monitor))
        paint_markers(shown, layout)
        pose = renderer.head_pose(
            monitor, distance_mm, yaw=yaw, pitch=-4.0, roll=3.0, azimuth=azimuth
        )
        optics = renderer.Optics(exposure=exposure, room=room)
        luma = renderer.render(model, monitor, shown, pose, optics, around)
        grid = np.stack(np.meshgrid(np.linspace(-1, 1, 7), np.linspace(-1, 1, 5)), -1)
        points_norm = grid.reshape(-1, 2)
        screen_px = (points_norm * (1, -1) + 1) / 2 * MONITOR_PX
        points_px = renderer.screen_to_camera_px(model, monitor, pose, screen_px)
        camera = SceneCamera(model.K, model.D)
        return Scene(luma, layout, camera, points_norm, points_px, distance_mm)

    return rendered
