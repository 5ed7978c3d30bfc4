"""One pair of glasses, for ``async`` and ``await``."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from psychopy_neon.aio.event_receipt import AsyncReceipt
from psychopy_neon.aio.in_thread import in_thread
from psychopy_neon.aio.matched import AsyncMatcher
from psychopy_neon.aio.remotes import AsyncCamera, AsyncRecording, AsyncTemplate
from psychopy_neon.aio.stream import AsyncReader, AsyncStream
from psychopy_neon.client import Neon as BlockingNeon
from psychopy_neon.client.connecting import DEFAULT_PORT
from psychopy_neon.client.experiment_clock import ExperimentTime
from psychopy_neon.client.finding import Sweep
from psychopy_neon.client.matching import MatchedSceneAudio, MatchedSceneEyesGaze
from psychopy_neon.client.neon import LinkState
from psychopy_neon.client.phone_facts import PhoneFacts
from psychopy_neon.client.sample_buffer import SampleBuffer
from psychopy_neon.clock.clock_map import ClockMap
from psychopy_neon.protocol.calibration import Calibration
from psychopy_neon.protocol.rest import Call
from psychopy_neon.protocol.status import Status
from psychopy_neon.samples import (
    AudioFrame,
    EyeEvent,
    GazeSample,
    ImuSample,
    MatchedSceneGaze,
    VideoFrame,
)

STATUS_CAPACITY = 500


class Neon(PhoneFacts):
    """A connection to one Companion phone and the glasses plugged into it.

    Make it with ``await Neon.connect(...)`` and close it, best with ``async with``. Everything
    that may take a while is a coroutine; the rest returns at once. Several devices, and several
    tasks that read the same one, do not disturb each other.

    Parameters
    ----------
    device : psychopy_neon.Neon
        An open device, which this one takes over and closes.

    Attributes
    ----------
    device : psychopy_neon.Neon
        What does the work. Its methods without a timeout may be used here too.
    gaze : AsyncStream of GazeSample
    scene : AsyncStream of VideoFrame
    eyes : AsyncStream of VideoFrame
    imu : AsyncStream of ImuSample
    eye_events : AsyncStream of EyeEvent
    audio : AsyncStream of AudioFrame
    recording : AsyncRecording
    template : AsyncTemplate
    camera : AsyncCamera
    """

    def __init__(self, device: BlockingNeon) -> None:
        self.device = device
        self.gaze: AsyncStream[GazeSample] = AsyncStream(lambda: device.gaze)
        self.scene: AsyncStream[VideoFrame] = AsyncStream(lambda: device.scene)
        self.eyes: AsyncStream[VideoFrame] = AsyncStream(lambda: device.eyes)
        self.imu: AsyncStream[ImuSample] = AsyncStream(lambda: device.imu)
        self.eye_events: AsyncStream[EyeEvent] = AsyncStream(lambda: device.eye_events)
        self.audio: AsyncStream[AudioFrame] = AsyncStream(lambda: device.audio)
        self.recording = AsyncRecording(device.recording)
        self.template = AsyncTemplate(device.template)
        self.camera = AsyncCamera(device.camera)
        self._updates: SampleBuffer[Any] = SampleBuffer(STATUS_CAPACITY)
        device.watch_status(self._updates.append)

    @classmethod
    async def connect(
        cls,
        address: str | None = None,
        port: int = DEFAULT_PORT,
        *,
        name: str | None = None,
        phone_id: str | None = None,
        serial: str | None = None,
        sweep: Sweep = False,
        clock: Callable[[], float] = time.perf_counter,
        journal: str | Path | None = None,
        timeout_s: float = 10.0,
    ) -> Neon:
        """Find and connect to a phone; takes the arguments of `psychopy_neon.Neon.connect`.

        When it is cancelled, a connection that is made later is closed again.

        Raises
        ------
        DeviceNotFoundError, WrongDeviceError, NeonConnectionError, NeonTimeoutError
            If there is no such phone.
        UsageError
            If an argument makes no sense.
        """
        connect = partial(
            BlockingNeon.connect,
            address,
            port,
            name=name,
            phone_id=phone_id,
            serial=serial,
            sweep=sweep,
            clock=clock,
            journal=journal,
            timeout_s=timeout_s,
        )
        return cls(await in_thread(connect, abandoned=BlockingNeon.close))

    async def __aenter__(self) -> Neon:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<aio.Neon {self.phone_name!r} at {self.host}:{self.port}, {self.state.value}>"

    async def close(self, timeout_s: float = 2.0) -> None:
        """Deliver what is left, save a recording that we started, and end all threads.

        Takes at most `timeout_s` for the deliveries and about a second for the rest. All loops
        over streams and status end. May be called twice; goes on when cancelled.
        """
        try:
            await in_thread(partial(self.device.close, timeout_s))
        finally:
            self._updates.close()

    async def stop_stream(self, name: str) -> None:
        """End one stream and forget its samples; its next use starts it anew."""
        await in_thread(partial(self.device.stop_stream, name))

    # -- the device ---------------------------------------------------------------------------

    @property
    def _status(self) -> Status:  # type: ignore[override]  # the base only ever reads it
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
        """Send one call of the phone's REST API; as `psychopy_neon.Neon.request`."""
        return await in_thread(partial(self.device.request, call, timeout_s))

    async def calibration(self, timeout_s: float = 5.0) -> Calibration:
        """The glasses' factory calibration; fetched once."""
        return await in_thread(partial(self.device.calibration, timeout_s))

    # -- time and events ----------------------------------------------------------------------

    async def wait_for_clock(self, timeout_s: float = 5.0) -> ClockMap:
        """Wait until the first burst of probes has made the clock map sharp.

        Raises
        ------
        NeonTimeoutError
            If the phone does not answer probes.
        """
        return await in_thread(partial(self.device.wait_for_clock, timeout_s))

    def experiment_time(self, device_ns: int) -> ExperimentTime:
        """When something on the phone's clock happened for the experiment."""
        return self.device.experiment_time(device_ns)

    def now_device_ns(self) -> int:
        """The present on the phone's Unix clock."""
        return self.device.now_device_ns()

    def send_event(self, name: str, at: float | None = None) -> AsyncReceipt:
        """Save an event in the running recording; happens now, not when it is awaited.

        ``await neon.send_event("go")`` also waits for the phone's answer. Arguments and errors
        are those of `psychopy_neon.Neon.send_event`.
        """
        return AsyncReceipt(self.device.send_event(name, at))

    # -- matched data -------------------------------------------------------------------------

    def scene_and_gaze(self) -> AsyncMatcher[MatchedSceneGaze]:
        """Every scene picture from now on, with the gaze sample nearest to it."""
        return AsyncMatcher(self.device.match_scene_and_gaze())

    def scene_eyes_and_gaze(self) -> AsyncMatcher[MatchedSceneEyesGaze]:
        """The same, with the picture of the eyes nearest to it too."""
        return AsyncMatcher(self.device.match_scene_eyes_and_gaze())

    def scene_and_audio(self) -> AsyncMatcher[MatchedSceneAudio]:
        """Every scene picture from now on, with the sound that starts within 34 ms of it."""
        return AsyncMatcher(self.device.match_scene_and_audio())
