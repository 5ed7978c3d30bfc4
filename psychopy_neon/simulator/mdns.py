"""Announces the simulated phone on the network (reference, section 1)."""

from __future__ import annotations

import contextlib
import socket
import threading

from zeroconf import Error as ZeroconfError
from zeroconf import InterfaceChoice, ServiceInfo, Zeroconf

from psychopy_neon.protocol.service_name import SERVICE_TYPE, ServiceName

JOIN_TIMEOUT_S = 10.0


class Advert:
    """An mDNS announcement; made in its own thread because probing takes about a second.

    Parameters
    ----------
    name : ServiceName
    ip : str
        IPv4 address to announce; a loopback address is announced on loopback only.
    port : int
        HTTP port.
    server : str
        Host name to announce, such as ``neon.local.``.
    """

    def __init__(self, name: ServiceName, ip: str, port: int, server: str = "neon.local.") -> None:
        self._name, self._ip, self._port, self._server = name, ip, port, server
        self._zeroconf: Zeroconf | None = None
        self.error: str | None = None
        self._thread = threading.Thread(target=self._announce, name="neon-sim-mdns", daemon=True)

    def start(self) -> None:
        """Begin to announce; returns at once."""
        self._thread.start()

    def close(self) -> None:
        """Withdraw the announcement. Idempotent."""
        if self._thread.ident is not None:
            self._thread.join(JOIN_TIMEOUT_S)
        zeroconf, self._zeroconf = self._zeroconf, None
        if zeroconf is None:
            return
        with contextlib.suppress(ZeroconfError, OSError, TimeoutError):
            zeroconf.unregister_all_services()
        zeroconf.close()

    def _announce(self) -> None:
        # A computer without multicast must still be able to simulate, so failures are kept.
        interfaces = [self._ip] if self._ip.startswith("127.") else InterfaceChoice.All
        try:
            self._zeroconf = Zeroconf(interfaces=interfaces)
            self._zeroconf.register_service(self._info())
        except (ZeroconfError, OSError, TimeoutError) as error:
            self.error = str(error) or type(error).__name__

    def _info(self) -> ServiceInfo:
        return ServiceInfo(
            SERVICE_TYPE,
            self._name.format(),
            port=self._port,
            addresses=[socket.inet_aton(self._ip)],
            properties=b"\0",
            server=self._server,
        )
