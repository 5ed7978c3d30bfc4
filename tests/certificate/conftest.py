"""Ledgers and frame logs of runs that never took place, by the rules of those that do."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from psychopy_neon.certificate.frames import COLUMNS
from psychopy_neon.clock.offset import OffsetEstimator

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000
HOST_ZERO_NS = 5_000 * NS_PER_S
# 7.3 s ahead of the computer's wall clock.
DEVICE_ZERO_NS = 1_795_354_807_423_000_000


@dataclass
class SyntheticRun:
    """A run on paper: a phone with a wrong clock behind a link, and an experiment.

    Its time passes as the lines are written. The clock model is the real one.
    """

    duration_s: float = 180.0
    drift_ppm: float = 40.0
    one_way_ms: tuple[float, float] = (0.2, 0.5)  # least and greatest delay, there and back
    outage_s: tuple[float, float] = (0.0, 0.0)
    step_at_s: float = float("inf")
    step_s: float = 0.0
    event_every_s: float = 1.0
    cut_after_s: float = float("inf")
    seed: int = 1
    lines: list[dict[str, Any]] = field(default_factory=list)

    def write(self, path: Path) -> Path:
        """Write the ledger, and return its path."""
        text = "".join(json.dumps(line) + "\n" for line in self.make())
        path.write_text(text, "utf-8")
        return path

    def make(self) -> list[dict[str, Any]]:
        """All lines of the session."""
        self._random = random.Random(self.seed)
        self._estimator = OffsetEstimator()
        self._waiting: list[int] = []
        self._dated: dict[int, dict[str, int]] = {}
        self._number, self._steps = 0, 0
        self.lines = [_session_line()]
        probes = self._probe_times()
        events = [s * self.event_every_s + 0.7 for s in range(int(self.duration_s))]
        schedule = sorted(
            [(t, self._probe) for t in probes]
            + [(t, self._event) for t in events if t < self.duration_s - 1]
            + [(s * 10.0 + 0.9, self._snapshot) for s in range(int(self.duration_s // 10))],
            key=lambda entry: entry[0],
        )
        for at_s, action in schedule:
            if at_s < min(self.duration_s, self.cut_after_s):
                action(at_s)
        return self.lines if self.cut_after_s < self.duration_s else self._ended()

    def true_device_ns(self, at_s: float) -> int:
        """The phone's clock at an instant of the run."""
        stepped = self.step_s if at_s >= self.step_at_s else 0.0
        return DEVICE_ZERO_NS + round((at_s * (1 + self.drift_ppm * 1e-6) + stepped) * NS_PER_S)

    def _probe_times(self) -> list[float]:
        burst = [0.01 * n for n in range(60)]
        return burst + [0.7 + 0.5 * n for n in range(int(self.duration_s * 2))]

    def _is_down(self, at_s: float) -> bool:
        return self.outage_s[0] <= at_s < self.outage_s[1]

    def _probe(self, at_s: float) -> None:
        aim_ns = self._estimator.aim(_host_ns(at_s), self._random.randint(-50_000, 50_000))
        at_s = (aim_ns - HOST_ZERO_NS) / NS_PER_S
        there_s, back_s = (self._random.uniform(*self.one_way_ms) / 1e3 for _ in range(2))
        if self._is_down(at_s):
            return
        sent_ns, received_ns = _host_ns(at_s), _host_ns(at_s + there_s + back_s)
        device_ms = self.true_device_ns(at_s + there_s) // NS_PER_MS
        self._say("probe", sent_host_ns=sent_ns, received_host_ns=received_ns, device_ms=device_ms)
        self._estimator.add(sent_ns, received_ns, device_ms)
        if self._estimator.steps > self._steps:
            self._steps = self._estimator.steps
            self._snapshot(at_s)
        self._confirm()

    def _event(self, at_s: float) -> None:
        self._number += 1
        clock_map = self._estimator.snapshot()
        assert clock_map is not None
        host_ns = _host_ns(at_s)
        self._say(
            "event",
            number=self._number,
            name=f"trial {self._number}",
            host_ns=host_ns,
            experiment_s=_experiment_s(host_ns),
        )
        self._dated[self._number] = {
            "device_ns": clock_map.device_from_host(host_ns),
            "bound_ns": clock_map.bound_ns(host_ns) + 500,
        }
        self._say("dated", number=self._number, **self._dated[self._number])
        self._waiting.append(self._number)

    def _confirm(self) -> None:
        for number in self._waiting:
            tries = 1
            self._say(
                "confirmed",
                number=number,
                **self._dated[number],
                recording_id="11111111-0000-4000-8000-000000000001",
                tries=tries,
                perhaps_twice=False,
                error="",
            )
        self._waiting.clear()

    def _snapshot(self, at_s: float) -> None:
        clock_map = self._estimator.snapshot()
        if clock_map is not None:
            names = clock_map.__slots__
            self._say("clock", **{name: getattr(clock_map, name) for name in names})
            host_ns = _host_ns(at_s)
            self._say("pair", host_ns=host_ns, experiment_s=_experiment_s(host_ns), half_gap_ns=300)

    def _ended(self) -> list[dict[str, Any]]:
        self._confirm()
        self._snapshot(self.duration_s)
        received = int(self.duration_s * 200)
        self._say("stream", name="gaze", received=received, lost=received // 5000, malformed=0)
        self._say("skew", skew_ns=-1_230_000)
        self._say("closed", host_ns=_host_ns(self.duration_s))
        return self.lines

    def _say(self, kind: str, **values: Any) -> None:
        self.lines.append({"kind": kind, **values})


def _session_line() -> dict[str, Any]:
    return {
        "kind": "session",
        "version": 1,
        "utc": "2026-11-22T13:40:00.123Z",
        "host_ns": HOST_ZERO_NS,
        "experiment_s": _experiment_s(HOST_ZERO_NS),
        "half_gap_ns": 300,
        "phone_name": "Neon Companion 7",
        "phone_id": "d55b336942e2d07b",
        "module_serial": "841684",
        "address": "192.0.2.10:8080",
        "package": "0.1.0",
    }


def _host_ns(at_s: float) -> int:
    return HOST_ZERO_NS + round(at_s * NS_PER_S)


def _experiment_s(host_ns: int) -> float:
    return (host_ns - HOST_ZERO_NS) / NS_PER_S + 100.0


def frame_log(duration_s: float, *, seed: int = 1, drop: float = 0.003, age_ms: float = 28) -> str:
    """A frame log at 60 Hz as `FrameLog` writes it."""
    chance = random.Random(seed)
    lines, flip_s, before_s = ["\t".join(COLUMNS)], 101.0, None
    while flip_s < 100 + duration_s - 1:
        interval = "" if before_s is None else f"{flip_s - before_s:.6f}"
        blink = chance.random() < 0.02
        age = "" if blink else f"{(age_ms + chance.gammavariate(2, 4)) / 1e3:.5f}"
        host_s = HOST_ZERO_NS / NS_PER_S + flip_s - 100.0
        lines.append(f"{flip_s:.6f}\t{interval}\t{age}\t{int(not blink)}\t{host_s:.6f}")
        before_s = flip_s
        flip_s += (2 if chance.random() < drop else 1) / 60 + chance.gauss(0, 0.0001)
    return "\n".join(lines) + "\n"


@pytest.fixture
def synthetic_run() -> type[SyntheticRun]:
    """Make one, and write its ledger."""
    return SyntheticRun


@pytest.fixture
def make_frame_log() -> Callable[..., str]:
    """Text of a frame log."""
    return frame_log
