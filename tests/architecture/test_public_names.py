"""What `import psychopy_neon` costs, and what it offers."""

from __future__ import annotations

import inspect
import json
import pickle
import pkgutil
import re
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pytest

import psychopy_neon
import psychopy_neon.exceptions
import psychopy_neon.samples

HEAVY = {"psychopy", "av", "cv2", "zeroconf", "requests", "websockets", "numpy"}

SAMPLE_MODULES = [module.name for module in pkgutil.iter_modules(psychopy_neon.samples.__path__)]

LIST_MODULES = "import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"


def _loaded_by_importing(module: str, folder: Path) -> set[str]:
    """Top-level modules that a fresh interpreter holds after importing `module`."""
    code = LIST_MODULES.format(module=module)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return {name.split(".")[0] for name in json.loads(done.stdout)}


def _own_classes(module: ModuleType) -> set[str]:
    classes = inspect.getmembers(module, inspect.isclass)
    return {name for name, value in classes if value.__module__ == module.__name__}


@pytest.mark.parametrize(
    "module",
    ["psychopy_neon", *(f"psychopy_neon.{name}" for name in ("cli.main", "pytest_plugin"))],
)
def test_importing_it_loads_nothing_heavy(module: str, tmp_path: Path) -> None:
    """PsychoPy imports every plugin's top-level package in every experiment."""
    assert _loaded_by_importing(module, tmp_path) & HEAVY == set()


@pytest.mark.parametrize("name", psychopy_neon.__all__)
def test_every_public_name_resolves(name: str) -> None:
    assert getattr(psychopy_neon, name) is not None


def test_every_error_and_every_sample_is_public() -> None:
    errors = _own_classes(psychopy_neon.exceptions)
    assert errors and errors | set(psychopy_neon.samples.__all__) <= set(psychopy_neon.__all__)


@pytest.mark.parametrize("name", sorted(_own_classes(psychopy_neon.exceptions)))
def test_every_error_survives_the_way_to_another_process(name: str) -> None:
    kind = getattr(psychopy_neon, name)
    arguments = {
        "DeviceError": (500, "no camera", "RTSP PLAY"),
        "InvalidAnswersError": (["One is wrong.", "Another too."],),
    }
    error = kind(*arguments.get(name, ("a sentence",)))
    twin = pickle.loads(pickle.dumps(error))
    assert type(twin) is kind and str(twin) == str(error) and vars(twin) == vars(error)


def test_every_sample_is_in_the_list_of_its_package() -> None:
    modules = [import_module(f"psychopy_neon.samples.{name}") for name in SAMPLE_MODULES]
    classes = set().union(*map(_own_classes, modules))
    assert classes <= set(psychopy_neon.samples.__all__)
    assert {"GazeSample", "VideoFrame", "MatchedSceneAudio"} <= classes


def test_public_names_are_offered_by_dir() -> None:
    """Editors complete from it."""
    assert set(psychopy_neon.__all__) <= set(dir(psychopy_neon))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=re.escape("no attribute 'Neno'")):
        _ = psychopy_neon.Neno


def test_the_version_is_the_installed_one() -> None:
    assert psychopy_neon.__version__ == version("psychopy-neon")
