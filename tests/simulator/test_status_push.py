from __future__ import annotations

import json
import threading
from contextlib import contextmanager

import requests
from websockets.sync.client import connect


@contextmanager
def listening(neon):
    url = f"ws://{neon.address}:{neon.port}/api/status"
    with connect(url, open_timeout=5, close_timeout=20, proxy=None) as websocket:
        yield lambda: json.loads(websocket.recv(timeout=5))


def read_start(receive):
    return [receive() for _ in range(2 + 2 * 5)]  # each of five sensors in two ways


def test_the_whole_state_comes_first(simulated_neon):
    with listening(simulated_neon(scene=False)) as receive:
        models = [receive()["model"] for _ in range(10)]
    assert models == ["Phone", "Hardware", *["Sensor"] * 8]


def test_a_recording_and_its_events_are_pushed(simulated_neon):
    neon = simulated_neon(recording_start_lag_s=0.05)
    with listening(neon) as receive:
        read_start(receive)
        recording_id = neon.state.start_recording()
        started = receive()
        assert started["model"] == "Recording"
        assert (started["data"]["id"], started["data"]["action"]) == (recording_id, "START")
        neon.state.store_event("go", 123)
        data = {"name": "go", "timestamp": 123, "recording_id": recording_id}
        assert receive() == {"model": "Event", "data": data}
        neon.state.stop_and_save_recording()
        assert [receive()["data"]["action"] for _ in range(2)] == ["STOP", "SAVE"]


def test_a_running_recording_is_part_of_the_first_push(simulated_neon):
    neon = simulated_neon(scene=False, recording_start_lag_s=0.05)
    with listening(neon) as receive:
        for _ in range(10):
            receive()
        neon.state.start_recording()
        assert receive()["model"] == "Recording"
        with listening(neon) as second:
            assert [second()["model"] for _ in range(11)][-1] == "Recording"


def test_battery_changes_are_pushed_to_every_listener(simulated_neon):
    neon = simulated_neon()
    with listening(neon) as first, listening(neon) as second:
        for receive in (first, second):
            read_start(receive)
        neon.state.set_battery(7)
        for receive in (first, second):
            data = receive()["data"]
            assert (data["battery_level"], data["battery_state"]) == (7, "LOW")


def test_what_changes_amid_the_first_push_comes_after_it(simulated_neon, monkeypatch):
    """Else who connects would go on with what was true before."""
    neon = simulated_neon()
    subscribe = neon.state.subscribe

    def subscribe_and_change(listener):
        so_far = subscribe(listener)
        change = threading.Thread(target=neon.state.set_battery, args=(7,))
        change.start()
        change.join(0.3)
        return so_far

    monkeypatch.setattr(neon.state, "subscribe", subscribe_and_change)
    with listening(neon) as receive:
        pushed = [receive() for _ in range(1 + 2 + 2 * 5)]
    levels = [each["data"]["battery_level"] for each in pushed if each["model"] == "Phone"]
    assert len(levels) == 2 and levels[-1] == 7


def test_rest_and_websocket_share_the_port(simulated_neon):
    neon = simulated_neon()
    with listening(neon) as receive, requests.Session() as http:
        http.trust_env = False
        pushed = read_start(receive)
        polled = http.get(f"{neon.url}/api/status", timeout=5).json()["result"]
    assert sorted(map(json.dumps, pushed)) == sorted(map(json.dumps, polled))


def test_an_upgrade_without_a_key_is_refused(simulated_neon):
    neon = simulated_neon(scene=False)
    headers = {"Upgrade": "websocket", "Connection": "Upgrade"}
    with requests.Session() as http:
        http.trust_env = False
        reply = http.get(f"{neon.url}/api/status", headers=headers, timeout=5)
    assert reply.status_code == 400
