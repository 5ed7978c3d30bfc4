"""How events are sent by this client, by the makers' recipe, and by the makers' plugin's method.

Run by `bench_timing` as a process of its own. Prints one JSON line per event.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

PLUGIN_ESTIMATES_EVERY_S = 30.0
SETTLE_S = 8.0


class Ours:
    """`Neon.send_event`."""

    def __init__(self, host: str, port: int) -> None:
        from psychopy_neon import Neon

        self._neon = Neon.connect(host, port)
        self._neon.wait_for_clock()

    def send(self, name: str) -> tuple[Any, int]:
        receipt = self._neon.send_event(name)
        return receipt, receipt.host_ns

    def finish(self, receipts: list[Any]) -> list[dict[str, Any]]:
        for receipt in receipts:
            receipt.wait(SETTLE_S)
        self._neon.close()
        return [
            {"state": r.state.value, "bound_ns": r.bound_ns, "perhaps_twice": r.perhaps_twice}
            for r in receipts
        ]


class Recipe:
    """The makers' documentation: estimate the offset once, take the mean, stamp with it."""

    def __init__(self, host: str, port: int) -> None:
        from pupil_labs.realtime_api.simple import Device

        self._device = Device(host, str(port))
        self._host = host
        self.offset_ns = self._estimate_ns()

    def _estimate_ns(self) -> int:
        estimate = self._device.estimate_time_offset()
        assert estimate is not None
        return round(estimate.time_offset_ms.mean * 1e6)

    def send(self, name: str) -> tuple[str, int]:
        stamped_host_ns, stamp_ns = time.perf_counter_ns(), time.time_ns() - self.offset_ns
        try:
            self._device.send_event(name, event_timestamp_unix_ns=stamp_ns)
        except Exception as error:  # whatever it raises, the event is lost for this method
            return f"{type(error).__name__}: {error}"[:80], stamped_host_ns
        return "", stamped_host_ns

    def finish(self, errors: list[str]) -> list[dict[str, Any]]:
        self._device.close()
        return [{"state": error or "answered"} for error in errors]


class Plugin(Recipe):
    """The makers' plugin: the same, estimated anew every 30 s."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._estimate_again, daemon=True)
        self._thread.start()

    def _estimate_again(self) -> None:
        while not self._stop.wait(PLUGIN_ESTIMATES_EVERY_S):
            try:
                self.offset_ns = self._estimate_ns()
            except Exception as error:  # the plugin goes on with the old offset, too
                print(f"no estimate: {error}", file=sys.stderr)

    def finish(self, errors: list[str]) -> list[dict[str, Any]]:
        self._stop.set()
        return super().finish(errors)


CLIENTS: dict[str, Callable[[str, int], Any]] = {
    "ours": Ours,
    "makers' recipe": Recipe,
    "makers' plugin": Plugin,
}


def run(name: str, host: str, port: int, seconds: float, every_s: float, step_at_s: float) -> None:
    """Send events at even times; step this process's wall clock half a second on the way."""
    client = CLIENTS[name](host, port)
    sent, results = [], []
    print("ready", flush=True)
    sys.stdin.readline()
    started_s = time.perf_counter()
    stepped = False
    for number in range(int(seconds / every_s)):
        time.sleep(max(0.0, started_s + number * every_s - time.perf_counter()))
        if step_at_s and not stepped and time.perf_counter() - started_s > step_at_s:
            _step_wall_clock(0.5)
            stepped = True
        text = f"{name} {number}"
        host_ns = time.perf_counter_ns()
        result, stamped_host_ns = client.send(text)
        kept_ms = (time.perf_counter_ns() - host_ns) / 1e6
        results.append(result)
        sent.append(
            {
                "name": text,
                "host_ns": host_ns,
                "stamped_host_ns": stamped_host_ns,
                "kept_ms": kept_ms,
            }
        )
    for event, outcome in zip(sent, client.finish(results), strict=True):
        print(json.dumps({**event, **outcome}))


def _step_wall_clock(seconds: float) -> None:
    """As if the time daemon had set the computer's clock; for this process only."""
    real_ns = time.time_ns
    time.time_ns = lambda: real_ns() + round(seconds * 1e9)  # type: ignore[assignment]
    time.time = lambda: time.time_ns() / 1e9  # type: ignore[assignment]


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2], int(sys.argv[3]), *map(float, sys.argv[4:7]))
