"""The page of faults: complete, and the tests that it names are there and use them."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from psychopy_neon.simulator import Controls, Faults, SimulatorOptions

ROOT = Path(__file__).resolve().parents[2]
FAULTS, CHECKLIST = (ROOT / "docs" / "faults.md").read_text("utf-8").split("\n## What the phone")


def rows_of(page: str) -> list[list[str]]:
    lines = [line for line in page.splitlines() if line.startswith("| ") and "::" in line]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


ROWS = rows_of(FAULTS)
CLASSES = {"Controls"}


def quoted(cell: str) -> list[str]:
    return [name for name in re.findall(r"`([^`]+)`", cell) if name not in CLASSES]


@cache
def functions(file: Path) -> set[str]:
    tree = ast.parse(file.read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_fault_has_a_row() -> None:
    named = {name for _, switch, _ in ROWS for name in quoted(switch)}
    faults = {name for name, value in vars(Faults).items() if callable(value)}
    faults = {name for name in faults if not name.startswith("_")}
    assert faults and faults - named == set()
    others = {*vars(Controls), *SimulatorOptions.__dataclass_fields__}
    assert named - faults - others == set()


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_its_tests_exist_and_use_its_switch(row: list[str]) -> None:
    _, switch, tests = row
    named = [test.split("::") for test in quoted(tests)]
    assert named
    for path, test in named:
        assert test in functions(ROOT / "tests" / path)
    sources = " ".join((ROOT / "tests" / path).read_text("utf-8") for path, _ in named)
    assert [name for name in quoted(switch) if name not in sources] == []


@pytest.mark.parametrize("row", rows_of(CHECKLIST), ids=lambda row: row[0])
def test_the_tests_of_the_checklist_exist(row: list[str]) -> None:
    named = [name.split("::") for name in quoted(row[1])]
    assert named
    for path, test in named:
        assert test in functions(ROOT / "tests" / path)


def test_nothing_of_the_checklist_is_left_out() -> None:
    """Every stream, and every file of tests about what the phone offers."""
    offered = (
        *("rest", "status_push", "rtsp_dialogue", "tunnel", "gaze_variants", "eye_events", "imu"),
        *("eyes", "scene_sensor", "audio", "camera_control", "time_echo_server", "recorder"),
    )
    assert [name for name in offered if f"simulator/test_{name}.py" not in CHECKLIST] == []
