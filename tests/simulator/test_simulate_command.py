from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
import requests

from psychopy_neon.cli import simulate
from psychopy_neon.cli.main import main
from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator.scenario_lines import scenario_of

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


FILES = {
    "text": "x",
    "path.json": '{"path": [[0, 1, 2]]}',
    "key.json": '{"nose": 1}',
    "place.json": '{"on_event": {"x": [1]}}',
    "time.json": '[{"at": -1, "do": "blink"}]',
    "step.json": '[{"at": 0, "do": "wink"}]',
    "share.json": '[{"at": 0, "do": "lose", "stream": "gaze", "share": 3}]',
    "world.json": '[{"at": 0, "do": "lose", "stream": "world", "share": 1}]',
    "open.yaml": "- at: 0\n  do: [",
}


@pytest.fixture(scope="module")
def bad_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad")
    for name, content in FILES.items():
        (folder / name).write_text(content, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("--port 70000", "ports must be 0 to 65535"),
        ("--port {taken}", "cannot listen on 127.0.0.1, port {taken}: "),
        ("--control {taken}", "cannot listen on control port {taken}: "),
        ("--control 70000", "control port must be 0 to 65535"),
        ("--host 203.0.113.5", "cannot listen on 203.0.113.5, port (any): "),
        ("--serial 1234567", "module_serial has 1 to 6 digits"),
        ("--participant no-such-file.json", "cannot read the participant file no-such-file.json"),
        ("--participant {folder}/text", "cannot read the participant file"),
        ("--participant {folder}", "cannot read the participant file"),
        ("--participant {folder}/path.json", "every duration_s in a participant's path"),
        ("--participant {folder}/key.json", "only the keys ['on_event', 'path'"),
        ("--participant {folder}/place.json", "expected 2 number(s), got [1]"),
        ("--noise -1", "noise_px must be between"),
        ("--noise nan", "noise_px must be between"),
        ("--blinks 1000", "blinks_per_minute must lie between"),
        ("--seed -1", "seed must be 0 or more"),
        ("--blinks nan", "blinks_per_minute must lie between"),
        ("--screen 5x5", "screen_px must be 100 to 16384"),
        ("--turn 90", "head_turn_deg must lie between"),
        ("--patch 0.01", "patch_period_s must be 0, or between"),
        ("--patch 1 --display-lag 3", "display_lag_s must be between"),
        ("--offset inf", "offset_s must lie between"),
        ("--drift nan", "drift_ppm must lie between"),
        ("--gaze-bytes 10", "gaze_bytes must be one of"),
        ("--microphone --no-scene", "microphone needs scene"),
        ("--sensor-skew nan", "sensor_skew_s must lie between"),
        ("--scenario no-such-file.json", "cannot read the scenario file no-such-file.json"),
        ("--scenario {folder}", "cannot read the scenario file"),
        ("--scenario {folder}/open.yaml", "cannot read the scenario file"),
        ("--scenario {folder}/time.json", "step 1: at must be 0 to 86400 seconds, not -1."),
        ("--scenario {folder}/step.json", "step 1: there is no 'wink'"),
        ("--scenario {folder}/share.json", "step 1: share of lose must be a number from 0 to 1"),
        ("--no-scene --scenario {folder}/world.json", "these glasses have no stream 'world'"),
        ("--do wink", "step 1: there is no 'wink'"),
        ("--do lose", "step 1: lose needs stream and share"),
        ("--recordings {folder}/text", "cannot make the folder"),
        ("--truth {folder}", "cannot write the truth log"),
        ("--truth {folder}/text/x", "cannot write the truth log"),
        ("--log-sends", "log_sends needs truth_path"),
        ("--replay no-such-folder", "there is no recording folder no-such-folder."),
        ("--replay {folder}", "cannot read the recording"),
        ("--replay {folder} --mouse", "replay and the mouse exclude each other"),
        ("--replay {folder} --gaze-model human", "replay and the human gaze model exclude"),
        ("--replay {folder} --speed 0", "replay_speed must be between"),
        ("--replay {folder} --start nan", "replay_start_s must be between"),
        ("--start 3", "start, end and speed of a replay need replay"),
        ("--once", "start, end and speed of a replay need replay"),
        ("--speed 2", "start, end and speed of a replay need replay"),
    ],
)
def test_what_cannot_be_is_one_sentence(bad_files, monkeypatch, capsys, line, reason):
    monkeypatch.setattr(simulate, "_stop_on_signals", threading.Event)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        names = {"folder": bad_files.as_posix(), "taken": taken.getsockname()[1]}
        assert main(["simulate", *(part.format(**names) for part in line.split())]) == 1
    printed = capsys.readouterr()
    assert printed.out == "" and len(printed.err.splitlines()) == 1
    assert printed.err.startswith("psychopy-neon: ") and reason.format(**names) in printed.err


def test_steps_on_the_command_line_join_those_of_the_file(tmp_path):
    assert scenario_of(None, []) is None
    (lose,) = scenario_of(None, ["lose stream=gaze share=0.02 at=20"]).steps
    assert (lose.at_s, lose.do, lose.arguments) == (20, "lose", {"stream": "gaze", "share": 0.02})
    (tmp_path / "file.json").write_text('{"seed": 7, "steps": [{"at": 10, "do": "blink"}]}')
    both = scenario_of(tmp_path / "file.json", ["unplug", "replug at=15"])
    assert [(step.at_s, step.do) for step in both.steps] == [
        (0, "unplug"),
        (10, "blink"),
        (15, "replug"),
    ]
    assert both.seed == 7
    (quoted,) = scenario_of(None, ["http_error status=503 path='/api/event'"]).steps
    assert quoted.arguments == {"status": 503, "path": "/api/event"}
    for wrong in ("", "lose gaze", "lose 'stream"):
        with pytest.raises(UsageError, match="is no step: write it like"):
            scenario_of(None, [wrong])


@pytest.mark.parametrize(
    "line",
    [
        *("--nonsense", "--port here", "--control here", "--screen wide", "--model core"),
        *("--gaze-model robot", "--blinking tags", "--noise much", "--seed x"),
    ],
)
def test_a_wrong_command_line_says_which_option(capsys, line):
    with pytest.raises(SystemExit) as stopped:
        main(["simulate", *line.split()])
    printed = capsys.readouterr()
    assert stopped.value.code == 2 and printed.out == ""
    assert line.split()[0] in printed.err.splitlines()[-1]


def test_bad_arguments_end_the_program(tmp_path):
    process = start("--port", "70000")
    output, errors = process.communicate(timeout=30)
    assert (process.returncode, output) == (1, "")
    assert len(errors.splitlines()) == 1


def test_control_is_the_second_line_and_a_scenario_is_played(tmp_path):
    scenario = tmp_path / "scenario.json"
    scenario.write_text('{"seed": 7, "steps": [{"at": 0, "do": "battery", "percent": 4}]}')
    more = ["--do", "cut_link seconds=0.1", "--do", "lose stream=gaze share=0.5 at=0.05"]
    process = start("--no-scene", "--control", "0", "--scenario", str(scenario), *more)
    try:
        ready, url = process.stdout.readline().split()
        control, control_url = process.stdout.readline().split()
        assert (ready, control) == ("ready", "control")
        with requests.Session() as http:
            http.trust_env = False
            deadline = time.monotonic() + 10
            while http.get(f"{control_url}/truth", timeout=5).json()["steps"] < 3:
                assert time.monotonic() < deadline
                time.sleep(0.01)
            status = http.get(f"{url}/api/status", timeout=5).json()["result"]
            (phone,) = (part["data"] for part in status if part["model"] == "Phone")
            assert phone["battery_level"] == 4
            faults = http.get(f"{control_url}/state", timeout=5).json()["streams"]
            assert (faults["gaze"]["lost"], faults["imu"]["lost"]) == (0.5, 0)
            assert http.post(f"{control_url}/unplug", timeout=5).status_code == 200
    finally:
        process.terminate()
        rest, errors = process.communicate(timeout=15)
        process.kill()
    assert (rest, errors) == ("", "")
    assert process.returncode == 0 or os.name == "nt"


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


@pytest.mark.parametrize(
    ("arguments", "model"),
    [
        ([], "human"),
        (["--gaze-model", "exact"], "exact"),
        (["--mouse"], "exact"),
        (["--mouse", "--gaze-model", "human"], "human"),
        (["--replay", "folder"], "exact"),
    ],
)
def test_eyes_move_naturally_unless_told_where_to_look(arguments, model):
    parser = argparse.ArgumentParser()
    simulate.add_parser(parser.add_subparsers())
    options = simulate._options(parser.parse_args(["simulate", "--seed", "3", *arguments]))
    assert (options.gaze_model, options.seed) == (model, 3)


def test_recordings_and_replay_arrive():
    parser = argparse.ArgumentParser()
    simulate.add_parser(parser.add_subparsers())
    wanted = ["--replay", "old", "--start", "3.5", "--once", "--speed", "2", "--recordings", "new"]
    options = simulate._options(parser.parse_args(["simulate", *wanted]))
    assert (options.replay, options.recordings) == ("old", "new")
    assert (options.replay_start_s, options.replay_loops, options.replay_speed) == (3.5, False, 2.0)
