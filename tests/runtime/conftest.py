"""The ioHub side as the runtime objects see it: a view with remote calls, and a window."""

from __future__ import annotations

import dataclasses
import math
import time
import warnings
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from psychopy_neon.protocol.spooled_event import SpooledEvent
from psychopy_neon.samples import ScreenGaze
from psychopy_neon.transport.event_spool import make_spool
from psychopy_neon.transport.gaze_board import GazeBoardWriter
from psychopy_neon.transport.notice_file import NoticeWriter
from psychopy_neon.transport.spool_reader import SpoolReader

BOUND_NS = 150_000
DEVICE_NS = 1_700_000_000_000_000_000
OUTCOMES_AT_ONCE = 100
MAX_AGE_S = 20.0  # a test may be slow; gaze grows old where a test lets it
OURS = "psychopy.iohub.devices.eyetracker.neon_realtime.EyeTracker"


def _udp_client() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from psychopy.iohub.net import UDPClientConnection
    return UDPClientConnection()


class Hub:
    """What the runtime uses of ioHub's connection."""

    def __init__(self) -> None:
        self.udp_client = _udp_client()
        self.shutdowns = 0
        self._shutdown_attempted = False
        self._server_process = SimpleNamespace(poll=lambda: None)

    def shutdown(self) -> None:
        self.shutdowns += 1
        self._shutdown_attempted = True

    def die(self) -> None:
        """The process ends, as after a crash: nobody answers any more."""
        self._server_process = SimpleNamespace(poll=lambda: 1)


class View:
    """Stands for ``io.devices.tracker``; replies as the device in the ioHub process would."""

    def __init__(self) -> None:
        self.hubClient = Hub()
        self.calls: list[tuple[Any, ...]] = []
        self.states = ["connected"]
        self.error = ""
        self.chosen = {"if_missing": "stop", "journal": "/data/x_neon_events.jsonl"}
        self.phone = {"state": "idle", "id": "", "error": ""}
        self.next_id = "11111111-0000-4000-8000-000000000001"
        self.gaze = ScreenGaze(
            0.5, -0.25, True, None, 0.02, 0.03, 8, 1_700_000_000_000_000_000, 3.5
        )
        self.board = GazeBoardWriter()
        self.boards: dict[str, GazeBoardWriter] = {}
        self.surface_problem = ""
        self.notices = NoticeWriter()
        self.show_gaze()
        self.accepting = True
        self.sampling = False
        self.counts: dict[str, Any] = dict.fromkeys(
            ["sent", "confirmed", "misplaced", "discarded", "pending", "unconfirmed"], 0
        )
        self.counts["handed_over"] = 0
        self.spool = make_spool()
        self.spool_error = ""
        self.reader = SpoolReader(self.spool)
        self.taken: list[SpooledEvent] = []
        self.outcomes: list[list[Any]] = []
        self.counts["unconfirmed_names"] = []
        self.reply_instead: Any = None

    def getIOHubDeviceClass(self, full: bool = False) -> str:  # noqa: N802
        return OURS if full else "EyeTracker"

    def named(self, method: str) -> list[tuple[Any, ...]]:
        """Arguments of all calls of `method`."""
        return [call[1:] for call in self.calls if call[0] == method]

    def take(self) -> list[SpooledEvent]:
        """All events that the experiment has handed over by now; the phone confirms new ones."""
        for event in self.reader.read():
            self.taken.append(event)
            self.counts["sent"] += 1
            self.counts["confirmed"] += 1
            self.counts["handed_over"] = event.number
            self.outcomes.append([event.number, "confirmed", DEVICE_NS + event.number, BOUND_NS])
        return self.taken

    def sent(self) -> list[tuple[str, float]]:
        """Name and time of all events that were handed over."""
        return [(event.name, event.raw_s) for event in self.take()]

    def lose_gaze(self, problem: str = "no screen") -> None:
        self.show_gaze(x=math.nan, y=math.nan, valid=False, problem=problem)

    def _reply(self, value: Any, method: str, *args: Any) -> Any:
        assert not self.hubClient._shutdown_attempted, "a call after the end blocks for ever"
        self.calls.append((method, *args))
        return value if self.reply_instead is None else self.reply_instead

    def neon_status(self) -> Any:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        reply = {"state": state, "error": self.error, **self.chosen}
        return self._reply(reply, "neon_status")

    def neon_send_event(
        self, name: str, raw_s: float, data: dict[str, Any] | None, handed_over: int
    ) -> Any:
        if self.accepting:
            self.counts["sent"] += 1
            self.counts["confirmed"] += 1
            self.counts["handed_over"] = handed_over
        number = self.counts["sent"] if self.accepting else 0
        return self._reply(number, "neon_send_event", name, raw_s, data, handed_over)

    def neon_event_spool(self) -> Any:
        path = "" if self.spool_error else str(self.spool)
        reply = {"path": path, "first_number": 1, "error": self.spool_error}
        return self._reply(reply, "neon_event_spool")

    def neon_event_outcomes(self, since: int) -> Any:
        self.take()
        after = [outcome for outcome in self.outcomes if outcome[0] > since]
        return self._reply(after[:OUTCOMES_AT_ONCE], "neon_event_outcomes", since)

    def neon_events(self) -> Any:
        self.take()
        return self._reply(dict(self.counts), "neon_events")

    def neon_start_recording(self) -> Any:
        self.phone.update(state="starting")
        return self._reply(True, "neon_start_recording")

    def neon_stop_recording(self, save: bool) -> Any:
        self.phone.update(state="idle")
        return self._reply(True, "neon_stop_recording", save)

    def phone_starts(self) -> None:
        self.phone.update(state="recording", id=self.next_id)

    def neon_recording(self) -> Any:
        return self._reply(dict(self.phone), "neon_recording")

    def isRecordingEnabled(self) -> Any:  # noqa: N802
        return self._reply(self.sampling, "isRecordingEnabled")

    def setRecordingState(self, state: bool) -> Any:  # noqa: N802
        self.sampling = state
        return self._reply(state, "setRecordingState", state)

    def neon_notice_file(self) -> Any:
        return self._reply({"path": str(self.notices.path)}, "neon_notice_file")

    def neon_gaze_board(self, *name: str) -> Any:
        board = self.boards.setdefault(name[0], GazeBoardWriter()) if name else self.board
        reply = {"path": str(board.path), "max_age_s": MAX_AGE_S}
        return self._reply({} if self.surface_problem else reply, "neon_gaze_board", *name)

    def show_gaze(self, **changes: Any) -> None:
        """What the device sees from now on; `age_s` is that of the sample."""
        self.gaze = dataclasses.replace(self.gaze, **changes)
        self.board.write(self.gaze, time.perf_counter_ns() - round(self.gaze.age_s * 1e9))

    def neon_set_surface(self, surface: dict[str, Any], *name: str) -> Any:
        return self._reply(not self.surface_problem, "neon_set_surface", surface, *name)

    def neon_surface_problem(self) -> Any:
        return self._reply(self.surface_problem, "neon_surface_problem")

    def neon_forget_surface(self, name: str) -> Any:
        return self._reply(True, "neon_forget_surface", name)


class Handler:
    """What the runtime uses of PsychoPy's ExperimentHandler."""

    def __init__(self) -> None:
        self.dataNames: list[str] = []
        self.thisEntry: dict[str, Any] = {}
        self.entries: list[dict[str, Any]] = []

    def nextEntry(self) -> None:  # noqa: N802
        self.entries.append(self.thisEntry)
        self.thisEntry = {}


class FlippingWindow:
    """A window without a display: flips when told, on the log's clock."""

    units = "norm"
    size = (1280, 720)
    useRetina = False  # noqa: N815
    monitor = None

    def __init__(self) -> None:
        self._to_call: list[tuple[Any, ...]] = []

    def callOnFlip(self, function: Callable[..., Any], *args: Any) -> None:  # noqa: N802
        self._to_call.append((function, *args))

    def flip(self) -> None:
        from psychopy import logging

        self._frameTime = logging.defaultClock.getTime()
        waiting, self._to_call = self._to_call, []
        for function, *args in waiting:
            function(*args)


@pytest.fixture(scope="session")
def runtime(display: None) -> Any:
    """The package under test; importing it loads PsychoPy's stimuli, which need a display."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from psychopy_neon import runtime

        for name in runtime.__all__:
            getattr(runtime, name)
    return runtime


@pytest.fixture
def view() -> Iterator[View]:
    made = View()
    yield made
    tracker = vars(made).get("neon_tracker")
    if tracker is not None:
        tracker.close()
    for board in (made.board, *made.boards.values()):
        board.close()
    made.notices.close()
    made.reader.close()
    made.spool.unlink(missing_ok=True)
    made.hubClient.udp_client.sock.close()


@pytest.fixture
def exp() -> Handler:
    return Handler()


@pytest.fixture
def window() -> FlippingWindow:
    return FlippingWindow()


@pytest.fixture
def log(runtime: Any) -> Iterator[list[str]]:
    """Lines that PsychoPy logs during the test, as ``LEVEL text``."""
    from psychopy import logging

    lines: list[str] = []

    class Sink:
        @staticmethod
        def write(text: str) -> None:
            lines.append(text.strip())

        @staticmethod
        def flush() -> None:
            pass

    logging.flush()
    target = logging.LogFile(Sink(), level=logging.EXP)

    class Flushed(list[str]):
        """Reading flushes first."""

        def __contains__(self, item: object) -> bool:
            logging.flush()
            return any(str(item) in line for line in lines)

    yield Flushed()
    logging.root.removeTarget(target)
