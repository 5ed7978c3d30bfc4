from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time

import pytest
import requests

from psychopy_neon.cli import simulate

COMMAND = [sys.executable, "-m", "psychopy_neon", "simulate"]


def start(*arguments):
    # A group of its own: Windows delivers Ctrl-Break to whole groups only.
    flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    return subprocess.Popen(
        [*COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        creationflags=flags,
    )


@pytest.mark.parametrize(
    "signal_name", ["SIGTERM", "SIGINT"] if os.name != "nt" else ["CTRL_BREAK_EVENT"]
)
def test_serves_until_it_is_told_to_end(tmp_path, signal_name):
    truth = tmp_path / "truth.jsonl"
    process = start("--truth", str(truth), "--no-scene", "--offset", "2.5", "--drift", "-10")
    try:
        word, url = process.stdout.readline().split()
        assert word == "ready"
        with requests.Session() as http:
            http.trust_env = False
            assert http.get(f"{url}/api/status", timeout=5).status_code == 200
        process.send_signal(getattr(signal, signal_name))
        rest, errors = process.communicate(timeout=15)
    finally:
        process.kill()
    assert (process.returncode, rest, errors) == (0, "", "")
    first = json.loads(truth.read_text(encoding="utf-8").splitlines()[0])
    assert first["drift_ppm"] == -10


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--participant", "no-such-file.json"], 1),
        (["--screen", "wide"], 2),
        (["--port", "70000"], 1),
        (["--drift", "nan"], 1),
        (["--control", "70000"], 1),
        (["--control", "here"], 2),
        (["--scenario", "no-such-file.json"], 1),
        (["--nonsense"], 2),
    ],
)
def test_bad_arguments_end_with_one_sentence(arguments, code):
    process = start(*arguments)
    output, errors = process.communicate(timeout=30)
    assert process.returncode == code
    assert output == "" and "Traceback" not in errors
    assert len(errors.strip().splitlines()[-1]) > 20


def test_control_is_the_second_line_and_a_scenario_is_played(tmp_path):
    scenario = tmp_path / "scenario.json"
    scenario.write_text('{"seed": 7, "steps": [{"at": 0, "do": "battery", "percent": 4}]}')
    process = start("--no-scene", "--control", "0", "--scenario", str(scenario))
    try:
        ready, url = process.stdout.readline().split()
        control, control_url = process.stdout.readline().split()
        assert (ready, control) == ("ready", "control")
        with requests.Session() as http:
            http.trust_env = False
            deadline = time.monotonic() + 10
            while http.get(f"{control_url}/truth", timeout=5).json()["steps"] < 1:
                assert time.monotonic() < deadline
                time.sleep(0.01)
            status = http.get(f"{url}/api/status", timeout=5).json()["result"]
            (phone,) = (part["data"] for part in status if part["model"] == "Phone")
            assert phone["battery_level"] == 4
            assert http.post(f"{control_url}/unplug", timeout=5).status_code == 200
    finally:
        process.terminate()
        rest, errors = process.communicate(timeout=15)
        process.kill()
    assert (rest, errors) == ("", "")
    assert process.returncode == 0 or os.name == "nt"


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ('[{"at": -1, "do": "blink"}]', "step 1: at must be 0 to 86400 seconds, not -1."),
        ('[{"at": 0, "do": "wink"}]', "step 1: there is no 'wink'"),
        ('[{"at": 0, "do": "lose", "stream": "world", "share": 1}]', "no stream 'world'"),
    ],
)
def test_a_wrong_scenario_ends_it_before_it_is_ready(tmp_path, steps, reason):
    scenario = tmp_path / "scenario.json"
    scenario.write_text(steps)
    process = start("--no-scene", "--scenario", str(scenario))
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, output) == (1, "")
    assert reason in errors and len(errors.strip().splitlines()) == 1


def test_options_arrive():
    parser = argparse.ArgumentParser()
    simulate.add_parser(parser.add_subparsers())
    line = "simulate --port 8080 --screen 1920x1080 --still --noise 3 --serial 111111 --name Lab"
    options = simulate._options(parser.parse_args(line.split()))
    assert (options.http_port, options.screen_px, options.head_moves) == (8080, (1920, 1080), False)
    assert (options.noise_px, options.module_serial, options.phone_name) == (3.0, "111111", "Lab")
    assert options.host == "127.0.0.1" and not options.advertise and not options.film_screen
    own = simulate._options(parser.parse_args(["simulate", "--screen", "own", "--mouse"]))
    assert own.film_screen and own.gaze_follows == "mouse"


def test_streams_can_be_chosen_on_the_command_line():
    parser = argparse.ArgumentParser()
    simulate.add_parser(parser.add_subparsers())
    wanted = ["--gaze-bytes", "105", "--blinks", "12", "--microphone", "--sensor-skew", "-571.5"]
    options = simulate._options(parser.parse_args(["simulate", *wanted]))
    assert (options.gaze_bytes, options.blinks_per_minute) == (105, 12)
    assert (options.microphone, options.sensor_skew_s) == (True, -571.5)


def test_recordings_and_replay_arrive():
    parser = argparse.ArgumentParser()
    simulate.add_parser(parser.add_subparsers())
    wanted = ["--replay", "old", "--start", "3.5", "--once", "--speed", "2", "--recordings", "new"]
    options = simulate._options(parser.parse_args(["simulate", *wanted]))
    assert (options.replay, options.recordings) == ("old", "new")
    assert (options.replay_start_s, options.replay_loops, options.replay_speed) == (3.5, False, 2.0)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--gaze-bytes", "10"], "gaze_bytes must be one of"),
        (["--microphone", "--no-scene"], "microphone needs scene"),
        (["--blinks", "-1"], "blinks_per_minute must lie"),
        (["--replay", "no-such-folder"], "there is no recording folder no-such-folder."),
        (["--replay", ".", "--mouse"], "replay and the mouse exclude each other"),
    ],
)
def test_impossible_streams_are_one_sentence(arguments, reason):
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and done.stdout == ""
    assert reason in done.stderr and len(done.stderr.strip().splitlines()) == 1
