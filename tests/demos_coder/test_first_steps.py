"""The script as a user runs it: in a process of its own, from a folder of one's own."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

RED_BGR = (0, 0, 255)


def run(script: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", str(script), *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture(scope="module")
def script(repository) -> Path:
    return repository / "demos" / "coder" / "first_steps.py"


@pytest.fixture(scope="module")
def result(script, tmp_path_factory):
    """One run without glasses, and the folder that it ran in."""
    folder = tmp_path_factory.mktemp("a folder of mine")
    return run(script, "--simulate", cwd=folder), folder


def test_it_runs_without_glasses_and_without_complaint(result):
    finished, _ = result
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert finished.stderr == ""


@pytest.mark.parametrize(
    "expected",
    [
        r"^Connected to 'Simulated Neon' at 127\.0\.0\.1$",
        r"^  glasses:  serial number 123456$",
        r"^  battery:  \d+ %$",
        r"^  storage:  \d+\.\d GB free$",
        r"^Recording [0-9a-f-]{36} is running$",
        r"^Event 'something happened' is confirmed$",
        r"^Event 'it happened earlier' is confirmed$",
        r"^A scene picture of 1600 x 1200 pixels, \d\d:\d\d:\d\d\.\d{3}$",
        r"^A gaze sample at \(-?\d+, -?\d+\) pixels, ",
        r"^  pupils: left \d\.\d mm, right \d\.\d mm$",
        r"^The recording is saved\. Of 2 events, 2 were confirmed$",
        r"^  gaze: \d+ samples received, 0 lost on the way$",
    ],
)
def test_it_says_what_it_does(result, expected):
    finished, _ = result
    assert re.search(expected, finished.stdout, re.MULTILINE), finished.stdout


def test_the_event_with_a_time_lies_half_a_second_before_the_other(result):
    finished, _ = result
    times = re.findall(r"time on the phone: (\d\d):(\d\d):([\d.]+)$", finished.stdout, re.MULTILINE)
    (now, earlier) = [int(h) * 3600 + int(m) * 60 + float(s) for h, m, s in times]
    assert 0.4 < (now - earlier) % 86_400 < 0.6
    bounds = re.findall(r"known to within:   ([\d.]+) ms", finished.stdout)
    assert all(0 < float(bound) < 5 for bound in bounds) and len(bounds) == 2


def test_gaze_and_picture_of_a_pair_are_at_most_half_a_gaze_sample_apart(result):
    finished, _ = result
    (distance_ms,) = re.findall(r"are ([\d.]+) ms apart", finished.stdout)
    assert float(distance_ms) <= 2.6


def test_the_picture_shows_the_scene_with_a_circle_around_the_gaze(result):
    _, folder = result
    picture = cv2.imread(str(folder / "first_steps.png"))
    assert picture.shape == (1200, 1600, 3)
    assert (picture < 40).all(axis=2).sum() > 3_000, "the black of the markers is missing"
    red = (picture == np.array(RED_BGR)).all(axis=2)
    rows, columns = np.nonzero(red)
    # A ring of radius 45 and width 8, unless the gaze is at the very edge.
    assert 1_500 < len(rows) < 3_000
    assert 88 <= np.ptp(columns) <= 102 and 88 <= np.ptp(rows) <= 102
    centre = round(columns.mean()), round(rows.mean())
    assert not red[centre[1], centre[0]]


def test_a_wrong_address_is_one_clear_sentence(script, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    finished = run(script, address, cwd=tmp_path)
    assert finished.returncode == 1
    assert re.fullmatch(r"That did not work: no Neon at .*refused.*\n", finished.stderr)
    assert list(tmp_path.iterdir()) == []
