"""A wheel of this checkout, and an environment that holds PsychoPy and then that wheel."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

INSTALL_LIMIT_S = 600


class Environment(NamedTuple):
    """An environment with nothing of the one that runs the tests.

    `before` and `after` are the versions installed without and with our wheel.
    """

    python: Path
    before: dict[str, str]
    after: dict[str, str]


@pytest.fixture(scope="session")
def wheel(dev: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built the way dev.py builds the one that the tests run against."""
    target = tmp_path_factory.mktemp("wheel")
    _run(dev.build_wheel_command(sys.executable, target), target)
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def wheel_names(wheel: Path) -> frozenset[str]:
    """Paths of the files in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return frozenset(archive.namelist())


@pytest.fixture(scope="session")
def fresh_environment(
    dev: ModuleType, wheel: Path, pytestconfig: pytest.Config
) -> Iterator[Environment]:
    """PsychoPy and our wheel, and nothing else that was asked for."""
    pristine = _pristine_environment(dev.PSYCHOPY, _cache_folder(pytestconfig))
    folder = pristine.with_name(f"{pristine.name}-with-wheel")
    shutil.rmtree(folder, ignore_errors=True)
    _copy_environment(pristine, folder)
    python = _python_of(folder)
    before = _versions(python)
    _run([str(python), "-m", "pip", "install", str(wheel)], folder)
    yield Environment(python, before, _versions(python))
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def fresh_python(fresh_environment: Environment) -> Path:
    """The interpreter of an environment with PsychoPy, our wheel, and what it required."""
    return fresh_environment.python


@pytest.fixture(scope="session")
def versions_before_and_after(
    fresh_environment: Environment,
) -> tuple[dict[str, str], dict[str, str]]:
    """Versions installed beside PsychoPy without and with our wheel, by package."""
    return fresh_environment.before, fresh_environment.after


def _cache_folder(config: pytest.Config) -> Path:
    assert config.cache is not None
    return Path(config.cache.mkdir("psychopy-neon-environments"))


def _pristine_environment(psychopy: str, cache: Path) -> Path:
    """Make an environment with PsychoPy alone (about a minute), or take the one of last time."""
    name = f"psychopy-{psychopy}-python-{'.'.join(map(str, sys.version_info[:3]))}"
    folder = cache / name
    if not folder.exists():
        making = cache / f"{name}-{os.getpid()}"
        _run([sys.executable, "-m", "venv", str(making)], cache)
        _run([str(_python_of(making)), "-m", "pip", "install", f"psychopy=={psychopy}"], cache)
        making.rename(folder)
    return folder


def _copy_environment(source: Path, target: Path) -> None:
    """Copy by hard links where the disk can: pip replaces files and never writes into them."""
    try:
        shutil.copytree(source, target, symlinks=True, copy_function=os.link)
    except (shutil.Error, OSError):
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target, symlinks=True)


def _python_of(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _versions(python: Path) -> dict[str, str]:
    listing = _run([str(python), "-m", "pip", "list", "--format", "json"], python.parent)
    return {entry["name"]: entry["version"] for entry in json.loads(listing)}


def _run(command: list[str], folder: Path) -> str:
    leaks = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    variables = {name: value for name, value in os.environ.items() if name not in leaks}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**variables, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        capture_output=True,
        text=True,
        timeout=INSTALL_LIMIT_S,
    )
    assert done.returncode == 0, f"{command} failed:\n{done.stdout}\n{done.stderr}"
    return done.stdout
