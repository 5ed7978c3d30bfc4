"""What a script uses: one `Neon` per pair of glasses."""

from psychopy_neon.client.finding import discover
from psychopy_neon.client.neon import Neon
from psychopy_neon.protocol.service_name import DiscoveredPhone

__all__ = ["DiscoveredPhone", "Neon", "discover"]
