"""Room for events in a file, mapped into memory.

To put an event into it is to copy some bytes: no call to the operating system, which would take
longer, and during which another thread could take the interpreter. What was copied survives the
end of the program, however it ends.
"""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
import struct
import sys
from collections import deque
from io import FileIO
from pathlib import Path

from psychopy_neon.protocol.event_slot import (
    HEAD_BYTES,
    SLOT_BYTES,
    TEXT_BYTES,
    head,
    put_slot,
    slots_end,
)
from psychopy_neon.transport.file_lock import lock_alone

MAX_BESIDE = 1_000
RESERVE = 64  # threads that may be about to put an event into a slot

Kept = tuple[int, str, int, float, str]
"""Values of `EventSlot`, in their order there but with the name second."""


class EventSlots:
    """Puts events into a file that `allocate` has made; from any thread.

    Parameters
    ----------
    file : FileIO
        Open for reading and writing, without a buffer; closed by `close`.
    first_number : int
        Number of the first event.
    keeps : bool
        Whether `take` tells of the events. Then an event may take the place of an earlier one as
        soon as that has been released.

    Raises
    ------
    OSError
        If the file has no slots, or cannot be mapped.
    """

    def __init__(self, file: FileIO, first_number: int = 1, *, keeps: bool = True) -> None:
        self.path = Path(file.name)
        self._file = file
        self._memory = _map(file)
        self._count = (len(self._memory) - HEAD_BYTES) // SLOT_BYTES
        self._first_number = first_number
        self._room_until = first_number + self._count - RESERVE
        self._kept: deque[Kept] = deque(maxlen=None if keeps else 0)

    @property
    def is_used(self) -> bool:
        """Whether there is an event in the first slot."""
        return any(self._memory[HEAD_BYTES : HEAD_BYTES + SLOT_BYTES])

    def put(self, number: int, name: str, host_ns: int, seconds: float, attached: str = "") -> bool:
        """Copy an event into its slot; False if it does not fit there.

        That is also so if the slot's earlier event is still needed, or the file is closed. See
        `EventSlot` for the values.
        """
        if number >= self._room_until:
            return False
        try:
            text = name.encode()
            name_bytes = text_bytes = len(text)
            if attached:
                text += attached.encode("ascii")
                text_bytes = len(text)
            if text_bytes > TEXT_BYTES:
                return False
            place = HEAD_BYTES + (number - self._first_number) % self._count * SLOT_BYTES
            put_slot(
                self._memory, place, number, host_ns, seconds, name_bytes, text_bytes, text, number
            )
        # Half a character, a time beyond 64 bits; closed by another thread.
        except (ValueError, struct.error, TypeError):
            return False
        self._kept.append((number, name, host_ns, seconds, attached))
        return True

    def take(self) -> list[Kept]:
        """Events that were put in and not taken before, to be written elsewhere."""
        return [self._kept.popleft() for _ in range(len(self._kept))]

    def put_back(self, kept: list[Kept]) -> None:
        """Keep events after all that were taken last."""
        self._kept.extendleft(reversed(kept))

    def release(self, count: int) -> None:
        """Give the room of so many events to others: they are elsewhere now, or never were here."""
        self._room_until += count

    def note_session(self, host_ns: int) -> None:
        """Note when the journal's session began that the events belong to."""
        self._memory[:HEAD_BYTES] = head(self._count, host_ns)

    def close(self, *, delete: bool) -> None:
        """Let go of the file; harmless if repeated."""
        self._memory.close()
        self._file.close()
        if delete:
            with contextlib.suppress(OSError):  # Windows keeps a file that somebody has open
                self.path.unlink()


def make_slots(beside: Path, suffix: str, count: int) -> EventSlots:
    """Make a locked file of a new name beside another.

    Raises
    ------
    OSError
        If none can be made, as on a full disk or a drive that cannot lock or map files.
    """
    file = _new_file(beside, suffix)
    try:
        if not lock_alone(file):
            raise OSError(f"{file.name} cannot be locked")
        allocate(file, count)
        return EventSlots(file)
    except OSError:
        file.close()
        os.unlink(file.name)
        raise


def allocate(file: FileIO, count: int) -> None:
    """Write a head and empty slots to an unbuffered file, and take their place on the disk.

    Without such a place, to copy something there would end the program.

    Raises
    ------
    OSError
        If there is no place.
    """
    size = HEAD_BYTES + count * SLOT_BYTES
    if file.write(head(count).ljust(size, b"\0")) < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), file.name)
    if sys.platform == "linux":
        os.posix_fallocate(file.fileno(), 0, size)


def _new_file(beside: Path, suffix: str) -> FileIO:
    for number in range(1, MAX_BESIDE):
        tail = f"_{number}" if number > 1 else ""
        with contextlib.suppress(FileExistsError):  # of a run that was killed, or of another one
            return beside.with_name(f"{beside.stem}.{suffix}{tail}.bin").open("xb+", buffering=0)
    raise OSError(f"there are {MAX_BESIDE} files {suffix} beside {beside}")


def _map(file: FileIO) -> mmap.mmap:
    file.seek(0)
    end = slots_end(file.read(HEAD_BYTES))
    if not end:
        raise OSError(f"{file.name} has no room for events")
    try:
        memory = mmap.mmap(file.fileno(), end)
    except ValueError as error:  # it was cut off
        raise OSError(f"{file.name} cannot be mapped: {error}") from error
    for place in range(0, end, mmap.PAGESIZE):  # the first touch of each page takes longer
        memory[place] = memory[place]
    return memory
