"""Golden vectors that lie beside the project, not in it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

VECTORS = Path(__file__).parents[3] / "shared" / "reference" / "vectors"


@pytest.fixture
def vectors() -> Callable[[str], list[dict[str, Any]]]:
    """Read one category of golden vectors; skip where they are not on this machine."""

    def read(category: str) -> list[dict[str, Any]]:
        path = VECTORS / f"{category}.json"
        if not path.exists():
            pytest.skip("the golden vectors lie in ../shared, which this machine does not have")
        loaded: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["vectors"]
        assert loaded
        return loaded

    return read


@pytest.fixture
def same() -> Callable[[Any, Any], bool]:
    """Exact equality in which NaN equals NaN and "nan", "inf", "-inf" stand for floats."""

    def compare(got: Any, expected: Any) -> bool:
        if isinstance(expected, list):
            return len(got) == len(expected) and all(map(compare, got, expected))
        if isinstance(expected, str):
            expected = float(expected)
        if isinstance(expected, float) and math.isnan(expected):
            return math.isnan(got)
        return bool(got == expected)

    return compare


@pytest.fixture
def recording_folder() -> Path:
    """A real Neon recording, read in place; skip where it is not on this machine."""
    folder = Path(__file__).parents[3] / "shared" / "data" / "neon-recording"
    if not folder.exists():
        pytest.skip("the real recording lies in ../shared, which this machine does not have")
    return folder
