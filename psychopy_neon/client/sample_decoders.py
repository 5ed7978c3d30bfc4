"""RTP packets of one sensor to samples: what differs between the streams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from ..protocol.gaze import parse_gaze
from ..protocol.h264 import AccessUnitAssembler
from ..protocol.rtp import RtpPacket
from ..protocol.sdp import Media
from ..samples import GazeSample, VideoFrame
from .sample_buffer import Timed

T_co = TypeVar("T_co", bound=Timed, covariant=True)


class PacketTime(Protocol):
    """Times of packets of one session."""

    def __call__(self, rtp_ticks: int) -> tuple[int, bool]:
        """Phone's Unix clock in ns, and whether that is only provisional."""


class SampleDecoder(Protocol[T_co]):
    """Makes samples from the packets of one session."""

    def push(self, packet: RtpPacket, time_of: PacketTime, arrived_host_ns: int) -> Sequence[T_co]:
        """Samples that this packet completes; raises `ProtocolError` if it is malformed."""


class GazeDecoder:
    """One gaze sample per packet."""

    kind = "application"

    def __init__(self, media: Media) -> None:
        del media  # nothing in a gaze description changes the format

    def push(
        self, packet: RtpPacket, time_of: PacketTime, arrived_host_ns: int
    ) -> list[GazeSample]:
        device_ns, provisional = time_of(packet.timestamp)
        sample = parse_gaze(
            packet.payload,
            device_ns=device_ns,
            arrived_host_ns=arrived_host_ns,
            provisional=provisional,
        )
        return [sample]


class VideoStreamDecoder:
    """One picture per access unit, decoded as soon as it is complete."""

    kind = "video"

    def __init__(self, media: Media) -> None:
        # PyAV costs a quarter of a second to load; only video needs it.
        from ..transport.decoder import VideoDecoder

        self._assembler = AccessUnitAssembler()
        self._decoder = VideoDecoder(media.parameter_sets)

    def push(
        self, packet: RtpPacket, time_of: PacketTime, arrived_host_ns: int
    ) -> list[VideoFrame]:
        frames: list[VideoFrame] = []
        for unit in self._assembler.push(packet):
            device_ns, provisional = time_of(unit.timestamp)
            frames += self._decoder.decode(
                unit, device_ns, arrived_host_ns, provisional=provisional
            )
        return frames
