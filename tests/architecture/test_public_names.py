"""What `import psychopy_neon` costs, and what it offers."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pytest

import psychopy_neon
import psychopy_neon.exceptions
import psychopy_neon.samples

HEAVY = {"psychopy", "av", "cv2", "zeroconf", "requests", "websockets", "numpy"}

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


@pytest.mark.parametrize("module", ["psychopy_neon", "psychopy_neon.cli.main"])
def test_importing_it_loads_nothing_heavy(module: str, tmp_path: Path) -> None:
    """PsychoPy imports every plugin's top-level package in every experiment."""
    assert _loaded_by_importing(module, tmp_path) & HEAVY == set()


@pytest.mark.parametrize("name", psychopy_neon.__all__)
def test_every_public_name_resolves(name: str) -> None:
    assert getattr(psychopy_neon, name) is not None


def test_every_error_and_every_sample_is_public() -> None:
    classes = _own_classes(psychopy_neon.exceptions) | _own_classes(psychopy_neon.samples)
    assert classes <= set(psychopy_neon.__all__)


def test_public_names_are_offered_by_dir() -> None:
    """Editors complete from it."""
    assert set(psychopy_neon.__all__) <= set(dir(psychopy_neon))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=re.escape("no attribute 'Neno'")):
        _ = psychopy_neon.Neno


def test_the_version_is_the_installed_one() -> None:
    assert psychopy_neon.__version__ == version("psychopy-neon")
