"""Every demonstration does what it says, with simulated glasses."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

BUILDER = [
    *("reading", "pursuit", "moving_window", "visual_search", "validation"),
    *("free_viewing", "eeg_alignment", "events_only"),
]
CODER = ["two_glasses.py", "validation.py", "moving_window.py", "gaze_cursor.py"]
HEIGHT_PX, WIDTH_PX = 720, 1280
REGIONS = ("on_house", "on_tree", "on_sun")

# All of them are on their way when the first test waits for one.
pytestmark = pytest.mark.timeout(1200)

Gallery = Callable[[str], Any]


def events_of(run: Any) -> list[dict[str, Any]]:
    return [line for line in run.truth() if line["kind"] == "event"]


# -- all of them ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BUILDER + CODER)
def test_it_runs_to_its_end_without_a_complaint(gallery: Gallery, name: str) -> None:
    run = gallery(name)
    assert run.exit_code == 0, run.log[-3000:]
    assert "Traceback" not in run.log
    assert run.analysis and "Traceback" not in run.analysis


@pytest.mark.parametrize("name", BUILDER)
def test_every_event_is_confirmed_and_has_the_time_that_the_phone_has(
    gallery: Gallery, name: str
) -> None:
    run = gallery(name)
    stored = {line["timestamp_ns"]: line["name"] for line in events_of(run)}
    assert stored
    for row in run.rows():
        assert re.match(r"(\d+) of \1 events confirmed", row["neon.events"])
        for column, value in row.items():
            if column.endswith("device_ns") and value:
                event = row[column.replace("device_ns", "event")]
                assert stored[int(value)] == event


@pytest.mark.parametrize("name", BUILDER + CODER)
def test_its_window_was_photographed(gallery: Gallery, name: str) -> None:
    picture = gallery(name).picture()
    assert picture.shape == (HEIGHT_PX, WIDTH_PX, 3)
    assert picture.std() > 1


@pytest.mark.parametrize("name", [name for name in BUILDER + CODER if name not in BUILDER[-2:]])
def test_its_window_shows_the_markers(gallery: Gallery, name: str) -> None:
    from psychopy_neon.screen.detector import MarkerDetector

    luma = np.ascontiguousarray(gallery(name).picture().mean(axis=2).astype(np.uint8))
    assert sorted(MarkerDetector(range(20)).detect(luma).ids) == list(range(8))


# -- each of them ---------------------------------------------------------------------------------


def test_the_stripes_are_found_through_the_window_and_beside_the_scotoma(gallery: Gallery) -> None:
    trials = [row for row in gallery("moving_window").rows() if row["kind"]]
    assert {row["kind"] for row in trials} == {"window", "scotoma"}
    assert [row["neonGaze.selected"] for row in trials] == ["stripes"] * 2
    assert all(0 <= float(row["neonGaze.smoothing_delay_s"]) <= 0.025 for row in trials)


def test_what_is_seen_follows_gaze(gallery: Gallery) -> None:
    run = gallery("moving_window")
    trial = [row for row in run.rows() if row["kind"]][1]  # as the catalogue says
    x, y = float(trial["stripes_x"]), float(trial["stripes_y"])
    here = _spread(run.picture(), x, y)
    elsewhere = _spread(run.picture(), -0.4 if x > 0 else 0.4, -y)
    seen, hidden = (here, elsewhere) if trial["kind"] == "window" else (elsewhere, here)
    assert seen > 5
    assert hidden < 1


def _spread(picture: Any, x: float, y: float) -> float:
    """How much the window varies around a place, heights."""
    column, row = WIDTH_PX / 2 + x * HEIGHT_PX, HEIGHT_PX / 2 - y * HEIGHT_PX
    around = picture[round(row) - 40 : round(row) + 40, round(column) - 40 : round(column) + 40]
    return float(around.std())


def test_the_frame_log_has_the_age_of_the_gaze_that_was_shown(gallery: Gallery) -> None:
    [path] = gallery("moving_window").folder.glob("data/*_neon_frames.tsv")
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    ages = [line.split("\t")[header.split("\t").index("gaze_age_s")] for line in lines]
    assert sum(bool(age) for age in ages) > 10
    assert all(float(age) > 0 for age in ages if age)


def test_regions_of_interest_count_looks(gallery: Gallery) -> None:
    [picture] = [row for row in gallery("free_viewing").rows() if row["picture"]]
    looks = {region: int(picture[f"{region}.numLooks"]) for region in REGIONS}
    # A machine that is too busy to see the markers all the time may miss some, but not all.
    assert sum(looks.values()) >= 1
    for region in REGIONS:
        dwell_s = float(picture.get(f"{region}.dwellTime") or 0)
        assert (0 < dwell_s < 4.5) == (looks[region] > 0)


def test_the_saved_samples_are_on_the_house_when_the_eye_was(gallery: Gallery) -> None:
    from psychopy_neon.export import read_run

    run = gallery("free_viewing")
    truth = {
        line["device_ns"]: (line["screen_x"] * WIDTH_PX / HEIGHT_PX / 2, line["screen_y"] / 2)
        for line in run.truth()
        if line["kind"] == "gaze"
    }
    samples = read_run(run.hdf5).samples
    saved = zip(samples["device_ns"], samples["gaze_x"], samples["gaze_y"], strict=True)
    agree = [
        _is_house(x, y) == _is_house(*truth[int(device_ns)])
        for device_ns, x, y in saved
        if np.isfinite(x)
    ]
    assert len(agree) > 100
    assert np.mean(agree) > 0.95


def _is_house(x: float, y: float) -> bool:
    return abs(x + 0.42) < 0.23 and abs(y + 0.02) < 0.24


def test_looking_chooses_the_target_among_the_letters(gallery: Gallery) -> None:
    trials = [row for row in gallery("visual_search").rows() if row["set_size"]]
    assert len(trials) == 2
    for row in trials:
        assert row["neonGaze.selected"] == f"place {row['target_place']}"
        assert row["correct"] == "1"
        assert float(row["neonGaze.selected_s"]) > 0.6
        assert row["look_here.opened"] == "True"


def test_words_are_read_in_their_order(gallery: Gallery) -> None:
    said = gallery("reading").analysis
    [(forward, back)] = re.findall(r"(\d+) steps forward, (\d+) back", said)
    words = re.findall(r"^  (\S+) +(first +\d+ ms|skipped)", said, re.MULTILINE)
    assert [word for word, _ in words] == (
        ["The", "old", "baker", "opened", "his", "shop", "before", "the", "sun", "was", "up."]
    )
    # On a machine that is too busy to see the markers a fixation may have no place.
    assert sum(seen != "skipped" for _, seen in words) >= 3
    # One that is slow in turning the page lets the reader begin again, once for each step back.
    assert int(forward) >= 3 * (1 + int(back))


def test_fixations_are_where_the_eye_was(gallery: Gallery) -> None:
    from psychopy_neon.export import read_run

    run = gallery("reading")
    looks = [line for line in run.truth() if line["kind"] == "gaze"]
    times_s = np.array([line["device_ns"] for line in looks]) / 1e9
    events = read_run(run.hdf5).events
    columns = (events[name] for name in ("kind", "device_time_s", "duration_s", "x", "y"))
    off = []
    for kind, began_s, lasted_s, x, y in zip(*columns, strict=True):
        if kind == "fixation" and np.isfinite(x):
            look = looks[int(np.searchsorted(times_s, began_s + lasted_s / 2))]
            true_x, true_y = look["screen_x"] * WIDTH_PX / HEIGHT_PX / 2, look["screen_y"] / 2
            off.append(np.hypot(x - true_x, y - true_y))
    assert len(off) >= 4
    assert np.median(off) < 0.03  # a word is 0.12 wide or more


def test_pursuit_is_as_good_as_the_participants(gallery: Gallery) -> None:
    run = gallery("pursuit")
    [trial] = [row for row in run.rows() if row["swing"]]
    said = run.analysis
    [(gain, lag_ms, smooth)] = re.findall(
        r"^slow: gain ([\d.]+), lag (-?\d+) ms, .* saccades: gain ([\d.]+)$", said, re.MULTILINE
    )
    for swung, late_s in ((trial["gain"], float(trial["lag_s"])), (gain, float(lag_ms) / 1000)):
        assert float(swung) == pytest.approx(1.0, abs=0.1)
        assert -0.03 < late_s < 0.08  # by their saccades, which only catch up, 0.02
    # They are made to have 0.92; a saccade that the glasses miss counts as pursuit.
    assert 0.75 < float(smooth) < float(gain)
    assert float(trial["rms_height"]) < 0.1


def test_the_validation_corrects_what_the_participant_looks_beside(gallery: Gallery) -> None:
    rows = gallery("validation").rows()
    [found] = [row for row in rows if row["neonValidate.verdict"]]
    uncorrected_deg = float(found["neonValidate.uncorrected_deg"])
    assert uncorrected_deg > 0.7
    assert float(found["neonValidate.accuracy_deg"]) < 0.8 * uncorrected_deg
    assert [row["neonGaze.selected"] for row in rows if row["event_name"]] == ["disc"]


def test_events_last_as_long_on_the_phones_clock_as_between_the_flips(gallery: Gallery) -> None:
    discs = [row for row in gallery("events_only").rows() if row["shown.event"]]
    assert sorted(row["shown.event"] for row in discs) == ["odd", *["standard"] * 4]
    for row in discs:
        flips_s = float(row["shown.offset_flip_raw_s"]) - float(row["shown.flip_raw_s"])
        phone_s = (int(row["shown.offset_device_ns"]) - int(row["shown.device_ns"])) / 1e9
        bounds_ms = float(row["shown.bound_ms"]) + float(row["shown.offset_bound_ms"])
        assert phone_s == pytest.approx(flips_s, abs=bounds_ms / 1e3 + 1e-4)


def test_a_key_press_is_an_event_of_its_own(gallery: Gallery) -> None:
    run = gallery("events_only")
    [odd] = [row for row in run.rows() if row["shown.event"] == "odd"]
    assert (odd["pressed.event"], odd["pressed.state"]) == ("response", "confirmed")
    assert float(odd["pressed.time_s"]) > float(odd["shown.time_s"])
    assert [line["name"] for line in events_of(run)].count("response") == 1
    assert re.search(r"^odd: 1 discs, .* 1 key presses$", run.analysis, re.MULTILINE)
    standard = [row for row in run.rows() if row["shown.event"] == "standard"]
    assert not any(row["pressed.event"] for row in standard)


def test_each_trigger_belongs_to_its_event(gallery: Gallery) -> None:
    pairs = gallery("eeg_alignment").rows("_aligned")
    residuals_ms = [abs(float(pair["residual_ms"])) for pair in pairs]
    assert len(pairs) == 8
    assert np.median(residuals_ms) < 5.0  # another event would be a second away
    assert {int(pair["code"]) for pair in pairs} == {10, 11, 12, 13}


def test_one_moment_is_the_same_in_the_recordings_of_both_glasses(gallery: Gallery) -> None:
    run = gallery("two_glasses.py")
    found = re.findall(
        r"> (disc \d) at (\d+) and (\d+) on .* known to ([\d.]+) and ([\d.]+) ms", run.analysis
    )
    assert [name for name, *_ in found] == ["disc 1", "disc 2", "disc 3"]
    excess_ms = []
    for _, ours, theirs, our_bound_ms, their_bound_ms in found:
        moments_ns = [_true_host_ns(run, n, int(ns)) for n, ns in enumerate((ours, theirs))]
        apart_ms = abs(moments_ns[0] - moments_ns[1]) / 1e6
        excess_ms.append(apart_ms - float(our_bound_ms) - float(their_bound_ms))
    # Two decimals are printed. A busy machine may pause between the two of a flip, not always.
    assert np.median(excess_ms) <= 0.05


def _true_host_ns(run: Any, glasses: int, device_ns: int) -> float:
    clock = next(line for line in run.truth(glasses) if line["kind"] == "clock")
    passed_ns = (device_ns - clock["zero_device_ns"]) / (1 + clock["drift_ppm"] * 1e-6)
    return float(clock["zero_host_ns"] + passed_ns)


def test_the_clocks_of_both_phones_are_really_different(gallery: Gallery) -> None:
    run = gallery("two_glasses.py")
    zeros = [next(line for line in run.truth(n) if line["kind"] == "clock") for n in range(2)]
    assert abs(_offset_s(zeros[0]) - _offset_s(zeros[1])) > 1


def _offset_s(clock: dict[str, Any]) -> float:
    return float(clock["zero_device_ns"] - clock["zero_host_ns"]) / 1e9


@pytest.mark.parametrize(
    ("name", "pattern", "count"),
    [
        ("gaze_cursor.py", r"^> trial \d: chosen after [\d.]+ s$", 2),
        ("moving_window.py", r"^> (window|scotoma): the number was found after [\d.]+ s$", 2),
        ("validation.py", r"^> ((NOT )?passed|(accuracy|precision) +[\d.]+ deg.*|data loss.*)$", 4),
    ],
)
def test_scripts_say_what_they_found(gallery: Gallery, name: str, pattern: str, count: int) -> None:
    said = gallery(name).analysis
    assert len(re.findall(pattern, said, re.MULTILINE)) == count, said


def test_the_cursor_is_where_the_circle_turned_green(gallery: Gallery) -> None:
    run = gallery("gaze_cursor.py")
    seconds = [float(found) for found in re.findall(r"after ([\d.]+) s", run.analysis)]
    assert all(0.5 < each < 100 for each in seconds)
