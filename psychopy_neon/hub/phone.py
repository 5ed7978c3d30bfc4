"""What the phone says about itself, asked of the ioHub process."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from psychopy_neon.client.phone_facts import PhoneFacts
from psychopy_neon.client.phone_status import LinkState
from psychopy_neon.protocol.status import Status, parse_status
from psychopy_neon.runtime.hub_tracker import NeonTracker

ASKED_EVERY_S = 0.1


class HubPhone(PhoneFacts):
    """Status of phone, link and device, with the names that `Neon` has for them."""

    neon_tracker: NeonTracker
    _told: dict[str, tuple[float, dict[str, Any]]]

    @property
    def status(self) -> Status:
        """Everything the phone said about itself so far; at most 0.1 s old."""
        return parse_status(self._ask("neon_link").get("status", []))

    @property
    def state(self) -> LinkState:
        """Whether the phone is there; it is looked for again by itself when lost."""
        if self.neon_tracker.closed:
            return LinkState.CLOSED
        is_there = self._ask("neon_status").get("state") == "connected"
        return LinkState.CONNECTED if is_there else LinkState.LOST

    @property
    def link_error(self) -> str:
        """Why the phone was lost; empty while it is there."""
        return str(self._ask("neon_status").get("error", ""))

    @property
    def host(self) -> str:
        """Where the phone was reached."""
        return str(self._ask("neon_link").get("host", ""))

    @property
    def port(self) -> int:
        """Of the phone's REST service."""
        return int(self._ask("neon_link").get("port", 0))

    @property
    def dns_name(self) -> str:
        """Host name that the phone announced; else empty."""
        return str(self._ask("neon_link").get("dns_name", ""))

    def sensor(self, name: str) -> Any:
        """Status of a sensor by the phone's own name; None if it has not named it.

        Parameters
        ----------
        name : str
            "gaze", "world", "imu", "eyes" or "eye_events".
        """
        return self.status.sensor(name)

    @property
    def sensor_skew_ns(self) -> int | None:
        """Phone's Unix clock minus its sensor clock, ns; None before it is known."""
        skew_ns = self._ask("neon_link").get("sensor_skew_ns")
        return None if skew_ns is None else int(skew_ns)

    @property
    def journal_path(self) -> Path | None:
        """The file that holds every event, or None."""
        journal = self._ask("neon_status").get("journal")
        return Path(journal) if journal else None

    # -- inside ---------------------------------------------------------------------------------

    def _ask(self, method: str) -> dict[str, Any]:
        """The newest reply, at most 0.1 s old."""
        asked_s, reply = self._told.get(method, (float("-inf"), {}))
        now_s = time.perf_counter()
        if now_s - asked_s >= ASKED_EVERY_S and not self.neon_tracker.closed:
            reply = self.neon_tracker.ask(method, dict) or reply
            self._told[method] = now_s, reply
        return reply
