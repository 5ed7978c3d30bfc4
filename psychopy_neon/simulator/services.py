"""The phone's servers: HTTP, RTSP and time echo; they go down and come back with the phone."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from psychopy_neon.simulator.clock import SimulatedClock
from psychopy_neon.simulator.echo_faults import EchoFaults
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


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports to listen on; 0 takes a free one."""

    http: int
    rtsp: int
    time_echo: int


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
        self._listen(Ports(options.http_port, options.rtsp_port, options.time_echo_port))

    @property
    def ports(self) -> Ports:
        """Ports listened on."""
        return Ports(self._http.port, self.rtsp.port, self._echo.port)

    def start(
        self, api: RestApi, state: PhoneState, streams: Mapping[str, Sequence[Stream]]
    ) -> None:
        """Begin to answer."""
        self._echo.start()
        self.rtsp.start(streams)
        self._http.start(api, state)

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
        try:
            echo_address = self._host, ports.time_echo
            self._echo = TimeEchoServer(echo_address, self._clock, self.network, self.echo_faults)
            self._servers.append(self._echo)
            self.rtsp = RtspServer((self._host, ports.rtsp), self._times, self.network)
            self._servers.append(self.rtsp)
            self._http = HttpServer((self._host, ports.http), self.network, self.http_faults)
            self._servers.append(self._http)
        except OSError:
            self.go_down()
            raise
