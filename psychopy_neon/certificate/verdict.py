"""The result in plain words."""

from __future__ import annotations

from collections.abc import Sequence

from psychopy_neon.certificate.checks import Check
from psychopy_neon.certificate.display_facts import DisplayFacts, display_notes, lag_text
from psychopy_neon.certificate.event_facts import EventFacts
from psychopy_neon.certificate.link_facts import LinkFacts, SilenceFacts
from psychopy_neon.certificate.quantities import count, duration, ms, rounded_up
from psychopy_neon.certificate.record import StepFacts

MOST_SENTENCES = 3  # of one kind: the JSON has all


def verdict(
    events: EventFacts,
    checks: Sequence[Check],
    sessions: int,
    display: DisplayFacts | None = None,
) -> str:
    """One sentence about events and their times, and one about what failed besides."""
    if not sessions:
        return "Nothing to certify: the ledger holds no session."
    first = "; ".join(part for part in (_delivery(events), _timing(events)) if part)
    titles = [_lower_first(check.title) for check in checks if check.passed is False]
    rest = f" Beyond the limit: {', '.join(titles)}." if titles else ""
    return f"{first}.{_display(display)}{rest}"


def _display(display: DisplayFacts | None) -> str:
    if display is None or not display.is_sound:
        return ""
    return f" The display's lag is {lag_text(display)}, and the clocks agree end to end."


def _lower_first(text: str) -> str:
    return text[0].lower() + text[1:]


def _delivery(events: EventFacts) -> str:
    if not events.total:
        return "No events were sent"
    if events.confirmed < events.total:
        return f"{events.confirmed} of {count(events.total, 'event')} confirmed"
    return (
        "The event was confirmed" if events.total == 1 else f"All {events.total} events confirmed"
    )


def _timing(events: EventFacts) -> str:
    if events.bounds_ms is None:
        return "no event has a proven time" if events.total else ""
    parts = []
    if events.without_bound:
        parts.append(f"{count(events.without_bound, 'event')} without a proven time")
    if events.disturbed:
        worst = ms(events.bounds_ms.most)
        parts.append(f"the time of {count(events.disturbed, 'event')} is only known within {worst}")
    if events.undisturbed_ms is not None:
        whose = "its" if events.total == 1 else "every event's"
        whose = "every other event's" if parts else whose
        parts.append(f"{whose} time is within {ms(events.undisturbed_ms.most)}")
    return "; ".join(parts)


def notes(
    events: EventFacts,
    link: LinkFacts,
    steps: Sequence[StepFacts],
    silences: Sequence[SilenceFacts],
    *,
    contradictions: int,
    closed: bool,
    sessions: int,
    display: DisplayFacts | None = None,
    no_flips: bool = False,
) -> tuple[str, ...]:
    """What a reader has to know besides the verdict; empty after an uneventful run."""
    found = [*_about_the_file(closed, sessions)] if sessions else []
    if no_flips:
        found.append("The frame log is empty: nothing is known of the flips.")
    found += _few([_about_a_step(step) for step in steps], "step")
    found += _few([_about_a_silence(silence) for silence in silences], "silence")
    found += [*_about_events(events), *_about_answers(link, contradictions)]
    return (*found, *display_notes(display, events.total))


def _few(sentences: list[str], noun: str) -> list[str]:
    more = len(sentences) - MOST_SENTENCES
    if more <= 0:
        return sentences
    return [*sentences[:MOST_SENTENCES], f"{count(more, f'more {noun}')}: see the JSON file."]


def _about_the_file(closed: bool, sessions: int) -> list[str]:
    found = []
    if sessions > 1:
        found.append(f"The ledger holds {sessions} sessions, shown one after the other.")
    if not closed:
        found.append(
            "The ledger ends without its closing line: the experiment was cut off. What it "
            "holds is certified; events without an answer count as not confirmed."
        )
    return found


def _about_a_step(step: StepFacts) -> str:
    size = f"{step.size_ms:+.1f}".replace("-", "−")
    return (
        f"The phone's clock stepped by {size} ms (± {rounded_up(step.bound_ms)} ms) at "
        f"{duration(step.until_s)}, in the {duration(step.until_s - step.from_s)} between two "
        "answers; the bound of events of that moment covers both sides of the step."
    )


def _about_a_silence(silence: SilenceFacts) -> str:
    return (
        f"The phone did not answer for {duration(silence.duration_s)}, from "
        f"{duration(silence.from_s)} on; the bound grew meanwhile."
    )


def _about_events(events: EventFacts) -> list[str]:
    found = []
    others = {s: n for s, n in events.states.items() if s != "confirmed"}
    if others:
        words = ", ".join(f"{number} {state}" for state, number in sorted(others.items()))
        found.append(f"Events that were not confirmed: {words}.")
    if events.resent:
        found.append(
            f"{count(events.resent, 'event')} had to be sent more than once; each kept the time "
            "at which it happened."
        )
    if events.widened:
        found.append(
            f"{count(events.widened, 'event')} may be further off than was told when it was sent; "
            "the certificate counts the greater error."
        )
    if events.perhaps_twice:
        found.append(
            f"{count(events.perhaps_twice, 'event')} may be in the recording twice, with the same "
            "time, because an answer of the phone was lost."
        )
    return found


def _about_answers(link: LinkFacts, contradictions: int) -> list[str]:
    found = []
    if link.answers > link.agreeing:
        apart = count(link.answers - link.agreeing, "answer")
        found.append(f"{apart} of {link.answers} cannot be true if the clock model is.")
    if contradictions:
        found.append(
            f"The clocks did not keep to the limits of rate, in {count(contradictions, 'place')}: "
            "the bound is no guarantee there."
        )
    return found
