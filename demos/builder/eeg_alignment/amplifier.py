"""An EEG amplifier that exists in this computer only: it counts samples, and notes triggers.

As with a real one, its clock has nothing to do with that of the computer or of the phone: it began
at another time, and it is a little too fast.
"""

from __future__ import annotations

import csv
import random
import time
from pathlib import Path

SAMPLES_PER_SECOND = 1000
TOO_FAST_PPM = 35.0


class SimulatedAmplifier:
    """Stands for amplifier and trigger cable.

    Parameters
    ----------
    path : path-like
        CSV file for the triggers, one row each: number of the sample, and code.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._triggers: list[tuple[int, int]] = []
        self._began_s = time.perf_counter() - random.uniform(100.0, 1000.0)

    def pulse(self, code: int) -> None:
        """Raise the trigger line now; give it to ``win.callOnFlip``."""
        passed_s = (time.perf_counter() - self._began_s) * (1 + TOO_FAST_PPM * 1e-6)
        self._triggers.append((int(passed_s * SAMPLES_PER_SECOND), code))

    def close(self) -> None:
        """Write the file, as the amplifier's own program would."""
        with self._path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("sample", "code"))
            writer.writerows(self._triggers)
