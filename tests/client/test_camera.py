from __future__ import annotations

import pytest

from psychopy_neon import DeviceError, UsageError
from psychopy_neon.client.camera import CameraRemote
from psychopy_neon.protocol.camera_control import CONTROLS

TIMEOUT_S = 10.0


@pytest.fixture
def filming(simulated_neon, connect):
    """A device whose scene camera runs, as camera control needs it."""
    neon = connect(simulated_neon())
    assert neon.scene.read(TIMEOUT_S) is not None
    return neon


def test_settings_come_with_what_they_can_be(filming):
    state = filming.camera.state()
    assert state.ae_mode.value in state.ae_mode.allowed
    for name in CONTROLS[1:]:
        setting = getattr(state, name)
        assert setting.minimum <= setting.value <= setting.maximum


def test_settings_are_changed_together(filming):
    filming.camera.set(ae_mode="manual", man_exp=120, gamma=250)
    state = filming.camera.state()
    assert (state.ae_mode.value, state.man_exp.value, state.gamma.value) == ("manual", 120, 250)


def test_a_value_out_of_range_is_not_sent(filming):
    before = filming.camera.state()
    with pytest.raises(UsageError, match=f"man_exp is {before.man_exp.maximum + 1}"):
        filming.camera.set(gain=before.gain.minimum, man_exp=before.man_exp.maximum + 1)
    with pytest.raises(UsageError, match="ae_mode is 'fast'"):
        filming.camera.set(ae_mode="fast", state=before)
    assert filming.camera.state() == before


def test_without_a_running_scene_camera_the_error_says_what_to_do(simulated_neon, connect):
    neon = connect(simulated_neon(scene=False))
    with pytest.raises(DeviceError, match=r"use neon\.scene\.start\(\)") as caught:
        neon.camera.state()
    assert caught.value.status == 404


def test_nothing_to_set_is_an_error(simulated_neon, connect):
    with pytest.raises(UsageError, match="give at least one of ae_mode"):
        connect(simulated_neon(scene=False)).camera.set()


def test_other_refusals_are_passed_on_as_they_are():
    def refuse(call, timeout_s):
        raise DeviceError(500, "camera is busy")

    with pytest.raises(DeviceError) as caught:
        CameraRemote(refuse).state()
    assert (caught.value.status, caught.value.message) == (500, "camera is busy")


def test_only_the_settings_to_be_changed_are_asked_for():
    """Each question is a round trip of its own."""
    asked = []

    def answer(call, timeout_s):
        asked.append((call.method, call.path.partition("world&")[2]))
        return {"current_value": 1, "value_min": 0, "value_max": 9}

    CameraRemote(answer).set(gain=3, gamma=4)
    assert asked == [("GET", "gain="), ("GET", "gamma="), ("POST", "gain=3&gamma=4")]
