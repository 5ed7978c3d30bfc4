"""Several windows or surfaces, as the experiment's process knows them."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import time
from types import SimpleNamespace
from typing import Any

import pytest

from psychopy_neon.exceptions import UsageError

SURFACE = {"tags": [], "units_per_norm": [1.0, 1.0]}


@pytest.fixture
def tracker(runtime: Any, view: Any) -> Any:
    return runtime.connect(view)


def show(view: Any, name: str, x: float, distance_mm: float, **changes: Any) -> None:
    """What the device sees on a surface from now on."""
    gaze = dataclasses.replace(view.gaze, x=x, **changes)
    view.boards[name].write(gaze, time.perf_counter_ns(), distance_mm)


def test_the_window_has_the_wire_form_of_before(tracker: Any, view: Any) -> None:
    assert tracker.set_surface(SURFACE, owner="a")
    assert tracker.set_surface(SURFACE, owner="b", name=" ")
    assert tracker.set_surface(SURFACE, owner="c", name="left")
    told = view.named("neon_set_surface")
    assert told == [(SURFACE,), (SURFACE,), (SURFACE, "left")]
    assert view.named("neon_gaze_board") == [(), ("left",)]
    owners = (tracker.surface_owner, tracker.owner_of("screen"), tracker.owner_of("left"))
    assert owners == ("b", "b", "c")
    assert tracker.owner_of("right") is None


def test_each_surface_has_its_own_gaze(tracker: Any, view: Any) -> None:
    tracker.set_surface(SURFACE, owner=None, name="left")
    show(view, "left", -0.75, 600.0)
    assert tracker.read_gaze("left").x == -0.75
    assert tracker.read_gaze().x == 0.5
    assert tracker.read_gaze("nowhere").problem == "no gaze"


def test_of_two_surfaces_behind_each_other_the_nearer_is_looked_at(tracker: Any, view: Any) -> None:
    assert tracker.looked_at().on == {}
    for name in ("near", "far", "beside"):
        tracker.set_surface(SURFACE, owner=None, name=name)
    show(view, "near", 0.2, 400.0)
    show(view, "far", 0.3, 900.0)
    show(view, "beside", 1.2, 300.0)
    seen = tracker.looked_at()
    assert (seen.name, seen.gaze.x, sorted(seen.on)) == ("near", 0.2, ["beside", "far", "near"])
    show(view, "near", 0.2, 400.0, problem="no screen", valid=False)
    assert tracker.looked_at().name == "far"
    assert tracker.forget_surface("far")
    assert tracker.looked_at().name is None


def test_markers_that_are_refused_say_why_once(tracker: Any, view: Any, log: list[str]) -> None:
    view.surface_problem = "tag 0 is on two surfaces"
    assert not tracker.set_surface(SURFACE, owner=None, name="left")
    assert tracker.surface_problem == "tag 0 is on two surfaces"
    assert "the surface 'left' cannot be used: tag 0 is on two surfaces" in log
    with pytest.raises(UsageError, match="tag 0 is on two surfaces"):
        tracker.watch_surface("right")
    view.surface_problem = ""
    assert tracker.set_surface(SURFACE, owner=None, name="left")
    assert tracker.surface_problem == ""


def test_other_surfaces_end_with_their_experiment(tracker: Any, view: Any) -> None:
    """In a Session the next one has the same ioHub."""
    for name in ("", "left", "sheet"):
        tracker.set_surface(SURFACE, owner=None, name=name)
    tracker.close(0.0)
    assert view.named("neon_forget_surface") == [("left",), ("sheet",)]
    assert tracker.read_gaze("left").problem == "no gaze"


@pytest.mark.parametrize("name", ["x" * 33, "\N{GREEK SMALL LETTER ALPHA}", "a\nb", 7])
def test_a_name_that_the_data_file_cannot_hold_is_refused(tracker: Any, name: Any) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a surface; expected at most 32"):
        tracker.set_surface(SURFACE, owner=None, name=name)


def test_two_windows_as_one_surface_are_told_once(
    tracker: Any, view: Any, log: list[str], window: Any
) -> None:
    from psychopy_neon.runtime.surface_marks import SurfaceMarks

    def markers_on(win: Any) -> Any:
        return SimpleNamespace(win=win, surface=lambda: SURFACE, size_changed=lambda: False)

    first = SurfaceMarks(markers_on(window), tracker, "screen")
    first.tell()
    SurfaceMarks(markers_on(window), tracker, "screen").tell()
    assert "two windows" not in log
    second = SurfaceMarks(markers_on(SimpleNamespace()), tracker, "screen")
    second.tell_changes()
    assert "two windows show markers as the surface 'screen'" in log
    first.tell_changes()
    second.tell_changes()
    assert len(view.named("neon_set_surface")) == 5


def test_gaze_on_one_of_several_surfaces_counts_in_the_frame_log(
    runtime: Any, view: Any, window: Any, tracker: Any
) -> None:
    here = runtime.NeonGaze(window, view)
    there = runtime.NeonGaze(window, view, surface="left")
    show(view, "left", 0.1, 600.0, problem="no screen", valid=False)
    logged: list[Any] = []
    tracker.timing.frames = lambda: SimpleNamespace(
        note=lambda *row, **_: logged.append(row), pause=lambda: None
    )
    for gaze in (here, there):
        gaze.start()
    for _ in range(3):
        for gaze in (here, there):
            gaze.watch()
        window.flip()
    assert [row[2] for row in logged] == [True, True, True]


def test_closing_waits_for_answers_as_long_as_it_is_told(
    runtime: Any, view: Any, tracker: Any, log: list[str]
) -> None:
    view.counts["pending"] = 1
    began_s = time.perf_counter()
    tracker.close(0.1)
    assert 0.1 <= time.perf_counter() - began_s < 8  # ten seconds are usual
    assert tracker.closed


def test_what_draws_nothing_can_be_imported_without_a_display() -> None:
    code = (
        "import sys, psychopy_neon.runtime, psychopy_neon.hub\n"
        "from psychopy_neon.runtime import NeonEvent, NeonGaze, NeonRecording, connect\n"
        "assert not {'psychopy.event', 'psychopy.visual'} & set(sys.modules)\n"
        "assert 'NeonMarkers' in dir(psychopy_neon.runtime)\n"
        "assert not hasattr(psychopy_neon.runtime, 'NeonNothing')\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
