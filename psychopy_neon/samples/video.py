"""Pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # gaze alone does not need its 15 MB and tenth of a second
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, eq=False, slots=True)
class VideoFrame:
    """One decoded picture of the scene camera or the eye cameras (reference, 5.4; RFC 6184).

    Pixels are converted only when asked for: `luma` is a view of the decoder's own plane.

    Attributes
    ----------
    device_ns, arrived_host_ns : int
        As in `GazeSample`; arrival is that of the picture's last packet.
    width, height : int
        Pixels: 1600 and 1200 of the scene, 384 and 192 of the eyes side by side.
    damaged : bool
        True if packets of this picture, or of one it was predicted from, were lost.
    provisional : bool
        As in `GazeSample`.
    decoded : av.VideoFrame
        As PyAV decoded it.
    """

    device_ns: int
    arrived_host_ns: int
    width: int
    height: int
    damaged: bool
    provisional: bool
    decoded: Any  # av.VideoFrame; typed loosely because this module must not load PyAV

    @property
    def luma(self) -> npt.NDArray[np.uint8]:
        """Brightness, shape (height, width), uint8; a read-only view without conversion."""
        import numpy as np

        plane = self.decoded.planes[0]
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        view = rows[: self.height, : self.width]
        view.flags.writeable = False
        return view

    def bgr(self) -> npt.NDArray[np.uint8]:
        """Colour picture, shape (height, width, 3), uint8, order blue-green-red.

        Converts on every call (a few milliseconds at 1600 x 1200); keep the result.
        """
        pixels: npt.NDArray[np.uint8] = self.decoded.to_ndarray(format="bgr24")
        return pixels
