"""Where the participant looks, in the window's own units."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterable
from statistics import median
from typing import Any

from psychopy.constants import NOT_STARTED
from psychopy.layout import Position

from psychopy_neon.runtime.flat_degrees import FLAT, flat_degrees
from psychopy_neon.runtime.frame_gaze import FrameGaze
from psychopy_neon.runtime.row import DataRow
from psychopy_neon.runtime.steady_gaze import SteadyGaze
from psychopy_neon.runtime.tracker import connect
from psychopy_neon.samples import Point, ScreenGaze
from psychopy_neon.screen.dwell import Dwell
from psychopy_neon.screen.given_numbers import number

_AGES_KEPT = 36_000  # ten minutes at 60 Hz
# Where `pos` points without valid gaze, in norm units: so far outside of the window that nothing
# there is seen. (nan, nan) would not do: PsychoPy reads it as "the window's size" and shows a
# stimulus in the top right corner.
AWAY: Point = (-20.0, -20.0)


class NeonGaze:
    """Live gaze: ``.pos``, ``.valid``, ``.age``, ``.pupil`` and ``.problem``.

    All of them belong to the same sample during one frame, whichever stimulus asks first. It can
    also stand in for the tracker in ``visual.ROI(win, device=gaze)``.

    Parameters
    ----------
    win : psychopy.visual.Window
        `pos` is in the units of this window.
    tracker : ioHubDeviceView
        See `connect`, which may block up to 15 s and raise.
    exp : psychopy.data.ExperimentHandler, optional
        Gets, from `stop`, the columns ``<name>.frames``, ``<name>.valid_fraction`` and
        ``<name>.median_age_s`` (of the valid frames; empty without one), and
        ``<name>.correction_version`` if gaze is corrected (see `NeonValidate`). With smoothing also
        ``<name>.smoothing_delay_s``, the median of `delay`; with something to choose from
        ``<name>.selected`` and ``<name>.selected_s``, what was chosen and when, in seconds
        after `start`, both empty if nothing was.
    name : str
        Of the object; begins the names of the columns.
    smoothing : {"none", "moving average", "within fixations", "one euro"}
        What is done to `pos`. "moving average" follows the eye by half of `smoothing_s`.
        "within fixations" averages in the same way, and starts anew with each saccade, so that
        only slow movements are delayed. "one euro" follows by half of `smoothing_s` at rest, and
        the closer the faster the eye moves. `delay` says by how much at each moment.
    smoothing_s : float
        How much is averaged, seconds.
    hold_s : float
        How long `pos` stays at its last place when gaze is lost, seconds; 0 takes it away at once.
    dwell_s : float
        How long one of `setDwellOn` has to be looked at to be chosen, seconds.
    surface : str
        Name of another window or surface, whose `NeonMarkers` have the same; empty for the window
        whose gaze is in the data file. On something that is no window, `pos` is as if `win` was
        spread over it: its edges are those of `win`.

    Raises
    ------
    UsageError
        If one of these makes no sense, or as `connect` does.

    Notes
    -----
    Smoothing works on the gaze that frames have read, so it needs `pos` or `watch` in each frame.
    """

    def __init__(
        self,
        win: Any,
        tracker: Any,
        exp: Any | None = None,
        name: str = "neonGaze",
        *,
        smoothing: str = "none",
        smoothing_s: float = 0.1,
        hold_s: float = 0.0,
        dwell_s: float = 0.6,
        surface: str = "",
    ) -> None:
        self.win = win
        self.exp = exp
        self.name = name
        self.status = NOT_STARTED
        neon_tracker = connect(tracker)
        self._tracker = neon_tracker
        self.surface_name = neon_tracker.watch_surface(surface)
        self._source = FrameGaze(win, neon_tracker, self.surface_name)
        self._flips = neon_tracker.flips
        neon_tracker.know(win, exp)
        self._steady = SteadyGaze(
            win,
            smoothing,
            number(smoothing_s, "Smooth over (s)", name),
            number(hold_s, "Hold for (s)", name),
        )
        self._is_smoothed = smoothing != "none"
        self._dwell: Dwell[int] = Dwell(number(dwell_s, "Dwell time (s)", name))
        self._choices: tuple[Any, ...] = ()
        self._selected_s = math.nan
        self._converted: tuple[ScreenGaze, str, Point] | None = None
        self._watching = False
        self._started_s = 0.0
        self._frames = 0
        self._valid_frames = 0
        self._ages_s: deque[float] = deque(maxlen=_AGES_KEPT)
        self._delays_s: deque[float] = deque(maxlen=_AGES_KEPT)

    @property
    def screen(self) -> ScreenGaze:
        """The whole sample of this frame, in norm units; NaN where it is not valid."""
        return self._source.sample()

    @property
    def pos(self) -> Point:
        """Position in the window's units, ready for ``$neonGaze.pos`` in any stimulus.

        Smoothed and held as wished. Without valid gaze, when it is no longer held, it is a place
        far outside the window: a stimulus that follows it vanishes, and nothing contains it. Ask
        `valid` before computing with it.
        """
        gaze, units = self._follow(), str(self.win.units)
        if self._converted is None or self._converted[:2] != (gaze, units):
            point = self._steady.place or AWAY
            self._converted = gaze, units, _in_units(point, units, self.win)
        return self._converted[2]

    @property
    def shown(self) -> bool:
        """Whether there is something to follow: `pos` is valid, or held."""
        self._follow()
        return self._steady.place is not None

    @property
    def held(self) -> bool:
        """Whether gaze is lost and `pos` still the last that was valid."""
        self._follow()
        return self._steady.is_held

    @property
    def delay(self) -> float:
        """What smoothing adds to `age`, seconds, for an eye that moves evenly; NaN if not valid.

        For an eye at rest it has no consequence.
        """
        self._follow()
        return self._steady.delay_s

    @property
    def valid(self) -> bool:
        """Whether `pos` can be used."""
        return self.screen.valid

    @property
    def rests_here(self) -> bool:
        """Whether gaze rests on this surface: within its edges, and on no other that is nearer."""
        return self._tracker.looked_at().name == self.surface_name

    @property
    def age(self) -> float:
        """Seconds since the gaze was measured; NaN without a sample."""
        return self.screen.age_s

    @property
    def pupil(self) -> float:
        """Mean pupil diameter in mm; NaN when the phone sends none."""
        return self.screen.pupil_mm

    @property
    def problem(self) -> str | None:
        """Why `pos` is not valid, e.g. "no screen"; None when it is."""
        return self.screen.problem

    def getPos(self) -> Point | None:  # noqa: N802 - the name that visual.ROI looks for
        """`pos`, or None when it is not valid."""
        return self.pos if self.valid else None

    def setDwellOn(self, stimuli: Iterable[Any]) -> None:  # noqa: N802 - Builder's way to say it
        """Offer stimuli to be chosen by looking at them for `dwell_s`; begins from nothing.

        Parameters
        ----------
        stimuli : iterable
            Anything with the method ``contains`` of PsychoPy's stimuli. Where they overlap, the
            first counts.
        """
        self._choices = tuple(stimuli)
        self._dwell.reset()
        self._selected_s = math.nan

    @property
    def looked_at(self) -> Any | None:
        """Which stimulus of `setDwellOn` is looked at, or was before a blink; None for none."""
        return self._choice(self._dwell.looked_at)

    @property
    def progress(self) -> float:
        """How much of the dwell time is over for that one, 0 to 1."""
        return self._dwell.progress

    @property
    def selected(self) -> Any | None:
        """Which stimulus of `setDwellOn` was chosen; None while none is."""
        return self._choice(self._dwell.selected)

    def start(self) -> None:
        """Begin a summary; from now on `watch` counts, and looking chooses."""
        self._watching = True
        self._flips.begin(self)
        self._frames = self._valid_frames = 0
        self._ages_s.clear()
        self._delays_s.clear()
        self._dwell.reset()
        self._started_s, self._selected_s = time.perf_counter(), math.nan

    def watch(self) -> None:
        """Count this frame in the summary, and see what is looked at; call it once per frame."""
        if not self._watching:
            return
        gaze = self._follow()
        self._frames += 1
        if gaze.valid:
            self._valid_frames += 1
            self._ages_s.append(gaze.age_s)
            self._delays_s.append(self._steady.delay_s)
        self._flips.show_gaze(gaze, self._source.read_s)
        self._look_for_choice(gaze)

    def stop(self) -> None:
        """End the summary and write it into the data file; does nothing a second time."""
        if not self._watching:
            return
        self._watching = False
        self._flips.end(self)
        row = DataRow(self.exp)
        row.write(f"{self.name}.frames", self._frames)
        if self._tracker.correction.version:
            row.write(f"{self.name}.correction_version", self._tracker.correction.version)
        if self._frames:
            row.write(f"{self.name}.valid_fraction", round(self._valid_frames / self._frames, 4))
        if self._ages_s:
            row.write(f"{self.name}.median_age_s", round(median(self._ages_s), 4))
        if self._is_smoothed and self._delays_s:
            row.write(f"{self.name}.smoothing_delay_s", round(median(self._delays_s), 4))
        if self._choices:
            self._write_choice(row)

    def _follow(self) -> ScreenGaze:
        gaze = self.screen
        self._steady.follow(gaze, self._source.read_s)
        return gaze

    def _choice(self, index: int | None) -> Any | None:
        return None if index is None else self._choices[index]

    def _look_for_choice(self, gaze: ScreenGaze) -> None:
        if not self._choices or self._dwell.selected is not None:
            return
        now_s = self._source.read_s
        if self._dwell.take(now_s, self._index_at_gaze() if gaze.valid else None) is not None:
            self._selected_s = now_s - self._started_s

    def _index_at_gaze(self) -> int | None:
        # In units that mean the same to all of PsychoPy; its degFlatPos do not to contains().
        place = self._steady.place or AWAY
        for index, stimulus in enumerate(self._choices):
            if stimulus.contains(place, units="norm"):
                return index
        return None

    def _write_choice(self, row: DataRow) -> None:
        selected = self.selected
        if selected is not None:
            row.write(f"{self.name}.selected", getattr(selected, "name", str(selected)))
            row.write(f"{self.name}.selected_s", round(self._selected_s, 4))


def _in_units(point: Point, units: str, win: Any) -> Point:
    place = Position(point, "norm", win)
    if units in FLAT:
        return flat_degrees(place.cm, win.monitor.getDistance())
    x, y = getattr(place, units)
    return float(x), float(y)
