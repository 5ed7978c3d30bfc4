"""How each word was read: from the fixations that the glasses found themselves.

python analyse.py [data/....hdf5]
"""

from __future__ import annotations

import csv
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

from layout import Word, lay_out

from psychopy_neon.export import read_run

HERE = Path(__file__).parent
SHORTEST_S = 0.06  # the rest of a fixation that began before the page
Fixation = tuple[float, float, float]  # duration, x, y


def main() -> None:
    newest = max((HERE / "data").glob("*.hdf5"), key=lambda path: path.stat().st_mtime)
    events = read_run(sys.argv[1] if len(sys.argv) > 1 else newest).events
    rows = list(zip(*(events[name] for name in ("kind", "name", "time_s")), strict=True))
    for page, text in pages().items():
        began_s = next((s for kind, name, s in rows if (kind, name) == ("event", page)), None)
        if began_s is None:
            continue
        over_s = min(s for kind, name, s in rows if name == "page off" and s > began_s)
        report(page, lay_out(text), fixations_between(events, began_s, over_s))


def fixations_between(events: dict[str, Any], began_s: float, over_s: float) -> list[Fixation]:
    """Fixations that ended while the page was shown; of the first, only what falls on the page."""
    columns = (events[name] for name in ("kind", "time_s", "duration_s", "x", "y"))
    found = []
    for kind, time_s, duration_s, x, y in zip(*columns, strict=True):
        end_s = time_s + duration_s
        shown_s = end_s - max(time_s, began_s)
        if kind == "fixation" and end_s <= over_s and shown_s >= SHORTEST_S:
            found.append((shown_s, x, y))
    return found


def report(page: str, words: list[Word], fixations: list[Fixation]) -> None:
    looks = [(word_at(words, x, y), duration_s) for duration_s, x, y in fixations]
    read = [(number, duration_s) for number, duration_s in looks if number is not None]
    steps = [later - earlier for (earlier, _), (later, _) in pairwise(read)]
    print(f"{page}: {len(fixations)} fixations, {len(read)} of them on words")
    print(
        f"  {sum(step > 0 for step in steps)} steps forward, {sum(step < 0 for step in steps)} back"
    )
    for number, word in enumerate(words):
        times_ms = [1000 * duration_s for found, duration_s in read if found == number]
        first = (
            f"first {times_ms[0]:3.0f} ms, all {sum(times_ms):4.0f} ms" if times_ms else "skipped"
        )
        print(f"  {word.text:<10} {first}")


def word_at(words: list[Word], x: float, y: float) -> int | None:
    return next((number for number, word in enumerate(words) if word.contains(x, y)), None)


def pages() -> dict[str, str]:
    with (HERE / "pages.csv").open(encoding="utf-8", newline="") as file:
        return {row["page_name"]: row["text"] for row in csv.DictReader(file)}


if __name__ == "__main__":
    main()
