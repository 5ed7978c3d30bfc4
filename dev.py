"""Work on psychopy_neon: ``setup``, ``demo``, ``test``, ``lint``, ``docs``, ``bench``, ``soak``.

Needs nothing but Python 3.10, 3.11 or 3.12. It keeps an environment of its own in ``.venv`` beside
this file, installs PsychoPy and this project there, and installs again whatever changed since.
The project is installed as users get it, from a wheel: tests then meet the names, icons and
data files that really ship.
"""

# This file must still parse on older and newer Pythons, to say which one it wants.
from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Iterator, Sequence  # noqa: UP035 (see above)

ROOT = Path(__file__).resolve().parent
PSYCHOPY = "2026.2.5"
PYTHONS = ((3, 11), (3, 12), (3, 10))  # the best tried one first

# What a wheel is built from.
SOURCES = ("pyproject.toml", "README.md", "LICENSE", "psychopy_neon", "builder_components", "demos")
# What tools and experiments write into these folders, `data` among it.
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", "*.egg-info", "*_lastrun.py", "data")
# What exists on Linux only must not slip into code that most people run elsewhere.
PLATFORMS = (
    (),
    ("--platform", "win32", "--cache-dir", ".mypy_cache/win32"),
    ("--platform", "darwin", "--cache-dir", ".mypy_cache/darwin"),
)
TYPED = ("psychopy_neon", "builder_components", "demos", "dev.py")

# Tests that open no window, as many as take about half of the time: first those that compute,
# while the others wait for the network, and then those that wait, while the others draw.
WITHOUT_WINDOWS = (
    *("architecture", "certificate", "clock", "docs", "export", "fuzz", "ledger", "migrate"),
    *("packaging", "protocol", "readiness", "screen"),
    *("aio", "builder", "cli", "client/faults", "simple", "simulator", "transport"),
)
SHOW_EVERY_S = 0.5

XVFB = ("Xvfb", "-screen", "0", "1920x1080x24", "+extension", "GLX", "+render", "-noreset")
XVFB_START_S = 20.0
STOP_S = 10.0

# Library a PsychoPy window loads -> Debian package that has it.
DISPLAY_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libGLX_mesa.so.0": "libglx-mesa0",
    "libGLU.so.1": "libglu1-mesa",
    "libEGL.so.1": "libegl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libXi.so.6": "libxi6",
    "libXrandr.so.2": "libxrandr2",
    "libXinerama.so.1": "libxinerama1",
    "libXcursor.so.1": "libxcursor1",
    "libXxf86vm.so.1": "libxxf86vm1",
    "libXext.so.6": "libxext6",
    "libXrender.so.1": "libxrender1",
    "libgtk-x11-2.0.so.0": "libgtk2.0-0",
    "libusb-1.0.so.0": "libusb-1.0-0",
    "libasound.so.2": "libasound2",
    "libportaudio.so.2": "libportaudio2",
}
# Debian 13 and Ubuntu 24.04 renamed what holds 64-bit times.
RENAMED = {"libasound2": "libasound2t64", "libgtk2.0-0": "libgtk2.0-0t64"}


class StepFailedError(Exception):
    """A step went wrong; the message is one sentence for the person at the keyboard."""


# --- the environment -----------------------------------------------------------------------------


class Environment:
    """The private environment, and the note in it of what was installed from what.

    Parameters
    ----------
    psychopy : str
        PsychoPy's version. Each version other than the usual one has a folder of its own.
    """

    def __init__(self, psychopy: str) -> None:
        self.psychopy = psychopy
        self.folder = ROOT / (".venv" if psychopy == PSYCHOPY else f".venv-{psychopy}")
        self.log = self.folder / "setup.log"
        self._stamp = self.folder / "installed.json"

    def program(self, name: str) -> str:
        """Return the path of a program of the environment."""
        windows = sys.platform == "win32"
        return str(self.folder / ("Scripts" if windows else "bin") / (name + ".exe" * windows))

    @property
    def python(self) -> str:
        return self.program("python")

    def prepare(self) -> None:
        """Install what is missing or changed; returns in well under a second if nothing did."""
        base = {"python": sys.version.split()[0], "psychopy": self.psychopy}
        requirements = {**base, "requirements": fingerprint(["pyproject.toml"])}
        current = {**requirements, "sources": fingerprint(SOURCES)}
        installed = self._installed()
        if not base.items() <= installed.items():
            self._create()
            self._note(base)
        if not requirements.items() <= installed.items():
            self._install_project(with_requirements=True)
        elif installed != current:
            self._install_project(with_requirements=False)
        self._note(current)

    def add(self, extra: str) -> None:
        """Install what an optional extra needs; pip leaves alone what is there already."""
        self._pip(f"what {extra} needs", "install", f"psychopy-neon[{extra}]")

    def _create(self) -> None:
        if self.folder.exists() and not self.log.exists():
            raise StepFailedError(f"{self.folder} is not dev.py's own; move it out of the way.")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(exist_ok=True)
        self._step("environment", [sys.executable, "-m", "venv", str(self.folder)])
        self._pip(f"PsychoPy {self.psychopy}", "install", f"psychopy=={self.psychopy}")

    def _install_project(self, *, with_requirements: bool) -> None:
        with tempfile.TemporaryDirectory(dir=str(self.folder)) as scratch:
            wheel_command = build_wheel_command(self.python, Path(scratch))
            self._step("wheel of this project", wheel_command)
            wheel = str(next(Path(scratch).glob("*.whl")))
            if with_requirements:
                self._pip("this project and what it needs", "install", f"{wheel}[test,lint]")
            # Also after the above: pip leaves a wheel of the same version alone.
            self._pip("this project", "install", "--no-deps", "--force-reinstall", wheel)

    def _pip(self, title: str, *arguments: str) -> None:
        self._step(title, [self.python, "-m", "pip", *arguments])

    def _step(self, title: str, command: Sequence[str]) -> None:
        run_step(title, command, self.log)

    def _installed(self) -> dict[str, str]:
        try:
            installed: dict[str, str] = json.loads(self._stamp.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return installed

    def _note(self, installed: dict[str, str]) -> None:
        self._stamp.write_text(json.dumps(installed), "utf-8")


def fingerprint(names: Sequence[str]) -> str:
    """Return a hash over the names and contents of files and folders of the project."""
    digest = hashlib.sha256()
    for path in sorted(file for name in names for file in files_of(ROOT / name)):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def files_of(path: Path) -> list[Path]:
    """Return `path` if it is a file, or the files that a wheel could take from the folder."""
    if path.is_file():
        return [path]
    found: list[Path] = []
    for folder, subfolders, names in os.walk(path):
        left_out = LEFT_OUT(folder, [*subfolders, *names])
        subfolders[:] = [name for name in subfolders if name not in left_out]
        found += [Path(folder, name) for name in names if name not in left_out]
    return found


def build_wheel_command(python: str, target: Path) -> list[str]:
    """Copy the sources into `target` and return the command that builds a wheel beside them.

    From a copy, because setuptools would leave ``build/`` in the checkout, and put icons that
    were deleted since back into the next wheel.
    """
    tree = target / "tree"
    for file in (file for name in SOURCES for file in files_of(ROOT / name)):
        copy = tree / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, copy)
    return [python, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(target), str(tree)]


def clean_environment() -> dict[str, str]:
    """Return this process's variables without those that would leak other packages in."""
    leaks = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    variables = {name: value for name, value in os.environ.items() if name not in leaks}
    return {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", **variables}


def run_step(title: str, command: Sequence[str], log: Path) -> None:
    """Run one step of the set-up quietly, and say how long it took."""
    print(f"{title} ...", end="", flush=True)
    began = time.perf_counter()
    with log.open("a", encoding="utf-8") as output:
        output.write(f"\n$ {' '.join(command)}\n")
        output.flush()
        code = subprocess.call(
            command, cwd=str(log.parent), env=clean_environment(), stdout=output, stderr=output
        )
    print(f" {time.perf_counter() - began:.0f} s", flush=True)
    if code:
        raise StepFailedError(
            f"Installing {title} failed (exit code {code}); the reason is in {log}."
        )


# --- the display ---------------------------------------------------------------------------------


def is_headless() -> bool:
    """Whether this is a Linux computer without a display that windows could open on."""
    has_display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return sys.platform.startswith("linux") and not has_display


def require_display_libraries() -> None:
    """On a headless Linux, see to it that a virtual display and OpenGL exist."""
    missing = missing_packages() if is_headless() else []
    if not missing:
        return
    if not shutil.which("apt-get"):
        raise StepFailedError(f"There is no display; install Xvfb and the libraries of {missing}.")
    install = ["apt-get", "install", "-y", "--no-install-recommends", *current_names(missing)]
    if sys.platform == "win32" or os.geteuid() != 0:
        line = "sudo apt-get update && sudo " + " ".join(install)
        raise StepFailedError(f"There is no display, and a virtual one needs packages; run: {line}")
    install_packages(install)


def missing_packages() -> list[str]:
    known = known_libraries()
    packages = [package for name, package in DISPLAY_LIBRARIES.items() if name not in known]
    return packages if shutil.which("Xvfb") else ["xvfb", "libgl1-mesa-dri", *packages]


def known_libraries() -> str:
    """Return the dynamic linker's list of libraries (a few milliseconds)."""
    ldconfig = shutil.which("ldconfig") or "/sbin/ldconfig"
    try:
        return subprocess.run([ldconfig, "-p"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""


def current_names(packages: Sequence[str]) -> list[str]:
    """Return the names that this release of the distribution has for `packages`."""
    return [RENAMED[name] if is_in_apt(RENAMED.get(name)) else name for name in packages]


def is_in_apt(package: str | None) -> bool:
    command = ["apt-cache", "show", "--no-all-versions", package or ""]
    return bool(package) and subprocess.run(command, capture_output=True).returncode == 0


def install_packages(install: Sequence[str]) -> None:
    log = Path(tempfile.gettempdir()) / "psychopy-neon-apt.log"
    run_step("list of system packages", ["apt-get", "update"], log)
    run_step("virtual display and its libraries", install, log)


@contextlib.contextmanager
def display() -> Iterator[dict[str, str]]:
    """Variables of an environment with a display: the user's, or a virtual one of our own."""
    if not is_headless():
        yield clean_environment()
        return
    reading, writing = os.pipe()
    # A session of its own: Ctrl-C must reach the tests first, and their windows be closed.
    server = subprocess.Popen(
        [*XVFB, "-displayfd", str(writing)],
        pass_fds=(writing,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(writing)
    try:
        yield {**clean_environment(), "DISPLAY": f":{display_number(reading)}"}
    finally:
        os.close(reading)
        stop(server)


def display_number(reading: int) -> int:
    """Return the number that Xvfb chose and wrote to the pipe once it was ready."""
    ready, _, _ = select.select([reading], [], [], XVFB_START_S)
    text = os.read(reading, 32).decode().strip() if ready else ""
    if not text.isdigit():
        raise StepFailedError(f"The virtual display did not start; try: {' '.join(XVFB)} :99")
    return int(text)


# --- the commands --------------------------------------------------------------------------------


def setup(environment: Environment, arguments: Sequence[str]) -> int:
    """Make or update the environment."""
    require_display_libraries()
    environment.prepare()
    print(f"Ready: {environment.folder}")
    return 0


def demo(environment: Environment, arguments: Sequence[str]) -> int:
    """Run `psychopy-neon demo`: an experiment against simulated glasses."""
    require_display_libraries()
    environment.prepare()
    with display() as variables:
        return run([environment.program("psychopy-neon"), "demo", *arguments], variables)


def test(environment: Environment, arguments: Sequence[str]) -> int:
    """Run the tests; arguments go to pytest, paths are relative to the project."""
    require_display_libraries()
    environment.prepare()
    pytest = [environment.python, "-m", "pytest", *arguments]
    if not all(argument.startswith("-") for argument in arguments):
        with display() as variables:
            return run(pytest, variables, cwd=ROOT)
    # All of them in two halves, as most wait most of the time. Windows are in one half alone, as
    # of two on one display nobody knows which of them gets a key.
    without = [f"tests/{name}" for name in WITHOUT_WINDOWS]
    rest = [f"--ignore={path}" for path in without]
    with display() as variables, display() as others:
        return run_both([*pytest, *without], [*pytest, *rest], variables, others)


def lint(environment: Environment, arguments: Sequence[str]) -> int:
    """Check style, layout and types."""
    environment.prepare()
    checks = (
        [environment.program("ruff"), "check", "."],
        [environment.program("ruff"), "format", "--check", "."],
        *([environment.python, "-m", "mypy", *on, *TYPED] for on in PLATFORMS),
    )
    codes = [run(check, clean_environment(), cwd=ROOT) for check in checks]
    return int(any(codes))


def docs(environment: Environment, arguments: Sequence[str]) -> int:
    """Build the pages of the folder docs for a browser; their warnings are errors."""
    environment.prepare()
    environment.add("docs")
    built = ROOT / "docs" / "_build"
    shutil.rmtree(built, ignore_errors=True)  # Sphinx does not repeat the warnings of old pages
    options = ["-n", "-W", "--keep-going", "-q", "-d", str(built / "doctrees")]
    command = [environment.program("sphinx-build"), *options, "docs", str(built / "html")]
    code = run(command, clean_environment(), cwd=ROOT)
    if code == 0:
        print(built / "html" / "index.html")
    return code


def bench(environment: Environment, arguments: Sequence[str]) -> int:
    """Run every benchmark, or those whose name contains one of the arguments."""
    chosen = [
        path
        for path in sorted((ROOT / "benchmarks").glob("bench_*.py"))
        if not arguments or any(word in path.stem for word in arguments)
    ]
    if not chosen:
        wanted = f" named {' or '.join(arguments)}" if arguments else ""
        raise StepFailedError(f"There are no benchmarks{wanted} in the folder benchmarks.")
    require_display_libraries()
    environment.prepare()
    with display() as variables:
        codes = [run([environment.python, str(path)], variables) for path in chosen]
    return int(any(codes))


def soak(environment: Environment, arguments: Sequence[str]) -> int:
    """Open and close many times, then read everything for long: nothing is lost, nothing grows."""
    environment.prepare()
    scripts: tuple[tuple[str, ...], ...] = (("open_close.py",), ("soak.py", *arguments))
    codes = [
        run([environment.python, str(ROOT / "benchmarks" / name), *options], clean_environment())
        for name, *options in scripts
    ]
    return int(any(codes))


COMMANDS = (setup, demo, test, lint, docs, bench, soak)


def run(command: Sequence[str], variables: dict[str, str], cwd: Path | None = None) -> int:
    """Run a program in the foreground; Ctrl-C is left to it, and it ends before we return."""
    process = subprocess.Popen(command, env=variables, cwd=cwd)
    try:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue
    finally:
        stop(process)


def run_both(
    first: Sequence[str],
    second: Sequence[str],
    variables: dict[str, str],
    second_variables: dict[str, str],
) -> int:
    """Run two programs at the same time; what the second prints follows what the first did."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "second.txt"
        with log.open("wb") as file:
            process = subprocess.Popen(
                second, env=second_variables, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT
            )
        try:
            code = run(first, variables, cwd=ROOT)
            return show(process, log) or code
        finally:
            stop(process)


def show(process: subprocess.Popen[bytes], log: Path) -> int:
    """Print what a process has written and goes on writing; return its exit code."""
    with log.open(encoding="utf-8", errors="replace") as file:
        while True:
            code = process.poll()  # before the reading, so that nothing is left out
            print(file.read(), end="", flush=True)
            if code is not None:
                return code
            time.sleep(SHOW_EVERY_S)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process of ours, if it still runs, in bounded time."""
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_S)


def require_python() -> None:
    if sys.version_info[:2] in PYTHONS:
        return
    names = [f"python{major}.{minor}" for major, minor in PYTHONS]
    here = [name for name in names if shutil.which(name)]
    advice = f"run: {here[0]} dev.py ..." if here else "install one of them."
    raise StepFailedError(
        f"PsychoPy runs on Python 3.10, 3.11 and 3.12; this is {sys.version.split()[0]}; {advice}"
    )


def parse(arguments: Sequence[str] | None) -> tuple[argparse.Namespace, list[str]]:
    """Return the command with its options, and what is left for pytest or a script."""
    parser = argparse.ArgumentParser(prog="dev.py", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--psychopy", default=PSYCHOPY, help="version; default: %(default)s")
    subparsers = parser.add_subparsers(dest="name", metavar="command", required=True)
    for command in COMMANDS:
        name, summary = command.__name__, (command.__doc__ or "").split(";")[0].rstrip(".")
        subparsers.add_parser(name, help=summary, add_help=False).set_defaults(command=command)
    args, rest = parser.parse_known_args(arguments)
    if rest and args.command in (setup, lint, docs):
        parser.error(f"{args.name} takes no arguments, got: {' '.join(rest)}")
    return args, rest


def main(arguments: Sequence[str] | None = None) -> int:
    # The display and the tests must not outlive us when a CI job is cancelled.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        require_python()
        args, rest = parse(arguments)
        code: int = args.command(Environment(args.psychopy), rest)
    except (StepFailedError, OSError) as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return code


if __name__ == "__main__":
    sys.exit(main())
