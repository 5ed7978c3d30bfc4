"""What a `Neon` offers and ioHub cannot, by name."""

from __future__ import annotations

from typing import Any

from psychopy_neon.hub import refusals
from psychopy_neon.hub.refusals import Refused, refused


class NotOffered:
    """Every name of `Neon` that has no counterpart refuses, and says why."""

    scene: Any = Refused(refusals.PICTURES)
    eyes: Any = Refused(refusals.PICTURES)
    audio: Any = Refused(refusals.PICTURES)
    read_scene_and_gaze: Any = Refused(refusals.PICTURES)
    latest_scene_and_gaze: Any = Refused(refusals.PICTURES)
    read_scene_eyes_and_gaze: Any = Refused(refusals.PICTURES)
    read_scene_and_audio: Any = Refused(refusals.PICTURES)
    scene_near: Any = Refused(refusals.PICTURES)
    match_scene_and_gaze: Any = Refused(refusals.PICTURES)
    match_scene_eyes_and_gaze: Any = Refused(refusals.PICTURES)
    match_scene_and_audio: Any = Refused(refusals.PICTURES)
    template: Any = Refused(refusals.PHONE)
    camera: Any = Refused(refusals.PHONE)
    request: Any = Refused(refusals.PHONE)
    calibration: Any = Refused(refusals.PHONE)
    probe_clock: Any = Refused(refusals.PHONE)
    watch_status: Any = Refused(refusals.THREADS)
    clock_exchanges: Any = Refused("the ledger has them")
    stop_stream: Any = Refused(refusals.SAVED)
    note_gaze_correction: Any = Refused(
        "the ledger notes it when the 'correction' of track_screen() is set"
    )

    def __getattr__(self, name: str) -> Any:
        from psychopy_neon.client.neon import Neon

        if not name.startswith("_") and hasattr(Neon, name):
            raise refused(name, refusals.NO_COUNTERPART)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
