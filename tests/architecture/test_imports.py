"""Who may import whom, read from the source of every module.

Imports inside functions and under ``TYPE_CHECKING`` count too: they are dependencies all the same.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

VALUES = {"exceptions", "samples"}
PURE = VALUES | {"protocol", "clock", "screen"}
BELOW_CLIENT = PURE | {"transport"}
BELOW_PSYCHOPY = BELOW_CLIENT | {"client"}

# Part of the project -> the other parts that it may import.
PARTS = {
    "exceptions": set(),
    "samples": {"exceptions"},
    "protocol": VALUES,
    "clock": VALUES | {"protocol"},
    "screen": VALUES | {"protocol"},
    "readiness": {"exceptions"},
    "transport": PURE,
    "client": BELOW_CLIENT | {"ledger", "readiness"},
    "ledger": VALUES | {"clock", "protocol"},
    "certificate": VALUES | {"clock", "ledger"},
    "export": {"exceptions", "ledger", "screen.surface_names"},
    "migrate": {"exceptions"},
    "simple": VALUES | {"protocol", "clock", "client"},
    "aio": VALUES | {"protocol", "clock", "client", "screen.markers"},
    # `psychopy_neon.iohub.connect` is where a script looks for it; what it runs lies in hub.
    "iohub": BELOW_PSYCHOPY | {"certificate.limits", "hub", "readiness"},
    "hub": BELOW_PSYCHOPY | {"runtime"},
    "visual": BELOW_PSYCHOPY,
    # It draws the markers it reports to the tracker, and judges the run by its ledger.
    "runtime": BELOW_PSYCHOPY | {"visual", "ledger", "certificate", "readiness"},
    "simulator": VALUES | {"protocol", "screen.markers", "screen.camera", "screen.patch"},
    "cli": VALUES
    | {"certificate", "clock", "client", "export", "ledger", "migrate", "screen", "simulator"}
    | {"demos", "__init__"},
    "builder_components": {"exceptions", "protocol.address", "screen.surface_names"},
    "__init__": VALUES | {"protocol", "clock", "client"},
    "__main__": {"cli"},
    "pytest_plugin": {"__init__", "simulator"},
}

# zeroconf brings ifaddr.
NETWORK = {"websockets", "zeroconf", "ifaddr", "av"}
# Part of the project -> packages from elsewhere that it may import; a dot narrows it down.
FOREIGN = {
    "exceptions": set(),
    "samples": {"numpy"},
    "protocol": {"numpy"},
    "clock": {"numpy"},
    "screen": {"numpy", "cv2"},
    "readiness": set(),
    "transport": NETWORK | {"numpy"},
    "client": NETWORK | {"numpy"},
    "ledger": {"numpy"},
    "certificate": {"numpy"},
    "export": {"numpy", "tables"},
    "migrate": set(),
    "simple": {"numpy"},
    "aio": set(),
    "iohub": {"psychopy", "numpy"},
    "hub": {"psychopy"},
    "visual": {"psychopy", "numpy", "PIL"},
    "runtime": {"psychopy", "numpy"},
    "simulator": {"numpy", "av", "cv2", "websockets", "zeroconf", "yaml"},
    "cli": set(),
    # What PsychoPy's own components import; none of it opens a window or a device.
    "builder_components": {
        *("psychopy.experiment", "psychopy.localization", "psychopy.alerts", "psychopy.constants")
    },
    "__init__": set(),
    "__main__": set(),
    "pytest_plugin": {"pytest"},
}

# What a pure module has no business with: the world outside of its arguments.
IMPURE = {
    *("socket", "select", "selectors", "ssl", "http", "urllib.request", "asyncio"),
    *("threading", "queue", "multiprocessing", "subprocess", "concurrent", "signal"),
    *("time", "os", "pathlib", "shutil", "tempfile", "random", "secrets"),
}
PURE_PARTS = ("protocol", "clock", "screen", "readiness", "certificate", "migrate")

ROOT_NAME = "psychopy_neon"


@dataclass(frozen=True)
class Import:
    """One imported module, by its full name, and where it was asked for."""

    file: str
    line: int
    name: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} imports {self.name}"


def _folder(repository: Path, part: str) -> Path:
    inside = repository / ROOT_NAME
    return repository / part if part == "builder_components" else inside / part


def _sources(repository: Path, part: str) -> list[Path]:
    folder = _folder(repository, part)
    return sorted(folder.rglob("*.py")) or [folder.with_suffix(".py")]


def _package_of(file: Path, repository: Path) -> list[str]:
    """Dotted path of the package that relative imports in `file` start from."""
    parts = list(file.relative_to(repository).with_suffix("").parts[:-1])
    return parts if parts[0] == ROOT_NAME else [ROOT_NAME, *parts]


def _names(node: ast.AST, package: list[str]) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        start = package[: len(package) - node.level + 1] if node.level else []
        module = ".".join([*start, *([node.module] if node.module else [])])
        return [f"{module}.{alias.name}" for alias in node.names]
    return []


def _imports(repository: Path, part: str) -> Iterator[Import]:
    for file in _sources(repository, part):
        package = _package_of(file, repository)
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            for name in _names(node, package):
                yield Import(
                    file.relative_to(repository).as_posix(), getattr(node, "lineno", 0), name
                )


def _target(name: str) -> str:
    """Return what a name of ours belongs to: ``psychopy_neon.clock.offset.x`` to clock.offset.x.

    A name that no part bears is one that `psychopy_neon` hands out itself.
    """
    _, _, rest = name.partition(".")
    return rest if rest.split(".")[0] in {*PARTS, "demos"} else "__init__"


def _within(name: str, allowed: set[str]) -> bool:
    return any(name == entry or name.startswith(f"{entry}.") for entry in allowed)


def _is_ours(name: str) -> bool:
    return name.split(".")[0] == ROOT_NAME


def _is_foreign(name: str) -> bool:
    top = name.split(".")[0]
    return not _is_ours(name) and top not in sys.stdlib_module_names


@pytest.mark.parametrize("part", PARTS)
def test_a_part_imports_only_the_parts_below_it(repository: Path, part: str) -> None:
    allowed = PARTS[part] | {part}
    ours = [found for found in _imports(repository, part) if _is_ours(found.name)]
    assert [str(found) for found in ours if not _within(_target(found.name), allowed)] == []


@pytest.mark.parametrize("part", FOREIGN)
def test_a_part_imports_only_its_own_share_of_other_packages(repository: Path, part: str) -> None:
    foreign = [found for found in _imports(repository, part) if _is_foreign(found.name)]
    strangers = [str(found) for found in foreign if not _within(found.name, FOREIGN[part])]
    assert strangers == []


@pytest.mark.parametrize("part", PURE_PARTS)
def test_a_pure_part_reaches_for_nothing_outside_its_arguments(repository: Path, part: str) -> None:
    found = _imports(repository, part)
    assert [str(one) for one in found if _within(one.name, IMPURE)] == []


def test_every_part_of_the_package_is_in_the_table(repository: Path) -> None:
    entries = (repository / ROOT_NAME).iterdir()
    parts = {entry.stem for entry in entries if entry.suffix == ".py" or _is_package(entry)}
    assert parts == set(PARTS) - {"builder_components"}
    assert set(FOREIGN) == set(PARTS)


def _is_package(entry: Path) -> bool:
    return (entry / "__init__.py").is_file()


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("from ..clock import offset", ["psychopy_neon.clock.offset"]),
        ("from . import rtp", ["psychopy_neon.protocol.rtp"]),
        ("from .rtp import parse", ["psychopy_neon.protocol.rtp.parse"]),
        ("def late():\n    import socket", ["socket"]),
        ("from psychopy import core", ["psychopy.core"]),
        ("import os.path as path", ["os.path"]),
    ],
)
def test_the_reader_sees_every_way_to_import(tmp_path: Path, code: str, names: list[str]) -> None:
    """Otherwise the tests above could be passed by an unusual spelling."""
    module = tmp_path / ROOT_NAME / "protocol" / "module.py"
    module.parent.mkdir(parents=True)
    module.write_text(code, "utf-8")
    assert [found.name for found in _imports(tmp_path, "protocol")] == names
