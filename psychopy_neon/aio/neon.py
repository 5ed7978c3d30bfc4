"""One pair of glasses, for ``async`` and ``await``."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from psychopy_neon.aio.in_thread import in_thread
from psychopy_neon.aio.link import AsyncLink
from psychopy_neon.aio.matched_streams import MatchedStreams
from psychopy_neon.aio.remotes import AsyncCamera, AsyncRecording, AsyncTemplate
from psychopy_neon.aio.screens import AsyncScreens
from psychopy_neon.aio.stream import AsyncStream
from psychopy_neon.aio.time_and_events import TimeAndEvents
from psychopy_neon.client import Neon as BlockingNeon
from psychopy_neon.client.connecting import DEFAULT_PORT
from psychopy_neon.client.finding import Sweep
from psychopy_neon.samples import AudioFrame, EyeEvent, GazeSample, ImuSample, VideoFrame


class Neon(AsyncLink, TimeAndEvents, MatchedStreams, AsyncScreens):
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
        What does the work. What of it neither has a timeout nor says that it blocks may be used
        here too.
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
        self._follow_status()

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

        Takes about `timeout_s`, at least half of it for the deliveries. All loops over streams and
        status end. May be called twice; goes on when cancelled.

        Parameters
        ----------
        timeout_s : float
            Seconds for all of it.
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
