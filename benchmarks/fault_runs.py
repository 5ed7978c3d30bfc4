"""One fault meets one client: what it saw, and how that compares with what was sent."""

from __future__ import annotations

import itertools
import statistics
import threading
import time
import zlib
from bisect import bisect_left
from collections.abc import Callable
from typing import Any

import numpy as np
from fault_clients import Official, Ours
from fault_list import FAULTS, Fault

from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions

CALM_S, AFTER_S, GIVE_UP_S = 1.0, 1.5, 20.0
WRONG_NS = 1_000_000
PICTURES = 600
EVENTS = 5


def work(client: str, name: str) -> dict[str, Any]:
    """Let one client meet one fault."""
    fault = FAULTS[name]
    options = SimulatorOptions(scene=fault.kind == "scene", **fault.options)
    with SimulatedNeon(options) as simulator:
        if fault.kind == "scene" and simulator.scene is not None:
            simulator.scene.wait_until_drawn(30.0)
        side = (Ours if client == "ours" else Official)(simulator, fault)
        if fault.kind == "scene":
            result = _pictures(simulator, side, fault)
        elif fault.kind == "events":
            result = _events(simulator, side, fault)
        else:
            result = _samples(simulator, side, fault)
        return {**result, "seen": side.seen[:8], **side.result()}


def _samples(simulator: SimulatedNeon, side: Any, fault: Fault) -> dict[str, Any]:
    got: list[tuple[float, int, float | None]] = []
    stop = threading.Event()
    reading = threading.Thread(target=_collect, args=(side, got, stop), daemon=True)
    reading.start()
    if not _wait(lambda: len(got) > 5 and got[-1][0] - got[0][0] > CALM_S):
        return {"gap_s": None, "note": "nothing ever came"}
    calm = len(got)
    side.seen.clear()
    began_s = time.perf_counter()
    fault.apply(simulator.faults)
    time.sleep(max(0.0, began_s + fault.lasts_s - time.perf_counter()))
    fault.end(simulator.faults)
    ended_s = time.perf_counter()
    came_back = _wait(lambda: got[-1][0] > ended_s)
    time.sleep(AFTER_S)
    came_back = came_back and got[-1][0] > ended_s + AFTER_S - 1.2
    stop.set()
    reading.join(5.0)
    arrivals = [arrived_s for arrived_s, *_ in got[calm - 1 :]]
    gap_s = max((b - a for a, b in itertools.pairwise(arrivals)), default=None)
    back_s = next((a - ended_s for a in arrivals if a > ended_s), None)
    judged = _judge(simulator, got[calm - 1 :]) if fault.kind == "gaze" else {}
    return {
        "gap_s": gap_s if came_back else None,
        "back_after_end_s": back_s if came_back and fault.lasts_s else None,
        **judged,
    }


def _collect(side: Any, got: list[tuple[float, int, float | None]], stop: threading.Event) -> None:
    while not stop.is_set():
        sample = side.read(0.1)
        if sample is not None:
            device_ns = getattr(sample, "device_ns", None) or sample.timestamp_unix_ns
            got.append((time.perf_counter(), device_ns, getattr(sample, "x", None)))


def _wait(condition: Callable[[], bool]) -> bool:
    end_s = time.perf_counter() + GIVE_UP_S
    while not condition():
        if time.perf_counter() > end_s:
            return False
        time.sleep(0.01)
    return True


def _judge(simulator: SimulatedNeon, got: list[tuple[float, int, float | None]]) -> dict[str, Any]:
    """Lost: true samples between the first and the last that never came. Wrong: in time."""
    times = [gaze.device_ns for gaze in simulator.truth.gaze]
    wrong, worst_ns, right = 0, 0, set()
    for _, device_ns, _ in got:
        index = bisect_left(times, device_ns)
        near = times[max(0, index - 1) : index + 1]
        error_ns = min((abs(t - device_ns) for t in near), default=0)
        if error_ns > WRONG_NS:
            wrong, worst_ns = wrong + 1, max(worst_ns, error_ns)
        else:
            right.add(min(near, key=lambda t, d=device_ns: abs(t - d)))
    window = [t for t in times if right and min(right) <= t <= max(right)]
    backward = sum(b[1] <= a[1] for a, b in itertools.pairwise(got))
    return {
        "lost_samples": len(window) - len(right),
        "wrong_times": wrong,
        "worst_error_s": worst_ns / 1e9,
        "not_later_than_before": backward,
    }


def _pictures(simulator: SimulatedNeon, side: Any, fault: Fault) -> dict[str, Any]:
    truth = _true_pictures(simulator)
    while side.read(5.0) is None:
        pass
    side.seen.clear()
    fault.apply(simulator.faults)
    good = marked = bad_as_good = none = 0
    for _ in range(PICTURES):
        frame = side.read(1.0)
        if frame is None:
            none += 1
            continue
        device_ns, picture, damaged = side.picture(frame)
        true = _checksum(picture) == truth[round(device_ns * 30 / 1e9) % len(truth)]
        marked += damaged
        good += true and not damaged
        bad_as_good += not true and not damaged
    return {"good": good, "marked": marked, "damaged_as_good": bad_as_good, "none": none}


def _true_pictures(simulator: SimulatedNeon) -> list[int]:
    import av

    from psychopy_neon.protocol.h264 import AccessUnitAssembler
    from psychopy_neon.protocol.rtp import RtpPacket

    assembler, codec = AccessUnitAssembler(), av.CodecContext.create("h264", "r")
    codec.thread_count = 1
    checksums, count = [], 0
    for number, frame in enumerate(simulator.scene._maker.ready.frames):  # type: ignore[union-attr]
        for payload, marker in frame.payloads:
            packet = RtpPacket(96, count % 2**16, number, 1, payload, marker)
            count += 1
            for unit in assembler.push(packet):
                for picture in codec.decode(av.Packet(unit.data)):
                    checksums.append(_checksum(picture.to_ndarray(format="bgr24")))
    return checksums


def _checksum(pixels: Any) -> int:
    return zlib.crc32(np.ascontiguousarray(pixels))


def _events(simulator: SimulatedNeon, side: Any, fault: Fault) -> dict[str, Any]:
    side.start_recording()
    side.seen.clear()
    fault.apply(simulator.faults)
    blocked_ms, raised = [], 0
    for number in range(EVENTS):
        started_s = time.perf_counter()
        try:
            side.send_event(f"event {number}")
        except Exception as error:  # whatever a user of that client would see
            raised += 1
            side.seen.append(f"raises {type(error).__name__}: {error}"[:80])
        blocked_ms.append(1e3 * (time.perf_counter() - started_s))
    outcome = side.finish_events()
    if outcome:
        side.seen.append(outcome)
    stored = {event.name for event in simulator.truth.events}
    return {
        "blocked_ms": max(blocked_ms),
        "blocked_median_ms": statistics.median(blocked_ms),
        "raised": raised,
        "events_lost": EVENTS - len(stored),
    }
