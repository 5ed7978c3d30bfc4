"""A phone and a network made of arithmetic, so that an hour of probing takes no time."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

MS = 1_000_000
SECOND = 1_000_000_000


@dataclass
class SimulatedLink:
    """A drifting, wandering phone clock behind a delaying network, with its truth known."""

    rng: random.Random
    kind: str = "quiet"
    host_ns: int = 50 * SECOND
    base_offset_ns: int = 1_765_432_100_123_456_789
    rate: float = 0.0
    wander_per_ns: float = 0.0
    relative_ns: float = 0.0
    truths: list[tuple[int, float]] = field(default_factory=list)
    offsets: list[tuple[int, int, float]] = field(default_factory=list)  # with the base, for ever

    def advance(self, host_ns: int) -> float:
        """Let the time pass; return the true offset minus `base_offset_ns`."""
        passed = host_ns - self.host_ns
        change = (
            self.rng.uniform(-1, 1) if abs(self.rate) < 100e-6 else -math.copysign(1, self.rate)
        )
        change *= self.wander_per_ns
        self.relative_ns += self.rate * passed + change * passed * passed / 2
        self.rate += change * passed
        self.host_ns = host_ns
        self.truths.append((host_ns, self.relative_ns))
        self.offsets.append((host_ns, self.base_offset_ns, self.relative_ns))
        return self.relative_ns

    def device_ms(self) -> int:
        whole, rest = divmod(self.host_ns + self.base_offset_ns, MS)
        return whole + math.floor((rest + self.relative_ns) / MS)

    def exchange(self, sent_host_ns: int) -> tuple[int, int, int] | None:
        """Return (sent, received, answer); None if the answer was lost."""
        there, back = self.delays()
        self.advance(sent_host_ns)
        self.advance(sent_host_ns + there)
        answer = self.device_ms()
        self.advance(sent_host_ns + there + back)
        if self.kind == "lossy" and self.rng.random() < 0.4:
            return None
        return sent_host_ns, sent_host_ns + there + back, answer

    def delays(self) -> tuple[int, int]:
        rng = self.rng
        there, back = (round(100_000 + rng.expovariate(1 / 30_000)) for _ in range(2))
        if self.kind == "asymmetric":
            back += round(rng.uniform(4, 20) * MS)
        if self.kind == "wifi":
            there += round(rng.uniform(1, 5) * MS)
            back += round(rng.uniform(1, 35) * MS)
        if self.kind == "slow wifi":
            there, back = (round(rng.uniform(2, 40) * MS) for _ in range(2))
        if self.kind == "lopsided":
            there, back = 2 * MS, 40 * MS
        if self.kind == "bursty" and rng.random() < 0.5:
            there += round(rng.expovariate(1 / (30 * MS)))
        if self.kind == "stalling" and rng.random() < 0.1:
            back += round(rng.uniform(0.2, 3) * SECOND)
        return there, back

    def step(self, size_ns: int) -> None:
        """Set the phone's clock."""
        self.base_offset_ns += size_ns
        self.truths.clear()

    def error_ns(self, clock_map, host_ns: int, relative_ns: float) -> float:  # type: ignore[no-untyped-def]
        """Return the size of a map's error at an instant whose truth is given."""
        wrong = clock_map.device_from_host(host_ns) - host_ns - self.base_offset_ns
        return abs(wrong - relative_ns)


@pytest.fixture(scope="session")
def make_link() -> Callable[..., SimulatedLink]:
    return SimulatedLink
