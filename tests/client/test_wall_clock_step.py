"""Somebody, or a time daemon, sets this computer's wall clock in the middle of a run."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from psychopy_neon import Neon
from psychopy_neon.certificate import assemble
from psychopy_neon.client.events import EventReceipt, EventState
from psychopy_neon.ledger import read_sessions, refit_session
from psychopy_neon.simulator import SimulatedNeon

STEPS_S = (3600.0, -7200.0, 0.8)
EVENTS_EACH = 5


class WallClock:
    """Wall clock of the computer, as PsychoPy's clock is on Linux: anybody may set it."""

    def __init__(self) -> None:
        self.ahead_s = 1_790_000_000.0

    def __call__(self) -> float:
        return time.perf_counter() + self.ahead_s

    def time_ns(self) -> int:
        return time.perf_counter_ns() + round(self.ahead_s * 1e9)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> WallClock:
    """The wall clock of this process, for the client as for the standard library."""
    clock = WallClock()
    monkeypatch.setattr(time, "time", clock)
    monkeypatch.setattr(time, "time_ns", clock.time_ns)
    return clock


def send_some(neon: Neon, clock: WallClock) -> list[tuple[EventReceipt, int]]:
    """Events that happened just before, each with the monotonic clock at that moment."""
    sent = []
    for number in range(EVENTS_EACH):
        host_ns, happened_s = time.perf_counter_ns(), clock()
        sent.append((neon.send_event(f"event {number}", at=happened_s), host_ns))
    return sent


def test_no_event_moves_when_the_wall_clock_is_set(
    wall: WallClock,
    simulated_neon: Callable[..., SimulatedNeon],
    connect: Callable[..., Neon],
    tmp_path: Path,
) -> None:
    phone, journal = simulated_neon(scene=False), tmp_path / "p01_neon_events.jsonl"
    neon = connect(phone, clock=wall, journal=journal)
    neon.wait_for_clock()
    neon.recording.start()
    sent = send_some(neon, wall)
    for step_s in STEPS_S:
        wall.ahead_s += step_s
        sent += send_some(neon, wall)
    assert {receipt.wait(10.0) for receipt, _ in sent} == {EventState.CONFIRMED}
    for receipt, host_ns in sent:
        assert receipt.device_ns is not None and receipt.bound_ns is not None
        # What passes between the two readings above is the test's own.
        off_ns = receipt.device_ns - phone.clock.device_ns(host_ns)
        assert -receipt.bound_ns <= off_ns <= receipt.bound_ns + 1_000_000
    assert neon.clock_map is not None and neon.clock_map.segment == 0
    neon.close()
    stored = [event.timestamp_ns for event in phone.truth.events]
    assert stored == [receipt.device_ns for receipt, _ in sent]
    assert_the_ledger_tells_the_same(journal, sent, phone)


def assert_the_ledger_tells_the_same(
    journal: Path, sent: list[tuple[EventReceipt, int]], phone: SimulatedNeon
) -> None:
    [session] = read_sessions(journal)
    certificate = assemble([session])
    assert certificate.steps == () and certificate.events.widened == 0
    assert certificate.events.confirmed == certificate.events.total == len(sent)
    assert certificate.checks[2].passed is True  # steps of the phone's clock: none
    # The experiment's clock jumped, and that is in the ledger; the monotonic one did not.
    jumps = [receipt.experiment_s for receipt, _ in sent]
    assert max(jumps) - min(jumps) > 3000
    hosts = [event.host_ns for event in session.events]
    assert hosts == sorted(hosts) and hosts[-1] - hosts[0] < 60_000_000_000
    history = refit_session(session)
    assert history is not None and history.steps == ()
    devices, bounds = history.devices(np.array(hosts, np.int64))
    truth = np.array([phone.clock.device_ns(host_ns) for host_ns in hosts], np.int64)
    assert (np.abs(devices - truth) <= bounds).all()
