"""How Sphinx builds these pages; `python dev.py docs` runs it."""

from __future__ import annotations

import importlib.metadata
import re
import sys
from pathlib import Path

from numpydoc import xref

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))


def documented_classes(folder: Path) -> set[str]:
    """Last parts of the names of all classes that the pages of a folder describe."""
    texts = (page.read_text("utf-8") for page in folder.glob("*.rst"))
    directive = re.compile(r"^\.\. auto(?:class|exception):: (?:.*\.)?(\w+)$", re.MULTILINE)
    return {name for text in texts for name in directive.findall(text)}


project = "psychopy-neon"
author = "psychopy-neon contributors"
copyright = author
release = importlib.metadata.version("psychopy-neon")

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_parser",
    "no_psychopy",
    "short_names",
    "command_help",
]
exclude_patterns = ["_build"]
nitpicky = True
nitpick_ignore = [  # what the package hands to itself
    ("py:class", "psychopy_neon.client.stream_keeper.DecoderType"),
    ("py:class", "psychopy_neon.client.stream_keeper.StreamSource"),
    ("py:class", "psychopy_neon.screen.camera.SceneCamera"),
    ("py:class", "psychopy_neon.runtime.link.HubLink"),
    ("py:class", "psychopy_neon.runtime.run_end.Recorder"),
    ("py:class", "psychopy_neon.simple.device.HasAddress"),
    ("py:class", "psychopy_neon.simulator.sensors.GazeFeed"),
    ("py:class", "psychopy_neon.simulator.sensors.SceneFeed"),
]
default_role = "py:obj"

html_theme = "furo"
html_title = f"psychopy-neon {release}"
html_static_path = ["_static"]
html_css_files = ["reference.css"]
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
toc_object_entries_show_parents = "hide"

autodoc_default_options = {"member-order": "bysource"}
autodoc_typehints_format = "short"
autosummary_generate = False
add_module_names = False
maximum_signature_line_length = 120  # of the text with full paths, which is not shown

# Members are listed by autodoc itself.
numpydoc_show_class_members = False
# A type such as "SensorStream of GazeSample" links to both; short_names finds the pages.
numpydoc_xref_param_type = True
numpydoc_xref_ignore = "all"
xref.DEFAULT_LINKS.clear()  # to pages on the web
numpydoc_xref_aliases = {name: f"_.{name}" for name in documented_classes(HERE / "reference")}
numpydoc_validation_checks = {"PR02", "PR03", "PR05", "PR10", "RT02", "RT04", "SS02", "GL05"}

myst_heading_anchors = 2
suppress_warnings = ["myst.xref_missing"]  # design.md points to the README, which is no page
