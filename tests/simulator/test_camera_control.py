"""Exposure and the like of the scene camera."""

from __future__ import annotations

import pytest

from psychopy_neon.simulator import SimulatedNeon


@pytest.fixture(scope="module")
def streaming(lasting_rtsp):
    """One for all: it takes a second until pictures come."""
    with SimulatedNeon() as neon:
        client = lasting_rtsp(neon, "world")
        client.start()
        # PLAY is answered before the stream runs, and the camera counts as active only then.
        client.receive(lambda packets, reports: bool(packets))
        yield neon


def url(neon, query):
    return f"{neon.url}/api/camera_control?{query}"


def test_without_a_scene_stream_the_camera_is_not_there(simulated_neon, http):
    neon = simulated_neon(scene=False)
    for ask in (http.get, http.post):
        reply = ask(url(neon, "camera=world&gain="), timeout=5)
        assert reply.status_code == 404 and reply.json()["message"]


def test_controls_tell_their_range_and_choices(streaming, http):
    gain = http.get(url(streaming, "camera=world&gain="), timeout=5).json()["result"]
    assert gain["control_name"] == "gain"
    assert gain["value_min"] <= gain["current_value"] <= gain["value_max"]
    mode = http.get(url(streaming, "camera=world&ae_mode="), timeout=5).json()["result"]
    assert mode["current_value"] in mode["allowed_values"] == ["auto", "manual"]


def test_several_controls_are_set_at_once(streaming, http):
    query = "camera=world&ae_mode=manual&man_exp=120&brightness=-20"
    assert http.post(url(streaming, query), timeout=5).status_code == 200
    values = streaming.camera.values
    assert (values["ae_mode"], values["man_exp"], values["brightness"]) == ("manual", 120, -20)
    reply = http.get(url(streaming, "camera=world&man_exp="), timeout=5).json()
    assert reply["result"]["current_value"] == 120


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("camera=world&zoom=2", 404),
        ("camera=eyes&gain=50", 404),
        ("camera=world", 404),
        ("camera=world&gain=50&man_exp=99999", 400),
        ("camera=world&gain=much", 400),
        ("camera=world&ae_mode=sunny", 400),
        ("&".join(f"x{k}=1" for k in range(30)), 400),
    ],
)
def test_what_makes_no_sense_changes_nothing(streaming, http, query, status):
    before = streaming.camera.values
    reply = http.post(url(streaming, query), timeout=5)
    assert reply.status_code == status and reply.json()["message"]
    assert streaming.camera.values == before
