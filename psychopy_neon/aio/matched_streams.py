"""Matched data of one device."""

from __future__ import annotations

from psychopy_neon.aio.matched import AsyncMatcher
from psychopy_neon.client import Neon as BlockingNeon
from psychopy_neon.samples import MatchedSceneAudio, MatchedSceneEyesGaze, MatchedSceneGaze


class MatchedStreams:
    """Scene pictures with what belongs to them."""

    device: BlockingNeon

    def scene_and_gaze(self) -> AsyncMatcher[MatchedSceneGaze]:
        """Every scene picture from now on, with the gaze sample nearest to it."""
        return AsyncMatcher(self.device.match_scene_and_gaze())

    def scene_eyes_and_gaze(self) -> AsyncMatcher[MatchedSceneEyesGaze]:
        """As `scene_and_gaze`, with the picture of the eyes nearest to it too."""
        return AsyncMatcher(self.device.match_scene_eyes_and_gaze())

    def scene_and_audio(self) -> AsyncMatcher[MatchedSceneAudio]:
        """Every scene picture from now on, with the sound that starts within 34 ms of it."""
        return AsyncMatcher(self.device.match_scene_and_audio())
