"""Simulated displays and cameras of which everything is known."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.display_lag import FRAME_S, DisplayLag, estimate_display_lag
from psychopy_neon.screen.patch_blinking import PatchChange, PatchLevel

START_NS = 1_700_000_000_000_000_000
LAG_S = 0.0234
BOUND_NS = 20_000
CAMERA_S = 0.033342  # the phone's real interval
GOLDEN = 0.6180339887

Filmed = tuple[list[PatchChange], list[PatchLevel]]


class Setup:
    """A display and a camera.

    Parameters are what is wrong with them; see `film`.
    """

    def __init__(self, seed: int = 0, **facts: Any) -> None:
        self.random = np.random.default_rng(seed)
        self.facts: dict[str, Any] = {
            **{"lag_s": LAG_S, "exposure_s": 0.008, "changes": 60, "response_s": 0.0},
            **{"tone": power(2.2), "levels": (30.0, 180.0), "noise": 1.5, "swing": 0.0},
            **{"drift": 0.0, "late": frozenset(), "refresh_s": 0.0},
            **facts,
        }

    def __getattr__(self, name: str) -> Any:
        return self.facts[name]

    def film(self) -> Filmed:
        flips, bright = np.array(list(self._flips())), np.arange(self.changes) % 2 == 0
        lag = self.lag_s + self.drift * (flips - flips.mean())
        lit = flips + lag + [1 / 60 if number in self.late else 0.0 for number in range(len(flips))]
        stamps = np.arange(self.random.uniform(0, CAMERA_S), flips[-1] + 1.5, CAMERA_S)
        light = self._light(stamps, lit, bright)
        dark, white = self.levels
        levels = dark + (white - dark) * self.tone(light)
        levels *= 1 + self.swing * np.sin(stamps / 4)
        levels += self.random.normal(0, self.noise, len(levels))
        seen = np.clip(np.rint(levels), 0, 235)
        return (
            [PatchChange(ns(at), BOUND_NS, bool(on)) for at, on in zip(flips, bright, strict=True)],
            [PatchLevel(ns(at), float(luma)) for at, luma in zip(stamps, seen, strict=True)],
        )

    def _flips(self) -> Iterator[float]:
        frames = 0
        for number in range(self.changes):
            at = 1.0 + (frames + number * GOLDEN % 1) / 30
            yield math.ceil(at / self.refresh_s) * self.refresh_s if self.refresh_s else at
            frames += int(self.random.integers(8, 16))

    def _light(self, stamps: Any, lit: Any, bright: Any) -> Any:
        """Mean light during each exposure, 0 to 1, by fine steps."""
        moments = stamps[:, None] + (np.arange(400) + 0.5) / 400 * self.exposure_s
        number = np.searchsorted(lit, moments, side="right") - 1
        since = moments - lit[np.maximum(number, 0)]
        old = np.exp(-since / self.response_s) if self.response_s else np.zeros_like(since)
        light = np.where(bright[number], 1 - old, old)
        return np.where(number < 0, 0.0, light).mean(axis=1)


def ns(seconds: float) -> int:
    return START_NS + round(float(seconds) * 1e9)


def power(gamma: float, black: float = 0.0) -> Callable[[Any], Any]:
    return lambda light: (black + (1 - black) * light) ** (1 / gamma)


def steep(light: Any) -> Any:
    """As a camera set to much contrast."""
    bent = light ** (1 / 2.2)
    return bent**2 * (3 - 2 * bent)


def of_a_marker(light: Any, leaking: float = 0.15) -> Any:
    """Modules that turn white while those beside them, whose blur reaches them, turn black."""
    white, beside = light ** (1 / 2.2), np.clip(1 - light, 0, 1) ** (1 / 2.2)
    return ((1 - leaking) * white + leaking * beside - leaking) / (1 - 2 * leaking)


@cache
def usual() -> Filmed:
    return Setup().film()


@cache
def usual_lag() -> DisplayLag:
    return estimate_display_lag(*usual())


@cache
def short() -> Filmed:
    """Few changes suffice to see that clocks are seconds apart."""
    return Setup(changes=36).film()


@cache
def of_exposure(exposure_ms: int) -> tuple[Filmed, DisplayLag]:
    filmed = Setup(exposure_ms, exposure_s=exposure_ms / 1e3).film()
    return filmed, estimate_display_lag(*filmed)


def error_s(lag: DisplayLag, true_s: float = LAG_S) -> float:
    assert lag.verdict == "good", lag
    return abs(lag.lag_s - true_s)


@pytest.mark.parametrize("exposure_ms", [1, 8, 33])
def test_lag_is_found_within_its_uncertainty_of_a_millisecond_or_two(exposure_ms: int) -> None:
    _, lag = of_exposure(exposure_ms)
    assert lag.verdict in ("good", "coarse")
    assert abs(lag.lag_s - LAG_S) <= lag.uncertainty_s < 0.0025
    assert lag.exposure_s == pytest.approx(exposure_ms / 1e3, abs=0.002)
    assert (lag.changes, lag.shown) == (60, 60)


@pytest.mark.parametrize("exposure_ms", [1, 8, 33])
def test_a_known_exposure_makes_it_sharper(exposure_ms: int) -> None:
    filmed, without = of_exposure(exposure_ms)
    lag = estimate_display_lag(*filmed, exposure_s=exposure_ms / 1e3)
    assert error_s(lag) <= lag.uncertainty_s < 0.0012
    assert lag.uncertainty_s <= without.uncertainty_s + 0.0001


@pytest.mark.parametrize(
    "facts",
    [
        {"tone": power(1.0)},
        {"tone": power(2.2, black=0.08)},
        {"tone": steep},
        {"swing": 0.15},
        {"noise": 5.0},
        {"levels": (60.0, 100.0)},
        {"exposure_s": 0.008, "response_s": 0.004},
        {"late": {10, 11, 40}},
        {"tone": of_a_marker, "levels": (45.0, 165.0)},
    ],
    ids=str,
)
def test_the_uncertainty_holds_whatever_camera_and_display_do(facts: dict[str, Any]) -> None:
    setup = Setup(5, **{"exposure_s": 0.016, **facts})
    lag = estimate_display_lag(*setup.film())
    half_changed_s = LAG_S + setup.response_s * math.log(2)
    assert abs(lag.lag_s - half_changed_s) <= lag.uncertainty_s < 0.003


@pytest.mark.parametrize("seed", range(4))
def test_few_changes_with_little_noise_do_not_make_it_too_sure(seed: int) -> None:
    """There the likelihood has many narrow peaks, of which the greatest must be found."""
    setup = Setup(seed, exposure_s=0.01, changes=36, noise=0.3, refresh_s=0.02)
    changes, levels = setup.film()
    filmed = [level for level in levels if setup.random.random() > 0.05]
    lag = estimate_display_lag(changes, filmed)
    assert lag.verdict in ("good", "coarse")
    assert abs(lag.lag_s - LAG_S) <= lag.uncertainty_s


def test_it_is_not_off_on_average() -> None:
    errors = []
    for seed in range(4):
        filmed = Setup(seed, exposure_s=0.01).film()
        errors.append(estimate_display_lag(*filmed, exposure_s=0.01).lag_s - LAG_S)
    assert abs(np.mean(errors)) < 0.00025


@pytest.mark.parametrize(("stamped", "share"), [("start", 0.0), ("middle", 0.5), ("end", 1.0)])
def test_the_stamped_moment_is_minded(stamped: Any, share: float) -> None:
    exposure_s = 0.02
    changes, levels = Setup(exposure_s=exposure_s).film()
    shifted = [
        PatchLevel(level.device_ns + round(share * exposure_s * 1e9), level.luma)
        for level in levels
    ]
    lag = estimate_display_lag(changes, shifted, stamped=stamped)
    assert error_s(lag) <= lag.uncertainty_s
    assert f"the {stamped} of its exposure" in lag.assumptions[0]


def test_the_limits_hold_whichever_moment_is_stamped() -> None:
    filmed = Setup(exposure_s=0.02).film()
    lags = [estimate_display_lag(*filmed, stamped=stamped) for stamped in ("start", "end")]
    assert all(one.earliest_s < other.lag_s < one.latest_s for one in lags for other in lags)


def test_a_display_in_step_with_the_camera_gives_a_coarse_lag_that_holds() -> None:
    setup = Setup(exposure_s=0.001, refresh_s=CAMERA_S / 2)
    lag = estimate_display_lag(*setup.film())
    assert lag.verdict == "coarse" and "longer" in lag.problem
    assert abs(lag.lag_s - LAG_S) <= lag.uncertainty_s < 0.02


def test_the_bound_of_the_clocks_is_part_of_the_uncertainty() -> None:
    changes, levels = usual()
    loose = [PatchChange(c.device_ns, c.bound_ns + 1_000_000, c.bright) for c in changes]
    narrow, wide = usual_lag(), estimate_display_lag(loose, levels)
    assert wide.uncertainty_s - narrow.uncertainty_s == pytest.approx(0.001, abs=1e-6)
    assert wide.clock_bound_s == pytest.approx(0.00102)


# -- errors of the clocks ---------------------------------------------------------------------


def moved(changes: Sequence[PatchChange], by_s: float) -> list[PatchChange]:
    return [PatchChange(c.device_ns + round(by_s * 1e9), c.bound_ns, c.bright) for c in changes]


@pytest.mark.parametrize("offset_s", [7.3, -5.1])
def test_an_offset_with_the_wrong_sign_is_called_so(offset_s: float) -> None:
    changes, levels = short()
    lag = estimate_display_lag(moved(changes, -2 * offset_s), levels, clock_offset_s=offset_s)
    assert lag.verdict == "clock" and not lag.clock_agrees
    assert "wrong sign" in lag.problem
    assert lag.lag_s == pytest.approx(2 * offset_s + LAG_S, abs=lag.uncertainty_s)


def test_an_offset_that_was_forgotten_is_called_so() -> None:
    changes, levels = short()
    lag = estimate_display_lag(moved(changes, -7.3), levels, clock_offset_s=7.3)
    assert lag.verdict == "clock" and "not applied" in lag.problem


def test_half_a_second_is_no_display_lag() -> None:
    changes, levels = short()
    lag = estimate_display_lag(moved(changes, -0.5), levels, clock_offset_s=7.3)
    assert lag.verdict == "clock" and "do not agree" in lag.problem


def test_a_light_before_its_flip_is_an_error_of_the_clocks() -> None:
    changes, levels = short()
    assert estimate_display_lag(moved(changes, 0.04), levels).verdict == "clock"


@pytest.mark.parametrize("ppm", [-300, 300])
def test_a_wrong_rate_shows_as_drift(ppm: int) -> None:
    lag = estimate_display_lag(*Setup(drift=ppm * 1e-6).film())
    assert lag.verdict == "drifts" and not lag.clock_agrees
    assert lag.drift_ppm == pytest.approx(ppm, abs=lag.drift_uncertainty_ppm + 20)
    assert "rate" in lag.problem


def test_a_right_rate_does_not_drift() -> None:
    lag = usual_lag()
    assert abs(lag.drift_ppm) <= lag.drift_uncertainty_ppm < 100
    assert lag.clock_agrees


def test_clocks_an_hour_apart_are_noticed() -> None:
    changes, levels = short()
    lag = estimate_display_lag(moved(changes, 3600.0), levels)
    assert lag.verdict == "clock"
    assert lag.lag_s == pytest.approx(LAG_S - 3600, abs=lag.uncertainty_s)


# -- bad pictures -----------------------------------------------------------------------------


def test_a_display_that_often_skips_a_refresh_is_inconsistent() -> None:
    late = frozenset(range(0, 60, 3))
    lag = estimate_display_lag(*Setup(exposure_s=0.004, late=late).film())
    assert lag.verdict == "inconsistent" and "flip" in lag.problem


def test_an_overexposed_patch_is_called_so_and_the_uncertainty_covers_it() -> None:
    setup = Setup(exposure_s=0.02, levels=(30.0, 400.0))
    lag = estimate_display_lag(*setup.film())
    assert lag.verdict == "overexposed" and "Highlights" in lag.problem
    assert lag.uncertainty_s > FRAME_S
    assert abs(lag.lag_s - LAG_S) <= lag.uncertainty_s


def test_missing_pictures_cost_their_changes_only() -> None:
    changes, levels = Setup(3).film()
    kept = [level for number, level in enumerate(levels) if number % 40 > 12]
    lag = estimate_display_lag(changes, kept)
    assert abs(lag.lag_s - LAG_S) <= lag.uncertainty_s < 0.004
    assert 20 < lag.changes < 50


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda changes, levels: (changes[:5], levels), "only 5 changes"),
        (lambda changes, levels: ([], levels), "only 0 changes"),
        (lambda changes, levels: (changes, []), "markers"),
        (lambda changes, levels: (changes, levels[:100]), "no lag"),
        (lambda changes, levels: (changes, [PatchLevel(s.device_ns, 90.0) for s in levels]), "90"),
        (
            lambda changes, levels: (changes, [PatchLevel(s.device_ns, 235.0) for s in levels]),
            "overexposed",
        ),
        (lambda changes, levels: (changes, levels[::4]), "without gaps"),
    ],
    ids=["few", "none", "no pictures", "short film", "no contrast", "burnt out", "every fourth"],
)
def test_what_cannot_be_measured_says_why(spoil: Any, problem: str) -> None:
    lag = estimate_display_lag(*spoil(*usual()))
    assert lag.verdict == "not seen" and problem in lag.problem
    assert math.isnan(lag.lag_s) and math.isnan(lag.uncertainty_s)
    assert "not found" in str(lag) and not lag.clock_agrees


def test_the_order_of_what_is_given_does_not_matter() -> None:
    changes, levels = usual()
    assert estimate_display_lag(changes[::-1], levels[::-1]) == usual_lag()


@pytest.mark.parametrize(
    "arguments", [{"stamped": "sometime"}, {"exposure_s": 0.0}, {"exposure_s": 0.1}], ids=str
)
def test_arguments_that_make_no_sense_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        estimate_display_lag(*usual(), **arguments)


@pytest.mark.parametrize("step_s", [-3.0, -1e9, 86_400.0, 3e7])
def test_a_clock_that_is_set_meanwhile_is_told(step_s: float) -> None:
    """Back, the changes are out of order; far ahead, there would be lags without number to try."""
    changes, levels = usual()
    set_ns = changes[len(changes) // 2].device_ns - 100_000_000

    def stepped(device_ns: int) -> int:
        return device_ns + round(step_s * 1e9) * (device_ns >= set_ns)

    lag = estimate_display_lag(
        [replace(change, device_ns=stepped(change.device_ns)) for change in changes],
        [replace(level, device_ns=stepped(level.device_ns)) for level in levels],
    )
    assert lag.verdict == "not seen" and "clock was set" in lag.problem
    assert math.isnan(lag.lag_s) and lag.shown == len(changes)


def test_changes_that_do_not_alternate_are_refused() -> None:
    changes, levels = usual()
    with pytest.raises(UsageError, match="alternately"):
        estimate_display_lag(changes[:4] + changes[5:], levels)
