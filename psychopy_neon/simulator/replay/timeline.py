"""Maps the times of a recording onto the running clock of the simulated phone."""

from __future__ import annotations

import time
from dataclasses import dataclass

from psychopy_neon.simulator.clock import ClockLine, SimulatedClock


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is played again and again.

    Attributes
    ----------
    first_ns, last_ns : int
        Times of the recording, ns; `last_ns` is that of the last sample.
    pause_ns : int
        From the last sample to the first of the next round.
    """

    first_ns: int
    last_ns: int
    pause_ns: int

    @property
    def length_ns(self) -> int:
        """Of one round."""
        return self.last_ns + self.pause_ns - self.first_ns


@dataclass(frozen=True, eq=False, slots=True)
class Pass:
    """One playing of a stretch, round after round.

    Attributes
    ----------
    stretch : Stretch
    from_ns : int
        Time of the recording at which the first round begins.
    begin_ns : int
        Phone time of that.
    line : ClockLine
        How the phone's clock ran then.
    """

    stretch: Stretch
    from_ns: int
    begin_ns: int
    line: ClockLine

    def round_begin_ns(self, lap: int) -> int:
        """Time of the recording at which a round begins."""
        return self.stretch.first_ns if lap else self.from_ns

    def elapsed_ns(self, lap: int, file_ns: int) -> int:
        """From the beginning of the pass to a moment of a round, at true speed."""
        if not lap:
            return file_ns - self.from_ns
        stretch = self.stretch
        before = stretch.last_ns + stretch.pause_ns - self.from_ns
        return before + (lap - 1) * stretch.length_ns + file_ns - stretch.first_ns


class Timeline:
    """Where the replay is; all sensors of a recording share one.

    Parameters
    ----------
    clock : SimulatedClock
    stretch : Stretch
    loops : bool
        Whether it begins again when it is over.
    speed : float
        Above 1 everything, times included, is pressed together.
    """

    def __init__(
        self, clock: SimulatedClock, stretch: Stretch, *, loops: bool, speed: float
    ) -> None:
        self.loops = loops
        self._clock = clock
        self._stretch = stretch
        self._speed = speed
        self._pass = self._pass_from(stretch.first_ns)

    @property
    def current(self) -> Pass:
        """The pass under way; another one after `seek`."""
        return self._pass

    @property
    def stretch(self) -> Stretch:
        """What is played."""
        return self._stretch

    def seek(self, file_ns: int) -> None:
        """Go on at a moment of the recording, now; held within what is played."""
        self._pass = self._pass_from(
            min(max(file_ns, self._stretch.first_ns), self._stretch.last_ns)
        )

    def device_ns(self, played: Pass, lap: int, file_ns: int) -> int:
        """Phone time of a moment of the recording, ns: exact at speed 1.

        A step of the phone's clock moves all that is still to come.
        """
        elapsed_ns = played.elapsed_ns(lap, file_ns)
        if self._speed != 1:
            elapsed_ns = round(elapsed_ns / self._speed)
        device_ns = played.begin_ns + elapsed_ns
        line = self._clock.line
        if line is not played.line:
            device_ns += line.zero_device_ns - played.line.device_ns(line.zero_host_ns)
        return device_ns

    def _pass_from(self, file_ns: int) -> Pass:
        line = self._clock.line
        return Pass(self._stretch, file_ns, line.device_ns(time.perf_counter_ns()), line)
