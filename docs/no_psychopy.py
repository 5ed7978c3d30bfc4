"""Sphinx extension: a stand-in for PsychoPy, whose import needs a display and writes preferences.

Not `autodoc_mock_imports`: that ends after each import, and Sphinx looks up base classes later.
"""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.ext.autodoc.mock import mock

STAND_IN = mock(["psychopy"])  # ends when nothing holds it any more


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    STAND_IN.__enter__()
    app.connect("build-finished", lambda *_: STAND_IN.__exit__(None, None, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
