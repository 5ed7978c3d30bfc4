"""What every test of the project shares."""

from __future__ import annotations

import importlib.util
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
THREAD_END_S = 3.0


def _prefer_what_is_installed() -> None:
    """Keep the checkout off the import path if the package is installed, as users have it.

    The checkout would hide the installed package, and has neither `builder_components` nor
    `demos` where their names say.
    """
    kept = list(sys.path)
    sys.path[:] = [entry for entry in kept if Path(entry).resolve() != ROOT]
    importlib.invalidate_caches()
    if importlib.util.find_spec("psychopy_neon") is None:
        sys.path[:] = kept


_prefer_what_is_installed()


def _load_dev() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dev", ROOT / "dev.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def repository() -> Path:
    """Root of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def dev() -> ModuleType:
    """The module ``dev.py``."""
    return _load_dev()


@pytest.fixture(scope="session")
def shared_reference() -> Path:
    """Folder with the recorded facts about phone and PsychoPy, which not everybody has."""
    folder = ROOT.parent / "shared" / "reference"
    if not folder.is_dir():
        pytest.skip(f"no folder {folder}")
    return folder


@pytest.fixture(scope="session")
def display(dev: ModuleType) -> Iterator[None]:
    """A display to open windows on; on a headless Linux one of our own, for all tests."""
    missing = dev.missing_packages() if dev.is_headless() else []
    if missing:
        pytest.skip(f"no display, and these system packages are missing: {' '.join(missing)}")
    with dev.display() as variables, pytest.MonkeyPatch.context() as patch:
        if "DISPLAY" in variables:
            patch.setenv("DISPLAY", variables["DISPLAY"])
        yield


def _neon_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name.startswith("neon-")}


@pytest.fixture(autouse=True)
def no_thread_survives() -> Iterator[None]:
    """Fail a test that leaves a thread of ours behind: something was not closed.

    Threads of fixtures that outlive the test exist before it, and are none of its business.
    """
    before = _neon_threads()
    yield
    deadline = time.monotonic() + THREAD_END_S
    for thread in _neon_threads() - before:
        thread.join(max(0.0, deadline - time.monotonic()))
    left = sorted(thread.name for thread in _neon_threads() - before)
    if left:
        pytest.fail(f"threads survived the test: {', '.join(left)}")
