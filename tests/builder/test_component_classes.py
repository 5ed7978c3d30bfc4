"""What Builder and Studio read from the classes."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

UNDERSTOOD_BY_STUDIO = {"single", "multi", "code", "name", "choice", "bool", "file"}


def new(component_class: Any) -> Any:
    from psychopy.experiment import Experiment

    return component_class(Experiment(), "")


def test_every_component_is_found_through_its_entry_point(component_class: Any) -> None:
    assert component_class.plugin == "psychopy-neon"
    assert component_class.categories == ["Eyetracking"]
    assert component_class.targets == ["PsychoPy"]
    assert component_class.version == "2025.1.0"
    assert component_class.tooltip


def test_every_parameter_says_what_it_is(component_class: Any) -> None:
    for name, param in new(component_class).params.items():
        assert param.label, f"{name} has no label"
        assert len(param.hint) > 10, f"{name} has no hint"


def test_every_parameter_is_of_a_kind_that_studio_can_show(component_class: Any) -> None:
    component = new(component_class)
    kinds = {name: param.inputType for name, param in component.params.items()}
    assert set(kinds.values()) <= UNDERSTOOD_BY_STUDIO, kinds
    for rule in component.depends:
        assert rule["dependsOn"] in component.params


def test_studio_gets_a_profile_without_an_experiment(component_class: Any) -> None:
    if not hasattr(component_class, "getTemplateJSON"):
        pytest.skip("this PsychoPy does not know Studio")
    profile = json.loads(json.dumps(component_class.getTemplateJSON(), default=str))
    assert profile["iconSVG"].startswith("<svg")
    assert profile["helpLink"].startswith("file://") and profile["helpLink"].endswith(".html")
    assert next(iter(profile["params"])) == "name"


@pytest.mark.parametrize("theme", ["light", "dark", "classic"])
@pytest.mark.parametrize(("suffix", "side"), [("", 48), ("@2x", 96)])
def test_there_is_an_icon_for_every_theme_and_screen(
    component_class: Any, theme: str, suffix: str, side: int
) -> None:
    stem = Path(component_class.iconFile).stem
    path = Path(component_class.iconFile).parent / theme / f"{stem}{suffix}.png"
    with Image.open(path) as icon:
        assert icon.size == (side, side)
        opaque = sum(alpha > 0 for alpha in icon.convert("RGBA").getchannel("A").tobytes())
    assert 0.1 < opaque / side**2 < 0.9


def test_the_svg_icon_is_drawn_in_the_colours_of_studio(component_class: Any) -> None:
    text = Path(component_class.iconSVG).read_text(encoding="utf-8")
    assert ElementTree.fromstring(text).get("viewBox") == "0 0 48 48"
    assert "var(--outline" in text
