"""What the button Help leads to."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

LARGEST_PICTURE = 60_000
SECTIONS = [
    "## What it does",
    "## What it does not do",
    "## Fields",
    "## What goes into the data file",
]
PSYCHOPYS_OWN = {
    *("name", "disabled", "startType", "startVal", "startEstim", "stopType", "stopVal"),
    *("durationEstim", "saveStartStop", "syncScreenRefresh"),
}


@pytest.fixture
def ours(elements: dict[str, Any]) -> list[Any]:
    """One of each of our Components and Routines."""
    from psychopy.experiment import Experiment

    classes = [each for each in elements.values() if getattr(each, "plugin", "") == "psychopy-neon"]
    assert len(classes) >= 7
    return [
        each(Experiment(), "") if each.__name__.endswith("Component") else each(Experiment())
        for each in classes
    ]


def page_of(repository: Path, url: str) -> Path:
    declared = re.search(
        r'^Documentation = "(.*)"$', (repository / "pyproject.toml").read_text("utf-8"), re.M
    )
    assert declared is not None
    assert url.startswith(declared[1]) and url.endswith(".html")
    return repository / "docs" / url.removeprefix(declared[1]).replace(".html", ".md")


def test_help_leads_to_the_page_of_the_component(ours: list[Any], repository: Path) -> None:
    for element in ours:
        page = page_of(repository, element.url)
        assert page.stem == Path(element.iconFile).stem
        assert page.read_text("utf-8").startswith("# Neon "), page


def test_every_page_has_the_same_parts_and_a_small_picture(repository: Path) -> None:
    for page in (repository / "docs" / "help").glob("*.md"):
        text = page.read_text("utf-8")
        if page.stem != "index":
            places = [text.index(section) for section in SECTIONS]
            assert places == sorted(places), page
        pictures = re.findall(r"!\[.+\]\((.*)\)", text)
        assert pictures, page
        for picture in pictures:
            assert (page.parent / picture).stat().st_size < LARGEST_PICTURE, picture


def test_every_field_is_explained_by_the_name_that_the_dialog_has_for_it(
    ours: list[Any], repository: Path
) -> None:
    for element in ours:
        text = page_of(repository, element.url).read_text("utf-8")
        for name, param in element.params.items():
            assert name in PSYCHOPYS_OWN or param.label in text, (element.type, param.label)


def test_every_setting_is_explained(elements: dict[str, Any], repository: Path) -> None:
    from psychopy_neon.builder_components.eyetracker_settings import NeonRealtimeBackend

    text = (repository / "docs" / "help" / "eyetracker_settings.md").read_text("utf-8")
    params, _ = NeonRealtimeBackend.getParams()
    for param in params.values():
        label = re.sub(r"^Limit: .*", "Limit: …", param.label)
        assert param.inputType == "inv" or label in text, label
