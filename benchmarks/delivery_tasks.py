"""What `bench_delivery` has each client do, in a process of its own; prints what it saw as JSON.

Only raw observations leave this process: times on the phone's clock beside the moment, on this
computer's clock, at which the caller had them. The simulator's record tells the rest.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from typing import Any

import psutil
from delivery_clients import CLIENTS, Client

SECONDS, LONG_S = 4.0, 20.0
SETTLE_S = 8.0  # a session is long: connecting, and our first look at the clock, are not its cost
FRAME_S = 1 / 60
EVENTS, PAUSE_S = 200, 0.005  # and up to twice as long: equal pauses fall in step with threads
PAIRS = 60
Seen = list[tuple[int, int]]


def latency(client: Client) -> dict[str, Any]:
    """Read gaze as it comes."""
    return {"gaze": _read(client.wait_for_gaze, SECONDS)}


def long_latency(client: Client) -> dict[str, Any]:
    """The same for so long that the 99th percentile is not that of a handful of samples."""
    return {"gaze": _read(client.wait_for_gaze, LONG_S)}


def picture(client: Client) -> dict[str, Any]:
    """Read scene pictures as they come."""
    return {"world": _read(client.wait_for_picture, SECONDS)}


def frames(client: Client) -> dict[str, Any]:
    """Draw nothing, sixty times a second, with the newest gaze; sleep in between."""
    return _frame_loop(client, lambda left_s: time.sleep(left_s))


def spin(client: Client) -> dict[str, Any]:
    """The same, but keep Python busy in between, as some systems do until the flip."""
    return _frame_loop(client, _spin)


def events(client: Client) -> dict[str, Any]:
    """Send events, and measure for how long the caller is kept: after a sleep, and amid work.

    A processor that has slept for 5 ms runs everything several times more slowly at first.
    """
    return {
        "slept": _blocked_us(client, time.sleep),
        "busy": _blocked_us(client, _spin),
        "in a row": _blocked_us(client, lambda pause_s: None),
    }


def _blocked_us(client: Client, pass_time: Callable[[float], None]) -> list[float]:
    blocked_us = []
    for number in range(EVENTS):
        name = f"benchmark {number}"
        pass_time(PAUSE_S * random.uniform(1, 2))
        started_ns = time.perf_counter_ns()
        client.send_event(name)
        blocked_us.append((time.perf_counter_ns() - started_ns) / 1e3)
    return blocked_us


def pairs(client: Client) -> dict[str, Any]:
    """Ask for scene pictures and the gaze that belongs to them."""
    return {"pairs": [client.wait_for_pair(5.0) for _ in range(PAIRS)]}


TASKS: dict[str, Callable[[Any], dict[str, Any]]] = {
    task.__name__: task for task in (latency, long_latency, picture, frames, spin, events, pairs)
}


def _read(wait: Callable[[float], int | None], for_s: float) -> Seen:
    wait(5.0)
    seen, end_s = [], time.perf_counter() + for_s
    while time.perf_counter() < end_s:
        device_ns = wait(5.0)
        if device_ns is not None:
            seen.append((device_ns, time.perf_counter_ns()))
    return seen


def _frame_loop(client: Client, pass_time: Callable[[float], None]) -> dict[str, Any]:
    client.newest_gaze()
    used: Seen = []
    newest, seen = None, 0
    due_s = time.perf_counter()
    for _ in range(round(SECONDS / FRAME_S)):
        due_s += FRAME_S
        pass_time(max(0.0, due_s - time.perf_counter()))
        news, count = client.newest_gaze()
        newest, seen = news or newest, seen + count
        if newest is not None:
            used.append((newest, time.perf_counter_ns()))
    return {"used": used, "seen": seen}


def _spin(left_s: float) -> None:
    end_s = time.perf_counter() + left_s
    while time.perf_counter() < end_s:
        pass


def measure(client_name: str, task: str, streams: str, address: str) -> dict[str, Any]:
    """Run one task with one client; also what it costs."""
    client = CLIENTS[client_name](address, streams)
    if task == "events":
        client.record()
    if task in ("latency", "long_latency"):
        _read(client.wait_for_gaze, SETTLE_S)
    used_s, started_s = time.process_time(), time.perf_counter()
    result = TASKS[task](client)
    passed_s = time.perf_counter() - started_s
    result["cpu_s_per_s"] = (time.process_time() - used_s) / passed_s
    result["memory_mb"] = psutil.Process().memory_info().rss / 1e6
    client.close()
    return result


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:])))
