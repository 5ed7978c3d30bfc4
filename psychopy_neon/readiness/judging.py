"""Judges everything that a session needs."""

from __future__ import annotations

from dataclasses import replace

from psychopy_neon.readiness.facts import Facts
from psychopy_neon.readiness.items import Item, Readiness
from psychopy_neon.readiness.link_items import clock, gaze, markers, network
from psychopy_neon.readiness.phone_items import (
    battery,
    glasses,
    recording,
    storage,
    template,
    wearer,
    worn,
)
from psychopy_neon.readiness.requirements import Requirements

PATIENCE_S = 10.0
"""How long something may be unknown before that is taken for a fault."""

_ALWAYS = (glasses, worn, battery, storage, template, recording, clock, network, gaze, markers)
KEYS = (
    *("glasses", "wearer", "worn", "battery", "storage", "template", "recording"),
    *("clock", "network", "gaze", "markers"),
)
"""Keys of all items, in their order."""


def judge(
    facts: Facts, needs: Requirements, waited_s: float, *, piloting: bool = False
) -> Readiness:
    """Compare what is known with what a session needs.

    Parameters
    ----------
    facts : Facts
    needs : Requirements
    waited_s : float
        How long these facts have been asked for, seconds: what is still not known after
        ten is bad.
    piloting : bool
        Whether this is a pilot run, for which simulated glasses are good.

    Returns
    -------
    Readiness
        One item for each of ``KEYS``; "wearer" only if one is wanted.
    """
    items = [check(facts, needs) for check in _ALWAYS]
    if needs.wearer:
        items.insert(1, wearer(facts, needs))
    if facts.link != "connected":
        items[1:] = [_unknown(item) for item in items[1:]]
    elif waited_s >= PATIENCE_S:
        items = [_impatient(item) for item in items]
    if piloting and facts.simulated:
        items[0] = _allowed(items[0])
    return Readiness(tuple(items))


def _unknown(item: Item) -> Item:
    """Without the phone only old values are known."""
    return Item(item.key, item.title, "waiting", "needs the phone")


def _impatient(item: Item) -> Item:
    return replace(item, state="bad") if item.state == "waiting" else item


def _allowed(item: Item) -> Item:
    return replace(item, state="good") if item.state == "warning" else item
