"""The page of faults: complete, and the tests that it names are there and use them."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from psychopy_neon.simulator import Controls, Faults, SimulatorOptions

ROOT = Path(__file__).resolve().parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in (ROOT / "docs" / "faults.md").read_text("utf-8").splitlines()
    if line.startswith("| ") and "::" in line
]
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
