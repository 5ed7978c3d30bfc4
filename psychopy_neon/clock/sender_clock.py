"""From 32-bit RTP timestamps to the phone's Unix time."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from psychopy_neon.exceptions import UsageError

NS_PER_S = 1_000_000_000
REPORTS_KEPT = 10
JUMP_NS = 50_000_000
PROVISIONAL_ANCHOR_S = 10


@dataclass(frozen=True, slots=True)
class _Anchor:
    """An instant known on both clocks."""

    ticks: int  # unwrapped for reports, raw for arrivals
    device_ns: int


class SenderClock:
    """Dates the packets of one RTP stream with the sender reports of its RTCP channel.

    A report names one instant twice: as Unix time and as RTP timestamp (RFC 3550, 6.4.1). If
    the phone takes the Unix time when it sends the report but the timestamp from an older
    sample, reports are late by a varying delay and never early. Hence of the latest reports
    one near the earliest is used (their lower quartile), not simply the newest.

    A report that differs from the present mapping by more than `jump_ns` is held back. If
    the next one agrees with it, the phone's wall clock was set: the mapping starts afresh from
    these two. If not, it was a stray and is dropped. Until then the old mapping is used. Steps
    smaller than `jump_ns` are followed within `REPORTS_KEPT` reports.

    Timestamps wrap after 2**32 ticks. They are unwrapped by their signed distance from the
    newest believed report, so it takes half a wrap without reports (6.6 h at 90 kHz) to go
    wrong. Use a new object for every session of a stream: timestamps start anywhere.

    Parameters
    ----------
    clock_rate : int
        RTP ticks per second.
    jump_ns : int
        Least disagreement that is not taken for a send delay.

    Attributes
    ----------
    reports, dropped, steps : int
        Reports taken in; strays among them; steps of the phone's wall clock found.

    Raises
    ------
    UsageError
        If `clock_rate` is not positive.
    """

    def __init__(self, clock_rate: int, *, jump_ns: int = JUMP_NS) -> None:
        if clock_rate <= 0:
            raise UsageError(f"clock_rate is {clock_rate}; give RTP ticks per second, above 0")
        self._clock_rate = clock_rate
        self._jump_ns = jump_ns
        self._kept: deque[_Anchor] = deque(maxlen=REPORTS_KEPT)
        self._newest_ticks: int | None = None
        self._chosen: _Anchor | None = None
        self._suspect: _Anchor | None = None
        self._provisional: _Anchor | None = None
        self.reports = 0
        self.dropped = 0
        self.steps = 0

    def add_report(self, unix_ns: int, rtp_ticks: int) -> None:
        """Take in a sender report: its NTP time as Unix ns, and its 32-bit RTP timestamp."""
        report = _Anchor(self._unwrap(rtp_ticks), unix_ns)
        self.reports += 1
        if self._chosen is None or self._agree(self._chosen, report):
            self._believe(report)
        elif self._suspect is not None and self._agree(self._suspect, report):
            self._step(self._suspect, report)
        else:
            self._drop_suspect()
            self._suspect = report

    def device_ns(self, rtp_ticks: int, arrived_device_ns: int) -> tuple[int, bool]:
        """Return the phone's Unix time of a packet, and whether it is only provisional.

        Parameters
        ----------
        rtp_ticks : int
            32-bit RTP timestamp.
        arrived_device_ns : int
            When the packet arrived, on the phone's clock as far as it is known. Used only
            until the first report: the packet with the least delay so far dates the others,
            so that their spacing is right and their delay is at most that packet's.

        Returns
        -------
        device_ns : int
        provisional : bool
            True before the first report.
        """
        device_ns = self.reported_ns(rtp_ticks)
        if device_ns is None:
            return self._provisional_ns(rtp_ticks, arrived_device_ns), True
        return device_ns, False

    def reported_ns(self, rtp_ticks: int) -> int | None:
        """Return the phone's Unix time of a packet by the reports; None before the first."""
        # The functions below in one: this is done for every packet.
        chosen, newest = self._chosen, self._newest_ticks
        if chosen is None or newest is None:
            return None
        passed = (rtp_ticks - newest + 0x8000_0000) % 0x1_0000_0000 - 0x8000_0000
        ticks = newest + passed - chosen.ticks
        rate = self._clock_rate
        return chosen.device_ns + (2 * ticks * NS_PER_S + rate) // (2 * rate)

    def _unwrap(self, rtp_ticks: int) -> int:
        if self._newest_ticks is None:
            return rtp_ticks
        return self._newest_ticks + _signed_32(rtp_ticks - self._newest_ticks)

    def _date(self, anchor: _Anchor, ticks: int) -> int:
        return anchor.device_ns + self._ns(ticks - anchor.ticks)

    def _ns(self, ticks: int) -> int:
        return (2 * ticks * NS_PER_S + self._clock_rate) // (2 * self._clock_rate)

    def _agree(self, one: _Anchor, other: _Anchor) -> bool:
        return abs(self._date(one, other.ticks) - other.device_ns) <= self._jump_ns

    def _believe(self, report: _Anchor) -> None:
        self._drop_suspect()
        self._kept.append(report)
        self._newest_ticks = report.ticks
        self._chosen = self._choose()

    def _step(self, first: _Anchor, second: _Anchor) -> None:
        self._kept.clear()
        self._kept.append(first)
        self._suspect = None
        self.steps += 1
        self._believe(second)

    def _drop_suspect(self) -> None:
        self.dropped += self._suspect is not None
        self._suspect = None

    def _choose(self) -> _Anchor:
        by_delay = sorted(self._kept, key=lambda report: self._date(report, 0))
        return by_delay[(len(by_delay) - 1) // 4]

    def _provisional_ns(self, rtp_ticks: int, arrived_device_ns: int) -> int:
        anchor = self._provisional
        if anchor is not None:
            passed = _signed_32(rtp_ticks - anchor.ticks)
            estimate = anchor.device_ns + self._ns(passed)
            # A younger anchor bounds what the drift of the two clocks can add up to.
            fresh = abs(passed) < PROVISIONAL_ANCHOR_S * self._clock_rate
            if fresh and estimate <= arrived_device_ns <= estimate + NS_PER_S:
                return estimate
        self._provisional = _Anchor(rtp_ticks, arrived_device_ns)
        return arrived_device_ns


def _signed_32(difference: int) -> int:
    return (difference + 0x8000_0000) % 0x1_0000_0000 - 0x8000_0000
