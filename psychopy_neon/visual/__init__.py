"""PsychoPy stimuli. Importing this package loads PsychoPy."""

from __future__ import annotations

from psychopy_neon.visual.inversion import NeonInversion
from psychopy_neon.visual.markers import NeonMarkers
from psychopy_neon.visual.patch import NeonPatch

__all__ = ["NeonInversion", "NeonMarkers", "NeonPatch"]
