"""Gaze made calmer for stimuli that follow it, and by how much that delays it.

A filter is fed with gaze as it comes, at any rate, and goes by the times of the samples. Each also
filters these times in the same way: what that leaves behind the newest sample is exactly the delay
with which it follows an eye that moves evenly.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Protocol

from psychopy_neon.exceptions import UsageError

SMOOTHING = ("none", "moving average", "within fixations", "one euro")
"""What can be chosen."""
LONGEST_SPAN_S = 1.0
FORGET_S = 0.1
"""After a gap of this length the eye may be anywhere: the filter starts anew."""
JUMP = 0.04
"""Farther from the mean than this is a saccade: about one degree on a usual screen, in heights."""
SPEED_GAIN_HZ = 20.0
"""Of the one euro filter: cutoff frequency added per window height and second."""
SPEED_CUTOFF_HZ = 3.0
_KEPT = 1_000
_NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True)
class SmoothedPoint:
    """A position, and how old smoothing has made it.

    Attributes
    ----------
    x, y : float
        In the unit of what the filter was fed with.
    delay_s : float
        How far it lags behind the newest sample if the eye moves evenly, seconds. For an eye at
        rest a delay has no consequence.
    """

    x: float
    y: float
    delay_s: float


class GazeSmoother(Protocol):
    """One way of smoothing."""

    def take(self, device_ns: int, x: float, y: float) -> SmoothedPoint:
        """Add the next sample; `x` and `y` need the same unit, heights of the window."""

    def reset(self) -> None:
        """Forget everything: the next sample is the first."""


class NoSmoothing:
    """Gaze as it is."""

    def take(self, device_ns: int, x: float, y: float) -> SmoothedPoint:
        """The sample itself."""
        return SmoothedPoint(x, y, 0.0)

    def reset(self) -> None:
        """There is nothing to forget."""


class MovingAverage:
    """Mean of the samples within the last `span_s` seconds.

    Its delay is half of that. With `jump`, it starts anew where gaze jumps farther from the mean:
    then nothing lags behind a saccade, and only slow movements are delayed, at most by as much.

    Parameters
    ----------
    span_s : float
        Seconds.
    jump : float
        In the unit of the samples.
    """

    def __init__(self, span_s: float, jump: float = math.inf) -> None:
        self._span_ns = round(span_s * _NS_PER_S)
        self._jump = jump
        self._samples: deque[tuple[int, float, float]] = deque(maxlen=_KEPT)

    def take(self, device_ns: int, x: float, y: float) -> SmoothedPoint:
        """Add a sample; one that is not newer than the last changes nothing."""
        if not self._samples or device_ns > self._samples[-1][0]:
            self._forget(device_ns, x, y)
            self._samples.append((device_ns, x, y))
        return self._mean()

    def reset(self) -> None:
        """Forget everything."""
        self._samples.clear()

    def _forget(self, device_ns: int, x: float, y: float) -> None:
        while self._samples and device_ns - self._samples[0][0] > self._span_ns:
            self._samples.popleft()
        if self._samples and math.dist((x, y), self._mean_place()) > self._jump:
            self._samples.clear()

    def _mean_place(self) -> tuple[float, float]:
        count = len(self._samples)
        return sum(s[1] for s in self._samples) / count, sum(s[2] for s in self._samples) / count

    def _mean(self) -> SmoothedPoint:
        newest_ns = self._samples[-1][0]
        behind_ns = sum(newest_ns - sample[0] for sample in self._samples) / len(self._samples)
        return SmoothedPoint(*self._mean_place(), behind_ns / _NS_PER_S)


class OneEuro:
    """Low-pass filter that smooths an eye at rest and follows one that moves.

    After Casiez, Roussel and Vogel (2012): its cutoff frequency rises with the speed of gaze. At
    rest the delay is `rest_delay_s`; it falls the faster the eye moves.

    Parameters
    ----------
    rest_delay_s : float
        Seconds.
    speed_gain_hz : float
        Cutoff frequency added per unit and second, hertz.
    """

    def __init__(self, rest_delay_s: float, speed_gain_hz: float = SPEED_GAIN_HZ) -> None:
        self._rest_cutoff_hz = 1 / (2 * math.pi * rest_delay_s)
        self._speed_gain_hz = speed_gain_hz
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self._newest_ns: int | None = None
        self._raw = self._place = self._speed = (0.0, 0.0)
        self._delay_s = 0.0

    def take(self, device_ns: int, x: float, y: float) -> SmoothedPoint:
        """Add a sample; one that is not newer than the last changes nothing."""
        step_s = math.inf
        if self._newest_ns is not None:
            step_s = (device_ns - self._newest_ns) / _NS_PER_S
        if step_s > 0:
            self._advance(step_s, (x, y))
            self._newest_ns = device_ns
        return SmoothedPoint(*self._place, self._delay_s)

    def _advance(self, step_s: float, raw: tuple[float, float]) -> None:
        if step_s == math.inf:
            self._place, self._speed, self._delay_s = raw, (0.0, 0.0), 0.0
        else:
            part = _part(SPEED_CUTOFF_HZ, step_s)
            moved = ((raw[0] - self._raw[0]) / step_s, (raw[1] - self._raw[1]) / step_s)
            self._speed = _towards(self._speed, moved, part)
            cutoff_hz = self._rest_cutoff_hz + self._speed_gain_hz * math.hypot(*self._speed)
            part = _part(cutoff_hz, step_s)
            self._place = _towards(self._place, raw, part)
            self._delay_s = (1 - part) * (self._delay_s + step_s)
        self._raw = raw


class Forgetting:
    """A filter that starts anew after a gap, such as a blink.

    Parameters
    ----------
    smoother : GazeSmoother
        What it passes samples on to.
    """

    def __init__(self, smoother: GazeSmoother) -> None:
        self._smoother = smoother
        self._newest_ns = 0

    def take(self, device_ns: int, x: float, y: float) -> SmoothedPoint:
        """Add a sample."""
        if not 0 <= device_ns - self._newest_ns <= FORGET_S * _NS_PER_S:
            self._smoother.reset()
        self._newest_ns = device_ns
        return self._smoother.take(device_ns, x, y)

    def reset(self) -> None:
        """Forget everything."""
        self._smoother.reset()


def make_smoother(smoothing: str, span_s: float) -> GazeSmoother:
    """The filter of that name.

    Parameters
    ----------
    smoothing : {"none", "moving average", "within fixations", "one euro"}
        "moving average" follows by half of `span_s`. "within fixations" does so only while the eye
        rests or moves slowly, and starts anew with each saccade. "one euro" follows by half of
        `span_s` at rest, and the closer the faster the eye moves.
    span_s : float
        How much is averaged, seconds.

    Raises
    ------
    UsageError
        If there is none of that name, or the span makes no sense.
    """
    if smoothing not in SMOOTHING:
        raise UsageError(f"smoothing is {smoothing!r}; choose one of {', '.join(SMOOTHING)}.")
    if smoothing == "none":
        return NoSmoothing()
    if not 0 < span_s <= LONGEST_SPAN_S:
        raise UsageError(
            f"gaze cannot be smoothed over {span_s!r} s; expected more than 0 and at most "
            f"{LONGEST_SPAN_S:g} s."
        )
    if smoothing == "one euro":
        return Forgetting(OneEuro(span_s / 2))
    return Forgetting(MovingAverage(span_s, JUMP if smoothing == "within fixations" else math.inf))


def _part(cutoff_hz: float, step_s: float) -> float:
    """How much of the way to the newest value a low-pass filter goes in this time."""
    return 1 / (1 + 1 / (2 * math.pi * cutoff_hz * step_s))


def _towards(
    old: tuple[float, float], new: tuple[float, float], part: float
) -> tuple[float, float]:
    return old[0] + part * (new[0] - old[0]), old[1] + part * (new[1] - old[1])
