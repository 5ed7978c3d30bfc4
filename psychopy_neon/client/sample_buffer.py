"""A bounded history of samples that any number of readers follow at their own pace."""

from __future__ import annotations

import math
import threading
import time
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar

# Also for `psychopy_neon.aio`, whose waits take the same limits, and which knows no transport.
from psychopy_neon.transport.deadline import clipped_s as clipped_s


class Timed(Protocol):
    """Anything with a time on the phone's clock."""

    @property
    def device_ns(self) -> int:
        """Phone's Unix clock, ns."""


T = TypeVar("T", bound=Timed)


def _device_ns(sample: Timed) -> int:
    return sample.device_ns


class SampleSource(Protocol):
    """Where samples come from, for those who do not want to wait for another thread."""

    def pump(self) -> None:
        """Append what has arrived; never waits for the network."""

    def lead(self, timeout_s: float) -> bool:
        """Wait for more and append it; False, at once, if somebody else does that."""

    def recall(self) -> None:
        """Have the source append by itself what comes: somebody waits and does not ask."""


class SampleBuffer(Generic[T]):
    """Keeps the newest samples; reached as ``neon.gaze.buffer``. Any thread may read it.

    Samples are numbered from 0 on. A reader remembers the number it wants next; what was
    pushed out before it came is its loss, and counted there. One thread at a time appends.

    Parameters
    ----------
    capacity : int
        Number of samples kept.

    Attributes
    ----------
    source : SampleSource or None
        Asked before each read.
    """

    def __init__(self, capacity: int) -> None:
        self.source: SampleSource | None = None
        self._samples: deque[T] = deque(maxlen=capacity)
        self._appended = 0
        self._closed = False
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        # With each, whether it is in a hurry; replaced as a whole, for who goes through it.
        self._watchers: dict[Callable[[], object], bool] = {}
        self._latest: T | None = None
        self._followers = 0

    @property
    def latest(self) -> T | None:
        """The newest sample, or None before the first; never waits."""
        self._refresh()
        return self._latest

    @property
    def newest_appended(self) -> T | None:
        """As `latest`, without asking the source: what a watcher may read."""
        return self._latest

    def _refresh(self) -> None:
        source = self.source
        if source is not None:
            source.pump()

    def _recall(self) -> None:
        source = self.source
        if source is not None:
            source.recall()

    def append(self, sample: T) -> None:
        """Add the newest sample; the oldest one goes if the buffer is full."""
        with self._lock:
            self._samples.append(sample)
            self._appended += 1
            self._latest = sample
            if self._followers:
                self._followers = 0
                self._changed.notify_all()
        for watcher in self._watchers:
            watcher()

    def close(self) -> None:
        """Wake all waiting readers, and let the watchers go; nothing more will come."""
        with self._lock:
            self._closed = True
            self._changed.notify_all()
            watchers, self._watchers = self._watchers, {}
        for watcher in watchers:
            watcher()

    @property
    def is_closed(self) -> bool:
        """Whether nothing more will come."""
        return self._closed

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits for another thread to append."""
        return self._followers > 0 or any(self._watchers.values())

    def watch(self, on_change: Callable[[], object], *, at_once: bool = True) -> Callable[[], None]:
        """Have something called after each sample and at the end.

        Parameters
        ----------
        on_change : callable
            Runs in the thread that appends, which may be any: it must return at once, not raise,
            and read nothing of the buffer but `newest_appended`.
        at_once : bool
            Whether each sample must be appended as soon as it comes, even if somebody reads the
            buffer every now and then, and would append it then.

        Returns
        -------
        callable
            Ends the calls.
        """

        def unwatch() -> None:
            with self._lock:
                self._watchers = {w: n for w, n in self._watchers.items() if w != on_change}

        with self._lock:
            self._watchers = {**self._watchers, on_change: at_once}
        if at_once:
            self._recall()
        return unwatch

    @property
    def appended(self) -> int:
        """Number of samples so far; also the number of the next one."""
        return self._appended

    def since(self, number: int) -> tuple[list[T], int]:
        """Samples from `number` on that are still here, and how many are already gone.

        Parameters
        ----------
        number : int
            Of a sample, counted from 0.

        Returns
        -------
        tuple of list and int
            The samples, oldest first, and how many are missing before them.
        """
        self._refresh()
        with self._lock:
            wanted = self._appended - number
            here = min(wanted, len(self._samples))
            # Indexed from the end: few of many are wanted as a rule.
            return [self._samples[i] for i in range(-here, 0)], wanted - here

    def take(self, number: int) -> tuple[T | None, int]:
        """Sample `number`, or the oldest one after it that is still here, and how many are gone."""
        if self._appended <= number:
            self._refresh()
        with self._lock:
            wanted = self._appended - number
            if wanted <= 0:
                return None, 0
            here = min(wanted, len(self._samples))
            return self._samples[-here], wanted - here

    def wait_for(self, number: int, timeout_s: float) -> bool:
        """Wait until sample `number` exists, at most `timeout_s`; False if it did not come in time.

        Parameters
        ----------
        number : int
            Counted from 0.
        timeout_s : float
            Longest wait, seconds.
        """
        left_s = clipped_s(timeout_s)
        deadline_s = time.perf_counter() + left_s
        while self._appended <= number:
            if self._closed or left_s <= 0:
                return False
            source = self.source
            if source is None or not source.lead(left_s):
                self._follow(number, left_s)
            if self._appended > number:
                return True
            left_s = deadline_s - time.perf_counter()
        return True

    def _follow(self, number: int, timeout_s: float) -> None:
        """Wait for another thread to append."""
        with self._changed:
            if self._appended <= number and not self._closed:
                self._followers += 1
                self._recall()
                if not self._changed.wait(timeout_s):
                    self._followers = max(0, self._followers - 1)

    def between(self, start_device_ns: int, end_device_ns: int) -> list[T]:
        """Samples with ``start <= device_ns < end``, in order; never waits.

        Parameters
        ----------
        start_device_ns, end_device_ns : int
            Phone's Unix clock, ns.
        """
        self._refresh()
        with self._lock:
            samples = list(self._samples)
        start = bisect_left(samples, start_device_ns, key=_device_ns)
        return samples[start : bisect_left(samples, end_device_ns, key=_device_ns)]

    def nearest(self, device_ns: int) -> T | None:
        """The sample nearest in time, or None if there is none at all; never waits.

        Parameters
        ----------
        device_ns : int
            Phone's Unix clock, ns.
        """
        self._refresh()
        with self._lock:
            samples = list(self._samples)
        following = bisect_left(samples, device_ns, key=_device_ns)
        neighbours = samples[max(0, following - 1) : following + 1]
        return min(neighbours, key=lambda s: abs(s.device_ns - device_ns), default=None)


class SampleReader(Generic[T]):
    """Reads every sample of a buffer once, in order; use from one thread.

    Attributes
    ----------
    dropped : int
        Samples that this reader lost because it came too late for them.
    """

    def __init__(self, buffer: SampleBuffer[T]) -> None:
        self.dropped = 0
        self._buffer = buffer
        self._next = buffer.appended

    def read(self, timeout_s: float) -> T | None:
        """The next unread sample; waits up to `timeout_s`, then returns None.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        sample or None
            None if none came in time, or the stream has ended.
        """
        if not self._buffer.wait_for(self._next, timeout_s):
            return None
        return self.poll()

    def poll(self) -> T | None:
        """The next unread sample, or None; never waits."""
        sample, gone = self._buffer.take(self._next)
        self.dropped += gone
        self._next += gone + (sample is not None)
        return sample

    @property
    def next_number(self) -> int:
        """Number of the sample that comes next, counted as the buffer does."""
        return self._next

    def drain(self) -> list[T]:
        """All unread samples, oldest first; never waits."""
        samples, gone = self._buffer.since(self._next)
        self.dropped += gone
        self._next += gone + len(samples)
        return samples

    def skip_to_latest(self, timeout_s: float) -> T | None:
        """The newest unread sample, leaving out those before it; waits up to `timeout_s`.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        sample or None
            None if none came in time.
        """
        if not self._buffer.wait_for(self._next, timeout_s):
            return None
        return self.drain()[-1]

    def __iter__(self) -> Iterator[T]:
        while (sample := self.read(timeout_s=math.inf)) is not None:
            yield sample
