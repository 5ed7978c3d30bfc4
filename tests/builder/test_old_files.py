"""Experiments that earlier versions of ours have written, as they were written.

A file is added when a version is published, and never changed: it has what users' files have.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

FILES = ["first_version", "with_routines"]
IN_SCRIPT = {
    "first_version": [
        "phoneRecording = neon_runtime.NeonRecording(",
        "at_end='save', stop_with_routine=False",
        "tag_size=0.1, columns=3, rows=3, first_id=0",
        "onset.setEventName(event_name)",
        "onset.send_on_flip()",
    ],
    "with_routines": [
        "'if_missing': 'go on'",
        "mode='frame'",
        "points=9, spread=0.7, limit=2.0",
        "correct='if needed'",
        "gate.run(place=(x, 0))",
        "tag_size=0.125, columns=4, rows=2, first_id=20",
        "onset.setEventName(word)",
        "displayLag=0.0125",
        "onset.send_offset_on_flip()",
    ],
}


@pytest.fixture(params=FILES)
def old_file(request: pytest.FixtureRequest) -> Path:
    return Path(__file__).parent / "old_files" / f"{request.param}.psyexp"


@pytest.fixture
def opened(old_file: Path, elements: dict[str, Any]) -> Any:
    from psychopy.experiment import Experiment

    return Experiment.fromFile(str(old_file))


def stored(path: Path) -> dict[tuple[str, str], str]:
    """Values of our Components, Routines and settings in the file, by element and parameter."""
    values = {}
    for element in ElementTree.parse(path).getroot().iter():
        for param in element.findall("Param"):
            name = str(param.get("name"))
            if element.tag.startswith("Neon") or name.startswith("neonRt"):
                values[element.get("name") or "", name] = str(param.get("val"))
    return values


def loaded(experiment: Any) -> dict[tuple[str, str], str]:
    found = {("", name): str(each.val) for name, each in experiment.settings.params.items()}
    for routine in experiment.routines.values():
        for element in [routine, *routine] if isinstance(routine, list) else [routine]:
            for name, each in element.params.items():
                found[str(element.params["name"].val), name] = str(each.val)
    return found


def test_no_value_is_lost(old_file: Path, opened: Any) -> None:
    expected = {key: value for key, value in stored(old_file).items() if value != "None"}
    assert len(expected) > 40
    found = loaded(opened)
    assert {key: found.get(key) for key in expected} == expected


def test_nothing_is_unknown(opened: Any) -> None:
    for routine in opened.routines.values():
        assert "Unknown" not in type(routine).__name__
        for component in routine if isinstance(routine, list) else []:
            assert "Unknown" not in type(component).__name__, component.params["name"].val


def test_the_script_says_what_it_said(old_file: Path, opened: Any) -> None:
    script = opened.writeScript(expPath=str(old_file), target="PsychoPy")
    compile(script, "old.py", "exec")
    for text in IN_SCRIPT[old_file.stem]:
        assert text in script, text


def test_saved_again_it_is_the_same_and_has_what_is_new(
    old_file: Path, opened: Any, tmp_path: Path
) -> None:
    path = tmp_path / "new.psyexp"
    opened.saveToXML(str(path))
    before, after = stored(old_file), stored(path)
    assert {key: after.get(key) for key in before} == before
    assert set(after) > set(before)
