"""What a run against simulated glasses did, compared with what really happened.

Everything is computed from files: the data file, the HDF5 file and the event journal that the
experiment left, and the truth log of the simulator. The true time of a flip follows from
PsychoPy's clock and the clock that the simulator was given, without any estimate of ours.
"""

from __future__ import annotations

import csv
import json
import math
import statistics
from bisect import bisect_left
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

NS_PER_S = 1_000_000_000
SAME_SAMPLE_S = 0.001  # samples are 5 ms apart
DISTANCE_MM = 600.0  # of the simulated head
DWELL_S = 0.5  # ends a trial of the demo


@dataclass(frozen=True)
class RunFiles:
    """Where a run left its data."""

    csv: Path
    hdf5: Path
    journal: Path
    truth: Path
    screenshot: Path
    frames: Path
    log: Path


@dataclass
class Report:
    """Outcome of a run; angles in degrees at the simulated head, times in ms."""

    events_sent: int = 0
    events_confirmed: int = 0
    events_missing: list[str] = field(default_factory=list)
    event_error_median_ms: float = math.nan
    event_error_worst_ms: float = math.nan
    event_bound_worst_ms: float = math.nan
    events_beyond_bound: int = 0
    recording_ids: list[str] = field(default_factory=list)
    gaze_received: int = 0
    gaze_lost: int = 0
    gaze_saved: int = 0
    gaze_valid_percent: float = math.nan
    screen_error_median_deg: float = math.nan
    screen_error_p95_deg: float = math.nan
    trials: int = 0
    trials_ended_by_gaze: int = 0
    frames: int = 0
    frames_dropped: int = 0
    frame_period_ms: float = math.nan
    frame_longest_ms: float = math.nan
    problems: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether the experiment ran and every event arrived."""
        return not self.problems and not self.events_missing and self.events_sent > 0


def make_report(files: RunFiles, window_px: tuple[int, int], mm_per_px: float) -> Report:
    """Read the files of a run and compare.

    Parameters
    ----------
    files : RunFiles
    window_px : tuple of 2 int
        Size of the window; the experiment's units must be ``height``.
    mm_per_px : float
        Size of its pixels on the simulated monitor.
    """
    report = Report()
    truth = _json_lines(files.truth)
    rows = _csv_rows(files.csv)
    journal = _json_lines(files.journal)
    frames = json.loads(files.frames.read_text(encoding="utf-8"))
    _compare_events(report, truth, journal, rows, frames["clock_pairs"])
    _count_streams(report, journal)
    _compare_gaze(report, truth, files.hdf5, window_px, mm_per_px)
    _count_trials(report, rows)
    _count_frames(report, frames, files)
    return report


def save_report(report: Report, files: RunFiles, path: Path) -> None:
    """Write the report and the paths of its files as JSON."""
    content = {**asdict(report), "passed": report.passed}
    content = {k: None if _is_nan(v) else v for k, v in content.items()}
    content["files"] = {name: str(value) for name, value in asdict(files).items()}
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def format_report(report: Report, files: RunFiles) -> str:
    """The report for people."""
    r = report
    lines = [
        f"events           {r.events_sent} sent, {r.events_confirmed} confirmed by the phone",
        f"event times      off by {r.event_error_median_ms:.3f} ms (median), "
        f"{r.event_error_worst_ms:.3f} ms (worst); guaranteed: {r.event_bound_worst_ms:.3f} ms",
        f"gaze samples     {r.gaze_received} received, {r.gaze_lost} lost; "
        f"{r.gaze_saved} saved, {r.gaze_valid_percent:.1f} % of them on the screen",
        f"gaze on screen   off by {r.screen_error_median_deg:.3f} deg (median), "
        f"{r.screen_error_p95_deg:.3f} deg (95 %)",
        f"trials           {r.trials}, {r.trials_ended_by_gaze} ended by looking at the target",
        f"frames           {r.frames} of {r.frame_period_ms:.1f} ms, {r.frames_dropped} dropped, "
        f"longest {r.frame_longest_ms:.0f} ms",
        f"recording        {', '.join(r.recording_ids) or 'none'}",
        *(f"{name:<17}{value}" for name, value in asdict(files).items()),
        *(
            [f"BEYOND BOUND     {r.events_beyond_bound} event times"]
            if r.events_beyond_bound
            else []
        ),
        *(f"PROBLEM          {problem}" for problem in r.problems),
        *(f"MISSING EVENT    {name}" for name in r.events_missing),
    ]
    return "\n".join(lines)


# -- events ---------------------------------------------------------------------------------------


def _compare_events(
    report: Report,
    truth: list[dict[str, Any]],
    journal: list[dict[str, Any]],
    rows: list[dict[str, str]],
    clock_pairs: list[tuple[int, float]],
) -> None:
    sent = {line["number"]: line for line in journal if line["kind"] == "event"}
    confirmed = {line["number"]: line for line in journal if line["kind"] == "confirmed"}
    arrived = {
        (line["name"], line["timestamp_ns"]): line["recording_id"]
        for line in truth
        if line["kind"] == "event" and line["recording_id"]
    }
    report.events_sent = len(sent)
    errors_ns, bounds_ns = [], []
    flips = _flip_times(rows)
    clock = _TrueClock(truth, clock_pairs)
    for number, line in sent.items():
        answer = confirmed.get(number)
        if answer is None or (line["name"], answer["device_ns"]) not in arrived:
            report.events_missing.append(line["name"])
            continue
        if number in flips:
            errors_ns.append(abs(answer["device_ns"] - clock.device_ns(flips[number])))
            bounds_ns.append(answer["bound_ns"])
    report.events_confirmed = len(sent) - len(report.events_missing)
    report.recording_ids = sorted({str(i) for i in arrived.values()})
    if errors_ns:
        report.event_error_median_ms = statistics.median(errors_ns) / 1e6
        report.event_error_worst_ms = max(errors_ns) / 1e6
        report.event_bound_worst_ms = max(bounds_ns) / 1e6
        pairs = zip(errors_ns, bounds_ns, strict=True)
        report.events_beyond_bound = sum(error > bound for error, bound in pairs)
    if len(errors_ns) != len(sent):
        report.problems.append(f"only {len(errors_ns)} of {len(sent)} events have a flip time")


def _flip_times(rows: list[dict[str, str]]) -> dict[int, float]:
    """Number of each event -> raw PsychoPy seconds of the flip that showed it."""
    flips = {}
    for row in rows:
        for column, value in row.items():
            if column.endswith(".flip_raw_s") and value:
                number = row[column.removesuffix("flip_raw_s") + "number"]
                flips[int(float(number))] = float(value)
    return flips


class _TrueClock:
    """The simulated phone's clock at instants of PsychoPy's raw clock.

    On Linux that clock is slewed by the time service, so each instant is taken over with the
    pair of readings nearest to it.
    """

    def __init__(self, truth: list[dict[str, Any]], clock_pairs: list[tuple[int, float]]) -> None:
        self._line = next(line for line in truth if line["kind"] == "clock")
        self._pairs = clock_pairs

    def device_ns(self, raw_s: float) -> int:
        line = self._line
        paired_ns, paired_s = min(self._pairs, key=lambda pair: abs(pair[1] - raw_s))
        host_ns = paired_ns + round((raw_s - paired_s) * NS_PER_S)
        passed_ns = host_ns - line["zero_host_ns"]
        return int(line["zero_device_ns"] + passed_ns + round(passed_ns * line["drift_ppm"] * 1e-6))


# -- gaze -----------------------------------------------------------------------------------------


def _compare_gaze(
    report: Report,
    truth: list[dict[str, Any]],
    hdf5: Path,
    window_px: tuple[int, int],
    mm_per_px: float,
) -> None:
    samples = _saved_gaze(hdf5)
    if not samples:
        report.problems.append("the HDF5 file holds no gaze samples")
        return
    true_gaze = _TrueGaze(truth)
    valid = [sample for sample in samples if not math.isnan(sample[1])]
    report.gaze_saved = len(samples)
    report.gaze_valid_percent = 100 * len(valid) / len(samples)
    half_height_px = window_px[1] / 2
    errors_deg = []
    for device_s, x, y in valid:
        true_point = true_gaze.at(device_s)
        if true_point is None:
            continue
        error_px = math.hypot(
            2 * x * half_height_px - true_point[0] * window_px[0] / 2,
            (2 * y - true_point[1]) * half_height_px,
        )
        errors_deg.append(math.degrees(math.atan(error_px * mm_per_px / DISTANCE_MM)))
    if len(errors_deg) < 0.99 * len(valid):
        report.problems.append(f"only {len(errors_deg)} of {len(valid)} gaze samples have a truth")
    if errors_deg:
        errors_deg.sort()
        report.screen_error_median_deg = statistics.median(errors_deg)
        report.screen_error_p95_deg = errors_deg[int(0.95 * (len(errors_deg) - 1))]


def _saved_gaze(hdf5: Path) -> list[tuple[float, float, float]]:
    """Device seconds and window position (``height`` units, NaN if not valid) of each sample."""
    import tables

    with tables.open_file(str(hdf5)) as file:
        events = file.root.data_collection.events.eyetracker
        table = events.BinocularEyeSampleEvent
        columns = (table.col("device_time"), table.col("left_gaze_x"), table.col("left_gaze_y"))
        return [(float(t), float(x), float(y)) for t, x, y in zip(*columns, strict=True)]


class _TrueGaze:
    """Where the simulated participant looked."""

    def __init__(self, truth: list[dict[str, Any]]) -> None:
        self._lines = [line for line in truth if line["kind"] == "gaze"]
        self._times_s = [line["device_ns"] / NS_PER_S for line in self._lines]

    def at(self, device_s: float) -> tuple[float, float] | None:
        """Norm units; None if there is no sample of that time."""
        following = bisect_left(self._times_s, device_s - SAME_SAMPLE_S)
        if following == len(self._times_s):
            return None
        if abs(self._times_s[following] - device_s) > SAME_SAMPLE_S:
            return None
        line = self._lines[following]
        return line["screen_x"], line["screen_y"]


# -- the rest -------------------------------------------------------------------------------------


def _count_streams(report: Report, journal: list[dict[str, Any]]) -> None:
    for line in journal:
        if line["kind"] == "stream" and line["name"] == "gaze":
            report.gaze_received, report.gaze_lost = line["received"], line["lost"]
            return
    report.problems.append("the journal has no count of the gaze stream: it was not closed")


def _count_trials(report: Report, rows: list[dict[str, str]]) -> None:
    trials = [row for row in rows if row.get("trials.thisN")]
    report.trials = len(trials)
    report.trials_ended_by_gaze = sum(
        float(row.get("lookedAt.dwellTime") or 0) >= DWELL_S for row in trials
    )


def _count_frames(report: Report, frames: dict[str, Any], files: RunFiles) -> None:
    report.frames, report.frames_dropped = frames["frames"], frames["dropped"]
    report.frame_period_ms = frames["period_ms"]
    report.frame_longest_ms = frames["longest_ms"]
    if not files.screenshot.exists():
        report.problems.append("no screenshot was taken")


def _json_lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def _csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)
