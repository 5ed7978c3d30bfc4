"""How old the gaze was that each frame was drawn with, and how long the search took.

python analyse.py [data/....csv]
"""

from __future__ import annotations

import csv
import statistics
import sys
from pathlib import Path


def main() -> None:
    newest = max(Path("data").glob("*.csv"), key=lambda path: path.stat().st_mtime)
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else newest
    trials = [row for row in rows_of(path, ",") if row.get("kind")]
    for kind in ("window", "scotoma"):
        of_kind = [row for row in trials if row["kind"] == kind]
        times_s = [float(row["neonGaze.selected_s"]) for row in of_kind if row["neonGaze.selected"]]
        if times_s:
            print(
                f"{kind}: {len(times_s)} of {len(of_kind)} found, after "
                f"{statistics.median(times_s):.2f} s (median)"
            )
    frames = rows_of(path.with_name(path.stem + "_neon_frames.tsv"), "\t")
    ages_ms = sorted(1000 * float(row["gaze_age_s"]) for row in frames if row["gaze_age_s"])
    intervals_ms = [1000 * float(row["interval_s"]) for row in frames if row["interval_s"]]
    if ages_ms:
        print(
            f"age of gaze when it was shown: {statistics.median(ages_ms):.1f} ms (median), "
            f"{ages_ms[int(0.95 * (len(ages_ms) - 1))]:.1f} ms (95 %)"
        )
        print(f"frames: {len(frames)}, every {statistics.median(intervals_ms):.1f} ms (median)")


def rows_of(path: Path, separator: str) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader((line for line in file if line.strip()), delimiter=separator))


if __name__ == "__main__":
    main()
