"""What a script uses: one `Neon` per pair of glasses."""

from ..protocol.service_name import DiscoveredPhone
from .connecting import discover
from .neon import Neon

__all__ = ["DiscoveredPhone", "Neon", "discover"]
