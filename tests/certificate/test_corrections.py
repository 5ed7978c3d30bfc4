"""Corrections of gaze on the certificate."""

from __future__ import annotations

import json

from psychopy_neon.certificate import assemble, to_html, to_json
from psychopy_neon.clock.experiment_clock import ClockPair
from psychopy_neon.ledger import LedgerCorrection, Session, SessionHead

NONE = ((0.0, 0.0), (0.0, 0.0))


def certificate(*corrections: LedgerCorrection):
    head = SessionHead(utc="2026-11-22T10:00:00.000Z", host_ns=1_000_000_000)
    pairs = (ClockPair(1_000_000_000, 1.0, 0), ClockPair(60_000_000_000, 60.0, 0))
    return assemble([Session(head, pairs=pairs, corrections=corrections)])


def test_a_run_without_corrections_says_nothing_of_them():
    made = certificate()
    assert made.corrections == () and "Correction of gaze" not in to_html(made)


def test_each_correction_stands_with_its_time_and_its_end():
    first = LedgerCorrection(3_500_000_000, 3.5, 1, (1.5, -0.25), NONE, 5, 1.2, 0.31)
    end = LedgerCorrection(9_000_000_000, 9.0, 0, (0.0, 0.0), NONE)
    made = certificate(first, end)
    assert [each.from_s for each in made.corrections] == [2.5, 8.0]
    told = json.loads(to_json(made))["corrections"]
    assert told[0]["offset_right_deg"] == 1.5 and told[1]["version"] == 0
    assert told[1]["expected_error_deg"] is None
    page = to_html(made)
    for text in ("Correction of gaze", "+1.50°", "−0.25°", "0.31°", "<td>none</td>"):
        assert text in page


def test_many_corrections_do_not_fill_the_page():
    many = [
        LedgerCorrection(n * 1_000_000_000, float(n), n, (0.1, 0.1), NONE, 1) for n in range(2, 42)
    ]
    page = to_html(certificate(*many))
    assert page.count("+0.10°") == 2 * 8 and "32 earlier ones" in page
