"""Search times by the number of letters, from the columns of Neon Gaze.

python analyse.py [data/....csv]
"""

from __future__ import annotations

import csv
import statistics
import sys
from pathlib import Path


def main() -> None:
    newest = max(Path("data").glob("*.csv"), key=lambda path: path.stat().st_mtime)
    with open(sys.argv[1] if len(sys.argv) > 1 else newest, encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row.get("set_size")]
    for set_size in sorted({int(row["set_size"]) for row in rows}):
        trials = [row for row in rows if int(row["set_size"]) == set_size]
        chosen = [row for row in trials if row["neonGaze.selected"]]
        correct = sum(row["correct"] == "1" for row in trials)
        times_s = [float(row["neonGaze.selected_s"]) for row in chosen]
        median_s = f"{statistics.median(times_s):.2f} s" if times_s else "-"
        print(
            f"{set_size} letters: {len(trials)} trials, {correct} correct, "
            f"chosen after {median_s} (median, with the dwell time of 0.6 s)"
        )
    drifts = [float(row["look_here.offset_x_deg"]) for row in rows if row["look_here.offset_x_deg"]]
    if drifts:
        print(f"gaze was off by {statistics.median(drifts):+.2f} deg (median, x) before the trials")


if __name__ == "__main__":
    main()
