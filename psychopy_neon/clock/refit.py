"""The clocks of a finished run, worked out again from all its exchanges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from psychopy_neon.clock.clock_history import ClockHistory, ClockStep
from psychopy_neon.clock.epoch_map import EpochMap
from psychopy_neon.clock.epochs import Epoch, split_at_steps
from psychopy_neon.clock.exchange import Exchange
from psychopy_neon.clock.feasible_set import HOST_TICK_NS
from psychopy_neon.clock.offset import rate_limits
from psychopy_neon.clock.smoothing import smooth
from psychopy_neon.exceptions import UsageError


def refit(
    exchanges: Iterable[Exchange],
    *,
    max_rate_ppm: float = 150.0,
    max_wander_ppm_per_s: float = 0.05,
) -> ClockHistory:
    """Work the relation of the two clocks out again, with past and future exchanges.

    During the experiment an instant is dated by what was known before it; here also by what came
    after. The same assumptions as those made live make the bound a guarantee, and at
    no instant of the run is it larger than the one that the experiment had. Two things cannot be
    seen: a step that is smaller than the bound, and one that is undone before three exchanges
    have met it.

    Parameters
    ----------
    exchanges : iterable of Exchange
        All of the run, in any order; strays and steps among them do no harm.
    max_rate_ppm : float
        Greatest difference of the clocks' rates, parts per million.
    max_wander_ppm_per_s : float
        Greatest change of it, parts per million per second.

    Returns
    -------
    ClockHistory

    Raises
    ------
    UsageError
        If there is no exchange to go by, or a limit makes no sense.
    """
    limits = rate_limits(max_rate_ppm, max_wander_ppm_per_s)
    split = split_at_steps(exchanges, max_rate_ppm, max_wander_ppm_per_s)
    if not split.epochs:
        raise UsageError(
            "there is no answered time echo to work the clocks out from; give at least one"
        )
    maps = [EpochMap(smooth(epoch.exchanges, limits), limits) for epoch in split.epochs]
    return ClockHistory(
        maps,
        _steps(split.epochs, maps),
        exchanges=sum(len(epoch.exchanges) for epoch in split.epochs),
        dropped=split.dropped,
        ignored=split.ignored,
    )


def _steps(epochs: Sequence[Epoch], maps: Sequence[EpochMap]) -> list[ClockStep]:
    return [
        _step(old, new, maps[number], maps[number + 1])
        for number, (old, new) in enumerate(pairwise(epochs))
    ]


def _step(old: Epoch, new: Epoch, old_map: EpochMap, new_map: EpochMap) -> ClockStep:
    earliest = old.exchanges[-1].sent_host_ns
    latest = new.exchanges[0].received_host_ns
    middle = np.array([(earliest + latest) // 2], np.int64)
    return ClockStep(
        earliest_host_ns=earliest,
        latest_host_ns=latest,
        size_ns=int(new_map.offsets(middle)[0] - old_map.offsets(middle)[0]),
        bound_ns=int(new_map.bounds(middle)[0] + old_map.bounds(middle)[0]),
        stray_offsets=tuple(_offsets(stray) for stray in new.strays),
    )


def _offsets(stray: Exchange) -> tuple[int, int]:
    return stray.least_offset_ns - HOST_TICK_NS, stray.most_offset_ns
