"""Pictures to H.264 as the phone sends it: one slice a picture, no B pictures, in RTP payloads."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt
from av.video.frame import PictureType
from av.video.plane import VideoPlane

from psychopy_neon.protocol.h264 import packetize, split_annexb
from psychopy_neon.protocol.sdp import Media

Picture = npt.NDArray[np.uint8]
ParameterSets = tuple[bytes, bytes]

MAX_PAYLOAD = 1260  # the phone's largest RTP packet has 1272 bytes with its header
_SPS, _PPS, _KEY_SLICE, _STAP_A = 7, 8, 5, 24
_SLICES = (1, _KEY_SLICE)


@dataclass(frozen=True, slots=True)
class CodedFrame:
    """RTP payloads of one picture with their marker bits; `is_key` if decoding can start here."""

    payloads: tuple[tuple[bytes, bool], ...]
    is_key: bool


class H264Encoder:
    """libx264, constrained baseline; either all pictures have colours, or none.

    Parameters
    ----------
    size_px : tuple of 2 int
        Width and height.
    frames_per_second, bits_per_second : int
    gop_frames : int
        Pictures from one key picture to the next.
    keys_on_demand : bool
        Whether `encode` may be asked for a key picture in between.
    """

    def __init__(
        self,
        size_px: tuple[int, int],
        frames_per_second: int,
        bits_per_second: int,
        gop_frames: int,
        *,
        keys_on_demand: bool = False,
    ) -> None:
        context = av.CodecContext.create("libx264", "w")
        context.width, context.height = self._size = size_px
        context.pix_fmt = "yuv420p"
        context.time_base = Fraction(1, frames_per_second)
        context.framerate = Fraction(frames_per_second)
        context.bit_rate = bits_per_second
        context.gop_size = gop_frames
        context.max_b_frames = 0
        context.thread_count = 1
        rate = f"vbv-maxrate={bits_per_second // 1000}:vbv-bufsize={bits_per_second // 2000}"
        min_gop = 1 if keys_on_demand else gop_frames
        context.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "profile": "baseline",
            "x264-params": f"{rate}:scenecut=0:keyint={gop_frames}:min-keyint={min_gop}",
        }
        self._context = context
        self._frame = _grey_frame(size_px)
        self._count = 0

    def encode(
        self, picture: Picture, chroma: tuple[Picture, ...] = (), *, as_key: bool = False
    ) -> list[bytes]:
        """Encode one picture; return what is ready.

        Luma has the shape (height, width) and levels of 16-235; both chromas, blue first, have
        half of that shape. Without them the picture is grey.
        """
        for plane, values in zip(self._frame.planes, (picture, *chroma), strict=False):
            _fill(plane, values)
        self._frame.pts = self._count
        self._frame.pict_type = PictureType.I if as_key else PictureType.NONE
        self._count += 1
        return [bytes(packet) for packet in self._context.encode(self._frame)]

    def finish(self) -> list[bytes]:
        """Return what is left."""
        return [bytes(packet) for packet in self._context.encode(None)]


def parameter_sets_of(coded_key: bytes) -> ParameterSets:
    """SPS and PPS out of the coded form of a key picture."""
    sets = {unit[0] & 0x1F: unit for unit in split_annexb(coded_key)}
    return sets[_SPS], sets[_PPS]


def coded_frame(
    coded: bytes, parameter_sets: ParameterSets, *, aggregate: bool = False
) -> CodedFrame:
    """RTP payloads of one coded picture; a key picture comes with its parameter sets.

    With `aggregate` those travel together in one packet, a STAP-A.
    """
    slices = [unit for unit in split_annexb(coded) if unit[0] & 0x1F in _SLICES]
    is_key = any(unit[0] & 0x1F == _KEY_SLICE for unit in slices)
    payloads: list[tuple[bytes, bool]] = []
    sets = [_stap_a(parameter_sets)] if aggregate else parameter_sets
    for unit in [*sets, *slices] if is_key else slices:
        parts = packetize(unit, MAX_PAYLOAD)
        # Like the phone's server family: the marker ends a NAL unit, not a picture.
        payloads += [(part, index == len(parts) - 1) for index, part in enumerate(parts)]
    return CodedFrame(tuple(payloads), is_key)


def _stap_a(units: ParameterSets) -> bytes:
    importance = max(unit[0] & 0x60 for unit in units)
    return bytes([importance | _STAP_A]) + b"".join(
        len(unit).to_bytes(2, "big") + unit for unit in units
    )


def h264_media(parameter_sets: ParameterSets) -> Media:
    """How the session description announces the video."""
    sets = ",".join(base64.b64encode(unit).decode() for unit in parameter_sets)
    parameters = {
        "packetization-mode": "1",
        "profile-level-id": parameter_sets[0][1:4].hex(),
        "sprop-parameter-sets": sets,
    }
    return Media("video", 96, "H264", 90_000, "trackID=1", parameters)


def _fill(plane: VideoPlane, values: Picture) -> None:
    height, width = values.shape
    if plane.line_size != width:
        padded = np.zeros((height, plane.line_size), np.uint8)
        padded[:, :width] = values
        values = padded
    plane.update(values.tobytes())


def _grey_frame(size_px: tuple[int, int]) -> av.VideoFrame:
    frame = av.VideoFrame(*size_px, "yuv420p")
    for plane in frame.planes[1:]:
        plane.update(bytes([128]) * plane.buffer_size)
    return frame
