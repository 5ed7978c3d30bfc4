"""From a run's ledger and frame log to its certificate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from psychopy_neon.certificate.checks import Measured, check_all
from psychopy_neon.certificate.clock_facts import Segment, SessionClock, session_clock
from psychopy_neon.certificate.correction_facts import correction_facts
from psychopy_neon.certificate.display_facts import display_facts
from psychopy_neon.certificate.event_facts import JudgedEvent, event_facts, judged_events
from psychopy_neon.certificate.frames import Frame, frame_facts
from psychopy_neon.certificate.limits import Limits
from psychopy_neon.certificate.link_facts import (
    JudgedAnswer,
    LinkFacts,
    SilenceFacts,
    judged_answers,
    link_facts,
    silences,
)
from psychopy_neon.certificate.record import Certificate, SegmentFacts, StepFacts
from psychopy_neon.certificate.series import Series, offset_line, placed_flips
from psychopy_neon.certificate.setup_table import setup_of
from psychopy_neon.certificate.timeline import Stretch, Timeline
from psychopy_neon.certificate.verdict import notes, verdict
from psychopy_neon.clock.clock_history import ClockStep
from psychopy_neon.ledger.session import Session

NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True)
class _Part:
    """A session, with what its answers prove."""

    stretch: Stretch
    clock: SessionClock | None

    @property
    def session(self) -> Session:
        return self.stretch.session

    @property
    def steps(self) -> tuple[ClockStep, ...]:
        return () if self.clock is None else self.clock.history.steps

    @property
    def segments(self) -> tuple[Segment, ...]:
        return () if self.clock is None else self.clock.segments


@dataclass(frozen=True, slots=True)
class _Findings:
    """What the sessions hold, judged, on one axis of time."""

    timeline: Timeline
    parts: tuple[_Part, ...]
    events: tuple[JudgedEvent, ...]
    answers: tuple[JudgedAnswer, ...]
    steps: tuple[StepFacts, ...]
    silences: tuple[SilenceFacts, ...]

    @property
    def sessions(self) -> list[Session]:
        return [part.session for part in self.parts]

    @property
    def contradictions(self) -> int:
        return sum(p.clock.history.contradictions for p in self.parts if p.clock is not None)

    @property
    def closed(self) -> bool:
        return bool(self.parts) and self.parts[-1].session.closed


def assemble(
    sessions: Sequence[Session],
    frames: Sequence[Frame] | None = None,
    limits: Limits | None = None,
    *,
    setup: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
) -> Certificate:
    """Judge a run.

    Parameters
    ----------
    sessions : sequence of Session
        From `read_sessions`; none makes a certificate that says so, and does not pass.
    frames : sequence of Frame, optional
        From `read_frames`; without a frame log nothing is said about flips.
    limits : Limits, optional
        Set before the run; the defaults of `Limits` otherwise.
    setup : mapping of str to str, optional
        Further lines for the table of devices and versions.
    files : mapping of str to str, optional
        SHA-256 of the files that `sessions` and `frames` come from, by name.

    Returns
    -------
    Certificate
        Facts, checks and verdict.
    """
    limits = limits or Limits()
    found = _findings(sessions)
    measured = _measured(found, frames or ())
    checks = check_all(measured, limits)
    results = [check.passed for check in checks]
    link = link_facts(found.answers)
    return Certificate(
        passed=False not in results and True in results,
        verdict=verdict(measured.events, checks, len(found.parts), measured.display),
        notes=_notes(found, measured, link, has_frame_log=frames is not None),
        limits=limits,
        checks=checks,
        duration_s=found.timeline.duration_s,
        sessions=len(found.parts),
        closed=found.closed,
        segments=tuple(_segment_facts(p.stretch, s) for p in found.parts for s in p.segments),
        steps=found.steps,
        silences=found.silences,
        link=link,
        events=measured.events,
        frames=measured.frames,
        display=measured.display,
        gaze_received=measured.gaze_received,
        gaze_lost=measured.gaze_lost,
        setup={**setup_of(found.sessions, found.timeline.duration_s), **(setup or {})},
        files=dict(files or {}),
        series=_series(found, frames or ()),
        corrections=correction_facts(part.stretch for part in found.parts),
    )


def _findings(sessions: Sequence[Session]) -> _Findings:
    timeline = Timeline(sessions)
    parts = tuple(_Part(s, session_clock(s.session.probes)) for s in timeline.stretches)
    return _Findings(
        timeline=timeline,
        parts=parts,
        events=tuple(e for part in parts for e in judged_events(part.stretch, part.clock)),
        answers=tuple(a for part in parts for a in judged_answers(part.stretch, part.clock)),
        steps=tuple(_step_facts(part.stretch, step) for part in parts for step in part.steps),
        silences=tuple(silence for part in parts for silence in silences(part.stretch)),
    )


def _step_facts(stretch: Stretch, step: ClockStep) -> StepFacts:
    return StepFacts(
        from_s=stretch.at_host(step.earliest_host_ns),
        until_s=stretch.at_host(step.latest_host_ns),
        size_ms=step.size_ns / NS_PER_MS,
        bound_ms=step.bound_ns / NS_PER_MS,
    )


def _segment_facts(stretch: Stretch, segment: Segment) -> SegmentFacts:
    return SegmentFacts(
        from_s=stretch.at_host(int(segment.instants[0])),
        until_s=stretch.at_host(int(segment.instants[-1])),
        offset_ms=int(segment.offsets[0]) / NS_PER_MS,
        ahead_s=_ahead_s(stretch, segment),
        drift_ppm=segment.drift_ppm,
        drift_bound_ppm=segment.drift_bound_ppm,
        least_bound_ms=int(segment.bounds.min()) / NS_PER_MS,
        greatest_bound_ms=int(segment.bounds.max()) / NS_PER_MS,
    )


def _ahead_s(stretch: Stretch, segment: Segment) -> float | None:
    """The monotonic clock counts from an arbitrary zero; the wall clock is one people know."""
    head = stretch.session.head
    try:
        start = datetime.fromisoformat(head.utc.removesuffix("Z"))
    except ValueError:
        return None
    start_ns = stretch.first_host_ns if head.host_ns is None else head.host_ns
    passed_s = int(segment.instants[0]) / NS_PER_S - start_ns / NS_PER_S
    wall_s = start.replace(tzinfo=timezone.utc).timestamp() + passed_s
    return int(segment.devices[0]) / NS_PER_S - wall_s


def _measured(found: _Findings, frames: Sequence[Frame]) -> Measured:
    gaze = [stream for s in found.sessions for stream in s.streams if stream.name == "gaze"]
    has_clock = any(part.clock is not None for part in found.parts)
    return Measured(
        events=event_facts(found.events),
        clock_steps=len(found.steps) if has_clock else None,
        contradictions=found.contradictions,
        gaze_received=sum(stream.received for stream in gaze),
        gaze_lost=sum(stream.lost for stream in gaze),
        frames=frame_facts(frames),
        display=display_facts(found.sessions),
    )


def _notes(
    found: _Findings, measured: Measured, link: LinkFacts, *, has_frame_log: bool
) -> tuple[str, ...]:
    return notes(
        measured.events,
        link,
        found.steps,
        found.silences,
        contradictions=found.contradictions,
        closed=found.closed,
        sessions=len(found.parts),
        display=measured.display,
        no_flips=has_frame_log and measured.frames is None,
    )


def _series(found: _Findings, frames: Sequence[Frame]) -> Series:
    return Series(
        duration_s=found.timeline.duration_s,
        offsets=tuple(offset_line(p.stretch, s) for p in found.parts for s in p.segments),
        answers=found.answers,
        events=found.events,
        flips=tuple(placed_flips(found.timeline, frames)),
        silences=tuple((s.from_s, s.from_s + s.duration_s) for s in found.silences),
        steps=tuple(step.until_s for step in found.steps),
    )
