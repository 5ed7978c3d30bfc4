"""From an ioHub that runs, or that is started here, to its glasses."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from psychopy_neon.exceptions import UsageError
from psychopy_neon.hub.neon import HubNeon
from psychopy_neon.protocol.address import DEFAULT_PORT, parse_address
from psychopy_neon.runtime.tracker import connect as connect_tracker

KEY = "eyetracker.neon_realtime.EyeTracker"
DEVICE_SETTINGS = ("record_with", "max_gaze_age_s", "max_pose_age_s", "timing_limits")
NOT_HERE = ("phone_id", "sweep")
SIMULATOR = "simulator"


def connect(
    address: str | None = None,
    port: int = DEFAULT_PORT,
    *,
    name: str | None = None,
    serial: str | None = None,
    clock: Callable[[], float] = time.perf_counter,
    journal: str | Path | None = None,
    tracker: Any = None,
    window: Any = None,
    **settings: Any,
) -> HubNeon:
    """Use the glasses through ioHub as `psychopy_neon.Neon.connect` does without it.

    ioHub is started, unless it runs: then its tracker is used, and what belongs to its start
    cannot be given here. Blocks until the phone has answered, at most some 20 s.

    Parameters
    ----------
    address : str, optional
        As for `Neon.connect`; without it, the phone is searched for. "simulator" starts simulated
        glasses.
    port : int
        Of the phone's REST service, if not in the address; has no effect without an address.
    name, serial : str, optional
        Phone's name, serial number of the glasses.
    clock : callable
        The experiment's clock: all times named ``experiment_s`` are on it. In the ledger they are
        raw PsychoPy seconds.
    journal : path-like, optional
        File that records every event before it is sent.
    tracker : ioHubDeviceView, optional
        Of an ioHub that runs, if it has several.
    window : psychopy.visual.Window, optional
        Gaze in ioHub's events is in its units.
    **settings
        For the device: record_with, max_gaze_age_s, max_pose_age_s, timing_limits. All others are
        for ``launchHubServer``, such as ``datastore_name``, without which no data are saved. Of
        `Neon.connect`, phone_id and sweep are refused, and timeout_s has no effect.

    Returns
    -------
    HubNeon
        Close it, best with ``with``.

    Raises
    ------
    UsageError
        If ioHub runs and has no such tracker, or an argument belongs to its start or makes no
        sense.
    NeonConnectionError
        If no phone answers, or the device did not start.
    """
    _refuse(settings)
    given = {"address": _address(address, port), "name": name, "serial": serial}
    given.update(journal=None if journal is None else str(Path(journal).absolute()))
    given.update({key: settings.pop(key, None) for key in DEVICE_SETTINGS})
    given = {key: value for key, value in given.items() if value is not None}
    running = tracker if tracker is not None else _running_tracker()
    if running is not None:
        _require_nothing({**given, **settings})
        return HubNeon(connect_tracker(running), clock, window)
    hub = _launch(given, window, settings)
    try:
        return HubNeon(connect_tracker(hub.devices.tracker), clock, window, hub)
    except BaseException:
        hub.quit()
        raise


def _launch(runtime_settings: dict[str, Any], window: Any, hub_settings: dict[str, Any]) -> Any:
    from psychopy.iohub import launchHubServer

    device = {"name": "tracker", "runtime_settings": runtime_settings}
    if "datastore_name" in hub_settings:
        hub_settings.setdefault("experiment_code", "neon")  # else ioHub saves nothing
    if window is not None:
        hub_settings["window"] = window
    return launchHubServer(**{KEY: device}, **hub_settings)


def _running_tracker() -> Any:
    """The Neon of the ioHub that runs in this program; None if none runs."""
    from psychopy.iohub.client import ioHubConnection

    active = ioHubConnection.getActiveConnection()
    if active is None:
        return None
    views = list(active.devices.getAll())
    ours = [view for view in views if "neon_realtime" in view.getIOHubDeviceClass(full=True)]
    if not ours:
        raise UsageError(
            f"ioHub runs already, without Neon: give launchHubServer the key {KEY!r}, or connect "
            "before it is started"
        )
    return ours[0]


def _address(address: str | None, port: int) -> str | None:
    """With the port, unless it has one; nothing can be told to whoever searches by himself."""
    if not address or address == SIMULATOR or port == DEFAULT_PORT:
        return address
    host, number = parse_address(address, port)
    return f"[{host}]:{number}" if ":" in host else f"{host}:{number}"


def _refuse(settings: dict[str, Any]) -> None:
    for name in NOT_HERE:
        if settings.pop(name, None):
            raise UsageError(f"{name!r} cannot be chosen through ioHub; give address or serial")
    settings.pop("timeout_s", None)


def _require_nothing(given: dict[str, Any]) -> None:
    if given:
        names = ", ".join(sorted(given))
        raise UsageError(
            f"ioHub runs already, and its settings stand: give {names} to launchHubServer, or "
            "connect before ioHub is started"
        )
