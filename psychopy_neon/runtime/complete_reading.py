"""``getEvents()`` that returns everything in one call, and always returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from psychopy import logging

FULL_REPLY = 25  # as `psychopy_neon.iohub.reading` says
MOST_REPLIES = 2_000  # 8 types of event, 4096 of each at most
LOST = (
    "psychopy_neon: the answer to getEvents() of ioHub did not arrive, and its events are lost to "
    "this script; the data file has them. Call it in every frame, or ask the eye tracker, whose "
    "own getEvents() loses none"
)


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
    """Have ``hub.getEvents()`` return no events while its answer does not arrive, and say so.

    PsychoPy's own raises a TypeError about None then. Either ioHub hangs, or the answer was too
    long: it holds the events of all devices since the last call, 2048 at most, sent at once.

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
            logging.error(LOST)
            return []

    hub.getEvents = get_events


def read_keys_in_time(hub: Any) -> None:
    """Have ioHub's keyboard know of no keys while ioHub does not answer.

    PsychoPy's own raises then, and Builder's scripts ask it in every frame: an ioHub that gets no
    time would end the experiment. That it hangs is in the log (see `hub_replies`).

    Parameters
    ----------
    hub : psychopy.iohub.client.ioHubConnection
    """
    keyboard = getattr(getattr(hub, "devices", None), "keyboard", None)
    if keyboard is None or "getCurrentDeviceState" in vars(keyboard):
        return  # there is none, or it was done before
    ask: Callable[..., Any] = keyboard.getCurrentDeviceState

    def state(*args: Any, **kwargs: Any) -> Any:
        reply = ask(*args, **kwargs)
        return reply if reply is not None else {"events": {}, "pressed_keys": {}}

    keyboard.getCurrentDeviceState = state


def _is_a_look(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether the events stay unread, so that the next reply would be the same one."""
    return not kwargs.get("clearEvents", args[1] if len(args) > 1 else True)
