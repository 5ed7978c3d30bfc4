"""Gaze on one window or surface, by its places in the scene pictures."""

from __future__ import annotations

import math
import threading

from psychopy_neon.client.head_sense import HeadSense
from psychopy_neon.client.placement_checks import PlacementChecks
from psychopy_neon.client.sample_buffer import SampleBuffer, SampleReader
from psychopy_neon.client.sensor_stream import SensorStream
from psychopy_neon.client.settling import Settling
from psychopy_neon.exceptions import UsageError
from psychopy_neon.samples import GazeSample, ScreenGaze, SettledGaze, VideoFrame
from psychopy_neon.screen.alignment_fit import AlignmentState
from psychopy_neon.screen.camera import SceneCamera
from psychopy_neon.screen.correction import GazeCorrection
from psychopy_neon.screen.detector import DetectedMarkers
from psychopy_neon.screen.expected_markers import expected_markers
from psychopy_neon.screen.head_motion import HeadMotion
from psychopy_neon.screen.mapper import map_gaze
from psychopy_neon.screen.pose import ScreenPose
from psychopy_neon.screen.pose_finder import PoseFinder
from psychopy_neon.screen.surface import Surface
from psychopy_neon.screen.viewing_distance import ViewingDistance
from psychopy_neon.transport.deadline import clipped_s

FORESEEN_NS = 500_000_000


class ScreenTracker:
    """Maps gaze to the window, or any other flat surface, that shows the given tags.

    Made by `Neon.track_screen`. Gaze can be read in two ways: `map` gives its place at once, by
    the pose carried on to the sample's own time by the gyroscope; `settled` has every sample again
    some 100 ms later, by the poses before and after it, for data that are saved.

    Attributes
    ----------
    name : str
        Of the surface, as `Neon.looked_at` names it.
    camera : SceneCamera
        Lens of the scene camera.
    correction : GazeCorrection or None
        Applied to all gaze that is mapped from now on; set it from any thread.
    placement : PlacementChecks
        Says how well its tags show in the newest picture, and what to change, when asked.
    viewing_distance : ViewingDistance
        Whether the wearer sits at another distance than at first.
    frames, frames_without_screen : int
        Pictures searched, and those among them that did not show enough of its tags.
    """

    def __init__(
        self,
        camera: SceneCamera,
        sense: HeadSense,
        gaze: SensorStream[GazeSample] | None,
        *,
        name: str,
        height_mm: float,
        max_gaze_age_s: float,
        max_pose_age_s: float,
    ) -> None:
        self.name = name
        self.frames = self.frames_without_screen = 0
        self.camera = camera
        self.correction: GazeCorrection | None = None
        self.placement = PlacementChecks()
        self.viewing_distance = ViewingDistance()
        self._gaze = gaze
        self._wanted: Surface | None = None
        self._surface: Surface | None = None
        self._height_mm = height_mm
        self._max_gaze_age_s = max_gaze_age_s
        self._max_pose_age_s = max_pose_age_s
        self._sense = sense
        self._motion = HeadMotion(height_mm, gyro=sense.gyro, fit=sense.fit)
        self._finder = PoseFinder()
        self._foreseen: ScreenPose | None = None
        self._settling = Settling(self._settle, round(max_pose_age_s * 1e9))
        self._unsettled: SampleReader[GazeSample] | None = None
        self._stopping, self._ended = threading.Event(), threading.Event()
        self._ended.set()

    def stop(self) -> None:
        """Track this surface no longer; returns at once."""
        self._stopping.set()

    def join(self, timeout_s: float) -> bool:
        """Wait until it is not tracked any more.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        bool
            Whether that has come.
        """
        return self._ended.wait(clipped_s(timeout_s))

    @property
    def is_stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stopping.is_set()

    @property
    def tag_ids(self) -> tuple[int, ...]:
        """Ids of the tags that it is found by."""
        return () if self._wanted is None else self._wanted.tag_ids

    def shows(self, surface: Surface) -> bool:
        """Whether these are its tags, in the same places."""
        return surface.equals(self._wanted)

    @property
    def pose(self) -> ScreenPose | None:
        """The newest one, as in its picture; None before the first."""
        return self._motion.history.newest

    @property
    def gyroscope(self) -> AlignmentState | None:
        """Whether the gyroscope agrees with the pictures; None while nothing came from it.

        "assumed" before there was motion to judge by, "fitted" to the pictures, or "disagrees":
        then it is not used.
        """
        return None if self._motion.gyro.newest_ns is None else self._motion.fit.state

    def pose_near(self, device_ns: int, max_distance_s: float | None = None) -> ScreenPose | None:
        """Where the window was at a time, by the nearest of the newest 300 poses; never blocks.

        Parameters
        ----------
        device_ns : int
            Phone's Unix clock, ns, as of a gaze sample.
        max_distance_s : float, optional
            Without it `max_pose_age_s`.

        Returns
        -------
        ScreenPose or None
            None if no picture that near showed the window.
        """
        distance_s = self._max_pose_age_s if max_distance_s is None else max_distance_s
        return self._motion.history.nearest(device_ns, round(distance_s * 1e9))

    def pose_at(self, device_ns: int) -> ScreenPose | None:
        """Where the window was at a time, as `map` takes it to be; never blocks.

        Parameters
        ----------
        device_ns : int
            Phone's Unix clock, ns, as of a gaze sample.

        Returns
        -------
        ScreenPose or None
            Its `device_ns` is that of the picture it rests on. None before the first.
        """
        self._sense.refresh()
        placed = self._motion.at(device_ns)
        return None if placed is None else placed.pose

    def map(self, gaze: GazeSample | None, now_device_ns: int) -> ScreenGaze:
        """Where on the window this sample looks, as well as it is known now.

        Never blocks, and takes 0.15 ms, or up to 1 ms where the processor has slept before. A
        sample later than the newest picture gets its pose carried on to the sample's time; an
        earlier one gets that between two pictures.

        Parameters
        ----------
        gaze : GazeSample or None
        now_device_ns : int
            The present on the phone's Unix clock, ns.
        """
        self._sense.refresh()
        return self._map(gaze, now_device_ns, self.correction)

    def _map(
        self, gaze: GazeSample | None, now_device_ns: int, correction: GazeCorrection | None
    ) -> ScreenGaze:
        placed = None if gaze is None else self._motion.at(gaze.device_ns)
        return map_gaze(
            gaze,
            placed.pose if placed else None,
            self.camera,
            now_device_ns=now_device_ns,
            max_gaze_age_s=self._max_gaze_age_s,
            max_pose_age_s=self._max_pose_age_s,
            pose_source=placed.source if placed else "held",
            expected_error_deg=placed.expected_error_deg if placed else math.nan,
            correction=correction,
        )

    def distance_mm(self, gaze: ScreenGaze) -> float:
        """How far away the surface is where this gaze meets it; NaN if that is not known."""
        placed = None if gaze.device_ns is None else self._motion.at(gaze.device_ns)
        if placed is None:
            return math.nan
        return placed.pose.distance_to((gaze.x, gaze.y)) * self._height_mm / 2

    @property
    def settled(self) -> SampleBuffer[SettledGaze]:
        """Every gaze sample from the first use of this on, mapped when it is known best.

        That is as soon as a later picture showed the window, about 0.1 s after the sample, or
        after `max_pose_age_s` without one. Follow it with a `SampleReader`.

        Raises
        ------
        UsageError
            If the tracker was made without `gaze`.
        """
        if self._gaze is None:
            raise UsageError("gaze can be settled only by a ScreenWatch that was given gaze=.")
        if self._unsettled is None:
            self._unsettled = self._gaze.reader()
        return self._settling.settled

    def _settle(self, gaze: GazeSample) -> SettledGaze:
        correction = self.correction
        screen = self._map(gaze, gaze.device_ns, correction)
        if correction is None:
            return SettledGaze(gaze.device_ns, gaze, screen, (screen.x, screen.y))
        plain = self._map(gaze, gaze.device_ns, None)
        place = plain.x, plain.y
        return SettledGaze(gaze.device_ns, gaze, screen, place, correction.version)

    # -- for the thread that searches the pictures --------------------------------------------

    def follow(self, surface: Surface) -> None:
        """Look for these tags from the next picture on."""
        if not surface.equals(self._wanted):
            self._wanted = surface
        if not self.is_stopped:
            self._ended.clear()

    def begin(self) -> bool:
        """Whether there is something to look for; forgets the poses if the tags are others now."""
        if self._surface is not self._wanted:
            self._surface = self._wanted
            self._motion.clear()
            self._foreseen = None
            self.viewing_distance.forget()
        return self._surface is not None

    def expected(self, device_ns: int) -> DetectedMarkers | None:
        """Where its tags should be by what is known of the head; None if that is too old."""
        placed = self._motion.at(device_ns)
        is_known = placed is not None and device_ns - placed.pose.device_ns <= FORESEEN_NS
        self._foreseen = placed.pose if placed is not None and is_known else None
        if self._surface is None or self._foreseen is None:
            return None
        return expected_markers(self._foreseen, self._surface, self.camera)

    def take(self, found: DetectedMarkers, frame: VideoFrame) -> None:
        """Take what was found in a picture; tags of other surfaces may be among it."""
        if self._surface is None:
            return
        pose = self._finder.find(found, self._surface, self.camera, frame.device_ns, self._foreseen)
        self.frames += 1
        if pose is None:
            self.frames_without_screen += 1  # the last pose stays, and gets too old by itself
        else:
            self._motion.take_pose(pose, undated=frame.provisional)
            self.viewing_distance.take(pose, self.correction)
        self.placement.take(frame, self._surface, self.camera, self.pose_at)

    def settle_gaze(self) -> None:
        """Map again what is known better by now."""
        if self._unsettled is not None:
            pose = self.pose
            self._settling.take(self._unsettled.drain(), None if pose is None else pose.device_ns)

    def finish(self) -> None:
        """Settle the rest; nothing more will come."""
        if not self._ended.is_set() or self.is_stopped:
            self._settling.finish()
        self._ended.set()
