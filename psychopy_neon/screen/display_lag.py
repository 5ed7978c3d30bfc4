"""Display lag, and a check of the clocks end to end, from a patch that blinked before the camera.

The flips that changed the patch are known on the phone's clock through the same conversion that
events go through; the scene camera's pictures are stamped by the phone itself. What lies between
the two is the lag of the display, and every error of the conversion.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from psychopy_neon.exceptions import UsageError
from psychopy_neon.screen.exposure_fit import CONFIDENCE, ExposureFit, fit_exposure
from psychopy_neon.screen.patch_blinking import FRAME_S as FRAME_S
from psychopy_neon.screen.patch_blinking import MIN_CHANGES as MIN_CHANGES
from psychopy_neon.screen.patch_blinking import MIN_CONTRAST as MIN_CONTRAST
from psychopy_neon.screen.patch_blinking import (
    Blinking,
    Edges,
    PatchChange,
    PatchLevel,
    find_edges,
    guess_lag,
)

StampedMoment = Literal["start", "middle", "end"]
Verdict = Literal["good", "coarse", "overexposed", "inconsistent", "drifts", "clock", "not seen"]

STAMP_SHARES: dict[StampedMoment, float] = {"start": 0.0, "middle": 0.5, "end": 1.0}
PLAUSIBLE_S = (-0.002, 0.25)
"""Lags that a display can have; anything else is an error of the clocks."""

GOOD_S = 0.002
"""Uncertainty up to which a result is called good."""

OVEREXPOSED = 230.0
"""Luma from which on the camera may be clipping; video has no more than 235."""

_LONGEST_NS = 900_000_000_000  # of a measurement; more, and a clock was set meanwhile
_CURVE_DOUBT = 0.02  # of the exposure: tone curves that the fit does not know
_STAMP_DOUBT_S = 0.0001  # steps of RTP times, and what else is small
_MAX_STRAYS = 0.15
_SAME_OFFSET_S = 0.3


@dataclass(frozen=True, slots=True)
class DisplayLag:
    """Result of `estimate_display_lag`; numbers that could not be found are NaN.

    Attributes
    ----------
    verdict : str
        "good", or the first of these that holds: "not seen" (no lag was found), "clock" (the
        lag is no display's), "overexposed", "drifts" (the lag changes in the course of the
        measurement: the rate of a clock is wrong), "inconsistent" (single changes do not fit),
        "coarse" (uncertain by more than 2 ms).
    problem : str
        What is wrong in a sentence, and what to do; empty if good.
    lag_s : float
        From the flip, as PsychoPy stamps it, until the patch is half changed, seconds.
    uncertainty_s : float
        The lag differs from the true one by at most this much, seconds, with 99.9 % confidence in
        the part that rests on noise, and if the `assumptions` hold. Includes the greatest bound
        of the clocks.
    standard_error_s : float
        Of the fit alone.
    earliest_s, latest_s : float
        Limits of the lag whichever moment of the exposure the camera stamps.
    changes : int
        How many changes of the patch were used.
    shown : int
        How many were shown.
    exposure_s : float
        The camera's exposure time, found or given.
    response_s : float
        Time constant with which the display approaches a new level, as far as it was found.
    drift_ppm, drift_uncertainty_ppm : float
        Change of the lag, parts per million, and half of its 99.9 % interval.
    clock_bound_s : float
        Greatest bound of the times of the flips on the phone's clock.
    dark, bright : float
        Luma of the patch as filmed, 0-255.
    assumptions : tuple of str
        On which the uncertainty rests.
    """

    verdict: Verdict
    problem: str
    lag_s: float = math.nan
    uncertainty_s: float = math.nan
    standard_error_s: float = math.nan
    earliest_s: float = math.nan
    latest_s: float = math.nan
    changes: int = 0
    shown: int = 0
    exposure_s: float = math.nan
    response_s: float = math.nan
    drift_ppm: float = math.nan
    drift_uncertainty_ppm: float = math.nan
    clock_bound_s: float = math.nan
    dark: float = math.nan
    bright: float = math.nan
    assumptions: tuple[str, ...] = ()

    @property
    def clock_agrees(self) -> bool:
        """Whether sign, size and rate of the clocks' relation passed."""
        return self.verdict not in ("not seen", "clock", "drifts")

    def __str__(self) -> str:
        if math.isnan(self.lag_s):
            return f"display lag not found: {self.problem}"
        found = (
            f"display lag {1e3 * self.lag_s:.2f} ± {1e3 * self.uncertainty_s:.2f} ms "
            f"({self.changes} of {self.shown} changes, exposure {1e3 * self.exposure_s:.1f} ms, "
            f"drift {self.drift_ppm:.0f} ± {self.drift_uncertainty_ppm:.0f} ppm)"
        )
        return f"{found}; {self.verdict}{self.problem and ': ' + self.problem}"


def estimate_display_lag(
    changes: Sequence[PatchChange],
    levels: Sequence[PatchLevel],
    *,
    exposure_s: float | None = None,
    stamped: StampedMoment = "start",
    clock_offset_s: float | None = None,
) -> DisplayLag:
    """Find the lag between flips and light; takes a second or two.

    The durations between changes must differ, or nothing tells one change from the next.
    Changes at many phases of the camera's period make the result sharp: with a display whose
    refresh is locked to the camera's it stays coarse, which `uncertainty_s` says.

    Parameters
    ----------
    changes : sequence of PatchChange
        Each flip that changed the patch; alternately bright and dark.
    levels : sequence of PatchLevel
        The patch in each picture of the scene camera.
    exposure_s : float, optional
        The camera's exposure time, if known; otherwise it is found.
    stamped : {"start", "middle", "end"}
        Which moment of the exposure the camera stamps. Not documented for Neon.
    clock_offset_s : float, optional
        The phone's Unix clock minus this computer's; with it, an impossible lag is explained.

    Returns
    -------
    DisplayLag

    Raises
    ------
    UsageError
        If `stamped` or `exposure_s` makes no sense, or the changes do not alternate.
    """
    _check(changes, exposure_s, stamped)
    if _was_clock_set(changes, levels):
        problem = "the phone's clock was set while the patch blinked: measure again"
        return DisplayLag("not seen", problem, shown=len(changes))
    blinking = Blinking.of(changes, levels)
    dark, bright = blinking.levels
    seen = {"shown": len(changes), "dark": dark, "bright": bright}
    guess_s = guess_lag(blinking)
    edges = None if guess_s is None else find_edges(blinking, guess_s)
    if edges is None:
        return DisplayLag("not seen", _why_not_seen(blinking, guess_s), **seen)  # type: ignore[arg-type]
    fit = fit_exposure(edges, stamp_share=STAMP_SHARES[stamped], exposure_s=exposure_s)
    unjudged = dataclasses.replace(
        _lag(edges, fit),
        **seen,  # type: ignore[arg-type]
        assumptions=_assumptions(stamped, exposure_s),
    )
    if bright >= OVEREXPOSED:  # where it clips, a picture may look bright one exposure too soon
        unjudged = dataclasses.replace(unjudged, uncertainty_s=unjudged.uncertainty_s + FRAME_S)
    verdict, problem = _judge(unjudged, fit, edges, clock_offset_s)
    return dataclasses.replace(unjudged, verdict=verdict, problem=problem)


def _check(
    changes: Sequence[PatchChange], exposure_s: float | None, stamped: StampedMoment
) -> None:
    if stamped not in STAMP_SHARES:
        raise UsageError(f"stamped must be one of {', '.join(STAMP_SHARES)}, not {stamped!r}.")
    if exposure_s is not None and not 0 < exposure_s <= FRAME_S:
        raise UsageError(f"exposure_s must lie between 0 and {FRAME_S:.4f}, not {exposure_s!r}.")
    if not (_do_alternate(changes) or _do_alternate(_in_time(changes))):
        raise UsageError("the changes of the patch must be alternately to bright and to dark.")


def _was_clock_set(changes: Sequence[PatchChange], levels: Sequence[PatchLevel]) -> bool:
    """Back, so that changes are out of order, or so far that no measurement lasts as long."""
    shown, filmed = _in_time(changes), [level.device_ns for level in levels]
    times = [change.device_ns for change in shown]
    lasted_ns = max(max(each) - min(each) for each in (times or [0], filmed or [0]))
    return not _do_alternate(shown) or lasted_ns > _LONGEST_NS


def _in_time(changes: Sequence[PatchChange]) -> list[PatchChange]:
    return sorted(changes, key=lambda change: change.device_ns)


def _do_alternate(changes: Sequence[PatchChange]) -> bool:
    return all(one.bright is not next_.bright for one, next_ in itertools.pairwise(changes))


def _lag(edges: Edges, fit: ExposureFit) -> DisplayLag:
    doubt_s = edges.bound_s + _STAMP_DOUBT_S + _CURVE_DOUBT * fit.exposure_s
    return DisplayLag(
        verdict="good",
        problem="",
        lag_s=edges.guess_s + fit.lag_s,
        uncertainty_s=fit.half_width_s + doubt_s,
        standard_error_s=fit.standard_error_s,
        earliest_s=edges.guess_s + fit.first_s - doubt_s,
        latest_s=edges.guess_s + fit.last_s + doubt_s,
        changes=edges.changes,
        exposure_s=fit.exposure_s,
        response_s=fit.response_s,
        drift_ppm=1e6 * fit.rate,
        drift_uncertainty_ppm=1e6 * fit.rate_half_width,
        clock_bound_s=edges.bound_s,
    )


def _judge(
    lag: DisplayLag, fit: ExposureFit, edges: Edges, clock_offset_s: float | None
) -> tuple[Verdict, str]:
    low, high = PLAUSIBLE_S
    if not low - lag.uncertainty_s <= lag.lag_s <= high + lag.uncertainty_s:
        return "clock", _what_clock(lag.lag_s, clock_offset_s)
    if lag.bright >= OVEREXPOSED:
        return "overexposed", (
            f"the patch has luma {lag.bright:.0f} in the scene video, which may be its limit: set "
            "the camera to 'Highlights' or a short exposure, or dim the patch"
        )
    span_s = float(np.ptp(edges.since_middle_s))
    # Not by noise, and more than the doubt about the lag at both ends can explain.
    if abs(fit.rate) > fit.rate_half_width + 2 * lag.uncertainty_s / span_s:
        return "drifts", (
            f"the lag changed by {1e3 * fit.rate * span_s:.1f} ms in {span_s:.0f} s: the phone's "
            "clock runs at another rate than the conversion assumes"
        )
    if fit.strays > _MAX_STRAYS * edges.changes:
        return "inconsistent", (
            f"{fit.strays} of {edges.changes} changes came at another time than the rest: the "
            "display does not always show a flip after the same time"
        )
    if lag.uncertainty_s > GOOD_S:
        return "coarse", (
            "the changes fell on too few phases of the camera's period, or there was much noise: "
            "measure longer"
        )
    return "good", ""


def _what_clock(lag_s: float, clock_offset_s: float | None) -> str:
    found = f"a lag of {lag_s:.3f} s is not a display's"
    if clock_offset_s is not None and abs(clock_offset_s) > 2 * _SAME_OFFSET_S:
        for multiple, what in ((2, "has the wrong sign"), (1, "is not applied")):
            if abs(abs(lag_s) - multiple * abs(clock_offset_s)) < _SAME_OFFSET_S:
                return f"{found}: the clocks' offset of {clock_offset_s:.3f} s {what}"
    return f"{found}: times of flips do not agree with the phone's clock"


def _why_not_seen(blinking: Blinking, guess_s: float | None) -> str:
    dark, bright = blinking.levels
    if len(blinking.change_s) < MIN_CHANGES:
        return f"only {len(blinking.change_s)} changes were shown; {MIN_CHANGES} are needed"
    if not len(blinking.luma):
        return (
            "no picture of the scene camera shows the patch: look at the screen, so that the "
            "markers around it are seen"
        )
    if bright - dark < MIN_CONTRAST:
        how = "overexposed" if dark >= OVEREXPOSED else f"at luma {dark:.0f} to {bright:.0f}"
        return (
            f"the patch, {how} in the scene video, does not blink there: check the exposure of "
            "the camera, and that nothing covers the patch"
        )
    if guess_s is None:
        return (
            "what the camera filmed fits the shown changes at no lag: too little was filmed, or "
            "something else than the patch blinks there"
        )
    return f"the camera filmed fewer than {MIN_CHANGES} changes without gaps: look at the screen"


def _assumptions(stamped: StampedMoment, exposure_s: float | None) -> tuple[str, ...]:
    length = "one of 0.2 to 33 ms" if exposure_s is None else f"{1e3 * exposure_s:g} ms"
    return (
        f"the camera stamps the {stamped} of its exposure (earliest_s and latest_s do without)",
        f"the exposure is always the same, {length}",
        "the whole patch is exposed at once, with one tone curve of the usual shape",
        "the display approaches bright and dark alike, exponentially, within 8 ms",
        f"the scatter is that of noise ({100 * CONFIDENCE:.1f} %)",
    )
