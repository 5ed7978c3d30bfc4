"""Another phone that answers at the same address after an outage is neither read nor told."""

from __future__ import annotations

import pytest

from psychopy_neon import WrongDeviceError
from psychopy_neon.client.phone_status import LinkState
from psychopy_neon.client.sensor_stream import StreamState


@pytest.fixture
def replaced(simulated_neon, connect, eventually):
    """A device whose phone has gone, the one now at its address, and what brings it back."""
    phone = simulated_neon(scene=False, phone_name="ours")
    neon = connect(phone)
    assert neon.gaze.read(10.0) is not None
    same = {"scene": False, "http_port": phone.port}
    phone.close()
    other = simulated_neon(phone_name="theirs", **same)
    eventually(lambda: "another phone" in neon.link_error)
    return neon, other, lambda: simulated_neon(phone_name="ours", phone_id=phone.phone_id, **same)


def test_nothing_is_read_from_it_and_nothing_told(replaced, eventually):
    neon, other, bring_back = replaced
    assert neon.state is LinkState.LOST and "'theirs'" in neon.link_error
    assert neon.phone_name == "ours"
    event = neon.send_event("for our phone")
    with pytest.raises(WrongDeviceError, match="another phone"):
        neon.calibration()
    with pytest.raises(WrongDeviceError, match="another phone"):
        neon.template.definition()
    eventually(lambda: "another phone" in event.error)
    eventually(lambda: neon.gaze.state is StreamState.NO_SENSOR)
    assert "another phone" in neon.gaze.health.error
    other.close()
    assert other.truth.events == []

    ours = bring_back()
    eventually(lambda: neon.state is LinkState.CONNECTED)
    eventually(lambda: neon.gaze.state is StreamState.STREAMING)
    assert neon.phone_name == "ours" and neon.link_error == ""
    event.wait(10.0)
    assert [stored.name for stored in ours.truth.events] == ["for our phone"]


def test_it_is_told_once_and_not_at_each_try(replaced, eventually, caplog):
    neon, _, _ = replaced
    tries = []
    tell = neon._phone_status._feed._on_link
    neon._phone_status._feed._on_link = lambda error: (tries.append(error), tell(error))
    eventually(lambda: len(tries) > 4)
    lines = [record.getMessage() for record in caplog.get_records("setup") + caplog.records]
    assert len([line for line in lines if "another phone" in line]) == 1
