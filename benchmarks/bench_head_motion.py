"""How far a moving head throws gaze off the screen: newest detection, and poses at gaze's own time.

    python dev.py bench head_motion
    python benchmarks/bench_head_motion.py --official PYTHON   # beside real_time_screen_gaze 1.1.2

PYTHON has that package; without it, its way is followed with our own pose. The real trace is the
gyroscope of a recording that is not part of the project (``../shared/data/neon-recording``, or
``--recording FOLDER``); without it those rows are left out, which is said.

Errors are angles at the scene camera between the point looked at and the one found. Writes
``benchmarks/results/head_motion.md`` and ``head_motion.svg``.
"""

from __future__ import annotations

import argparse
import datetime
import platform
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from head_plot import draw  # noqa: E402
from head_runs import LATE_MS, SETTLED_IN_S, Run, live, run_theirs, settled  # noqa: E402
from head_scene import LAPTOP_HEIGHT_MM, MOTIONS, START_NS, Motion, recorded  # noqa: E402

Array = npt.NDArray[np.float64]

RESULTS = HERE / "results"
RECORDING = HERE.parent.parent / "shared" / "data" / "neon-recording"
SEEDS = (1, 2, 3)
NEWEST, NO_GYRO = "newest detection", "ours, no gyroscope"
OURS, SETTLED = "ours, live", "ours, settled"
THEIRS = "real_time_screen_gaze 1.1.2"
ABOUT = f"""\
Pure geometry with the truth: a 24-inch window at 60 cm with the default 8 markers, corners with
0.15 px noise, pictures at 30 Hz, gaze at 200 Hz, a gyroscope of 110 Hz with bias 0.3 deg/s, noise
0.1 deg/s, 1 % scale error, axes 1 deg off and a clock 2 ms off, reaching us 10 ms after gaze; the
neck differs from the assumed one by 15 mm (sd) on each axis, and sways. The first 2 s are left out.

`{NEWEST}` maps with our own pose of the newest picture; `{THEIRS}` is that package itself on the
same corners, its search for tags left out. `{NO_GYRO}` is what ours falls back to."""

PICTURE = """\
A head at 49 deg/s: tags, outline and gaze by the newest picture (red, 67 ms old) and by ours (blue;
`python benchmarks/head_picture.py`):

![Scene picture of a turning head](head_motion.jpg)

A window whose dot follows gaze, by ours and by the newest picture, while the head turns
(`python benchmarks/head_demo.py`; [four moments of it](head_demo.jpg)):

![Film of a window with gaze-contingent dots](head_demo.webp)"""


def two(errors: Array) -> str:
    """Median and 95th percentile."""
    good = errors[np.isfinite(errors)]
    return f"{np.median(good):.3f} / {np.percentile(good, 95):.3f}" if len(good) else "-"


def rms(errors: Array) -> float:
    return float(np.sqrt(np.nanmean(np.square(errors))))


class Report:
    """Runs everything, and keeps what is to be written.

    Attributes
    ----------
    trace : Motion or None
        The real head.
    costs_us : list of float
    by_speed : dict
        For the plot: way of mapping -> speeds and errors, of the real head, pictures 50 ms late.
    calibration : list of str
        Rows that compare true and expected errors.
    """

    def __init__(self, folder: Path, official_python: str | None) -> None:
        self.trace = recorded(folder)
        self.python = official_python
        self.costs_us: list[float] = []
        self.by_speed: dict[str, tuple[Array, Array]] = {}
        self.calibration: list[str] = []

    def motions(self) -> list[Motion]:
        motions = [make() for make in MOTIONS]
        return motions if self.trace is None else [*motions, self.trace]

    def rows(self, motion: Motion) -> list[str]:
        """The main table's rows for one motion."""
        runs = [Run.of(motion, seed) for seed in SEEDS]
        if self.python:
            for run in runs:
                run_theirs(run, self.python)
        late, expected = (_of_all(each, runs) for each in zip(*map(settled, runs), strict=True))
        self.calibration.append(_calibration(f"{motion.name}, settled", late, expected))
        return [self._row(motion, runs, late_ms, late) for late_ms in LATE_MS]

    def _row(self, motion: Motion, runs: list[Run], late_ms: int, late: Array) -> str:
        ours = [live(run, late_ms / 1e3) for run in runs]
        blind = [live(run, late_ms / 1e3, gyro=False) for run in runs]
        self.costs_us += [1e6 * cost for each in ours for cost in each.cost_s]
        columns = {NEWEST: _of_all([each.newest for each in ours], runs)}
        if self.python:
            columns[THEIRS] = _of_all([run.theirs[late_ms] for run in runs], runs)
        for name, lives in ((NO_GYRO, blind), (OURS, ours)):
            columns[name] = _of_all([each.ours for each in lives], runs)
            expected = _of_all([each.expected for each in lives], runs)
            title = f"{motion.name}, {name}, {late_ms} ms"
            self.calibration.append(_calibration(title, columns[name], expected))
        columns[SETTLED] = late
        if motion is self.trace and late_ms == LATE_MS[0]:
            speed = _of_all([run.gaze.speed_deg_s for run in runs], runs)
            self.by_speed = {name: (speed, errors) for name, errors in columns.items()}
        cells = [two(columns[name]) if name in columns else "-" for name in COLUMNS]
        return f"| {motion.name} | {late_ms} | {' | '.join(cells)} |"

    def lost(self, motion: Motion) -> str:
        """Markers not seen for 300 ms: of samples whose newest picture is that old."""
        lives = [live(Run.of(motion, seed), 0.05, lost=True) for seed in SEEDS]
        old = np.abs(np.concatenate([each.age_s for each in lives]) - 0.3) < 0.03
        newest = np.concatenate([each.newest for each in lives])[old]
        ours = np.concatenate([each.ours for each in lives])[old]
        return f"| {motion.name} | {two(newest)} | {two(ours)} |"

    def circumstances(self, motion: Motion) -> list[str]:
        """Less than ideal ones, pictures 50 ms late."""
        runs = [Run.of(motion, seed) for seed in SEEDS]
        laptop = [Run.of(motion, seed, LAPTOP_HEIGHT_MM) for seed in SEEDS]
        usual, small = ([live(run, 0.05) for run in some] for some in (runs, laptop))
        behind = [live(run, 0.05, gyro_late_s=0.040) for run in runs]
        cases = (
            ("as above", usual, False),
            ("in the first 2 s, nothing learnt yet", usual, True),
            ("a laptop's window, 190 mm high", small, False),
            ("the same, in the first 2 s", small, True),
            ("gyroscope 40 ms later than gaze", behind, False),
        )
        return [
            f"| {name} | {two(_of_all([each.ours for each in lives], runs, early=early))} |"
            for name, lives, early in cases
        ]


COLUMNS = (NEWEST, THEIRS, NO_GYRO, OURS, SETTLED)


def _of_all(values: Iterable[Array], runs: list[Run], *, early: bool = False) -> Array:
    """Values of all runs in a row, without the first two seconds, or of these only."""
    parts = []
    for each, run in zip(values, runs, strict=True):
        since_ns = np.array(run.gaze.device_ns) - START_NS
        parts.append(each[(since_ns <= SETTLED_IN_S * 1e9) == early])
    return np.concatenate(parts)


def _calibration(name: str, errors: Array, expected: Array) -> str:
    both = np.isfinite(errors) & np.isfinite(expected)
    true, said = rms(errors[both]), rms(expected[both])
    within = float(np.mean(errors[both] <= 2 * expected[both]))
    return f"| {name} | {true:.3f} | {said:.3f} | {100 * within:.0f} % |"


def write(report: Report) -> str:
    """The whole text."""
    motions = report.motions()
    rows = [row for motion in motions for row in report.rows(motion)]
    lost = [report.lost(motion) for motion in motions[2:]]
    circumstances = report.circumstances(motions[-1])
    quick, slow = np.percentile(report.costs_us, [50, 99])
    text = [
        f"{datetime.date.today()}, {platform.system()}, Python {platform.python_version()}; "
        f"{len(SEEDS)} wearers per row. Degrees, median / 95th percentile.",
        "",
        ABOUT,
        "",
        *_remarks(report),
        f"| head movement | picture later than gaze by (ms) | {' | '.join(COLUMNS)} |",
        "|" + "---|" * (2 + len(COLUMNS)),
        *rows,
        "",
        "Markers not seen for 300 ms:",
        "",
        f"| head movement | {NEWEST} | {OURS} |",
        "|---|---|---|",
        *lost,
        "",
        f"Circumstances ({motions[-1].name}, {OURS}, 50 ms):",
        "",
        "| circumstance | error |",
        "|---|---|",
        *circumstances,
        "",
        f"A pose at a sample's time takes {quick:.0f} us (median; p99 {slow:.0f} us).",
        "",
    ]
    if report.by_speed:
        draw(report.by_speed, RESULTS / "head_motion.svg")
        text += ["![Error over head speed](head_motion.svg)", ""]
    text += [PICTURE, ""]
    text += [
        "## Does `expected_error_deg` tell the truth?",
        "",
        "| what | true error, rms | expected, rms | true below twice the expected |",
        "|---|---|---|---|",
        *report.calibration,
        "",
    ]
    return "\n".join(text)


def _remarks(report: Report) -> list[str]:
    remarks = []
    if report.trace is None:
        remarks.append("No rows of a real head: the recording is not there.")
    if not report.python:
        remarks.append(f"No column of {THEIRS}: no environment with it was given.")
    return [" ".join(remarks), ""] if remarks else []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--official", metavar="PYTHON", help="an environment with that package")
    parser.add_argument("--recording", type=Path, default=RECORDING, metavar="FOLDER")
    args = parser.parse_args()
    text = write(Report(args.recording, args.official))
    (RESULTS / "head_motion.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
