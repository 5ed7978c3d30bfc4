"""Several surfaces through ioHub: each with its own gaze, one of them the window of the data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from psychopy_neon.certificate.frames import read_frames
from psychopy_neon.export.run import read_run
from psychopy_neon.export.screen import Screen, WindowPixels

BOTH = ["right", "screen"]


@pytest.fixture(scope="module")
def run(hub_run: Callable[..., Any]) -> Any:
    return hub_run("hub_two_surfaces.py")


@pytest.fixture(scope="module")
def seen(run: Any) -> dict[str, Any]:
    results: dict[str, Any] = run.results
    return results


@pytest.fixture(scope="module")
def tables(run: Any) -> dict[str, Any]:
    import tables

    with tables.open_file(str(run.folder / "run.hdf5")) as file:
        return {table.name: table[:] for table in file.root.data_collection.events.eyetracker}


def test_surfaces_have_the_names_that_were_given(seen: dict[str, Any]) -> None:
    assert seen["names"] == ["screen", "screen", "right"]


@pytest.mark.parametrize("name", BOTH)
def test_the_surface_that_is_looked_at_is_named(seen: dict[str, Any], name: str) -> None:
    assert seen[f"looked_at {name}"] == [name, BOTH, BOTH]


def test_gaze_on_both_is_that_of_one_sample(seen: dict[str, Any]) -> None:
    assert seen["one_sample"] == 1


def test_on_a_printed_surface_gaze_is_as_if_the_window_was_spread_over_it(
    seen: dict[str, Any],
) -> None:
    assert seen["pos"] == pytest.approx(seen["place"], abs=0.02)
    assert seen["rests_here"] is True
    assert 0 < seen["delay"] < 0.05  # of the smoothing


def test_lost_gaze_is_held_or_hidden_as_on_the_window(seen: dict[str, Any]) -> None:
    shown, valid, pos = seen["held"]
    assert (shown, valid) == (True, False)
    assert pos == pytest.approx(seen["place"], abs=0.02)
    assert seen["hidden"] == [False, True]


def test_frames_are_logged_with_gaze_on_that_surface(run: Any) -> None:
    frames = read_frames((run.folder / "run_neon_frames.tsv").read_text("utf-8"))
    assert sum(frame.gaze_valid is True for frame in frames) > 3


def test_a_correction_holds_for_all_surfaces(seen: dict[str, Any]) -> None:
    assert 0.1 < seen["shift"] < 0.25  # 2 degrees of a sheet that is 25 wide


def test_a_tag_on_two_surfaces_is_refused_with_all_their_tags(seen: dict[str, Any]) -> None:
    assert seen["twice"] == (
        "UsageError: the markers neonMarkers cannot be used: tag 0 is on two surfaces, 'screen' "
        "(tags 0-1, 3, 5) and 'beamer' (tags 0-7): give every surface tags of its own, as with "
        "first_id=100, or, if it is the same surface, the same name."
    )
    assert seen["still"] == ["screen", "right"]


def test_what_cannot_be_is_refused_in_a_sentence(seen: dict[str, Any]) -> None:
    assert "cannot be the name of a surface; expected at most 32 letters" in seen["bad_name"]
    assert "height of a surface must be above 0 mm, not 0.0" in seen["bad_height"]
    assert "ioHub needs the window for its data file" in seen["stop_window"]


def test_a_surface_can_be_let_go_and_the_window_stays(seen: dict[str, Any]) -> None:
    assert (seen["joined"], seen["left_over"]) == (True, ["screen"])


def test_samples_of_the_data_file_are_those_of_the_window(tables: dict[str, Any]) -> None:
    rows, own = tables["BinocularEyeSampleEvent"], tables["NeonSampleEvent"]
    x = rows["left_gaze_x"][own["gaze_problem"] == b""] * 9 / 8  # height units to norm
    on_window, on_sheet = np.abs(x - 1.8) < 0.05, np.abs(x + 0.2) < 0.05  # 2 x + 1 and 2 x - 1
    assert on_window.sum() > 10 and on_sheet.sum() == 0


def test_poses_are_kept_with_the_name_of_their_surface(tables: dict[str, Any]) -> None:
    poses = tables["NeonScreenPoseEvent"]
    assert sorted(set(poses["surface"])) == [b"right", b"screen"]
    window, sheet = (poses[poses["surface"] == name][-1] for name in (b"screen", b"right"))
    assert window["units_per_norm_x"] == pytest.approx(8 / 9)
    assert (window["window_width_px"], sheet["window_width_px"]) == (1280, 0)
    assert sheet["units_per_norm_x"] == 1
    assert sheet["half_width"] == pytest.approx(265.5 / 298.6875, rel=1e-3)
    assert sheet["translation_x"] > window["translation_x"]


def test_exported_tables_name_the_surface_and_measure_the_window(run: Any) -> None:
    poses = read_run(run.folder / "run").poses
    assert set(poses["surface"]) == {b"right", b"screen"}
    pixels = WindowPixels(poses, Screen())
    assert (pixels.size_px, pixels.unit) == ((1280, 720), "pixel")
    x, y = pixels.convert(np.array([8 / 9]), np.array([-0.5]))
    assert (x[0], y[0]) == pytest.approx((1280, 720))
    sheet_only = {name: column[poses["surface"] == b"right"] for name, column in poses.items()}
    assert WindowPixels(sheet_only, Screen()).unit == "arbitrary"


def test_closing_waits_no_longer_than_it_was_told(seen: dict[str, Any]) -> None:
    assert 0.2 <= seen["closing_took_s"] < 8  # ten seconds are usual


def test_nothing_is_left_behind(run: Any) -> None:
    assert run.survivors == [] and run.port_is_free
