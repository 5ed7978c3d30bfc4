"""The microphone: a quiet tone that swells once in a while, AAC-LC, 8 kHz, mono (RFC 3640)."""

from __future__ import annotations

import math
import struct
import threading
from fractions import Fraction

import av
import numpy as np

from psychopy_neon.protocol.sdp import Media
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.pacer import Pacer
from psychopy_neon.simulator.stream import Stream

SAMPLES_PER_SECOND, FRAME_SAMPLES = 8_000, 1_024
FRAMES_PER_SECOND = Fraction(SAMPLES_PER_SECOND, FRAME_SAMPLES)
LOOP_FRAMES = 16
TONE_HZ = 437.5  # whole periods fit into a frame, so that the loop has no seam
LOUDNESS = 0.03
BITS_PER_SECOND = 24_000
MEDIA = Media(
    "audio",
    97,
    "mpeg4-generic",
    SAMPLES_PER_SECOND,
    "trackID=0",
    {
        "streamtype": "5",
        "profile-level-id": "15",
        "mode": "AAC-hbr",
        "config": "1588",
        "SizeLength": "13",
        "IndexLength": "3",
        "IndexDeltaLength": "3",
    },
)


class AudioSensor:
    """Sends one AAC frame each 128 ms.

    Attributes
    ----------
    stream : Stream
    """

    def __init__(self, clock: SimulatedClock) -> None:
        self.stream = Stream(lambda: MEDIA, "audio")
        self._loop: tuple[bytes, ...] | None = None
        self._lock = threading.Lock()
        self._pacer = Pacer("neon-sim-audio", clock, FRAMES_PER_SECOND, self._tick)

    def start(self) -> None:
        """Begin to listen."""
        self._pacer.start()

    def close(self) -> None:
        """End the thread. Idempotent."""
        self._pacer.close()

    def _tick(self, number: int, device_ns: int) -> None:
        if not self.stream.is_watched:
            return
        if self._loop is None:
            self._loop = tuple(_payload(frame) for frame in coded_loop())
        payload = self._loop[number % LOOP_FRAMES]
        self.stream.emit(device_ns, ((payload, True),))


def coded_loop() -> list[bytes]:
    """AAC frames of one round of the tone; may be repeated without a seam."""
    context = av.CodecContext.create("aac", "w")
    context.sample_rate = SAMPLES_PER_SECOND
    context.layout, context.format = "mono", "fltp"
    context.bit_rate = BITS_PER_SECOND
    context.time_base = Fraction(1, SAMPLES_PER_SECOND)
    coded: list[bytes] = []
    # The first round lets the encoder settle; the second follows itself.
    for index in range(2 * LOOP_FRAMES + 2):
        coded += [bytes(packet) for packet in context.encode(_frame(index))]
    return coded[LOOP_FRAMES : 2 * LOOP_FRAMES]


def _frame(index: int) -> av.AudioFrame:
    times = (np.arange(FRAME_SAMPLES) + index * FRAME_SAMPLES) / SAMPLES_PER_SECOND
    round_s = LOOP_FRAMES * FRAME_SAMPLES / SAMPLES_PER_SECOND
    swell = 0.5 - 0.5 * np.cos(2 * math.pi * times / round_s)
    tone = LOUDNESS * swell * np.sin(2 * math.pi * TONE_HZ * times)
    frame = av.AudioFrame.from_ndarray(tone.astype(np.float32)[None], "fltp", "mono")
    frame.sample_rate = SAMPLES_PER_SECOND
    frame.time_base = Fraction(1, SAMPLES_PER_SECOND)
    frame.pts = index * FRAME_SAMPLES
    return frame


def _payload(frame: bytes) -> bytes:
    """One AU header of 13 bits size and 3 bits index, then the frame."""
    return struct.pack("!HH", 16, len(frame) << 3) + frame
