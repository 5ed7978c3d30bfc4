"""Where the virtual participant looks, at every moment of the phone's clock."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Protocol

from psychopy_neon.simulator.human.angles import ScreenAngles
from psychopy_neon.simulator.human.gaze import HumanGaze
from psychopy_neon.simulator.monitor import Monitor
from psychopy_neon.simulator.mouse import MousePointer, find_mouse
from psychopy_neon.simulator.onset import onset_ns
from psychopy_neon.simulator.options import SimulatorOptions
from psychopy_neon.simulator.participant import Norm, Participant
from psychopy_neon.simulator.swing import Swing, SwingSince

MAX_PLANNED = 64


class GazeSource(Protocol):
    """Anything that can say where on the monitor somebody looks.

    Attributes
    ----------
    is_moving : bool or None
        Whether the eye moved on purpose between the last two positions; None if only they tell.
    """

    is_moving: bool | None

    def position(self, device_ns: int) -> Norm:
        """Point in norm units (-1..1, y up); called with rising times."""

    def notice_event(self, name: str, timestamp_ns: int, arrived_ns: int) -> None:
        """An event reached the phone."""

    def look_at(self, x: float, y: float, device_ns: int) -> None:
        """Look there from `device_ns` on."""

    def close(self) -> None:
        """Let go of whatever it is read from. Idempotent."""


@dataclass(frozen=True, slots=True)
class Saccade:
    """Eye movement between two points; before it the eye rests on the first."""

    start_ns: int
    end_ns: int
    origin: Norm
    target: Norm

    def position(self, device_ns: int) -> Norm:
        """Point at `device_ns`; speed rises and falls smoothly (minimum jerk)."""
        if device_ns >= self.end_ns or self.start_ns == self.end_ns:
            return self.target
        part = max(0.0, (device_ns - self.start_ns) / (self.end_ns - self.start_ns))
        part = part**3 * (10 - 15 * part + 6 * part**2)
        (x0, y0), (x1, y1) = self.origin, self.target
        return x0 + (x1 - x0) * part, y0 + (y1 - y0) * part


class ScriptedGaze:
    """A participant who fixates, and looks elsewhere when an event or the script says so."""

    is_moving: bool | None = None

    def __init__(self, participant: Participant, start_ns: int) -> None:
        self._participant = participant
        self._saccade_ns = round(participant.saccade_s * 1e9)
        self._current = Saccade(start_ns, start_ns, participant.start, participant.start)
        self._planned: deque[tuple[int, Norm | SwingSince]] = deque(maxlen=MAX_PLANNED)
        self._followed: SwingSince | None = None
        self._lock = threading.Lock()

    def position(self, device_ns: int) -> Norm:
        """Point in norm units at `device_ns`; times should rise from call to call."""
        with self._lock:
            while self._planned and self._planned[0][0] <= device_ns:
                start_ns, target = self._planned.popleft()
                self._begin(start_ns, target)
            if self._followed is not None and device_ns >= self._current.end_ns:
                return self._followed.place(device_ns)
            return self._current.position(device_ns)

    def notice_event(self, name: str, timestamp_ns: int, arrived_ns: int) -> None:
        """React to an event: it is taken as the onset of something the participant saw."""
        target = self._participant.on_event.get(name)
        if target is None:
            return
        reaction_ns = round(self._participant.reaction_s * 1e9)
        seen_ns = onset_ns(timestamp_ns, arrived_ns)
        aim = SwingSince(target, seen_ns) if isinstance(target, Swing) else target
        self._plan(max(arrived_ns, seen_ns + reaction_ns), aim)

    def look_at(self, x: float, y: float, device_ns: int) -> None:
        """Start a saccade to (x, y), norm units, at `device_ns`."""
        self._plan(device_ns, (x, y))

    def close(self) -> None:
        """Nothing is owned."""

    def _plan(self, device_ns: int, target: Norm | SwingSince) -> None:
        with self._lock:
            planned = sorted([*self._planned, (device_ns, target)], key=lambda plan: plan[0])
            self._planned = deque(planned[-MAX_PLANNED:], MAX_PLANNED)

    def _begin(self, start_ns: int, target: Norm | SwingSince) -> None:
        origin = self._current.position(start_ns)
        if self._followed is not None and start_ns >= self._current.end_ns:
            origin = self._followed.place(start_ns)
        end_ns = start_ns + self._saccade_ns
        self._followed = target if isinstance(target, SwingSince) else None
        landing = target.place(end_ns) if isinstance(target, SwingSince) else target
        self._current = Saccade(start_ns, end_ns, origin, landing)


class PathGaze:
    """A participant who follows a looped scan path."""

    is_moving: bool | None = None

    def __init__(self, participant: Participant, start_ns: int) -> None:
        self._saccade_s = participant.saccade_s
        self._start_ns = start_ns
        self._path = participant.path
        self._lap_ns = round(sum(leg[0] for leg in participant.path) * 1e9)

    def position(self, device_ns: int) -> Norm:
        """Point in norm units at `device_ns`."""
        into_ns = (device_ns - self._start_ns) % self._lap_ns
        previous = self._path[-1]
        for leg in self._path:
            duration_ns = round(leg[0] * 1e9)
            if into_ns < duration_ns:
                break
            into_ns -= duration_ns
            previous = leg
        saccade = Saccade(0, round(min(self._saccade_s, leg[0]) * 1e9), previous[1:], leg[1:])
        return saccade.position(into_ns)

    def notice_event(self, name: str, timestamp_ns: int, arrived_ns: int) -> None:
        """A path is followed regardless of events."""

    def look_at(self, x: float, y: float, device_ns: int) -> None:
        """From now on only (x, y): the path shrinks to one point."""
        self._path = ((self._lap_ns * 1e-9, x, y),)

    def close(self) -> None:
        """Nothing is owned."""


class MouseGaze:
    """The participant's gaze is the mouse pointer on this computer's screen."""

    is_moving: bool | None = None

    def __init__(self, pointer: MousePointer) -> None:
        self._pointer = pointer

    def position(self, device_ns: int) -> Norm:
        """Where the pointer is now, norm units of the whole screen."""
        return self._pointer.read()

    def notice_event(self, name: str, timestamp_ns: int, arrived_ns: int) -> None:
        """The person at the mouse reacts by themselves."""

    def look_at(self, x: float, y: float, device_ns: int) -> None:
        """The mouse decides; asking for another point has no effect."""

    def close(self) -> None:
        """Let go of the screen's connection. Idempotent."""
        self._pointer.close()


def find_source(options: SimulatorOptions, monitor: Monitor, start_ns: int) -> GazeSource:
    """Whom or what gaze follows, by the options.

    Raises
    ------
    UsageError
        If it is the mouse, and that cannot be read.
    """
    if options.gaze_follows == "mouse":
        return MouseGaze(find_mouse())
    participant = options.participant
    if options.gaze_model == "human":
        width_mm, height_mm = monitor.size_mm
        reach_mm = 2 * options.distance_mm
        angles = ScreenAngles(width_mm / reach_mm, height_mm / reach_mm)
        return HumanGaze(participant, angles, options.seed)
    if participant.path and not participant.on_event:
        return PathGaze(participant, start_ns)
    return ScriptedGaze(participant, start_ns)
