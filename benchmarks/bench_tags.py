"""Tags in rendered scene video: how many are found, how exact gaze is, what it costs.

    python dev.py bench tags
    python benchmarks/bench_tags.py --official PYTHON   # beside real_time_screen_gaze 1.1.2

PYTHON has that package. The pictures are drawn by the renderer of the shared reference, which is
not part of the project (``../shared/reference``, or ``--reference FOLDER``); drawing takes some
minutes, and ``--keep FOLDER`` saves them for the next time.

Both search the same H.264 videos, in turns, each in as many threads as it likes. Costs are
processor time, so that other programs disturb them little; trust the ratios. Writes
``benchmarks/results/tags.md``.
"""

from __future__ import annotations

import argparse
import datetime
import pickle
import platform
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from tag_runs import SEARCH, Found, errors_deg, find, rate  # noqa: E402
from tag_scenes import (  # noqa: E402
    CONTENTS,
    MONITOR_PX,
    SITUATIONS,
    SWING_PICTURES,
    Sequence,
    Situation,
    load_renderer,
    make,
)

from psychopy_neon.screen.detector import FULL_SEARCH_WHEN_PLACED  # noqa: E402

Array = npt.NDArray[np.float64]

RESULTS = HERE / "results"
REFERENCE = HERE.parent.parent / "shared" / "reference"
PICTURES = 30
ROUNDS = 3
OURS, THEIRS = "ours", "real_time_screen_gaze 1.1.2"
FRAME_MS = 1000 / 30
STAGES = ("decode", "predict", "find tags", SEARCH, "pose", "head motion")
ABOUT = f"""\
A 24-inch screen with the default frame of 8 markers (black side 88 pixels, 24 mm; the small ones
48 pixels), {len(CONTENTS)} videos for each row, {PICTURES} pictures each (the moving one 25), each
with another camera and stimulus. Tags: found of those wholly in the picture. Error: of 20 points
all over the screen, median / 95th percentile, in the same picture; those without a pose
are counted apart."""


def sequences(renderer: Any, situation: Situation, keep: Path) -> list[Sequence]:
    return [
        _kept(keep / f"{_slug(situation.name)}_{number}.pickle", renderer, situation, number)
        for number in range(len(CONTENTS))
    ]


def _kept(path: Path, renderer: Any, situation: Situation, number: int) -> Sequence:
    if path.exists():
        kept: Sequence = pickle.loads(path.read_bytes())
        return kept
    print(f"drawing {path.stem}", file=sys.stderr)
    pictures = SWING_PICTURES if situation.turn_deg_s else PICTURES
    made = make(renderer, situation, number, pictures)
    path.write_bytes(pickle.dumps(made))
    return made


def _slug(name: str) -> str:
    return "".join(each if each.isalnum() else "_" for each in name)


def theirs(videos: list[Sequence], python: str) -> list[Found]:
    """What that package makes of them."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in.pickle", Path(folder) / "out.npz"
        source.write_bytes(pickle.dumps([_plain(video) for video in videos]))
        program = [python, str(HERE / "tag_official.py"), str(source), str(target)]
        subprocess.run(program, check=True, timeout=1800)
        made = np.load(target)
        return [_found_by_them(made, number) for number in range(len(videos))]


def _found_by_them(made: Any, number: int) -> Found:
    tags = [set(np.flatnonzero(row).tolist()) for row in made[f"tags{number}"]]
    decode_ns, search_ns = made[f"spent{number}"].tolist()
    return Found(tags, made[f"mapped{number}"], {"decode": decode_ns, "find tags": search_ns})


def _plain(video: Sequence) -> dict[str, Any]:
    markers = {m.tag_id: np.array(m.corners) for m in video.layout.markers}
    return {
        "matrix": video.matrix,
        "distortion": video.distortion,
        "packets": video.packets,
        "looked_px": video.looked_px,
        "window_px": MONITOR_PX,
        "tags_px": {tag: (c * (1, -1) + 1) / 2 * MONITOR_PX for tag, c in markers.items()},
    }


def cells(found: list[Found], videos: list[Sequence]) -> list[str]:
    """Tags, error and pictures without a pose."""
    counts = [rate(*pair) for pair in zip(found, videos, strict=True)]
    share = 100 * sum(hit for hit, _ in counts) / sum(seen for _, seen in counts)
    errors = np.concatenate([errors_deg(*pair) for pair in zip(found, videos, strict=True)])
    good = errors[np.isfinite(errors)]
    exact = f"{np.median(good):.3f} / {np.percentile(good, 95):.3f}" if len(good) else "-"
    poses = np.concatenate([np.isfinite(each.mapped[:, 0, 0]) for each in found])
    return [f"{share:.0f} %", exact, f"{100 * (1 - poses.mean()):.0f} %"]


def spent_ms(found: list[Found]) -> dict[str, float]:
    """Processor time per picture, by stage.

    The first picture of each short video is searched as a whole, as one in 150 is.
    """
    total: Counter[str] = Counter()
    for each in found:
        total.update(each.spent_ns)
    pictures = sum(len(each.tags) for each in found)
    tracked = pictures - len(found)
    counts = {"find tags": tracked, SEARCH: FULL_SEARCH_WHEN_PLACED * len(found)}
    if SEARCH not in total:
        counts = {}
    return {stage: ns / counts.get(stage, pictures) / 1e6 for stage, ns in total.items()}


class Costs:
    """Processor time per picture by stage, the least of the rounds."""

    def __init__(self) -> None:
        self.rounds: dict[str, list[dict[str, float]]] = {OURS: [], THEIRS: []}

    def add(self, name: str, found: list[Found]) -> None:
        self.rounds[name].append(spent_ms(found))

    def best(self, name: str) -> dict[str, float]:
        return min(self.rounds[name], key=lambda each: sum(each.values()))

    def rows(self) -> list[str]:
        names = [name for name in (OURS, THEIRS) if self.rounds[name]]
        rows = []
        for stage in STAGES:
            cost = [
                f"{self.best(name)[stage]:.2f}" if stage in self.best(name) else "-"
                for name in names
            ]
            rows.append(f"| {stage} | {' | '.join(cost)} |")
        totals = [sum(self.best(name).values()) for name in names]
        rows.append(f"| all | {' | '.join(f'**{total:.2f}**' for total in totals)} |")
        shares = [f"{100 * total / FRAME_MS:.0f} %" for total in totals]
        rows.append(f"| of one core at 30 pictures/s | {' | '.join(shares)} |")
        return [f"| ms per picture | {' | '.join(names)} |", "|---" * (1 + len(names)) + "|", *rows]

    def ratios(self) -> str:
        """Ours against theirs."""
        if not self.rounds[THEIRS]:
            return ""
        ours, others = self.best(OURS), self.best(THEIRS)
        search = sum(ours.values()) - ours["decode"]
        return (
            f"Decoding to pose: {sum(ours.values()) / sum(others.values()):.2f} of theirs; without "
            f"decoding {search / others['find tags']:.3f}. (Where theirs takes 15.3 ms, as on the "
            f"machine of the limits, that is "
            f"{15.3 * sum(ours.values()) / sum(others.values()) / FRAME_MS:.0%} of a core.)"
        )


def write(renderer: Any, python: str | None, keep: Path) -> str:
    names = [OURS, *([THEIRS] if python else [])]
    head = " | ".join(f"{name}: tags | error, deg | no pose" for name in names)
    rows, costs = [], Costs()
    for situation in SITUATIONS:
        videos = sequences(renderer, situation, keep)
        row = cells([find(video) for video in videos], videos)
        row += cells(theirs(videos, python), videos) if python else []
        rows.append(f"| {situation.name} | {' | '.join(row)} |")
    still = sequences(renderer, SITUATIONS[0], keep)
    for _ in range(ROUNDS):
        costs.add(OURS, [find(video) for video in still])
        if python:
            costs.add(THEIRS, theirs(still, python))
    return "\n".join(
        [
            f"{datetime.date.today()}, {platform.system()}, Python {platform.python_version()}, "
            f"OpenCV {cv2.__version__}.",
            "",
            ABOUT,
            "",
            f"| situation | {head} |",
            "|---" * (1 + 3 * len(names)) + "|",
            *rows,
            "",
            f"Processor time, best of {ROUNDS} rounds ({SITUATIONS[0].name}):",
            "",
            *costs.rows(),
            "",
            costs.ratios() or f"No column of {THEIRS}: no environment with it was given.",
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--official", metavar="PYTHON", help="an environment with that package")
    parser.add_argument("--reference", type=Path, default=REFERENCE, metavar="FOLDER")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where pictures are kept")
    args = parser.parse_args()
    renderer = load_renderer(args.reference)
    if renderer is None:
        print(f"No pictures: there is no renderer in {args.reference}.")
        return
    with tempfile.TemporaryDirectory() as folder:
        keep = args.keep or Path(folder)
        keep.mkdir(parents=True, exist_ok=True)
        text = write(renderer, args.official, keep)
    (RESULTS / "tags.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
