"""The check with a connection in this process, a real window and simulated glasses."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from psychopy_neon import Neon
from psychopy_neon.exceptions import UsageError
from psychopy_neon.readiness import Item, Requirements
from psychopy_neon.screen.markers import frame_layout
from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions

# A test must not depend on how busy the machine is.
EASY = Requirements(clock_ms=500.0, round_trip_ms=5000.0, gaze_hz=20.0)
SENTENCE = "Required and not answered: Participant, Age and 3 more. Answer it in the app. "


@pytest.fixture(scope="module")
def phone(display: None) -> Iterator[SimulatedNeon]:
    with SimulatedNeon(SimulatorOptions(screen_px=(1024, 768))) as made:
        assert made.scene is not None and made.scene.wait_until_drawn(60.0)
        yield made


@pytest.fixture(scope="module")
def neon(phone: SimulatedNeon, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neon]:
    journal = tmp_path_factory.mktemp("check") / "run_neon_events.jsonl"
    with Neon.connect(phone.address, phone.port, journal=journal) as connected:
        connected.track_screen(frame_layout((1024, 768)).markers)
        for stream in (connected.scene, connected.gaze, connected.imu):
            assert stream.read(30.0) is not None
        connected.template.definition()
        yield connected


@pytest.fixture
def window(runtime: Any) -> Iterator[Any]:
    from psychopy import visual

    made = visual.Window((1024, 768), units="pix", color="black", checkTiming=False)
    yield made
    made.close()


@pytest.fixture
def shown(runtime: Any, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """Verdict and keys of each frame; what is put into `press` is pressed after the first."""
    from psychopy_neon.runtime import check

    class Frames(list[tuple[str, list[str]]]):
        press = ""

    frames, screen = Frames(), check.CheckScreen

    class Watched(screen):  # type: ignore[misc,valid-type]
        def draw(self, readiness: Any, legend: list[str]) -> None:
            super().draw(readiness, legend)
            frames.append((readiness.verdict, legend))
            if len(frames) == 1 and frames.press:
                press(frames.press)

    monkeypatch.setattr(check, "CheckScreen", Watched)
    return frames


def press(key: str) -> None:
    from psychopy import event
    from pyglet.window import key as keys

    event._onPygletKey(getattr(keys, key.upper()), 0)


def test_all_good_goes_on_by_itself(
    runtime: Any, neon: Neon, window: Any, shown: list[tuple[str, list[str]]]
) -> None:
    found = runtime.check_glasses(window, neon, EASY, by_itself=True, limit_s=60.0)
    assert (found.choice, found.chosen_by) == ("go on", "itself"), found
    assert found.readiness.all_good and found.ready and not found.stopped
    verdicts = [verdict for verdict, _ in shown]
    assert verdicts[-1] == "ready" and "Space: go on" in shown[-1][1]
    journal = neon.journal_path
    assert journal is not None
    lines = [json.loads(line) for line in journal.read_text("utf-8").splitlines()]
    assert [line["outcome"]["verdict"] for line in lines if line["kind"] == "check"] == ["ready"]


def test_escape_stops(runtime: Any, neon: Neon, window: Any, shown: Any) -> None:
    shown.press = "escape"
    found = runtime.check_glasses(window, neon, EASY)
    assert found.stopped and found.chosen_by == "key" and len(shown) == 1


def test_at_the_time_limit_it_does_what_it_was_told(
    runtime: Any, neon: Neon, window: Any, shown: Any
) -> None:
    needs = Requirements(serial="654321")
    stopping = runtime.check_glasses(window, neon, needs, limit_s=0.01)
    going_on = runtime.check_glasses(window, neon, needs, limit_s=0.01, at_limit="go on")
    assert (stopping.choice, going_on.choice) == ("stop", "go on")
    assert stopping.chosen_by == going_on.chosen_by == "time limit"
    assert not going_on.ready
    assert shown[0][1][-1].startswith("stops by itself in")
    assert shown[-1][1][-1].startswith("goes on by itself in")


def test_a_pilot_run_is_never_held_up(
    runtime: Any, neon: Neon, window: Any, shown: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from psychopy_neon.runtime import check

    assert check.PILOT_LIMIT_S == 10.0
    monkeypatch.setattr(check, "PILOT_LIMIT_S", 0.01)
    needs = Requirements(serial="654321")
    found = runtime.check_glasses(window, neon, needs, piloting=True)
    assert (found.choice, found.chosen_by) == ("go on", "time limit")


def test_the_window_is_given_back_as_it_was(
    runtime: Any, neon: Neon, window: Any, shown: Any
) -> None:
    runtime.check_glasses(window, neon, EASY, limit_s=0.01)
    assert window._toDraw == [] and window.units == "pix"


def test_what_was_tracked_for_it_alone_is_tracked_no_longer(
    runtime: Any, neon: Neon, window: Any, shown: Any
) -> None:
    before = neon.screens
    runtime.check_glasses(window, neon, EASY, limit_s=0.01)
    assert neon.screens == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"at_limit": "wait"}, "at_limit must be one of"),
        ({"limit_s": 0}, "limit_s must be seconds"),
        ({"limit_s": float("nan")}, "limit_s must be seconds"),
    ],
)
def test_what_makes_no_sense_is_refused(
    runtime: Any, arguments: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        runtime.check_glasses(None, None, **arguments)


@pytest.mark.parametrize(("width", "height"), [(0.85, 0.6), (0.45, 0.6), (1.3, 0.5)])
@pytest.mark.parametrize("sentences", [0, 4, 11])
def test_everything_fits_as_large_as_it_can(
    runtime: Any, width: float, height: float, sentences: int
) -> None:
    from psychopy_neon.runtime.check_layout import SCALES, lay_out

    items = [
        Item(f"key{i}", "Recording", "bad", "71 %, about 2.0 h", SENTENCE * (i < sentences))
        for i in range(11)
    ]
    rows, scale = lay_out(items, width, height)
    last = rows[-1]
    bottom = last.offset + last.head + last.line * len(last.lines)
    assert bottom <= height or scale == SCALES[-1]
    assert [row.item for row in rows] == items
    assert all(" ".join(row.lines) == row.item.sentence.strip() for row in rows)
    offsets = [row.offset for row in rows]
    assert offsets == sorted(set(offsets))
    if sentences == 0:
        assert scale > 0.8


def test_a_recording_of_somebody_else_is_in_the_way(
    runtime: Any, phone: SimulatedNeon, neon: Neon, window: Any, shown: Any
) -> None:
    phone.controls.start_recording()
    wait_for(lambda: is_recording(neon))
    found = runtime.check_glasses(window, neon, EASY, limit_s=0.01)
    phone.controls.cancel_recording()
    wait_for(lambda: not is_recording(neon))
    assert found.readiness.item("recording").state == "bad", found
    after = runtime.check_glasses(window, neon, EASY, limit_s=0.01)
    assert after.readiness.item("recording").state == "good", after


def is_recording(neon: Neon) -> bool:
    recording = neon.status.recording
    return recording is not None and recording.is_running


def wait_for(condition: Callable[[], bool]) -> None:
    deadline_s = time.perf_counter() + 20.0
    while not condition():
        assert time.perf_counter() < deadline_s
        time.sleep(0.01)
