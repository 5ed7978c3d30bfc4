"""Clocks and events."""

from __future__ import annotations

from functools import partial

from psychopy_neon.aio.event_receipt import AsyncReceipt
from psychopy_neon.aio.in_thread import in_thread
from psychopy_neon.client import Neon as BlockingNeon
from psychopy_neon.client.experiment_clock import ExperimentTime
from psychopy_neon.clock.clock_map import ClockMap


class TimeAndEvents:
    """When things happened, and saving that they did."""

    device: BlockingNeon

    async def wait_for_clock(self, timeout_s: float = 5.0) -> ClockMap:
        """Wait until the first burst of probes has made the clock map sharp, at most `timeout_s`.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Raises
        ------
        NeonTimeoutError
            If the phone does not answer probes.
        """
        return await in_thread(partial(self.device.wait_for_clock, timeout_s))

    def experiment_time(self, device_ns: int) -> ExperimentTime:
        """When something on the phone's clock happened for the experiment; returns at once.

        Parameters
        ----------
        device_ns : int
            Phone's Unix clock, ns.

        Returns
        -------
        ExperimentTime
            Seconds on the experiment's clock, and the greatest possible error.

        Raises
        ------
        NeonTimeoutError
            If the phone's clock is not known yet; see `wait_for_clock`.
        """
        return self.device.experiment_time(device_ns)

    def now_device_ns(self) -> int:
        """The present on the phone's Unix clock, ns; returns at once.

        Raises
        ------
        NeonTimeoutError
            If the phone's clock is not known yet; see `wait_for_clock`.
        """
        return self.device.now_device_ns()

    def send_event(self, name: str, at: float | None = None) -> AsyncReceipt:
        """Save an event in the running recording; happens now, not when it is awaited.

        ``await neon.send_event("go")`` also waits for the phone's answer.

        Parameters
        ----------
        name : str
            Any text that is not empty, of up to 1000 characters.
        at : float, optional
            When it happened, on the experiment's clock, seconds; now if left out.

        Raises
        ------
        UsageError, ClosedError
            As for `psychopy_neon.Neon.send_event`.
        """
        return AsyncReceipt(self.device.send_event(name, at))
