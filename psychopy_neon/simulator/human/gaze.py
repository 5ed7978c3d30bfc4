"""A participant whose eyes move as people's do: saccades, drift and tremor, reaction times."""

from __future__ import annotations

import random
import threading
from bisect import insort
from operator import itemgetter

from psychopy_neon.simulator.human.angles import ScreenAngles
from psychopy_neon.simulator.human.fixational import SAMPLES_PER_SECOND, FixationalMovement
from psychopy_neon.simulator.human.habits import FreeViewing, Habit, Plan, ScanPath
from psychopy_neon.simulator.human.main_sequence import Saccade, duration_ns
from psychopy_neon.simulator.human.pursuit import Pursuit
from psychopy_neon.simulator.onset import onset_ns
from psychopy_neon.simulator.participant import Norm, Participant
from psychopy_neon.simulator.swing import Swing, SwingSince

STEP_NS = 1_000_000_000 // SAMPLES_PER_SECOND
CLOCK_STEP_NS = 1_000_000_000  # further apart, two samples have a step of the clock between them
MAX_PLANNED = 64
# A saccade to a target falls short and scatters, more along the way than across; what is left is
# put right by another one (Becker and Fuchs, Vision Research 9:1247, 1969). The figures are ours.
GAIN, ALONG, ACROSS = 0.92, 0.05, 0.025
CORRECTED_DEG, CORRECTION_SCATTER_DEG = 0.4, 0.1
CORRECTION_S, CORRECTION_SPREAD_S, SOONEST_S = 0.13, 0.03, 0.08
SMALLEST_DEG = 0.05
# One divided by the reaction time is normal (Carpenter and Williams, Nature 377:59, 1995); that its
# spread is a fifth of its mean is our choice.
RATE_SPREAD, SLOWEST, FASTEST = 0.2, 0.4, 2.0


class HumanGaze:
    """Looks around freely, follows a path, or reacts to events, as the participant says.

    An event may be the beginning of a motion, which the eyes then pursue until the next.

    Repeatable: the same seed and the same events at the same times after the first sample give
    the same gaze. The phone's clock may be set meanwhile, nobody's eyes jump then.

    Attributes
    ----------
    is_moving : bool
        Whether a saccade was under way at some time between the last two samples.
    """

    def __init__(self, participant: Participant, angles: ScreenAngles, seed: int) -> None:
        self.is_moving: bool | None = False
        self._participant = participant
        self._angles = angles
        self._random = random.Random(seed)
        self._fixational = FixationalMovement(seed)
        self._habit = _habit_of(participant, angles, self._random)
        start = participant.path[-1][1:] if participant.path else participant.start
        self._saccade = Saccade(0, 0, start, start)
        self._pursuit: Pursuit | None = None
        self._own: Plan | None = None
        self._asked_for: list[tuple[int, Norm | Swing]] = []
        self._zero_ns = 0  # of our own time, which begins with the first sample
        self._has_begun = False
        self._last_ns = 0
        self._lock = threading.Lock()

    def position(self, device_ns: int) -> Norm:
        """Point in norm units at `device_ns`; called with rising times, 5 ms apart."""
        with self._lock:
            now_ns = self._since_start(device_ns)
            self._begin_what_is_due(now_ns)
            under_way = self._saccade if self._pursuit is None else self._pursuit.saccade
            self.is_moving = under_way.start_ns < now_ns and self._last_ns < under_way.end_ns
            self._last_ns = now_ns
            place = self._place(now_ns)
            return self._angles.moved(place, *self._fixational.at(now_ns // STEP_NS))

    def notice_event(self, name: str, timestamp_ns: int, arrived_ns: int) -> None:
        """React to an event: it is taken as the onset of something the participant saw."""
        target = self._participant.on_event.get(name)
        if target is None:
            return
        seen_ns = onset_ns(timestamp_ns, arrived_ns)
        with self._lock:
            if isinstance(target, Swing):
                self._ask_for(seen_ns, target)
            else:
                self._ask_for(max(arrived_ns, seen_ns + self._reaction_ns()), target)

    def look_at(self, x: float, y: float, device_ns: int) -> None:
        """Begin a saccade to (x, y) then, and stay there: that ends any looking around."""
        with self._lock:
            self._ask_for(device_ns, (x, y))

    def close(self) -> None:
        """Nothing is owned."""

    def _ask_for(self, device_ns: int, target: Norm | Swing) -> None:
        insort(self._asked_for, (device_ns - self._zero_ns, target), key=itemgetter(0))
        del self._asked_for[MAX_PLANNED:]

    def _place(self, now_ns: int) -> Norm:
        moving = self._saccade if self._pursuit is None else self._pursuit
        return moving.position(now_ns)

    def _since_start(self, device_ns: int) -> int:
        if not self._has_begun:
            self._has_begun, self._zero_ns = True, device_ns
            self._asked_for = [(ns - device_ns, place) for ns, place in self._asked_for]
        apart_ns = device_ns - self._zero_ns - self._last_ns
        if abs(apart_ns) > CLOCK_STEP_NS:
            self._zero_ns += apart_ns - STEP_NS
        return device_ns - self._zero_ns

    def _begin_what_is_due(self, now_ns: int) -> None:
        if self._own is None and self._habit is not None:
            self._own = self._habit.plan(self._saccade)
        while self._asked_for and self._asked_for[0][0] <= now_ns:
            self._habit = None
            start_ns, target = self._asked_for.pop(0)
            if isinstance(target, Swing):
                self._follow(SwingSince(target, start_ns))
            else:
                self._begin(max(start_ns, self._last_ns), target, is_aimed=True)
        if self._own is not None and self._own[0] <= now_ns:
            self._begin(*self._own, is_aimed=self._habit is None or self._habit.is_aimed)

    def _follow(self, target: SwingSince) -> None:
        origin = self._place(self._last_ns)
        self._pursuit = Pursuit(target, origin, self._last_ns, self._angles, self._random)
        self._own = None

    def _begin(self, start_ns: int, target: Norm, *, is_aimed: bool) -> None:
        origin, self._pursuit = self._place(start_ns), None
        landing = self._landing(origin, target) if is_aimed else target
        size_deg = self._angles.between_deg(origin, landing)
        lasts_ns = duration_ns(size_deg) if size_deg > SMALLEST_DEG else 0
        landing = landing if lasts_ns else origin
        self._saccade = Saccade(start_ns, start_ns + lasts_ns, origin, landing)
        self._own = self._correction(target) if is_aimed else None
        if self._own is None and self._habit is not None:
            self._own = self._habit.plan(self._saccade)

    def _landing(self, origin: Norm, target: Norm) -> Norm:
        size_deg = self._angles.between_deg(origin, target)
        if size_deg < CORRECTED_DEG * 3:
            spread = (self._random.gauss(0, CORRECTION_SCATTER_DEG) for _ in range(2))
            return self._angles.moved(target, *spread)
        way_x, way_y = target[0] - origin[0], target[1] - origin[1]
        along, across = GAIN + self._random.gauss(0, ALONG), self._random.gauss(0, ACROSS)
        # Across in degrees is across in norm units only on a square monitor.
        stretch = self._angles.half_width / self._angles.half_height
        return (
            origin[0] + along * way_x - across * way_y / stretch,
            origin[1] + along * way_y + across * way_x * stretch,
        )

    def _correction(self, target: Norm) -> Plan | None:
        if self._angles.between_deg(self._saccade.landing, target) < CORRECTED_DEG:
            return None
        wait_s = max(SOONEST_S, self._random.gauss(CORRECTION_S, CORRECTION_SPREAD_S))
        return self._saccade.end_ns + round(wait_s * 1e9), target

    def _reaction_ns(self) -> int:
        rate = self._random.gauss(1, RATE_SPREAD)
        return round(self._participant.reaction_s * 1e9 / min(max(rate, SLOWEST), FASTEST))


def _habit_of(
    participant: Participant, angles: ScreenAngles, source: random.Random
) -> Habit | None:
    if participant.on_event:
        return None
    return ScanPath(participant.path) if participant.path else FreeViewing(angles, source)
