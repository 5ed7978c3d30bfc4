"""One pair of glasses."""

from __future__ import annotations

import datetime
import functools
import importlib.metadata
import logging
import platform
import threading
import time
from collections.abc import Callable
from pathlib import Path

from psychopy_neon.client.camera import CameraRemote
from psychopy_neon.client.clock_sync import ClockSync
from psychopy_neon.client.connecting import DEFAULT_PORT, Answered, Wanted, connect_to
from psychopy_neon.client.event_calls import EventCalls
from psychopy_neon.client.event_delivery import EventDelivery
from psychopy_neon.client.finding import Sweep, find
from psychopy_neon.client.journal import Journal
from psychopy_neon.client.left_open import left_open
from psychopy_neon.client.matched_data import MatchedData
from psychopy_neon.client.outbox import Outbox
from psychopy_neon.client.phone_calls import PhoneCalls
from psychopy_neon.client.phone_connection import PhoneConnection
from psychopy_neon.client.phone_link import PhoneLink
from psychopy_neon.client.phone_status import PhoneStatus
from psychopy_neon.client.recording import RecordingRemote
from psychopy_neon.client.recording_control import RecordingControl
from psychopy_neon.client.sensor_streams import SensorStreams
from psychopy_neon.client.stream_source import PhoneSource
from psychopy_neon.client.template import TemplateRemote
from psychopy_neon.client.tracked_screens import TrackedScreens
from psychopy_neon.clock.experiment_clock import pair
from psychopy_neon.exceptions import UsageError
from psychopy_neon.transport.http import bracketed

logger = logging.getLogger(__name__)

JOIN_S = 2.0
END_THREADS_S = 0.8
JOURNAL_VERSION = 1


class Neon(PhoneLink, PhoneCalls, EventCalls, SensorStreams, MatchedData, TrackedScreens):
    """A connection to one Companion phone and the glasses plugged into it.

    Make it with `Neon.connect`, and close it, best with ``with``; what a script forgets to close
    is closed when its main thread ends, so that it does end. All threads are its own; reads
    return what is there, and writes are queued, so nothing here holds up a frame loop unless it
    takes a timeout or says that it blocks.

    Attributes
    ----------
    gaze : SensorStream of GazeSample
        Up to 200 samples per second; starts with its first use.
    scene : SensorStream of VideoFrame
        The scene camera, 1600 x 1200 at 30 Hz; starts with its first use.
    eyes : SensorStream of VideoFrame
        Both eye cameras side by side, 384 x 192 at 200 Hz.
    imu : SensorStream of ImuSample
        Motion of the head, about 110 per second.
    eye_events : SensorStream of EyeEvent
        Fixations, saccades and blinks, as the phone finds them.
    audio : SensorStream of AudioFrame
        Sound, if the microphone is switched on in the app.
    recording : RecordingRemote
        Starts and stops recordings on the phone.
    template : TemplateRemote
        Questions of the workspace, and the answers for the next recording.
    camera : CameraRemote
        Exposure and other settings of the scene camera.
    """

    _delivery: EventDelivery

    def __init__(
        self,
        answered: Answered,
        clock: Callable[[], float],
        journal: str | Path | None = None,
    ) -> None:
        super().__init__()
        self._place = answered.place
        self._dns_name = answered.dns_name
        self._read_experiment_s = clock
        self._close_lock = threading.Lock()
        self._closed = False
        self._journal = Journal(journal, has_spool=True)
        self._phone_status = PhoneStatus(self._place, answered.status)
        self._clock_sync = ClockSync(
            self._phone_status.time_echo_place,
            self._journal,
            functools.partial(pair, time.perf_counter_ns, clock),
        )
        self._outbox = Outbox(PhoneConnection(self._place))
        self._recordings = RecordingControl(self._outbox, self._journal)
        self._delivery = EventDelivery(
            self._outbox, self._journal, self._clock_sync, self._recordings
        )
        self._phone_status.watch(self._delivery.take_status)
        self._phone_status.watch(self._recordings.take_status)
        self._open_calls()
        source = PhoneSource(self._phone_status, self._clock_sync)
        self._open_streams(source, self._journal)
        self.recording = RecordingRemote(self._recordings)
        self.template = TemplateRemote(self._requests.call)
        self.camera = CameraRemote(self._requests.call)

    @classmethod
    def connect(
        cls,
        address: str | None = None,
        port: int = DEFAULT_PORT,
        *,
        name: str | None = None,
        phone_id: str | None = None,
        serial: str | None = None,
        sweep: Sweep = False,
        clock: Callable[[], float] = time.perf_counter,
        journal: str | Path | None = None,
        timeout_s: float = 10.0,
    ) -> Neon:
        """Find and connect to a phone; blocks up to about `timeout_s`.

        Parameters
        ----------
        address : str, optional
            As the Companion app shows it, ``"192.0.2.10"`` or ``"192.0.2.10:8080"``. Without
            it, the first phone is taken that announces itself and fits the other arguments.
        port : int
            Of the phone's REST service, if not in the address.
        name, phone_id, serial : str, optional
            The phone's name in the app, its id, the serial number of the glasses. A phone that
            does not fit is not used, also if it answers at the address.
        sweep : bool or sequence of str
            For networks that block multicast: when no fitting phone has announced itself for
            two seconds, knock at `port` of all neighbours (True) or of these addresses, as
            `discover` does. Off, nothing is sent to anybody but the phones.
        clock : callable
            The experiment's clock: returns seconds, as ``globalClock.getTime`` does. All times
            named ``experiment_s`` are on it.
        journal : path-like, optional
            File that records every event before it is sent; it is created, or continued.
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        Neon
            An open connection; close it, best with ``with``.

        Raises
        ------
        DeviceNotFoundError, WrongDeviceError, NeonConnectionError, NeonTimeoutError
            If there is no such phone.
        UsageError
            If an argument makes no sense.
        """
        wanted = Wanted(name, phone_id, serial)
        if not callable(clock):
            raise UsageError(f"clock={clock!r} cannot be called; expected e.g. globalClock.getTime")
        pair(time.perf_counter_ns, clock)  # a clock that is none, before anything is opened
        if address is None:
            answered = find(wanted, timeout_s, sweep=sweep, port=port)
        else:
            answered = connect_to(address, port, wanted, timeout_s)
        neon = cls(answered, clock, journal)
        neon._start()
        left_open.add(neon)
        return neon

    def __enter__(self) -> Neon:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Neon {self.phone_name!r} at {self.host}:{self.port}, {self.state.value}>"

    def close(self, timeout_s: float = 2.0) -> None:
        """Deliver what is left, save a recording that we started, and end all threads.

        Takes about `timeout_s`, at least half of it for the deliveries; what is then not
        confirmed stays in the journal. May be called twice, and from any thread, also from one of
        ours: in a function that is called with samples, for instance.

        Parameters
        ----------
        timeout_s : float
            Seconds for all of it.
        """
        with self._close_lock:
            if self._closed:
                return
            self._closed = True
        left_open.discard(self)
        self._deliver_rest(timeout_s - min(END_THREADS_S, timeout_s / 2))
        self._phone_status.mark_closed()
        self._stop_screens()
        self._stop_streams()
        self._clock_sync.stop()
        ended = [
            self._phone_status.close(JOIN_S),
            self._join_streams(),
            self._clock_sync.join(JOIN_S),
            self._join_screens(JOIN_S),
        ]
        if not all(ended):
            logger.error("a thread did not end in time; please report it")
        self._close_calls()
        self._journal_end()

    # -- inside -------------------------------------------------------------------------------

    def _start(self) -> None:
        self._journal_session()
        self._phone_status.start()
        self._clock_sync.start()
        self._outbox.start()

    def _journal_session(self) -> None:
        clocks = self.pair_clocks()
        utc = datetime.datetime.now(datetime.timezone.utc)
        self._journal.write(
            "session",
            version=JOURNAL_VERSION,
            utc=utc.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            host_ns=clocks.host_ns,
            experiment_s=clocks.experiment_s,
            half_gap_ns=clocks.half_gap_ns,
            phone_name=self.phone_name,
            phone_id=self.phone_id,
            module_serial=self.module_serial,
            address=f"{bracketed(self.host)}:{self.port}",
            package=_version(),
            python=platform.python_version(),
            system=platform.platform(terse=True),
        )

    def _journal_end(self) -> None:
        if self._clock_sync.clock_map is not None:
            self._clock_sync.journal_now()
        if self.sensor_skew_ns is not None:
            self._journal.write("skew", skew_ns=self.sensor_skew_ns)
        self._journal.write("closed", host_ns=time.perf_counter_ns())
        self._journal.close()

    def _deliver_rest(self, timeout_s: float) -> None:
        self._recordings.save_if_running()
        self._outbox.close(timeout_s, interrupt=self._clock_sync.stop)
        self._delivery.settle_rest()


def _version() -> str:
    try:
        return importlib.metadata.version("psychopy-neon")
    except importlib.metadata.PackageNotFoundError:
        return ""  # run from a checkout that is not installed
