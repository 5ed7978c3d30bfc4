"""Problems that the ioHub process saw, in PsychoPy's log."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from psychopy_neon.transport.notice_file import Notice

DEADLINE_S = 5.0


def _wait(condition: Callable[[], object]) -> None:
    deadline_s = time.perf_counter() + DEADLINE_S
    while not condition():
        assert time.perf_counter() < deadline_s
        time.sleep(0.01)


def test_a_notice_is_in_the_log_soon(runtime: Any, view: Any, log: Any) -> None:
    runtime.connect(view)
    view.notices.write(Notice("error", "the phone is lost"))
    _wait(lambda: "ERROR \tpsychopy_neon: the phone is lost" in log)


def test_what_is_told_last_is_logged_at_the_end(runtime: Any, view: Any, log: Any) -> None:
    tracker = runtime.connect(view)
    view.notices.write(Notice("warning", "the glasses are not worn"))
    tracker.close()
    assert "WARNING \tpsychopy_neon: the glasses are not worn" in log


def test_problems_of_before_are_logged_only_if_they_are_not_over(
    runtime: Any, view: Any, log: Any
) -> None:
    view.notices.write(Notice("warning", "over"))
    view.notices.write(Notice("warning", "still so"))
    view.chosen["problems"] = ["still so"]
    runtime.connect(view).close()
    assert "psychopy_neon: still so" in log
    assert "psychopy_neon: over" not in log
