"""Calls to the device in the ioHub process, with replies that can be trusted.

ioHub's remote calls have no time limit, return strings in place of exceptions, and lose long
replies when the receiving buffer is small. This module is the only one that knows about that.
"""

from __future__ import annotations

import socket
from typing import Any, TypeVar

from psychopy.iohub.errors import ioHubError

from psychopy_neon.exceptions import NeonConnectionError, UsageError

LABEL = "Pupil Labs Neon (psychopy-neon)"
WHERE = "Experiment settings > Eyetracking"

# Replies above 8 kB come in several datagrams; ioHub's own buffer of 32 kB drops some of them
# and the call then never returns. This is what Linux allows without privileges.
RECEIVE_BUFFER_BYTES = 212_992

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
        self.hub.udp_client.sock.setsockopt(
            socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES
        )

    @property
    def gone(self) -> bool:
        """Whether the ioHub process has ended; a call would then block for ever."""
        if getattr(self.hub, "_shutdown_attempted", False):
            return True
        process = getattr(self.hub, "_server_process", None)
        return process is not None and process.poll() is not None

    def call(self, method: str, expected: type[Reply], *args: Any) -> Reply:
        """Call `method` of the device and return its reply.

        Blocks for one round trip, typically below 1 ms.

        Raises
        ------
        NeonConnectionError
            ioHub has ended, or its reply is not an `expected`.
        """
        if self.gone:
            raise NeonConnectionError("the ioHub process has ended, and the glasses with it")
        try:
            reply = getattr(self.view, method)(*args)
        except (OSError, ioHubError) as error:
            raise NeonConnectionError(f"ioHub did not answer {method}: {error}") from error
        if not isinstance(reply, expected):
            raise NeonConnectionError(
                f"ioHub answered {method} with {reply!r}; its messages above say why"
            )
        return reply


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
