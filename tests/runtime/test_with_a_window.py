"""What only a real window can show."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def real_window(runtime: Any) -> Iterator[Any]:
    from psychopy import visual

    window = visual.Window((640, 360), units="height", fullscr=False, checkTiming=False)
    yield window
    window.close()


def test_the_flip_time_is_that_of_the_flip(runtime: Any, view: Any, real_window: Any) -> None:
    from psychopy import clock

    event = runtime.NeonEvent(real_window, view)
    event.send_on_flip("a")
    before = clock.getTime()
    real_window.flip()
    [(_, raw_s)] = view.sent()
    assert before <= raw_s <= clock.getTime()


def test_markers_register_themselves(runtime: Any, view: Any, real_window: Any) -> None:
    markers = runtime.NeonMarkers(real_window, view, name="markers")
    [(surface,)] = view.named("neon_set_surface")
    assert len(surface["tags"]) == 8
    assert surface["units_per_norm"] == pytest.approx([640 / 360 / 2, 0.5])
    markers.setAutoDraw(True)
    for _ in range(3):
        real_window.flip()
    markers.setAutoDraw(False)
    assert len(view.named("neon_set_surface")) == 1


def test_of_two_frames_of_markers_the_drawn_one_counts(
    runtime: Any, view: Any, real_window: Any
) -> None:
    first = runtime.NeonMarkers(real_window, view)
    runtime.NeonMarkers(real_window, view, first_id=20)
    first.draw()
    ids = [surface["tags"][0][0] for (surface,) in view.named("neon_set_surface")]
    assert ids == [0, 20, 0]


def test_validations_and_gates_show_the_markers_of_the_experiment(
    runtime: Any, view: Any, real_window: Any
) -> None:
    from psychopy_neon.runtime.shown_markers import shown_markers

    larger = runtime.NeonMarkers(real_window, view, tag_size=0.14, first_id=20)
    with shown_markers(real_window, view, None) as shown:
        assert shown is larger and larger in real_window._toDraw
    assert larger not in real_window._toDraw
    view.neon_tracker.set_surface(larger.surface(), owner=object())
    with shown_markers(real_window, view, None) as shown:
        assert shown.layout.tag_ids[0] == 0


def test_after_a_validation_the_window_has_the_markers_that_a_script_draws(
    runtime: Any, view: Any, real_window: Any
) -> None:
    """As `HubNeon.track_screen` tells them, who draws nothing and so would not tell them again."""
    from psychopy_neon import visual
    from psychopy_neon.runtime.shown_markers import shown_markers

    script, tracker = object(), runtime.connect(view)
    theirs = visual.NeonMarkers(real_window, first_id=40).surface()
    tracker.set_surface(theirs, owner=script)
    with shown_markers(real_window, view, None) as shown:
        assert tracker.surface_owner is shown
    assert tracker.surface_owner is script
    assert view.named("neon_set_surface")[-1] == (theirs,)
    own = visual.NeonMarkers(real_window, first_id=60)
    with shown_markers(real_window, view, own) as shown:
        tracker.set_surface(own.surface(), owner=own)
    assert tracker.surface_owner is own  # they were given by whoever called


def test_markers_that_are_on_the_screen_anyway_stay_there(
    runtime: Any, view: Any, real_window: Any
) -> None:
    from psychopy_neon.runtime.shown_markers import shown_markers

    frame = runtime.show_markers(real_window, view, tag_size=0.14)
    real_window.flip()
    with shown_markers(real_window, view, None) as shown:
        assert shown is frame
    assert frame in real_window._toDraw


def test_a_window_that_changes_its_size_in_mid_run_is_registered_again(
    runtime: Any, view: Any, real_window: Any
) -> None:
    markers = runtime.NeonMarkers(real_window, view)
    markers.setAutoDraw(True)
    real_window.flip()
    real_window.viewport = real_window.scissor = (0, 0, 480, 300)
    real_window.flip()
    real_window.flip()
    sizes = [surface["size_px"] for (surface,) in view.named("neon_set_surface")]
    assert sizes == [[640, 360], [480, 300]]


def test_a_stimulus_follows_gaze_and_leaves_when_it_is_lost(
    runtime: Any, view: Any, real_window: Any
) -> None:
    from psychopy import visual

    gaze = runtime.NeonGaze(real_window, view)
    target = visual.Circle(real_window, radius=0.1, pos=(0.5 * 640 / 720, -0.125))
    assert target.contains(gaze.pos)
    view.lose_gaze()
    real_window.flip()
    assert not target.contains(gaze.pos)
    target.setPos([gaze.pos], log=False)
    assert target.pos[0] < -10


@pytest.mark.parametrize("units", ["norm", "pix", "cm", "deg", "degFlat", "degFlatPos"])
@pytest.mark.parametrize("place", [(0.9, -0.8), (-0.3, 0.0), (0.0, 0.0)])
def test_what_follows_gaze_is_where_gaze_is_in_all_units(
    runtime: Any, view: Any, real_window: Any, units: str, place: tuple[float, float]
) -> None:
    from psychopy import monitors, visual

    real_window.monitor = monitors.Monitor("near", width=60.0, distance=40.0)
    real_window.monitor.setSizePix((640, 360))
    real_window.units = units
    gaze = runtime.NeonGaze(real_window, view)
    view.show_gaze(x=place[0], y=place[1])
    dot = visual.Rect(real_window, pos=gaze.pos, size=0.5)
    assert dot.verticesPix.mean(axis=0) == pytest.approx((place[0] * 320, place[1] * 180), abs=0.5)
    gaze.setDwellOn([dot])
    gaze.start()
    gaze.watch()
    assert gaze.looked_at is dot


def test_psychopys_roi_uses_gaze_as_its_device(runtime: Any, view: Any, real_window: Any) -> None:
    from psychopy import visual

    gaze = runtime.NeonGaze(real_window, view)
    here = (0.5 * 640 / 720, -0.125)
    roi = visual.ROI(real_window, device=gaze, shape="circle", pos=here, size=0.2)
    assert roi.isLookedIn
    view.lose_gaze()
    real_window.flip()
    assert not roi.isLookedIn


def test_simulated_glasses_are_named_on_the_screen_in_the_log_and_in_the_data(
    runtime: Any, view: Any, real_window: Any, log: list[str], tmp_path: Path
) -> None:
    from psychopy import data

    view.chosen["simulated"] = True
    experiment = data.ExperimentHandler(savePickle=False, saveWideText=False)
    runtime.NeonEvent(real_window, view, exp=experiment)
    (sign,) = real_window._toDraw
    assert sign.text == "simulated glasses"
    experiment.addData("trial", 1)
    experiment.nextEntry()
    experiment.saveAsWideText(str(tmp_path / "run.csv"), delim=",")
    (row,) = csv.DictReader((tmp_path / "run.csv").read_text("utf-8-sig").splitlines())
    assert row["neon.glasses"] == "simulated"
    assert "the glasses are SIMULATED" in log


def test_simulated_glasses_are_named_on_the_window_that_follows_a_closed_one(
    runtime: Any, view: Any, real_window: Any
) -> None:
    """A script may show its instructions in a window of their own."""
    from psychopy import visual

    view.chosen["simulated"] = True
    instructions = visual.Window((320, 180), fullscr=False, checkTiming=False)
    runtime.NeonGaze(instructions, view)
    runtime.NeonGaze(real_window, view)
    assert not real_window._toDraw
    instructions.close()
    runtime.NeonGaze(real_window, view)
    runtime.NeonGaze(real_window, view)
    assert [sign.text for sign in real_window._toDraw] == ["simulated glasses"]


def test_a_second_window_has_markers_and_gaze_of_its_own(
    runtime: Any, view: Any, real_window: Any
) -> None:
    from psychopy import visual

    beside = visual.Window((400, 300), units="height", fullscr=False, checkTiming=False)
    markers = runtime.NeonMarkers(real_window, view)
    others = runtime.NeonMarkers(beside, view, surface="left", first_id=100)
    for each in (markers, others):
        each.setAutoDraw(True)
    for window in (real_window, beside, real_window, beside):
        window.flip()
    (told, *none), (left, name) = view.named("neon_set_surface")
    assert (none, name, told["size_px"], left["size_px"]) == ([], "left", [640, 360], [400, 300])
    assert [left["tags"][0][0], told["tags"][0][0]] == [100, 0]
    view.boards["left"].write(view.gaze, time.perf_counter_ns())
    gaze = runtime.NeonGaze(beside, view, surface="left")
    assert gaze.pos == pytest.approx((0.5 * 400 / 600, -0.125))
    beside.close()


def test_a_printed_sheet_has_its_own_shape_and_height(
    runtime: Any, view: Any, real_window: Any, tmp_path: Path
) -> None:
    from psychopy_neon.screen.printed_tags import PrintedTags

    path = tmp_path / "sheet.json"
    path.write_text(PrintedTags.around_screen((200.0, 200.0), 30.0).to_json(), "utf-8")
    runtime.NeonMarkers(real_window, view, surface="sheet", printed=path, shown=False)
    runtime.NeonMarkers(real_window, view, printed=path, shown=False)
    (sheet, name), (window,) = view.named("neon_set_surface")
    assert name == "sheet"
    assert (sheet["units_per_norm"], sheet["size_px"], sheet["height_mm"]) == ([1, 1], [0, 0], 200)
    (x0, y0), (x1, _), (_, y2), _ = sheet["tags"][0][1]
    assert x1 - x0 == pytest.approx(y0 - y2)
    (x0, y0), (x1, _), (_, y2), _ = window["tags"][0][1]  # the window's pixels are square
    assert (x1 - x0) * 640 == pytest.approx((y0 - y2) * 360)
