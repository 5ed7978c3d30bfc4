from __future__ import annotations

import itertools
import re
import statistics
import time
from types import SimpleNamespace

import pytest

from psychopy_neon import NeonTimeoutError, UsageError
from psychopy_neon.client import clock_sync
from psychopy_neon.client.clock_sync import ClockSync
from psychopy_neon.clock.segments import ClockSegments


def test_device_time_is_known_within_its_bound(simulated_neon, connect):
    simulator = simulated_neon(scene=False, offset_s=7.3, drift_ppm=40)
    neon = connect(simulator)
    clock_map = neon.wait_for_clock()
    host_ns = time.perf_counter_ns()
    error_ns = clock_map.device_from_host(host_ns) - simulator.clock.device_ns(host_ns)
    bound_ns = clock_map.bound_ns(host_ns)
    assert abs(error_ns) <= bound_ns < 5_000_000


def test_samples_are_dated_on_the_experiments_clock(simulated_neon, connect):
    simulator = simulated_neon(scene=False)
    neon = connect(simulator, clock=lambda: time.perf_counter() + 1000.0)
    neon.wait_for_clock()
    device_ns = simulator.clock.now_ns()
    true_s = simulator.clock.host_ns(device_ns) / 1e9 + 1000.0
    when = neon.experiment_time(device_ns)
    assert abs(when.experiment_s - true_s) <= when.bound_s + 1e-5
    assert 0 < when.bound_s < 0.005


def test_a_phone_without_time_echo_is_said_to_have_none(simulated_neon, connect):
    neon = connect(simulated_neon(scene=False))
    neon._clock_sync.stop()
    neon._clock_sync.join(5.0)
    neon._clock_sync._segments = ClockSegments()
    with pytest.raises(NeonTimeoutError, match="clock"):
        neon.experiment_time(0)


def test_a_step_of_the_phones_clock_is_logged_once_and_then_followed(
    simulated_neon, connect, eventually, caplog
):
    simulator = simulated_neon(scene=False)
    neon = connect(simulator)
    neon.wait_for_clock()
    simulator.clock.step(-3_000_000_000)
    eventually(lambda: neon.clock_map.steps == 1)
    host_ns = time.perf_counter_ns()
    error_ns = neon.clock_map.device_from_host(host_ns) - simulator.clock.device_ns(host_ns)
    assert abs(error_ns) <= neon.clock_map.bound_ns(host_ns)
    eventually(lambda: neon.clock_map.reference_host_ns > host_ns)
    said = [record.getMessage() for record in caplog.records if "was set" in record.getMessage()]
    assert len(said) == 1
    assert float(re.search(r"set back by ([\d.]+) s", said[0])[1]) == pytest.approx(3.0, abs=0.01)


@pytest.mark.parametrize("step_ns", [3_000_000_000, -3_000_000_000])
def test_what_was_before_a_step_of_the_phones_clock_keeps_its_time(
    simulated_neon, connect, eventually, step_ns
):
    simulator = simulated_neon(scene=False)
    neon = connect(simulator)
    neon.wait_for_clock()
    host_ns, device_ns = time.perf_counter_ns(), simulator.clock.now_ns()
    simulator.clock.step(step_ns)
    eventually(lambda: neon.clock_map.steps == 1)
    when = neon.experiment_time(device_ns)
    assert abs(when.experiment_s - host_ns / 1e9) <= when.bound_s + 1e-3
    assert when.bound_s < (0.005 if step_ns > 0 else 3.1)


def test_a_clock_of_the_experiment_that_fails_ends_neither_probing_nor_closing(
    simulated_neon, connect, eventually, caplog, monkeypatch, tmp_path
):
    monkeypatch.setattr(clock_sync, "JOURNAL_S", 0.0)
    failing = []

    def read_s():
        if failing:
            raise ZeroDivisionError("no such clock")
        return time.perf_counter()

    journal = tmp_path / "events.jsonl"
    neon = connect(simulated_neon(scene=False), clock=read_s, journal=journal)
    neon.wait_for_clock()
    failing.append(True)
    seen = len(neon.clock_exchanges)
    eventually(lambda: len(neon.clock_exchanges) > seen + 3)
    neon.close()
    assert '"kind": "closed"' in journal.read_text("ascii")
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [error.getMessage() for error in errors] == [
        "the experiment's clock failed, so its times are not in the journal: no such clock"
    ]
    assert errors[0].exc_info is None


def test_probing_is_light_after_the_first_burst(simulated_neon, connect, eventually):
    neon = connect(simulated_neon(scene=False))
    neon.wait_for_clock()
    before = len(neon.clock_exchanges)
    assert before >= 60
    began_s = time.perf_counter()
    eventually(lambda: len(neon.clock_exchanges) >= before + 5)
    # A burst would have taken a twentieth of a second.
    assert time.perf_counter() - began_s > 0.15
    assert neon.clock_exchanges[-1].round_trip_ns > 0


def test_each_probe_is_two_questions_so_that_the_second_finds_nobody_asleep(
    simulated_neon, connect, eventually
):
    neon = connect(simulated_neon(scene=False))
    neon.wait_for_clock()
    eventually(lambda: len(neon.clock_exchanges) >= 70)
    exchanges = neon.clock_exchanges[60:70]
    pauses_ns = [
        after.sent_host_ns - before.received_host_ns
        for before, after in itertools.pairwise(exchanges)
    ]
    assert statistics.median(pauses_ns[::2]) < 5_000_000 < statistics.median(pauses_ns[1::2])


def test_questions_leave_when_they_should_although_every_sleep_lasts_too_long(monkeypatch):
    now_ns, asked_ns, aims_ns = [0], [], []

    def sleep(seconds):
        now_ns[0] += round(seconds * 1e9) + 150_000

    def exchange():
        asked_ns.append(now_ns[0])
        return now_ns[0], now_ns[0] + 40_000, 0

    def aim(earliest_host_ns, dither_ns):
        aims_ns.append(earliest_host_ns + 700_000 + dither_ns)
        return aims_ns[-1]

    monkeypatch.setattr(
        clock_sync, "time", SimpleNamespace(perf_counter_ns=lambda: now_ns[0], sleep=sleep)
    )
    sync = ClockSync(lambda: None)
    monkeypatch.setattr(sync._estimator, "aim", aim)
    for _ in range(30):
        sync._aimed_exchange(SimpleNamespace(exchange=exchange))
    late_ns = [asked - aim for asked, aim in zip(asked_ns, aims_ns, strict=True)]
    assert late_ns[0] == 150_000
    assert max(map(abs, late_ns[20:])) < 1_000


def test_a_clock_that_tells_no_time_is_refused_before_anything_is_made(
    simulated_neon, connect, tmp_path
):
    simulator = simulated_neon(scene=False)
    with pytest.raises(UsageError, match="must return seconds"):
        connect(simulator, clock=lambda: None, journal=tmp_path / "run.jsonl")
    assert list(tmp_path.iterdir()) == []
