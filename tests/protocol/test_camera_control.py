from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon import ProtocolError, UsageError
from psychopy_neon.protocol.camera_control import (
    CameraChoice,
    CameraRange,
    CameraState,
    check_settings,
    get_control,
    parse_control,
    set_controls,
)

MODE = CameraChoice("auto", ("auto", "manual"))
EXPOSURE = CameraRange(50, 1, 1000)


def test_calls_are_spelled_as_the_phone_expects():
    call = get_control("man_exp")
    assert (call.method, call.body) == ("GET", None)
    assert call.path == "/api/camera_control?camera=world&man_exp="
    call = set_controls({"ae_mode": "manual", "man_exp": 120})
    assert (call.method, call.body) == ("POST", None)
    assert call.path == "/api/camera_control?camera=world&ae_mode=manual&man_exp=120"


def test_replies_of_the_phone_are_read():
    assert (
        parse_control(
            "man_exp",
            {"control_name": "man_exp", "current_value": 50, "value_min": 1, "value_max": 1000},
        )
        == EXPOSURE
    )
    assert (
        parse_control("ae_mode", {"current_value": "auto", "allowed_values": ["auto", "manual"]})
        == MODE
    )


@pytest.mark.parametrize("number", [2**63, -(2**63), True, 1.0, None])
def test_a_range_that_no_camera_has_is_refused(number):
    with pytest.raises(ProtocolError):
        parse_control("gain", {"current_value": 1, "value_min": 0, "value_max": number})


@pytest.mark.parametrize("allowed", [None, "auto", [1], [["auto"]], [None]])
def test_alternatives_that_are_no_texts_are_refused(allowed):
    with pytest.raises(ProtocolError):
        parse_control("ae_mode", {"current_value": "auto", "allowed_values": allowed})


@pytest.mark.parametrize("value", [1, 50, 1000])
def test_both_ends_of_a_range_may_be_set(value):
    check_settings({"man_exp": EXPOSURE}, {"man_exp": value})


@pytest.mark.parametrize("value", [0, 1001, 50.0, "50", True])
def test_what_is_out_of_range_is_explained(value):
    with pytest.raises(UsageError, match=r"man_exp is .*; this camera takes .* 1 to 1000"):
        check_settings({"man_exp": EXPOSURE}, {"man_exp": value})


def test_all_faults_are_told_at_once():
    state = CameraState(MODE, EXPOSURE, EXPOSURE, EXPOSURE, EXPOSURE, EXPOSURE)
    with pytest.raises(UsageError) as caught:
        state.check(ae_mode="fast", man_exp=5, gain=2000, focus=1)
    assert str(caught.value) == (
        "ae_mode is 'fast'; this camera takes 'auto' or 'manual'; gain is 2000; this camera "
        "takes a whole number, 1 to 1000; focus is no setting of the camera"
    )


@given(
    st.sampled_from(["ae_mode", "gain"]),
    st.one_of(
        st.none(),
        st.text(max_size=3),
        st.lists(st.integers(), max_size=2),
        st.dictionaries(
            st.sampled_from(["current_value", "allowed_values", "value_min", "value_max"]),
            st.one_of(st.none(), st.integers(), st.text(max_size=3), st.lists(st.text(max_size=2))),
        ),
    ),
)
def test_a_damaged_reply_is_a_protocol_error_or_a_setting(name, result):
    try:
        control = parse_control(name, result)
    except ProtocolError:
        return
    assert isinstance(control, CameraChoice if name == "ae_mode" else CameraRange)
