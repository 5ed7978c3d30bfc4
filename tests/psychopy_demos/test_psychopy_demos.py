"""PsychoPy's own eye-tracking demos, as they are installed with it, with our glasses."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

PLAYER = Path(__file__).parent / "play_demo.py"
CHOSEN = ["simple", "visual search"]  # one of Coder, one of Builder; the others run by hand
RUN_TIMEOUT_S = 200.0
END_S = 5.0


@pytest.fixture(scope="module")
def own_display(dev: ModuleType) -> Iterator[dict[str, str]]:
    """A small virtual one, also where there is another: these tests lead the mouse."""
    pytest.importorskip("Xlib", reason="the demos are played through X11")
    missing = dev.missing_packages() if sys.platform.startswith("linux") else ["X11"]
    if missing:
        pytest.skip(f"these system packages are missing: {' '.join(missing)}")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DISPLAY", raising=False)
        patch.delenv("WAYLAND_DISPLAY", raising=False)
        smaller = [part.replace("1920x1080", "1280x720") for part in dev.XVFB]
        patch.setattr(dev, "XVFB", tuple(smaller))
        with dev.display() as variables:
            yield variables


@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", CHOSEN)
def test_a_demo_of_psychopy_runs_to_its_end_and_gets_gaze(
    name: str, own_display: dict[str, str], leftovers: Any, tmp_path: Path
) -> None:
    left = leftovers()
    with (tmp_path / "player.txt").open("w", encoding="utf-8") as printed:
        subprocess.run(
            [sys.executable, str(PLAYER), str(tmp_path), name],
            env={**left.environment, **own_display, **left.mark},
            stdout=printed,
            stderr=printed,
            timeout=RUN_TIMEOUT_S,
        )
    survivors = left.end(END_S)
    folder = tmp_path / name.replace(" ", "_")
    printed_by_demo = (folder / "output.txt").read_text("utf-8", "replace")
    found = json.loads((folder / "results.json").read_text("utf-8"))
    assert found["problem"] == "", printed_by_demo[-4000:]
    assert found["gaze"] > 0, printed_by_demo[-4000:]
    assert survivors == []
