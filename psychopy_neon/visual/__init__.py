"""PsychoPy stimuli. Importing this package loads PsychoPy."""

from __future__ import annotations

from psychopy_neon.visual.markers import NeonMarkers

__all__ = ["NeonMarkers"]
