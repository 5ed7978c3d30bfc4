"""UDP or TCP for the media of a stream."""

from __future__ import annotations

from psychopy_neon.transport.rtsp import Carrier


class CarrierChoice:
    """UDP, or the RTSP connection where nothing comes over UDP, as behind a firewall.

    Where UDP has worked before, the sensor itself may be silent: then the other carrier is tried
    now and again only.
    """

    def __init__(self) -> None:
        self._udp_worked = False
        self._silent = 0

    @property
    def next(self) -> Carrier:
        """What the next session should use."""
        patience = 3 if self._udp_worked else 1
        return "tcp" if self._silent % (patience + 1) == patience else "udp"

    def note_silence(self) -> None:
        """A session was set up, and nothing came."""
        self._silent += 1

    def note_packets(self) -> None:
        """Packets come."""
        self._udp_worked = self._udp_worked or self.next == "udp"
        if self._udp_worked:
            self._silent = 0  # after this session UDP again
