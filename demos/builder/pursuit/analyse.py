"""How well the target was followed, from every gaze sample and from the glasses' own saccades.

python analyse.py [data/....hdf5]
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

import numpy as np
from tracking import judge, place, smooth_gain

from psychopy_neon.export import read_run

HERE = Path(__file__).parent
REACH = 0.35  # window heights, as in the experiment
MARGIN_S = 0.02  # a saccade's beginning and end are not known better
SHORTEST_S = 0.1  # of a piece without saccades


def main() -> None:
    newest = max((HERE / "data").glob("*.hdf5"), key=lambda path: path.stat().st_mtime)
    run = read_run(sys.argv[1] if len(sys.argv) > 1 else newest)
    rows = list(zip(*(run.events[name] for name in ("kind", "name", "time_s")), strict=True))
    for swing, period_s in periods().items():
        began_s = next((s for kind, name, s in rows if (kind, name) == ("event", swing)), None)
        if began_s is None:
            continue
        over_s = min(s for _, name, s in rows if name == "over" and s > began_s)
        report(swing, period_s, gaze_between(run.samples, began_s, over_s), saccades(run, began_s))


def gaze_between(samples: dict[str, Any], began_s: float, over_s: float) -> tuple[Any, ...]:
    """Seconds since the target began to move, and gaze."""
    times = samples["time_s"]
    shown = (times >= began_s) & (times < over_s) & np.isfinite(samples["gaze_x"])
    return times[shown] - began_s, samples["gaze_x"][shown], samples["gaze_y"][shown]


def saccades(run: Any, began_s: float) -> list[tuple[float, float]]:
    """Beginning and end, seconds since the target began to move."""
    columns = (run.events[name] for name in ("kind", "time_s", "duration_s"))
    found = zip(*columns, strict=True)
    return [(s - began_s, s - began_s + lasts) for kind, s, lasts in found if kind == "saccade"]


def report(
    swing: str, period_s: float, gaze: tuple[Any, ...], found: list[tuple[float, float]]
) -> None:
    times, x, y = gaze
    tracking = judge(times, x, y, REACH, period_s)
    if tracking is None:
        print(f"{swing}: gaze was not valid for long enough")
        return
    of_trial = [(start, end) for start, end in found if start >= 0 and end <= times[-1]]
    pieces = list(between_saccades(times, x, of_trial, period_s))
    print(
        f"{swing}: gain {tracking.gain:.2f}, lag {1000 * tracking.lag_s:.0f} ms, "
        f"{tracking.rms:.3f} window heights from the target (rms); pursuit without its "
        f"{len(of_trial)} saccades: gain {smooth_gain(pieces):.2f}"
    )


def between_saccades(
    times: Any, x: Any, found: list[tuple[float, float]], period_s: float
) -> list[tuple[Any, Any]]:
    """Gaze and target, for each time without a saccade."""
    starts = [0.5 * period_s, *(end + MARGIN_S for _, end in found)]
    ends = [*(start - MARGIN_S for start, _ in found), times[-1]]
    pieces = []
    for start, end in zip(starts, ends, strict=True):
        inside = (times >= start) & (times < end)
        if end - start > SHORTEST_S and inside.any():
            target = [place(moved_s, REACH, period_s)[0] for moved_s in times[inside]]
            pieces.append((x[inside], target))
    return pieces


def periods() -> dict[str, float]:
    with (HERE / "conditions.csv").open(encoding="utf-8", newline="") as file:
        return {row["swing"]: float(row["period_s"]) for row in csv.DictReader(file)}


if __name__ == "__main__":
    main()
