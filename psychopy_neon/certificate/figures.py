"""The six plots of a certificate."""

from __future__ import annotations

import math
from dataclasses import dataclass

from psychopy_neon.certificate.axis import Axis, linear, logarithmic
from psychopy_neon.certificate.chart import Chart, Place
from psychopy_neon.certificate.frames import LATE
from psychopy_neon.certificate.record import Certificate
from psychopy_neon.certificate.series import thinned

BINS = 40
WIDEST_BIN_SHARE = 0.999  # of the gaze ages are within the axis; the last bar holds the rest


@dataclass(frozen=True, slots=True)
class _Clock:
    """The axis of time, in the unit that suits the length of the run."""

    unit: str
    seconds: float
    end_s: float

    @property
    def axis(self) -> Axis:
        return Axis(0.0, max(self.end_s / self.seconds, 1e-3), f"time ({self.unit})")

    def place(self, at_s: float, value: float) -> Place:
        return at_s / self.seconds, value


def _clock(duration_s: float) -> _Clock:
    for unit, seconds in (("h", 3600.0), ("min", 60.0)):
        if duration_s > 2 * seconds:
            return _Clock(unit, seconds, duration_s)
    return _Clock("s", 1.0, duration_s)


def figures(certificate: Certificate) -> list[str]:
    """All plots as SVG, in the order of the page."""
    draw = (_offset, _event_bounds, _round_trips, _residuals, _intervals, _gaze_ages)
    clock = _clock(certificate.series.duration_s)
    return [each(certificate, clock).svg() for each in draw]


def _offset(certificate: Certificate, clock: _Clock) -> Chart:
    lines = certificate.series.offsets
    values = [value for line in lines for _, value in (*line.low, *line.high)]
    y = linear(values, "offset (ms)")
    chart = Chart("Offset of the phone's clock, less its straight line", clock.axis, y)
    for line in lines:
        low, middle, high = (
            [clock.place(*place) for place in places]
            for places in (line.low, line.middle, line.high)
        )
        chart.band(low, high)
        chart.line(middle)
    return _with_incidents(chart, certificate, clock, bool(lines))


def _event_bounds(certificate: Certificate, clock: _Clock) -> Chart:
    events, limit = certificate.series.events, certificate.limits.max_event_bound_ms
    bounds = [place for line in certificate.series.offsets for place in line.bounds]
    known = [event for event in events if math.isfinite(event.bound_ms)]
    values = [value for _, value in bounds] + [
        event.bound_ms for event in known if not event.disturbed
    ]
    y = logarithmic([*values, *([limit] if limit else [])], "bound (ms)")
    chart = Chart("Greatest possible error: clock model (line), events (marks)", clock.axis, y)
    for line in certificate.series.offsets:
        chart.line([clock.place(*place) for place in line.bounds])
    kinds: dict[str, list[Place]] = {"dot": [], "cross": [], "triangle": []}
    for event in thinned(known, lambda each: each.bound_ms):
        shape = "triangle" if event.disturbed else "dot" if event.confirmed else "cross"
        kinds[shape].append(clock.place(event.at_s, event.bound_ms))
    for shape, places in kinds.items():
        chart.marks(places, shape)
    if limit:
        chart.limit(limit, f"limit {limit:g} ms")
    return _with_incidents(chart, certificate, clock, bool(values))


def _round_trips(certificate: Certificate, clock: _Clock) -> Chart:
    answers = thinned(certificate.series.answers, lambda each: each.round_trip_ms)
    y = logarithmic([answer.round_trip_ms for answer in answers], "round trip (ms)")
    chart = Chart("Round trips of the question for the time", clock.axis, y)
    chart.marks([clock.place(a.at_s, a.round_trip_ms) for a in answers], "dot")
    return _with_incidents(chart, certificate, clock, bool(answers))


def _residuals(certificate: Certificate, clock: _Clock) -> Chart:
    fitted = [a for a in certificate.series.answers if math.isfinite(a.residual_ms)]
    answers = thinned(fitted, lambda each: each.residual_ms)
    y = linear([a.residual_ms for a in answers if a.agrees], "residual (ms)")
    chart = Chart("Residuals: middle of each answer, less the model", clock.axis, y)
    for agrees, shape in ((True, "dot"), (False, "cross")):
        places = [clock.place(a.at_s, a.residual_ms) for a in answers if a.agrees is agrees]
        chart.marks(places, shape)
    return _with_incidents(chart, certificate, clock, bool(answers))


def _intervals(certificate: Certificate, clock: _Clock) -> Chart:
    known = [each for each in certificate.series.flips if each[1].interval_s > 0]
    flips = thinned(known, lambda each: each[1].interval_s)
    values = [flip.interval_s * 1e3 for _, flip in flips]
    chart = Chart("Time between flips", clock.axis, linear(values, "interval (ms)", from_zero=True))
    facts = certificate.frames
    if not flips or facts is None:
        return _with_nothing(chart)
    latest_ms = LATE * facts.refresh_ms
    on_time: list[Place] = []
    late: list[Place] = []
    for (at_s, _), value in zip(flips, values, strict=True):
        (late if value > latest_ms else on_time).append(clock.place(at_s, value))
    chart.marks(on_time, "dot")
    chart.marks(late, "cross")
    chart.limit(latest_ms, "late above this line")
    return chart


def _gaze_ages(certificate: Certificate, clock: _Clock) -> Chart:
    ages = sorted(f.gaze_age_s * 1e3 for _, f in certificate.series.flips if f.gaze_age_s >= 0)
    limit = certificate.limits.max_gaze_age_p95_ms
    top = ages[math.ceil(WIDEST_BIN_SHARE * len(ages)) - 1] if ages else 1.0
    x = Axis(0.0, 1.05 * max(top, limit or 0.0, 1.0), "age of the gaze at the flip (ms)")
    bins = _histogram(ages, x.high)
    y = linear([height for *_, height in bins], "flips (%)", from_zero=True)
    chart = Chart("Age of the gaze that a flip showed", x, y)
    if not ages:
        return _with_nothing(chart)
    chart.bars(bins)
    if limit:
        chart.limit(limit, f"limit for 95 %: {limit:g} ms", upright=True)
    return chart


def _histogram(values: list[float], top: float) -> list[tuple[float, float, float]]:
    width = top / BINS
    heights = [0] * BINS
    for value in values:
        heights[min(BINS - 1, int(value / width))] += 1
    share = 100.0 / max(1, len(values))
    return [(n * width, (n + 1) * width, height * share) for n, height in enumerate(heights)]


def _with_incidents(chart: Chart, certificate: Certificate, clock: _Clock, has_data: bool) -> Chart:
    if not has_data:
        return _with_nothing(chart)
    for start_s, end_s in certificate.series.silences:
        chart.span(start_s / clock.seconds, end_s / clock.seconds)
    for step_s in certificate.series.steps:
        chart.upright(step_s / clock.seconds, "step")
    return chart


def _with_nothing(chart: Chart) -> Chart:
    chart.say("not measured")
    return chart
