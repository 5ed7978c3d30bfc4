"""Time without clocks: how the phone's clock, this computer's and the experiment's relate.

Nothing in this package reads a clock by itself, opens a socket or starts a thread; every
instant is an argument, so that an hour of probing can be replayed in a millisecond. What works a
finished session out again (`clock_history`, `refit`) needs NumPy and is not imported here: a client
that reads gaze does without.
"""

from __future__ import annotations

from psychopy_neon.clock.clock_map import ClockMap
from psychopy_neon.clock.exchange import Exchange
from psychopy_neon.clock.experiment_clock import ClockPair, pair
from psychopy_neon.clock.offset import OffsetEstimator
from psychopy_neon.clock.sender_clock import SenderClock

__all__ = [
    "ClockMap",
    "ClockPair",
    "Exchange",
    "OffsetEstimator",
    "SenderClock",
    "pair",
]
