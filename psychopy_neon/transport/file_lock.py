"""Whether the program that made a file still runs: it holds a lock that ends with it."""

from __future__ import annotations

import os
import sys
from typing import BinaryIO

FAR_BEYOND = 2**40  # a locked place cannot be read on Windows


def lock_alone(file: BinaryIO) -> bool:
    """Lock a file until it is closed or the program ends; False if another has done so.

    Also False where files cannot be locked, as on some drives across a network.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            os.lseek(file.fileno(), FAR_BEYOND, os.SEEK_SET)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            os.lseek(file.fileno(), 0, os.SEEK_SET)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
