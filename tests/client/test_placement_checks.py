from __future__ import annotations

import pytest

from psychopy_neon.client.placement_checks import PlacementChecks
from psychopy_neon.exceptions import NeonTimeoutError
from psychopy_neon.screen.markers import frame_layout


def test_the_live_picture_is_judged_when_asked_and_only_then(simulated_neon, connect, eventually):
    neon = connect(simulated_neon(head_moves=False))
    tracker = neon.track_screen(frame_layout((1280, 720)).markers)
    eventually(lambda: tracker.frames >= 5)
    assert tracker.placement.newest is None
    placement = tracker.placement.wait(10.0)
    assert (placement.seen, placement.expected, placement.has_pose) == (8, 8, True)
    assert placement.good and placement.device_ns > 0
    assert tracker.placement.newest is placement
    tracker.placement.ask()
    eventually(lambda: tracker.placement.newest is not placement)
    assert tracker.placement.newest.device_ns > placement.device_ns


def test_without_pictures_a_sentence_says_so():
    with pytest.raises(NeonTimeoutError, match="no picture of the scene camera"):
        PlacementChecks().wait(0.01)
