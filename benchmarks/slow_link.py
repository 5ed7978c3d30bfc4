"""A way to the simulated phone that is slow, uneven and longer in one direction than the other."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from collections.abc import Callable

CHUNK_BYTES = 65_536


class SlowLink:
    """Passes TCP connections on from another loopback address, at the same port.

    Parameters
    ----------
    address : str
        To listen at; the phone is at 127.0.0.1.
    ports : list of int
    there_s, back_s : callable
        Return the delay of the next piece, to the phone and from it, seconds.
    """

    def __init__(
        self,
        address: str,
        ports: list[int],
        there_s: Callable[[], float],
        back_s: Callable[[], float],
    ) -> None:
        self._there_s, self._back_s = there_s, back_s
        self._listeners = [socket.create_server((address, port)) for port in ports]
        self._open: list[socket.socket] = list(self._listeners)

    def __enter__(self) -> SlowLink:
        for listener in self._listeners:
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for part in self._open:
            with contextlib.suppress(OSError):  # the other side may have ended it
                part.shutdown(socket.SHUT_RDWR)
            part.close()

    def _accept(self, listener: socket.socket) -> None:
        port = listener.getsockname()[1]
        with contextlib.suppress(OSError):  # closed at the end
            while True:
                client, _ = listener.accept()
                phone = socket.create_connection(("127.0.0.1", port))
                self._open += [client, phone]
                for ends, delay_s in (
                    ((client, phone), self._there_s),
                    ((phone, client), self._back_s),
                ):
                    for end in ends:
                        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    threading.Thread(target=_pass_on, args=(*ends, delay_s), daemon=True).start()


def _pass_on(source: socket.socket, sink: socket.socket, delay_s: Callable[[], float]) -> None:
    with contextlib.suppress(OSError):  # either side may end
        while piece := source.recv(CHUNK_BYTES):
            time.sleep(delay_s())
            sink.sendall(piece)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def wifi(seed: int) -> tuple[Callable[[], float], Callable[[], float]]:
    """Delays of a busy Wi-Fi: 2 to 10 ms there, 2 to 40 ms back."""
    chance = random.Random(seed)
    return lambda: chance.uniform(0.002, 0.010), lambda: chance.uniform(0.002, 0.040)
