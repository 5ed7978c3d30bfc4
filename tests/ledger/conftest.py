"""Ledgers of simulated runs, with their truth, and exports of what the phone recorded."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

MS = 1_000_000
SECOND = 1_000_000_000
RECORDING = "5f6a2b1c-0000-4000-8000-000000000001"
START_UNIX_NS = 1_795_000_000 * SECOND


@dataclass
class LedgerWriter:
    """Writes what an experiment would have written; the phone's clock is exactly known."""

    path: Path
    start_ns: int = 1000 * SECOND
    drift: float = 40e-6
    ahead_ns: int = 7_300_000_000
    experiment_zero_s: float = 5.0
    numbers: int = 0
    rng: random.Random = field(default_factory=lambda: random.Random(3))

    def device_ns(self, host_ns: int) -> int:
        passed = host_ns - self.start_ns
        return START_UNIX_NS + self.ahead_ns + passed + round(passed * self.drift)

    def experiment_s(self, host_ns: int) -> float:
        return self.experiment_zero_s + (host_ns - self.start_ns) / SECOND

    def line(self, kind: str, **values: Any) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"kind": kind, **values}) + "\n")

    def session(self) -> None:
        self.numbers = 0
        self.line(
            "session",
            version=1,
            utc="2026-11-18T11:06:40.000Z",
            host_ns=self.start_ns,
            experiment_s=self.experiment_s(self.start_ns),
            half_gap_ns=200,
            phone_name="Neon in the lab",
            phone_id="0123456789abcdef",
            module_serial="841684",
            address="192.0.2.10:8080",
            package="0.1.0",
        )

    def probes(self, seconds: float, per_second: int = 5) -> None:
        for number in range(round(seconds * per_second)):
            sent = self.start_ns + number * SECOND // per_second + self.rng.randrange(MS)
            there, back = (self.rng.randrange(100_000, 200_000) for _ in range(2))
            self.line(
                "probe",
                sent_host_ns=sent,
                received_host_ns=sent + there + back,
                device_ms=self.device_ns(sent + there) // MS,
            )

    def pairs(self, seconds: int) -> None:
        for second in range(0, seconds + 1, 10):
            host_ns = self.start_ns + second * SECOND
            self.line(
                "pair",
                host_ns=host_ns,
                experiment_s=self.experiment_s(host_ns),
                half_gap_ns=200,
            )

    def event(
        self,
        name: str,
        at_s: float,
        state: str | None = "confirmed",
        *,
        wrong_ns: int = 0,
        data: dict[str, Any] | None = None,
        **end: Any,
    ) -> int:
        """Write an event and its end; return its time as sent, which is wrong by `wrong_ns`."""
        self.numbers += 1
        host_ns = self.start_ns + round(at_s * SECOND)
        extra = {} if data is None else {"data": data}
        self.line(
            "event",
            number=self.numbers,
            name=name,
            host_ns=host_ns,
            experiment_s=self.experiment_s(host_ns),
            **extra,
        )
        times = {"device_ns": self.device_ns(host_ns) + wrong_ns, "bound_ns": 300_000}
        if state is not None:
            self.line("dated", number=self.numbers, **times)
            taken = RECORDING if state == "confirmed" else None
            values = {"recording_id": taken, "tries": 1, "perhaps_twice": False, "error": "", **end}
            self.line(state, number=self.numbers, **{**times, **values})
        return times["device_ns"]

    def run(self, seconds: int = 20) -> None:
        """A session with everything but events."""
        self.session()
        self.probes(seconds)
        self.pairs(seconds)


@pytest.fixture
def ledger(tmp_path: Path) -> LedgerWriter:
    return LedgerWriter(tmp_path / "run_neon_events.jsonl")


@pytest.fixture
def write_csv() -> Callable[..., Path]:
    def write(path: Path, columns: list[str], rows: list[list[Any]]) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([columns, *rows])
        return path

    return write


@pytest.fixture
def read_csv() -> Callable[[Path], list[dict[str, str]]]:
    def read(path: Path) -> list[dict[str, str]]:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return read


@pytest.fixture
def write_events(
    tmp_path: Path, ledger: LedgerWriter, write_csv: Callable[..., Path]
) -> Callable[..., Path]:
    """Write the events.csv of a recording of the whole run; return its folder."""

    def write(*events: tuple[str, int], folder: str = "export", recording: str = RECORDING) -> Path:
        begin = ("recording.begin", ledger.device_ns(ledger.start_ns))
        end = ("recording.end", ledger.device_ns(ledger.start_ns + 20 * SECOND))
        rows = [[recording, time_ns, name, "recording"] for name, time_ns in (begin, *events, end)]
        columns = ["recording id", "timestamp [ns]", "name", "type"]
        return write_csv(tmp_path / folder / "events.csv", columns, rows).parent

    return write
