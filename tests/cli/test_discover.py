from __future__ import annotations

import pytest

from psychopy_neon.cli.main import main
from psychopy_neon.client import finding


@pytest.mark.parametrize(("option", "asked"), [([], 0), (["--sweep"], 1)])
def test_neighbours_are_knocked_at_only_when_asked_for(option, asked, monkeypatch):
    looked = []

    def neighbours():
        looked.append(True)
        return []  # none, so that this test sends nothing

    monkeypatch.setattr(finding, "neighbours", neighbours)
    main(["discover", "--seconds", "0.2", *option])
    assert len(looked) == asked
