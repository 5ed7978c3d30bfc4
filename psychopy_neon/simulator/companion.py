"""The simulated phone with its glasses: all services together."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.controls import Controls
from psychopy_neon.simulator.faults import Faults
from psychopy_neon.simulator.handset import Handset
from psychopy_neon.simulator.options import SimulatorOptions
from psychopy_neon.simulator.playback import Playback
from psychopy_neon.simulator.put_on import put_on_glasses
from psychopy_neon.simulator.scenario import Scenario, as_scenario
from psychopy_neon.simulator.sensors import GazeFeed, SceneFeed
from psychopy_neon.simulator.truth_file import open_truth


class SimulatedNeon:
    """Pretends to be a Neon: a phone running the Companion app, with glasses plugged in.

    Speaks the phone's own protocol, so that any client can use it. Use as a context manager,
    or call `start` and `close`.

    Parameters
    ----------
    options : SimulatorOptions, optional
        What to simulate; by default glasses on 127.0.0.1 at free ports.

    Attributes
    ----------
    options : SimulatorOptions
        As given.
    clock : SimulatedClock
        The phone's clock; ``clock.step(ns)`` makes it jump.
    truth : TruthLog
        What really happened.
    state : PhoneState
        Battery, recording, refusals.
    view : SceneView
        Geometry of scene camera, head and monitor.
    sensors : Sensors
        All of them; `gaze` and `scene` are the same as below.
    camera : CameraControl
        Exposure and the like of the scene camera.
    faults : Faults
        Everything that can be made to go wrong.
    controls : Controls
        What else can be asked for by name, as scenarios do.

    Raises
    ------
    UsageError
        If a port is taken, the address is not ours, a file or folder cannot be read or written,
        or the mouse cannot be read.
    """

    def __init__(self, options: SimulatorOptions | None = None) -> None:
        self.options = options or SimulatorOptions()
        self._closing = ExitStack()
        self._started = self._closed = False
        self._playback: Playback | None = None
        self.clock = SimulatedClock(self.options.offset_s, self.options.drift_ppm)
        try:
            self._build()
        except UsageError:
            self.close()
            raise

    def _build(self) -> None:
        options = self.options
        self.truth = open_truth(options)
        self._closing.callback(self.truth.close)
        glasses = put_on_glasses(options, self.clock, self.truth)
        self._closing.callback(glasses.close)
        self.view, self.sensors, self._wearer = glasses.view, glasses.sensors, glasses.wearer
        self._phone = Handset(options, self.clock, self.truth, glasses)
        self._closing.callback(self._phone.close)
        self.camera, self.state = self._phone.camera, self._phone.state
        self.state.on_event(glasses.wearer.notice)
        self.faults = Faults(self._phone.services, self.sensors, self.state, self)
        self.controls = Controls(self)
        if options.log_sends:
            self.sensors.log_sends()

    @property
    def gaze(self) -> GazeFeed:
        """``gaze.worn`` and ``gaze.gaze_bytes`` may be changed while running."""
        return self.sensors.gaze

    @property
    def scene(self) -> SceneFeed | None:
        """The scene camera, if there is one."""
        return self.sensors.scene

    @property
    def address(self) -> str:
        """IPv4 address under which clients reach the simulator."""
        return self._phone.address

    @property
    def port(self) -> int:
        """Port of REST and status WebSocket."""
        return self._phone.services.ports.http

    @property
    def rtsp_port(self) -> int:
        """Port of the sensor streams; another one after a reboot."""
        return self._phone.services.ports.rtsp

    @property
    def tunnel_port(self) -> int:
        """Port of the same within a WebSocket; another one after a reboot."""
        return self._phone.services.ports.tunnel

    @property
    def time_echo_port(self) -> int:
        """Port of the time echo; another one after a reboot."""
        return self._phone.services.ports.time_echo

    @property
    def phone_id(self) -> str:
        """The phone's id, as in its status."""
        return self._phone.phone_id

    @property
    def url(self) -> str:
        """``http://address:port``."""
        return f"http://{self.address}:{self.port}"

    def problems(self) -> list[str]:
        """What does not work, one sentence each; the rest is served all the same."""
        problems = self.sensors.problems() + self._phone.problems()
        if self._playback is not None:
            problems += self._playback.problems
        return problems

    def start(self) -> SimulatedNeon:
        """Begin to serve; returns at once. Scene video follows about a second later.

        Raises
        ------
        UsageError
            If it was started or closed before.
        """
        if self._started or self._closed:
            raise UsageError("a SimulatedNeon can be started only once: make a new one.")
        self._started = True
        self.truth.add_clock(self.clock.line)
        self._phone.serve()
        self._wearer.start(self.state.board)
        self.sensors.start()
        self._phone.announce()
        if self._playback is not None:
            self._playback.start()
        return self

    def close(self) -> None:
        """End all services, connections and threads, within a few seconds. Idempotent."""
        self._closed = True
        if self._playback is not None:
            self._phone.end()  # a scenario may be waiting for the phone to come back
            self._playback.close()
        self._closing.close()

    def play(self, scenario: Scenario | str | Path | list[Any] | dict[str, Any]) -> Playback:
        """Let things happen by a timeline, from now on or, before `start`, from the start on.

        Parameters
        ----------
        scenario : Scenario, path-like, list or dict
            A scenario, the file of one, or what `Scenario.from_json` takes. All of it is checked
            before anything happens.

        Returns
        -------
        Playback
            To wait for its end. What happened is in ``truth.steps``.

        Raises
        ------
        UsageError
            If the scenario is wrong or asks for what these glasses do not have, another one is
            still under way, or the simulator is closed.
        """
        if self._closed:
            raise UsageError("a closed SimulatedNeon plays nothing: make a new one.")
        if self._playback is not None and not self._playback.is_done:
            raise UsageError("a scenario is still under way: wait for its end.")
        self._playback = Playback(self, as_scenario(scenario))
        if self._started:
            self._playback.start()
        return self._playback

    def look_at(self, x: float, y: float) -> None:
        """Let the participant look at a point of the monitor from now on.

        Parameters
        ----------
        x, y : float
            ``norm`` units of the drawn monitor: -1 to 1, y up.
        """
        self._wearer.look_at(x, y, self.clock.now_ns())

    def blink(self) -> None:
        """Let the participant blink now."""
        self._wearer.blink()

    def seek(self, second: float) -> None:
        """Go on with the replay at a second of the recording, from now on.

        Parameters
        ----------
        second : float
            Since the recording began, seconds; held within what is played.

        Raises
        ------
        UsageError
            If nothing is replayed.
        """
        self._wearer.seek(second)

    def show_patch(self, on: bool, at_device_ns: int | None = None) -> None:
        """Change the patch on the drawn monitor, as an experiment's flip would.

        Its light appears `SimulatorOptions.display_lag_s` later, with the share of the exposure
        that is left in the picture during which that happens.

        Parameters
        ----------
        on : bool
            Whether it is bright from then on.
        at_device_ns : int, optional
            When, phone's Unix clock, ns; now if left out. May lie a few hundredths of a second
            in the past.

        Raises
        ------
        UsageError
            If there is no patch, an earlier call was for a later time, or the picture that should
            show it has already been sent.
        """
        if self.sensors.patch is None:
            raise UsageError("there is no patch: give display_lag_s to the simulator.")
        device_ns = self.clock.now_ns() if at_device_ns is None else at_device_ns
        self.sensors.patch.show(on, device_ns)

    def step_clock(self, seconds: float) -> None:
        """Set the phone's clock forward (or back), as its owner or the network may do.

        Parameters
        ----------
        seconds : float
            How far forward; negative for back. A thousand million at most.

        Raises
        ------
        UsageError
            If it is more, or leads out of the years 1970 to 2262.
        """
        self.truth.add_clock(self.clock.step_seconds(seconds))

    def unplug(self) -> None:
        """Pull the glasses' cable: streams end, the status has no sensors."""
        self._phone.unplug()

    def plug_in(self) -> None:
        """Plug the glasses in again."""
        self._phone.plug_in()

    def reboot(self, down_s: float = 1.0) -> None:
        """Switch the phone off and on; blocks meanwhile.

        All connections end and a running recording is lost. HTTP comes back on its old port, as
        a real phone's does; streams and time echo get new ones.

        Parameters
        ----------
        down_s : float
            How long it is off, seconds.
        """
        self._phone.reboot(down_s)

    def __enter__(self) -> SimulatedNeon:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
