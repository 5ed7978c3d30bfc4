"""What can go wrong with one stream on its way; switched by `faults.Faults`."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Generic, TypeVar

Packet = TypeVar("Packet")


@dataclass
class StreamFaults:
    """Faults of one stream; all may be changed while it runs.

    Attributes
    ----------
    lost, doubled, swapped : float
        Share of RTP packets (0..1) that never leave, leave twice, or leave after the next one.
    jitter_s : float
        Each packet is held back by a random time up to this; their order stays.
    silent : bool
        The sensor says nothing any more, but its connection stays.
    refused_plays : int
        So many of the next PLAY requests are answered 500.
    injected_replies : int
        So many RTSP replies are put between the header and the data of interleaved frames.
    seed : int
        Of the chances above; every session draws the same ones in the same order.
    """

    lost: float = 0.0
    doubled: float = 0.0
    swapped: float = 0.0
    jitter_s: float = 0.0
    silent: bool = False
    refused_plays: int = 0
    injected_replies: int = 0
    seed: int = 0

    def clear(self) -> None:
        """Switch all faults off; the seed stays."""
        self.lost = self.doubled = self.swapped = self.jitter_s = 0.0
        self.silent = False
        self.refused_plays = self.injected_replies = 0


class Impairment(Generic[Packet]):
    """Loses, doubles and swaps the packets of one session.

    Parameters
    ----------
    faults : StreamFaults
    name : str
        Of the stream, so that two streams with one seed fail differently.
    """

    def __init__(self, faults: StreamFaults, name: str) -> None:
        self._faults = faults
        self._random = random.Random(f"{faults.seed}/{name}")
        self._held: Packet | None = None

    def pass_on(self, packet: Packet) -> list[Packet]:
        """What leaves now that `packet` was sent."""
        faults = self._faults
        # Three draws a packet, used or not: one fault must not change the course of another.
        lost, doubled, swapped = (
            self._random.random() < share for share in (faults.lost, faults.doubled, faults.swapped)
        )
        packets = [] if lost else [packet, packet] if doubled else [packet]
        if self._held is not None and packets:
            packets.append(self._held)
            self._held = None
        elif swapped and packets:
            self._held = packet
            return packets[1:]
        return packets

    def delay_s(self) -> float:
        """How long the next packet is held back."""
        jitter_s = self._faults.jitter_s
        return self._random.uniform(0, jitter_s) if jitter_s > 0 else 0.0
