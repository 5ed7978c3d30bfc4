from __future__ import annotations

import contextlib
import itertools
import os
import socket
import threading
import time

import psutil
import pytest

from psychopy_neon import (
    ClosedError,
    DeviceError,
    NeonConnectionError,
    NeonError,
    NeonTimeoutError,
    ProtocolError,
)
from psychopy_neon.protocol.gaze import parse_gaze
from psychopy_neon.protocol.rtp import RtpPacket
from psychopy_neon.protocol.rtsp import RequestReader, RtspResponse, pack_interleaved
from psychopy_neon.transport import rtsp, udp_pair
from psychopy_neon.transport.rtsp import RtspSession

SDP = (
    b"v=0\r\nm=application 5004 RTP/AVP 99\r\n"
    b"a=rtpmap:99 com.pupillabs.gaze1/90000\r\na=control:trackID=1\r\n"
)
TIMEOUT_S = 10.0


def answer(request, body=b"", **headers) -> bytes:
    headers = {"Cseq": request.header("CSeq"), **headers}
    return RtspResponse(200, "OK", headers, body).pack()


def polite(request, transport="") -> bytes:
    """What a phone answers; media is up to the test."""
    if request.method == "DESCRIBE":
        return answer(request, SDP)
    return answer(request, Session="1185d20035702ca", Transport=transport)


def requests_of(connection):
    reader = RequestReader()
    while data := connection.recv(65_536):
        yield from reader.feed(data)


def dialogue(respond):
    """A handler that answers each request with what `respond` returns for it."""

    def handle(connection):
        for request in requests_of(connection):
            connection.sendall(respond(request))

    return handle


def gaze_packet(number: int) -> bytes:
    return RtpPacket(99, number % 0x10000, number * 450, 7, bytes(9)).pack()


@pytest.fixture
def session_with():
    """Sessions that are closed, twice, when the test ends."""
    with contextlib.ExitStack() as opened:

        def make(server, carrier="tcp", kind="application", stopping=None, query="camera=gaze"):
            host = f"[{server.host}]" if ":" in server.host else server.host
            url = f"rtsp://{host}:{server.port}/?{query}"
            session = RtspSession(server.host, url, kind, carrier, stopping)
            opened.callback(session.close)
            opened.callback(session.close)
            return session

        yield make


@pytest.fixture
def sensor_of(session_with):
    """A session with a sensor of the simulator."""

    def make(simulator, sensor, carrier, kind="application"):
        url = f"rtsp://192.0.2.99:{simulator.rtsp_port}/?camera={sensor}&audioenable=on"
        return RtspSession(simulator.address, url, kind, carrier)

    return make


def receive(session, count):
    """RTP packets and reports, until there are `count` packets."""
    packets, reports = [], []
    end_s = time.perf_counter() + TIMEOUT_S
    while len(packets) < count:
        assert time.perf_counter() < end_s, f"only {len(packets)} of {count} packets came"
        for datagram in session.receive(0.25):
            (reports if datagram.is_rtcp else packets).append(datagram)
    return packets, reports


@pytest.mark.parametrize("carrier", ["udp", "tcp"])
def test_gaze_arrives_complete_and_in_order(simulated_neon, sensor_of, carrier):
    session = sensor_of(simulated_neon(scene=False), "gaze", carrier)
    media = session.open()
    assert (media.payload_type, media.clock_rate) == (99, 90_000)
    before_ns = time.perf_counter_ns()
    packets, reports = receive(session, 100)
    session.close()
    numbers = [RtpPacket.parse(p.data).sequence_number for p in packets]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    arrivals = [p.arrived_host_ns for p in packets]
    assert before_ns < arrivals[-1] < time.perf_counter_ns() and arrivals == sorted(arrivals)
    assert reports


def test_both_carriers_give_the_same_samples(simulated_neon, sensor_of):
    simulator = simulated_neon(scene=False)
    sessions = [sensor_of(simulator, "gaze", carrier) for carrier in ("udp", "tcp")]
    for session in sessions:
        session.open()
    collected: list[dict[int, bytes]] = [{}, {}]
    end_s = time.perf_counter() + TIMEOUT_S
    while len(collected[0].keys() & collected[1].keys()) < 100:
        assert time.perf_counter() < end_s
        for session, samples in zip(sessions, collected, strict=True):
            for datagram in session.receive(0.25):
                if not datagram.is_rtcp:
                    packet = RtpPacket.parse(datagram.data)
                    samples[packet.timestamp] = packet.payload
    for session in sessions:
        session.close()
    over_udp, over_tcp = collected
    common = over_udp.keys() & over_tcp.keys()
    assert {t: over_udp[t] for t in common} == {t: over_tcp[t] for t in common}
    assert {len(over_udp[t]) for t in common} == {65}
    assert parse_gaze(over_udp[min(common)], device_ns=0, arrived_host_ns=0).worn


@pytest.mark.parametrize("carrier", ["udp", "tcp"])
def test_scene_video_arrives_complete(simulated_neon, sensor_of, carrier):
    session = sensor_of(simulated_neon(), "world", carrier, "video")
    media = session.open()
    assert media.encoding == "H264" and len(media.parameter_sets) == 2
    packets, _ = receive(session, 60)
    session.close()
    numbers = [RtpPacket.parse(p.data).sequence_number for p in packets]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_the_dialogue_is_the_one_phones_understand(serve, session_with, eventually):
    asked = []

    def respond(request):
        asked.append(request)
        return polite(request)

    server = serve(dialogue(respond))
    session = session_with(server)
    session.open()
    session.close()
    eventually(lambda: len(asked) == 4)
    base = f"rtsp://127.0.0.1:{server.port}/"
    assert [(r.method, r.url) for r in asked] == [
        ("DESCRIBE", f"{base}?camera=gaze"),
        ("SETUP", base),
        ("PLAY", base),
        ("TEARDOWN", base),
    ]
    assert [r.header("CSeq") for r in asked] == ["1", "2", "3", "4"]
    assert asked[1].header("Transport") == "RTP/AVP/TCP;unicast;interleaved=0-1"
    assert [r.header("Session") for r in asked[2:]] == ["1185d20035702ca"] * 2


@pytest.mark.parametrize("carrier", ["udp", "tcp"])
def test_an_ipv6_phone_is_reached(serve, session_with, carrier):
    wishes = []

    def handle(connection):
        for request in requests_of(connection):
            wishes.append(request.header("Transport"))
            connection.sendall(polite(request))
            if request.method == "PLAY" and carrier == "tcp":
                connection.sendall(pack_interleaved(0, gaze_packet(1)))
            elif request.method == "PLAY":
                port = int(wishes[1].rpartition("=")[2].partition("-")[0])
                with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sender:
                    sender.sendto(gaze_packet(1), ("::1", port))

    session = session_with(serve(handle, "::1"), carrier)
    session.open()
    (packet,), _ = receive(session, 1)
    assert packet.data == gaze_packet(1)


def test_strangers_are_not_listened_to(serve, session_with):
    ports = []

    def handle(connection):
        for request in requests_of(connection):
            if request.method == "SETUP":
                port = int(request.header("Transport").rpartition("=")[2].partition("-")[0])
                ports.append(port)
            connection.sendall(polite(request))

    session = session_with(serve(handle), "udp")
    session.open()
    with (
        socket.socket(type=socket.SOCK_DGRAM) as stranger,
        socket.socket(type=socket.SOCK_DGRAM) as phone,
    ):
        stranger.bind(("127.0.0.2", 0))
        phone.bind(("127.0.0.1", 0))
        for number in range(5):
            stranger.sendto(gaze_packet(number), ("127.0.0.1", ports[0]))
        phone.sendto(gaze_packet(77), ("127.0.0.1", ports[0]))
        packets, _ = receive(session, 1)
    assert [p.data for p in packets] == [gaze_packet(77)]


def test_an_answer_within_an_interleaved_frame_costs_nothing(serve, session_with):
    injected = RtspResponse(400, "Bad Request", {"Server": "x"}).pack()

    def handle(connection):
        for request in requests_of(connection):
            connection.sendall(polite(request))
            if request.method == "PLAY":
                for number in range(10):
                    framed = pack_interleaved(0, gaze_packet(number))
                    head, data = framed[:4], framed[4:]
                    connection.sendall(head + injected * (number % 2) + data)

    session = session_with(serve(handle))
    session.open()
    packets, _ = receive(session, 10)
    assert [p.data for p in packets] == [gaze_packet(n) for n in range(10)]


def test_garbage_between_frames_is_skipped(serve, session_with):
    def handle(connection):
        for request in requests_of(connection):
            connection.sendall(polite(request))
            if request.method == "PLAY":
                for number in range(10):
                    framed = pack_interleaved(0, gaze_packet(number))
                    connection.sendall(b"\x00garbage" * (number % 3) + framed)

    session = session_with(serve(handle))
    session.open()
    packets, _ = receive(session, 10)
    assert [p.data for p in packets] == [gaze_packet(n) for n in range(10)]


def test_endless_garbage_ends_the_session(serve, session_with, stopwatch):
    def handle(connection):
        for request in requests_of(connection):
            connection.sendall(polite(request))
            while request.method == "PLAY":
                connection.sendall(b"\x00" * 100_000)

    session = session_with(serve(handle))
    session.open()
    with pytest.raises(ProtocolError, match="nothing but garbage"):
        receive(session, 1)
    assert stopwatch() < 5.0


def test_media_before_the_answer_to_play_is_kept(serve, session_with):
    def respond(request):
        early = b"".join(pack_interleaved(0, gaze_packet(n)) for n in range(3))
        return early * (request.method == "PLAY") + polite(request)

    session = session_with(serve(dialogue(respond)))
    session.open()
    packets, _ = receive(session, 3)
    assert [p.data for p in packets] == [gaze_packet(n) for n in range(3)]


def test_media_instead_of_an_answer_does_not_fill_the_memory(serve, session_with, stopwatch):
    def handle(connection):
        connection.recv(1_000)
        while True:
            connection.sendall(pack_interleaved(0, gaze_packet(1) + bytes(60_000)))

    with pytest.raises(ProtocolError, match="media instead of an answer to RTSP DESCRIBE"):
        session_with(serve(handle)).open()
    assert stopwatch() < 4.0


@pytest.mark.parametrize("silent_at", ["DESCRIBE", "SETUP", "PLAY"])
def test_a_server_that_never_answers_is_given_up(serve, session_with, monkeypatch, silent_at):
    monkeypatch.setattr(rtsp, "REQUEST_TIMEOUT_S", 0.3)
    server = serve(dialogue(lambda r: b"" if r.method == silent_at else polite(r)))
    with pytest.raises(NeonTimeoutError, match=f"no answer to RTSP {silent_at} within 0.3 s"):
        session_with(server).open()


def test_a_dripping_answer_is_given_up(serve, session_with, monkeypatch, stopwatch):
    monkeypatch.setattr(rtsp, "REQUEST_TIMEOUT_S", 0.4)

    def handle(connection):
        connection.recv(1_000)
        for byte in b"RTSP/1.0 200 OK\r\n" * 100:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    with pytest.raises(NeonTimeoutError):
        session_with(serve(handle)).open()
    assert stopwatch() < 3.0


def test_answers_to_other_requests_are_passed_over(serve, session_with):
    stale = RtspResponse(500, "stale", {"CSeq": "999"}).pack()
    session = session_with(serve(dialogue(lambda r: stale * 3 + polite(r))))
    assert session.open().payload_type == 99


def test_opening_ends_at_once_when_told_to_stop(serve, session_with, stopwatch):
    stopping = threading.Event()
    timer = threading.Timer(0.1, stopping.set)
    timer.start()
    server = serve(dialogue(lambda request: b""))
    with pytest.raises(ClosedError):
        session_with(server, stopping=stopping).open()
    assert stopwatch() < 2.0
    timer.join()


@pytest.mark.parametrize(
    "hostile",
    [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n" * 10,
        b"\x00" * 70_000,
        b"$" * 70_000,
        b"RTSP/1.0 200 OK\r\n" + b"X: x\r\n" * 10_000,
        b"RTSP/1.0 \xc2\xb2 OK\r\nCSeq: 1\r\n\r\n",
        b"RTSP/1.0 " + b"9" * 5_000 + b" OK\r\nCSeq: 1\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: \xc2\xb2\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 999999999\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: -1\r\n\r\n",
    ],
)
def test_garbage_instead_of_an_answer_is_an_error_of_ours(
    serve, session_with, monkeypatch, hostile
):
    monkeypatch.setattr(rtsp, "REQUEST_TIMEOUT_S", 0.5)

    def handle(connection):
        connection.recv(1_000)
        connection.sendall(hostile)

    with pytest.raises(NeonError):
        session_with(serve(handle)).open()


@pytest.mark.parametrize(
    "sdp",
    [
        b"",
        b"v=0\r\n",
        b"m=\r\n",
        b"m=application 5004 RTP/AVP \xc2\xb2\r\n",
        b"m=application 5004 RTP/AVP 99\r\na=rtpmap:99 gaze/\xc2\xb2\r\n",
        b"m=application 5004 RTP/AVP " + b"9" * 5_000 + b"\r\n",
        b"m=video 5004 RTP/AVP 96\r\na=control://[x\r\n",
        b"m=video 1 RTP/AVP 96\r\n" * 100,
    ],
)
def test_a_description_that_makes_no_sense_is_an_error_of_ours(serve, session_with, sdp):
    server = serve(dialogue(lambda request: answer(request, sdp)))
    with pytest.raises(ProtocolError):
        session_with(server, kind="video").open()


def test_a_refusal_carries_the_phones_words(serve, session_with):
    def respond(request):
        if request.method != "PLAY":
            return polite(request)
        return RtspResponse(500, "no camera", {"CSeq": request.header("CSeq")}).pack()

    with pytest.raises(DeviceError, match="RTSP PLAY: no camera"):
        session_with(serve(dialogue(respond))).open()


@pytest.mark.parametrize("carrier", ["udp", "tcp"])
def test_a_phone_that_leaves_is_an_error_of_ours(serve, session_with, carrier):
    def handle(connection):
        for request in requests_of(connection):
            connection.sendall(polite(request))
            if request.method == "PLAY":
                return

    session = session_with(serve(handle), carrier)
    session.open()
    with pytest.raises(NeonConnectionError, match="closed the stream's connection"):
        receive(session, 1)


def test_a_reset_while_datagrams_come_is_an_error_of_ours(serve, session_with):
    left = threading.Event()

    def handle(connection):
        for request in requests_of(connection):
            connection.sendall(polite(request))
            if request.method == "SETUP":
                port = int(request.header("Transport").rpartition("=")[2].partition("-")[0])
            if request.method == "PLAY":
                linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                with socket.socket(type=socket.SOCK_DGRAM) as sender:
                    sender.sendto(gaze_packet(1), ("127.0.0.1", port))
                connection.close()  # with a reset, because it may not linger
                left.set()
                return

    session = session_with(serve(handle), "udp")
    session.open()
    assert left.wait(TIMEOUT_S)
    with pytest.raises(NeonConnectionError):
        receive(session, 100)


@pytest.mark.parametrize(
    "transport", ["server_port=²-³", "server_port=99999-x", ";;=;=", "x" * 999]
)
def test_server_ports_that_make_no_sense_are_passed_over(serve, session_with, transport):
    session = session_with(serve(dialogue(lambda r: polite(r, transport))), "udp")
    assert session.open().payload_type == 99


@pytest.mark.parametrize(
    "url",
    [
        "",
        "rtsp://phone/?camera=gaze",
        "rtsp://phone:/?camera=gaze",
        "rtsp://phone:80x/",
        "rtsp://phone:²/",
        "rtsp://phone:999999/",
        "rtsp://phone:8086/?camera=gaze\r\nX: y",
        "rtsp://phone:8086/?camera=\ud800",
        "rtsp://phone:8086/?" + "x" * 10_000,
    ],
)
def test_a_stream_address_that_makes_no_sense_is_refused(url):
    with pytest.raises(ProtocolError, match="stream URL"):
        RtspSession("127.0.0.1", url, "application", "udp")


@pytest.mark.parametrize("ip", ["192.0.2.1", "[2001:db8::1]", "2001:db8::1", "neon.local"])
def test_only_the_port_of_a_stream_address_counts(serve, ip):
    server = serve(dialogue(polite))
    session = RtspSession(
        "127.0.0.1", f"rtsp://{ip}:{server.port}/?camera=gaze", "application", "tcp"
    )
    assert session.open().payload_type == 99
    session.close()


def test_taken_ports_are_passed_over(serve, session_with, monkeypatch):
    server = serve(dialogue(polite))
    with socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        number = taken.getsockname()[1]
        even = number - number % 2
        choices = itertools.chain([even, even, even], itertools.count(even + 2, 2))
        monkeypatch.setattr(udp_pair.random, "randrange", lambda *_: next(choices))
        session_with(server, "udp").open()


def test_no_free_port_is_one_clear_sentence_and_leaves_nothing_open(
    serve, session_with, monkeypatch
):
    server = serve(dialogue(polite))
    with socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        number = taken.getsockname()[1]
        monkeypatch.setattr(udp_pair.random, "randrange", lambda *_: number - number % 2)
        session = session_with(server, "udp")
        with pytest.raises(NeonConnectionError, match=r"no free pair of UDP ports .*in use"):
            session.open()
        bound = [c for c in psutil.Process().net_connections("udp") if c.laddr.port != number]
        assert not [c for c in bound if abs(c.laddr.port - number) <= 1]


def test_a_keep_alive_is_sent_over_udp_only(serve, session_with, monkeypatch):
    monkeypatch.setattr(rtsp, "KEEP_ALIVE_S", 0.1)
    asked = {"udp": [], "tcp": []}
    for carrier, methods in asked.items():

        def respond(request, methods=methods):
            methods.append(request.method)
            return polite(request)

        session = session_with(serve(dialogue(respond)), carrier)
        session.open()
        end_s = time.perf_counter() + 0.5
        while time.perf_counter() < end_s:
            assert session.receive(0.02) == []
    assert asked["udp"].count("OPTIONS") >= 2
    assert "OPTIONS" not in asked["tcp"]


@pytest.mark.skipif(os.name != "posix", reason="counts file descriptors")
@pytest.mark.parametrize("carrier", ["udp", "tcp"])
def test_fifty_sessions_leave_no_socket_open(simulated_neon, sensor_of, carrier, eventually):
    simulator = simulated_neon(scene=False)
    process = psutil.Process()
    sensor_of(simulator, "gaze", carrier).close()
    before = process.num_fds()
    for _ in range(50):
        session = sensor_of(simulator, "gaze", carrier)
        session.open()
        session.close()
    eventually(lambda: process.num_fds() <= before)


@pytest.mark.skipif(os.name != "posix", reason="counts file descriptors")
def test_fifty_failures_leave_no_socket_open(serve, eventually):
    process = psutil.Process()
    server = serve(lambda connection: None)
    before = process.num_fds()
    for _ in range(50):
        session = RtspSession("127.0.0.1", f"rtsp://x:{server.port}/?", "application", "udp")
        with pytest.raises(NeonError):
            session.open()
        session.close()
    # The server keeps its own ends until the test is over.
    eventually(lambda: process.num_fds() <= before + 50)
