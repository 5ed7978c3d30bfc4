"""RTP packets of one sensor to samples: what differs between the streams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from psychopy_neon.client.breath import breathe
from psychopy_neon.client.sample_buffer import Timed
from psychopy_neon.protocol.aac import parse_access_units, parse_audio_config
from psychopy_neon.protocol.eye_events import parse_eye_event
from psychopy_neon.protocol.gaze import parse_gaze
from psychopy_neon.protocol.h264 import AccessUnitAssembler
from psychopy_neon.protocol.imu import parse_imu
from psychopy_neon.protocol.rtp import RtpPacket
from psychopy_neon.protocol.sdp import Media
from psychopy_neon.samples import AudioFrame, EyeEvent, GazeSample, ImuSample, VideoFrame

T = TypeVar("T", bound=Timed)
T_co = TypeVar("T_co", bound=Timed, covariant=True)


class PacketTime(Protocol):
    """Times of packets of one session."""

    def __call__(self, rtp_ticks: int) -> tuple[int, bool]:
        """Phone's Unix clock in ns, and whether that is only provisional."""


class SampleDecoder(Protocol[T_co]):
    """Makes samples from the packets of one session."""

    def push(self, packet: RtpPacket, time_of: PacketTime, arrived_host_ns: int) -> Sequence[T_co]:
        """Samples that this packet completes; raises `ProtocolError` if it is malformed."""


SAMPLES_PER_FRAME = 1024  # of AAC-LC
OFTEN_S = 3.0  # the slowest of the other streams, audio, sends eight packets a second
SELDOM_S = 12.0  # between two eye events; the phone sends keep-alives in between


class PayloadParser(Protocol[T_co]):
    """Makes a sample of one payload; None if that holds none, as a sign of life does."""

    def __call__(
        self, payload: bytes, *, device_ns: int, arrived_host_ns: int, provisional: bool
    ) -> T_co | None: ...


class DatumDecoder(Generic[T]):
    """At most one sample per packet."""

    kind = "application"
    silence_s = OFTEN_S
    _parse: PayloadParser[T]

    def __init__(self, media: Media) -> None:
        del media  # nothing in the description of such a stream changes its format

    def push(self, packet: RtpPacket, time_of: PacketTime, arrived_host_ns: int) -> list[T]:
        device_ns, provisional = time_of(packet.timestamp)
        sample = self._parse(
            packet.payload,
            device_ns=device_ns,
            arrived_host_ns=arrived_host_ns,
            provisional=provisional,
        )
        return [] if sample is None else [sample]


class GazeDecoder(DatumDecoder[GazeSample]):
    """Gaze, with what else the phone computes of the eyes."""

    _parse = staticmethod(parse_gaze)


class ImuDecoder(DatumDecoder[ImuSample]):
    """Motion of the head."""

    _parse = staticmethod(parse_imu)


class EyeEventDecoder(DatumDecoder[EyeEvent]):
    """Fixations, saccades and blinks."""

    silence_s = SELDOM_S
    _parse = staticmethod(parse_eye_event)


class AudioDecoder:
    """One piece of sound per AAC frame; a packet's time is that of its first frame."""

    kind = "audio"
    silence_s = OFTEN_S

    def __init__(self, media: Media) -> None:
        from psychopy_neon.transport.sound import SoundDecoder

        self._rate_hz = parse_audio_config(media.config).sampling_rate_hz
        self._decoder = SoundDecoder(media.config, self._rate_hz)

    def push(
        self, packet: RtpPacket, time_of: PacketTime, arrived_host_ns: int
    ) -> list[AudioFrame]:
        device_ns, provisional = time_of(packet.timestamp)
        frames = []
        for unit in parse_access_units(packet.payload):
            pcm = self._decoder.decode(unit)
            if len(pcm):
                frames.append(
                    AudioFrame(device_ns, arrived_host_ns, self._rate_hz, pcm, provisional)
                )
            device_ns += SAMPLES_PER_FRAME * 1_000_000_000 // self._rate_hz
        return frames


class VideoStreamDecoder:
    """One picture per access unit, decoded as soon as it is complete."""

    kind = "video"
    silence_s = OFTEN_S

    def __init__(self, media: Media) -> None:
        # PyAV costs a quarter of a second to load; only video needs it.
        from psychopy_neon.transport.decoder import VideoDecoder

        self._assembler = AccessUnitAssembler()
        self._decoder = VideoDecoder(media.parameter_sets)

    def push(
        self, packet: RtpPacket, time_of: PacketTime, arrived_host_ns: int
    ) -> list[VideoFrame]:
        frames: list[VideoFrame] = []
        for unit in self._assembler.push(packet):
            device_ns, provisional = time_of(unit.timestamp)
            # Decoding lets other threads compute, but not those that wait for this processor.
            breathe()
            frames += self._decoder.decode(
                unit, device_ns, arrived_host_ns, provisional=provisional
            )
        return frames
