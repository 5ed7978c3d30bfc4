"""The course of a validation, and of a gate: rounds, corrections and keys, on a fast clock."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.samples import Point
from psychopy_neon.screen.aiming import AimedGaze
from psychopy_neon.screen.correction import NO_CORRECTION, GazeCorrection

FRAME_S = 1 / 60
RATE_HZ = 200


class Wearer:
    """Gaze beside the targets, with an error that may change from round to round."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.errors: list[Point] = [(2.0, -1.0)]
        self.blind: dict[Point, int] = {}  # so many times gaze is lost on these targets
        self.looked_at: list[Point] = []
        self.corrections: list[GazeCorrection] = []
        self._read_s = 0.0

    @property
    def correction(self) -> GazeCorrection:
        return self.corrections[-1] if self.corrections else NO_CORRECTION

    def begin(self, markers: Any) -> None:
        assert markers.autoDraw

    def look_at(self, target: Point) -> None:
        if target == (0.0, 0.0) and self.looked_at and len(self.errors) > 1:
            self.errors.pop(0)
        self.looked_at.append(target)
        self._read_s = self.now_s

    def device_ns(self, raw_s: float) -> int:
        return round(self.now_s * 1e9)

    def aimed(self) -> list[AimedGaze]:
        target = self.looked_at[-1]
        lost = self.looked_at.count(target) <= self.blind.get(target, 0)
        count = int((self.now_s - self._read_s) * RATE_HZ)
        times = [self._read_s + number / RATE_HZ for number in range(1, count + 1)]
        self._read_s = times[-1] if times else self._read_s
        return [self._sample(round(time_s * 1e9), target, lost) for time_s in times]

    def _sample(self, device_ns: int, target: Point, lost: bool) -> AimedGaze:
        nothing = (math.nan, math.nan)
        if lost:
            return AimedGaze(device_ns, nothing, nothing, math.nan, "blink")
        aim = (target[0] * 20, target[1] * 12)
        gaze = (aim[0] + self.errors[0][0], aim[1] + self.errors[0][1])
        return AimedGaze(device_ns, gaze, aim, 2.0, None)

    def correct(self, correction: GazeCorrection) -> bool:
        self.corrections.append(correction)
        return True

    def next_version(self) -> int:
        return 1 + max((each.version for each in self.corrections), default=0)


@pytest.fixture
def wearer() -> Wearer:
    return Wearer()


@pytest.fixture
def keys() -> list[str]:
    """Pressed one after another, as soon as somebody asks for one of them."""
    return []


@pytest.fixture
def validate(
    runtime: Any,
    window: Any,
    wearer: Wearer,
    keys: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Any]:
    """`validate_gaze` of this wearer, whose pictures are kept as ``validate.pictures``."""
    from psychopy_neon.runtime import validation, validation_round

    pictures: list[tuple[Any, ...]] = []
    flip = window.flip

    def flipping() -> None:
        wearer.now_s += FRAME_S
        flip()

    def picture(*told: Any) -> Any:
        pictures.append(told)
        return SimpleNamespace(draw=lambda: None)

    def get_keys(wanted: list[str]) -> list[str]:
        return [keys.pop(0)] if keys and keys[0] in wanted else []

    clock = SimpleNamespace(perf_counter=lambda: wearer.now_s, sleep=lambda _: None)
    pressing = SimpleNamespace(getKeys=get_keys, clearEvents=lambda _: None)
    drawing = SimpleNamespace(draw=lambda *_: None)
    monkeypatch.setattr(window, "flip", flipping)
    for module in (validation, validation_round):
        monkeypatch.setattr(module, "time", clock)
        monkeypatch.setattr(module, "event", pressing)
    monkeypatch.setattr(validation, "ValidationPicture", picture)
    monkeypatch.setattr(validation, "aim_source", lambda *_: wearer)
    monkeypatch.setattr(validation_round, "ShrinkingTarget", lambda _: drawing)

    def validating(**choices: Any) -> Any:
        markers = SimpleNamespace(autoDraw=False)
        found = runtime.validate_gaze(window, object(), markers=markers, **choices)
        assert markers.autoDraw is False
        return found

    validating.pictures = pictures  # type: ignore[attr-defined]
    return validating


def test_an_error_is_measured_and_not_corrected_unasked(
    validate: Any, wearer: Wearer, keys: list[str]
) -> None:
    keys += ["space"]
    found = validate(limit_deg=3.0)
    assert found.accuracy.accuracy_deg == pytest.approx(math.hypot(2.0, 1.0), rel=0.05)
    assert (found.passed, found.rounds, found.correction) == (True, 1, NO_CORRECTION)
    assert wearer.corrections == [] and wearer.looked_at[0] == (0.0, 0.0)
    assert sorted(wearer.looked_at) == sorted(point.target for point in found.accuracy.points)


def test_if_needed_it_is_corrected_and_measured_again(validate: Any, keys: list[str]) -> None:
    keys += ["space"]
    found = validate(correct="if needed", limit_deg=1.5)
    assert (found.rounds, found.correction.version, found.passed) == (2, 1, True)
    assert found.accuracy.accuracy_deg < 0.05
    assert found.uncorrected.accuracy_deg == pytest.approx(math.hypot(2.0, 1.0), rel=0.05)


def test_if_not_needed_it_is_not(validate: Any, wearer: Wearer, keys: list[str]) -> None:
    keys += ["space"]
    assert validate(correct="if needed", limit_deg=3.0).rounds == 1
    assert wearer.corrections == []


def test_a_correction_that_makes_it_worse_is_undone(validate: Any, wearer: Wearer) -> None:
    wearer.errors = [(2.0, -1.0), (-1.0, 0.5)]
    found = validate(correct="always", show_s=0.0)
    assert found.correction is NO_CORRECTION and found.note.startswith("correction 1 undone")
    assert found.accuracy.accuracy_deg == pytest.approx(math.hypot(1.0, 0.5), rel=0.05)


def test_keys_measure_again_correct_and_undo(
    validate: Any, wearer: Wearer, keys: list[str]
) -> None:
    keys += ["r", "c", "u", "c", "space"]
    found = validate(limit_deg=1.0)
    assert [each.version for each in wearer.corrections] == [1, 0, 2]
    assert (found.rounds, found.correction.version, found.passed) == (4, 2, True)
    passed = [told[3][0].startswith("PASSED") for told in validate.pictures]
    assert passed == [False, False, True, False, True]
    assert [told[4][-1] for told in validate.pictures][1:3] == [
        "C: correct, again",
        "C: correct, again   U: undo correction",
    ]


def test_a_target_that_failed_is_shown_once_more(validate: Any, wearer: Wearer) -> None:
    wearer.blind = {(0.7, 0.7): 1, (-0.7, 0.7): 2}
    found = validate(show_s=0.0, limit_deg=3.0)
    assert {point.target: point.problem for point in found.accuracy.points if point.problem} == {
        (-0.7, 0.7): "no gaze"
    }
    assert len(wearer.looked_at) == 7 and found.passed
    assert found.accuracy.loss == pytest.approx(0.2, abs=0.02)


def test_nobody_there_is_no_pass_and_no_correction(validate: Any, wearer: Wearer) -> None:
    wearer.blind = {(0.0, 0.0): 9}
    found = validate(points=1, correct="always", show_s=0.0)
    assert not found.passed and found.lines()[0] == "NOT MEASURED"
    assert wearer.corrections == [] and "too few targets" in found.note


def test_an_error_out_of_all_reason_is_not_corrected(validate: Any, wearer: Wearer) -> None:
    wearer.errors = [(45.0, 0.0)]
    found = validate(points=1, correct="always", show_s=0.0)
    assert "out of all reason" in found.note and wearer.corrections == []


def test_escape_ends_it_and_says_so(validate: Any, wearer: Wearer, keys: list[str]) -> None:
    keys += ["escape"]
    found = validate(correct="always")
    assert (found.note, found.passed) == ("ended early by Escape", False)
    assert len(wearer.looked_at) == 1 and len(found.accuracy.points) == 5
    assert validate.pictures == []


def test_the_result_goes_away_by_itself(validate: Any, wearer: Wearer) -> None:
    validate(points=1, show_s=3.0)
    assert len(validate.pictures) == 1
    assert 1004.5 < wearer.now_s < 1005.5


@pytest.mark.parametrize(
    "choice", [{"points": 4}, {"spread": 2.0}, {"limit_deg": 0.0}, {"correct": "sometimes"}]
)
def test_what_makes_no_sense_is_refused(validate: Any, choice: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        validate(**choice)


@pytest.fixture
def wait(
    runtime: Any,
    window: Any,
    wearer: Wearer,
    keys: list[str],
    validate: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., Any]:
    """`wait_for_fixation` of this wearer."""
    from psychopy_neon.runtime import gate, validation, validation_round

    monkeypatch.setattr(gate, "time", validation.time)
    monkeypatch.setattr(gate, "event", validation.event)
    monkeypatch.setattr(gate, "aim_source", lambda *_: wearer)
    monkeypatch.setattr(gate, "ShrinkingTarget", validation_round.ShrinkingTarget)

    def waiting(**choices: Any) -> Any:
        markers = SimpleNamespace(autoDraw=False)
        return runtime.wait_for_fixation(window, object(), markers=markers, **choices)

    return waiting


def test_a_gate_opens_when_the_point_has_been_looked_at(wait: Any, wearer: Wearer) -> None:
    found = wait(place=(0.5, 0.0), radius_deg=3.0, hold_s=0.3)
    assert (found.opened, found.ended_by, wearer.looked_at) == (True, "", [(0.5, 0.0)])
    assert 0.3 - 1e-6 < found.waited_s < 0.4
    assert (found.offset_x_deg, found.offset_y_deg) == pytest.approx((2.0, -1.0), abs=0.05)
    assert wearer.corrections == []


def test_a_gate_gives_up(wait: Any) -> None:
    found = wait(radius_deg=1.0, give_up_s=2.0)
    assert (found.opened, found.ended_by) == (False, "time")
    assert found.waited_s == pytest.approx(2.0, abs=0.05) and math.isnan(found.offset_x_deg)


def test_escape_ends_the_waiting_for_a_gate(wait: Any, keys: list[str]) -> None:
    keys += ["escape"]
    assert wait(radius_deg=1.0, give_up_s=None).ended_by == "Escape"


def test_drift_is_corrected_by_half_each_time(wait: Any, wearer: Wearer) -> None:
    first, second = (wait(radius_deg=3.0, correct_drift=True) for _ in range(2))
    assert [each.correction.version for each in (first, second)] == [1, 2]
    assert first.correction.offset_deg == pytest.approx((-1.0, 0.5), abs=0.03)
    assert second.correction.offset_deg == pytest.approx((-1.5, 0.75), abs=0.03)


def test_a_gate_that_makes_no_sense_is_refused(runtime: Any, view: Any, window: Any) -> None:
    with pytest.raises(UsageError, match="more than 0"):
        runtime.NeonGate(window, view, hold=0.0)
    with pytest.raises(UsageError, match=r"expected \(x, y\)"):
        runtime.NeonGate(window, view).run(place=(0.0,))
    with pytest.raises(UsageError, match="give_up_s"):
        runtime.wait_for_fixation(window, view, give_up_s=-1.0)
    for no_place in ("x", (1.0,), (0.0, float("nan"))):
        with pytest.raises(UsageError, match=r"expected \(x, y\)"):
            runtime.wait_for_fixation(window, view, place=no_place)


def test_without_a_phone_it_is_skipped_if_the_settings_say_so(
    runtime: Any, view: Any, window: Any, exp: Any, log: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from psychopy_neon.exceptions import NeonConnectionError
    from psychopy_neon.runtime import validation_routine

    def failing(*_: Any, **__: Any) -> None:
        raise NeonConnectionError("the phone's clock could not be read within 5 s")

    monkeypatch.setattr(validation_routine, "validate_gaze", failing)
    routine = runtime.NeonValidate(window, view, exp=exp)
    with pytest.raises(NeonConnectionError):
        routine.run()
    view.chosen["if_missing"] = "go on"
    assert routine.run() is None and not routine.passed and math.isnan(routine.accuracy)
    assert exp.thisEntry["neonValidate.verdict"] == "not measured"
    assert "could not validate: the phone's clock" in log


def test_a_validation_in_vain_does_not_pass_by_the_one_before(
    runtime: Any, view: Any, window: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from psychopy_neon.exceptions import NeonConnectionError
    from psychopy_neon.runtime import validation_routine

    def failing(*_: Any, **__: Any) -> None:
        raise NeonConnectionError("the phone's clock could not be read within 5 s")

    monkeypatch.setattr(validation_routine, "validate_gaze", failing)
    view.chosen["if_missing"] = "go on"
    routine = runtime.NeonValidate(window, view)
    routine.result = SimpleNamespace(passed=True)
    assert routine.passed
    routine.run()
    assert not routine.passed


def test_the_window_height_follows_from_the_monitor(runtime: Any, window: Any) -> None:
    from psychopy_neon.runtime.validation_result import window_height_cm

    assert math.isnan(window_height_cm(window))
    window.monitor = SimpleNamespace(getWidth=lambda: 50.0, getSizePix=lambda: [2560, 1440])
    assert window_height_cm(window) == pytest.approx(50.0 * 720 / 2560)
    window.size, window.useRetina = (2560, 1440), True  # the same window in device pixels
    assert window_height_cm(window) == pytest.approx(50.0 * 720 / 2560)
