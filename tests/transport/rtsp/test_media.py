"""Packets of a session, as they come over both carriers."""

from __future__ import annotations

import socket
import time

import pytest

from psychopy_neon.protocol.gaze import parse_gaze
from psychopy_neon.protocol.rtp import RtpPacket
from psychopy_neon.protocol.rtsp import RtspResponse, pack_interleaved

TIMEOUT_S = 10.0


@pytest.mark.parametrize("carrier", ["udp", "tcp"])
def test_gaze_arrives_complete_and_in_order(simulated_neon, sensor_of, carrier, receive):
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
def test_scene_video_arrives_complete(simulated_neon, sensor_of, carrier, receive):
    session = sensor_of(simulated_neon(), "world", carrier, "video")
    media = session.open()
    assert media.encoding == "H264" and len(media.parameter_sets) == 2
    packets, _ = receive(session, 60)
    session.close()
    numbers = [RtpPacket.parse(p.data).sequence_number for p in packets]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


@pytest.mark.parametrize("carrier", ["udp", "tcp"])
def test_an_ipv6_phone_is_reached(serve, session_with, carrier, phone, receive):
    wishes = []

    def handle(connection):
        for request in phone.requests_of(connection):
            wishes.append(request.header("Transport"))
            connection.sendall(phone.polite(request))
            if request.method == "PLAY" and carrier == "tcp":
                connection.sendall(pack_interleaved(0, phone.gaze_packet(1)))
            elif request.method == "PLAY":
                port = int(wishes[1].rpartition("=")[2].partition("-")[0])
                with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sender:
                    sender.sendto(phone.gaze_packet(1), ("::1", port))

    session = session_with(serve(handle, "::1"), carrier)
    session.open()
    (packet,), _ = receive(session, 1)
    assert packet.data == phone.gaze_packet(1)


def test_strangers_are_not_listened_to(serve, session_with, phone, receive):
    ports = []

    def handle(connection):
        for request in phone.requests_of(connection):
            if request.method == "SETUP":
                port = int(request.header("Transport").rpartition("=")[2].partition("-")[0])
                ports.append(port)
            connection.sendall(phone.polite(request))

    session = session_with(serve(handle), "udp")
    session.open()
    with (
        socket.socket(type=socket.SOCK_DGRAM) as stranger,
        socket.socket(type=socket.SOCK_DGRAM) as sender,
    ):
        stranger.bind(("127.0.0.2", 0))
        sender.bind(("127.0.0.1", 0))
        for number in range(5):
            stranger.sendto(phone.gaze_packet(number), ("127.0.0.1", ports[0]))
        sender.sendto(phone.gaze_packet(77), ("127.0.0.1", ports[0]))
        packets, _ = receive(session, 1)
    assert [p.data for p in packets] == [phone.gaze_packet(77)]


@pytest.mark.parametrize("names_its_port", [True, False])
def test_who_waits_for_the_next_packet_does_not_hear_strangers_either(
    serve, session_with, phone, names_its_port
):
    """Neither those who sent before the phone did, nor those who send later."""
    ports = []
    with (
        socket.socket(type=socket.SOCK_DGRAM) as stranger,
        socket.socket(type=socket.SOCK_DGRAM) as sender,
    ):
        stranger.bind(("127.0.0.2", 0))
        sender.bind(("127.0.0.1", 0))
        port = sender.getsockname()[1]
        transport = f"RTP/AVP;unicast;server_port={port}-{port + 1}" if names_its_port else ""

        def handle(connection):
            for request in phone.requests_of(connection):
                if request.method == "SETUP":
                    ports.append(int(request.header("Transport").rpartition("=")[2].split("-")[0]))
                connection.sendall(phone.polite(request, transport))

        session = session_with(serve(handle), "udp")
        session.open()
        heard = []
        for number in range(20):
            for _ in range(3):
                stranger.sendto(phone.gaze_packet(1000 + number), ("127.0.0.1", ports[0]))
            sender.sendto(phone.gaze_packet(number), ("127.0.0.1", ports[0]))
            while len(heard) <= number:
                heard += filter(None, [session.next_media(10.0)])
    assert [packet.data for packet in heard] == [phone.gaze_packet(n) for n in range(20)]


def test_nobody_waits_longer_than_was_said(serve, session_with, phone, stopwatch):
    session = session_with(serve(phone.dialogue(phone.polite)), "udp")
    session.open()
    for timeout_s in (0.0, 0.005, 1_000.0):
        assert session.next_media(timeout_s) is None
    assert stopwatch.own_s < 60.0
    session.close()
    assert session.next_media(1.0) is None


def test_an_answer_within_an_interleaved_frame_costs_nothing(serve, session_with, phone, receive):
    injected = RtspResponse(400, "Bad Request", {"Server": "x"}).pack()

    def handle(connection):
        for request in phone.requests_of(connection):
            connection.sendall(phone.polite(request))
            if request.method == "PLAY":
                for number in range(10):
                    framed = pack_interleaved(0, phone.gaze_packet(number))
                    head, data = framed[:4], framed[4:]
                    connection.sendall(head + injected * (number % 2) + data)

    session = session_with(serve(handle))
    session.open()
    packets, _ = receive(session, 10)
    assert [p.data for p in packets] == [phone.gaze_packet(n) for n in range(10)]


def test_garbage_between_frames_is_skipped(serve, session_with, phone, receive):
    def handle(connection):
        for request in phone.requests_of(connection):
            connection.sendall(phone.polite(request))
            if request.method == "PLAY":
                for number in range(10):
                    framed = pack_interleaved(0, phone.gaze_packet(number))
                    connection.sendall(b"\x00garbage" * (number % 3) + framed)

    session = session_with(serve(handle))
    session.open()
    packets, _ = receive(session, 10)
    assert [p.data for p in packets] == [phone.gaze_packet(n) for n in range(10)]


def test_media_before_the_answer_to_play_is_kept(serve, session_with, phone, receive):
    def respond(request):
        early = b"".join(pack_interleaved(0, phone.gaze_packet(n)) for n in range(3))
        return early * (request.method == "PLAY") + phone.polite(request)

    session = session_with(serve(phone.dialogue(respond)))
    session.open()
    packets, _ = receive(session, 3)
    assert [p.data for p in packets] == [phone.gaze_packet(n) for n in range(3)]
