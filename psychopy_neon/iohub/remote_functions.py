"""What `psychopy_neon.iohub.connect` asks of the glasses; called as other `script_functions`."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from psychopy_neon.screen.surface_names import WINDOW

if TYPE_CHECKING:  # neither sockets nor OpenCV in the experiment's process
    from psychopy_neon.client.neon import Neon
    from psychopy_neon.client.sensor_stream import SensorStream
    from psychopy_neon.iohub.glasses import Glasses
    from psychopy_neon.samples import GazeSample

STREAMS = ("gaze", "imu", "eye_events")
SAMPLES_AT_ONCE = 25  # a gaze sample takes 270 bytes, and a reply has to stay below 8 kB


class RemoteFunctions:
    """The part of the device that lets a script use the glasses as if they were its own."""

    _glasses: Glasses

    def neon_link(self) -> dict[str, Any]:
        """Where the phone is, and what it says about itself.

        Returns
        -------
        dict
            ``host``, ``port``, ``dns_name``, ``sensor_skew_ns`` (ns or None) and ``status``, a list
            of components as the phone sends them (reference, 2.2); empty before it answered.
        """
        neon = self._glasses.neon
        if neon is None:
            return {}
        status = neon.status
        parts = (status.phone, status.hardware, status.recording, *status.sensors.values())
        return {
            "host": neon.host,
            "port": neon.port,
            "dns_name": neon.dns_name,
            "sensor_skew_ns": neon.sensor_skew_ns,
            "status": [part.to_json() for part in parts if part is not None],
        }

    def neon_clock_map(self) -> dict[str, Any]:
        """Relation of the phone's clock to this computer's: the fields of a `ClockMap`.

        Returns
        -------
        dict
            Empty before it is known.
        """
        neon = self._glasses.neon
        clock_map = None if neon is None else neon.clock_map
        return {} if clock_map is None else dataclasses.asdict(clock_map)

    def neon_host_time(self, device_ns: int) -> list[int]:
        """When something on the phone's clock was, also if that clock was set since.

        Parameters
        ----------
        device_ns : int
            Phone's Unix clock, ns.

        Returns
        -------
        list of int
            ``time.perf_counter_ns()``, and the greatest possible error. Empty before the phone's
            clock is known.
        """
        neon = self._glasses.neon
        if neon is None or neon.clock_map is None:
            return []
        return list(neon.host_time(int(device_ns)))

    def neon_samples(self, stream: str, number: int) -> list[Any]:
        """Samples of a stream, which starts if it does not run.

        Parameters
        ----------
        stream : {"gaze", "imu", "eye_events"}
        number : int
            Of the first one that is wanted, counted from 0; -1 for the newest only.

        Returns
        -------
        list
            The number after the last one that is here, how many are gone before the first, and 25
            samples at most, each a list of its fields. Empty before the phone answered.
        """
        found = _stream(self._glasses.neon, stream)
        if found is None:
            return []
        found.start()
        if int(number) < 0:
            newest = found.buffer.latest
            return [found.buffer.appended, 0, [] if newest is None else [_plain(newest)]]
        samples, gone = found.buffer.since(int(number))
        first = samples[:SAMPLES_AT_ONCE]
        return [int(number) + gone + len(first), gone, [_plain(sample) for sample in first]]

    def neon_stream_health(self, stream: str) -> dict[str, Any]:
        """How a stream is: the fields of a `StreamHealth`; empty before the phone answered.

        Parameters
        ----------
        stream : {"gaze", "imu", "eye_events"}
        """
        found = _stream(self._glasses.neon, stream)
        if found is None:
            return {}
        health = found.health
        return {**dataclasses.asdict(health), "state": health.state.value}

    def neon_map_gaze(self, device_ns: int, surface: str = WINDOW) -> dict[str, Any]:
        """Where on the window one gaze sample looks, as well as it is known now.

        Parameters
        ----------
        device_ns : int
            Its time on the phone's Unix clock, ns.
        surface : str
            Name of another surface.

        Returns
        -------
        dict
            The fields of a `ScreenGaze`; empty if there is no such sample any more, or no such
            surface.
        """
        neon, surfaces = self._glasses.neon, self._glasses.window.surfaces
        sample = _sample_at(neon, int(device_ns))
        if neon is None or sample is None or neon.clock_map is None:
            return {}
        mapped = surfaces.map(str(surface), sample, neon.now_device_ns())
        return {} if mapped is None else dataclasses.asdict(mapped)

    def neon_looked_at(self, device_ns: int) -> dict[str, Any]:
        """Which of the window and the other surfaces one gaze sample rests on.

        Parameters
        ----------
        device_ns : int
            Its time on the phone's Unix clock, ns.

        Returns
        -------
        dict
            The fields of a `LookedAt`: ``name``, None for no surface, and ``on``, the fields of a
            `ScreenGaze` by the surface's name. Empty if there is no such sample any more.
        """
        neon, surfaces = self._glasses.neon, self._glasses.window.surfaces
        sample = _sample_at(neon, int(device_ns))
        if neon is None or sample is None or neon.clock_map is None:
            return {}
        return dataclasses.asdict(surfaces.looked_at(sample, neon.now_device_ns()))


def _stream(neon: Neon | None, name: str) -> SensorStream[Any] | None:
    found: SensorStream[Any] | None = getattr(neon, name) if neon and name in STREAMS else None
    return found


def _sample_at(neon: Neon | None, device_ns: int) -> GazeSample | None:
    found = None if neon is None else neon.gaze.buffer.nearest(device_ns)
    return found if found is not None and found.device_ns == device_ns else None


def _plain(sample: Any) -> list[Any]:
    """Its fields in order; tuples within go through ioHub as lists."""
    is_record = dataclasses.is_dataclass(sample) and not isinstance(sample, type)
    return list(dataclasses.astuple(sample) if is_record else sample)
