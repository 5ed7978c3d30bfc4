from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import struct
import time

import pytest

from psychopy_neon.protocol.status import Hardware, Phone
from psychopy_neon.transport import status_feed
from psychopy_neon.transport.status_feed import StatusFeed

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CONTINUATION = 0x81, 0x80


def open_websocket(connection) -> None:
    request = b""
    while b"\r\n\r\n" not in request:
        piece = connection.recv(65_536)
        if not piece:
            raise ConnectionError("the client left before it had asked")
        request += piece
    key = next(
        line.split(b":", 1)[1].strip()
        for line in request.split(b"\r\n")
        if line.lower().startswith(b"sec-websocket-key")
    )
    accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
    connection.sendall(
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )


def frame(payload: bytes, first_byte: int = TEXT) -> bytes:
    if len(payload) < 126:
        return struct.pack("!BB", first_byte, len(payload)) + payload
    return struct.pack("!BBQ", first_byte, 127, len(payload)) + payload


def hardware(serial: str) -> bytes:
    return json.dumps({"model": "Hardware", "data": {"module_serial": serial}}).encode()


def stay(connection) -> None:
    """Keep a connection open until the client leaves it."""
    while connection.recv(65_536):
        pass


class Listener:
    """What a feed delivered."""

    def __init__(self, host: str, port: int) -> None:
        self.components: list[object] = []
        self.links: list[str | None] = []
        self.feed = StatusFeed(host, port, self.components.append, self.links.append)

    @property
    def serials(self) -> list[str | None]:
        return [c.module_serial for c in self.components if isinstance(c, Hardware)]


@pytest.fixture
def listen(stopwatch):
    """Feeds that have to end within two seconds when the test does, whatever goes on."""
    with contextlib.ExitStack() as running:

        def start(host, port):
            listener = Listener(host, port)
            listener.feed.start()
            running.callback(lambda: _end(listener.feed, stopwatch))
            return listener

        yield start


def _end(feed, stopwatch) -> None:
    began_s = stopwatch.own_s
    assert feed.close(10.0)
    assert stopwatch.own_s - began_s < 2.0


def test_a_host_that_has_moved_is_found_by_its_name(simulated_neon, eventually, stopwatch):
    simulator = simulated_neon(scene=False, module_serial="654321")
    listener = Listener("localhost", simulator.port)
    listener.feed.known_ip = "127.0.0.9"  # nobody is there
    listener.feed.start()
    try:
        eventually(lambda: listener.serials == ["654321"])
        assert listener.feed.peer == simulator.address
    finally:
        _end(listener.feed, stopwatch)


def test_the_simulated_phones_state_and_its_changes_arrive(simulated_neon, listen, eventually):
    simulator = simulated_neon(scene=False, module_serial="654321")
    listener = listen(simulator.address, simulator.port)
    eventually(lambda: listener.serials == ["654321"])
    assert listener.links == [None]
    simulator.state.set_battery(7)
    eventually(lambda: isinstance(listener.components[-1], Phone))
    assert listener.components[-1].battery_level == 7


def test_an_ipv6_address_is_reached(serve, listen, eventually):
    def handle(connection):
        open_websocket(connection)
        connection.sendall(frame(hardware("six")))
        stay(connection)

    listener = listen("::1", serve(handle, "::1").port)
    eventually(lambda: listener.serials == ["six"])


def test_one_bad_message_costs_one_message(serve, listen, eventually):
    bad = [
        b"",
        b"{",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"model": "Phone"}',
        b'{"model": "Phone", "data": {}}',
        b'{"model": "Unheard of", "data": {}}',
        b'{"model": 5, "data": {}}',
        b'{"model": "Sensor", "data": {"port": 1e999, "sensor": "gaze", "conn_type": "DIRECT"}}',
        b'{"model": "Event", "data": {"timestamp": ' + b"9" * 5_000 + b"}}",
    ]

    def handle(connection):
        open_websocket(connection)
        for n, message in enumerate(bad):
            connection.sendall(frame(message) + frame(hardware(str(n))))
        connection.sendall(frame(b"\x00\xff binary", 0x82))
        connection.sendall(frame(hardware("end")))
        stay(connection)

    server = serve(handle)
    listener = listen(server.host, server.port)
    eventually(lambda: "end" in listener.serials)
    assert listener.serials == [*map(str, range(len(bad))), "end"]
    assert server.accepted == 1


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param(frame(b" " * 1_000_001), id="huge message"),
        pytest.param(struct.pack("!BBQ", TEXT, 127, 2**62), id="absurd length"),
        pytest.param(b"\xff" * 100, id="garbage"),
        pytest.param(frame(b"\xff\xfe\xfd"), id="not UTF-8"),
        pytest.param(b"", id="hanging up"),
    ],
)
def test_a_connection_that_breaks_is_made_again(serve, listen, eventually, hostile):
    turns = iter(range(1_000))

    def handle(connection):
        open_websocket(connection)
        if next(turns) == 0:
            connection.sendall(hostile)
            return
        connection.sendall(frame(hardware("back")))
        stay(connection)

    server = serve(handle)
    listener = listen(server.host, server.port)
    eventually(lambda: "back" in listener.serials)
    lost, back = listener.links[-2:]
    assert isinstance(lost, str) and lost and back is None


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://[\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Header: x\r\n" * 10_000,
    ],
)
def test_what_is_no_websocket_is_tried_again_and_reported_once(serve, listen, eventually, answer):
    def handle(connection):
        connection.recv(65_536)
        connection.sendall(answer)

    server = serve(handle)
    listener = listen(server.host, server.port)
    eventually(lambda: server.accepted >= 3)
    (reason,) = listener.links
    assert reason


def test_a_peer_that_always_hangs_up_is_not_dialled_in_a_tight_loop(serve, listen, eventually):
    def handle(connection):
        open_websocket(connection)
        connection.sendall(frame(hardware("bye")))

    server = serve(handle)
    started_s = time.perf_counter()
    listener = listen(server.host, server.port)
    eventually(lambda: server.accepted >= 4)
    assert time.perf_counter() - started_s > 0.6  # 0 + 0.2 + 0.5 s between them
    assert server.accepted == 4 and len(listener.links) <= 8


@pytest.mark.parametrize("silent_from", ["the start", "the handshake on"])
def test_a_silent_peer_does_not_hold_up_the_end(serve, listen, eventually, silent_from):
    def handle(connection):
        if silent_from != "the start":
            open_websocket(connection)
        stay(connection)

    server = serve(handle)
    listen(server.host, server.port)
    eventually(lambda: server.accepted == 1)


def test_a_dripping_handshake_is_given_up(serve, listen, eventually, monkeypatch):
    monkeypatch.setattr(status_feed, "OPEN_TIMEOUT_S", 0.3)

    def handle(connection):
        connection.recv(65_536)
        for byte in b"HTTP/1.1 101 Switching Protocols\r\n" * 1_000:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    server = serve(handle)
    listener = listen(server.host, server.port)
    eventually(lambda: server.accepted >= 2)
    assert "timed out" in listener.links[0]


def test_a_flood_is_slowed_down_and_does_not_hold_up_the_end(serve, listen, eventually):
    def handle(connection):
        open_websocket(connection)
        while True:
            connection.sendall(frame(hardware("flood")) * 1_000)

    server = serve(handle)
    started_s = time.perf_counter()
    listener = listen(server.host, server.port)
    eventually(lambda: len(listener.components) >= 1_200)
    assert time.perf_counter() - started_s > 1.9
    came = len(listener.components)
    passed_s = time.perf_counter() - started_s
    assert came <= (1 + passed_s) * status_feed.MAX_MESSAGES_PER_S


def test_a_message_of_endless_pieces_does_not_fill_the_memory(serve, listen, eventually):
    def handle(connection):
        open_websocket(connection)
        connection.sendall(frame(b"{", 0x01))
        while True:  # how much of it the system takes in before we read it is its own affair
            connection.sendall(frame(b" " * 100, 0x00) * 1_000)

    server = serve(handle)
    listener = listen(server.host, server.port)
    eventually(lambda: server.accepted >= 2)
    [problem] = filter(None, listener.links[:2])
    assert "message too big" in problem


def test_a_refused_connection_is_reported(listen, eventually, free_port):
    listener = listen("127.0.0.1", free_port)
    eventually(lambda: listener.links)
    assert "refused" in listener.links[0]
