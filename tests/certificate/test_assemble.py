"""What a certificate says of runs whose truth is known."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from psychopy_neon.certificate import Certificate, Limits, assemble, read_frames, to_json
from psychopy_neon.ledger import read_sessions

MakeCertificate = Callable[..., Certificate]
NS_PER_S = 1_000_000_000


@pytest.fixture
def certify(tmp_path: Path, synthetic_run: Any) -> MakeCertificate:
    """Certificate of a run with these properties."""

    def make(limits: Limits | None = None, **properties: Any) -> Certificate:
        path = synthetic_run(**properties).write(tmp_path / "run_neon_events.jsonl")
        return assemble(read_sessions(path), limits=limits)

    return make


def _check(certificate: Certificate, name: str) -> Any:
    (check,) = (check for check in certificate.checks if check.name == name)
    return check


def test_a_quiet_run_passes_and_says_so_in_words(certify: MakeCertificate) -> None:
    made = certify(duration_s=60)
    assert made.passed
    assert made.events.total == made.events.confirmed == 59
    assert made.events.bounds_ms is not None
    assert made.verdict.startswith("All 59 events confirmed; every event's time is within 0.")
    assert made.notes == ()


@pytest.mark.parametrize("set_by_s", [-40.0, 0.0, 40.0])
def test_flips_stay_in_their_places_when_the_wall_clock_is_set(
    tmp_path: Path, synthetic_run: Any, make_frame_log: Callable[..., str], set_by_s: float
) -> None:
    """PsychoPy's clock follows it on Linux, and with it the times in the frame log."""
    path = synthetic_run(duration_s=60).write(tmp_path / "run_neon_events.jsonl")
    _set_experiment_clock(path, set_by_s, from_host_ns=5_030 * NS_PER_S)
    frames = [
        replace(frame, flip_experiment_s=frame.flip_experiment_s + set_by_s)
        if frame.flip_host_s > 5_030
        else frame
        for frame in read_frames(make_frame_log(60))
    ]
    made = assemble(read_sessions(path), frames)
    placed = [(at_s, frame.flip_host_s - 5_000) for at_s, frame in made.series.flips]
    assert len(placed) == len(frames)
    assert all(at_s == pytest.approx(true_s, abs=1e-5) for at_s, true_s in placed)


def _set_experiment_clock(path: Path, by_s: float, from_host_ns: int) -> None:
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for line in lines:
        if "experiment_s" in line and line["host_ns"] > from_host_ns:
            line["experiment_s"] += by_s
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")


def test_the_verdict_never_makes_a_bound_look_better_than_it_is(certify: MakeCertificate) -> None:
    made = certify(duration_s=60)
    said_ms = float(made.verdict.split(" within ")[1].split(" ms")[0])
    assert made.events.bounds_ms is not None
    assert made.events.bounds_ms.most <= said_ms <= made.events.bounds_ms.most * 1.1


@pytest.mark.parametrize("drift_ppm", [-80.0, 0.0, 40.0])
def test_the_true_drift_is_within_its_bound(certify: MakeCertificate, drift_ppm: float) -> None:
    (segment,) = certify(duration_s=120, drift_ppm=drift_ppm).segments
    assert abs(segment.drift_ppm - drift_ppm) <= segment.drift_bound_ppm < 15
    assert segment.ahead_s == pytest.approx(7.3, abs=0.002)


def test_an_event_of_before_the_session_does_not_move_the_computers_clock(
    tmp_path: Path, synthetic_run: Any
) -> None:
    path = synthetic_run(duration_s=20).write(tmp_path / "p.jsonl")
    (session,) = read_sessions(path)
    first, *rest = session.events
    early = replace(first, host_ns=first.host_ns - 60_000_000_000)
    (segment,) = assemble([replace(session, events=(early, *rest))]).segments
    assert segment.ahead_s == pytest.approx(7.3, abs=0.002)


def test_a_step_of_the_clock_is_found_with_its_size(certify: MakeCertificate) -> None:
    made = certify(duration_s=120, step_at_s=60.2, step_s=1.25)
    (step,) = made.steps
    assert abs(step.size_ms - 1250) <= step.bound_ms < 3
    assert step.from_s <= 60.2 <= step.until_s
    assert len(made.segments) == 2
    assert not _check(made, "max_clock_steps").passed
    assert any("stepped by +1250" in note for note in made.notes)


def test_an_event_on_the_wrong_side_of_a_step_is_not_taken_at_its_word(
    certify: MakeCertificate,
) -> None:
    """It was dated by the clock before the step, and its bound then did not know of one."""
    made = certify(duration_s=120, step_at_s=60.6, step_s=1.25)
    assert made.events.widened == 1
    assert made.events.bounds_ms is not None and made.events.bounds_ms.most > 1250
    assert made.events.undisturbed_ms is not None and made.events.undisturbed_ms.most < 1
    assert "the time of 1 event is only known within 12" in made.verdict
    assert not _check(made, "max_event_bound_ms").passed


@pytest.mark.parametrize("seed", range(5))
def test_the_error_of_every_event_is_within_what_the_certificate_says(
    tmp_path: Path, synthetic_run: Any, seed: int
) -> None:
    run = synthetic_run(
        duration_s=90, one_way_ms=(1, 25), outage_s=(30, 40), step_at_s=60.4, step_s=-0.8, seed=seed
    )
    made = assemble(read_sessions(run.write(tmp_path / "run.jsonl")))
    assert len(made.series.events) == 89
    for judged in made.series.events:
        assert judged.event.device_ns is not None
        error_ms = abs(judged.event.device_ns - run.true_device_ns(judged.at_s)) / 1e6
        assert error_ms <= judged.bound_ms


def test_an_outage_is_told_with_its_length(certify: MakeCertificate) -> None:
    made = certify(duration_s=60, outage_s=(20.0, 30.0))
    (silence,) = made.silences
    assert silence.from_s == pytest.approx(20, abs=0.6)
    assert silence.duration_s == pytest.approx(10, abs=1.1)
    assert made.events.confirmed == made.events.total


def test_an_outage_until_the_end_is_told_too(certify: MakeCertificate) -> None:
    (silence,) = certify(duration_s=60, outage_s=(20.0, 99.0)).silences
    assert silence.from_s == pytest.approx(20, abs=0.6)
    assert silence.duration_s == pytest.approx(40, abs=1.1)


def test_a_ledger_cut_by_a_crash_is_certified_as_far_as_it_goes(
    tmp_path: Path, synthetic_run: Any
) -> None:
    path = synthetic_run(duration_s=120, cut_after_s=60.75).write(tmp_path / "cut.jsonl")
    text = path.read_text("utf-8")
    path.write_text(text[:-20], "utf-8")
    made = assemble(read_sessions(path))
    assert not made.passed and not made.closed
    assert made.events.total == made.events.confirmed + 1
    assert "60 of 61 events confirmed" in made.verdict
    assert any("cut off" in note for note in made.notes)


def test_nothing_to_certify_is_no_pass() -> None:
    made = assemble([])
    assert not made.passed
    assert made.verdict == "Nothing to certify: the ledger holds no session."
    assert all(check.passed is None for check in made.checks)


def test_a_session_without_events_passes_if_its_clock_was_read(certify: MakeCertificate) -> None:
    made = certify(duration_s=30, event_every_s=float("inf"))
    assert made.passed
    assert made.verdict == "No events were sent."
    assert _check(made, "min_confirmed_share").passed is None


def test_an_old_journal_without_clock_lines_fails_for_want_of_bounds(tmp_path: Path) -> None:
    path = tmp_path / "old.jsonl"
    lines = [
        {"kind": "event", "number": 1, "name": "a", "host_ns": 10**12, "experiment_s": 1.0},
        {"kind": "confirmed", "number": 1, "recording_id": "r", "device_ns": 10**18},
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    made = assemble(read_sessions(path))
    assert made.events.confirmed == 1 and made.events.without_bound == 1
    assert not made.passed
    assert made.verdict.startswith("The event was confirmed; no event has a proven time.")


def test_events_whose_time_or_bound_is_not_known_are_counted(
    tmp_path: Path, synthetic_run: Any
) -> None:
    path = synthetic_run(duration_s=20).write(tmp_path / "run.jsonl")
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    lost = {3: ("bound_ns",), 5: ("bound_ns", "device_ns")}
    for line in lines:
        if line["kind"] in ("dated", "confirmed"):
            line.update(dict.fromkeys(lost.get(line["number"], ())))
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    made = assemble(read_sessions(path))
    assert (made.events.total, made.events.without_bound) == (19, 2)
    assert made.events.widened == 0 and not made.passed


def test_answers_are_held_against_the_clocks(certify: MakeCertificate) -> None:
    link = certify(duration_s=30).link
    assert link.answers == link.agreeing > 100
    assert link.residuals_ms is not None and link.round_trips_ms is not None
    assert link.residuals_ms.count == link.round_trips_ms.count == link.answers
    assert 0.0 < link.residuals_ms.median < link.residuals_ms.most < 1.0  # whole milliseconds
    assert 0.4 <= link.round_trips_ms.least < link.round_trips_ms.most <= 1.0


def test_the_drawn_offset_has_lost_its_drift_and_kept_its_bounds(certify: MakeCertificate) -> None:
    (line,) = certify(duration_s=60, drift_ppm=80.0).series.offsets
    times = [at_s for at_s, _ in line.middle]
    assert times == sorted(times) and times[0] < 1.0 and 58.0 < times[-1] < 61.0
    assert [at_s for at_s, _ in line.bounds] == times
    assert max(abs(offset) for _, offset in line.middle) < 0.3  # ms; 80 ppm are 4.8 in a minute
    rows = zip(line.low, line.middle, line.high, line.bounds, strict=True)
    for (_, low), (_, middle), (_, high), (_, bound) in rows:
        assert (middle - low, high - middle) == pytest.approx((bound, bound))
        assert 0.05 < bound < 1.0


def test_a_time_that_the_answers_contradict_widens_its_bound(
    tmp_path: Path, synthetic_run: Any
) -> None:
    """Two guarantees must meet: what was told at once, and what all answers say."""
    path = synthetic_run(duration_s=20).write(tmp_path / "run.jsonl")
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for line in lines:
        if line["kind"] in ("dated", "confirmed") and line["number"] in (12, 15):
            line["device_ns"] += line["bound_ns"] if line["number"] == 12 else 10_000_000
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    made = assemble(read_sessions(path))
    assert (made.events.widened, made.events.disturbed) == (1, 1)
    assert made.events.bounds_ms is not None
    assert 9.8 < made.events.bounds_ms.most < 10.5


def test_a_continued_ledger_lays_its_sessions_end_to_end(
    tmp_path: Path, synthetic_run: Any
) -> None:
    first = synthetic_run(duration_s=30).write(tmp_path / "a.jsonl")
    second = synthetic_run(duration_s=40, seed=2).write(tmp_path / "b.jsonl")
    first.write_text(first.read_text("utf-8") + second.read_text("utf-8"), "utf-8")
    made = assemble(read_sessions(first))
    assert made.sessions == 2
    assert made.duration_s == pytest.approx(70, abs=1)
    assert made.events.total == 29 + 39
    assert all(a.at_s < b.at_s for a, b in itertools.pairwise(made.series.events))
    assert any("2 sessions" in note for note in made.notes)


def test_no_limit_means_no_verdict_on_that_value(certify: MakeCertificate) -> None:
    made = certify(Limits(max_event_bound_ms=None), duration_s=30)
    check = _check(made, "max_event_bound_ms")
    assert check.passed is None and check.limit == "no limit"
    assert check.value is not None


@pytest.mark.parametrize(
    ("limits", "failing"),
    [
        (Limits(max_event_bound_ms=0.01), "max_event_bound_ms"),
        (Limits(max_gaze_loss_share=0.0), "max_gaze_loss_share"),
    ],
)
def test_a_stricter_limit_turns_a_pass_into_a_fail(
    certify: MakeCertificate, limits: Limits, failing: str
) -> None:
    made = certify(limits, duration_s=60)
    assert not made.passed
    assert [check.name for check in made.checks if check.passed is False] == [failing]


def test_flips_are_judged_by_their_log(
    tmp_path: Path, synthetic_run: Any, make_frame_log: Callable[..., str]
) -> None:
    sessions = read_sessions(synthetic_run(duration_s=30).write(tmp_path / "run.jsonl"))
    good = assemble(sessions, read_frames(make_frame_log(30, drop=0.0)))
    bad = assemble(sessions, read_frames(make_frame_log(30, drop=0.1, age_ms=80)))
    assert good.passed and good.frames is not None and good.frames.late == 0
    assert good.frames.refresh_ms == pytest.approx(1000 / 60, abs=0.1)
    failed = {check.name for check in bad.checks if check.passed is False}
    assert failed == {"max_late_flip_share", "max_gaze_age_p95_ms"}


def test_the_json_is_strict_and_holds_the_verdict_and_every_limit(certify: MakeCertificate) -> None:
    made = certify(duration_s=30)
    content = json.loads(to_json(made), parse_constant=lambda name: pytest.fail(name))
    assert content["kind"] == "psychopy-neon timing certificate"
    assert content["verdict"] == made.verdict and content["passed"] is True
    assert content["limits"]["max_event_bound_ms"] == 1.0
    assert len(content["checks"]) == len(content["limits"]) == 7
    assert content["frames"] is None
    assert content["segments"][0]["drift_ppm"] == pytest.approx(made.segments[0].drift_ppm)
    assert "series" not in content


def test_the_same_files_give_the_same_certificate(certify: MakeCertificate) -> None:
    assert to_json(certify(duration_s=30)) == to_json(certify(duration_s=30))
