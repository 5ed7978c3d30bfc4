"""Checks the gyroscope against the scene camera while both run, and corrects its alignment."""

from __future__ import annotations

import math
import statistics
from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import numpy as np
import numpy.typing as npt

from psychopy_neon.screen.gyroscope import GyroTrack
from psychopy_neon.screen.imu_alignment import ImuAlignment, documented
from psychopy_neon.screen.pose import ScreenPose
from psychopy_neon.screen.rotations import to_vector, vector_of_matrix

Array = npt.NDArray[np.float64]
AlignmentState = Literal["assumed", "fitted", "disagrees"]

LONGEST_LAG_NS = 30_000_000
"""The time offset is searched for up to this, in both directions."""

MAX_DISAGREEMENT_DEG = 0.5
"""Median difference per picture (33 ms) from which the gyroscope is not used; normal is 0.06."""

_LAG_STEP_NS = 10_000_000  # how well both agree changes evenly over such a time
_LAGS_NS = np.arange(-LONGEST_LAG_NS, LONGEST_LAG_NS + 1, _LAG_STEP_NS)
_KEPT, _FIT_EVERY, _JUDGED = 150, 15, 15
_MIN_PAIRS = 45
_LONGEST_PAIR_NS = 120_000_000
_WAITING = 30
_FRAME_S = 1 / 30
_ENOUGH_MOTION_RAD_S = math.radians(5.0)
_NOISE_RAD_S = math.radians(0.5)
# Of the documented axes: 3 degrees. Where the motion says little, they stay.
_AXES_WEIGHT = 1 / (2 * 0.05**2)
_WRONG_BY = 3.0  # times the median: such a pose is none
_LAG_EVIDENCE = 80.0


@dataclass(frozen=True, eq=False, slots=True)
class _Pair:
    """Mean rates between two pictures, rad/s: of the camera, and of the gyroscope at each lag."""

    camera: Array
    gyro: Array
    passed_s: float


@dataclass(frozen=True, eq=False, slots=True)
class _Axes:
    rotation: Array
    bias: Array
    misfits: Array


class AlignmentFit:
    """Compares how far the head turned from picture to picture by tags and by gyroscope.

    Axes, bias and time offset are fitted to the last 150 pictures (5 s) once the head moves; a
    head at rest shows the bias only. Use from one thread, except for `alignment` and `state`.

    Attributes
    ----------
    alignment : ImuAlignment
        The best one known; the documented one at first.
    state : str
        "assumed" before there was motion to judge by, "fitted", or "disagrees": then the
        gyroscope is of no use at the moment.
    residual_deg : float
        Median difference per picture (33 ms) between both, degrees; NaN before the first.
    """

    def __init__(self, assumed: ImuAlignment | None = None) -> None:
        self.alignment = self._assumed = documented() if assumed is None else assumed
        self.state: AlignmentState = "assumed"
        self.residual_deg = math.nan
        self._waiting: deque[tuple[ScreenPose, ScreenPose]] = deque(maxlen=_WAITING)
        self._pairs: deque[_Pair] = deque(maxlen=_KEPT)
        self._differences_deg: deque[float] = deque(maxlen=_JUDGED)  # of the newest of them
        self._since_fit = 0
        self._newest_ns: int | None = None
        self._fitted = False

    @property
    def is_usable(self) -> bool:
        """Whether gyroscope and camera agree, as far as it is known."""
        return self.state != "disagrees"

    @property
    def degrees_from_assumed(self) -> float:
        """Angle between the fitted axes and those assumed at first."""
        return self.alignment.degrees_from(self._assumed)

    def add(self, before: ScreenPose, after: ScreenPose) -> None:
        """Take two poses in a row; they are compared by `compare`.

        Of several windows in the same picture the first one counts.
        """
        if after.device_ns == self._newest_ns:
            return
        if 0 < after.device_ns - before.device_ns <= _LONGEST_PAIR_NS:
            self._newest_ns = after.device_ns
            self._waiting.append((before, after))

    def compare(self, gyro: GyroTrack) -> None:
        """Compare all pairs whose time the gyroscope covers by now; takes up to 1 ms."""
        newest_ns = gyro.newest_ns
        while newest_ns is not None and self._waiting:
            before, after = self._waiting[0]
            if after.device_ns + LONGEST_LAG_NS > newest_ns:
                return
            self._waiting.popleft()
            pair = _pair(before, after, gyro)
            if pair is not None:
                self._take(pair)

    def clear(self) -> None:
        """Forget the pictures, not what was learnt from them: the clock was set, or the tags."""
        self._waiting.clear()
        self._pairs.clear()
        self._differences_deg.clear()
        self._since_fit = 0

    def _take(self, pair: _Pair) -> None:
        self._pairs.append(pair)
        self._since_fit += 1
        if len(self._pairs) >= _MIN_PAIRS and self._since_fit >= _FIT_EVERY:
            self._since_fit = 0
            self._fit()
        else:
            self._differences_deg.append(_difference_deg(pair, self.alignment))
        self._judge()

    def _judge(self) -> None:
        self.residual_deg = statistics.median(self._differences_deg)
        if len(self._differences_deg) < _JUDGED:
            return
        agrees = self.residual_deg <= MAX_DISAGREEMENT_DEG
        self.state = ("fitted" if self._fitted else "assumed") if agrees else "disagrees"

    def _fit(self) -> None:
        camera = np.array([pair.camera for pair in self._pairs])
        gyro = np.array([pair.gyro for pair in self._pairs]).transpose(1, 0, 2)
        lag_ns = self._lag_ns(camera, gyro)
        at_lag = _at_lag(gyro, lag_ns)
        moves = float(np.sqrt(np.square(at_lag - at_lag.mean(axis=0)).sum(axis=1).mean()))
        weight = _AXES_WEIGHT if moves >= _ENOUGH_MOTION_RAD_S else math.inf
        nominal = self._assumed if math.isfinite(weight) else self.alignment
        axes = _robust_axes(camera, at_lag, nominal.camera_from_imu, weight)
        axes.rotation.flags.writeable = False
        x, y, z = axes.bias.tolist()
        self.alignment = ImuAlignment(axes.rotation, (x, y, z), lag_ns)
        self._fitted = self._fitted or math.isfinite(weight)
        newest = islice(reversed(self._pairs), _JUDGED)
        self._differences_deg.extend(_difference_deg(pair, self.alignment) for pair in newest)

    def _lag_ns(self, camera: Array, gyro: Array) -> int:
        """The lag at which both agree best, if the motion shows it; else the one known so far."""
        nominal = self._assumed.camera_from_imu
        costs = np.array(
            [np.square(_axes(camera, each, nominal, _AXES_WEIGHT).misfits).sum() for each in gyro]
        )
        best = int(costs.argmin())
        if not 0 < best < len(_LAGS_NS) - 1:
            return self.alignment.lag_ns
        left, least, right = costs[best - 1 : best + 2]
        noise = max(least / len(camera), _NOISE_RAD_S**2 / 9)
        if min(left, right) + max(left, right) - 2 * least < _LAG_EVIDENCE * noise:
            return self.alignment.lag_ns
        between = 0.5 * (left - right) / (left - 2 * least + right)
        return round(float(_LAGS_NS[best] + between * _LAG_STEP_NS))


def _pair(before: ScreenPose, after: ScreenPose, gyro: GyroTrack) -> _Pair | None:
    passed_s = (after.device_ns - before.device_ns) / 1e9
    camera = vector_of_matrix(before.rotation @ after.rotation.T) / passed_s
    rates = []
    for lag_ns in _LAGS_NS.tolist():
        turn = gyro.turn(before.device_ns + lag_ns, after.device_ns + lag_ns)
        if turn is None:
            return None
        rates.append(to_vector(turn.rotation))
    return _Pair(camera, np.array(rates) / passed_s, passed_s)


def _at_lag(gyro: Array, lag_ns: int) -> Array:
    """Rates at a lag between those of the search; `gyro` has the lags as its first axis."""
    place = float(np.clip((lag_ns + LONGEST_LAG_NS) / _LAG_STEP_NS, 0, len(_LAGS_NS) - 1.001))
    index = int(place)
    mixed: Array = gyro[index] + (place - index) * (gyro[index + 1] - gyro[index])
    return mixed


def _difference_deg(pair: _Pair, alignment: ImuAlignment) -> float:
    gyro = _at_lag(pair.gyro, alignment.lag_ns) - alignment.bias_rad_s
    difference = pair.camera - alignment.camera_from_imu @ gyro
    return math.degrees(float(np.linalg.norm(difference))) * _FRAME_S


def _robust_axes(camera: Array, gyro: Array, nominal: Array, weight: float) -> _Axes:
    """Fit twice: the second time without the pairs that a wrong pose has spoilt."""
    first = _axes(camera, gyro, nominal, weight)
    sizes = np.linalg.norm(first.misfits, axis=1)
    good = sizes <= _WRONG_BY * max(float(np.median(sizes)), _NOISE_RAD_S)
    return _axes(camera[good], gyro[good], nominal, weight)


def _axes(camera: Array, gyro: Array, nominal: Array, weight: float) -> _Axes:
    """The rotation that turns the gyroscope's rates into the camera's (Wahba's problem)."""
    camera_mean, gyro_mean = camera.mean(axis=0), gyro.mean(axis=0)
    rotation = nominal
    if math.isfinite(weight):
        together = (camera - camera_mean).T @ (gyro - gyro_mean) / _NOISE_RAD_S**2
        left, _, right = np.linalg.svd(together + weight * nominal)
        handed = np.diag([1.0, 1.0, float(np.linalg.det(left @ right))])
        rotation = left @ handed @ right
    bias = gyro_mean - rotation.T @ camera_mean
    return _Axes(rotation, bias, camera - (gyro - bias) @ rotation.T)
