"""Every name, argument and field of the official simple module, read from the module itself."""

from __future__ import annotations

import dataclasses
import importlib
import inspect

import pytest

import psychopy_neon.simple as ours
from psychopy_neon.protocol.gaze import KNOWN_LENGTHS, pack_gaze, parse_gaze
from psychopy_neon.simple.gaze_of_sample import gaze_tuple
from psychopy_neon.simulator.gaze_payload import gaze_payload
from psychopy_neon.simulator.look import Look

official = pytest.importorskip(
    "pupil_labs.realtime_api.simple", reason="the makers' client is not installed"
)
MEMBERS = [name for name in dir(official.Device) if not name.startswith("_")]
HOMES = ("models", "simple.models", "streaming.gaze", "streaming.imu", "streaming.eye_events")
TYPES = [
    *("AudioFrame", "BinoAndDualMonoGazeData", "BlinkEventData", "CameraState"),
    *("ControlStateEnum", "ControlStateInteger", "Data3D", "DiscoveredDeviceInfo", "Event"),
    *("DualMonocularGazeData", "Point"),
    *("EyestateEyelidDualMonoGazeData", "EyestateEyelidGazeData", "EyestateGazeData"),
    *("FixationEventData", "FixationOnsetEventData", "GazeData", "IMUData"),
    *("MatchedGazeEyesSceneItem", "MatchedItem", "MatchedSceneAudioItem", "Quaternion"),
    *("Sensor", "SimpleVideoFrame", "TemplateItem", "TimeEchoEstimates"),
]


def official_type(name):
    for home in (*HOMES, "streaming.audio", "camera_control", "time_echo"):
        module = importlib.import_module(f"pupil_labs.realtime_api.{home}")
        if hasattr(module, name):
            return getattr(module, name)
    raise AssertionError(f"the official client has no {name}")


def arguments(function):
    return [(p.name, p.kind, p.default) for p in inspect.signature(function).parameters.values()]


def fields(one):
    if hasattr(one, "_fields"):
        return one._fields
    return tuple(f.name for f in dataclasses.fields(one) if not f.name.startswith("_"))


@pytest.mark.parametrize("name", official.__all__)
def test_every_name_of_the_module_is_here(name):
    assert name in ours.__all__ and hasattr(ours, name)


@pytest.mark.parametrize("name", ["Device", "discover_devices", "discover_one_device"])
def test_functions_and_constructor_take_the_same_arguments(name):
    assert arguments(getattr(ours, name)) == arguments(getattr(official, name))


@pytest.mark.parametrize("name", MEMBERS)
def test_every_member_of_device_is_here_with_the_same_arguments(name):
    theirs, mine = (inspect.getattr_static(m.Device, name) for m in (official, ours))
    assert type(mine) is type(theirs)
    if inspect.isfunction(theirs):
        assert arguments(mine) == arguments(theirs)
    elif isinstance(theirs, classmethod):
        assert arguments(getattr(ours.Device, name)) == arguments(getattr(official.Device, name))


@pytest.mark.parametrize("name", TYPES)
def test_every_type_has_the_same_fields_in_the_same_order(name):
    assert fields(getattr(ours, name)) == fields(official_type(name))


@pytest.mark.parametrize("name", TYPES)
def test_every_type_has_the_same_properties_and_methods(name):
    theirs = {m for m in dir(official_type(name)) if not m.startswith("_")}
    makers = {"from_raw", "from_dict", "from_video_frame"}  # from their own bytes and frames
    inherited = {"state_class_by_attr"}  # of their request code
    members = set(dir(getattr(ours, name))) | set(fields(getattr(ours, name)))
    assert theirs - members - makers - inherited == set()


@pytest.mark.parametrize("length", KNOWN_LENGTHS)
def test_the_same_bytes_give_the_same_gaze(length):
    payload = gaze_payload(Look(0, (0.0, 0.0), 900.0, 500.0, 4.0, 0.5), length)
    sample = parse_gaze(payload, device_ns=2_500_000_000, arrived_host_ns=0)
    mine = gaze_tuple(sample)
    data = importlib.import_module("pupil_labs.realtime_api.streaming.base").RTSPData(payload, 2.5)
    assert mine == official_type(type(mine).__name__).from_raw(data)
    assert pack_gaze(sample) == payload


def test_a_template_has_the_same_fields_and_methods():
    theirs = official_type("Template")
    assert set(fields(ours.Template)) == set(fields(theirs))
    methods = [m for m in dir(theirs) if not m.startswith("_") and callable(getattr(theirs, m))]
    assert [m for m in methods if not hasattr(ours.Template, m)] == []


def test_paths_of_the_rest_api_are_the_same():
    theirs = official_type("APIPath")
    assert {p.name: p.value for p in ours.APIPath} == {p.name: p.value for p in theirs}
