"""What the phone says of itself and the glasses, judged."""

from __future__ import annotations

from psychopy_neon.readiness.endurance import battery_minutes, storage_minutes
from psychopy_neon.readiness.facts import Facts
from psychopy_neon.readiness.items import Item, State
from psychopy_neon.readiness.requirements import Requirements

LOW_STATES = ("LOW", "CRITICAL")
SPARE = 1.2  # how much a phone uses is known roughly
WORN_SHARE, LOOSE_SHARE = 0.9, 0.5
QUESTIONS_SHOWN = 3


def glasses(facts: Facts, needs: Requirements) -> Item:
    """Whether the right ones are there."""
    state, sentence = _glasses(facts, needs)
    known = facts.module_serial or ("plugged in" if facts.plugged_in else "")
    phone = f"on {facts.phone_name}" if facts.phone_name else ""
    value = " ".join(part for part in (known, phone) if part)
    return Item("glasses", "Glasses", state, value, sentence)


def _glasses(facts: Facts, needs: Requirements) -> tuple[State, str]:
    if facts.link == "connecting":
        return "waiting", "Looking for the phone."
    if facts.link == "failed":
        return "bad", f"No phone: {_end(facts.link_error or 'none answered')}"
    if facts.link == "lost":
        return "bad", f"The phone is lost: look at its Wi-Fi and the app. {_end(facts.link_error)}"
    if not facts.plugged_in:
        return "bad", "No glasses are plugged into the phone: plug them in."
    if needs.serial and facts.module_serial != needs.serial:
        found = facts.module_serial or "without a number"
        return "bad", f"Wrong glasses, {found}: plug in {needs.serial}."
    if facts.simulated:
        return "warning", "Simulated glasses: nobody wears them, and no phone records."
    return "good", ""


def wearer(facts: Facts, needs: Requirements) -> Item:
    """Whether the template names the right one; the phone tells nothing else about it."""
    title, wanted = "Wearer", needs.wearer.strip()
    if facts.template == "unknown":
        return Item("wearer", title, "waiting", wanted, "Asking the phone for its answers.")
    if wanted.casefold() in (answer.strip().casefold() for answer in facts.answers):
        return Item("wearer", title, "good", wanted)
    sentence = (
        f"No answer in the phone's template says {wanted}: see in the app whether the right wearer "
        "is chosen."
    )
    return Item("wearer", title, "warning", "not confirmed", sentence)


def worn(facts: Facts, needs: Requirements) -> Item:
    """Whether somebody wears the glasses."""
    title, share = "Worn", facts.worn_share
    if share is None:
        return Item("worn", title, "waiting", "", "Not known while no gaze comes.")
    if share >= WORN_SHARE:
        return Item("worn", title, "good", "yes")
    if share >= LOOSE_SHARE:
        sentence = "The glasses lose the eyes now and then: push them up, or change the nose pads."
        return Item("worn", title, "warning", f"{100 * share:.0f} % of the time", sentence)
    return Item("worn", title, "bad", "no", "Nobody wears the glasses: put them on.")


def battery(facts: Facts, needs: Requirements) -> Item:
    """Whether the phone's battery lasts."""
    title, percent = "Battery", facts.battery_percent
    if percent is None:
        return Item("battery", title, "waiting", "", "The phone has not told its charge yet.")
    left = battery_minutes(percent, needs.battery_per_minute)
    value = f"{percent} %, about {_duration(left)}"
    if facts.battery_state in LOW_STATES:
        sentence = f"The phone's battery is {_low(facts.battery_state)}: plug it in, and wait."
        return Item("battery", title, "bad", value, sentence)
    return _lasting("battery", title, value, left, needs.minutes, "charge the phone, or plug it in")


def storage(facts: Facts, needs: Requirements) -> Item:
    """Whether there is room for the recording."""
    title, free = "Storage", facts.free_storage_bytes
    if free is None:
        return Item("storage", title, "waiting", "", "The phone has not told its storage yet.")
    left = storage_minutes(free, needs.storage_mb_per_minute)
    value = f"{free / 1e9:.1f} GB free, about {_duration(left)}"
    if facts.storage_state in LOW_STATES:
        sentence = "The phone's storage is nearly full: delete recordings that are uploaded."
        return Item("storage", title, "bad", value, sentence)
    return _lasting("storage", title, value, left, needs.minutes, "delete uploaded recordings")


def _lasting(key: str, title: str, value: str, left: float, needed: float, remedy: str) -> Item:
    wanted = f"{_duration(needed)} are needed"
    if left < needed:
        return Item(key, title, "bad", value, f"Not enough, as {wanted}: {remedy}.")
    if left < SPARE * needed:
        return Item(key, title, "warning", value, f"Just enough, as {wanted}: better {remedy}.")
    return Item(key, title, "good", value)


def template(facts: Facts, needs: Requirements) -> Item:
    """Whether the phone lets a recording begin and end, as far as its questions matter."""
    title, name = "Template", facts.template_name or "without a name"
    if facts.template == "unknown":
        return Item("template", title, "waiting", "", "Asking the phone for its template.")
    if facts.template == "unreadable":
        sentence = f"It cannot be read, so see in the app: {_end(facts.template_error)}"
        return Item("template", title, "warning", "", sentence)
    if facts.template == "incomplete":
        shown = ", ".join(facts.open_questions[:QUESTIONS_SHOWN])
        more = len(facts.open_questions) - QUESTIONS_SHOWN
        others = f" and {more} more" if more > 0 else ""
        sentence = f"Required and not answered: {shown}{others}. Answer it in the app."
        return Item("template", title, "bad", name, sentence)
    return Item("template", title, "good", f"{name}, complete")


def recording(facts: Facts, needs: Requirements) -> Item:
    """Whether the phone has refused to record, or will."""
    title = "Recording"
    if facts.other_recording:
        sentence = "A recording runs already, which is not this experiment's: stop it in the app."
        return Item("recording", title, "bad", "another one", sentence)
    if facts.recording == "failed":
        sentence = f"The phone does not record: {_end(facts.recording_error)}"
        return Item("recording", title, "bad", "refused", sentence)
    value = "not yet" if facts.recording == "idle" else facts.recording
    return Item("recording", title, "good", value)


def _low(state: str) -> str:
    return "nearly empty" if state == "CRITICAL" else "low"


def _duration(minutes: float) -> str:
    if minutes < 100:
        return f"{minutes:.0f} min"
    hours = minutes / 60
    return f"{hours:.1f} h" if hours < 10 else f"{hours:.0f} h" if hours < 100 else "days"


def _end(text: str) -> str:
    """With a full stop, and without line breaks."""
    words = " ".join(text.split())
    return words if not words or words.endswith((".", "!", "?")) else f"{words}."
