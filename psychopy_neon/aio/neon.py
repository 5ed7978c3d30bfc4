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
from psychopy_neon.client.phone_facts import PhoneFacts
from psychopy_neon.client.phone_status import LinkState
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
    MatchedSceneAudio,
    MatchedSceneEyesGaze,
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
        Up to 200 samples per second.
    scene : AsyncStream of VideoFrame
        The scene camera, 30 pictures per second.
    eyes : AsyncStream of VideoFrame
        Both eye cameras side by side, 200 pictures per second.
    imu : AsyncStream of ImuSample
        Motion of the head.
    eye_events : AsyncStream of EyeEvent
        Fixations, saccades and blinks.
    audio : AsyncStream of AudioFrame
        Sound, if the microphone is switched on in the app.
    recording : AsyncRecording
        Starts and stops recordings on the phone.
    template : AsyncTemplate
        Questions of the workspace, and the answers for the next recording.
    camera : AsyncCamera
        Exposure and other settings of the scene camera.
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
        """Find and connect to a phone; takes about `timeout_s` at most.

        When it is cancelled, a connection that is made later is closed again.

        Parameters
        ----------
        address, port, name, phone_id, serial, sweep, clock, journal
            As for `psychopy_neon.Neon.connect`.
        timeout_s : float
            Longest wait, seconds.

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

        Parameters
        ----------
        timeout_s : float
            Seconds for the deliveries.
        """
        try:
            await in_thread(partial(self.device.close, timeout_s))
        finally:
            self._updates.close()

    async def stop_stream(self, name: str) -> None:
        """End one stream and forget its samples; its next use starts it anew. Takes up to 2 s.

        Parameters
        ----------
        name : str
            "gaze", "scene", "eyes", "imu", "eye_events" or "audio".

        Raises
        ------
        UsageError
            If there is no stream of that name.
        """
        await in_thread(partial(self.device.stop_stream, name))

    # -- the device ---------------------------------------------------------------------------

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

    # -- time and events ----------------------------------------------------------------------

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
            Any text that is not empty.
        at : float, optional
            When it happened, on the experiment's clock, seconds; now if left out.

        Raises
        ------
        UsageError, ClosedError
            As for `psychopy_neon.Neon.send_event`.
        """
        return AsyncReceipt(self.device.send_event(name, at))

    # -- matched data -------------------------------------------------------------------------

    def scene_and_gaze(self) -> AsyncMatcher[MatchedSceneGaze]:
        """Every scene picture from now on, with the gaze sample nearest to it."""
        return AsyncMatcher(self.device.match_scene_and_gaze())

    def scene_eyes_and_gaze(self) -> AsyncMatcher[MatchedSceneEyesGaze]:
        """As `scene_and_gaze`, with the picture of the eyes nearest to it too."""
        return AsyncMatcher(self.device.match_scene_eyes_and_gaze())

    def scene_and_audio(self) -> AsyncMatcher[MatchedSceneAudio]:
        """Every scene picture from now on, with the sound that starts within 34 ms of it."""
        return AsyncMatcher(self.device.match_scene_and_audio())
