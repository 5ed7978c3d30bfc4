"""Offset and rate between the phone's clock and ours, with a guaranteed bound."""

from __future__ import annotations

from collections import deque
from itertools import islice

from psychopy_neon.clock.clock_map import ClockMap
from psychopy_neon.clock.exchange import Exchange
from psychopy_neon.clock.feasible_set import FeasibleSet, RateLimits
from psychopy_neon.clock.probe_timing import chosen_phase_ns, send_instant
from psychopy_neon.exceptions import UsageError

LONGEST_ROUND_TRIP_NS = 2_000_000_000
WITNESSES_OF_A_STEP = 3
HISTORY = 10_000
EXCHANGES_TO_JUDGE_DELAY = 30
EXCHANGES_PER_AIM = 2  # one wakes up whatever sleeps between the clocks, the next is aimed


class OffsetEstimator:
    """Estimates ``device - host`` from time echo exchanges.

    The answer carries whole milliseconds, yet the estimate becomes much finer: every exchange
    rules out some pairs of offset and rate, and the pairs left over shrink to about the
    shortest round trip. Delays, also one-sided ones, stalls and lost answers never make the
    result wrong, only wider.

    The bound is a guarantee as long as

    - the phone cuts its time down to whole ms (rather than rounding it);
    - the two clocks differ in rate by at most `max_rate_ppm`. Crystals are within 20 ppm each;
      the rest is room for a clock that is being slewed;
    - the rate changes by at most `max_wander_ppm_per_s`. A crystal moves by up to 1 ppm per
      degree, and a pocketed phone or a desktop computer by some degrees per minute;
    - the clock does not step. A step (the phone sets its clock; this computer sleeps; a time
      daemon suddenly slews by more than assumed) is noticed when three exchanges contradict
      the set but agree with each other; a new segment then starts from them. Between the step
      and that moment the old map stays in force, and its bound does not hold.

    Not locked: one thread adds; the frozen maps it hands out may go anywhere.

    Parameters
    ----------
    max_rate_ppm : float
        Parts per million.
    max_wander_ppm_per_s : float
        Parts per million per second.
    history : int
        Number of exchanges kept for saving.

    Attributes
    ----------
    accepted, dropped, ignored : int
        Exchanges that agreed with the set; that contradicted it and found no witness; that had
        an impossible round trip (negative or above 2 s).
    steps : int
        Steps of the clock found.
    last_step_ns : int
        Size of the latest one: new minus old offset estimate; 0 before the first.
    """

    def __init__(
        self,
        *,
        max_rate_ppm: float = 150.0,
        max_wander_ppm_per_s: float = 0.05,
        history: int = HISTORY,
    ) -> None:
        self._limits = rate_limits(max_rate_ppm, max_wander_ppm_per_s)
        self._history: deque[Exchange] = deque(maxlen=history)
        self._believed: FeasibleSet | None = None
        self._suspected: FeasibleSet | None = None
        self._witnesses = 0
        self._sure_until_host_ns = 0
        self.accepted = 0
        self.dropped = 0
        self.ignored = 0
        self.steps = 0
        self.last_step_ns = 0

    @property
    def limits(self) -> RateLimits:
        """What is assumed about the two clocks."""
        return self._limits

    @property
    def history(self) -> tuple[Exchange, ...]:
        """The latest exchanges, oldest first, whatever became of them."""
        return tuple(self._history)

    @property
    def sure_span(self) -> tuple[int, int]:
        """Between these instants of ``time.perf_counter_ns()`` the present map surely holds.

        From the arrival of its first answer until its latest question was sent: while a question
        is under way nobody knows when the phone reads its clock, and it may be set before that or
        after. Answers while a step is suspected do not count. Both 0 before the first exchange.
        """
        if self._believed is None:
            return 0, 0
        return self._believed.sure_since_host_ns, self._sure_until_host_ns

    @property
    def step_suspected(self) -> bool:
        """Whether exchanges contradict the present map, too few so far to start a new one."""
        return self._witnesses > 0

    def add(self, sent_host_ns: int, received_host_ns: int, device_ms: int) -> None:
        """Take in one exchange.

        Parameters
        ----------
        sent_host_ns, received_host_ns : int
            ``time.perf_counter_ns()`` just before sending and just after receiving.
        device_ms : int
            The time in the phone's answer, Unix ms.
        """
        exchange = Exchange(sent_host_ns, received_host_ns, device_ms)
        self._history.append(exchange)
        if not 0 <= exchange.round_trip_ns <= LONGEST_ROUND_TRIP_NS:
            self.ignored += 1
        elif self._believed is None:
            self._believed = FeasibleSet(exchange, self._limits)
            self._sure_until_host_ns = sent_host_ns
            self.accepted += 1
        elif self._believed.try_add(exchange):
            self.accepted += 1
            self._question_suspicion(exchange)
            if not self.step_suspected:
                self._sure_until_host_ns = max(self._sure_until_host_ns, sent_host_ns)
        else:
            self._suspect(exchange)

    def snapshot(self) -> ClockMap | None:
        """Return the present map; None before the first exchange."""
        return None if self._believed is None else self._believed.clock_map(self.steps)

    def aim(self, earliest_host_ns: int, dither_ns: int = 0) -> int:
        """Return when to send the next probe so that its answer tells the most.

        At most about 1 ms after `earliest_host_ns`; that instant itself before the first
        exchange. Missing the aim costs sharpness, never correctness.

        Parameters
        ----------
        earliest_host_ns : int
        dither_ns : int
            Deliberate miss; random within +-50000 keeps probes from falling alike.
        """
        clock_map = self.snapshot()
        if clock_map is None:
            return earliest_host_ns
        one_way = self._one_way_ns()
        # Only accepted exchanges count: a probe that raised a suspicion is repeated.
        number = self.accepted // EXCHANGES_PER_AIM
        phase = chosen_phase_ns(number, clock_map.bound_ns(earliest_host_ns), one_way)
        return send_instant(clock_map, earliest_host_ns, one_way, phase + dither_ns)

    def _one_way_ns(self) -> int:
        latest = list(islice(reversed(self._history), EXCHANGES_TO_JUDGE_DELAY))
        return max(0, min(exchange.round_trip_ns for exchange in latest)) // 2

    def _question_suspicion(self, exchange: Exchange) -> None:
        """Let an exchange that agrees with the map speak against a suspected step.

        A wide one agrees with both: it ends no suspicion.
        """
        if self._suspected is not None and not self._suspected.try_add(exchange):
            self._drop_suspicion()

    def _suspect(self, exchange: Exchange) -> None:
        if self._suspected is None or not self._suspected.try_add(exchange):
            self._drop_suspicion()
            self._suspected = FeasibleSet(exchange, self._limits)
        self._witnesses += 1
        if self._witnesses >= WITNESSES_OF_A_STEP:
            self._believe(self._suspected)
            self._sure_until_host_ns = exchange.sent_host_ns

    def _drop_suspicion(self) -> None:
        self.dropped += self._witnesses
        self._suspected, self._witnesses = None, 0

    def _believe(self, suspected: FeasibleSet) -> None:
        before, now = self.snapshot(), suspected.reference_host_ns
        self.accepted += self._witnesses
        self.steps += 1
        self._believed, self._suspected, self._witnesses = suspected, None, 0
        after = self.snapshot()
        if before is not None and after is not None:
            self.last_step_ns = after.device_from_host(now) - before.device_from_host(now)


def rate_limits(max_rate_ppm: float, max_wander_ppm_per_s: float) -> RateLimits:
    """Return the limits in the filter's units; `UsageError` if they make no sense."""
    if not 0 < max_rate_ppm <= 100_000:
        raise UsageError(f"max_rate_ppm is {max_rate_ppm}; give a value above 0, up to 100000")
    if not 0 <= max_wander_ppm_per_s <= 1000:
        raise UsageError(f"max_wander_ppm_per_s is {max_wander_ppm_per_s}; give 0 to 1000")
    return RateLimits(max_rate_ppm * 1e-6, max_wander_ppm_per_s * 1e-6 * 1e-9)
