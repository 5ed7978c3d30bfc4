"""Events on their way to the phone: the part of `NeonTracker` that hands them over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from psychopy_neon.runtime.run_end import RunEnd
from psychopy_neon.runtime.sent_events import Outcome, SentEvents


class TrackerEvents:
    """Sends events, and collects what became of them."""

    _sent: SentEvents
    _end: RunEnd

    def send_event(
        self,
        name: str,
        raw_s: float,
        data: dict[str, Any] | None = None,
        on_outcome: Callable[[Outcome], None] | None = None,
        host_ns: int | None = None,
    ) -> int:
        """Hand an event over to ioHub through a file; takes microseconds and never waits.

        What is in the file is sent even if this process is killed. If ioHub has ended, the file
        keeps the event; the end of the experiment then names it.

        Parameters
        ----------
        name : str
            Any text that is not empty, of up to 1000 characters.
        raw_s : float
            When it happened, raw PsychoPy seconds.
        data : dict, optional
            Texts and numbers that belong to it. They are kept in the journal; the phone gets the
            name only.
        on_outcome : callable, optional
            Called with what is known of the event, perhaps several times, from `collect_outcomes`
            and `close`; attributes ``state`` (value of an `EventState`), ``device_ns`` and
            ``bound_ns`` (both None if unknown).
        host_ns : int, optional
            ``time.perf_counter_ns()`` at the same instant, if it is known.

        Returns
        -------
        int
            Number of the event, counted from 1 (``handed_over`` in the journal); 0 if it could
            neither be written nor sent, which is logged.

        Raises
        ------
        UsageError
            If the name, the time or the data cannot be used.
        """
        return self._sent.hand_over(name, raw_s, data, on_outcome, host_ns)

    def collect_outcomes(self, *, now: bool = False) -> None:
        """Ask ioHub what became of events; takes a round trip, below 1 ms.

        Parameters
        ----------
        now : bool
            Whether to ask at once and for all; else every 5 s at most, for the 100 oldest.
        """
        if now:
            self._sent.collect_all()
        else:
            self._sent.collect()

    def add_experiment(self, exp: Any) -> None:
        """Have what became of the events written into this data file, column ``neon.events``.

        Parameters
        ----------
        exp : psychopy.data.ExperimentHandler
        """
        self._end.add_experiment(exp)
