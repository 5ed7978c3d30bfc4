from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import time
import zlib

import pytest
import requests

from psychopy_neon.simulator import threaded_server


def post(http, neon, path, **arguments):
    return http.post(f"{neon.url}/api/{path}", timeout=5, **arguments)


def wait_for_recording(http, neon):
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        status = http.get(f"{neon.url}/api/status", timeout=5).json()["result"]
        found = [part["data"] for part in status if part["model"] == "Recording"]
        if found:
            return found[0]
    pytest.fail("the status never had a recording")


def test_status_lists_phone_hardware_and_the_served_sensors(simulated_neon, http):
    neon = simulated_neon(scene=False, phone_name="lab: 3", module_serial="654321")
    reply = http.get(f"{neon.url}/api/status", timeout=5)
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.json()["message"] == "Success"
    parts = reply.json()["result"]
    by_model = {part["model"]: part["data"] for part in parts}
    assert by_model["Phone"]["device_name"] == "lab: 3"
    assert by_model["Phone"]["time_echo_port"] == neon.time_echo_port
    assert by_model["Hardware"]["module_serial"] == "654321"
    assert "Recording" not in by_model
    sensors = {part["data"]["sensor"]: part["data"] for part in parts if part["model"] == "Sensor"}
    assert sensors["gaze"]["connected"] and sensors["gaze"]["port"] == neon.rtsp_port
    assert sensors["imu"]["connected"] and "world" not in sensors


def test_an_address_that_is_none_is_answered_400(simulated_neon):
    neon = simulated_neon(scene=False)
    with socket.create_connection((neon.address, neon.port), 5) as link:
        link.sendall(b"GET http://[ HTTP/1.1\r\n\r\n")
        assert link.recv(1000).startswith(b"HTTP/1.1 400")


def test_who_opens_too_many_connections_is_hung_up_on(simulated_neon, http, monkeypatch):
    monkeypatch.setattr(threaded_server, "MAX_CONNECTIONS", 3)
    neon = simulated_neon(scene=False)
    place = (neon.address, neon.port)
    with contextlib.ExitStack() as idle:
        links = [idle.enter_context(socket.create_connection(place, 5)) for _ in range(4)]
        assert links[3].recv(1) == b""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:  # the others have to be noticed as gone first
        with contextlib.suppress(requests.ConnectionError):
            assert http.get(f"{neon.url}/api/status", timeout=5).ok
            return
    pytest.fail("nobody is served any more")


@pytest.mark.parametrize(
    "request_form",
    [{}, {"json": {}}, {"data": b"", "headers": {"Content-Type": "application/octet-stream"}}],
)
def test_recording_starts_with_any_form_of_empty_body(simulated_neon, http, request_form):
    neon = simulated_neon(scene=False, recording_start_lag_s=0)
    reply = post(http, neon, "recording:start", **request_form)
    assert reply.status_code == 200
    assert wait_for_recording(http, neon)["id"] == reply.json()["result"]["id"]


def test_events_belong_to_no_recording_until_it_is_open(simulated_neon, http):
    neon = simulated_neon(scene=False, recording_start_lag_s=0.3)
    recording_id = post(http, neon, "recording:start").json()["result"]["id"]
    early = post(http, neon, "event", json={"name": "early"}).json()["result"]
    assert early["recording_id"] is None
    recording = wait_for_recording(http, neon)
    assert (recording["id"], recording["action"]) == (recording_id, "START")
    late = post(http, neon, "event", json={"name": "late"}).json()["result"]
    assert late["recording_id"] == recording_id
    assert post(http, neon, "recording:stop_and_save").json()["result"] is None
    actions = [(r.action, r.id) for r in neon.truth.recordings]
    assert actions == [("start", recording_id), ("stop_and_save", recording_id)]


def test_a_given_event_time_is_stored_to_the_nanosecond(simulated_neon, http):
    neon = simulated_neon(scene=False)
    given_ns = 1_700_000_000_123_456_789
    reply = post(http, neon, "event", json={"name": "é", "timestamp": given_ns}).json()
    assert reply["result"] == {"timestamp": given_ns, "recording_id": None}
    (event,) = neon.truth.events
    assert (event.name, event.timestamp_ns, event.given) == ("é", given_ns, True)


def test_an_event_without_time_is_stamped_in_whole_ms_on_arrival(simulated_neon, http):
    neon = simulated_neon(scene=False)
    before_ns = neon.clock.now_ns()
    stamp = post(http, neon, "event", json={"name": "now"}).json()["result"]["timestamp"]
    assert stamp % 1_000_000 == 0
    assert before_ns - 1_000_000 < stamp <= neon.clock.now_ns()
    (event,) = neon.truth.events
    assert 0 <= event.arrived_ns - stamp < 1_000_000 and not event.given


@pytest.mark.parametrize(
    "body",
    ["{", "[]", "{}", '{"name": 5}', '{"name": "a", "timestamp": 1.5}', "[" * 100_000],
    ids=["cut short", "list", "empty", "number for name", "half nanosecond", "too deep"],
)
def test_a_malformed_event_is_refused_in_words(simulated_neon, http, body):
    neon = simulated_neon(scene=False)
    reply = post(http, neon, "event", data=body)
    assert reply.status_code == 400 and reply.json()["message"]
    assert neon.truth.events == []


def test_refusals(simulated_neon, http):
    neon = simulated_neon(scene=False)
    assert post(http, neon, "recording:stop_and_save").status_code == 500
    assert post(http, neon, "recording:cancel").status_code == 500
    assert post(http, neon, "recording:start").status_code == 200
    assert post(http, neon, "recording:start").status_code == 500
    assert post(http, neon, "recording:cancel").status_code == 200
    neon.state.refuse("recording:start", "Battery is too low")
    reply = post(http, neon, "recording:start")
    assert (reply.status_code, reply.json()["message"]) == (500, "Battery is too low")
    neon.state.allow("recording:start")
    assert post(http, neon, "recording:start").status_code == 200


def test_unknown_paths_are_404_in_json(simulated_neon, http):
    reply = post(http, simulated_neon(scene=False), "nonsense")
    assert reply.status_code == 404 and reply.json()["result"] is None


def test_calibration_has_a_correct_checksum(simulated_neon, http):
    neon = simulated_neon(scene=False, module_serial="654321")
    data = http.get(f"{neon.url}/calibration.bin", timeout=5).content
    assert len(data) == 803 and data[1:7] == b"654321"
    assert int.from_bytes(data[-4:], "little") == zlib.crc32(data[:-4])


def test_template_answers_are_stored_and_checked(simulated_neon, http):
    neon = simulated_neon(scene=False)
    template = http.get(f"{neon.url}/api/template_def", timeout=5).json()["result"]
    item, other = (question["id"] for question in template["items"])
    assert post(http, neon, "template_data", json={item: ["P7"]}).status_code == 200
    stored = http.get(f"{neon.url}/api/template_data", timeout=5).json()["result"]
    assert stored == {item: ["P7"], other: []}
    assert post(http, neon, "template_data", json={item: []}).status_code == 400
    assert post(http, neon, "template_data", json={"unknown": ["x"]}).status_code == 404


def test_a_huge_body_is_refused_and_the_connection_closed(simulated_neon, http):
    neon = simulated_neon(scene=False)
    headers = {"Content-Length": "99999999999"}
    request = requests.Request("POST", f"{neon.url}/api/event", headers=headers).prepare()
    request.headers["Content-Length"] = "99999999999"
    assert http.send(request, timeout=5).status_code == 413


@pytest.fixture(scope="module")
def curl():
    program = shutil.which("curl")
    if program is None:
        pytest.skip("curl is not installed")

    def ask(*arguments):
        command = [program, "--silent", "--show-error", "--max-time", "20", *arguments]
        done = subprocess.run(command, capture_output=True, timeout=30)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return ask


def test_curl_is_answered(simulated_neon, curl):
    neon = simulated_neon(scene=False, recording_start_lag_s=0)
    api = f"{neon.url}/api"
    models = {part["model"] for part in json.loads(curl(f"{api}/status"))["result"]}
    assert models == {"Phone", "Hardware", "Sensor"}
    started = json.loads(curl("-X", "POST", f"{api}/recording:start"))["result"]["id"]
    body = '{"name": "from curl", "timestamp": 1700000000000000001}'
    json_header = "Content-Type: application/json"
    stored = json.loads(curl("-H", json_header, "-d", body, f"{api}/event"))["result"]
    assert stored["timestamp"] == 1_700_000_000_000_000_001
    assert [event.name for event in neon.truth.events] == ["from curl"]
    curl("-X", "POST", f"{api}/recording:cancel")
    assert [(r.action, r.id) for r in neon.truth.recordings] == [
        ("start", started),
        ("cancel", started),
    ]
    template = json.loads(curl(f"{api}/template_def"))["result"]
    question = template["items"][0]["id"]
    answers = json.dumps({question: ["from curl"]})
    assert json.loads(curl("-H", json_header, "-d", answers, f"{api}/template_data"))["result"]
    assert len(curl(f"{neon.url}/calibration.bin")) == 803
    refused = curl("-w", " %{http_code}", "-X", "POST", f"{api}/recording:stop_and_save")
    assert refused.endswith(b" 500") and b"message" in refused
