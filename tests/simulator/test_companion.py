from __future__ import annotations

import contextlib
import socket
import time

import pytest
from websockets.sync.client import connect
from zeroconf import ServiceBrowser, ServiceListener, Zeroconf

from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.service_name import SERVICE_TYPE, ServiceName
from psychopy_neon.simulator import Participant, SimulatedNeon, SimulatorOptions


def test_close_ends_open_connections_and_frees_the_ports(simulated_neon, rtsp, http, stopwatch):
    neon = simulated_neon()
    client = rtsp(neon, "gaze", tcp=True)
    client.start()
    http.get(f"{neon.url}/api/status", timeout=5)
    url = f"ws://{neon.address}:{neon.port}/api/status"
    echo = socket.create_connection((neon.address, neon.time_echo_port), 5)
    with connect(url, proxy=None), echo:
        neon.state.start_recording()
        passing = stopwatch()
        neon.close()
        neon.close()
        assert passing.own_s < 5
    for port in (neon.port, neon.rtsp_port, neon.time_echo_port):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((neon.address, port), 2)


def test_close_without_start_leaves_nothing():
    neon = SimulatedNeon(SimulatorOptions())
    neon.close()
    with pytest.raises(UsageError, match="only once"):
        neon.start()


def test_close_interrupts_the_drawing(simulated_neon, stopwatch):
    neon = simulated_neon()
    passing = stopwatch()
    neon.close()
    assert passing.own_s < 2


def test_a_taken_port_is_one_sentence(simulated_neon):
    taken = simulated_neon(scene=False).port
    with pytest.raises(UsageError, match=r"cannot listen on 127\.0\.0\.1"):
        SimulatedNeon(SimulatorOptions(http_port=taken))


@pytest.mark.parametrize(
    "wrong",
    [
        {"gaze_bytes": 10},
        {"screen_px": (10, 10)},
        {"http_port": 70000},
        {"drift_ppm": float("nan")},
        {"offset_s": float("inf")},
        {"distance_mm": 0},
        {"module_serial": "1234567"},
        {"recording_start_lag_s": -1},
    ],
)
def test_impossible_options_are_refused(wrong):
    with pytest.raises(UsageError):
        SimulatorOptions(**wrong)


def test_the_participant_reacts_to_an_event(simulated_neon):
    participant = Participant(reaction_s=0.1, saccade_s=0.02, on_event={"go": (0.6, 0.2)})
    neon = simulated_neon(scene=False, participant=participant)
    onset_ns = neon.clock.now_ns()
    neon.state.store_event("go", onset_ns)
    deadline = time.monotonic() + 5
    while neon.truth.gaze[-1:] == [] or neon.truth.gaze[-1].screen_x < 0.6:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    moved = [gaze for gaze in neon.truth.gaze if gaze.screen_x > 0]
    assert 100_000_000 < moved[0].device_ns - onset_ns < 110_000_000
    arrived = next(gaze for gaze in neon.truth.gaze if gaze.screen_x == 0.6)
    assert 115_000_000 < arrived.device_ns - onset_ns < 126_000_000


def test_noise_is_seeded_and_small(simulated_neon):
    neon = simulated_neon(scene=False, noise_px=2.0, head_moves=False)
    deadline = time.monotonic() + 5
    while len(neon.truth.gaze) < 200 and time.monotonic() < deadline:
        time.sleep(0.01)
    xs = [gaze.x for gaze in neon.truth.gaze]
    mean = sum(xs) / len(xs)
    spread = (sum((x - mean) ** 2 for x in xs) / len(xs)) ** 0.5
    assert 1.6 < spread < 2.4


def test_discovery_finds_an_advertised_phone(simulated_neon):
    neon = simulated_neon(scene=False, advertise=True, phone_name="lab: 7")
    wanted = ServiceName("lab: 7", neon.phone_id).format()
    found = {}

    class Listener(ServiceListener):
        def add_service(self, zc, type_, name):
            found[name] = zc.get_service_info(type_, name, 3000)

        def update_service(self, zc, type_, name):
            pass

        def remove_service(self, zc, type_, name):
            pass

    with contextlib.closing(Zeroconf(interfaces=["127.0.0.1"])) as zeroconf:
        browser = ServiceBrowser(zeroconf, SERVICE_TYPE, Listener())
        deadline = time.monotonic() + 10
        while found.get(wanted) is None and time.monotonic() < deadline:
            time.sleep(0.05)
        browser.cancel()
    if neon.problems():
        pytest.skip(neon.problems()[0])
    info = found[wanted]
    assert (info.port, info.server) == (neon.port, "neon.local.")
    assert info.parsed_addresses() == ["127.0.0.1"]
