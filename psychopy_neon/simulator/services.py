"""The phone's servers: HTTP, RTSP (bare and in a WebSocket) and time echo, up or down together."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.echo_faults import EchoFaults
from psychopy_neon.simulator.framing import WebSocketFraming
from psychopy_neon.simulator.http_faults import HttpFaults
from psychopy_neon.simulator.http_server import HttpServer
from psychopy_neon.simulator.network import Network
from psychopy_neon.simulator.options import SimulatorOptions
from psychopy_neon.simulator.rest_api import RestApi
from psychopy_neon.simulator.rtp_session import ReportTimes
from psychopy_neon.simulator.rtsp_server import RtspServer
from psychopy_neon.simulator.state import PhoneState
from psychopy_neon.simulator.stream import Stream
from psychopy_neon.simulator.time_echo_server import TimeEchoServer

REBIND_TIMEOUT_S = 5.0


class _Server(Protocol):
    def close(self) -> None: ...


_Any = TypeVar("_Any", bound=_Server)


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports to listen on; 0 takes a free one."""

    http: int
    rtsp: int
    time_echo: int
    tunnel: int = 0


class Services:
    """Servers of one phone, listening from the start, answering after `start`.

    Raises
    ------
    OSError
        If one cannot listen.

    Attributes
    ----------
    network : Network
    http_faults : HttpFaults
    echo_faults : EchoFaults
    """

    def __init__(self, options: SimulatorOptions, clock: SimulatedClock) -> None:
        self.network = Network()
        self.http_faults = HttpFaults()
        self.echo_faults = EchoFaults()
        self._host = options.host
        self._clock = clock
        self._times = ReportTimes(
            options.first_report_s, options.report_interval_s, options.rtp_wrap_after_s
        )
        self._servers: list[_Server] = []
        self._listen(
            Ports(options.http_port, options.rtsp_port, options.time_echo_port, options.tunnel_port)
        )

    @property
    def ports(self) -> Ports:
        """Ports listened on."""
        return Ports(self._http.port, self._rtsp.port, self._echo.port, self._tunnel.port)

    def start(
        self, api: RestApi, state: PhoneState, streams: Mapping[str, Sequence[Stream]]
    ) -> None:
        """Begin to answer."""
        self._echo.start()
        for server in self._rtsp_servers:
            server.start(streams)
        self._http.start(api, state)

    def set_sensors(self, streams: Mapping[str, Sequence[Stream]]) -> None:
        """Serve these sensors from now on; RTSP connections so far end with a BYE."""
        for server in self._rtsp_servers:
            server.set_sensors(streams)

    def reset(self, sensor: str | None) -> int:
        """Reset the RTSP connections of one sensor, or all; return how many."""
        return sum(server.reset(sensor) for server in self._rtsp_servers)

    def say_bye(self, sensor: str | None) -> int:
        """End streams by an RTCP BYE but keep their connections; return how many."""
        return sum(server.say_bye(sensor) for server in self._rtsp_servers)

    @property
    def _rtsp_servers(self) -> tuple[RtspServer, RtspServer]:
        return self._rtsp, self._tunnel

    def hang_up_http(self) -> None:
        """End all HTTP connections and status WebSockets."""
        self._http.hang_up()

    def go_down(self) -> None:
        """Stop listening and end all connections, as a phone that goes off."""
        servers, self._servers = self._servers, []
        for server in reversed(servers):
            server.close()

    def come_back(self) -> None:
        """Listen again: HTTP where it was, the others on new ports. `start` has to follow."""
        http = self._http.port
        deadline = time.monotonic() + REBIND_TIMEOUT_S
        while True:
            try:
                return self._listen(Ports(http, 0, 0))
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def close(self) -> None:
        """End all servers and their threads. Idempotent."""
        self.network.close()
        self.http_faults.close()
        self.go_down()

    def _listen(self, ports: Ports) -> None:
        times, network = self._times, self.network
        try:
            self._echo = self._opened(
                ports.time_echo,
                lambda place: TimeEchoServer(place, self._clock, network, self.echo_faults),
            )
            self._rtsp = self._opened(ports.rtsp, lambda place: RtspServer(place, times, network))
            self._tunnel = self._opened(
                ports.tunnel, lambda place: RtspServer(place, times, network, WebSocketFraming)
            )
            self._http = self._opened(
                ports.http, lambda place: HttpServer(place, network, self.http_faults)
            )
        except OSError:
            self.go_down()
            raise

    def _opened(self, port: int, make: Callable[[tuple[str, int]], _Any]) -> _Any:
        try:
            server = make((self._host, port))
        except OSError as error:
            raise OSError(f"port {port or '(any)'}: {error.strerror or error}") from error
        self._servers.append(server)
        return server
