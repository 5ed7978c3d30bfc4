"""The newest gaze on each surface, as the ioHub process shows it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from psychopy_neon.exceptions import NeonConnectionError
from psychopy_neon.samples import LookedAt, ScreenGaze
from psychopy_neon.screen.looked_at import choose
from psychopy_neon.screen.surface_names import WINDOW
from psychopy_neon.transport.gaze_board import NO_GAZE, GazeBoard


class SurfaceBoards:
    """Opens a board once for each surface, and reads it without waiting for anybody.

    Parameters
    ----------
    call : callable
        As `HubLink.call`.
    """

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call
        self._boards: dict[str, GazeBoard] = {}

    def open(self, name: str) -> bool:
        """Open that of a surface, unless it is open; False if ioHub has none of that name.

        Raises
        ------
        NeonConnectionError
            ioHub does not answer, or the board cannot be read.
        """
        if name in self._boards:
            return True
        named = () if name == WINDOW else (name,)
        where = self._call("neon_gaze_board", dict, *named)
        if not where:
            return False
        try:
            self._boards[name] = GazeBoard(where["path"], where["max_age_s"])
        except OSError as error:
            raise NeonConnectionError(
                f"gaze cannot be read from {where['path']}: {error.strerror}. Both processes "
                "of the experiment need the same temporary folder"
            ) from error
        return True

    def read(self, name: str) -> ScreenGaze:
        """Newest gaze on that surface."""
        board = self._boards.get(name)
        return NO_GAZE if board is None else board.read()

    def looked_at(self, names: Collection[str]) -> LookedAt:
        """Which of these surfaces the newest gaze rests on."""
        boards = {name: self._boards[name] for name in names if name in self._boards}
        placed = {name: board.read_placed() for name, board in boards.items()}
        gazes = {name: gaze for name, (gaze, _) in placed.items()}
        return choose(gazes, lambda name: placed[name][1])

    def close(self) -> None:
        """Let go of all; harmless if repeated."""
        boards, self._boards = self._boards, {}
        for board in boards.values():
            board.close()
