from __future__ import annotations

import itertools
import socket
import time

import pytest

from psychopy_neon.protocol.gaze import parse_gaze
from psychopy_neon.protocol.rtcp import parse_rtcp
from psychopy_neon.protocol.rtp import is_rtcp


def signed(ticks):
    return (ticks + 2**31) % 2**32 - 2**31


def device_ns(packet, report, rate=90_000):
    ticks = signed(packet.timestamp - report.rtp_timestamp)
    return report.device_ns + round(ticks * 1e9 / rate)


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_gaze_comes_200_times_a_second_with_true_times(simulated_neon, rtsp, tcp):
    neon = simulated_neon(scene=False)
    client = rtsp(neon, "gaze", tcp=tcp)
    client.start()
    packets, reports = client.receive(lambda p, r: len(p) >= 300 and len(r) >= 1)
    times = [device_ns(packet, reports[0]) for packet in packets]
    assert {b - a for a, b in itertools.pairwise(times)} == {5_000_000}
    truth = {gaze.device_ns: gaze for gaze in neon.truth.gaze}
    for packet, ns in zip(packets, times, strict=True):
        sample = parse_gaze(packet.payload, device_ns=ns, arrived_host_ns=0)
        assert (sample.x, sample.y) == pytest.approx((truth[ns].x, truth[ns].y), abs=1e-3)
    numbers = [packet.sequence_number for packet in packets]
    assert numbers == list(range(len(packets)))
    assert {packet.payload_type for packet in packets} == {99}


def test_samples_leave_within_milliseconds_of_their_time(simulated_neon, rtsp):
    neon = simulated_neon(scene=False)
    client = rtsp(neon, "gaze")
    client.start()
    _, (report, *_) = client.receive(lambda p, r: len(r) >= 1)
    delays_ns = []
    deadline = time.monotonic() + 20
    while len(delays_ns) < 40 or sorted(delays_ns[-40:])[20] > 10_000_000:
        assert time.monotonic() < deadline  # on a busy computer all may be late for a while
        (packet, *_), _ = client.receive(lambda p, r: len(p) >= 1)
        delays_ns.append(neon.clock.now_ns() - device_ns(packet, report))
    assert min(delays_ns) > 0


@pytest.mark.parametrize("url_end", ["/", "", "/trackID=1"])
def test_setup_takes_every_form_of_url(simulated_neon, rtsp, url_end):
    neon = simulated_neon(scene=False)
    client = rtsp(neon, "gaze")
    response, media = client.describe()
    assert response.headers["Content-Base"] == f"rtsp://127.0.0.1:{neon.rtsp_port}/"
    assert (media.kind, media.encoding) == ("application", "com.pupillabs.gaze1")
    reply = client.setup(f"rtsp://127.0.0.1:{neon.rtsp_port}{url_end}")
    assert reply.status == 200 and reply.headers["Session"]
    assert "server_port=" in reply.headers["Transport"]


def test_the_tcp_answer_does_not_repeat_the_channels(simulated_neon, rtsp):
    client = rtsp(simulated_neon(scene=False), "gaze", tcp=True)
    client.describe()
    assert "interleaved" not in client.setup(client.url).headers["Transport"]


def test_refusals(simulated_neon, rtsp):
    neon = simulated_neon(scene=False)
    client = rtsp(neon, "gaze")
    base = f"rtsp://127.0.0.1:{neon.rtsp_port}/"
    assert "PLAY" in client.ask("OPTIONS", client.url).headers["Public"]
    assert client.ask("FROBNICATE", client.url).status == 400
    assert client.ask("DESCRIBE", f"{base}?camera=nose").status == 404
    assert client.ask("PLAY", base).status == 455
    client.describe()
    assert client.setup(f"{base}trackID=9").status == 404
    assert client.ask("SETUP", base, Transport="RTP/SAVP;unicast").status == 461
    assert client.ask("GET_PARAMETER", base).status == 200


@pytest.mark.parametrize("channels", ["300-301", "255"])
def test_channels_that_a_frame_cannot_name_are_refused(simulated_neon, rtsp, channels):
    """They would end the sensor's thread, and with it the stream of all clients."""
    client = rtsp(simulated_neon(scene=False), "gaze", tcp=True)
    _, media = client.describe()
    wish = f"RTP/AVP/TCP;unicast;interleaved={channels}"
    assert client.ask("SETUP", f"{client.url}/{media.control}", Transport=wish).status == 461


def test_an_address_that_is_none_is_answered(simulated_neon, rtsp):
    client = rtsp(simulated_neon(scene=False), "gaze")
    assert client.ask("DESCRIBE", "rtsp://[").status == 404
    assert client.ask("OPTIONS", client.url).status == 200


def test_nonsense_is_answered_400_and_hung_up_on(simulated_neon, rtsp):
    client = rtsp(simulated_neon(scene=False), "gaze")
    client.control.sendall(b"hello\r\n\r\n")
    data = b""
    while piece := client.control.recv(1000):
        data += piece
    assert data.startswith(b"RTSP/1.0 400")


def test_teardown_ends_the_stream(simulated_neon, rtsp):
    client = rtsp(simulated_neon(scene=False), "gaze", tcp=True)
    client.start()
    client.receive(lambda p, r: len(p) >= 5)
    assert client.ask("TEARDOWN", client.url).status == 200
    client.frames.clear()
    client.control.settimeout(0.1)
    with pytest.raises(TimeoutError):
        client.control.recv(1000)


def test_several_clients_receive_the_same_samples(simulated_neon, rtsp):
    neon = simulated_neon(scene=False)
    clients = [rtsp(neon, "gaze", tcp=tcp) for tcp in (False, True, False)]
    for client in clients:
        client.start()
    streams = [client.receive(lambda p, r: len(p) >= 50) for client in clients]
    stamps = [{packet.timestamp for packet in packets} for packets, _ in streams]
    assert len(stamps[0] & stamps[1] & stamps[2]) >= 30
    assert len({packets[0].ssrc for packets, _ in streams}) == 3


def test_sender_reports_can_be_delayed_and_repeat(simulated_neon, rtsp):
    neon = simulated_neon(scene=False, first_report_s=0.3, report_interval_s=0.2)
    client = rtsp(neon, "gaze", tcp=True)
    client.start()
    packets, reports = client.receive(lambda p, r: len(r) >= 3)
    assert reports[0].packets == pytest.approx(60, abs=25)
    offsets = {device_ns(packets[0], report) for report in reports}
    assert max(offsets) - min(offsets) <= 1  # one straight line, whichever report is used


def test_rtp_times_wrap_where_asked(simulated_neon, rtsp):
    neon = simulated_neon(scene=False, rtp_wrap_after_s=0.5)
    client = rtsp(neon, "gaze", tcp=True)
    client.start()
    packets, _ = client.receive(lambda p, r: len(p) >= 150)
    stamps = [packet.timestamp for packet in packets]
    wraps = [i for i in range(1, len(stamps)) if stamps[i] < stamps[i - 1]]
    assert wraps == [100]


def test_gaze_variant_and_wearing_change_while_running(simulated_neon, rtsp):
    neon = simulated_neon(scene=False)
    client = rtsp(neon, "gaze", tcp=True)
    client.start()
    (packet, *_), _ = client.receive(lambda p, r: len(p) >= 1)
    sample = parse_gaze(packet.payload, device_ns=0, arrived_host_ns=0)
    assert sample.worn and 3 < sample.left_eye.pupil_diameter_mm < 4
    neon.gaze.worn, neon.gaze.gaze_bytes = False, 9
    packets, _ = client.receive(lambda p, r: bool(p) and len(p[-1].payload) == 9)
    assert packets[-1].payload[8] == 0


def test_closing_the_simulator_says_bye(simulated_neon, rtsp):
    neon = simulated_neon(scene=False)
    client = rtsp(neon, "gaze")
    client.start()
    client.receive(lambda p, r: len(r) >= 1)
    neon.close()
    client.udp[1].settimeout(2)
    data = client.udp[1].recv(1000)
    assert is_rtcp(data) and parse_rtcp(data).bye
    assert client.control.recv(10) == b""


def test_a_client_that_reads_nothing_does_not_hold_up_the_others(simulated_neon, rtsp):
    neon = simulated_neon()
    neon.scene.wait_until_drawn()
    deaf, live = rtsp(neon, "world", tcp=True), rtsp(neon, "gaze")
    deaf.control.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.start()
    live.start()
    _, (report, *_) = live.receive(lambda p, r: len(p) >= 400 and len(r) >= 1)
    packets, _ = live.receive(lambda p, r: len(p) >= 1)
    assert neon.clock.now_ns() - device_ns(packets[-1], report) < 200_000_000


def test_a_clock_step_moves_sample_times(simulated_neon, rtsp):
    neon = simulated_neon(scene=False, report_interval_s=0.05)
    client = rtsp(neon, "gaze", tcp=True)
    client.start()
    client.receive(lambda p, r: len(p) >= 5)
    neon.step_clock(-30)
    stepped_ns = neon.clock.now_ns()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        _, reports = client.receive(lambda p, r: len(r) >= 1)
        if abs(reports[-1].device_ns - stepped_ns) < 5_000_000_000:
            break
    else:
        pytest.fail("no report followed the step")
    assert len(neon.truth.clocks) == 2
