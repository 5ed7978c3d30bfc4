"""Pauses so short that only the other threads of this program notice them."""

from __future__ import annotations

import sys
import time

# Lasts about twice as long.
BREATH_NS = 50_000
# Older Pythons wait for the next tick of Windows, up to 16 ms.
SLEEPS_BRIEFLY = sys.platform != "win32" or sys.version_info >= (3, 11)


def breathe(for_ns: int = BREATH_NS) -> None:
    """Let other threads compute in Python.

    Parameters
    ----------
    for_ns : int
        For so long; where a sleep may become much longer, only until nobody else wants to.
    """
    time.sleep(for_ns / 1e9 if SLEEPS_BRIEFLY else 0)
