"""Whatever number a wait is limited to: it ends, and not by an error of Python's."""

from __future__ import annotations

import math

import pytest

from psychopy_neon import NeonTimeoutError
from psychopy_neon.client.events import EventState
from psychopy_neon.protocol.rest import GET_STATUS


def test_an_infinite_wait_takes_as_long_as_it_takes(simulated_neon, connect):
    neon = connect(simulated_neon(), timeout_s=math.inf)
    assert neon.wait_for_clock(math.inf).bound_ns
    assert neon.gaze.read(math.inf) is not None
    assert neon.gaze.reader().skip_to_latest(math.inf) is not None
    assert neon.read_scene_and_gaze(math.inf) is not None
    assert neon.recording.start(math.inf)
    assert neon.send_event("now").wait(math.inf) is EventState.CONFIRMED
    assert neon.request(GET_STATUS, math.inf)
    assert neon.calibration(math.inf).serial
    assert neon.camera.state(math.inf)
    assert neon.template.definition(math.inf)
    subscription = neon.gaze.subscribe(id)
    assert subscription.close(math.inf)
    neon.close(math.inf)


@pytest.mark.parametrize("timeout_s", [math.nan, -5.0])
def test_what_is_no_time_is_over_at_once(simulated_neon, connect, timeout_s):
    simulator = simulated_neon(scene=False)
    neon = connect(simulator)
    assert neon.gaze.read(timeout_s) is None
    assert neon.read_scene_and_gaze(timeout_s) is None
    for waits in (
        lambda: connect(simulator, timeout_s=timeout_s),
        lambda: neon.request(GET_STATUS, timeout_s),
        lambda: neon.recording.start(timeout_s),
        lambda: neon.camera.state(timeout_s),
    ):
        with pytest.raises(NeonTimeoutError):
            waits()
    neon.send_event("now").wait(timeout_s)
    neon.close(timeout_s)
