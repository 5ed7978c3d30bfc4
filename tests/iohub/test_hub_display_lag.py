"""The display lag, measured through ioHub."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

LAG_S = 0.0234


@pytest.fixture(scope="module")
def run(hub_run: Callable[..., Any]) -> Any:
    return hub_run("hub_display_lag.py")


def test_the_known_lag_is_found_through_iohub(run: Any) -> None:
    found = run.results
    assert found["verdict"] in ("good", "coarse"), found
    assert abs(found["lag_s"] - LAG_S) <= found["uncertainty_s"] < 0.01
    assert found["agrees"] and found["shown"] == 36


def test_corners_that_make_no_sense_are_refused(run: Any) -> None:
    assert run.results["refused"] is False


def test_nothing_is_left_running(run: Any) -> None:
    assert run.survivors == [] and run.port_is_free
