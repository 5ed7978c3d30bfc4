"""The command that makes the environment: what it tells people when it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def project(dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project that dev.py takes for its own."""
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    return tmp_path


def test_a_python_that_psychopy_does_not_run_on_is_refused_by_name(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 13, 0, "final", 0))
    assert dev.main(["setup"]) == 1
    assert "PsychoPy runs on Python 3.10, 3.11 and 3.12" in capsys.readouterr().err


def test_an_environment_that_somebody_else_made_is_left_alone(
    dev: ModuleType, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = project / ".venv" / "precious.txt"
    theirs.parent.mkdir()
    theirs.touch()
    assert dev.main(["lint"]) == 1
    assert theirs.exists()
    assert "move it out of the way" in capsys.readouterr().err


def test_a_failed_step_is_one_sentence_that_names_the_log(dev: ModuleType, tmp_path: Path) -> None:
    log = tmp_path / "setup.log"
    command = [sys.executable, "-c", "import sys; sys.exit('no such package')"]
    with pytest.raises(dev.StepFailedError, match=r"PsychoPy failed \(exit code 1\)") as failure:
        dev.run_step("PsychoPy", command, log)
    assert str(log) in str(failure.value)
    assert "no such package" in log.read_text()


def test_a_changed_source_is_noticed_and_a_cache_is_not(dev: ModuleType, project: Path) -> None:
    source = project / "psychopy_neon" / "neon.py"
    cache = source.parent / "__pycache__" / "neon.pyc"
    cache.parent.mkdir(parents=True)
    source.write_text("a = 1")
    before = dev.fingerprint(dev.SOURCES)
    cache.write_text("compiled")
    assert dev.fingerprint(dev.SOURCES) == before
    source.write_text("a = 2")
    assert dev.fingerprint(dev.SOURCES) != before


def test_every_version_of_psychopy_has_an_environment_of_its_own(
    dev: ModuleType, project: Path
) -> None:
    assert dev.Environment(dev.PSYCHOPY).folder == project / ".venv"
    assert dev.Environment("2025.2.4").folder == project / ".venv-2025.2.4"


@pytest.mark.parametrize("command", ["setup", "lint", "docs"])
def test_arguments_that_would_be_ignored_are_refused(dev: ModuleType, command: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        dev.parse([command, "--fast"])
    assert stopped.value.code == 2


class _NothingToInstall:
    def __init__(self) -> None:
        self.added: list[str] = []

    def prepare(self) -> None:
        pass

    def add(self, extra: str) -> None:
        self.added.append(extra)

    def program(self, name: str) -> str:
        return name


@pytest.mark.parametrize("code", [0, 1])
def test_docs_are_built_anew_and_their_front_page_is_named_if_nothing_is_wrong(
    dev: ModuleType,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    code: int,
) -> None:
    old = project / "docs" / "_build" / "html" / "old.html"
    old.parent.mkdir(parents=True)
    old.touch()
    commands: list[list[str]] = []
    monkeypatch.setattr(dev, "run", lambda command, *_, **__: commands.append(command) or code)
    environment = _NothingToInstall()
    assert dev.docs(environment, []) == code
    assert environment.added == ["docs"]
    assert commands[0][0] == "sphinx-build" and {"-n", "-W"} <= {*commands[0]}
    assert not old.exists()
    front = str(old.with_name("index.html"))
    assert capsys.readouterr().out.strip() == ("" if code else front)


def test_arguments_of_pytest_are_passed_on_in_order(dev: ModuleType) -> None:
    _, rest = dev.parse(["test", "-k", "gaze", "tests/cli", "-x"])
    assert rest == ["-k", "gaze", "tests/cli", "-x"]


headless_linux = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="virtual displays exist on Linux only"
)


@headless_linux
def test_without_a_display_and_without_root_it_prints_the_line_to_run(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev, "is_headless", lambda: True)
    monkeypatch.setattr(dev, "known_libraries", lambda: "")
    monkeypatch.setattr(dev.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(dev, "is_in_apt", lambda package: False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(dev.StepFailedError, match=r"sudo apt-get install -y .* libgl1 "):
        dev.require_display_libraries()


@headless_linux
def test_its_own_display_can_be_opened_and_is_gone_afterwards(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    if dev.shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    monkeypatch.setattr(dev, "is_headless", lambda: True)
    with dev.display() as variables:
        name = variables["DISPLAY"]
        assert _can_open(name)
    assert not _can_open(name)


def _can_open(name: str) -> bool:
    code = "import sys, Xlib.display; Xlib.display.Display(sys.argv[1]).close()"
    done = subprocess.run([sys.executable, "-c", code, name], capture_output=True, timeout=30)
    return done.returncode == 0


@pytest.mark.parametrize(("codes", "expected"), [((0, 0), 0), ((3, 0), 3), ((0, 4), 4)])
def test_two_halves_of_the_tests_print_one_after_the_other(
    dev: ModuleType, capfd: pytest.CaptureFixture[str], codes: tuple[int, int], expected: int
) -> None:
    halves = [
        [sys.executable, "-c", f"import sys; print('{name}'); sys.exit({code})"]
        for name, code in zip(("first", "second"), codes, strict=True)
    ]
    assert dev.run_both(*halves, dict(os.environ), dict(os.environ)) == expected
    assert capfd.readouterr().out.split() == ["first", "second"]


def test_the_half_of_the_tests_without_windows_exists(dev: ModuleType) -> None:
    tests = Path(__file__).parents[1]
    folders = dev.WITHOUT_WINDOWS
    assert [name for name in folders if not any((tests / name).glob("test_*.py"))] == []
