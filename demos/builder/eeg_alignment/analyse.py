"""Puts the triggers of an amplifier and the events of the glasses on one clock.

    python analyse.py [data/..._eeg.csv]

Each flash has left a pair: a sample number of the amplifier, and a time on the phone's clock in the
experiment's data file. A straight line through all pairs is the relation of both clocks, for every
fixation, blink and sample of EEG between them.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

SAMPLES_PER_SECOND = 1000.0
OUTLIERS = 5.0  # times the median residual: a trigger that the computer sent late


def main() -> None:
    eeg = Path(sys.argv[1]) if len(sys.argv) > 1 else sorted(Path("data").glob("*_eeg.csv"))[-1]
    triggers = [(int(row["code"]), int(row["sample"])) for row in rows_of(eeg)]
    events = [
        (int(float(row["trigger"])), int(row["marker.device_ns"]))
        for row in rows_of(eeg.with_name(eeg.name.replace("_eeg.csv", ".csv")))
        if row.get("marker.device_ns")
    ]
    if [code for code, _ in triggers] != [code for code, _ in events]:
        raise SystemExit("The codes of both files differ: a trigger or an event is missing.")
    samples = np.array([sample for _, sample in triggers])
    device_ns = np.array([ns for _, ns in events], dtype=np.int64)
    slope, at_zero_s, residuals_ms = align(samples, (device_ns - device_ns[0]) / 1e9)
    drift_ppm = (1 / (slope * SAMPLES_PER_SECOND) - 1) * 1e6
    print(f"{len(samples)} pairs of trigger and event")
    print(f"sample 0 was {-at_zero_s:.4f} s before the first flash, on the phone's clock")
    print(f"the amplifier's clock is {drift_ppm:+.0f} ppm faster than the phone's")
    print(
        f"left over: {np.median(np.abs(residuals_ms)):.3f} ms (median), "
        f"{np.abs(residuals_ms).max():.3f} ms (worst)"
    )
    write(
        eeg.with_name(eeg.name.replace("_eeg.csv", "_aligned.csv")),
        triggers,
        device_ns,
        residuals_ms,
    )


def align(samples: np.ndarray, phone_s: np.ndarray) -> tuple[float, float, np.ndarray]:
    """Fit phone time = slope * sample + time of sample 0; late triggers do not count."""
    used = np.ones(len(samples), dtype=bool)
    middle = samples.mean()  # keeps the numbers small
    for _ in range(3):
        slope, at_middle_s = np.polyfit(samples[used] - middle, phone_s[used], 1)
        residuals_ms = (phone_s - at_middle_s - slope * (samples - middle)) * 1e3
        limit_ms = OUTLIERS * max(np.median(np.abs(residuals_ms)), 0.1)
        used = np.abs(residuals_ms) <= limit_ms
    return slope, at_middle_s - slope * middle, residuals_ms


def write(
    path: Path,
    triggers: list[tuple[int, int]],
    device_ns: np.ndarray,
    residuals_ms: np.ndarray,
) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("code", "sample", "device_ns", "residual_ms"))
        for (code, sample), ns, residual in zip(triggers, device_ns, residuals_ms, strict=True):
            writer.writerow((code, sample, ns, f"{residual:.4f}"))
    print(f"the pairs are in {path.name}")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
