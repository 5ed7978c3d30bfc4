"""Where the phone's clock was set: the exchanges of a run, split at its steps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from psychopy_neon.clock.exchange import Exchange
from psychopy_neon.clock.feasible_set import RateLimits
from psychopy_neon.clock.offset import OffsetEstimator
from psychopy_neon.clock.smoothing import filled, mirror


@dataclass(frozen=True, slots=True)
class Epoch:
    """The exchanges between two steps of the phone's clock.

    Attributes
    ----------
    exchanges : tuple of Exchange
        In order of arrival; certainly of this epoch.
    strays : tuple of Exchange
        Between the epoch before and this one, and of neither.
    """

    exchanges: tuple[Exchange, ...]
    strays: tuple[Exchange, ...] = ()


@dataclass(frozen=True, slots=True)
class Split:
    """The epochs of a run in order of time.

    Attributes
    ----------
    epochs : tuple of Epoch
    dropped, ignored : int
        Exchanges that contradicted all others; that had an impossible round trip.
    """

    epochs: tuple[Epoch, ...]
    dropped: int
    ignored: int


def split_at_steps(
    exchanges: Iterable[Exchange], max_rate_ppm: float, max_wander_ppm_per_s: float
) -> Split:
    """Find the steps as the experiment did, and then narrow each down from both sides.

    Going forward, an exchange is surely of the new epoch if it contradicts the old one. Going
    backward, one is surely of the old epoch if it contradicts the new one. Between those two the
    exchanges agree with both, and none is used.
    """
    watch = _Watch(max_rate_ppm, max_wander_ppm_per_s)
    for exchange in sorted(exchanges, key=lambda exchange: exchange.received_host_ns):
        watch.add(exchange)
    epochs = watch.epochs()
    limits = watch.estimator.limits
    for number in range(len(epochs) - 1):
        sure = _surely_before(epochs[number].exchanges, epochs[number + 1].exchanges, limits)
        epochs[number] = Epoch(sure, epochs[number].strays)
    return Split(tuple(epochs), watch.estimator.dropped, watch.estimator.ignored)


class _Watch:
    """Feeds an estimator and notes what became of each exchange."""

    def __init__(self, max_rate_ppm: float, max_wander_ppm_per_s: float) -> None:
        self.estimator = OffsetEstimator(
            max_rate_ppm=max_rate_ppm, max_wander_ppm_per_s=max_wander_ppm_per_s, history=1
        )
        self._ended: list[Epoch] = []
        self._sure: list[Exchange] = []
        self._strays_before: tuple[Exchange, ...] = ()
        self._witnesses: list[Exchange] = []  # contradict the epoch, agree with each other
        self._strays: list[Exchange] = []  # contradict the epoch and the witnesses
        self._either: list[Exchange] = []  # agree with all of them

    def add(self, exchange: Exchange) -> None:
        steps, dropped, accepted, ignored = self._counts()
        self.estimator.add(exchange.sent_host_ns, exchange.received_host_ns, exchange.device_ms)
        if self.estimator.ignored > ignored:
            return
        if self.estimator.steps > steps:
            self._start_epoch(exchange)
        elif not self.estimator.step_suspected:
            self._make_sure(exchange)
        elif self.estimator.accepted > accepted:
            self._either.append(exchange)
        else:
            self._suspect(exchange, afresh=self.estimator.dropped > dropped)

    def epochs(self) -> list[Epoch]:
        """All epochs with exchanges; doubts that nothing confirmed by the end are dropped."""
        return [*self._ended, Epoch(tuple(self._sure), self._strays_before)] if self._sure else []

    def _counts(self) -> tuple[int, int, int, int]:
        estimator = self.estimator
        return estimator.steps, estimator.dropped, estimator.accepted, estimator.ignored

    def _make_sure(self, exchange: Exchange) -> None:
        self._sure += [*self._either, exchange]
        self._forget_doubts()

    def _suspect(self, exchange: Exchange, *, afresh: bool) -> None:
        if afresh:
            self._strays += self._witnesses
            self._witnesses = []
        self._witnesses.append(exchange)

    def _start_epoch(self, exchange: Exchange) -> None:
        self._ended.append(Epoch(tuple(self._sure), self._strays_before))
        self._strays_before = tuple(self._strays)
        self._sure = [*self._witnesses, exchange]
        self._forget_doubts()

    def _forget_doubts(self) -> None:
        self._witnesses, self._strays, self._either = [], [], []


def _surely_before(
    old: Sequence[Exchange], new: Sequence[Exchange], limits: RateLimits
) -> tuple[Exchange, ...]:
    """Return `old` without those at its end that agree with the new epoch as well."""
    backward = filled(map(mirror, reversed(new)), limits)
    for last in range(len(old) - 1, -1, -1):
        if not backward.try_add(mirror(old[last])):
            return tuple(old[: last + 1])
    return tuple(old)
