"""Files in the forms that BIDS prescribes."""

from __future__ import annotations

import gzip
import json
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from psychopy_neon.export.columns import Columns, write_rows

Metadata = dict[str, Any]


def write_recording(stem: Path, columns: Columns, metadata: Metadata) -> list[Path]:
    """A compressed table without a header, and its description, which names the columns."""
    data, about = stem.with_name(f"{stem.name}.tsv.gz"), stem.with_name(f"{stem.name}.json")
    with (
        data.open("wb") as raw,
        # No name and no time of the day within: equal data give equal files.
        gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed,
        TextIOWrapper(packed, "utf-8", "backslashreplace", newline="") as file,
    ):
        write_rows(columns, file, delimiter="\t", missing="n/a")
    write_json(about, {"Columns": list(columns), **metadata})
    return [data, about]


def write_table(stem: Path, columns: Columns, metadata: Metadata) -> list[Path]:
    """A table with a header, and its description."""
    data, about = stem.with_name(f"{stem.name}.tsv"), stem.with_name(f"{stem.name}.json")
    with data.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
        file.write("\t".join(columns) + "\n")
        write_rows(columns, file, delimiter="\t", missing="n/a")
    write_json(about, metadata)
    return [data, about]


def write_json(path: Path, content: Metadata) -> None:
    """A description."""
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")
