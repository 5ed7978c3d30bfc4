"""The check before a session, in the ioHub process: facts and pictures of the glasses."""

from __future__ import annotations

from dataclasses import replace

from psychopy_neon.client.readiness_watch import ReadinessWatch
from psychopy_neon.iohub.glasses import Glasses
from psychopy_neon.readiness import Facts
from psychopy_neon.transport.picture_board import PictureBoardWriter

JOIN_S = 0.5


class GlassesCheck:
    """Watches the glasses as soon as there are some; idle while nobody asks for facts.

    Parameters
    ----------
    glasses : Glasses
    """

    def __init__(self, glasses: Glasses) -> None:
        self._glasses = glasses
        self._watch: ReadinessWatch | None = None
        self._board = PictureBoardWriter()
        self.path = str(self._board.path)

    def facts(self) -> Facts:
        """What is known now; never blocks."""
        glasses = self._glasses
        if self._watch is None:
            self._begin()
        if self._watch is None:
            return Facts(link=glasses.state, link_error=glasses.error)
        return replace(self._watch.facts(), link=glasses.state, simulated=glasses.is_simulated)

    def again(self) -> None:
        """Forget what was found, and ask the phone anew; returns at once."""
        if self._watch is not None:
            self._watch.again()

    def end(self) -> None:
        """End it, and soon remove the picture; returns at once."""
        if self._watch is None:
            self._board.close()
        else:
            self._watch.stop()

    def join(self) -> None:
        """Wait until it has ended, a second at most; after `end`."""
        if self._watch is not None:
            self._watch.join(JOIN_S)

    def _begin(self) -> None:
        neon, tracker = self._glasses.neon, self._glasses.window.tracker
        if neon is not None and tracker is not None:
            self._watch = ReadinessWatch(neon, tracker, self._board.write, on_end=self._board.close)
            self._watch.start()
