"""The command `psychopy-neon` itself: choosing a sub-command, and reporting how it went."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from psychopy_neon.cli.main import COMMANDS, build_parser, exit_code, main
from psychopy_neon.exceptions import DeviceNotFoundError

NO_ARGUMENTS = argparse.Namespace()


def _program(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "psychopy_neon", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


def _fails(args: argparse.Namespace) -> int:
    raise DeviceNotFoundError("no phone answered;\n  is it in the same network?")


def _is_interrupted(args: argparse.Namespace) -> int:
    raise KeyboardInterrupt


def _has_a_bug(args: argparse.Namespace) -> int:
    raise ZeroDivisionError


def test_help_names_every_command(tmp_path: Path) -> None:
    done = _program(tmp_path, "--help")
    assert done.returncode == 0
    assert all(command in done.stdout for command in COMMANDS)


def test_it_says_its_version(tmp_path: Path) -> None:
    assert _program(tmp_path, "--version").stdout == f"psychopy-neon {version('psychopy-neon')}\n"


@pytest.mark.parametrize("arguments", [[], ["dance"]])
def test_a_wrong_command_line_shows_how_to_use_it(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage: psychopy-neon" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    assert f"usage: psychopy-neon {command}" in capsys.readouterr().out


def test_building_the_parser_loads_nothing_heavy(tmp_path: Path) -> None:
    """`psychopy-neon --help` must answer at once."""
    code = (
        "import sys; from psychopy_neon.cli.main import build_parser; build_parser();"
        "print(*{'psychopy', 'av', 'cv2', 'zeroconf', 'requests', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "\n", "")


def test_each_command_runs_its_own_module() -> None:
    _, runs = build_parser()
    assert {name: run.__module__ for name, run in runs.items()} == {
        name: f"psychopy_neon.cli.{name}" for name in COMMANDS
    }


def test_the_exit_code_is_what_the_command_returned() -> None:
    assert exit_code(lambda args: 3, NO_ARGUMENTS) == 3


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("sync --seconds soon", "'soon' is no number of seconds above 0"),
        ("discover --seconds nan", "'nan' is no number of seconds above 0"),
        ("demo reading --trials few", "'few' is no whole number of 1 or more"),
        ("export p --screen-m 0.53", "'0.53' is not like 0.53x0.30"),
        ("export p --screen-px 19x20x21", "'19x20x21' is not like 1920x1080"),
        ("markers --screen-mm axb", "'axb' is not like 531x299"),
    ],
)
def test_a_wrong_value_is_told_in_words(
    line: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        build_parser()[0].parse_args(line.split())
    assert capsys.readouterr().err.endswith(f": {said}\n")


def test_an_error_of_ours_is_one_line_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(_fails, NO_ARGUMENTS) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "psychopy-neon: no phone answered; is it in the same network?\n"


def test_control_c_is_no_traceback() -> None:
    assert exit_code(_is_interrupted, NO_ARGUMENTS) == 130


def test_a_bug_is_not_disguised_as_a_mistake_of_the_user() -> None:
    with pytest.raises(ZeroDivisionError):
        exit_code(_has_a_bug, NO_ARGUMENTS)


def test_text_that_the_output_cannot_show_is_no_traceback(tmp_path: Path) -> None:
    """As on Windows, where what goes to a file has the characters of one part of the world."""
    ledger = '{"kind": "session", "phone_name": "\\u65e5\\u672c"}\n'
    (tmp_path / "p_neon_events.jsonl").write_text(ledger, "ascii")
    done = subprocess.run(
        [sys.executable, "-m", "psychopy_neon", "ledger", "show", "p_neon_events.jsonl"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
        capture_output=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert rb"\u65e5\u672c" in done.stdout


@pytest.mark.parametrize("arguments", [["simulate", "--help"], ["simulate", "--no-scene"]])
def test_output_that_nobody_reads_is_no_traceback(tmp_path: Path, arguments: list[str]) -> None:
    """As in ``psychopy-neon ledger show x | head``, when head has what it wants."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "psychopy_neon", *arguments]
    try:
        done = subprocess.run(
            command, cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60
        )
    finally:
        os.close(writing)
    assert done.stderr == ""
    swallowed = "--help" in arguments  # by some versions of argparse
    assert done.returncode == 141 or swallowed or os.name == "nt"
