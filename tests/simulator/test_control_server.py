"""The local endpoint that switches faults while the simulator runs."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from http.client import HTTPConnection

import pytest
import requests

from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator import ControlServer, SimulatedNeon
from psychopy_neon.simulator.actions import ACTIONS


@pytest.fixture
def neon(simulated_neon) -> SimulatedNeon:
    return simulated_neon(scene=False)


@pytest.fixture
def control(neon):
    with ControlServer(neon) as server:
        yield server


@pytest.fixture
def ask(control, http):
    def post(name, arguments=None, **more):
        return http.post(f"{control.url}/{name}", json=arguments, timeout=10, **more)

    return post


def get(http, control, page):
    return http.get(f"{control.url}{page}", timeout=5)


def test_it_lists_what_there_is(control, http, neon):
    listing = get(http, control, "/").json()
    assert listing["simulator"] == neon.url
    actions = listing["POST /NAME"]
    assert set(actions) == set(ACTIONS)
    assert actions["lose"]["needed"] == ["stream", "share"]
    assert actions["cut_link"]["arguments"] == {"seconds": "a number from 0 to 3600"}
    assert all(action["does"] for action in actions.values())


def test_faults_go_on_and_off(ask, http, control, neon):
    assert ask("lose", {"stream": "gaze", "share": 0.25}).json()["done"] == "lose"
    assert ask("silence", {"stream": "imu"}).status_code == 200
    state = get(http, control, "/state").json()
    assert (state["streams"]["gaze"]["lost"], state["streams"]["imu"]["silent"]) == (0.25, True)
    assert ask("clear").status_code == 200
    state = get(http, control, "/state").json()
    assert (state["streams"]["gaze"]["lost"], state["streams"]["imu"]["silent"]) == (0, False)


def test_the_wearer_and_the_phone_obey(ask, http, control, neon):
    before_ns = neon.clock.now_ns()
    assert ask("look_at", {"x": -0.5, "y": 0.5}).status_code == 200
    assert ask("gaze_variant", {"length": 89}).status_code == 200
    assert ask("step_clock", {"seconds": 50}).json()["device_ns"] - before_ns > 50e9
    assert ask("unplug").status_code == 200
    state = get(http, control, "/state").json()
    assert (state["gaze_bytes"], state["is_plugged_in"]) == (89, False)
    assert ask("replug").status_code == 200
    assert neon.state.is_plugged_in
    assert [step.do for step in neon.truth.steps] == [
        *("look_at", "gaze_variant", "step_clock", "unplug", "replug")
    ]


def test_a_cut_link_leaves_the_endpoint_in_reach(ask, http, control):
    assert ask("cut_link", {"seconds": 3600}).status_code == 200
    assert get(http, control, "/state").json()["link_is_up"] is False
    assert ask("clear").status_code == 200
    assert get(http, control, "/state").json()["link_is_up"] is True


def test_a_phone_reboots_and_is_back_with_new_ports(ask, neon, http):
    rtsp_port = neon.rtsp_port
    assert ask("reboot", {"down_s": 0.05}).status_code == 200
    assert neon.rtsp_port != rtsp_port
    assert http.get(f"{neon.url}/api/status", timeout=5).status_code == 200


def test_what_happened_is_counted(ask, http, control, neon):
    http.post(f"{neon.url}/api/event", json={"name": "go"}, timeout=5)
    ask("blink")
    truth = get(http, control, "/truth").json()
    assert (truth["events"], truth["steps"], truth["clocks"]) == (1, 1, 1)
    assert truth["device_ns"] > 0
    deadline = time.monotonic() + 10
    while get(http, control, "/truth").json()["gaze"] == 0:
        assert time.monotonic() < deadline, "no gaze is counted"


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        ("cut_lnk", {"seconds": 1}, "did you mean cut_link"),
        ("", {}, "there is no ''"),
        ("cut_link", {}, "cut_link needs seconds"),
        ("cut_link", {"seconds": -1}, "from 0 to 3600"),
        ("cut_link", [1], "must be an object"),
        ("lose", {"stream": "world", "share": 0.1}, "no stream 'world'"),
        ("gaze_variant", {"length": 90}, "one of 9, 17"),
        ("stop_recording", {}, "No recording is running"),
        ("show_patch", {}, "give display_lag_s"),
    ],
)
def test_a_bad_request_is_one_sentence(ask, name, arguments, reason):
    reply = ask(name, arguments)
    assert reply.status_code == 400
    assert reason in reply.json()["error"] and len(reply.json()) == 1


def test_unknown_pages_and_bodies_that_are_no_json_are_refused(control, http):
    assert "there are /, /truth, /state" in get(http, control, "/nothing").json()["error"]
    reply = http.post(f"{control.url}/blink", data=b"{", timeout=5)
    assert reply.status_code == 400 and "no JSON" in reply.json()["error"]
    reply = http.post(f"{control.url}/blink", data=b" " * 200_001, timeout=5)
    assert reply.status_code == 400 and "bytes" in reply.json()["error"]


@pytest.mark.parametrize(
    "header", [{"Origin": "http://example.org"}, {"Host": "example.org:80"}, {"Host": ""}]
)
def test_web_pages_are_kept_out(ask, neon, header):
    """A page in a browser on this computer could send such a request."""
    assert ask("unplug", {}, headers=header).status_code == 400
    assert neon.state.is_plugged_in


def test_only_this_computer_gets_in(simulated_neon):
    neon = simulated_neon(scene=False, host="0.0.0.0")
    with ControlServer(neon) as control:
        assert control.url.startswith("http://127.0.0.1:")
        with requests.Session() as http:
            http.trust_env = False
            assert http.get(control.url, timeout=5).status_code == 200


def test_closing_ends_open_connections(neon):
    control = ControlServer(neon).start()
    port = int(control.url.rpartition(":")[2])
    with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as kept_alive:
        kept_alive.request("GET", "/truth")
        assert kept_alive.getresponse().read()
        control.close()
        control.close()
        assert kept_alive.sock.recv(100) == b""
    assert not any(thread.name.startswith("neon-sim-control") for thread in threading.enumerate())


def test_a_taken_or_impossible_port_is_one_sentence(neon, control):
    with pytest.raises(UsageError, match="cannot listen on control port"):
        ControlServer(neon, int(control.url.rpartition(":")[2]))
    with pytest.raises(UsageError, match="0 to 65535"):
        ControlServer(neon, 70_000)
