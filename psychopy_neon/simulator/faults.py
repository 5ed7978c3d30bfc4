"""Everything that can be made to go wrong, by name, while the simulator runs.

::

    with SimulatedNeon() as neon:
        neon.faults.lose("gaze", 0.02)
        neon.faults.cut_link(10)
        neon.faults.clear()

Streams are named as sensors are in the status: "gaze", "eyes", "imu", "eye_events", "world";
and "audio". ``docs/faults.md`` names the tests that use each fault.
"""

from __future__ import annotations

import json
from typing import Any, Protocol

from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.status import Hardware
from psychopy_neon.simulator.arguments import (
    LONGEST_S,
    ClockShift,
    Count,
    GazeLength,
    HttpStatus,
    Seconds,
    SensorName,
    Share,
    StreamName,
)
from psychopy_neon.simulator.http_faults import HttpFault
from psychopy_neon.simulator.raw_message import RawMessage, hardware_of_nulls
from psychopy_neon.simulator.sensors import Sensors
from psychopy_neon.simulator.services import Services
from psychopy_neon.simulator.state import PhoneState
from psychopy_neon.simulator.stream import Stream
from psychopy_neon.simulator.stream_faults import StreamFaults

UNKNOWN_GAZE_BYTES = 121
_GARBAGE = b'{"message": "Success", "result": [{"model": "Pho'
_HTML = b"<html><body>Something went wrong</body></html>"


class _Device(Protocol):
    """What a phone does as a whole."""

    def unplug(self) -> None: ...
    def plug_in(self) -> None: ...
    def reboot(self, down_s: float = 1.0) -> None: ...
    def step_clock(self, seconds: float) -> None: ...


class Faults:
    """Switches for faults of one simulated Neon; all may be called from any thread.

    Chances are drawn from a seed: two runs with the same seed and the same packets fail alike.

    Notes
    -----
    The methods call alike what is alike:

    - `stream`: "gaze", "eyes", "imu", "eye_events", "world" or "audio"; `sensor`: the same but
      for audio, which comes with the world camera; None means all;
    - `share`: the part of all packets or exchanges that is hit, 0 to 1; `seed` chooses which;
    - `count`: how many of the next ones are hit;
    - `seconds`, `jitter_s`, `down_s`, `request_s`, `reply_s`: seconds, 0 to 3600; those by which
      a clock is moved may be negative;
    - `path`: the beginning of the paths of HTTP requests that are hit;
    - `on`: False ends the fault;
    - `status`, `json_body`, `body`: HTTP status of the reply, whether it comes in the phone's
      JSON or as a page, and its bytes;
    - `length`: bytes of a gaze payload; `model`, `data`, `hardware`: what the status then says.

    A stream that does not exist, and a share or a time out of its range, raise `UsageError`.
    """

    def __init__(
        self, services: Services, sensors: Sensors, state: PhoneState, device: _Device
    ) -> None:
        self._services = services
        self._sensors = sensors
        self._state = state
        self._device = device
        self._known_gaze_bytes = sensors.gaze.gaze_bytes
        self._skew_ns = sensors.imu.skew_ns

    @property
    def streams(self) -> tuple[str, ...]:
        """Names of the streams that these glasses have."""
        return tuple(self._streams())

    @property
    def link_is_up(self) -> bool:
        """Whether `cut_link` lets anything through at the moment."""
        return self._services.network.is_up

    # Packets of one stream ---------------------------------------------------------------------

    def seed(self, seed: int) -> None:
        """Choose which packets are hit, for connections made from now on."""
        for stream in self._streams().values():
            stream.faults.seed = seed
        self._services.echo_faults.restart(seed)

    def lose(self, stream: StreamName, share: Share) -> None:
        """Lose this share (0..1) of a stream's RTP packets."""
        self._of(stream).lost = _share(share)

    def duplicate(self, stream: StreamName, share: Share) -> None:
        """Send this share of a stream's RTP packets twice."""
        self._of(stream).doubled = _share(share)

    def reorder(self, stream: StreamName, share: Share) -> None:
        """Let this share of a stream's RTP packets be overtaken by the one behind them."""
        self._of(stream).swapped = _share(share)

    def delay(self, stream: StreamName, jitter_s: Seconds) -> None:
        """Hold each RTP packet back by a random time up to `jitter_s`; their order stays."""
        self._of(stream).jitter_s = _seconds(jitter_s)

    def silence(self, stream: StreamName, on: bool = True) -> None:
        """Let a sensor fall silent without a word, its connections open; or speak again."""
        self._of(stream).silent = on

    def inject_reply(self, stream: StreamName, count: Count = 1) -> None:
        """Put a "400 Bad Request" between header and data of the next interleaved frames."""
        self._of(stream).injected_replies = count

    # Sessions ----------------------------------------------------------------------------------

    def reset(self, sensor: SensorName | None = None) -> int:
        """Reset the RTSP connections of a sensor, or all; return how many there were."""
        return self._services.reset(sensor)

    def say_bye(self, sensor: SensorName | None = None) -> int:
        """End a sensor's streams by RTCP BYE; their connections stay. Returns how many."""
        return self._services.say_bye(sensor)

    def refuse_play(self, stream: StreamName, count: Count = 1) -> None:
        """Answer the next so many PLAY requests with 500."""
        self._of(stream).refused_plays = count

    # Contents ----------------------------------------------------------------------------------

    def unknown_gaze(self, length: GazeLength = UNKNOWN_GAZE_BYTES) -> None:
        """Send gaze in a variant of that many bytes, as a future app may."""
        if length < 9:
            raise UsageError(f"a gaze payload has at least 9 bytes, not {length}.")
        gaze = self._sensors.gaze
        if gaze.gaze_bytes in gaze.variants:
            self._known_gaze_bytes = gaze.gaze_bytes  # `clear` goes back to it
        gaze.gaze_bytes = length

    def nan_eye_state(self, on: bool = True) -> None:
        """Send NaN for everything that is known of the eyes but gaze."""
        self._sensors.gaze.eye_state_is_nan = on

    def unknown_eye_event(self, count: Count = 1) -> None:
        """Send so many eye events of a type that nobody knows, as soon as somebody watches."""
        self._sensors.eye_events.unknown = count

    def truncate_imu(self, count: Count = 1) -> None:
        """Cut the next so many motion packets in half."""
        self._sensors.imu.truncated = count

    def skew_sensors(self, seconds: ClockShift) -> None:
        """Put the times inside of motion samples and eye events so far ahead of the phone's."""
        skew_ns = round(seconds * 1e9)
        self._sensors.imu.skew_ns = self._sensors.eye_events.skew_ns = skew_ns

    # Status ------------------------------------------------------------------------------------

    def repeat_sensor(self, sensor: SensorName) -> None:
        """Push what the status says about a sensor once more, unchanged."""
        self._state.board.repeat_sensor(sensor)

    def unknown_model(self, model: str = "Accessory", data: Any = None) -> None:
        """Push a status message of a kind that nobody knows."""
        self._state.board.push(RawMessage(model, {"some": "thing"} if data is None else data))

    def hardware_nulls(self) -> None:
        """Let every field of the hardware's entry be null, though all streams go on."""
        self._state.board.set_hardware(hardware_of_nulls())

    def hardware(self, hardware: Hardware) -> None:
        """Replace the hardware's entry, as when other glasses are plugged in."""
        self._state.board.set_hardware(hardware)

    def early_events_go_back(self, on: bool = True) -> None:
        """Attach events that come before a recording is open to the recording before."""
        self._state.early_events_go_back = on

    # Phone -------------------------------------------------------------------------------------

    def unplug(self) -> None:
        """Pull the glasses' cable."""
        self._device.unplug()

    def replug(self) -> None:
        """Plug the glasses in again."""
        self._device.plug_in()

    def reboot(self, down_s: Seconds = 1.0) -> None:
        """Switch the phone off and on; it comes back with new ports. Blocks for `down_s`."""
        self._device.reboot(_seconds(down_s))

    def step_clock(self, seconds: ClockShift) -> None:
        """Set the phone's clock forward or back."""
        self._device.step_clock(seconds)

    def cut_link(self, seconds: Seconds) -> None:
        """Let nothing through for so long; returns at once.

        Datagrams are lost, TCP connections stay open and go on where they stopped. New
        connections are made (this computer's system makes them) but not answered.
        """
        self._services.network.cut(_seconds(seconds))

    # HTTP and time echo ------------------------------------------------------------------------

    def http_error(
        self,
        status: HttpStatus = 500,
        path: str = "/api",
        count: Count = 1,
        *,
        json_body: bool = True,
    ) -> None:
        """Answer the next `count` requests below `path` with an error; the call takes effect."""
        message = json.dumps({"message": "Something went wrong", "result": None}).encode()
        body, kind = (message, "application/json") if json_body else (_HTML, "text/html")
        self._services.http_faults.add(HttpFault(path, count, status, body, kind))

    def http_garbage(self, path: str = "/api", count: Count = 1, body: bytes = _GARBAGE) -> None:
        """Answer the next `count` requests with 200 and a body that is no JSON."""
        self._services.http_faults.add(HttpFault(path, count, body=body))

    def http_slow(self, seconds: Seconds, path: str = "/api", count: Count = 1) -> None:
        """Hold back the answers to the next `count` requests."""
        self._services.http_faults.add(HttpFault(path, count, delay_s=_seconds(seconds)))

    def http_drip(self, seconds: Seconds, path: str = "/api", count: Count = 1) -> None:
        """Spread the bodies of the next `count` answers over so long."""
        self._services.http_faults.add(HttpFault(path, count, drip_s=_seconds(seconds)))

    def http_endless(self, path: str = "/api", count: Count = 1) -> None:
        """Answer the next `count` requests with a body that never ends."""
        self._services.http_faults.add(HttpFault(path, count, is_endless=True))

    def hang_up_http(self) -> None:
        """End all HTTP connections and status WebSockets; new ones are welcome."""
        self._services.hang_up_http()

    def skew_time_echo(self, request_s: Seconds, reply_s: Seconds, share: Share = 1.0) -> None:
        """Delay time echo before and after the phone reads its clock; `share` of exchanges."""
        faults = self._services.echo_faults
        faults.request_s, faults.reply_s = _seconds(request_s), _seconds(reply_s)
        faults.share = _share(share)

    def stall_time_echo(self, on: bool = True) -> None:
        """Read time echo requests and never answer."""
        self._services.echo_faults.silent = on

    def clear(self) -> None:
        """End everything above that goes on by itself. What was unplugged stays so."""
        for stream in self._streams().values():
            stream.faults.clear()
        gaze, imu = self._sensors.gaze, self._sensors.imu
        if gaze.gaze_bytes not in gaze.variants:
            gaze.gaze_bytes = self._known_gaze_bytes
        gaze.eye_state_is_nan, imu.truncated = False, 0
        self._sensors.eye_events.unknown = 0
        imu.skew_ns = self._sensors.eye_events.skew_ns = self._skew_ns
        self._state.early_events_go_back = False
        self._services.http_faults.clear()
        self.skew_time_echo(0, 0)
        self.stall_time_echo(False)
        self._services.network.restore()

    def _streams(self) -> dict[str, Stream]:
        every = self._sensors.streams.values()
        return {stream.name: stream for streams in every for stream in streams}

    def _of(self, stream: str) -> StreamFaults:
        streams = self._streams()
        if stream not in streams:
            raise UsageError(f"there is no stream {stream!r}; there are {', '.join(streams)}.")
        return streams[stream].faults


def _share(value: float) -> float:
    if not 0 <= value <= 1:
        raise UsageError(f"a share lies between 0 and 1, not {value}.")
    return value


def _seconds(value: float) -> float:
    if not 0 <= value <= LONGEST_S:
        raise UsageError(f"a time lies between 0 and {LONGEST_S:g} seconds, not {value}.")
    return value
