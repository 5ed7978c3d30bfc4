from __future__ import annotations

import contextlib
import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.protocol import status as s

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.sampled_from(["ip", "id", "sensor", "x"]), children, max_size=3)
    ),
    max_leaves=8,
)


def test_golden_vectors(vectors):
    for vector in vectors("status"):
        status, expect = s.parse_status(vector["json"]["result"]), vector["expect"]
        for name in ("phone", "hardware", "recording"):
            component, wanted = getattr(status, name), expect[name]
            if wanted is None:
                assert component is None, vector["name"]
                continue
            for key, value in wanted.items():
                assert getattr(component, key) == value, (vector["name"], key)
        for name, url in expect["direct_urls"].items():
            sensor = status.sensor(name)
            assert sensor is not None and sensor.url == url, (vector["name"], name)


def test_components_survive_a_round_trip():
    components = (
        s.Phone("192.0.2.1", "id", "name", 50, "OK", 10**10, "OK", 12321),
        s.Hardware("2.0", "123456"),
        s.Sensor("gaze", "DIRECT", True, "192.0.2.1", 8086, "camera=gaze"),
        s.Recording("an-id", "START"),
        s.StoredEvent("blink twice", 17, "an-id"),
    )
    for component in components:
        assert s.parse_component(component.to_json()) == component


@pytest.mark.parametrize(
    ("action", "running"),
    [("START", True), ("started", True), ("STOP", False), ("stopped", False), ("SAVE", False),
     ("DISCARD", False), ("ERROR", False), ("", True)],
)  # fmt: skip
def test_final_actions_end_a_recording(action, running):
    assert s.Recording("id", action).is_running is running


def test_an_event_may_lack_its_name_but_not_its_time():
    event = s.parse_component({"model": "Event", "data": {"timestamp": 5}})
    assert event == s.StoredEvent(None, 5, None)
    with pytest.raises(ProtocolError, match="Event lacks timestamp"):
        s.parse_component({"model": "Event", "data": {"name": "go"}})


def test_hardware_nulls_mean_no_glasses():
    message = {"model": "Hardware", "data": {"version": None, "module_serial": None}}
    assert s.parse_component(message) == s.Hardware()


def test_unknown_models_are_ignored_and_broken_ones_left_out():
    status = s.parse_status([{"model": "New", "data": 3}, {"model": "Phone", "data": {}}, 7])
    assert status == s.Status()


def test_an_update_leaves_the_old_snapshot_alone():
    before = s.Status()
    after = before.updated(s.Sensor("gaze", "DIRECT"))
    assert before.sensor("gaze") is None
    assert after.sensor("gaze") == s.Sensor("gaze", "DIRECT")


def test_no_phone_can_make_a_status_grow_for_ever():
    status = s.Status()
    for number in range(s.MAX_COMPONENTS + 5):
        status = status.updated(s.Sensor(str(number), "DIRECT"))
    assert len(status.sensors) == s.MAX_COMPONENTS
    known = s.Sensor("0", "DIRECT", connected=True)
    assert status.updated(known).sensor("0") == known


@given(st.sampled_from(["Phone", "Hardware", "Sensor", "Recording", "Event"]), json_values)
def test_any_json_gives_a_component_or_a_protocol_error(model, data):
    with contextlib.suppress(ProtocolError):
        s.parse_component({"model": model, "data": data})


def test_no_name_can_forge_a_line_of_the_log_but_an_event_keeps_its_own():
    forged = "lab 3\n2026-01-01 WARNING: all is well\x1b[2K"
    data = {"ip": "a", "device_id": "b", "device_name": forged}
    phone = s.parse_component({"model": "Phone", "data": data})
    assert phone.device_name == "lab 3\ufffd2026-01-01 WARNING: all is well\ufffd[2K"
    event = s.parse_component({"model": "Event", "data": {"name": forged, "timestamp": 1}})
    assert event.name == forged


def test_a_battery_level_given_as_float_is_taken():
    data = {"ip": "a", "device_id": "b", "device_name": "c", "battery_level": 71.0}
    phone = s.parse_component({"model": "Phone", "data": data})
    assert phone == s.Phone("a", "b", "c", 71)


def test_a_sensor_that_is_hardly_described_is_not_connected():
    sensor = s.parse_component(
        {"model": "Sensor", "data": {"sensor": "gaze", "conn_type": "DIRECT"}}
    )
    assert sensor == s.Sensor("gaze", "DIRECT", False, None, None, None, "rtsp", False)


@pytest.mark.parametrize("unknown", [{"connected": False}, {"ip": None}, {"port": None}])
def test_only_a_connected_sensor_with_an_address_has_a_url(unknown):
    known = s.Sensor("gaze", "DIRECT", True, "192.0.2.1", 8086, "camera=gaze")
    assert known.url == "rtsp://192.0.2.1:8086/?camera=gaze"
    assert dataclasses.replace(known, **unknown).url is None


@pytest.mark.parametrize("components", [None, {}, "text", 3])
def test_a_status_that_is_no_list_is_refused(components):
    with pytest.raises(ProtocolError):
        s.parse_status(components)
