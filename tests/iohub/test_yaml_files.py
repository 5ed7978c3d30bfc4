"""ioHub finds the device by file names and keys; a key it does not expect disables the device."""

from __future__ import annotations

import dataclasses
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import yaml

GROUP = "psychopy.iohub.devices.eyetracker"


@pytest.fixture(scope="module")
def folder(sample_classes: Any) -> Path:
    import psychopy_neon.iohub

    return Path(psychopy_neon.iohub.__file__).parent


def _only_entry(path: Path) -> tuple[str, dict[str, Any]]:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    [(key, values)] = content.items()
    return key, values


@pytest.fixture(scope="module")
def default(folder: Path) -> tuple[str, dict[str, Any]]:
    return _only_entry(folder / "default_eyetracker.yaml")


@pytest.fixture(scope="module")
def supported(folder: Path) -> tuple[str, dict[str, Any]]:
    return _only_entry(folder / "supported_config_settings.yaml")


def test_both_files_and_builder_use_one_key(default: Any, supported: Any) -> None:
    from psychopy_neon.builder_components.eyetracker_settings import NeonRealtimeBackend

    assert default[0] == supported[0] == NeonRealtimeBackend.key


def test_the_key_leads_to_our_entry_point_in_lower_case(default: Any) -> None:
    _, module, class_name = default[0].split(".")
    assert module == module.lower()
    [entry] = [e for e in entry_points(group=GROUP) if e.value.startswith("psychopy_neon")]
    assert entry.name == module
    assert getattr(entry.load(), class_name).__name__ == class_name


def test_psychopys_own_check_accepts_the_default(default: Any) -> None:
    assert _check(default) == {"errors": [], "not_found": []}


def test_psychopys_own_check_is_at_work(default: Any) -> None:
    key, values = default
    found = _check((key, {**values, "adress": "192.0.2.1", "name": "1st"}))
    assert found == {"errors": [("name", "1st")], "not_found": [("adress", "192.0.2.1")]}


def _check(entry: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    from psychopy.iohub.devices.deviceConfigValidation import validateDeviceConfiguration

    module, class_name = entry[0].rsplit(".", 1)
    path = GROUP.removesuffix("eyetracker") + module
    found: dict[str, Any] = validateDeviceConfiguration(path, class_name, dict(entry[1]))
    return found


def test_run_time_settings_of_the_file_are_those_of_the_code(default: Any) -> None:
    from psychopy_neon.iohub.settings import Settings

    assert default[1]["runtime_settings"] == dataclasses.asdict(Settings())


def test_the_devices_name_is_the_one_that_builder_asks_for(default: Any) -> None:
    assert default[1]["name"] == "tracker"


def test_every_event_class_of_the_device_is_there_to_be_found(default: Any) -> None:
    import psychopy_neon.iohub as device

    assert default[1]["monitor_event_types"] == device.EyeTracker.EVENT_CLASS_NAMES
    for name in device.EyeTracker.EVENT_CLASS_NAMES:
        assert isinstance(getattr(device, name), type)


def test_samples_reach_the_data_file(default: Any) -> None:
    assert default[1]["save_events"] is True
    assert default[1]["stream_events"] is True
