"""The display's lag in the certificate: what was measured, whether it holds, what was added."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psychopy_neon.certificate import Certificate, Check, Limits, assemble, to_html
from psychopy_neon.ledger import LedgerDisplayLag, read_sessions

FOUND = LedgerDisplayLag(
    "good",
    lag_s=0.0234,
    uncertainty_s=0.0009,
    changes=58,
    shown=60,
    exposure_s=0.008,
    drift_ppm=3.0,
    drift_uncertainty_ppm=21.0,
)
NOT_SEEN = LedgerDisplayLag("not seen", "no picture shows the patch", shown=60)
Certify = Callable[..., Certificate]


@pytest.fixture
def certify(tmp_path: Path, synthetic_run: Any) -> Certify:
    """A good run of 20 s with these measurements, and these lags added to its events."""
    [session] = read_sessions(synthetic_run(duration_s=20).write(tmp_path / "run.jsonl"))

    def certifying(*lags: LedgerDisplayLag, added_s: float = 0.0234, **limits: Any) -> Certificate:
        data = {"display_lag_s": added_s} if added_s else {}
        events = tuple(dataclasses.replace(event, data=data) for event in session.events)
        run = dataclasses.replace(session, display_lags=lags, events=events)
        return assemble([run], limits=Limits(**limits))

    return certifying


def check_of(certificate: Certificate) -> Check:
    return next(
        each for each in certificate.checks if each.name == "max_display_lag_uncertainty_ms"
    )


def test_what_was_measured_is_in_check_verdict_and_page(certify: Certify) -> None:
    certificate = certify(FOUND)
    check = check_of(certificate)
    assert check.measured == "23.40 ± 0.90 ms; end to end the clocks agree"
    assert check.passed is True and check.value == pytest.approx(0.9)
    assert certificate.passed and certificate.notes == ()
    assert "The display's lag is 23.40 ± 0.90 ms" in certificate.verdict
    assert certificate.setup["Display's lag, filmed"].startswith("23.40 ± 0.90 ms (58 of 60")
    assert "end to end the clocks agree" in to_html(certificate)


def test_without_a_measurement_nothing_is_judged(certify: Certify) -> None:
    certificate = certify()
    check = check_of(certificate)
    assert (check.measured, check.value, check.passed) == ("not measured", None, None)
    assert certificate.passed and certificate.display is None


def test_a_measurement_that_found_nothing_is_not_judged_but_told(certify: Certify) -> None:
    certificate = certify(NOT_SEEN)
    assert check_of(certificate).passed is None and certificate.passed
    assert check_of(certificate).measured == "not found"
    assert any("no picture shows the patch" in note for note in certificate.notes)


@pytest.mark.parametrize("verdict", ["clock", "drifts", "inconsistent"])
def test_clocks_that_disagree_fail(certify: Certify, verdict: str) -> None:
    wrong = dataclasses.replace(FOUND, verdict=verdict, problem="it is wrong")
    certificate = certify(wrong)
    assert check_of(certificate).passed is False and not certificate.passed
    assert "lag of the display" in certificate.verdict
    assert any("it is wrong" in note for note in certificate.notes)


def test_the_limit_decides_how_well_it_must_be_known(certify: Certify) -> None:
    assert not certify(FOUND, max_display_lag_uncertainty_ms=0.5).passed
    assert check_of(certify(FOUND, max_display_lag_uncertainty_ms=None)).passed is None


def test_the_last_measurement_that_found_a_lag_counts(certify: Certify) -> None:
    later = dataclasses.replace(FOUND, lag_s=0.0231)
    display = certify(FOUND, later, NOT_SEEN).display
    assert display is not None and display.measurements == 3
    assert display.lag_ms == pytest.approx(23.1)


@pytest.mark.parametrize(
    ("added_s", "said"), [(0.0, "not added"), (0.03, "30 ms was added"), (0.0230, "")]
)
def test_a_lag_that_was_not_added_or_another_one_is_told(
    certify: Certify, added_s: float, said: str
) -> None:
    notes = certify(FOUND, added_s=added_s).notes
    assert (said in notes[0]) if said else notes == ()


def test_the_ledger_keeps_what_was_measured(tmp_path: Path) -> None:
    from psychopy_neon.client.journal import Journal

    journal = Journal(tmp_path / "run.jsonl")
    journal.write("session", version=1)
    journal.write("display_lag", host_ns=5, **dataclasses.asdict(FOUND))
    journal.write("display_lag", verdict="not seen", problem="why", shown=60)
    journal.close()
    [session] = read_sessions(tmp_path / "run.jsonl")
    assert session.display_lags[0] == FOUND
    assert str(session.display_lags[1].lag_s) == "nan" and session.display_lags[1].shown == 60
