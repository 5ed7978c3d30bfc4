"""Judgements of the tags that a person can read while they come twice a second."""

from __future__ import annotations

from psychopy_neon.screen.placement import Placement


class SteadyPlacement:
    """Passes judgements on; one that differs from the one shown only when it comes twice.

    A tag near a limit is good in one picture and not in the next, and sentences that alternate
    cannot be read.

    Attributes
    ----------
    shown : Placement or None
        What holds; None before the first judgement.
    """

    def __init__(self) -> None:
        self.shown: Placement | None = None
        self._latest: Placement | None = None

    def take(self, placement: Placement) -> None:
        """Take in the newest judgement; harmless if repeated with the same one."""
        if placement is self._latest:
            return
        if self.shown is None or _states(placement) in (
            _states(self.shown),
            _states(self._latest),
        ):
            self.shown = placement
        self._latest = placement


def _states(placement: Placement | None) -> dict[int, str]:
    return {} if placement is None else {tag.tag_id: tag.state for tag in placement.tags}
