"""Getting hold of the glasses in an experiment, once for all that use them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from psychopy_neon.runtime.hub_tracker import NeonTracker as NeonTracker
from psychopy_neon.runtime.link import HubLink

AtExit = list[Callable[[], Any]]


def connect(tracker: Any, at_exit: AtExit | None = None) -> NeonTracker:
    """Get hold of the glasses; every call with the same `tracker` gives the same object.

    The first call waits until the phone has answered, at most 15 s, and arranges for tidying up
    when the experiment or ioHub ends: a recording is stopped, and the log says how many events
    the phone confirmed.

    Parameters
    ----------
    tracker : ioHubDeviceView
        The eye tracker as ioHub offers it, e.g. ``io.devices.tracker``.
    at_exit : list of callable, optional
        Functions to be run at the experiment's end (`runAtExit` in Builder's scripts).

    Returns
    -------
    NeonTracker
        The connection that all objects of an experiment share.

    Raises
    ------
    UsageError
        There is no tracker, or another one is chosen.
    NeonConnectionError
        No phone answers and the settings say to stop then, or the device did not start.
    """
    if isinstance(tracker, NeonTracker):
        return tracker
    known: NeonTracker | None = None if tracker is None else vars(tracker).get("neon_tracker")
    if known is None or known.closed:
        known = _open(tracker)
        tracker.neon_tracker = known
    if at_exit is not None and known.close not in at_exit:
        at_exit.append(known.close)
    return known


def _open(view: Any) -> NeonTracker:
    link = HubLink(view)
    tracker = NeonTracker(link)
    tracker.wait_until_connected()
    _run_around_shutdown(link.hub, view, tracker)
    return tracker


def _run_around_shutdown(hub: Any, view: Any, tracker: NeonTracker) -> None:
    """Tidy up before ioHub ends, and judge the run when it has.

    An ioHub may serve several experiments, one after the other, as PsychoPy's Session does: the
    last one judges them together.
    """
    known: dict[int, NeonTracker] | None = vars(hub).get("neon_trackers")
    if known is not None:
        known[id(view)] = tracker
        return
    trackers = {id(view): tracker}
    hub.neon_trackers = trackers
    # core.quit() and ioHub's own atexit function both end in hub.shutdown(); after it no call
    # can be answered, so an atexit function of ours would come too late in Coder scripts.
    shut_down = hub.shutdown

    def tidy_up_and_shut_down() -> None:
        for each in trackers.values():
            each.close()
        shut_down()
        for each in trackers.values():
            each.timing.certify()

    hub.shutdown = tidy_up_and_shut_down
