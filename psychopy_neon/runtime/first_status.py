"""What the first answers of the device must say before an experiment begins."""

from __future__ import annotations

import os
from typing import Any

from psychopy import logging

from psychopy_neon.exceptions import NeonConnectionError
from psychopy_neon.runtime.link import WHERE, HubLink


def require_own_hub(link: HubLink) -> None:
    """Two ioHubs on one port: one of them answers both experiments.

    Raises
    ------
    NeonConnectionError
        It is not ours that answers. Ours is ended, and the other one is left alone.
    """
    owner = int(link.call("neon_status", dict).get("experiment_pid") or 0)
    if owner not in (0, os.getpid()):
        link.abandon()
        raise NeonConnectionError(
            f"the ioHub of another experiment answers (process {owner}): two of them run on this "
            "computer and share a port. End the other one, or give launchHubServer another "
            "udp_port"
        )


def require_phone(status: dict[str, Any], timeout_s: float) -> None:
    """Go on if the phone answered, or if the settings say so.

    Raises
    ------
    NeonConnectionError
        It did not, and the settings say to stop then.
    """
    if status["state"] in ("connected", "lost"):
        return
    problem = status.get("error") or f"no phone answered within {timeout_s:g} s"
    if status.get("if_missing") != "go on":
        raise NeonConnectionError(
            f"the glasses are not connected: {problem}. To run without them, set "
            f"'If the glasses are missing' to 'go on' in {WHERE}"
        )
    logging.warning(f"psychopy_neon: going on without the glasses: {problem}")
