"""The display lag, measured by a Builder experiment through ioHub, with an inverted marker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

LAG_S = 0.0234


@pytest.fixture(scope="module")
def run(hub_run: Callable[..., Any]) -> Any:
    return hub_run("hub_display_lag.py")


@pytest.fixture
def measured(run: Any) -> dict[str, str]:
    """The row of the data file that the measurement filled."""
    return next(row for row in run.results["rows"] if row["neonDisplayLag.verdict"])


def test_the_known_lag_is_found_through_iohub(run: Any, measured: dict[str, str]) -> None:
    assert measured["neonDisplayLag.verdict"] in ("good", "coarse"), run.results["found"]
    uncertainty_s = float(measured["neonDisplayLag.uncertainty_s"])
    assert abs(float(measured["neonDisplayLag.lag_s"]) - LAG_S) <= uncertainty_s < 0.02
    assert measured["neonDisplayLag.clock_agrees"] == "True" and run.results["agrees"]


def test_the_events_after_it_carry_the_lag(run: Any, measured: dict[str, str]) -> None:
    (event,) = run.results["events"]
    assert event["data"] == {"display_lag_s": float(measured["neonDisplayLag.used_s"])}
    row = next(row for row in run.results["rows"] if row["event.event"])
    assert float(row["event.time_s"]) - float(row["event.started"]) == pytest.approx(
        float(measured["neonDisplayLag.used_s"]), abs=1e-4
    )


def test_the_certificate_shows_lag_and_clocks_end_to_end(run: Any) -> None:
    certificate = run.results["certificate"]
    assert certificate["display"]["clock_agrees"]
    assert certificate["display"]["lag_ms"] == pytest.approx(1e3 * run.results["lag_s"])
    check = next(each for each in certificate["checks"] if "display" in each["name"])
    assert check["passed"] is not None and "the clocks agree" in check["measured"]


def test_the_flips_of_the_recording_are_in_the_certificate(run: Any) -> None:
    """Without a Neon Gaze; those of the measurement are none of a stimulus."""
    frames = run.results["certificate"]["frames"]
    assert frames["flips"] > 5 and frames["with_gaze"] == 0
    assert frames["intervals_ms"]["most"] < 1000


def test_points_that_make_no_sense_are_refused(run: Any) -> None:
    assert run.results["refused"] is False


def test_nothing_is_left_running(run: Any) -> None:
    assert run.survivors == [] and run.port_is_free
