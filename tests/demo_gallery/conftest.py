"""Every demonstration, run once with few trials against simulated glasses."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

# As few trials as show what is claimed, and no hurry: a trial that is over because the machine is
# slow says nothing. The gaze-contingent demo has tests of its own. The longest come first.
PATIENCE_S = 100
INFO = {
    "reading": {"trials": 1, "limit (s)": PATIENCE_S},
    "moving_window": {"trials": 2, "limit (s)": PATIENCE_S},
    "pursuit": {"trials": 1, "limit (s)": PATIENCE_S},
    "validation": {"trials": 1, "limit (s)": PATIENCE_S},
    "visual_search": {"trials": 2, "limit (s)": PATIENCE_S},
    "two_glasses.py": {"trials": 3},
    "free_viewing": {"trials": 1},
    "moving_window.py": {"trials": 2, "longest_s": PATIENCE_S},
    "gaze_cursor.py": {"trials": 2, "longest_s": PATIENCE_S},
    "eeg_alignment": {"trials": 8},
    "validation.py": {"targets": 1},
    "events_only": {"trials": 5},
}
# Each waits for a part of its time, for eyes and for processes that start.
AT_ONCE = 2
FLIPS_PER_SECOND = 20
# Nobody sits at the keyboard: what PsychoPy's is asked for is answered here, for odd discs.
ASKED = re.compile(r"^( +)theseKeys = response\.getKeys\(.*\n", re.MULTILINE)
ANSWERED = """\
\\g<0>\\1if kind == 'odd' and tThisFlip > 0.4 and not _response_allKeys:
\\1    theseKeys = [keyboard.KeyPress('space', core.getTime())]
"""


@dataclass(frozen=True)
class Run:
    """A demonstration that has run, and what it left."""

    prepared: Any
    exit_code: int | None
    analysis: str

    @property
    def folder(self) -> Path:
        folder: Path = self.prepared.folder
        return folder

    @property
    def log(self) -> str:
        return (self.folder / "experiment.log").read_text(encoding="utf-8", errors="replace")

    def rows(self, ending: str = "") -> list[dict[str, str]]:
        """Rows of PsychoPy's data file, or of the table beside it whose name ends so."""
        [experiment] = self.folder.glob("data/*.psydat")
        path = experiment.with_name(f"{experiment.stem}{ending}.csv")
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    @property
    def hdf5(self) -> Path:
        [path] = self.folder.glob("data/*.hdf5")
        return path

    def truth(self, glasses: int = 0) -> list[dict[str, Any]]:
        """What the simulated glasses knew."""
        with self.prepared.truth(glasses).open(encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.strip()]

    def picture(self) -> Any:
        """The window, shape (720, 1280, 3), red, green, blue."""
        import cv2

        found = cv2.imread(str(self.prepared.picture))
        assert found is not None, f"{self.prepared.demo.name} has no picture"
        return found[:, :, ::-1].astype(int)


@pytest.fixture(scope="session")
def gallery(
    display: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Run]]:
    """``gallery(name)``: the run of that demonstration; all of them are on their way."""
    from psychopy_neon.demos.catalogue import find_demo
    from psychopy_neon.demos.runner import analyse, perform, prepare

    output = tmp_path_factory.mktemp("gallery")
    prepared = {
        # Exporting is not made for threads.
        name: prepare(find_demo(name), output / name, info)
        for name, info in INFO.items()
    }

    _press_for_odd_discs(prepared["events_only"].script)

    def run(name: str) -> Run:
        exit_code = perform(prepared[name], FLIPS_PER_SECOND)
        return Run(prepared[name], exit_code, analyse(prepared[name]) if exit_code == 0 else "")

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="gallery") as pool:
        futures: dict[str, Future[Run]] = {name: pool.submit(run, name) for name in INFO}
        yield lambda name: futures[name].result()


def _press_for_odd_discs(script: Path) -> None:
    text, count = ASKED.subn(ANSWERED, script.read_text(encoding="utf-8"))
    assert count == 1
    script.write_text(text, encoding="utf-8")
