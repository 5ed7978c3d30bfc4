"""What installing the wheel does to an environment in which people already work with PsychoPy."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

# Making the environment takes a minute, on a slow network a few.
pytestmark = pytest.mark.timeout(1200)

LOAD_ENTRY_POINTS = """
import json
from importlib.metadata import distribution

loaded = {}
for point in distribution("psychopy-neon").entry_points:
    # The one for pytest is loaded by pytest only, which not every user has.
    loads = point.group != "pytest11"
    loaded[f"{point.group}:{point.name}"] = repr(point.load()) if loads else "left alone"
print("answer:", json.dumps(loaded))
"""

ACTIVATE_PLUGINS = """
import json
from psychopy import experiment, plugins

plugins.activatePlugins()
from psychopy.experiment.components.settings.eyetracking import knownEyetrackerBackends

print("answer:", json.dumps({
    "loaded": list(plugins.listPlugins("loaded")),
    "failed": list(plugins.listPlugins("failed")),
    "components": {
        name: component.plugin for name, component in experiment.getAllComponents().items()
    },
    "backends": list(knownEyetrackerBackends),
}))
"""

IMPORT_ALL_MODULES = """
import importlib
import json
import pkgutil
import psychopy_neon

names = [m.name for m in pkgutil.walk_packages(psychopy_neon.__path__, "psychopy_neon.")]
elsewhere = {"psychopy_neon.__main__", "psychopy_neon.pytest_plugin"}
names = [name for name in names if name not in elsewhere]
for name in names:
    importlib.import_module(name)
print("answer:", json.dumps(names))
"""

ENTRY_POINTS = {
    "console_scripts:psychopy-neon",
    "pytest11:psychopy_neon.pytest_plugin",
    "psychopy.experiment.components:NeonRecordingComponent",
    "psychopy.experiment.components:NeonEventComponent",
    "psychopy.experiment.components:NeonGazeComponent",
    "psychopy.experiment.components:NeonMarkersComponent",
    "psychopy.experiment.routines:NeonCheckRoutine",
    "psychopy.experiment.routines:NeonDisplayLagRoutine",
    "psychopy.experiment.routines:NeonGateRoutine",
    "psychopy.experiment.routines:NeonValidateRoutine",
    "psychopy.experiment.components.settings.eyetracking:NeonRealtimeBackend",
    "psychopy.iohub.devices.eyetracker:neon_realtime",
}


def _answer(python: Path, code: str, home: Path) -> Any:
    """Run code in the environment, with a home of its own, and return the JSON of its answer."""
    done = subprocess.run(
        [str(python), "-c", code],
        cwd=home,
        env={**os.environ, "HOME": str(home), "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    # PsychoPy prints warnings around it.
    (answer,) = (line for line in done.stdout.splitlines() if line.startswith("answer:"))
    return json.loads(answer.removeprefix("answer:"))


def test_installing_beside_psychopy_changes_the_version_of_no_other_package(
    versions_before_and_after: tuple[dict[str, str], dict[str, str]],
) -> None:
    """Somebody's running study must survive `pip install psychopy-neon`."""
    before, after = versions_before_and_after
    changed = {name: (was, after.get(name)) for name, was in before.items()}
    assert {name: pair for name, pair in changed.items() if pair[0] != pair[1]} == {}
    assert "psychopy" in before
    assert "psychopy-neon" in set(after) - set(before)


def test_every_entry_point_loads(fresh_python: Path, tmp_path: Path) -> None:
    assert set(_answer(fresh_python, LOAD_ENTRY_POINTS, tmp_path)) == ENTRY_POINTS


def test_psychopy_activates_the_plugin(fresh_python: Path, tmp_path: Path) -> None:
    """Every Builder script starts with this call; one bad group would disable all of it."""
    known = _answer(fresh_python, ACTIVATE_PLUGINS, tmp_path)
    ours = {name for name, plugin in known["components"].items() if plugin == "psychopy-neon"}
    assert "psychopy-neon" in known["loaded"]
    assert "psychopy-neon" not in known["failed"]
    assert ours == {point.split(":")[1] for point in ENTRY_POINTS if "Component" in point}
    assert "eyetracker.neon_realtime.EyeTracker" in known["backends"]


def test_every_module_imports_with_the_declared_requirements_alone(
    fresh_python: Path, tmp_path: Path, display: None
) -> None:
    """The environment of the tests holds more than users get, and would hide what we forgot."""
    names = _answer(fresh_python, IMPORT_ALL_MODULES, tmp_path)
    assert "psychopy_neon.client" in names
    assert "psychopy_neon.builder_components.neon_event" in names
