"""Waiting at the end of an experiment: with progress shown, and not against anybody's will."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from psychopy import core, logging

POLL_S = 0.05
SAY_EVERY_S = 1.0


def say(line: str) -> None:
    """Log good news, and print it: PsychoPy's console shows nothing less than warnings."""
    logging.exp(line)
    print(line, flush=True)


def wait_until(condition: Callable[[], bool], timeout_s: float) -> None:
    """Wait for `condition`, at most `timeout_s`; serves the window's events meanwhile."""
    deadline = time.perf_counter() + timeout_s
    while not condition() and time.perf_counter() < deadline:
        core.wait(POLL_S, hogCPUperiod=0.0)


def wait_for_rest(left: Callable[[], str], timeout_s: float) -> None:
    """Wait until nothing is left, at most `timeout_s`, saying each second what is.

    Escape or Ctrl-C in a window, or an interrupt of the program, ends the waiting.

    Parameters
    ----------
    left : callable
        Says what is waited for; an empty text when that is nothing.
    timeout_s : float
        Longest wait, seconds.
    """
    try:
        _wait_for_rest(left, timeout_s)
    except KeyboardInterrupt:
        logging.warning(f"psychopy_neon: no longer waiting for {left() or 'anything'}: cut short")


def _wait_for_rest(left: Callable[[], str], timeout_s: float) -> None:
    began_s = time.perf_counter()
    said_s, are_keys_old = began_s, True
    while (what := left()) and (waited_s := time.perf_counter() - began_s) < timeout_s:
        if began_s + waited_s - said_s >= SAY_EVERY_S:
            said_s += SAY_EVERY_S
            say(
                f"psychopy_neon: waiting for {what}, {timeout_s - waited_s:.0f} s at most; "
                "Escape ends it"
            )
        core.wait(POLL_S, hogCPUperiod=0.0)
        if _wants_to_end() and not are_keys_old:
            raise KeyboardInterrupt
        are_keys_old = False  # Escape may be what has ended the experiment


def _wants_to_end() -> bool:
    # It needs a display, so it is loaded where there is a window, and else there are no keys.
    event = sys.modules.get("psychopy.event")
    keys = [] if event is None else event.getKeys(modifiers=True)
    return any(key == "escape" or (key == "c" and held.get("ctrl")) for key, held in keys)
