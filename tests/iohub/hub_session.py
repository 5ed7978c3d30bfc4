"""A session with ioHub and simulated glasses, from the start to their sudden end.

    python hub_session.py FOLDER

Reads ``choices.json`` of that folder, and writes what it saw into ``results.json``.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from psychopy import clock, core, data, logging, visual
from psychopy.iohub import launchHubServer
from psychopy.iohub.constants import EventConstants
from psychopy.iohub.devices.eyetracker import BinocularEyeSampleEvent

from psychopy_neon.runtime import NeonMarkers
from psychopy_neon.transport.simulator_process import SimulatorProcess

KEY = "eyetracker.neon_realtime.EyeTracker"
WINDOW_PX = (1280, 720)
TIMEOUT_S = 10.0
PLACES = {"start": [0.5, 0.4], "look left": [-0.5, -0.3], "look back": [0.5, 0.4]}
OWN_TYPES = ("NEON_SAMPLE", "NEON_EYE_MOVEMENT", "NEON_IMU", "NEON_SCREEN_POSE")
SAMPLING_S = 2.0
LEFT_GAZE_X = BinocularEyeSampleEvent.CLASS_ATTRIBUTE_NAMES.index("left_gaze_x")
STATUS = BinocularEyeSampleEvent.CLASS_ATTRIBUTE_NAMES.index("status")
NAN, INFINITE = float("nan"), float("inf")
UPRIGHT = [[-0.9, 0.9], [-0.8, 0.9], [-0.8, 0.8], [-0.9, 0.8]]

BAD_CALLS: dict[str, tuple[Any, ...]] = {
    "event without a name": ("neon_send_event", "", 0.0),
    "event whose name is white space": ("neon_send_event", "  ", 0.0),
    "event with a name that is too long": ("neon_send_event", "x" * 5000, 0.0),
    "event at a time in words": ("neon_send_event", "x", "soon"),
    "event at no time": ("neon_send_event", "x", None),
    "event at NaN": ("neon_send_event", "x", NAN),
    "event at infinity": ("neon_send_event", "x", INFINITE),
    "event at a list": ("neon_send_event", "x", [1.0]),
    "no surface": ("neon_set_surface", None),
    "an empty surface": ("neon_set_surface", {}),
    "a surface without tags": ("neon_set_surface", {"tags": [], "units_per_norm": [1, 1]}),
    "a surface in words": ("neon_set_surface", "the window"),
    "a surface of numbers": ("neon_set_surface", {"tags": 3, "units_per_norm": [1, 1]}),
    "corners in words": (
        "neon_set_surface",
        {"tags": [[0, "abcd"], [1, "abcd"], [2, "abcd"]], "units_per_norm": [1, 1]},
    ),
    "tags on one spot": (
        "neon_set_surface",
        {"tags": [[i, [[0, 0]] * 4] for i in range(3)], "units_per_norm": [1, 1]},
    ),
    "one scale": (
        "neon_set_surface",
        {"tags": [[i, UPRIGHT] for i in range(3)], "units_per_norm": [1]},
    ),
    "a window of words": (
        "neon_set_surface",
        {"tags": [[i, UPRIGHT] for i in range(3)], "units_per_norm": [1, 1], "size_px": "big"},
    ),
    "message without text": ("sendMessage", ""),
    "message at a time in words": ("sendMessage", "x", "soon"),
}


def types_in(value: Any) -> set[str]:
    """Names of the types of a value and of everything in it."""
    inside = [*value, *value.values()] if isinstance(value, dict) else []
    inside = list(value) if isinstance(value, list) else inside
    return {type(value).__name__}.union(*map(types_in, inside))


class Session:
    """The steps, in order; each notes what it saw in `seen`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: dict[str, Any] = {}
        self.port = json.loads((folder / "choices.json").read_text("utf-8"))["udp_port"]
        (folder / "participant.json").write_text(
            json.dumps(
                {
                    "start": PLACES["start"],
                    "reaction_s": 0.05,
                    "on_event": {name: PLACES[name] for name in ("look left", "look back")},
                }
            ),
            "utf-8",
        )

    def run(self) -> None:
        arguments = [
            *("--truth", str(self.folder / "truth.jsonl")),
            *("--participant", str(self.folder / "participant.json")),
            *("--blinks", "90"),
            *("--gaze-bytes", "105"),  # all that a phone can send
        ]
        with SimulatorProcess(arguments, self.folder / "simulator.log") as simulator:
            self.launch(simulator.address)
            self.connect()
            self.sample_before_the_clock_is_set()
            self.set_the_clock()
            self.record()
            self.look_around()
            self.read_clocks()
            self.call_everything()
            self.sample_for_a_while()
            self.stop_recording()
            self.lose(simulator)
            self.quit()

    def launch(self, address: str) -> None:
        self.log = logging.LogFile(str(self.folder / "psychopy.log"), level=logging.WARNING)
        self.window = visual.Window(WINDOW_PX, units="height", fullscr=False, checkTiming=False)
        settings = {"address": address, "journal": str(self.folder / "run_neon_events.jsonl")}
        began_s = time.perf_counter()
        self.hub = launchHubServer(
            window=self.window,
            udp_port=self.port,
            experiment_code="neon",
            session_code="one",
            datastore_name=str(self.folder / "run"),
            **{KEY: {"name": "tracker", "runtime_settings": settings}},
        )
        self.seen["launch_s"] = time.perf_counter() - began_s
        self.tracker = self.hub.devices.tracker
        self.server = self.hub._server_process
        self.seen["first_status"] = self.tracker.neon_status()

    def connect(self) -> None:
        self.wait(self.tracker.isConnected)
        self.seen["connected"] = self.tracker.isConnected()
        self.seen["set_connection"] = self.tracker.setConnectionState(True)
        self.seen["enabled_at_first"] = self.tracker.isRecordingEnabled()
        self.seen["sample_before_recording"] = self.tracker.getLastSample()
        self.markers = NeonMarkers(self.window, self.tracker)
        self.wait(self._sees_gaze)

    def _sees_gaze(self) -> bool:
        gaze = self.seen["gaze_before_recording"] = self.tracker.getLastGazePosition()
        return gaze is not None  # the next one may already be of a blink

    def sample_before_the_clock_is_set(self) -> None:
        self.seen["early_set_recording"] = self.tracker.setRecordingState(True)
        self.wait(self.tracker.getLastSample)
        self.seen["early_sample"] = self.tracker.getLastSample()
        self.seen["early_stop"] = self.tracker.setRecordingState(False)
        self.seen["reporting_at_first"] = self.tracker.isReportingEvents()
        self.tracker.enableEventReporting(True)
        self.wait(self.tracker.getLastSample)
        self.seen["enabled_as_by_validation"] = self.tracker.isRecordingEnabled()
        self.tracker.enableEventReporting(False)
        self.seen["disabled_as_by_validation"] = self.tracker.isRecordingEnabled()
        self.seen["early_zero_s"] = core.monotonicClock.getLastResetTime()

    def set_the_clock(self) -> None:
        """What Builder does at the start of every run."""
        fresh = core.Clock()
        self.hub.syncClock(fresh)
        self.tracker.enableEventReporting()
        self.seen["zero_s"] = core.monotonicClock.getLastResetTime()
        self.seen["enabled_by_reporting"] = self.tracker.isRecordingEnabled()

    def record(self) -> None:
        self.seen["start_recording"] = self.tracker.neon_start_recording()
        self.wait(lambda: self.tracker.neon_recording()["state"] == "recording")
        self.seen["recording"] = self.tracker.neon_recording()
        self.exp = data.ExperimentHandler(dataFileName=str(self.folder / "run"), savePickle=False)
        self.exp.addData("stimulus.started", core.getTime())
        self.seen["set_recording"] = self.tracker.setRecordingState(True)
        self.seen["enabled"] = self.tracker.isRecordingEnabled()

    def look_around(self) -> None:
        self.wait(lambda: self.is_near("start"))
        self.seen["at_start"] = self.gaze_everywhere()
        self.seen["message"] = self.tracker.sendMessage("look left")
        self.wait(lambda: self.is_near("look left"))
        self.seen["at_left"] = self.gaze_everywhere()
        before_s = clock.getTime()
        self.seen["message_earlier"] = self.tracker.sendMessage("a quarter earlier", 0.25)
        self.seen["message_earlier_raw_s"] = [before_s, clock.getTime()]

    def is_near(self, name: str) -> bool:
        point = self.tracker.getLastGazePosition()
        if point is None:
            return False
        x, y = PLACES[name]
        near = abs(point[0] - x * 8 / 9) < 0.03 and abs(point[1] - y / 2) < 0.03
        # The newest sample may be some milliseconds older than the newest position.
        sample = self.tracker.getLastSample() if near else None
        return sample is not None and abs(sample[LEFT_GAZE_X] - x * 8 / 9) < 0.02

    def gaze_everywhere(self) -> dict[str, Any]:
        """All of them while the eyes are open: the wearer blinks every second or so."""
        names = ("getLastGazePosition", "getPosition", "getPos", "getLastSample")
        read: dict[str, Any] = {}

        def all_valid() -> bool:
            read.update({name: getattr(self.tracker, name)() for name in names})
            return None not in read.values() and read["getLastSample"][STATUS] == 0

        self.wait(all_valid)
        return read

    def read_clocks(self) -> None:
        self.exp.nextEntry()
        self.exp.addData("stimulus.started", core.getTime())
        self.seen["tracker_times"] = []
        for name in ("trackerTime", "trackerSec"):
            before_ns = time.perf_counter_ns()
            device_s = getattr(self.tracker, name)()
            self.seen["tracker_times"].append([before_ns, device_s, time.perf_counter_ns()])
        before_ns, raw_s = time.perf_counter_ns(), clock.getTime()
        self.seen["raw_clock"] = [before_ns, raw_s, time.perf_counter_ns()]

    def call_everything(self) -> None:
        self.seen["bad_calls"] = {
            what: getattr(self.tracker, name)(*arguments)
            for what, (name, *arguments) in BAD_CALLS.items()
        }
        self.seen["command"] = self.tracker.sendCommand("calibrate")
        self.seen["setup"] = self.tracker.runSetupProcedure()
        self.seen["good_event"] = self.tracker.neon_send_event(
            "after the bad ones", clock.getTime()
        )
        self.wait(lambda: not self.tracker.neon_events()["pending"])
        self.seen["status"] = self.tracker.neon_status()
        self.seen["events"] = self.tracker.neon_events()
        replies = (self.seen["status"], self.seen["events"], self.tracker.neon_recording())
        self.seen["reply_types"] = sorted({kind for reply in replies for kind in types_in(reply)})

    def sample_for_a_while(self) -> None:
        self.tracker.clearEvents()
        began_s = time.perf_counter()
        self.seen["message_back"] = self.tracker.sendMessage("look back")
        end_s = core.getTime() + SAMPLING_S
        self.wait(lambda: core.getTime() >= end_s)
        self.seen["reply_read"] = len(self.tracker.getEvents(clearEvents=False))
        events = self.tracker.getEvents()
        self.seen["sampled_s"] = time.perf_counter() - began_s
        samples = [each for each in events if each.type == EventConstants.BINOCULAR_EYE_SAMPLE]
        self.seen["samples_read"] = len(samples)
        seeing = [each for each in samples if each.status == 0]
        self.seen["sample_read_gaze"] = [seeing[-1].left_gaze_x, seeing[-1].left_gaze_y]
        self.seen["classes_read"] = sorted({type(each).__name__ for each in events})
        # Of the whole session so far, in one answer; see `read_in_time`.
        common = self.hub.getEvents()
        self.seen["common_samples"] = sum(
            each.type == EventConstants.BINOCULAR_EYE_SAMPLE for each in common
        )
        self.seen["own_read"] = {
            name: len(self.tracker.getEvents(getattr(EventConstants, name))) for name in OWN_TYPES
        }

    def stop_recording(self) -> None:
        self.hub.sendMessageEvent("all is said", "test")
        self.exp.addData("stimulus.stopped", core.getTime())
        self.exp.nextEntry()
        self.exp.saveAsWideText(str(self.folder / "run.csv"))
        self.exp.abort()
        self.seen["stop_recording"] = self.tracker.neon_stop_recording(True)
        self.wait(lambda: self.tracker.neon_recording()["state"] == "idle")
        self.seen["recording_at_end"] = self.tracker.neon_recording()

    def lose(self, simulator: SimulatorProcess) -> None:
        self.seen["gaze_before_loss"] = self.gaze_everywhere()["getLastGazePosition"]
        simulator.kill()
        began_s = time.perf_counter()
        # A blink ends gaze, but not samples.
        self.wait(lambda: self.tracker.getLastSample() is None)
        self.wait(lambda: self.tracker.getLastGazePosition() is None)
        self.seen["gaze_expired_after_s"] = time.perf_counter() - began_s
        self.seen["sample_after_loss"] = self.tracker.getLastSample()
        self.seen["event_after_loss"] = self.tracker.neon_send_event("too late", clock.getTime())
        self.wait(lambda: not self.tracker.isConnected())
        self.wait(lambda: self.tracker.neon_status()["problems"])
        self.seen["status_after_loss"] = self.tracker.neon_status()
        self.seen["gaze_after_loss"] = self.tracker.getLastGazePosition()
        self.seen["disabled"] = self.tracker.setRecordingState(False)
        self.seen["enabled_at_end"] = self.tracker.isRecordingEnabled()

    def quit(self) -> None:
        began_s = time.perf_counter()
        self.hub.quit()
        self.seen["quit_s"] = time.perf_counter() - began_s
        self.seen["hub_code"] = self.server.poll()
        logging.flush()
        self.window.close()

    @staticmethod
    def wait(condition: Callable[[], object]) -> None:
        deadline_s = time.perf_counter() + TIMEOUT_S
        while not condition():
            if time.perf_counter() > deadline_s:
                raise TimeoutError("something that was waited for did not happen")
            core.wait(0.01, hogCPUperiod=0.0)


def main() -> None:
    session = Session(Path(sys.argv[1]))
    session.run()
    (session.folder / "results.json").write_text(json.dumps(session.seen), "utf-8")


if __name__ == "__main__":
    main()
