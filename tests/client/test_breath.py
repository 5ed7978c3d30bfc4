from __future__ import annotations

from types import SimpleNamespace

import pytest

from psychopy_neon.client import breath


@pytest.mark.parametrize("sleeps_briefly, slept_s", [(True, 0.000_05), (False, 0)])
def test_where_the_shortest_sleep_is_long_nobody_sleeps(
    sleeps_briefly: bool, slept_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleeps: list[float] = []
    monkeypatch.setattr(breath, "time", SimpleNamespace(sleep=sleeps.append))
    monkeypatch.setattr(breath, "SLEEPS_BRIEFLY", sleeps_briefly)
    breath.breathe()
    assert sleeps == [slept_s]
