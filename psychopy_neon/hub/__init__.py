"""The glasses of an ioHub device, with the names of `psychopy_neon.Neon`."""

from __future__ import annotations

from psychopy_neon.hub.launching import connect
from psychopy_neon.hub.neon import HubNeon

__all__ = ["HubNeon", "connect"]
