"""RTSP over TCP or WebSocket: accepts connections, carries bytes; `RtspDialogue` answers."""

from __future__ import annotations

import contextlib
import itertools
import socket
import struct
import sys
import threading
from collections.abc import Callable

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.protocol.rtsp import RequestReader, RtspRequest, RtspResponse
from psychopy_neon.simulator.bell import Bell
from psychopy_neon.simulator.framing import Framing, PlainFraming
from psychopy_neon.simulator.network import Network
from psychopy_neon.simulator.rtp_session import ReportTimes
from psychopy_neon.simulator.rtsp_dialogue import Place, RtspDialogue, Sensors

MAX_CONNECTIONS = 64
MAX_UNSENT_BYTES = 4_000_000  # several seconds of everything: such a client no longer reads
POLL_S = 0.05
JOIN_TIMEOUT_S = 2.0


class RtspServer:
    """Listens at once, answers after `start`.

    Parameters
    ----------
    address : tuple of str and int
    times : ReportTimes
    network : Network
    make_framing : callable
        How the bytes of a connection travel.
    """

    def __init__(
        self,
        address: tuple[str, int],
        times: ReportTimes,
        network: Network,
        make_framing: Callable[[], Framing] = PlainFraming,
    ) -> None:
        self._make_framing = make_framing
        self._listener = socket.create_server(address)
        self._listener.setblocking(False)
        self._bell = Bell(self._listener)
        self._port = int(self._listener.getsockname()[1])
        self._times = times
        self._network = network
        self._sensors: Sensors = {}
        self._connections: set[RtspConnection] = set()
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="neon-sim-rtsp", daemon=True)

    @property
    def port(self) -> int:
        """Port listened on."""
        return self._port

    def start(self, sensors: Sensors) -> None:
        """Begin to serve these sensors."""
        self._sensors = sensors
        self._thread.start()

    def set_sensors(self, sensors: Sensors) -> None:
        """Serve these sensors from now on; connections so far end with a BYE."""
        self._sensors = sensors
        for connection in self._matching(None):
            connection.close()

    def reset(self, sensor: str | None = None) -> int:
        """Tear down the connections of one sensor, or all, by a TCP reset; return how many."""
        matching = self._matching(sensor)
        for connection in matching:
            connection.reset()
        return len(matching)

    def say_bye(self, sensor: str | None = None) -> int:
        """End streams by an RTCP BYE but keep their connections; return how many."""
        matching = self._matching(sensor)
        for connection in matching:
            connection.say_bye()
        return len(matching)

    def _matching(self, sensor: str | None) -> list[RtspConnection]:
        with self._lock:
            connections = [c for c in self._connections if c.is_alive]
        return [c for c in connections if sensor in (None, c.sensor)]

    def close(self) -> None:
        """Say BYE on all streams and end all connections. Idempotent."""
        self._stop.set()
        self._bell.ring()
        if self._thread.ident is not None:
            self._thread.join(JOIN_TIMEOUT_S)
        self._bell.close()
        self._listener.close()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            connection.close()

    def _run(self) -> None:
        with self._bell.waiting() as waiting:
            while not self._stop.is_set():
                if not self._network.is_up:
                    self._stop.wait(POLL_S)
                elif waiting.wait(POLL_S):
                    self._accept()

    def _accept(self) -> None:
        try:
            accepted, _ = self._listener.accept()
        except OSError:
            return
        try:
            self._serve(accepted)
        except OSError:  # the client has hung up while it waited
            accepted.close()

    def _serve(self, accepted: socket.socket) -> None:
        with self._lock:
            self._connections = {c for c in self._connections if c.is_alive}
            if len(self._connections) >= MAX_CONNECTIONS:
                accepted.close()
                return
            name = f"neon-sim-rtsp-{next(self._numbers)}"
            framing = self._make_framing()
            connection = RtspConnection(
                accepted, self._sensors, self._times, self._network, framing, name
            )
            self._connections.add(connection)
        connection.start()


class RtspConnection:
    """One client: a thread reads its requests; several may write to it."""

    def __init__(
        self,
        accepted: socket.socket,
        sensors: Sensors,
        times: ReportTimes,
        network: Network,
        framing: Framing,
        name: str,
    ) -> None:
        accepted.setblocking(False)
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        local, client = accepted.getsockname(), accepted.getpeername()
        place = Place(local[0], local[1], client[0])
        self._socket = accepted
        self._bell = Bell(accepted)
        self._reader = RequestReader()
        self._framing = framing
        self._dialogue = RtspDialogue(sensors, place, self.write, times, network)
        self._network = network
        self._resetting = False
        self._unsent = bytearray()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def is_alive(self) -> bool:
        """Whether the client is still served."""
        return self._thread.is_alive()

    @property
    def sensor(self) -> str:
        """Name of the sensor that the client asked for; empty until then."""
        return self._dialogue.sensor

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def close(self) -> None:
        """Say BYE and hang up. Idempotent."""
        self._stop.set()
        self._bell.ring()
        self._thread.join(JOIN_TIMEOUT_S)

    def reset(self) -> None:
        """Hang up in mid-sentence: the client sees its connection reset."""
        self._resetting = True
        self.close()

    def say_bye(self) -> None:
        """End the streams by a BYE; the connection stays."""
        self._dialogue.close(bye=True)

    def write(self, data: bytes) -> None:
        """Send without blocking; what does not fit waits, up to a limit."""
        with self._lock:
            self._unsent += self._framing.framed(data)
            self._send_waiting()
            if len(self._unsent) > MAX_UNSENT_BYTES:
                self._unsent.clear()
                self._stop.set()

    def _send_waiting(self) -> None:
        if not self._network.is_up:
            return
        try:
            while self._unsent:
                sent = self._socket.send(self._unsent[:65536])
                del self._unsent[:sent]
        except BlockingIOError:
            return
        except OSError:
            self._unsent.clear()
            self._stop.set()

    def _run(self) -> None:
        try:
            with self._bell.waiting() as waiting:
                while not self._stop.is_set():
                    if not self._network.is_up:
                        self._stop.wait(POLL_S)
                    elif waiting.wait(POLL_S) and not self._read():
                        break
                    with self._lock:
                        self._send_waiting()
        finally:
            self._dialogue.close(bye=self._stop.is_set() and not self._resetting)
            self._hang_up()
            self._bell.close()

    def _hang_up(self) -> None:
        with contextlib.suppress(OSError):
            if self._resetting:
                # No lingering: what is unsent is dropped, and closing sends a reset.
                option = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
            else:
                self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _read(self) -> bool:
        try:
            data = self._socket.recv(65536)
            items = self._reader.feed(self._unframed(data))
        except BlockingIOError:
            return True
        except OSError:
            return False
        except ProtocolError:
            self.write(RtspResponse(400, "Bad Request").pack())
            return False
        for item in items:
            if isinstance(item, RtspRequest):
                self._answer(item)
        return bool(data) and not self._framing.has_ended

    def _unframed(self, data: bytes) -> bytes:
        with self._lock:
            said = self._framing.received(data)
            self._unsent += self._framing.pending()
            self._send_waiting()
        return said

    def _answer(self, request: RtspRequest) -> None:
        response = self._dialogue.answer(request)
        self.write(response.pack())
        self._dialogue.after_answer(request, response)
