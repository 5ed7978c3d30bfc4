"""Streams by the official names: started on demand, read through inboxes, stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Literal, TypeVar

from psychopy_neon.client import Neon
from psychopy_neon.simple.errors import UnknownStreamError
from psychopy_neon.simple.inbox import Inbox, MatchedInbox, SoundInbox

# Official name of a stream -> attribute of `Neon`.
ATTRIBUTES = {
    "gaze": "gaze",
    "world": "scene",
    "eyes": "eyes",
    "imu": "imu",
    "eye_events": "eye_events",
    "audio": "audio",
}
# Left out, an eye event or a piece of sound is missed; of the others the newest is wanted.
READ_EVERY = ("eye_events", "audio")
Match = Literal["gaze", "eyes and gaze", "audio"]
Box = TypeVar("Box", bound=Inbox[Any] | MatchedInbox | SoundInbox)


class Receiving:
    """The streams of one device, and who has received what; safe from any thread."""

    def __init__(self, neon: Neon) -> None:
        self._neon = neon
        self._lock = threading.Lock()
        self._inboxes: dict[str, Inbox[Any] | MatchedInbox | SoundInbox] = {}

    @property
    def is_streaming(self) -> bool:
        """Whether any stream was started and not stopped since."""
        return bool(self._inboxes)

    def start(self, name: str | None) -> None:
        """Start one stream, or all."""
        for each in _names(name):
            self.inbox(each)

    def stop(self, name: str | None) -> None:
        """Stop one stream, or all; what was not received is forgotten."""
        for each in _names(name):
            stream = getattr(self._neon, ATTRIBUTES[each])
            with self._lock:
                kept = {k: box for k, box in self._inboxes.items() if stream not in box.streams}
                self._inboxes = kept
            self._neon.stop_stream(ATTRIBUTES[each])

    def forget(self) -> None:
        """Hand out nothing more of what has arrived; for a device that was closed."""
        with self._lock:
            self._inboxes = {}

    def inbox(self, name: str) -> Inbox[Any]:
        """The inbox of a stream; starts the stream."""
        (name,) = _names(name)
        stream = getattr(self._neon, ATTRIBUTES[name])
        return self._kept(name, lambda: Inbox(stream, every=name in READ_EVERY))

    def matched(self, *partners: str) -> MatchedInbox:
        """The inbox of scene pictures with their partners; starts all of them."""
        names = ("world", *partners)
        self._start_all(names)
        streams = [getattr(self._neon, ATTRIBUTES[name]) for name in names]
        return self._kept("+".join(names), lambda: MatchedInbox(*streams))

    def with_sound(self) -> SoundInbox:
        """The inbox of scene pictures with their sound; starts both, and gaze."""
        names = ("world", "audio", "gaze")
        self._start_all(names)
        scene, audio, gaze = (getattr(self._neon, ATTRIBUTES[name]) for name in names)
        return self._kept("+".join(names), lambda: SoundInbox(scene, audio, gaze))

    def _start_all(self, names: tuple[str, ...]) -> None:
        for name in names:
            self.inbox(name)

    def _kept(self, key: str, make: Callable[[], Box]) -> Box:
        with self._lock:
            if key not in self._inboxes:
                self._inboxes[key] = make()
            return self._inboxes[key]  # type: ignore[return-value]


def _names(name: str | None) -> tuple[str, ...]:
    if name is None:
        return tuple(ATTRIBUTES)
    if name not in ATTRIBUTES:
        raise UnknownStreamError(f"there is no stream {name!r}; expected {', '.join(ATTRIBUTES)}")
    return (name,)
