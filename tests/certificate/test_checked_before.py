"""A check before the session, in the certificate: its verdict, and nobody's answers."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from psychopy_neon.certificate import assemble, to_html
from psychopy_neon.ledger import LedgerCheck, read_sessions


def test_the_verdict_of_a_check_is_in_the_setup(tmp_path: Path, synthetic_run: Any) -> None:
    [session] = read_sessions(synthetic_run(duration_s=5).write(tmp_path / "run.jsonl"))
    checks = (
        LedgerCheck("not ready", "stop", "key", 1, ("wearer: no answer says P07",)),
        LedgerCheck("ready", "go on", "itself"),
    )
    certificate = assemble([dataclasses.replace(session, checks=checks)])
    told = "not ready (stop); ready (go on)"
    assert certificate.setup["Glasses, checked before"] == told
    page = to_html(certificate)
    assert told in page and "P07" not in page


def test_without_a_check_nothing_is_said_of_it(tmp_path: Path, synthetic_run: Any) -> None:
    [session] = read_sessions(synthetic_run(duration_s=5).write(tmp_path / "run.jsonl"))
    assert "Glasses, checked before" not in assemble([session]).setup
