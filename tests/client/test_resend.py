from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from psychopy_neon import UsageError
from psychopy_neon.cli.main import main
from psychopy_neon.client.adoption import adopt_events
from psychopy_neon.client.resend import resend
from psychopy_neon.ledger import read_sessions
from psychopy_neon.transport.event_spool import make_spool
from psychopy_neon.transport.spool_writer import SpoolWriter

EXPERIMENT = Path(__file__).parent / "killed_experiment.py"


@pytest.fixture
def run_and_kill(tmp_path):
    """Run the experiment against a simulator and kill it amid its events; returns the ledger."""

    def run(simulator):
        ledger = tmp_path / "events.jsonl"
        address = f"{simulator.address}:{simulator.port}"
        command = [sys.executable, str(EXPERIMENT), address, str(ledger)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "sent\n"
            process.kill()
        return ledger

    return run


def test_after_a_kill_amid_a_thousand_events_all_are_there(simulated_neon, run_and_kill):
    simulator = simulated_neon(scene=False)
    ledger = run_and_kill(simulator)
    arrived = len(simulator.truth.events)
    assert arrived < 1000
    (session,) = read_sessions(ledger)
    assert [event.name for event in session.events] == [f"event {n}" for n in range(1000)]

    result = resend(ledger)

    stored = Counter((event.name, event.timestamp_ns) for event in simulator.truth.events)
    assert {name for name, _ in stored} == {f"event {n}" for n in range(1000)}
    assert len(stored) == 1000
    twice = {name for (name, _), times in stored.items() if times > 1}
    marked = {receipt.name for receipt in result.receipts if receipt.perhaps_twice}
    assert twice <= marked and len(marked) <= 1
    assert result.confirmed == len(result.receipts) and not result.undated
    (session,) = read_sessions(ledger)
    assert {event.state for event in session.events} == {"confirmed"}


def test_what_is_sent_again_carries_its_true_time(simulated_neon, run_and_kill):
    simulator = simulated_neon(scene=False, drift_ppm=80.0)
    result = resend(run_and_kill(simulator))
    assert result.receipts
    for receipt in result.receipts:
        error_ns = receipt.device_ns - simulator.clock.device_ns(receipt.host_ns)
        assert abs(error_ns) <= receipt.bound_ns


def test_another_recording_gets_none_of_them(simulated_neon, run_and_kill, capsys):
    simulator = simulated_neon(scene=False, recording_start_lag_s=0.0)
    ledger = run_and_kill(simulator)
    simulator.state.cancel_recording()
    simulator.state.start_recording()
    before = len(simulator.truth.events)
    with pytest.raises(UsageError, match=r"does not run any more.*ledger repair"):
        resend(ledger)
    assert main(["ledger", "resend", str(ledger)]) == 1
    assert "does not run any more" in capsys.readouterr().err
    assert len(simulator.truth.events) == before


def test_a_ledger_without_events_is_one_clear_sentence(tmp_path):
    (tmp_path / "empty.jsonl").write_text("")
    with pytest.raises(UsageError):
        resend(tmp_path / "empty.jsonl")


def test_the_command_tells_how_many_are_confirmed(simulated_neon, run_and_kill, capsys):
    ledger = run_and_kill(simulated_neon(scene=False))
    assert main(["ledger", "resend", str(ledger)]) == 0
    assert "events confirmed in recording" in capsys.readouterr().out


def test_events_that_nobody_took_over_are_sent_as_well(simulated_neon, run_and_kill):
    simulator = simulated_neon(scene=False)
    ledger = run_and_kill(simulator)
    (session,) = read_sessions(ledger)
    last = session.events[-1]
    spool = make_spool(beside=ledger)
    writer = SpoolWriter(spool)
    writer.write(last.name, 1.0, last.host_ns)  # this one was taken
    for number in range(3):
        writer.write(f"spooled {number}", 2.0, last.host_ns + number + 1, {"number": number})
    writer.close()
    result = resend(ledger)
    assert [receipt.name for receipt in result.receipts][-3:] == [f"spooled {n}" for n in range(3)]
    names = [event.name for event in simulator.truth.events]
    assert len(set(names)) == 1003 and names.count(last.name) <= 2
    assert adopt_events(ledger) == 0
    assert resend(ledger).receipts == ()


def test_a_spool_of_an_earlier_session_is_left_alone(simulated_neon, run_and_kill):
    ledger = run_and_kill(simulated_neon(scene=False))
    writer = SpoolWriter(make_spool(beside=ledger))
    writer.write("from before", 1.0, 5)
    writer.close()
    assert adopt_events(ledger) == 0
