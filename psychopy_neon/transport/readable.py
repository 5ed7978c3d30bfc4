"""The shortest wait for one socket.

`selectors` would do; but its wrappers cost as much as the reception of a gaze sample.
"""

from __future__ import annotations

import select
import socket
import sys
from collections.abc import Callable


def readable_waiter(sock: socket.socket) -> Callable[[float], bool]:
    """Return a function that waits up to so many seconds, and tells whether there is something.

    To be called from one thread at a time.
    """
    if sys.platform == "win32":  # without `poll`; there `select` takes any socket
        return lambda timeout_s: bool(select.select([sock], [], [], timeout_s)[0])
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return lambda timeout_s: bool(poll.poll(timeout_s * 1e3))
