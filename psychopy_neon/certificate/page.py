"""The certificate as one page of HTML that needs nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

from psychopy_neon.certificate.checks import Check
from psychopy_neon.certificate.clock_facts import MAX_DRIFT_PPM, MAX_WANDER_PPM_PER_S
from psychopy_neon.certificate.correction_facts import CorrectionFacts
from psychopy_neon.certificate.figures import figures
from psychopy_neon.certificate.quantities import count, duration, ms, rounded_up, with_bound
from psychopy_neon.certificate.record import Certificate, SegmentFacts
from psychopy_neon.certificate.style import STYLE

MOST_SEGMENTS = 8

MEANING = """
The bound is the greatest possible error, not a standard deviation. The phone tells its time in
whole milliseconds; each answer rules out every relation of the two clocks that would put the
reading outside of the time between question and answer, however unequally the two ways were
delayed. The bound covers all relations that are left, and while it is open whether the phone's
clock has stepped, both sides of the step. It holds as long as the phone cuts its time down to whole
milliseconds and the clocks keep to the limits of rate that are named below. An event's time is the
moment that the experiment's software stamped, as a rule a flip of the screen: the lag of the screen
itself, and of the camera in the glasses, comes on top.
"""

ASSUMED = (
    f"Assumed: the rates of the clocks differ by at most {MAX_DRIFT_PPM:g} ppm, and that changes "
    f"by at most {MAX_WANDER_PPM_PER_S:g} ppm per second."
)

CORRECTED = """
Gaze on the window was corrected in the scene camera's angles, each time until the next line. The
times above do not depend on it. Raw gaze, and gaze on the window without the correction, are in the
data as well.
"""

KEY = """
Clock model: from all answers of the run, also those after an instant. Grey: the phone did not
answer. Dotted: its clock stepped. Events, with their bound as sent: dot confirmed, cross not
confirmed, triangle at about a step, or further off than was told when it was sent (at the upper
edge if beyond it).
Long series are thinned; of neighbours the least and the greatest are shown.
"""


def to_html(certificate: Certificate) -> str:
    """Give out a certificate as a page for people: for a browser, or printed on A4.

    Parameters
    ----------
    certificate : Certificate

    Returns
    -------
    str
        A whole HTML document with its plots; it asks for nothing from elsewhere.
    """
    body = [
        *_head(certificate),
        _section("Limits and what was measured", _checks(certificate.checks)),
        _section("What the bound means", f"<p>{' '.join(MEANING.split())}</p>"),
        _section("The phone's clock", _clock(certificate)),
        *_corrections(certificate.corrections),
        _section("Devices and versions", _setup(certificate)),
        _section("Course of the run", _plots(certificate), style="course"),
    ]
    return _DOCUMENT.format(style=STYLE, body="\n".join(body))


_DOCUMENT = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Timing certificate</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def _head(certificate: Certificate) -> list[str]:
    word, style = ("PASS", "pass") if certificate.passed else ("FAIL", "fail")
    origin = " and ".join(certificate.files) or "the ledger of the run"
    notes = "".join(f"<li>{escape(note)}</li>" for note in certificate.notes)
    return [
        "<h1>Timing certificate</h1>",
        f'<p class="origin">Computed from {escape(origin)}</p>',
        f'<div class="verdict {style}"><strong>{word}</strong>'
        f"<span>{escape(certificate.verdict)}</span></div>",
        f"<ul>{notes}</ul>" if notes else "",
    ]


def _checks(checks: Iterable[Check]) -> str:
    rows = [
        [escape(check.title), escape(check.measured), escape(check.limit), _result(check)]
        for check in checks
    ]
    return _table(rows, ["", "Measured", "Limit", "Result"])


def _result(check: Check) -> str:
    word, style = {True: ("pass", "yes"), False: ("fail", "no"), None: ("–", "open")}[check.passed]
    return f'<span class="result {style}">{word}</span>'


def _clock(certificate: Certificate) -> str:
    if not certificate.segments:
        return "<p>The phone's clock was not read.</p>"
    shown = certificate.segments[:MOST_SEGMENTS]
    heads = ["From", "Until", "Ahead of the computer's clock", "Drift", "Bound"]
    table = _table([_segment(segment) for segment in shown], heads)
    more = len(certificate.segments) - len(shown)
    rest = f"<p>{count(more, 'more segment')}: see the JSON file.</p>" if more else ""
    return f"<p>{_answers(certificate)} {ASSUMED}</p>{table}{rest}"


def _segment(segment: SegmentFacts) -> list[str]:
    return [
        duration(segment.from_s),
        duration(segment.until_s),
        "unknown" if segment.ahead_s is None else f"{segment.ahead_s:+.3f} s".replace("-", "−"),
        f"{with_bound(segment.drift_ppm, segment.drift_bound_ppm)} ppm",
        f"{rounded_up(segment.least_bound_ms)} to {ms(segment.greatest_bound_ms)}",
    ]


def _corrections(corrections: Sequence[CorrectionFacts]) -> list[str]:
    if not corrections:
        return []
    shown = corrections[-MOST_SEGMENTS:]
    heads = ["From", "Version", "To the right", "Up", "Targets", "Expected error"]
    more = len(corrections) - len(shown)
    rest = f"<p>{count(more, 'earlier one')}: see the JSON file.</p>" if more else ""
    table = _table([_correction(each) for each in shown], heads)
    return [_section("Correction of gaze", f"<p>{' '.join(CORRECTED.split())}</p>{table}{rest}")]


def _correction(each: CorrectionFacts) -> list[str]:
    if not each.version:
        return [duration(each.from_s), "none", "", "", "", ""]
    error = each.expected_error_deg
    return [
        duration(each.from_s),
        str(each.version),
        *(_degrees(way, "+.2f") for way in (each.offset_right_deg, each.offset_up_deg)),
        str(each.points),
        "unknown" if math.isnan(error) else _degrees(error, ".2f"),
    ]


def _degrees(value: float, form: str) -> str:
    return f"{value:{form}}°".replace("-", "−")


def _answers(certificate: Certificate) -> str:
    link = certificate.link
    if link.round_trips_ms is None:
        return "The ledger holds the clock model, but none of the answers it rests on."
    trips = link.round_trips_ms
    return (
        f"{count(link.answers, 'answer')}, of which {link.agreeing} agree with the clock model; "
        f"round trip {ms(trips.least)} at least, {ms(trips.median)} in the median, "
        f"{ms(trips.p95)} at the 95th percentile."
    )


def _plots(certificate: Certificate) -> str:
    plots = "\n".join(figures(certificate))
    facts = _flips(certificate)
    return (
        f'<p>{facts}</p><div class="plots">{plots}</div><p class="key">{" ".join(KEY.split())}</p>'
    )


def _flips(certificate: Certificate) -> str:
    frames = certificate.frames
    if frames is None:
        return "Flips were not logged."
    text = f"{count(frames.flips, 'flip')}, refresh interval {frames.refresh_ms:.2f} ms"
    text += f"; {frames.late} late, refreshes missed: {frames.refreshes_missed}"
    if frames.valid_share is not None:
        which = "" if frames.with_gaze == frames.flips else f"{frames.with_gaze} drawn with gaze, "
        text += f"; {which}{frames.valid_share * 100:.1f} % drawn with valid gaze"
    return f"{text}."


def _setup(certificate: Certificate) -> str:
    rows = [[escape(name), escape(value)] for name, value in certificate.setup.items()]
    rows += [
        [f"SHA-256 of {escape(name)}", f'<span class="code">{escape(digest)}</span>']
        for name, digest in certificate.files.items()
    ]
    return _table(rows) if rows else "<p>The ledger does not say.</p>"


def _section(title: str, content: str, style: str = "") -> str:
    return f'<section class="{style}"><h2>{escape(title)}</h2>\n{content}</section>'


def _table(rows: Sequence[Sequence[str]], heads: Sequence[str] = ()) -> str:
    """Cells are HTML already; the first of a row names it."""
    head = "".join(f'<th scope="col">{cell}</th>' for cell in heads)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>{"".join(f"<td>{cell}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    return (
        f"<table>{f'<thead><tr>{head}</tr></thead>' if head else ''}<tbody>{body}</tbody></table>"
    )
