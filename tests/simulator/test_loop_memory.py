"""Simulators that show the same share the drawing; others do not."""

from __future__ import annotations

from psychopy_neon.protocol.calibration import Calibration
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.simulator.head import Head
from psychopy_neon.simulator.loop_memory import MAX_KEPT, LoopMemory
from psychopy_neon.simulator.monitor import Monitor
from psychopy_neon.simulator.scene_video import VideoLoopMaker
from psychopy_neon.simulator.scene_view import SceneView


def maker_of(*, distance_mm=600.0, focal_px=1.0, **options):
    lens = Calibration.typical().scene
    camera = SceneCamera(lens.matrix * focal_px, lens.distortion)
    view = SceneView(camera, Head(distance_mm), Monitor((640, 360), 500.0))
    return VideoLoopMaker(view, **options)


def test_only_what_shows_the_same_is_the_same():
    makers = [
        maker_of(),
        maker_of(distance_mm=601.0),
        maker_of(focal_px=1.001),
        maker_of(aggregate=True),
        maker_of(area_px=(0, 0, 800, 600)),
    ]
    assert len({maker._shown for maker in makers}) == len(makers)
    assert maker_of()._shown == makers[0]._shown


def test_what_was_asked_for_longest_ago_is_forgotten():
    memory = LoopMemory()
    for number in range(MAX_KEPT):
        memory.keep(number, str(number))
    assert memory.find(0) == "0"
    memory.keep("another", "another")
    assert memory.find(1) is None
    assert [memory.find(what) for what in (0, 2, "another")] == ["0", "2", "another"]
