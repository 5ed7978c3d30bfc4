"""Maps gaze with real_time_screen_gaze, in an environment that has it; run by `bench_head_motion`.

    python head_official.py in.npz out.npz

The package's own mapping, fed with the corners of tags that all get; only the search for tags in
pictures is left out. Gaze is mapped by the newest picture that had arrived, as it is meant to be
used. Its corners are spared the half pixel by which its detector is off.
"""

from __future__ import annotations

import sys
from collections import namedtuple

import numpy as np
from pupil_labs.real_time_screen_gaze.gaze_mapper import GazeMapper

Detection = namedtuple("Detection", "tag_family tag_id corners")
ITS_CORNERS = (3, 2, 1, 0)  # bottom left, bottom right, top right, top left


class FoundTags:
    """Stands in for the search: hands over what was found in the picture."""

    def __init__(self) -> None:
        self.tags: list[Detection] = []

    def detect(self, _gray: object) -> list[Detection]:
        return self.tags


def main(source: str, target: str) -> None:
    data = np.load(source)
    calibration = {
        "scene_camera_matrix": data["matrix"],
        "scene_distortion_coefficients": data["distortion"],
    }
    mapper, found = GazeMapper(calibration), FoundTags()
    mapper._detector._detector = found
    tags = zip(data["tag_ids"].tolist(), data["tag_corners"].tolist(), strict=True)
    surface = mapper.add_surface(dict(tags), tuple(data["window_px"].tolist()))
    mapped = [_mapped(mapper, found, surface, data, delay) for delay in data["delays_ns"].tolist()]
    np.savez(target, mapped=np.array(mapped))


def _mapped(mapper, found, surface, data, delay_ns: int) -> list[tuple[float, float]]:
    picture = np.zeros((4, 4, 3), np.uint8)
    arrived, shown, places = data["picture_ns"] + delay_ns, -1, []
    for moment, gaze in zip(data["gaze_ns"], data["gaze_px"], strict=True):
        newest = int(np.searchsorted(arrived, moment, side="right")) - 1
        if newest != shown and newest >= 0:
            shown = newest
            rows = zip(data["found_ids"][newest].tolist(), data["found_px"][newest], strict=True)
            found.tags = [
                Detection(b"tag36h11", tag, corners[list(ITS_CORNERS)])
                for tag, corners in rows
                if tag >= 0
            ]
            mapper.process_scene(picture)
        result = mapper.process_gaze(gaze)
        hits = result.mapped_gaze[surface.uid] if result is not None else []
        places.append((2 * hits[0].x - 1, 2 * hits[0].y - 1) if hits else (np.nan, np.nan))
    return places


if __name__ == "__main__":
    main(*sys.argv[1:3])
