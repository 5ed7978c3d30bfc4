"""Certificates of runs of the real client against simulated glasses."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from psychopy_neon import Neon
from psychopy_neon.certificate import Certificate, Limits, assemble, to_html
from psychopy_neon.ledger import read_sessions
from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions

TIMEOUT_S = 30.0
OUTAGE_S = 5.0


def _until(condition: Callable[[], object]) -> None:
    end_s = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.01)


def _connected(phone: SimulatedNeon, journal: Path) -> Neon:
    return Neon.connect(f"{phone.address}:{phone.port}", journal=journal)


@pytest.fixture(scope="module")
def bad_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Certificate, SimulatedNeon]:
    """A jittery link, an outage of five seconds, and a step of the phone's clock."""
    journal = tmp_path_factory.mktemp("run") / "p01_neon_events.jsonl"
    options = SimulatorOptions(scene=False, seed=3)
    with SimulatedNeon(options) as phone, _connected(phone, journal) as neon:
        neon.wait_for_clock()
        neon.gaze.start()
        neon.recording.start()
        phone.faults.skew_time_echo(0.02, 0.002, 0.5)
        _events(neon, 10)
        phone.faults.cut_link(OUTAGE_S)
        _events(neon, 10)
        _until(lambda: neon.event_counts.pending == 0)
        phone.faults.step_clock(1.25)
        _events(neon, 10)
        _until(lambda: neon.clock_map is not None and neon.clock_map.segment == 1)
        _events(neon, 10)
        _until(lambda: neon.event_counts.pending == 0)
        neon.recording.stop_and_save()
    return assemble(read_sessions(journal), limits=Limits.wifi()), phone


def _events(neon: Neon, count: int) -> None:
    for number in range(count):
        neon.send_event(f"event {number}")
        time.sleep(0.05)  # as an experiment does between its events


def test_every_event_arrives_and_is_counted_once(
    bad_run: tuple[Certificate, SimulatedNeon],
) -> None:
    certificate, _ = bad_run
    assert certificate.events.total == certificate.events.confirmed == 40
    assert certificate.closed and certificate.sessions == 1
    assert certificate.gaze_received > 0


def test_outage_and_step_are_on_the_certificate(bad_run: tuple[Certificate, SimulatedNeon]) -> None:
    certificate, _ = bad_run
    assert max(silence.duration_s for silence in certificate.silences) >= OUTAGE_S - 1.5
    (step,) = certificate.steps
    assert abs(step.size_ms - 1250) <= step.bound_ms
    ahead_s = [segment.ahead_s for segment in certificate.segments]
    assert ahead_s == pytest.approx([7.3, 8.55], abs=0.1)
    page = to_html(certificate)
    assert f"stepped by {step.size_ms:+.1f} ms" in page and "All 40 events confirmed" in page


def test_no_event_is_further_off_than_the_certificate_says(
    bad_run: tuple[Certificate, SimulatedNeon],
) -> None:
    certificate, phone = bad_run
    assert certificate.events.without_bound == 0
    for judged in certificate.series.events:
        event = judged.event
        (*_, line) = [c for c in phone.truth.clocks if c.zero_host_ns <= event.host_ns]
        assert event.device_ns is not None
        assert abs(event.device_ns - line.device_ns(event.host_ns)) / 1e6 <= judged.bound_ms


def test_a_quiet_run_passes(tmp_path: Path) -> None:
    journal = tmp_path / "p02_neon_events.jsonl"
    options = SimulatorOptions(scene=False)
    with SimulatedNeon(options) as phone, _connected(phone, journal) as neon:
        neon.wait_for_clock()
        neon.recording.start()
        _events(neon, 10)
        _until(lambda: neon.event_counts.pending == 0)
        neon.recording.stop_and_save()
    certificate = assemble(read_sessions(journal))
    assert certificate.events.confirmed == 10
    assert certificate.steps == () and certificate.closed
    bounds = [check for check in certificate.checks if "bound" in check.name]
    assert bounds and all(check.passed is not False for check in bounds)
