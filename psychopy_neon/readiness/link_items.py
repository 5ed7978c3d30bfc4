"""Clock, network and streams, judged."""

from __future__ import annotations

from psychopy_neon.readiness.facts import Facts
from psychopy_neon.readiness.items import Item
from psychopy_neon.readiness.requirements import Requirements

SLOW_TIMES = 4.0  # a network whose slow answers take that many limits holds up gaze now and then
MOST_LOST_SHARE = 0.01
PROBLEMS_SHOWN = 2
OWN_NETWORK = "use a cable, or a Wi-Fi of your own"


def clock(facts: Facts, needs: Requirements) -> Item:
    """How well the phone's clock is known."""
    title, bound_ms = "Clock", facts.clock_bound_ms
    if bound_ms is None:
        return Item("clock", title, "waiting", "", "The phone's clock has not been read yet.")
    value = f"known to {_ms(bound_ms)}"
    if bound_ms > needs.clock_ms:
        sentence = (
            f"Events would be too uncertain, {needs.clock_ms:g} ms are wanted: {OWN_NETWORK}."
        )
        return Item("clock", title, "bad", value, sentence)
    if facts.clock_steps:
        sentence = (
            f"The phone's clock was set {_times(facts.clock_steps)}: turn off its automatic time."
        )
        return Item("clock", title, "warning", value, sentence)
    return Item("clock", title, "good", value)


def network(facts: Facts, needs: Requirements) -> Item:
    """How long the phone's answers take."""
    title, trip_ms = "Network", facts.round_trip_ms
    if trip_ms is None:
        return Item("network", title, "waiting", "", "The phone's answers are not timed yet.")
    slow_ms = facts.slow_trip_ms if facts.slow_trip_ms is not None else trip_ms
    value = f"{_ms(trip_ms)}, at times {_ms(slow_ms)}"
    if trip_ms > needs.round_trip_ms:
        sentence = f"Too slow, {needs.round_trip_ms:g} ms are wanted: {OWN_NETWORK}."
        return Item("network", title, "bad", value, sentence)
    if slow_ms > SLOW_TIMES * needs.round_trip_ms:
        sentence = f"Gaze will be late now and then: {OWN_NETWORK}."
        return Item("network", title, "warning", value, sentence)
    return Item("network", title, "good", value)


def gaze(facts: Facts, needs: Requirements) -> Item:
    """How much of gaze arrives."""
    title, rate_hz = "Gaze", facts.gaze_hz
    if facts.gaze_error:
        sentence = f"No gaze comes from the phone: {' '.join(facts.gaze_error.split())}"
        return Item("gaze", title, "bad", "", sentence)
    if rate_hz is None:
        return Item("gaze", title, "waiting", "", "Waiting for gaze.")
    value = f"{rate_hz:.0f} per second, {100 * facts.gaze_lost_share:.1f} % lost"
    if rate_hz < needs.gaze_hz:
        sentence = (
            f"Too few, {needs.gaze_hz:g} are wanted: is the phone hot, or busy with other apps?"
        )
        return Item("gaze", title, "bad", value, sentence)
    if facts.gaze_lost_share > MOST_LOST_SHARE:
        return Item("gaze", title, "warning", value, f"The network loses gaze: {OWN_NETWORK}.")
    return Item("gaze", title, "good", value)


def markers(facts: Facts, needs: Requirements) -> Item:
    """How well the scene camera sees the tags."""
    title, seen = "Markers", facts.markers_seen
    if facts.scene_error:
        sentence = f"No picture of the scene camera comes: {' '.join(facts.scene_error.split())}"
        return Item("markers", title, "bad", "", sentence)
    if seen is None:
        return Item("markers", title, "waiting", "", "Waiting for a picture of the scene camera.")
    value = f"{seen} of {facts.markers_expected} seen"
    problems = " ".join(facts.marker_problems[:PROBLEMS_SHOWN])
    if not facts.markers_locate:
        sentence = problems or "Too few are seen: let the wearer look at the screen."
        return Item("markers", title, "bad", value, sentence)
    return Item("markers", title, "warning" if problems else "good", value, problems)


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _ms(milliseconds: float) -> str:
    digits = 2 if milliseconds < 1 else 1 if milliseconds < 10 else 0
    return f"{milliseconds:.{digits}f} ms"
