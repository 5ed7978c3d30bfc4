"""What the phone says about itself, and what may be asked of it."""

from __future__ import annotations

from functools import partial
from typing import Any

from psychopy_neon.aio.in_thread import in_thread
from psychopy_neon.aio.stream import AsyncReader
from psychopy_neon.client import Neon as BlockingNeon
from psychopy_neon.client.phone_facts import PhoneFacts
from psychopy_neon.client.phone_status import LinkState
from psychopy_neon.client.sample_buffer import SampleBuffer
from psychopy_neon.protocol.calibration import Calibration
from psychopy_neon.protocol.rest import Call
from psychopy_neon.protocol.status import Status

STATUS_CAPACITY = 500


class AsyncLink(PhoneFacts):
    """Properties return at once."""

    device: BlockingNeon
    _updates: SampleBuffer[Any]

    def _follow_status(self) -> None:
        self._updates = SampleBuffer(STATUS_CAPACITY)
        self.device.watch_status(self._updates.append)

    @property
    def status(self) -> Status:
        """Everything the phone said about itself so far, an immutable snapshot."""
        return self.device.status

    @property
    def host(self) -> str:
        """Where the phone was reached."""
        return self.device.host

    @property
    def port(self) -> int:
        """Of the phone's REST service."""
        return self.device.port

    @property
    def dns_name(self) -> str:
        """Host name that the phone announced, ``"neon.local."`` as a rule; else empty."""
        return self.device.dns_name

    @property
    def state(self) -> LinkState:
        """Whether the phone is there; it is looked for again by itself when lost."""
        return self.device.state

    @property
    def sensor_skew_ns(self) -> int | None:
        """Phone's Unix clock minus its sensor clock, ns; None until it is known."""
        return self.device.sensor_skew_ns

    def status_updates(self) -> AsyncReader[Any]:
        """Each change of the phone's status from now on, the changed part.

        ``async for part in neon.status_updates()`` ends when the device is closed. `status` has
        everything that is known.
        """
        return AsyncReader(self._updates)

    async def request(self, call: Call, timeout_s: float = 5.0) -> Any:
        """Send one call of the phone's REST API; waits up to `timeout_s`.

        Parameters
        ----------
        call : Call
            Method, path and body.
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        object
            The ``result`` of the reply, as JSON gives it.

        Raises
        ------
        DeviceError, NeonConnectionError, NeonTimeoutError, ClosedError
            As for `psychopy_neon.Neon.request`.
        """
        return await in_thread(partial(self.device.request, call, timeout_s))

    async def calibration(self, timeout_s: float = 5.0) -> Calibration:
        """The glasses' factory calibration; fetched once, waits up to `timeout_s` that time.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        Calibration
            Camera matrices, distortion and poses of the three cameras.

        Raises
        ------
        DeviceError, ProtocolError, NeonConnectionError, NeonTimeoutError
            As for `psychopy_neon.Neon.calibration`.
        """
        return await in_thread(partial(self.device.calibration, timeout_s))
