"""Calls to the device in the ioHub process, with replies that can be trusted.

ioHub's remote calls return strings in place of exceptions, and get lost (see `hub_replies`). This
module and that one are the only ones that know about it.
"""

from __future__ import annotations

from typing import Any, TypeVar

from psychopy.iohub.errors import ioHubError

from psychopy_neon.exceptions import NeonConnectionError, UsageError
from psychopy_neon.runtime.complete_reading import read_completely, read_in_time, read_keys_in_time
from psychopy_neon.runtime.hub_replies import limit_replies

LABEL = "Pupil Labs Neon (psychopy-neon)"
WHERE = "Experiment settings > Eyetracking"

Reply = TypeVar("Reply")


class HubLink:
    """Checked remote calls to one device.

    Parameters
    ----------
    view : ioHubDeviceView
        ``deviceManager.getDevice("eyetracker")`` or ``io.devices.tracker``.

    Raises
    ------
    UsageError
        There is no tracker, or it is not ours.
    NeonConnectionError
        The device did not start inside ioHub.
    """

    def __init__(self, view: Any) -> None:
        _require_neon(view)
        self.view = view
        self.hub = view.hubClient
        self._replies = limit_replies(self.hub)
        read_completely(view)
        read_in_time(self.hub)
        read_keys_in_time(self.hub)

    @property
    def gone(self) -> bool:
        """Whether the ioHub process has ended; nobody would answer a call."""
        if getattr(self.hub, "_shutdown_attempted", False):
            return True
        process = getattr(self.hub, "_server_process", None)
        return process is not None and process.poll() is not None

    def abandon(self) -> None:
        """End our ioHub without a word: PsychoPy's would reach another one on the same port."""
        self.hub._shutdown_attempted = True
        process = getattr(self.hub, "_server_process", None)
        if process is not None:
            process.kill()
            process.wait()

    def call(self, method: str, expected: type[Reply], *args: Any) -> Reply:
        """Call `method` of the device and return its reply.

        Blocks for one round trip, typically below 1 ms, at most 5 s; after a reply that stayed
        out at most 0.25 s, until one comes.

        Raises
        ------
        NeonConnectionError
            ioHub has ended or does not answer, or its reply is not an `expected`.
        UsageError
            A dict among the arguments has keys that are no texts.
        """
        _require_text_keys(args)
        if self.gone:
            raise NeonConnectionError("the ioHub process has ended, and the glasses with it")
        missing = self._replies.missing
        try:
            reply = getattr(self.view, method)(*args)
        except (OSError, ioHubError) as error:
            raise NeonConnectionError(f"ioHub did not answer {method}: {error}") from error
        if self._replies.missing > missing:
            raise NeonConnectionError(
                "ioHub does not answer: its process hangs, or another program takes all the time "
                "of this computer; events are kept in their file, and gaze becomes invalid"
            )
        if not isinstance(reply, expected):
            raise NeonConnectionError(
                f"ioHub answered {method} with {reply!r}; its messages above say why"
            )
        return reply


def _require_text_keys(value: Any) -> None:
    """ioHub's process cannot read a request with other keys, and would never answer it."""
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise UsageError(f"the key {key!r} must be a text, as ioHub cannot take others")
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for each in value:
            if isinstance(each, (dict, list, tuple)):
                _require_text_keys(each)


def _require_neon(view: Any) -> None:
    if view is None:
        raise UsageError(f"there is no eye tracker: choose '{LABEL}' in {WHERE}")
    if _offers(view, "neon_status"):
        return
    name = _device_class(view)
    if "neon_realtime" in name or "psychopy_neon" in name:
        raise NeonConnectionError(
            "the Neon device did not start inside ioHub; ioHub's messages above say why"
        )
    raise UsageError(f"the eye tracker is {name!r}, not Neon: choose '{LABEL}' in {WHERE}")


def _offers(view: Any, method: str) -> bool:
    try:
        return hasattr(view, method)
    except TypeError:  # the view of a device that did not start has no list of methods
        return False


def _device_class(view: Any) -> str:
    describe = getattr(type(view), "getIOHubDeviceClass", None)
    return str(describe(view, full=True)) if describe else type(view).__name__
