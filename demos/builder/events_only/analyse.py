"""What the events of a run are worth: their times, and how well these are known.

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
        rows = [row for row in csv.DictReader(file) if row.get("shown.event")]
    for kind in ("standard", "odd"):
        trials = [row for row in rows if row["shown.event"] == kind]
        shown_s = [lasted_s(row) for row in trials]
        pressed = sum(bool(row.get("response.rt")) for row in trials)
        if shown_s:
            print(
                f"{kind}: {len(trials)} discs, shown for {statistics.median(shown_s):.4f} s, "
                f"{pressed} key presses"
            )
    bounds_ms = [float(row["shown.bound_ms"]) for row in rows if row["shown.bound_ms"]]
    confirmed = sum(row["shown.state"] == "confirmed" for row in rows)
    print(
        f"{confirmed} of {len(rows)} onsets confirmed by the phone, each within "
        f"{max(bounds_ms, default=float('nan')):.2f} ms of its true time on the phone's clock"
    )


def lasted_s(row: dict[str, str]) -> float:
    """From one event to the other, on the phone's clock."""
    return (int(row["shown.offset_device_ns"]) - int(row["shown.device_ns"])) / 1e9


if __name__ == "__main__":
    main()
