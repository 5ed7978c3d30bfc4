"""Events while the phone's REST service fails: none is lost, none holds up the experiment."""

from __future__ import annotations

import pytest

EVENT = "/api/event"
FAULTS = {
    "error": lambda faults: faults.http_error(502, EVENT, 2, json_body=False),
    "garbage": lambda faults: faults.http_garbage(EVENT, 2),
    "slow": lambda faults: faults.http_slow(0.5, EVENT, 2),
    "drip": lambda faults: faults.http_drip(0.5, EVENT, 2),
    "slower than we wait": lambda faults: faults.http_slow(4.0, EVENT, 1),
    "endless": lambda faults: faults.http_endless(EVENT, 1),
    "hanging up": lambda faults: faults.hang_up_http(),
    "cut link": lambda faults: faults.cut_link(1.0),
}


@pytest.fixture
def recording(simulated_neon, connect):
    simulator = simulated_neon(scene=False, recording_start_lag_s=0.0)
    neon = connect(simulator)
    neon.wait_for_clock()
    neon.recording.start()
    return simulator, neon


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_events_arrive_in_order_and_with_their_own_times(recording, caplog, stopwatch, fault):
    simulator, neon = recording
    fault(simulator.faults)
    receipts, blocked_s, passing = [], 0.0, stopwatch()
    for number in range(5):
        started_s = passing.own_s
        receipts.append(neon.send_event(f"event {number}"))
        blocked_s = max(blocked_s, passing.own_s - started_s)
    assert blocked_s < 0.1
    for receipt in receipts:
        assert receipt.wait(15.0).value == "confirmed"
        assert receipt.recording_id == neon.recording.id
        true_ns = simulator.clock.device_ns(receipt.host_ns)
        assert abs(receipt.device_ns - true_ns) <= max(receipt.bound_ns, 1_000_000)
    # What took effect though its answer was lost is there twice, as the very same event.
    stored = list(dict.fromkeys((e.name, e.timestamp_ns) for e in simulator.truth.events))
    assert stored == [(r.name, r.device_ns) for r in receipts]
    assert len([r for r in caplog.records if "event" in r.getMessage()]) <= 2


def test_an_event_that_the_phone_keeps_refusing_says_why(recording):
    simulator, neon = recording
    simulator.faults.http_error(400, EVENT, 3)
    refused, next_one = neon.send_event("refused"), neon.send_event("next")
    assert refused.wait(10.0).value == "refused"
    assert "400" in refused.error and "Something went wrong" in refused.error
    assert next_one.wait(10.0).value == "confirmed"
