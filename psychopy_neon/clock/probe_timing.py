"""When to ask the phone for the time, and how often; it answers in whole milliseconds."""

from __future__ import annotations

from psychopy_neon.clock.clock_map import ClockMap
from psychopy_neon.clock.exchange import NS_PER_MS

# Above this bound a reading may fall anywhere in the millisecond, whatever it is aimed at.
WIDEST_BOUND_TO_AIM_NS = 450_000
# Above this one a guard before the tick would be one after the tick before.
WIDEST_BOUND_TO_GUARD_NS = 250_000
GUARD_MARGIN_NS = 20_000
# Multiples of the golden ratio fill the millisecond evenly, whenever one stops.
EVEN_SPREAD_NS = 618_034
SHORTEST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 1.0
# A bound of 0.1 ms, about the best that a network of cables gives, is kept by the longest pause.
PAUSE_TIMES_BOUND_S_NS = 100_000.0


def pause_s(clock_map: ClockMap, host_ns: int) -> float:
    """Return how long to wait before the next probe, seconds.

    The wider the bound would become, the more there is to gain: on a link with long and uneven
    delays, after an outage, and while the rate is hardly known, probes come up to twenty times a
    second; on a quiet one about once.

    Parameters
    ----------
    clock_map : ClockMap
        Present map.
    host_ns : int
        ``time.perf_counter_ns()`` now.
    """
    bound_ns = clock_map.bound_ns(host_ns + round(LONGEST_PAUSE_S * 1e9))
    wanted_s = PAUSE_TIMES_BOUND_S_NS / max(1, bound_ns)
    return min(LONGEST_PAUSE_S, max(SHORTEST_PAUSE_S, wanted_s))


def chosen_phase_ns(number: int, bound_ns: int, one_way_ns: int) -> int:
    """Return how far after a tick of its millisecond the phone should read its clock.

    A reading just after a tick bounds the offset tightly from below, one just before it
    tightly from above, all others hardly at all. Every second probe is aimed at the tick
    itself: it falls to either side, and narrows the interval from there.

    Such probes cannot notice that the map has gone wrong, because they would still fall to
    either side. The others are guards: aimed so far from the tick, after it and before it in
    turn, that they land in the wrong millisecond, and so contradict the map, as soon as the
    truth is beyond its bound by more than the delay.

    Parameters
    ----------
    number : int
        Counts the probes. Repeat it while a step is suspected, to gather witnesses.
    bound_ns : int
        Present bound of the map.
    one_way_ns : int
        Expected delay of a probe.
    """
    is_guard = number % 2 == 1
    if bound_ns > (WIDEST_BOUND_TO_GUARD_NS if is_guard else WIDEST_BOUND_TO_AIM_NS):
        return number * EVEN_SPREAD_NS % NS_PER_MS
    guard = bound_ns + one_way_ns + GUARD_MARGIN_NS
    return (0, guard, 0, -guard)[number % 4]


def send_instant(
    clock_map: ClockMap, earliest_host_ns: int, one_way_ns: int, phase_ns: int = 0
) -> int:
    """Return the first instant at which a probe meets a phase of the phone's millisecond.

    Parameters
    ----------
    clock_map : ClockMap
    earliest_host_ns : int
        The result is at least this, and about 1 ms later at most.
    one_way_ns : int
        Expected delay of the probe, as a rule half of a short round trip.
    phase_ns : int
        Where the reading should fall, counted from the tick.
    """
    read_device_ns = clock_map.device_from_host(earliest_host_ns + one_way_ns)
    return earliest_host_ns + (phase_ns - read_device_ns) % NS_PER_MS
