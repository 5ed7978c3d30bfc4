"""The client's threads above the transport: what they make of peers that misbehave."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import threading
import time

import psutil
import pytest

from psychopy_neon import Neon
from psychopy_neon.client import stream_keeper
from psychopy_neon.client.clock_sync import ClockSync
from psychopy_neon.client.event_delivery import EventDelivery
from psychopy_neon.client.events import EventState
from psychopy_neon.client.journal import Journal
from psychopy_neon.client.outbox import Outbox
from psychopy_neon.client.recording import RecordingState
from psychopy_neon.client.recording_control import RecordingControl
from psychopy_neon.client.sample_decoders import GazeDecoder
from psychopy_neon.client.sensor_stream import SensorStream, StreamState
from psychopy_neon.protocol.rtp import RtpPacket
from psychopy_neon.protocol.rtsp import RequestReader, RtspResponse, pack_interleaved
from psychopy_neon.protocol.status import Sensor
from psychopy_neon.transport.http import RestConnection

SDP = b"m=application 5004 RTP/AVP 99\r\na=rtpmap:99 com.pupillabs.gaze1/90000\r\n"
TIMEOUT_S = 10.0
RUNNING = json.dumps({"result": [{"model": "Recording", "data": {"id": "abc", "action": "START"}}]})


class OneSensor:
    """A phone with one gaze sensor and no clock."""

    clock_map = None
    stranger = ""

    def __init__(self, port: int, params: str = "camera=gaze") -> None:
        self.host = "127.0.0.1"
        self._sensor = Sensor("gaze", "DIRECT", True, "192.0.2.1", port, params)

    def sensor(self, name: str) -> Sensor:
        return self._sensor


@pytest.fixture
def gaze_from(stopwatch):
    """Gaze streams that have to end at once when the test does."""
    with contextlib.ExitStack() as running:

        def start(source):
            stream = SensorStream("gaze", source, GazeDecoder, 1_000)
            stream.start()
            running.callback(lambda: _end(stream, stopwatch))
            return stream

        yield start


def _end(stream, stopwatch) -> None:
    began_s = stopwatch.own_s
    stream.stop()
    assert stream.join(TIMEOUT_S)
    assert stopwatch.own_s - began_s < 2.0


@pytest.fixture
def impatient(monkeypatch):
    """Silence is noticed after a quarter of a second."""
    monkeypatch.setattr(stream_keeper, "FIRST_PACKET_S", 0.25)
    monkeypatch.setattr(GazeDecoder, "silence_s", 0.25)


@pytest.fixture
def control_of():
    """Queues to a server's REST service, without a clock."""
    with contextlib.ExitStack() as running:

        def start(server):
            connection = RestConnection(server.host, server.port)
            outbox, journal = Outbox(connection), Journal(None)
            recordings = RecordingControl(outbox, journal)
            clock = ClockSync(lambda: None)
            outbox.start()
            running.callback(lambda: outbox.close(0.5, interrupt=clock.stop))
            return EventDelivery(outbox, journal, clock, recordings), recordings

        yield start


def gaze_packet(number: int) -> bytes:
    return RtpPacket(99, number % 0x10000, number * 450 % 2**32, 7, bytes(9)).pack()


def play(connection, setups: list[str]):
    """Answer the requests up to PLAY; returns the transport that was asked for."""
    reader = RequestReader()
    while data := connection.recv(65_536):
        for request in reader.feed(data):
            headers = {"CSeq": request.header("CSeq"), "Session": "1"}
            body = SDP if request.method == "DESCRIBE" else b""
            if request.method == "SETUP":
                setups.append(request.header("Transport"))
            connection.sendall(RtspResponse(200, "OK", headers, body).pack())
            if request.method == "PLAY":
                return setups[-1]
    raise ConnectionError


def stream_numbers(connection, numbers) -> None:
    for number in numbers:
        connection.sendall(pack_interleaved(0, gaze_packet(number)))


def stay(connection) -> None:
    while connection.recv(65_536):
        pass


def http_requests(connection):
    data = b""
    while piece := connection.recv(65_536):
        data += piece
        head, end, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head.lower())
        if end and len(body) >= (int(length[1]) if length else 0):
            yield data
            data = b""


def json_reply(text: str) -> bytes:
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(text)}\r\n\r\n{text}".encode()


def test_silence_over_udp_makes_the_stream_change_to_the_rtsp_connection(
    serve, gaze_from, impatient, eventually
):
    setups = []

    def handle(connection):
        if "TCP" in play(connection, setups):
            stream_numbers(connection, range(10))
        stay(connection)

    stream = gaze_from(OneSensor(serve(handle).port))
    eventually(lambda: stream.buffer.appended >= 10)
    assert "client_port" in setups[0] and "interleaved" in setups[1]


def test_reports_without_samples_count_as_silence(serve, gaze_from, impatient, eventually):
    setups = []
    empty_report = b"\x80\xc9\x00\x01\x00\x00\x00\x07"  # a receiver report of nobody

    def handle(connection):
        transport = play(connection, setups)
        if "TCP" in transport:
            stream_numbers(connection, range(10))
            stay(connection)
        port = int(transport.rpartition("-")[2])
        with socket.socket(type=socket.SOCK_DGRAM) as sender:
            sender.bind(("127.0.0.1", 0))
            while len(setups) == 1:
                sender.sendto(empty_report, ("127.0.0.1", port))
                time.sleep(0.02)

    stream = gaze_from(OneSensor(serve(handle).port))
    eventually(lambda: stream.buffer.appended >= 10)


def test_an_outage_does_not_make_the_stream_leave_udp(serve, gaze_from, eventually):
    setups = []
    accepted = []

    def handle(connection):
        accepted.append(connection)
        if len(accepted) == 2:
            play(connection, setups)
            stay(connection)

    stream = gaze_from(OneSensor(serve(handle).port))
    eventually(lambda: setups)
    assert "client_port" in setups[0]
    assert stream.health.state is StreamState.RECOVERING


def test_one_stray_number_costs_one_packet(serve, gaze_from, impatient, eventually):
    setups = []

    def handle(connection):
        if "TCP" in play(connection, setups):
            stream_numbers(connection, [*range(50), 20_000, *range(50, 100)])
        stay(connection)

    stream = gaze_from(OneSensor(serve(handle).port))
    eventually(lambda: stream.buffer.appended >= 100)
    health = stream.health
    assert (health.received, health.lost, health.malformed) == (100, 0, 1)


def test_numbering_that_starts_anew_is_followed(serve, gaze_from, impatient, eventually):
    setups = []

    def handle(connection):
        if "TCP" in play(connection, setups):
            stream_numbers(connection, [*range(30_000, 30_050), *range(50)])
        stay(connection)

    stream = gaze_from(OneSensor(serve(handle).port))
    eventually(lambda: len(setups) >= 3)
    eventually(lambda: stream.buffer.appended >= 100)
    assert stream.health.lost == 0


def test_a_bad_packet_costs_one_packet(serve, gaze_from, impatient, eventually):
    setups = []
    short = RtpPacket(99, 1, 450, 7, b"abc").pack()
    extended = bytes([0x90]) + gaze_packet(2)[1:12] + b"\xff\xff\xff\xff"
    padded = bytes([0xA0]) + gaze_packet(3)[1:] + b"\xff"
    bad = [short, extended, padded, b"\x80\xc8\x00\x01\x00\x00\x00\x00"]

    def handle(connection):
        if "TCP" in play(connection, setups):
            stream_numbers(connection, [0])
            for data in bad:
                connection.sendall(pack_interleaved(data[1] >= 192, data))
            stream_numbers(connection, range(4, 10))
        stay(connection)

    stream = gaze_from(OneSensor(serve(handle).port))
    eventually(lambda: stream.buffer.appended >= 7)
    assert stream.health.malformed == 4


def test_a_phone_that_streams_a_moment_and_hangs_up_is_not_dialled_in_a_tight_loop(
    serve, gaze_from, impatient, eventually
):
    setups = []

    def handle(connection):
        if "TCP" in play(connection, setups):
            stream_numbers(connection, range(3))
        else:
            stay(connection)

    server = serve(handle)
    started_s = time.perf_counter()
    stream = gaze_from(OneSensor(server.port))
    eventually(lambda: stream.buffer.appended >= 9)
    assert time.perf_counter() - started_s > 0.9  # 0.25 s over UDP, then 0.2 + 0.5 s between them
    assert stream.health.received == stream.buffer.appended


@pytest.mark.parametrize("port", [-1, 0, 99_999_999])
@pytest.mark.parametrize("params", ["camera=gaze", "\ud800", "a\r\nb"])
def test_a_sensor_address_that_makes_no_sense_does_not_end_the_stream(
    gaze_from, eventually, port, params
):
    stream = gaze_from(OneSensor(port, params))
    eventually(lambda: stream.health.state is StreamState.RECOVERING)
    assert stream._keeper._worker.is_alive and stream.health.error


def test_a_time_echo_port_that_makes_no_sense_does_not_end_the_probing(serve, eventually):
    reached = threading.Event()
    ports = [10**15]
    server = serve(lambda connection: reached.set())
    sync = ClockSync(lambda: ("127.0.0.1", ports[0]))
    sync.start()
    eventually(lambda: "no port" in sync.error)
    ports[0] = server.port
    assert reached.wait(TIMEOUT_S)
    sync.stop()
    assert sync.join(TIMEOUT_S)


def test_nonsense_in_a_reply_does_not_end_the_delivery_of_events(serve, control_of):
    good = json.dumps({"result": {"timestamp": 5, "recording_id": "r\ud800"}})
    replies = iter(["[" * 100_000, "{", '{"result": {"timestamp": "soon"}}'])

    def handle(connection):
        for _ in http_requests(connection):
            connection.sendall(json_reply(next(replies, good)))

    delivery, _ = control_of(serve(handle))
    receipt = delivery.queue("kept", 0, 0.0)
    assert receipt.wait(TIMEOUT_S) is EventState.CONFIRMED
    assert receipt.tries == 4


def test_a_lost_poll_does_not_disown_a_recording_that_has_started(serve, control_of):
    requests = []

    def handle(connection):
        for request in http_requests(connection):
            requests.append(request[:4])
            if len(requests) == 1:
                connection.sendall(json_reply('{"result": []}'))
            elif request.startswith(b"POST"):
                connection.sendall(json_reply('{"result": {"id": "abc"}}'))
            elif len(requests) < 5:
                return
            else:
                connection.sendall(json_reply(RUNNING))

    _, recordings = control_of(serve(handle))
    assert recordings.queue_start().wait(TIMEOUT_S)
    assert (recordings.info.state, recordings.info.id) == (RecordingState.RECORDING, "abc")
    assert requests == [b"GET ", b"POST", b"GET ", b"GET ", b"GET "]


def test_a_recording_start_whose_reply_is_lost_is_not_asked_for_twice(serve, control_of):
    requests = []

    def handle(connection):
        for request in http_requests(connection):
            requests.append(request[:4])
            if request.startswith(b"POST"):
                return  # it has started, but nobody hears of it
            connection.sendall(json_reply(RUNNING if b"POST" in requests else '{"result": []}'))

    _, recordings = control_of(serve(handle))
    assert recordings.queue_start().wait(TIMEOUT_S)
    assert (recordings.info.state, recordings.info.id) == (RecordingState.RECORDING, "abc")
    assert requests.count(b"POST") == 1


def test_half_a_character_does_not_break_the_journal(tmp_path):
    journal = Journal(tmp_path / "events.jsonl")
    journal.write("event", name="half \ud800 é")
    journal.close()
    (line,) = (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["name"] == "half \ud800 é"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full disk to write to")
def test_a_full_disk_is_logged_once_and_does_not_stop_the_experiment(caplog):
    journal = Journal("/dev/full")
    for number in range(3):
        journal.write("event", number=number)
    journal.close()
    (record,) = caplog.records
    assert "No space left" in record.getMessage()


def test_invented_sensors_do_not_fill_the_memory(simulated_neon):
    simulator = simulated_neon(scene=False)
    with Neon.connect(simulator.address, simulator.port) as neon:
        for number in range(1_000):
            neon._phone_status.take(Sensor(f"sensor {number}", "DIRECT"))
        assert len(neon.status.sensors) <= 50
        neon._phone_status.take(Sensor("gaze", "DIRECT", port=5))
        assert neon.sensor("gaze").port == 5


def test_closing_is_quick_when_the_phone_has_fallen_silent(simulated_neon, eventually, stopwatch):
    simulator = simulated_neon(scene=False)
    ports = simulator.port, simulator.rtsp_port, simulator.time_echo_port
    neon = Neon.connect(simulator.address, simulator.port)
    assert neon.gaze.read(TIMEOUT_S) is not None
    simulator.close()
    with contextlib.ExitStack() as silent:
        for port in ports:
            silent.enter_context(socket.create_server(("127.0.0.1", port)))
        eventually(lambda: neon.gaze.health.state is StreamState.RECOVERING)
        began_s = stopwatch.own_s
        neon.close()
        assert stopwatch.own_s - began_s < 2.0


@pytest.mark.skipif(os.name != "posix", reason="counts file descriptors")
def test_fifty_devices_leave_no_thread_and_no_socket(simulated_neon, eventually, settled):
    simulator = simulated_neon(scene=False)
    process = psutil.Process()

    def open_and_close() -> None:
        with Neon.connect(simulator.address, simulator.port) as neon:
            neon.gaze.start()

    open_and_close()
    files, threads = settled(process.num_fds), settled(threading.active_count)
    for _ in range(50):
        open_and_close()
    eventually(lambda: process.num_fds() <= files)
    eventually(lambda: threading.active_count() <= threads)
