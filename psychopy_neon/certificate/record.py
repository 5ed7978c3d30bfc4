"""The certificate itself: facts, checks and verdict of one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from psychopy_neon.certificate.checks import Check
from psychopy_neon.certificate.correction_facts import CorrectionFacts
from psychopy_neon.certificate.display_facts import DisplayFacts
from psychopy_neon.certificate.event_facts import EventFacts
from psychopy_neon.certificate.frames import FrameFacts
from psychopy_neon.certificate.limits import Limits
from psychopy_neon.certificate.link_facts import LinkFacts, SilenceFacts
from psychopy_neon.certificate.series import Series


@dataclass(frozen=True, slots=True)
class SegmentFacts:
    """The phone's clock between two steps.

    Attributes
    ----------
    from_s, until_s : float
        Seconds from the start of the first session.
    offset_ms : float
        Phone's clock minus this computer's monotonic clock at the start, ms.
    ahead_s : float or None
        Phone's clock minus this computer's wall clock, as that stood when the session began;
        seconds, good to about a millisecond. None if the ledger does not tell.
    drift_ppm, drift_bound_ppm : float
        Mean rate at which the phone's clock gained, and the greatest possible error of that.
    least_bound_ms, greatest_bound_ms : float
        Greatest possible error of the clock model where it is sharpest and where it is not, ms.
    """

    from_s: float
    until_s: float
    offset_ms: float
    ahead_s: float | None
    drift_ppm: float
    drift_bound_ppm: float
    least_bound_ms: float
    greatest_bound_ms: float


@dataclass(frozen=True, slots=True)
class StepFacts:
    """A step of the phone's clock.

    Attributes
    ----------
    from_s, until_s : float
        It happened between these two, seconds from the start of the first session.
    size_ms, bound_ms : float
        Its size, and the greatest possible error of that.
    """

    from_s: float
    until_s: float
    size_ms: float
    bound_ms: float


@dataclass(frozen=True, slots=True)
class Certificate:
    """What is known about the timing of a run, and whether it keeps to its limits.

    Made by `assemble`; given out by `to_json` and `to_html`.

    Attributes
    ----------
    passed : bool
        Whether something was measured and no limit was broken.
    verdict : str
        The result in one sentence.
    notes : tuple of str
        What else a reader has to know, a sentence each.
    limits : Limits
        As set before the run.
    checks : tuple of Check
        Each limit with the measured value.
    duration_s : float
        Length of all sessions together.
    sessions : int
        Number of sessions in the ledger.
    closed : bool
        Whether the last one ended properly.
    segments : tuple of SegmentFacts
        The phone's clock.
    steps : tuple of StepFacts
        Its steps.
    silences : tuple of SilenceFacts
        When the phone did not answer.
    link : LinkFacts
        All answers of the phone to the question for its time.
    events : EventFacts
        All events.
    frames : FrameFacts or None
        All flips, if there is a frame log.
    display : DisplayFacts or None
        Lag of the display, if it was measured in the run.
    gaze_received, gaze_lost : int
        Gaze samples that arrived, and that did not.
    setup : dict of str to str
        Devices and versions.
    files : dict of str to str
        SHA-256 of the files that it was made from, by name.
    series : Series
        What the plots show; not in the JSON.
    corrections : tuple of CorrectionFacts
        What gaze on the window was corrected by, and from when on.
    """

    passed: bool
    verdict: str
    notes: tuple[str, ...]
    limits: Limits
    checks: tuple[Check, ...]
    duration_s: float
    sessions: int
    closed: bool
    segments: tuple[SegmentFacts, ...]
    steps: tuple[StepFacts, ...]
    silences: tuple[SilenceFacts, ...]
    link: LinkFacts
    events: EventFacts
    frames: FrameFacts | None
    display: DisplayFacts | None
    gaze_received: int
    gaze_lost: int
    setup: Mapping[str, str]
    files: Mapping[str, str]
    series: Series = field(repr=False)
    corrections: tuple[CorrectionFacts, ...] = ()
