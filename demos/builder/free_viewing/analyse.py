"""How long and how often each thing was looked at, from the columns of Region of Interest.

python analyse.py [data/....csv]
"""

from __future__ import annotations

import ast
import csv
import sys
from pathlib import Path

REGIONS = ("on_house", "on_tree", "on_sun")
SHOWN_S = 4.0


def main() -> None:
    newest = max(Path("data").glob("*.csv"), key=lambda path: path.stat().st_mtime)
    with open(sys.argv[1] if len(sys.argv) > 1 else newest, encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row.get("picture")]
    print(
        f"{'picture':<10}{'region':<10}{'looks':>6}{'dwell (s)':>11}{'share':>8}{'first (s)':>11}"
    )
    for row in rows:
        for region in REGIONS:
            looks, dwell_s, first_s = looks_of(row, region)
            print(
                f"{row['picture']:<10}{region[3:]:<10}{looks:>6}{dwell_s:>11.2f}"
                f"{dwell_s / SHOWN_S:>8.0%}{first_s:>11.2f}"
            )


def looks_of(row: dict[str, str], region: str) -> tuple[int, float, float]:
    """Number of looks, seconds of all of them, and when the first began."""
    # PsychoPy leaves a column out as long as nobody has looked.
    starts_s = ast.literal_eval(row.get(f"{region}.timesOn") or "[]")
    first_s = starts_s[0] if starts_s else float("nan")
    dwell_s = float(row.get(f"{region}.dwellTime") or 0)
    return int(row[f"{region}.numLooks"]), dwell_s, first_s


if __name__ == "__main__":
    main()
