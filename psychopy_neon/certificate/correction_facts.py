"""What gaze on the window was corrected by in the course of a run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from psychopy_neon.certificate.timeline import Stretch


@dataclass(frozen=True, slots=True)
class CorrectionFacts:
    """A correction of gaze, in force until the next one.

    Attributes
    ----------
    from_s : float
        When it was set, seconds from the start of the first session.
    version : int
        As in the data; 0 for the end of the correction.
    offset_right_deg, offset_up_deg : float
        In the scene camera's axes, degrees; the ledger has the linear part.
    points : int
        Number of targets it rests on.
    expected_error_deg : float
        Mean error that it leaves on targets that it was not fitted to; NaN if unknown.
    """

    from_s: float
    version: int
    offset_right_deg: float
    offset_up_deg: float
    points: int
    expected_error_deg: float


def correction_facts(stretches: Iterable[Stretch]) -> tuple[CorrectionFacts, ...]:
    """All corrections, in the order in which they were set."""
    return tuple(
        CorrectionFacts(
            from_s=stretch.at_host(each.host_ns),
            version=each.version,
            offset_right_deg=each.offset_deg[0],
            offset_up_deg=each.offset_deg[1],
            points=each.points,
            expected_error_deg=each.expected_error_deg,
        )
        for stretch in stretches
        for each in stretch.session.corrections
    )
