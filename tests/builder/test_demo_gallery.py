"""The demonstrations agree with their participants, and open in Builder as they are."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

OLDEST = "2025.2.4"
EXPERIMENTS = [
    *("gaze_contingent", "moving_window", "free_viewing", "visual_search", "reading"),
    *("pursuit", "validation", "events_only", "eeg_alignment"),
]


@pytest.fixture(params=EXPERIMENTS)
def folder(request: pytest.FixtureRequest, repository: Path) -> Path:
    """Each experiment's folder in turn."""
    return repository / "demos" / "builder" / str(request.param)


@pytest.fixture
def demo(folder: Path, elements: dict[str, Any]) -> Any:
    from psychopy.experiment import Experiment

    return Experiment.fromFile(str(folder / f"{folder.name}.psyexp"))


def test_there_is_no_experiment_that_the_tests_do_not_know(repository: Path) -> None:
    folders = {path.parent.name for path in (repository / "demos").glob("builder/*/*.psyexp")}
    assert folders == set(EXPERIMENTS)


def test_the_file_is_of_the_oldest_version_that_we_support(folder: Path) -> None:
    """A newer one would ask users of that version whether to convert it."""
    root = ElementTree.parse(folder / f"{folder.name}.psyexp").getroot()
    assert root.get("version") == OLDEST
    settings = {param.get("name"): param.get("val") for param in root.iterfind("Settings/Param")}
    assert settings["expName"] == folder.name
    assert settings["eyetracker"] == "eyetracker.neon_realtime.EyeTracker"
    # ioHub's keyboard asks the ioHub process in every frame, and stops with it.
    assert settings["keyboardBackend"] == "PsychToolbox"


def test_it_compiles(demo: Any, folder: Path) -> None:
    path = str(folder / f"{folder.name}.psyexp")
    compile(demo.writeScript(expPath=path, target="PsychoPy"), folder.name, "exec")


def test_psychopy_knows_all_of_its_elements(demo: Any) -> None:
    parts = [part for routine in demo.routines.values() for part in _components(routine)]
    assert parts
    assert not [part for part in parts if "Unknown" in type(part).__name__]


def _components(routine: Any) -> list[Any]:
    return list(routine) if isinstance(routine, list) else [routine]


def test_its_participant_reacts_to_events_that_it_sends(demo: Any, folder: Path) -> None:
    looks = json.loads((folder / "participant.json").read_text(encoding="utf-8"))
    expected = set(looks.get("on_event", ()))
    names = _event_names(demo, folder)
    assert expected <= names | {name for name in expected if name.startswith("neonValidate target")}


def _event_names(demo: Any, folder: Path) -> set[str]:
    names = set()
    for routine in demo.routines.values():
        for part in _components(routine):
            for key in ("eventName", "offsetName"):
                names.add(str(part.params[key].val) if key in part.params else "")
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            names |= {text for row in csv.DictReader(file) for text in row.values()}
    return names


def test_it_says_what_it_shows_and_how_to_run_it(folder: Path) -> None:
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert text.startswith("# ")
    command = "psychopy-neon demo" + ("" if folder.name == EXPERIMENTS[0] else f" {folder.name}")
    assert f"`{command}`" in text
    assert "What to look at" in text


def test_the_catalogue_has_every_demonstration(repository: Path) -> None:
    from psychopy_neon.demos.catalogue import DEMOS

    assert {demo.name for demo in DEMOS if not demo.is_script} == set(EXPERIMENTS)
    for demo in DEMOS:
        assert all(demo.participant(number).is_file() for number in range(demo.glasses))
        if demo.is_script:
            assert (repository / "demos" / "coder" / demo.name).is_file()


def test_a_script_that_runs_as_a_demo_has_an_iohub_of_its_own(tmp_path: Path) -> None:
    from psychopy_neon.demos.catalogue import DEMOS
    from psychopy_neon.demos.runner import prepare

    scripts = [demo for demo in DEMOS if demo.is_script]
    texts = [prepare(demo, tmp_path / demo.name).script.read_text("utf-8") for demo in scripts]
    ports = [
        port for text in texts for port in re.findall(r"launchHubServer\(.*udp_port=(\d+)", text)
    ]
    assert len(set(ports)) == sum("launchHubServer(" in text for text in texts) >= 3


@pytest.mark.parametrize(
    ("name", "info", "expected"),
    [
        ("two_glasses.py", {"trials": 1}, "\nTRIALS = 1\n"),
        ("gaze_cursor.py", {"trials": 2, "longest_s": 99}, "\nLONGEST_S = 99\n"),
    ],
)
def test_a_script_can_be_made_shorter(
    name: str, info: dict[str, object], expected: str, tmp_path: Path
) -> None:
    from psychopy_neon.demos.catalogue import find_demo
    from psychopy_neon.demos.runner import prepare

    demo = find_demo(name)
    assert demo is not None
    assert expected in prepare(demo, tmp_path / "run", info).script.read_text("utf-8")
