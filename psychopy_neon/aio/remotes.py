"""Remote calls to the phone as coroutines.

A call that is cancelled has been sent all the same: the phone carries it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from psychopy_neon.aio.in_thread import in_thread
from psychopy_neon.client.camera import CameraRemote
from psychopy_neon.client.recording import RecordingInfo, RecordingRemote
from psychopy_neon.client.template import TemplateRemote
from psychopy_neon.protocol.answers import Answer, WireAnswers
from psychopy_neon.protocol.camera_control import CameraState
from psychopy_neon.protocol.template import Template


class AsyncRecording:
    """Starts and stops the phone's recording; reached as ``neon.recording``."""

    def __init__(self, recording: RecordingRemote) -> None:
        self._recording = recording

    @property
    def info(self) -> RecordingInfo:
        """State, id and last error."""
        return self._recording.info

    @property
    def id(self) -> str:
        """Id of the recording that runs, or of the last one; empty before the first."""
        return self._recording.id

    async def start(self, timeout_s: float = 10.0) -> str:
        """Start recording; waits up to `timeout_s` until events can attach to it.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        str
            The recording's id.

        Raises
        ------
        DeviceError, NeonConnectionError, NeonTimeoutError
            As for `RecordingRemote.start`.
        """
        return await in_thread(partial(self._recording.start, timeout_s))

    async def stop_and_save(self, timeout_s: float = 10.0) -> None:
        """Stop the recording and keep it; waits up to `timeout_s` for the phone's answer.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Raises
        ------
        DeviceError, NeonConnectionError, NeonTimeoutError
            As for `RecordingRemote.stop_and_save`.
        """
        await in_thread(partial(self._recording.stop_and_save, timeout_s))

    async def cancel(self, timeout_s: float = 10.0) -> None:
        """Stop the recording and delete it from the phone; waits up to `timeout_s` for its answer.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Raises
        ------
        DeviceError, NeonConnectionError, NeonTimeoutError
            As for `RecordingRemote.cancel`.
        """
        await in_thread(partial(self._recording.cancel, timeout_s))


class AsyncTemplate:
    """Template and answers on the phone; reached as ``neon.template``. As `TemplateRemote`."""

    def __init__(self, template: TemplateRemote) -> None:
        self._template = template

    async def definition(self, timeout_s: float = 5.0) -> Template:
        """The template that is selected on the phone; waits up to `timeout_s`.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Raises
        ------
        DeviceError, NeonConnectionError, NeonTimeoutError
            As for `TemplateRemote.definition`.
        """
        return await in_thread(partial(self._template.definition, timeout_s))

    async def answers(self, timeout_s: float = 5.0) -> dict[str, Answer]:
        """Answer to every question, by id, in its natural type; waits up to `timeout_s`.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Raises
        ------
        DeviceError, NeonConnectionError, NeonTimeoutError
            As for `TemplateRemote.definition`.
        """
        return await in_thread(partial(self._template.answers, timeout_s))

    async def wire_answers(self, timeout_s: float = 5.0) -> WireAnswers:
        """The stored answers as they travel; waits up to `timeout_s`.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Raises
        ------
        DeviceError, NeonConnectionError, NeonTimeoutError
            As for `TemplateRemote.definition`.
        """
        return await in_thread(partial(self._template.wire_answers, timeout_s))

    async def post(
        self, answers: Mapping[Any, object], *, complete: bool = True, timeout_s: float = 5.0
    ) -> dict[str, Answer]:
        """Store answers over those that the phone has; waits up to `timeout_s`.

        Parameters
        ----------
        answers, complete
            As for `TemplateRemote.post`.
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        dict
            All answers that the phone now has, by question id.

        Raises
        ------
        InvalidAnswersError
            If answers do not fit; nothing was sent.
        DeviceError, NeonConnectionError, NeonTimeoutError
            As for `TemplateRemote.post`.
        """
        post = partial(self._template.post, answers, complete=complete, timeout_s=timeout_s)
        return await in_thread(post)

    async def post_wire(
        self, answers: Mapping[Any, object], *, complete: bool = True, timeout_s: float = 5.0
    ) -> WireAnswers:
        """As `post`, but returns the phone's answers as they travel; waits up to `timeout_s`.

        Parameters
        ----------
        answers, complete
            As for `TemplateRemote.post`.
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        dict
            All answers that the phone now has, by question id.

        Raises
        ------
        InvalidAnswersError
            If answers do not fit; nothing was sent.
        DeviceError, NeonConnectionError, NeonTimeoutError
            As for `TemplateRemote.post`.
        """
        post = partial(self._template.post_wire, answers, complete=complete, timeout_s=timeout_s)
        return await in_thread(post)


class AsyncCamera:
    """Settings of the scene camera; reached as ``neon.camera``. As `CameraRemote`."""

    def __init__(self, camera: CameraRemote) -> None:
        self._camera = camera

    async def state(self, timeout_s: float = 5.0) -> CameraState:
        """All settings and their ranges; waits up to `timeout_s`.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Raises
        ------
        DeviceError, NeonConnectionError, NeonTimeoutError
            As for `CameraRemote.state`.
        """
        return await in_thread(partial(self._camera.state, timeout_s))

    async def set(
        self,
        *,
        ae_mode: str | None = None,
        man_exp: int | None = None,
        gain: int | None = None,
        brightness: int | None = None,
        contrast: int | None = None,
        gamma: int | None = None,
        state: CameraState | None = None,
        timeout_s: float = 5.0,
    ) -> None:
        """Change settings, all in one request; waits up to `timeout_s`.

        Parameters
        ----------
        ae_mode, man_exp, gain, brightness, contrast, gamma, state
            As for `CameraRemote.set`.
        timeout_s : float
            Longest wait, seconds.

        Raises
        ------
        UsageError
            If the camera does not take a value; nothing was sent.
        DeviceError, NeonConnectionError, NeonTimeoutError
            As for `CameraRemote.state`.
        """
        change = partial(
            self._camera.set,
            ae_mode=ae_mode,
            man_exp=man_exp,
            gain=gain,
            brightness=brightness,
            contrast=contrast,
            gamma=gamma,
            state=state,
            timeout_s=timeout_s,
        )
        await in_thread(change)
