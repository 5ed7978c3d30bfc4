"""Gaze validated and corrected by a Builder experiment through ioHub, with a known error."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from psychopy_neon.export import BidsName, read_run, write_bids
from psychopy_neon.screen.correction import GazeCorrection

# 0.05 of half a width of 531 mm, and 0.06 of half a height of 299 mm, at 600 mm.
ERROR_DEG = math.degrees(math.hypot(0.05 * 265.5, 0.06 * 149.3) / 600)


@pytest.fixture(scope="module")
def run(hub_run: Callable[..., Any]) -> Any:
    return hub_run("hub_validate.py")


@pytest.fixture(scope="module")
def found(run: Any) -> dict[str, str]:
    """The columns of the validation."""
    row = next(row for row in run.results["rows"] if row["look.verdict"])
    return {name[5:]: value for name, value in row.items() if name.startswith("look.")}


def test_the_known_error_is_found(found: dict[str, str]) -> None:
    assert float(found["uncorrected_deg"]) == pytest.approx(ERROR_DEG, rel=0.15)


def test_the_correction_takes_it_away(found: dict[str, str]) -> None:
    assert float(found["accuracy_deg"]) < 0.25
    assert (found["passed"], found["verdict"], found["rounds"]) == ("True", "good", "2")


def test_each_target_has_its_numbers(found: dict[str, str]) -> None:
    for number in range(1, 6):
        assert found[f"p{number}.problem"] == ""
        assert float(found[f"p{number}.accuracy_deg"]) <= float(found["worst_deg"])
    assert (found["p1.x"], found["p2.x"], found["p2.y"]) == ("0.0", "-0.7", "0.7")


def test_precision_is_that_of_the_simulated_noise(found: dict[str, str]) -> None:
    """1 pixel in both directions, 15.5 to a degree in the middle of the picture."""
    assert float(found["sd_deg"]) == pytest.approx(math.sqrt(2) / 15.5, rel=0.35)
    assert float(found["rms_s2s_deg"]) == pytest.approx(2 / 15.5, rel=0.35)
    assert float(found["loss"]) < 0.1 and float(found["rate_hz"]) == pytest.approx(200, rel=0.05)


def test_gaze_afterwards_is_corrected(run: Any) -> None:
    """The participant looks 0.05 and -0.06 beside the middle, and Neon Gaze says the middle."""
    last = np.median(run.results["afterwards"][-20:], axis=0)
    assert last == pytest.approx((0.0, 0.0), abs=0.02)


def test_what_gaze_was_corrected_by_is_in_the_data(run: Any, found: dict[str, str]) -> None:
    line = next(line for line in run.results["journal"] if line["kind"] == "gaze_correction")
    correction = GazeCorrection.from_json(line["correction"])
    assert (correction.version, correction.points, found["correction_version"]) == (1, 5, "1")
    written = [float(found[f"correction_{axis}_deg"]) for axis in "xy"]
    assert written == pytest.approx(correction.offset_deg, abs=1e-6)
    assert {row["gaze.correction_version"] for row in run.results["rows"]} >= {"1"}


def test_the_result_is_shown(run: Any) -> None:
    assert any(line.startswith("PASSED: accuracy 0.") for line in run.results["shown"])
    assert any("corrected (version 1); without: 1." in line for line in run.results["shown"])
    assert (run.folder / "result.png").stat().st_size > 5_000


def test_the_gate_opens_for_corrected_gaze_and_corrects_its_drift(run: Any) -> None:
    """Without the correction gaze would be outside of it."""
    row = next(row for row in run.results["rows"] if row["gate.opened"])
    assert (row["gate.opened"], row["gate.ended_by"]) == ("True", "")
    # 0.3 s by the times of gaze, of which the first may be from before the gate.
    assert 0.2 < float(row["gate.waited_s"]) < 2.0
    assert abs(float(row["gate.offset_x_deg"])) < 0.3 > abs(float(row["gate.offset_y_deg"]))
    lines = [line for line in run.results["journal"] if line["kind"] == "gaze_correction"]
    versions = [GazeCorrection.from_json(line["correction"]).version for line in lines]
    assert versions == [1, 2] and row["gate.correction_version"] == "2"


# -- what can be told of it afterwards ------------------------------------------------------------


@pytest.fixture(scope="module")
def exported(run: Any) -> Any:
    return read_run(run.folder / "data")


def test_a_run_tells_which_correction_was_in_force_when(exported: Any, run: Any) -> None:
    lines = [line for line in run.results["journal"] if line["kind"] == "gaze_correction"]
    corrections = exported.corrections
    assert corrections["version"].tolist() == [1, 2]
    first = GazeCorrection.from_json(lines[0]["correction"])
    offset = [corrections[f"offset_{way}_deg"][0] for way in ("right", "up")]
    assert offset == pytest.approx(first.offset_deg)
    samples, set_s = exported.samples, corrections["time_s"]
    is_settled = samples["gaze_source"] == "settled"
    for version, known in (
        (samples["correction_version"][is_settled], samples["time_s"][is_settled]),
        (samples["live_correction_version"], samples["time_s"]),
    ):
        assert version[0] == 0 and (np.diff(version) >= 0).all()
        assert (version[known > set_s[0] + 0.1] >= 1).all()
        assert (version[known > set_s[1] + 0.1] == 2).all()


def test_gaze_is_there_corrected_and_as_it_would_be_without(exported: Any) -> None:
    """The difference is what the correction says: degrees, here along the window's axes."""
    samples = exported.samples
    is_known = (samples["gaze_valid"] == 1) & (samples["gaze_source"] == "settled")
    raw = is_known & (samples["correction_version"] == 0)
    assert raw.sum() > 100
    assert np.array_equal(samples["gaze_x"][raw], samples["uncorrected_gaze_x"][raw])
    corrected = is_known & (samples["correction_version"] == 1)
    assert corrected.sum() > 100
    shift = samples["gaze_x"][corrected] - samples["uncorrected_gaze_x"][corrected]
    offset_deg = exported.corrections["offset_right_deg"][0]
    assert np.sign(np.median(shift)) == np.sign(offset_deg)
    assert 0.02 < abs(np.median(shift)) < 0.08  # the participant looks 0.05 beside the target
    assert not np.isnan(samples["raw_x_px"][corrected]).any()


def test_bids_describes_the_corrections(exported: Any, tmp_path: Any) -> None:
    written = write_bids(exported, tmp_path, BidsName("01", "validate"))
    [about] = [path for path in written if path.name.endswith("recording-eye3_physio.json")]
    told = json.loads(about.read_text("utf-8"))["GazeCorrections"]["Corrections"]
    assert [each["Version"] for each in told] == [1, 2]
    assert told[0]["Targets"] == 5 and told[0]["Onset"] < told[1]["Onset"]


def test_the_certificate_tells_them_too(run: Any) -> None:
    [page] = (run.folder / "data").glob("*_neon_timing.html")
    assert "Correction of gaze" in page.read_text("utf-8")
    told = json.loads(page.with_suffix(".json").read_text("utf-8"))["corrections"]
    assert [each["version"] for each in told] == [1, 2]
    assert told[0]["points"] == 5 and 0 < told[0]["from_s"] < told[1]["from_s"]


def test_what_makes_no_sense_is_refused(run: Any) -> None:
    assert run.results["refused"] == [False] * 4


def test_nothing_is_left_running(run: Any) -> None:
    assert run.survivors == [] and run.port_is_free
