"""One axis of time for all sessions of a ledger, laid end to end."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from psychopy_neon.certificate.frames import Frame
from psychopy_neon.ledger.session import Session

NS_PER_S = 1_000_000_000
LONGEST_S = 30 * 86_400.0  # a damaged line must not stretch the axis beyond all measure


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where a session lies on the axis.

    Attributes
    ----------
    session : Session
    start_s : float
        Where it begins, seconds from the start of the first session.
    first_host_ns, last_host_ns : int
        Its first and last known instant, ns of this computer's clock.
    """

    session: Session
    start_s: float
    first_host_ns: int
    last_host_ns: int

    @property
    def duration_s(self) -> float:
        """Length, seconds."""
        return min((self.last_host_ns - self.first_host_ns) / NS_PER_S, LONGEST_S)

    def at_host(self, host_ns: int) -> float:
        """Place of an instant of this computer's clock, seconds."""
        return self.start_s + (host_ns - self.first_host_ns) / NS_PER_S

    def distance_ns(self, host_ns: int) -> int:
        """How far before its first or after its last known instant; 0 in between."""
        return max(0, self.first_host_ns - host_ns, host_ns - self.last_host_ns)

    def at_experiment(self, experiment_s: float) -> float:
        """Place of an instant of the experiment's clock, seconds, by the pair before it."""
        pairs = self.session.pairs
        after = bisect_right(pairs, experiment_s, key=lambda pair: pair.experiment_s)
        return self.at_host(pairs[max(0, after - 1)].host_from_experiment(experiment_s))


class Timeline:
    """Sessions end to end.

    Parameters
    ----------
    sessions : sequence of Session
        In the order of the file.
    """

    def __init__(self, sessions: Sequence[Session]) -> None:
        stretches: list[Stretch] = []
        start_s = 0.0
        for session in sessions:
            stretches.append(Stretch(session, start_s, *_ends(session)))
            start_s += stretches[-1].duration_s
        self.stretches = tuple(stretches)
        self.duration_s = start_s

    def place_flip(self, frame: Frame) -> float | None:
        """Place of a flip; None if no session tells.

        It is in the session that is nearest by this computer's clock. Flips of older versions have
        the experiment's clock only, which may have been set, and are in the last session that had
        begun by it.
        """
        if math.isfinite(frame.flip_host_s) and self.stretches:
            host_ns = round(frame.flip_host_s * NS_PER_S)
            return min(self.stretches, key=lambda s: s.distance_ns(host_ns)).at_host(host_ns)
        experiment_s = frame.flip_experiment_s
        paired = [s for s in self.stretches if s.session.pairs]
        begun = [s for s in paired if s.session.pairs[0].experiment_s <= experiment_s]
        chosen = (begun or paired[:1])[-1:]
        return chosen[0].at_experiment(experiment_s) if chosen else None


def _ends(session: Session) -> tuple[int, int]:
    known = [pair.host_ns for pair in session.pairs]
    known += [event.host_ns for event in session.events]
    known += [probe.received_host_ns for probe in session.probes]
    return (min(known), max(known)) if known else (0, 0)
