"""Looks out for problems, and tells each one when it begins and when it is over."""

from __future__ import annotations

from collections.abc import Callable

from psychopy_neon.iohub.problems import Facts, problems
from psychopy_neon.transport.notice_file import Notice

LOOK_EVERY_S = 0.5


class Lookout:
    """Give it the facts twice a second.

    Parameters
    ----------
    tell : callable
        Takes each notice.
    """

    def __init__(self, tell: Callable[[Notice], None]) -> None:
        self._tell = tell
        self._before = Facts()
        self._since_s: dict[str, float] = {}
        self._told: dict[str, str] = {}
        self._due_s = 0.0

    @property
    def present(self) -> list[str]:
        """The problems that were told and are not over."""
        return list(self._told.values())

    def is_due(self, now_s: float) -> bool:
        """Whether it is time to look again; at most twice a second."""
        return now_s >= self._due_s

    def look(self, facts: Facts, now_s: float) -> None:
        """Tell what has begun or ended.

        Parameters
        ----------
        facts : Facts
        now_s : float
            Of a clock that nobody sets.
        """
        self._due_s = now_s + LOOK_EVERY_S
        for name, problem in problems(facts, self._before).items():
            if problem.holds:
                since_s = self._since_s.setdefault(name, now_s)
                if name not in self._told and now_s - since_s >= problem.after_s:
                    self._told[name] = problem.text
                    self._tell(Notice(problem.level, problem.text))
            elif problem.holds is not None:
                self._since_s.pop(name, None)
                if self._told.pop(name, "") and problem.over:
                    self._tell(Notice("warning", problem.over))
        self._before = facts
