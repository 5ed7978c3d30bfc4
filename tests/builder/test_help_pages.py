"""What the button Help leads to."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

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


def installed_page(url: str) -> Path:
    """The file that a browser would open."""
    assert url.startswith("file:///")
    return Path(url2pathname(urlsplit(url).path))


def page_of(repository: Path, url: str) -> Path:
    return repository / "docs" / "help" / f"{installed_page(url).stem}.md"


def test_help_leads_to_the_page_of_the_component(ours: list[Any], repository: Path) -> None:
    for element in ours:
        page = page_of(repository, element.url)
        assert page.stem == Path(element.iconFile).stem
        assert page.read_text("utf-8").startswith("# Neon "), page


def test_help_needs_no_network(ours: list[Any]) -> None:
    for element in ours:
        page = installed_page(element.url)
        text = page.read_text("utf-8")
        assert f"<title>{text.partition('<h1>')[2].partition('</h1>')[0]}</title>" in text
        targets = re.findall(r'(?:src|href)="([^"]+)"', text)
        assert any(target.endswith(".png") for target in targets)
        for target in targets:
            assert (page.parent / target).is_file(), (page, target)


def test_the_installed_pages_are_those_of_the_documentation(repository: Path) -> None:
    scope = runpy.run_path(str(repository / "docs" / "help_pages.py"))
    shipped = repository / "builder_components" / "help"
    made = {page.name: page.read_text("utf-8") for page in shipped.glob("*.html")}
    assert made == scope["pages"](), "run: python docs/help_pages.py"


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
