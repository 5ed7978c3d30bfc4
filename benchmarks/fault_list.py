"""Everything that goes wrong in ``bench_faults.py``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from psychopy_neon.simulator.faults import Faults
from psychopy_neon.simulator.participant import Participant

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
    is_long: bool = False


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
    "phone off for 5 s, new ports": Fault(lambda f: f.reboot(5.0)),
    "glasses unplugged for 2 s": Fault(lambda f: f.unplug(), 2.0, lambda f: f.replug()),
    "link cut for 1 s": Fault(lambda f: f.cut_link(1.0), 1.0),
    "link cut for 10 s": Fault(lambda f: f.cut_link(10.0), 10.0),
    "link cut for 5 min": Fault(lambda f: f.cut_link(300.0), 300.0, is_long=True),
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
    "scene, 0.2 % of packets lost": Fault(lambda f: f.lose("world", 0.002), kind="scene"),
    "scene, 2 % of packets lost": Fault(lambda f: f.lose("world", 0.02), kind="scene"),
    "events, HTTP 500": Fault(lambda f: f.http_error(500, "/api/event"), kind="events"),
    "events, garbage": Fault(lambda f: f.http_garbage("/api/event", 2), kind="events"),
    "events, answer after 1 s": Fault(lambda f: f.http_slow(1, "/api/event", 2), kind="events"),
    "events, answer in drips": Fault(lambda f: f.http_drip(1, "/api/event", 2), kind="events"),
    "events, hung up": Fault(lambda f: f.hang_up_http(), kind="events"),
    "events, link cut for 1 s": Fault(lambda f: f.cut_link(1.0), kind="events"),
}
