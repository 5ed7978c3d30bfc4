"""Whoever wants to be told what became of an event."""

from __future__ import annotations

import pytest

from psychopy_neon.client.events import EventReceipt, EventState


@pytest.fixture
def event():
    """The receipt of an event that is on its way."""
    return EventReceipt(1, "go", 0, 0.0)


def test_callbacks_are_called_once_when_the_state_is_final(event):
    told = []
    event.add_done_callback(lambda: told.append(event.state))
    assert told == []
    event.settle(EventState.CONFIRMED)
    event.settle(EventState.CONFIRMED)
    assert told == [EventState.CONFIRMED]


def test_a_callback_that_comes_too_late_is_called_at_once(event):
    event.settle(EventState.DISCARDED)
    told = []
    event.add_done_callback(lambda: told.append(event.state))
    assert told == [EventState.DISCARDED]


def test_a_callback_can_be_taken_back(event):
    told = []
    take_back = event.add_done_callback(lambda: told.append("first"))
    event.add_done_callback(lambda: told.append("second"))
    take_back()
    take_back()
    event.settle(EventState.CONFIRMED)
    assert told == ["second"]


def test_a_callback_that_fails_harms_nobody(event, caplog):
    told = []

    def fail():
        raise RuntimeError("a user's mistake")

    event.add_done_callback(fail)
    event.add_done_callback(lambda: told.append(1))
    event.settle(EventState.CONFIRMED)
    assert event.wait(0.0) is EventState.CONFIRMED and told == [1]
    assert "a callback of event 1 failed" in caplog.text
