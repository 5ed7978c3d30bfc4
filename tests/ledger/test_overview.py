"""The summary tells at a glance whether something is missing."""

from __future__ import annotations

import re
from typing import Any

from psychopy_neon.ledger import read_sessions, summary


def _summary(ledger: Any) -> str:
    (session,) = read_sessions(ledger.path)
    return "\n".join(summary(session))


def test_good_run_in_a_few_lines(ledger: Any) -> None:
    ledger.run()
    for number in range(3):
        ledger.event(f"trial {number}", number)
    ledger.line("stream", name="gaze", received=4000, lost=0, malformed=0)
    ledger.line("closed", host_ns=1)
    text = _summary(ledger)
    assert "Neon in the lab at 192.0.2.10:8080, glasses 841684" in text
    assert "events: 3 of 3 confirmed\n" in text
    assert "100 probes in 19.8 s" in text
    assert "drift +40" in text or "drift +39" in text
    assert "at the start +7.300 s from the computer's clock" in text
    assert "steps of the phone's clock: none" in text
    assert "stream gaze: 4000 received" in text
    assert "properly" not in text and "could not be read" not in text


def test_what_went_wrong_is_named(ledger: Any) -> None:
    ledger.run()
    ledger.event("good", 1, perhaps_twice=True)
    ledger.event("lost", 2, "discarded", error="no recording")
    for number in range(12):
        ledger.event(f"open {number}", 3, None)
    ledger.line("recording", state="failed", id="", error="low battery")
    with ledger.path.open("a") as file:
        file.write('{"kind": "ev')
    text = _summary(ledger)
    assert "events: 1 of 14 confirmed, 1 discarded, 12 pending" in text
    assert "discarded: 2 'lost'" in text
    assert "12 'open 9' and 2 more" in text
    assert "perhaps stored twice: 1 'good'\n" in text
    assert "low battery" in text
    assert "did not end properly" in text and "could not be read: 1" in text


def test_step_of_the_clock_is_told(ledger: Any) -> None:
    ledger.session()
    ledger.probes(10)
    ledger.start_ns, ledger.ahead_ns = ledger.start_ns + 10**10, ledger.ahead_ns + 12 * 10**9
    ledger.probes(10)
    text = _summary(ledger)
    assert "steps of the phone's clock: 1" in text
    assert "by +1.999" in text or "by +2.000" in text
    (told,) = (line for line in text.splitlines() if "after the first probe" in line)
    between = re.search(r"([\d.]+) to ([\d.]+) s after the first probe", told)
    assert between is not None
    assert 9.5 < float(between[1]) < float(between[2]) < 10.5


def test_recordings_are_named_with_what_went_wrong(ledger: Any) -> None:
    ledger.session()
    ledger.line("recording", state="starting", id="", error="")
    ledger.line("recording", state="recording", id="abc", error="")
    ledger.line("recording", state="stopping", id="abc", error="")
    ledger.line("recording", state="failed", id="abc", error="it was ended on the phone")
    lines = [line for line in _summary(ledger).splitlines() if line.startswith("recording")]
    assert lines == ["recording abc", "recording abc: it was ended on the phone"]


def test_without_the_start_of_the_session_no_clock_is_ahead(ledger: Any) -> None:
    ledger.line("session", version=1, utc="2026-11-18T11:06:40.000Z")
    ledger.probes(10)
    text = _summary(ledger)
    assert "50 probes in" in text and "ppm\n" in text and "at the start" not in text


def test_each_measurement_of_the_display_is_told(ledger: Any) -> None:
    ledger.session()
    ledger.line("display_lag", verdict="not seen", problem="the patch was hidden", shown=60)
    ledger.line(
        "display_lag", verdict="agree", lag_s=0.0234, uncertainty_s=9e-4, changes=58, shown=60
    )
    text = _summary(ledger)
    assert "display lag: not found (the patch was hidden)\n" in text
    assert "display lag: 23.40 ± 0.90 ms by 58 of 60 changes of the patch (agree)" in text


def test_ledger_without_probes_says_so(ledger: Any) -> None:
    ledger.session()
    assert "answered no probe" in _summary(ledger)


def test_checks_are_told_with_what_was_wrong(ledger: Any) -> None:
    ledger.session()
    items = {"worn": ["bad", "no", "Put them on."], "clock": ["good", "known to 1 ms", ""]}
    outcome = {"verdict": "not ready", "choice": "go on", "chosen_by": "key", "retries": 2}
    ledger.line("check", host_ns=1, outcome={**outcome, "items": items})
    ledger.line("check", host_ns=2, outcome={"verdict": "ready", "items": "nonsense"})
    for nonsense in (None, {}, {"verdict": "ready", "items": {"worn": 3}}):
        ledger.line("check", host_ns=3, outcome=nonsense)
    text = _summary(ledger)
    told = "not ready, go on by key, checked again 2 times; worn: Put them on.\n"
    assert f"check: {told}" in text and "clock: " not in text.partition("events")[0]
    assert "check: ready, unknown by" in text and "could not be read: 3" in text
