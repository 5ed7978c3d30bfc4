"""Where the tags of a window should appear in a picture."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from psychopy_neon.screen.camera import PICTURE_SIZE_PX, SceneCamera
from psychopy_neon.screen.detector import DetectedMarkers
from psychopy_neon.screen.pose import ScreenPose
from psychopy_neon.screen.surface import Surface


def expected_markers(pose: ScreenPose, surface: Surface, camera: SceneCamera) -> DetectedMarkers:
    """Tags that lie wholly in the picture if the window is where `pose` says.

    Parameters
    ----------
    pose : ScreenPose
        At the time of the picture.
    surface : Surface
    camera : SceneCamera
    """
    pixels = tag_places(pose, surface, camera)
    with np.errstate(invalid="ignore"):
        inside = ((pixels >= 0) & (pixels <= np.array(PICTURE_SIZE_PX) - 1)).all(axis=(1, 2))
    return DetectedMarkers(np.array(surface.tag_ids, np.int64)[inside], pixels[inside])


def tag_places(pose: ScreenPose, surface: Surface, camera: SceneCamera) -> npt.NDArray[np.float64]:
    """Corners of all tags of a window, also outside the picture.

    Parameters
    ----------
    pose : ScreenPose
        At the time of the picture.
    surface : Surface
    camera : SceneCamera

    Returns
    -------
    ndarray, shape (N, 4, 2)
        Scene camera pixels, in the order of ``surface.tag_ids``; NaN beyond the lens model.
    """
    rays = pose.rays_from_plane(surface.corners.reshape(-1, 2))
    return camera.project(rays).reshape(-1, 4, 2)


def rough_places(
    found: DetectedMarkers, surface: Surface, camera: SceneCamera
) -> npt.NDArray[np.float64] | None:
    """Corners of all tags by so few found ones that they give no pose: good to some degrees.

    Parameters
    ----------
    found : DetectedMarkers
        Each tag once.
    surface : Surface
    camera : SceneCamera

    Returns
    -------
    ndarray, shape (N, 4, 2), or None
        As of `tag_places`; None if no tag of the surface was found.
    """
    known = [index for index, tag_id in enumerate(found.ids) if int(tag_id) in surface.markers]
    if not known:
        return None
    plane = np.concatenate([surface.markers[int(found.ids[index])] for index in known])
    rays = camera.undistort(found.corners_px[known].reshape(-1, 2))
    usable = ~np.isnan(rays).any(axis=1)
    if usable.sum() < 4:
        return None
    fitted = cv2.findHomography(plane[usable], rays[usable])[0]
    if fitted is None:
        return None
    to_rays = np.array(fitted, np.float64)
    points = surface.corners.reshape(-1, 2)
    places = np.column_stack([points, np.ones(len(points))]) @ to_rays.T
    # What lies behind the camera has the other sign there than what it sees.
    ahead = places[:, 2] * np.sign(to_rays[2, :2] @ plane.mean(axis=0) + to_rays[2, 2])
    with np.errstate(divide="ignore", invalid="ignore"):
        directions = np.where(ahead[:, None] > 0, places[:, :2] / places[:, 2:], np.nan)
    return camera.project(directions).reshape(-1, 4, 2)
