"""What goes wrong, what the user sees of it, how long it takes, and what is lost.

    python benchmarks/bench_faults.py            # all faults, about ten minutes
    python benchmarks/bench_faults.py reset cut  # those whose names contain one of these

This client and the makers' one meet the same faults, each in a process of its own together with a
simulator. Every sample that a client gives out is compared with the simulator's record of what it
sent. Writes ``benchmarks/results/faults.md`` and ``.json``.
"""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import statistics
import subprocess
import sys
import threading
import time
import zlib
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions
from psychopy_neon.simulator.faults import Faults
from psychopy_neon.simulator.participant import Participant

CLIENTS = ("ours", "official")
RESULTS = Path(__file__).parent / "results"
CALM_S, AFTER_S, GIVE_UP_S = 1.0, 1.5, 20.0
WRONG_NS = 1_000_000
PICTURES = 150
EVENTS = 5
LOOKS = Participant(path=((0.4, -0.5, 0.0), (0.4, 0.5, 0.0)))


@dataclass(frozen=True)
class Fault:
    """One thing to go wrong: `apply`, wait `lasts_s`, `end`."""

    apply: Callable[[Faults], object]
    lasts_s: float = 0.0
    end: Callable[[Faults], object] = lambda faults: None
    kind: str = "gaze"  # or "imu", "eye_events", "scene", "events"
    options: dict[str, Any] = field(default_factory=dict)
    over_tcp: bool = False


def _refuse_play(faults: Faults) -> None:
    faults.refuse_play("gaze", 3)
    faults.reset("gaze")


def _repeat(faults: Faults) -> None:
    for _ in range(5):
        faults.repeat_sensor("gaze")


FAULTS = {
    "RTSP reset": Fault(lambda f: f.reset("gaze")),
    "BYE": Fault(lambda f: f.say_bye("gaze")),
    "PLAY 500, three times": Fault(_refuse_play),
    "silence of 3 s": Fault(lambda f: f.silence("gaze"), 3.0, lambda f: f.silence("gaze", False)),
    "phone off for 1 s, new ports": Fault(lambda f: f.reboot(1.0)),
    "glasses unplugged for 2 s": Fault(lambda f: f.unplug(), 2.0, lambda f: f.replug()),
    "link cut for 1 s": Fault(lambda f: f.cut_link(1.0), 1.0),
    "link cut for 10 s": Fault(lambda f: f.cut_link(10.0), 10.0),
    "status connection lost": Fault(lambda f: f.hang_up_http()),
    "reported address unreachable": Fault(lambda f: None, options={"reported_ip": "127.66.66.66"}),
    "2 % of packets lost": Fault(lambda f: f.lose("gaze", 0.02), 3.0, lambda f: f.clear()),
    "10 % sent twice": Fault(lambda f: f.duplicate("gaze", 0.1), 3.0, lambda f: f.clear()),
    "10 % overtaken": Fault(lambda f: f.reorder("gaze", 0.1), 3.0, lambda f: f.clear()),
    "20 ms of jitter": Fault(lambda f: f.delay("gaze", 0.02), 3.0, lambda f: f.clear()),
    "gaze of unknown length": Fault(lambda f: f.unknown_gaze(), 1.0, lambda f: f.clear()),
    "unknown eye event": Fault(
        lambda f: f.unknown_eye_event(), kind="eye_events", options={"participant": LOOKS}
    ),
    "motion packet cut short": Fault(lambda f: f.truncate_imu(), kind="imu"),
    "sensor told again, unchanged": Fault(_repeat),
    "status of an unknown model": Fault(lambda f: f.unknown_model()),
    "hardware of nulls": Fault(lambda f: f.hardware_nulls()),
    "400 amid interleaved media": Fault(lambda f: f.inject_reply("gaze", 3), over_tcp=True),
    "time echo stalls": Fault(lambda f: f.stall_time_echo(), 1.0, lambda f: f.clear()),
    "scene, 2 % of packets lost": Fault(lambda f: f.lose("world", 0.02), kind="scene"),
    "events, HTTP 500": Fault(lambda f: f.http_error(500, "/api/event"), kind="events"),
    "events, garbage": Fault(lambda f: f.http_garbage("/api/event", 2), kind="events"),
    "events, answer after 1 s": Fault(lambda f: f.http_slow(1, "/api/event", 2), kind="events"),
    "events, answer in drips": Fault(lambda f: f.http_drip(1, "/api/event", 2), kind="events"),
    "events, hung up": Fault(lambda f: f.hang_up_http(), kind="events"),
    "events, link cut for 1 s": Fault(lambda f: f.cut_link(1.0), kind="events"),
}


# -- the two clients ------------------------------------------------------------------------------


class Ours:
    """This package."""

    def __init__(self, simulator: SimulatedNeon, fault: Fault) -> None:
        from psychopy_neon import Neon
        from psychopy_neon.client.carrier_choice import CarrierChoice

        if fault.over_tcp:
            CarrierChoice.next = "tcp"  # type: ignore[assignment, method-assign]
        self._neon = Neon.connect(simulator.address, simulator.port)
        self._neon.wait_for_clock()
        self._kind = fault.kind
        self._stream = getattr(self._neon, "gaze" if fault.kind == "events" else fault.kind)
        self._reader = self._stream.reader()
        self.seen: list[str] = []
        logger = logging.getLogger("psychopy_neon")
        logger.addHandler(_Listener(self.seen))
        logger.setLevel(logging.INFO)

    def read(self, timeout_s: float) -> Any:
        return self._reader.read(timeout_s)

    def result(self) -> dict[str, Any]:
        health = self._stream.health
        names = ("lost", "repeated", "reordered", "malformed", "interruptions")
        return {name: getattr(health, name) for name in names if getattr(health, name)}

    @staticmethod
    def picture(frame: Any) -> tuple[int, Any, bool]:
        return frame.device_ns, frame.bgr(), frame.damaged

    def start_recording(self) -> None:
        self._neon.recording.start()

    def send_event(self, name: str) -> None:
        self._neon.send_event(name)

    def finish_events(self) -> str:
        states = [receipt.wait(10.0).value for receipt in self._neon.events]
        return ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states)))

    def close(self) -> None:
        self._neon.close()


class _Listener(logging.Handler):
    """Keeps what is logged."""

    def __init__(self, seen: list[str]) -> None:
        super().__init__()
        self._seen = seen

    def emit(self, record: logging.LogRecord) -> None:
        self._seen.append(record.getMessage())


class Official:
    """The makers' client."""

    def __init__(self, simulator: SimulatedNeon, fault: Fault) -> None:
        from pupil_labs.realtime_api.simple import Device

        logging.disable(logging.CRITICAL)
        self._device = Device(simulator.address, simulator.port)
        self._receive = {
            "imu": self._device.receive_imu_datum,
            "eye_events": self._device.receive_eye_events,
            "scene": self._device.receive_scene_video_frame,
        }.get(fault.kind, self._device.receive_gaze_datum)
        self.seen: list[str] = []

    def read(self, timeout_s: float) -> Any:
        sample = self._receive(timeout_seconds=timeout_s)
        for error in self._device.get_errors():
            self.seen.append(f"get_errors: {error}"[:80])
        return sample

    def result(self) -> dict[str, Any]:
        return {}

    @staticmethod
    def picture(frame: Any) -> tuple[int, Any, bool]:
        return frame.timestamp_unix_ns, frame.bgr_pixels, False

    def start_recording(self) -> None:
        self._device.recording_start()
        time.sleep(1.0)

    def send_event(self, name: str) -> None:
        self._device.send_event(name, event_timestamp_unix_ns=time.time_ns())

    def finish_events(self) -> str:
        return ""

    def close(self) -> None:
        self._device.close()


# -- one fault, one client ------------------------------------------------------------------------


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


# -- all of them ----------------------------------------------------------------------------------


def main(wanted: list[str]) -> int:
    """Run every fault with both clients, and write the table."""
    names = [n for n in FAULTS if not wanted or any(w.lower() in n.lower() for w in wanted)]
    results: dict[str, dict[str, Any]] = {}
    for name in names:
        running = {client: _start(client, name) for client in CLIENTS if _applies(client, name)}
        results[name] = {client: _finish(process) for client, process in running.items()}
        print(json.dumps({name: results[name]}), flush=True)
    RESULTS.mkdir(exist_ok=True)
    results = {**_earlier_results(), **results}
    table = _table({name: results[name] for name in FAULTS if name in results})
    print(table)
    (RESULTS / "faults.json").write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    (RESULTS / "faults.md").write_text(table, "utf-8")
    return 0


def _earlier_results() -> dict[str, dict[str, Any]]:
    """Faults that are not run this time keep their rows."""
    path = RESULTS / "faults.json"
    earlier: dict[str, dict[str, Any]] = {}
    if path.exists():
        earlier = json.loads(path.read_text("utf-8"))
    return earlier


def _applies(client: str, name: str) -> bool:
    # The makers' simple client has no switch for media over the RTSP connection.
    return client == "ours" or not FAULTS[name].over_tcp


def _start(client: str, name: str) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, "--worker", client, name]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def _finish(process: subprocess.Popen[str]) -> dict[str, Any]:
    try:
        output, _ = process.communicate(timeout=90)
        lines = [line for line in output.splitlines() if line.startswith("{")]
        result: dict[str, Any] = json.loads(lines[-1]) if lines else {"note": "it crashed"}
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        result = {"note": "it hung"}
    return result


def _table(results: dict[str, dict[str, Any]]) -> str:
    lines = [
        f"`python benchmarks/bench_faults.py`, {time.strftime('%Y-%m-%d')}.",
        "",
        "Gaze at 200 Hz unless said otherwise; on loopback, one run each. Without samples: longest "
        "time, and how long after the fault had ended. Wrong: times off by more than 1 ms.",
        "",
        "| fault | client | what the user sees | without samples | lost | wrong |",
        "|---|---|---|---|---|---|",
    ]
    for name, clients in results.items():
        for client, result in clients.items():
            label = "official 1.9.0" if client == "official" else client
            lines.append(f"| {name} | {label} | {' | '.join(_cells(result))} |")
    return "\n".join(lines) + "\n"


def _cells(result: dict[str, Any]) -> tuple[str, str, str, str]:
    seen = "; ".join(dict.fromkeys(result.get("seen", []))).replace("|", "/") or "nothing"
    if "note" in result:
        return seen, result["note"], "", ""
    if "blocked_ms" in result:
        blocked = f"caller blocked {result['blocked_ms']:.2g} ms"
        return seen, blocked, f"{result['events_lost']} of {EVENTS} events", ""
    if "good" in result:
        counts = f"{result['good']} good, {result['marked']} marked as damaged of {PICTURES}"
        return seen, "", counts, f"{result['damaged_as_good']} damaged given out as good"
    counted = [f"{result[n]} {n}" for n in ("repeated", "reordered", "malformed") if n in result]
    seen = "; ".join([seen, *counted]) if counted else seen
    return seen, _gap(result), str(result.get("lost_samples", "")), _wrong(result)


def _gap(result: dict[str, Any]) -> str:
    if result["gap_s"] is None:
        return f"does not come back in {GIVE_UP_S:g} s"
    after = result["back_after_end_s"]
    return f"{result['gap_s']:.2f} s" + ("" if after is None else f" ({after:.2f} s after)")


def _wrong(result: dict[str, Any]) -> str:
    if "wrong_times" not in result:
        return ""
    wrong = result["wrong_times"]
    return f"{wrong} (by up to {result['worst_error_s']:.3g} s)" if wrong else "0"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worker", nargs=2, metavar=("CLIENT", "FAULT"))
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    if args.worker is None:
        sys.exit(main(args.names))
    print(json.dumps(work(*args.worker)), flush=True)
    import os

    os._exit(0)  # the makers' client can keep a process alive for ever
