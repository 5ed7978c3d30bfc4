"""Finds tags, poses and gaze in the videos of `tag_scenes`, and measures what it costs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt
from tag_scenes import MONITOR_MM, POINTS, Sequence

from psychopy_neon.protocol.h264 import AccessUnit
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.detector import MarkerDetector
from psychopy_neon.screen.expected_markers import expected_markers
from psychopy_neon.screen.head_motion import HeadMotion
from psychopy_neon.screen.pose_finder import PoseFinder
from psychopy_neon.screen.surface import Surface
from psychopy_neon.transport.decoder import VideoDecoder

Array = npt.NDArray[np.float64]

SEARCH = "whole search, 1 in 150"
START_NS = 1_700_000_000_000_000_000


@dataclass
class Stages:
    """Processor time of this thread by stage, ns."""

    spent_ns: dict[str, int] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started_ns = time.thread_time_ns()
        yield
        passed_ns = time.thread_time_ns() - started_ns
        self.spent_ns[name] = self.spent_ns.get(name, 0) + passed_ns


@dataclass
class Found:
    """What one stack made of one video.

    Attributes
    ----------
    tags : list of set of int
        Found in each picture.
    mapped : ndarray, shape (N, P, 2)
        Points of the screen that the true gaze was mapped to, norm; NaN without a pose.
    spent_ns : dict of str to int
        Processor time of all pictures by stage; "decode" is one of them.
    """

    tags: list[set[int]]
    mapped: Array
    spent_ns: dict[str, int]


def find(sequence: Sequence) -> Found:
    """As a `ScreenWatch` does it, picture by picture."""
    cv2.setNumThreads(1)
    camera = SceneCamera(sequence.matrix, sequence.distortion)
    surface = Surface.from_markers(sequence.layout.markers)
    motion, detector, decoder = HeadMotion(), MarkerDetector(surface.tag_ids), VideoDecoder(())
    finder = PoseFinder()
    stages, gyro, tags, mapped = Stages(), iter(sequence.gyro), [], []
    for number, (packet, looked) in enumerate(
        zip(sequence.packets, sequence.looked_px, strict=True)
    ):
        device_ns = _ns(sequence.times_s[number])
        unit = AccessUnit(packet, number, False, number % 60 == 0)
        with stages.stage("decode"):
            (frame,) = decoder.decode(unit, device_ns, device_ns, provisional=False)
            luma = frame.luma
        for time_s, rates in gyro:
            motion.take_gyro(_ns(time_s), rates)
            if time_s > sequence.times_s[number]:
                break
        with stages.stage("predict"):
            placed = motion.at(device_ns)
            expected = expected_markers(placed.pose, surface, camera) if placed else None
        with stages.stage("find tags" if number else SEARCH):
            found = detector.detect(luma, expected, elsewhere=expected is None)
        with stages.stage("pose"):
            foreseen = placed.pose if placed else None
            pose = finder.find(found, surface, camera, device_ns, foreseen)
        with stages.stage("head motion"):
            if pose is not None:
                motion.take_pose(pose)
                motion.compare()
        tags.append(set(found.ids.tolist()))
        rays = camera.undistort(looked)
        mapped.append(np.full((len(POINTS), 2), np.nan) if pose is None else _on(pose, rays))
    return Found(tags, np.array(mapped), stages.spent_ns)


def _on(pose: object, rays: Array) -> Array:
    points: Array = pose.norm_from_rays(rays)  # type: ignore[attr-defined]
    return points


def rate(found: Found, sequence: Sequence) -> tuple[int, int]:
    """Tags found, and tags that were to be seen."""
    pairs = list(zip(found.tags, sequence.visible, strict=True))
    return sum(len(tags & seen) for tags, seen in pairs), sum(len(seen) for _, seen in pairs)


def errors_deg(found: Found, sequence: Sequence) -> Array:
    """How far the points mapped to are from those looked at; NaN without a pose."""
    apart_mm = (found.mapped - POINTS) * np.array(MONITOR_MM) / 2
    return np.degrees(np.arctan(np.linalg.norm(apart_mm, axis=-1) / sequence.distance_mm)).ravel()


def _ns(time_s: float) -> int:
    return START_NS + round(time_s * 1e9)
