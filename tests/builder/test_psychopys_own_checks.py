"""PsychoPy's own test classes for components, applied to ours."""

from __future__ import annotations

import pytest
from psychopy.tests.test_experiment.test_components.test_base_components import (
    BaseComponentTests,
)

from psychopy_neon.builder_components.neon_event import NeonEventComponent
from psychopy_neon.builder_components.neon_gaze import NeonGazeComponent
from psychopy_neon.builder_components.neon_markers import NeonMarkersComponent
from psychopy_neon.builder_components.neon_recording import NeonRecordingComponent


class TestRecordingComponent(BaseComponentTests):  # type: ignore[misc]
    comp = NeonRecordingComponent


class TestEventComponent(BaseComponentTests):  # type: ignore[misc]
    comp = NeonEventComponent

    def test_blank_timing(self) -> None:
        pytest.skip("a single event lasts no time, whatever its stop time")


class TestGazeComponent(BaseComponentTests):  # type: ignore[misc]
    comp = NeonGazeComponent


class TestMarkersComponent(BaseComponentTests):  # type: ignore[misc]
    comp = NeonMarkersComponent
