"""The experiment's flips: what the frame log holds, and what follows from it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from psychopy_neon.certificate.spread import Spread, quantile, spread
from psychopy_neon.exceptions import UsageError

COLUMNS = ("flip_experiment_s", "interval_s", "gaze_age_s", "gaze_valid", "flip_host_s")
OLDER_COLUMNS = COLUMNS[:4]
SEPARATOR = "\t"
LARGEST_S = 1e12  # PsychoPy may count from 1970
LATE = 1.5  # of the refresh interval: in between, a flip belongs to neither refresh


@dataclass(frozen=True, slots=True)
class Frame:
    """One flip of the window.

    Attributes
    ----------
    flip_experiment_s : float
        When it happened, on the clock that the ledger calls the experiment's; seconds.
    interval_s : float
        Time since the flip before, seconds; NaN for the first one after a pause.
    gaze_age_s : float
        Age, at the flip, of the gaze that this frame was drawn with, seconds; NaN without gaze.
    gaze_valid : bool or None
        Whether that gaze could be used; None if no gaze was asked for.
    flip_host_s : float
        When it happened, ``time.perf_counter()``, which nobody sets; NaN if that was not noted.
    """

    flip_experiment_s: float
    interval_s: float
    gaze_age_s: float
    gaze_valid: bool | None
    flip_host_s: float = math.nan


@dataclass(frozen=True, slots=True)
class FrameFacts:
    """What the flips tell.

    Attributes
    ----------
    flips : int
        Number of flips.
    refresh_ms : float
        Refresh interval of the screen: the first quartile of all intervals, so that it is right
        even if half of the flips are late. NaN without any.
    late : int
        Flips more than half a refresh late.
    refreshes_missed : int
        Refreshes that went by without a new picture.
    intervals_ms : Spread or None
        Time between flips.
    gaze_ages_ms : Spread or None
        Age of the gaze at the flip, valid or not.
    with_gaze : int
        Flips for which gaze was asked for.
    valid_share : float or None
        Flips drawn with valid gaze, of `with_gaze`; None if that is 0.
    """

    flips: int
    refresh_ms: float
    late: int
    refreshes_missed: int
    intervals_ms: Spread | None
    gaze_ages_ms: Spread | None
    with_gaze: int
    valid_share: float | None

    @property
    def late_share(self) -> float:
        """Late flips, of all."""
        return self.late / self.flips if self.flips else math.nan


def read_frames(text: str) -> list[Frame]:
    """Read a frame log: columns that tabs separate; half-written lines are left out.

    Older ones have four, without the last; a run that continues one of them adds lines of five.
    One that is empty is of a run that was killed before its first line was on the disk.

    Parameters
    ----------
    text : str
        Content of the file.

    Raises
    ------
    UsageError
        If it is not a frame log.
    """
    if not text:
        return []
    header, *lines = text.splitlines()
    if tuple(header.split(SEPARATOR)) not in (COLUMNS, OLDER_COLUMNS):
        raise UsageError(
            f"this is not a frame log: its first line must be {SEPARATOR.join(COLUMNS)!r}, "
            f"and it is {header[:80]!r}"
        )
    if lines and not text.endswith("\n"):
        lines.pop()
    return [frame for frame in map(_frame, lines) if frame is not None]


def _frame(line: str) -> Frame | None:
    """One line; None for one that a killed program left behind."""
    try:
        flip, interval, age, valid, *host = line.split(SEPARATOR)
        host_s = _number(*host) if host else math.nan
        flip_s = _number(flip)
        was_asked = bool(valid or age)
        is_valid = bool(int(valid)) if was_asked else None
        row = Frame(flip_s, _number(interval), _number(age), is_valid, host_s)
    except (ValueError, TypeError):  # TypeError: too many columns
        return None
    return None if math.isnan(flip_s) else row


def _number(text: str) -> float:
    value = float(text) if text else math.nan
    return value if abs(value) < LARGEST_S else math.nan


def frame_facts(frames: Sequence[Frame]) -> FrameFacts | None:
    """Sum up the flips; None without any."""
    if not frames:
        return None
    intervals = sorted(frame.interval_s for frame in frames if frame.interval_s > 0)
    refresh_s = quantile(intervals, 0.25) if intervals else math.nan
    late = [interval for interval in intervals if interval > LATE * refresh_s]
    validities = [frame.gaze_valid for frame in frames if frame.gaze_valid is not None]
    return FrameFacts(
        flips=len(frames),
        refresh_ms=refresh_s * 1e3,
        late=len(late),
        refreshes_missed=sum(round(interval / refresh_s) - 1 for interval in late),
        intervals_ms=spread(interval * 1e3 for interval in intervals),
        gaze_ages_ms=spread(frame.gaze_age_s * 1e3 for frame in frames),
        with_gaze=len(validities),
        valid_share=sum(validities) / len(validities) if validities else None,
    )
