"""Finds tags and gaze with real_time_screen_gaze, in an environment that has it; for `bench_tags`.

    python tag_official.py in.pickle out.npz

As the makers' plugin uses it: every picture is decoded to colours and searched as a whole. Access
units are handed to the decoder whole, so that it is spared the search for their ends.
"""

from __future__ import annotations

import pickle
import sys
import time

import av
import cv2
import numpy as np
from pupil_labs.real_time_screen_gaze.gaze_mapper import GazeMapper


def main(source: str, target: str) -> None:
    cv2.setNumThreads(1)
    with open(source, "rb") as file:
        videos = pickle.load(file)
    found = [find(video) for video in videos]
    results = {}
    for number, (tags, mapped, decode_ns, search_ns) in enumerate(found):
        results |= {f"tags{number}": tags, f"mapped{number}": mapped}
        results[f"spent{number}"] = np.array([decode_ns, search_ns])
    np.savez(target, **results)


def find(video: dict):
    calibration = {
        "scene_camera_matrix": video["matrix"],
        "scene_distortion_coefficients": video["distortion"],
    }
    mapper = GazeMapper(calibration)
    surface = mapper.add_surface(_as_its_own(video["tags_px"]), tuple(video["window_px"]))
    codec = av.CodecContext.create("h264", "r")
    codec.thread_count = 1
    tags = np.zeros((len(video["packets"]), 587), bool)
    mapped = np.full((len(video["packets"]), video["looked_px"].shape[1], 2), np.nan)
    decode_ns = search_ns = 0
    for number, packet in enumerate(video["packets"]):
        started_ns = time.process_time_ns()
        (picture,) = codec.decode(av.Packet(packet))
        pixels = picture.to_ndarray(format="bgr24")
        decoded_ns = time.process_time_ns()
        mapper.process_scene(pixels)
        search_ns += time.process_time_ns() - decoded_ns
        decode_ns += decoded_ns - started_ns
        for marker in mapper._detected_markers:
            tags[number, int(str(marker.uid).split(":")[-1])] = True
        for index, gaze in enumerate(video["looked_px"][number]):
            result = mapper.process_gaze(gaze)
            hits = result.mapped_gaze[surface.uid] if result is not None else []
            if hits:
                mapped[number, index] = 2 * hits[0].x - 1, 2 * hits[0].y - 1
    return tags, mapped, decode_ns, search_ns


def _as_its_own(tags_px: dict) -> dict:
    """OpenCV draws tags upside down for the AprilTag library: its first corner is our third."""
    return {tag: np.roll(corners, 2, axis=0) for tag, corners in tags_px.items()}


if __name__ == "__main__":
    main(*sys.argv[1:3])
