"""Brings packets back into the order of their numbers, and counts what is missing."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from psychopy_neon.exceptions import NeonConnectionError, ProtocolError
from psychopy_neon.protocol.rtp import RtpPacket

# What overtakes on a local network does so by fractions of a millisecond.
HOLD_NS = 5_000_000
MAX_HELD = 128
# A jump farther ahead is believed only when a second packet confirms it.
MAX_UNCONFIRMED_JUMP = 100
# A number farther off than this is none of the sequence so far (RFC 3550, A.1).
MAX_AHEAD, MAX_BEHIND = 3_000, 100


class ArrivedPacket(NamedTuple):
    """A packet and when it came (``time.perf_counter_ns()``)."""

    packet: RtpPacket
    arrived_host_ns: int


class PacketOrder:
    """Gives packets out in order; holds those back that come too early, for a moment.

    In order, a packet is given out at once. After a gap the following ones wait until the
    missing one comes, at most `HOLD_NS`.

    Attributes
    ----------
    received : int
        Packets that were given out or are held.
    lost : int
        Numbers that did not come in time.
    repeated : int
        Packets that came more than once; the others are dropped.
    reordered : int
        Packets that were overtaken and put back in their place.
    late : int
        Packets that came after they had been given up; they stay counted as lost.
    held : dict
        Packets that are held back, by number; not to be changed.
    has_one_in_hand : bool
        Whether a thread may have a packet that it has not pushed yet, while others push later ones:
        then none is given up before `MAX_HELD` are held. Set by that thread.
    strays : int
        Numbers far ahead that no other packet confirmed; dropped.
    """

    def __init__(self) -> None:
        self.received = self.lost = self.repeated = self.reordered = self.late = 0
        self._next: int | None = None
        # In order of arrival; with each, which number was due when it came.
        self.held: dict[int, tuple[ArrivedPacket, int]] = {}
        self._given_up: deque[int] = deque(maxlen=MAX_BEHIND)
        self._after_stray = -1
        self.strays = 0
        self.has_one_in_hand = False
        self._is_unconfirmed = False

    def take_if_due(self, packet: RtpPacket) -> bool:
        """Count a packet whose turn it is, as a rule; False if `push` has to take it."""
        due = self._next
        if due is None or self.held or (packet.sequence_number - due) % 0x10000:
            return False
        self.received += 1
        self._next = due + 1
        return True

    def push(self, packet: RtpPacket, arrived_host_ns: int) -> list[ArrivedPacket]:
        """Take a packet; return those whose turn it is.

        Raises
        ------
        ProtocolError
            If its number is far from the others.
        NeonConnectionError
            If the packets are numbered anew.
        """
        arrived = ArrivedPacket(packet, arrived_host_ns)
        if self.take_if_due(packet):
            return [arrived]
        self._is_unconfirmed = False
        if self._next is None:
            self._next = packet.sequence_number
        ahead = (packet.sequence_number - self._next + 0x8000) % 0x10000 - 0x8000
        self._refuse_stray(packet.sequence_number, ahead)
        if ahead < 0:
            self._note_past(self._next + ahead)
        elif ahead == 0:
            self.received += 1
            self.reordered += bool(self.held)
            self._next += 1
            return [arrived, *self._take_following()]
        else:
            self._hold(self._next + ahead, arrived)
        return self.release(arrived_host_ns)

    def release(self, now_host_ns: int) -> list[ArrivedPacket]:
        """Give up what has been waited for long enough; return those that waited for it."""
        ready: list[ArrivedPacket] = []
        while self.held and (len(self.held) > MAX_HELD or self._is_overdue(now_host_ns)):
            self._jump()
            if self._is_unconfirmed:
                break
            ready += self._take_following()
        return ready

    @property
    def due_host_ns(self) -> int | None:
        """When `release` will have something to do; None if nothing is held."""
        return self._oldest_due_ns if self.held and not self._is_unconfirmed else None

    @property
    def _oldest_due_ns(self) -> int:
        return next(iter(self.held.values()))[0].arrived_host_ns + HOLD_NS

    def _is_overdue(self, now_host_ns: int) -> bool:
        return not self.has_one_in_hand and now_host_ns >= self._oldest_due_ns

    def _hold(self, number: int, arrived: ArrivedPacket) -> None:
        assert self._next is not None
        if number in self.held:
            self.repeated += 1
            return
        self.received += 1
        self.held[number] = (arrived, self._next)

    def _take_following(self) -> list[ArrivedPacket]:
        assert self._next is not None
        following = []
        while self._next in self.held:
            following.append(self.held.pop(self._next)[0])
            self._next += 1
        return following

    def _jump(self) -> None:
        """Go on with the first that is held, unless that cannot be trusted (yet)."""
        assert self._next is not None
        first = min(self.held)
        if first - self._next > MAX_UNCONFIRMED_JUMP and not self._is_confirmed(first):
            self._doubt(first)
            return
        self._given_up.extend(range(max(self._next, first - MAX_BEHIND), first))
        self.lost += first - self._next
        self._next = first

    def _doubt(self, number: int) -> None:
        """Drop a number if others came instead; if nothing came, wait for what confirms it."""
        _, due_then = self.held[number]
        came_instead = due_then != self._next or any(map(self._is_confirmed, self.held))
        self._is_unconfirmed = not came_instead
        if not self._is_unconfirmed:
            del self.held[number]
            self.received -= 1
            self.strays += 1

    def _is_confirmed(self, first: int) -> bool:
        return any(0 < number - first <= MAX_UNCONFIRMED_JUMP for number in self.held)

    def _note_past(self, number: int) -> None:
        if number in self._given_up:
            self._given_up.remove(number)
            self.late += 1
        else:
            self.repeated += 1

    def _refuse_stray(self, sequence_number: int, ahead: int) -> None:
        """One number far off would make all that follow look late."""
        if -MAX_BEHIND <= ahead <= MAX_AHEAD:
            return
        if sequence_number == self._after_stray:
            raise NeonConnectionError("the phone numbers the packets of the stream anew")
        self._after_stray = (sequence_number + 1) % 0x10000
        raise ProtocolError(f"RTP packet {sequence_number} is far from the others")
