"""What the validation found, and whether gaze was right afterwards.

python analyse.py [data/....csv]
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path


def main() -> None:
    newest = max(Path("data").glob("*.csv"), key=lambda path: path.stat().st_mtime)
    with open(sys.argv[1] if len(sys.argv) > 1 else newest, encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    found = next(row for row in rows if row.get("neonValidate.verdict"))
    print(
        f"validation: {found['neonValidate.verdict']}, off by "
        f"{float(found['neonValidate.accuracy_deg']):.2f} deg "
        f"({found['neonValidate.uncorrected_deg']} without the correction), "
        f"precision {float(found['neonValidate.rms_s2s_deg']):.2f} deg, "
        f"loss {float(found['neonValidate.loss']):.0%}"
    )
    for row in rows:
        if row.get("event_name"):
            chosen = (
                f"after {row['neonGaze.selected_s']} s" if row["neonGaze.selected"] else "never"
            )
            print(f"{row['event_name']}: looked at {chosen}")


if __name__ == "__main__":
    main()
