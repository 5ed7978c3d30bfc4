"""One question and answer of the phone's time echo, and what it proves."""

from __future__ import annotations

from dataclasses import dataclass

NS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Exchange:
    """One answered probe.

    The phone read its clock once, somewhere between `sent_host_ns` and `received_host_ns`,
    and cut the reading down to whole milliseconds. As its clock only moves forward, this
    proves two things about ``offset = device - host``, however unequal the two ways were:

    - at `received_host_ns` the offset is at least `least_offset_ns`;
    - at `sent_host_ns` the offset is below `most_offset_ns`.

    Attributes
    ----------
    sent_host_ns, received_host_ns : int
        ``time.perf_counter_ns()`` just before sending and just after receiving.
    device_ms : int
        The phone's Unix clock in whole milliseconds, as it stood in the answer.
    """

    sent_host_ns: int
    received_host_ns: int
    device_ms: int

    @property
    def round_trip_ns(self) -> int:
        """Time between question and answer, ns of this computer's clock."""
        return self.received_host_ns - self.sent_host_ns

    @property
    def least_offset_ns(self) -> int:
        """Lower bound of device minus host at `received_host_ns`."""
        return self.device_ms * NS_PER_MS - self.received_host_ns

    @property
    def most_offset_ns(self) -> int:
        """Upper bound of device minus host at `sent_host_ns`."""
        return (self.device_ms + 1) * NS_PER_MS - self.sent_host_ns
