"""Where a check gets its facts and pictures from: this process, or ioHub's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from psychopy_neon.readiness import Facts
from psychopy_neon.runtime.tracker import NeonTracker, connect
from psychopy_neon.transport.picture_board import PictureBoard, Preview

if TYPE_CHECKING:
    from psychopy_neon.client.neon import Neon
    from psychopy_neon.client.screen_tracker import ScreenTracker

JOIN_S = 1.0
NO_ANSWER = Facts(link="failed", link_error="ioHub does not answer; its messages say why")


class CheckSource(Protocol):
    """Glasses that can be checked."""

    def begin(self, markers: Any) -> None:
        """Find these markers, and begin to gather facts."""

    def facts(self) -> Facts:
        """What is known now."""

    def preview(self) -> Preview | None:
        """A scene picture that was not returned yet, if there is one."""

    def again(self) -> None:
        """Forget what was found."""

    def note(self, outcome: dict[str, Any]) -> None:
        """Keep the outcome in the journal."""

    def end(self) -> None:
        """Gather nothing any more."""


def check_source(glasses: Any, screen: ScreenTracker | None) -> CheckSource:
    """The source for a `Neon`, or for the tracker of ioHub (see `connect`)."""
    if hasattr(glasses, "clock_map") and not hasattr(glasses, "neon_tracker"):
        return OwnCheck(glasses, screen)
    return HubCheck(connect(glasses))


class HubCheck:
    """Glasses of the ioHub process.

    Parameters
    ----------
    tracker : NeonTracker
    """

    def __init__(self, tracker: NeonTracker) -> None:
        self._tracker = tracker
        self._board: PictureBoard | None = None
        self._shown = 0

    def begin(self, markers: Any) -> None:
        """As `CheckSource`."""
        self._tracker.set_surface(markers.surface(), owner=markers)
        where = self._tracker.ask("neon_check_begin", dict) or {}
        if where.get("path"):
            self._board = PictureBoard(where["path"])

    def facts(self) -> Facts:
        """As `CheckSource`; takes a round trip, below 1 ms."""
        message = self._tracker.ask("neon_check_facts", dict)
        return Facts.from_message(message) if message else NO_ANSWER

    def preview(self) -> Preview | None:
        """As `CheckSource`."""
        found = None if self._board is None else self._board.read(self._shown)
        if found is not None:
            self._shown = found.number
        return found

    def again(self) -> None:
        """As `CheckSource`."""
        self._tracker.ask("neon_check_again", bool)

    def note(self, outcome: dict[str, Any]) -> None:
        """As `CheckSource`."""
        self._tracker.ask("neon_note_check", bool, outcome)

    def end(self) -> None:
        """As `CheckSource`."""
        if self._board is not None:
            self._board.close()  # before the file is deleted, which Windows would not do
            self._board = None
        self._tracker.ask("neon_check_end", bool)


class OwnCheck:
    """Glasses that are connected in this process.

    Parameters
    ----------
    neon : Neon
    screen : ScreenTracker or None
        That tracks the window; without it, one is made.
    """

    def __init__(self, neon: Neon, screen: ScreenTracker | None) -> None:
        self._neon = neon
        self._screen = screen
        self._made: ScreenTracker | None = None
        self._watch: Any = None
        self._newest: Preview | None = None
        self._shown = 0

    def begin(self, markers: Any) -> None:
        """As `CheckSource`; may wait 5 s for the calibration."""
        # Imported here, as those who use ioHub need neither sockets nor decoders in this process.
        from psychopy_neon.client.readiness_watch import ReadinessWatch

        if self._screen is None:
            self._screen = self._made = self._neon.track_screen(markers.markers)
        self._watch = ReadinessWatch(self._neon, self._screen, self._take)
        self._watch.start()

    def facts(self) -> Facts:
        """As `CheckSource`."""
        found: Facts = self._watch.facts()
        return found

    def preview(self) -> Preview | None:
        """As `CheckSource`."""
        found = self._newest
        if found is None or found.number == self._shown:
            return None
        self._shown = found.number
        return found

    def again(self) -> None:
        """As `CheckSource`."""
        self._watch.again()

    def note(self, outcome: dict[str, Any]) -> None:
        """As `CheckSource`."""
        self._neon.note_check(outcome)

    def end(self) -> None:
        """As `CheckSource`."""
        if self._watch is not None:
            self._watch.stop()
            self._watch.join(JOIN_S)
        if self._made is not None:
            self._made.stop()

    def _take(self, preview: Preview) -> None:
        self._newest = preview
