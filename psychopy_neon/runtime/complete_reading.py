"""``getEvents()`` that returns everything in one call, and always returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

FULL_REPLY = 25  # as `psychopy_neon.iohub.reading` says
MOST_REPLIES = 2_000  # 8 types of event, 4096 of each at most


def read_completely(view: Any) -> None:
    """Have this view ask until all events are there: ioHub loses replies that are long.

    Parameters
    ----------
    view : ioHubDeviceView
        The eye tracker; its ``getEvents`` is replaced.
    """
    if "getEvents" in vars(view) or not hasattr(view, "getEvents"):
        return  # it was done before
    ask: Callable[..., Any] = view.getEvents

    def get_events(*args: Any, **kwargs: Any) -> list[Any]:
        events: list[Any] = []
        for _ in range(MOST_REPLIES):
            reply = ask(*args, **kwargs, neon_more=True)
            if not isinstance(reply, list):  # ioHub does not answer
                break
            events.extend(reply)
            if len(reply) < FULL_REPLY or _is_a_look(args, kwargs):
                break
        return events

    view.getEvents = get_events


def read_in_time(hub: Any) -> None:
    """Have ``hub.getEvents()`` return no events while ioHub does not answer.

    PsychoPy's own raises a TypeError about None then; that ioHub hangs is in the log (see
    `hub_replies`).

    Parameters
    ----------
    hub : psychopy.iohub.client.ioHubConnection
    """
    if "getEvents" in vars(hub) or not hasattr(hub, "getEvents"):
        return  # it was done before
    ask, replies = hub.getEvents, hub.udp_client.receive.__self__

    def get_events(*args: Any, **kwargs: Any) -> Any:
        missing = replies.missing
        try:
            return ask(*args, **kwargs)
        except TypeError:
            if replies.missing == missing:
                raise
            return []

    hub.getEvents = get_events


def _is_a_look(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether the events stay unread, so that the next reply would be the same one."""
    return not kwargs.get("clearEvents", args[1] if len(args) > 1 else True)
