"""What a device takes of the computer, and what it leaves behind when it is closed: nothing."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import weakref
from pathlib import Path

import pytest

from psychopy_neon import Neon

FOLDER = Path(__file__).parent
STREAMS = ("gaze", "scene", "eyes", "imu", "eye_events", "audio")
# Between the first hundred and the second: the heap still fills up a little; one closed device that
# is kept would be half a megabyte, with video ten, and a hundred of them 50 or 1000.
MAX_GROWTH_MB = 8.0


def output_of(script, simulator):
    done = subprocess.run(
        [sys.executable, str(FOLDER / script), f"{simulator.address}:{simulator.port}"],
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_client_of_gaze_and_all_video_needs_less_than_ninety_megabytes(simulated_neon):
    memory_mb, gaze, scene, eyes = output_of("read_everything.py", simulated_neon()).split()
    assert int(gaze) > 500 and int(scene) > 75 and int(eyes) > 500
    assert float(memory_mb) < 90


@pytest.mark.skipif(os.name != "posix", reason="counts file descriptors")
def test_after_two_hundred_times_nothing_has_grown(simulated_neon):
    simulator = simulated_neon(scene=False)
    left = json.loads(output_of("open_and_close.py", simulator))
    assert left["threads"] == ["MainThread"]
    before, after = left["files"]
    assert after <= before
    first_hundred_mb, second_hundred_mb = left["memory_mb"]
    assert second_hundred_mb - first_hundred_mb < MAX_GROWTH_MB
    assert left["complaints"] == []
    assert left["longest_close_s"] < 10.0  # a thread that does not end is complained of


@pytest.fixture
def no_garbage_collector():
    """Let only the counting of references free anything."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_garbage_collector")
def test_a_closed_device_is_freed_as_soon_as_nobody_holds_it(simulated_neon):
    """The collector does not know how large pictures are, and may come minutes later."""
    simulator = simulated_neon(microphone=True)
    neon = Neon.connect(simulator.address, simulator.port)
    neon.watch_status(lambda component, neon=neon: None)
    for name in STREAMS:
        getattr(neon, name).start()
    frame = neon.scene.read(10.0)
    assert neon.eyes.read(10.0) and neon.audio.read(10.0)
    parts = {name: getattr(neon, name) for name in (*STREAMS, "recording", "template")}
    watched = {name: weakref.ref(part) for name, part in parts.items()}
    watched |= {f"{name}'s buffer": weakref.ref(parts[name].buffer) for name in STREAMS}
    watched["device"] = weakref.ref(neon)
    neon.close()
    assert frame.luma.shape == (1200, 1600)  # who keeps a picture keeps it
    del neon, parts, frame
    assert [name for name, part in watched.items() if part() is not None] == []


def test_the_decoder_is_freed_when_a_stream_ends(simulated_neon, connect, eventually):
    neon = connect(simulated_neon())
    assert neon.scene.read(10.0) is not None
    receiver = weakref.ref(neon.scene._keeper.progress.receiver)
    received = neon.scene.health.received
    neon.close()
    eventually(lambda: receiver() is None)
    assert neon.scene.health.received >= received > 0  # its counts are kept
