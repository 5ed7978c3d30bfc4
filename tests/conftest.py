"""What every test of the project shares."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import socket
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import av  # noqa: F401 - before OpenCV, or the screen cannot be grabbed
import psutil
import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
BEAT_S = 0.005
THREAD_END_S = 10.0  # one that is not ended lives as long as the program
MARK = "NEON_TEST_RUN"


# How long an example takes says something of the computer, and nothing of what is tested.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


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

from psychopy_neon.pytest_plugin import (  # noqa: E402
    neon,  # noqa: F401
    neon_options,  # noqa: F401
    neon_simulator,  # noqa: F401
    neon_truth,  # noqa: F401
    simulated_neon,  # noqa: F401
)


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
    # Looked for again each time, as one that ends may just be starting others, and then ends them.
    while (left := _neon_threads() - before) and time.monotonic() < deadline:
        time.sleep(0.005)
    if left:
        names = sorted(thread.name for thread in left)
        pytest.fail(f"threads survived the test: {', '.join(names)}")


class Stopwatch:
    """Seconds since it was made: all, or those in which this computer let us work.

    What takes its time because we wait for something is told from what takes it because others
    have the processors. A thread that sleeps for a moment, again and again, sees by how much it
    oversleeps; on an idle computer that is nothing.
    """

    def __init__(self) -> None:
        self._started_s = self._beat_s = time.perf_counter()
        self._taken_s = 0.0
        self._lock = threading.Lock()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="stopwatch", daemon=True)
        self._thread.start()

    @property
    def passed_s(self) -> float:
        """All of them."""
        return time.perf_counter() - self._started_s

    @property
    def own_s(self) -> float:
        """Without those that others have taken from us."""
        with self._lock:
            now_s = time.perf_counter()
            return now_s - self._started_s - self._taken_s - self._overslept_s(now_s)

    def close(self) -> None:
        """End the thread."""
        self._ended = True
        self._thread.join()

    def _overslept_s(self, now_s: float) -> float:
        late_s = now_s - self._beat_s - BEAT_S
        return late_s if late_s > BEAT_S else 0.0

    def _run(self) -> None:
        while not self._ended:
            time.sleep(BEAT_S)
            with self._lock:
                now_s = time.perf_counter()
                self._taken_s += self._overslept_s(now_s)
                self._beat_s = now_s


@pytest.fixture
def stopwatch() -> Iterator[Callable[[], Stopwatch]]:
    """Start one; all are stopped when the test ends."""
    with contextlib.ExitStack() as running:

        def start() -> Stopwatch:
            started = Stopwatch()
            running.callback(started.close)
            return started

        yield start


class Leftovers:
    """What one run of a program leaves behind, known by a mark in the environment.

    Every process that the run starts inherits the mark.

    Attributes
    ----------
    mark : dict of str to str
        To be put into the environment of the run.
    """

    def __init__(self) -> None:
        self._value = str(uuid.uuid4())
        self.mark = {MARK: self._value}

    @property
    def environment(self) -> dict[str, str]:
        """Ours, with the mark."""
        return {**os.environ, **self.mark}

    def end(self, patience_s: float) -> list[str]:
        """Names of processes that do not end by themselves in time; these are killed."""
        deadline = time.monotonic() + patience_s
        while (running := self._marked()) and time.monotonic() < deadline:
            time.sleep(0.05)
        names = [" ".join(process.cmdline()) for process in running]
        for process in running:
            process.kill()
        psutil.wait_procs(running, patience_s)
        return names

    @staticmethod
    def is_free(udp_port: int) -> bool:
        """Whether nobody has a port any more."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("", udp_port))
            except OSError:
                return False
        return True

    def _marked(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get(MARK) == self._value:
                    found.append(process)
            except (psutil.Error, OSError):
                continue  # it has ended, or belongs to somebody else
        return found


@pytest.fixture(scope="session")
def leftovers() -> type[Leftovers]:
    """Make one for each run, to find and end what outlives it."""
    return Leftovers
