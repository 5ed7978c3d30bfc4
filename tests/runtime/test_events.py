"""Events: when they are stamped, and where they are written down."""

from __future__ import annotations

from typing import Any

import pytest

from psychopy_neon.exceptions import UsageError


def raw_now() -> float:
    from psychopy import clock

    return float(clock.getTime())


@pytest.fixture
def event(runtime: Any, view: Any, window: Any, exp: Any) -> Any:
    return runtime.NeonEvent(window, view, exp=exp, name="onset")


def test_an_event_waits_for_the_flip_and_takes_its_time(event: Any, view: Any, window: Any) -> None:
    event.send_on_flip("target left")
    assert view.named("neon_send_event") == []
    before = raw_now()
    window.flip()
    after = raw_now()
    [(name, raw_s)] = view.named("neon_send_event")
    assert name == "target left"
    assert before <= raw_s <= after
    assert type(raw_s) is float


def test_the_stamp_does_not_depend_on_the_zero_of_the_logs_clock(
    event: Any, view: Any, window: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from psychopy import core, logging

    zeroed = core.Clock()
    monkeypatch.setattr(logging, "defaultClock", zeroed)
    event.send_on_flip("a")
    before = raw_now()
    window.flip()
    [(_, raw_s)] = view.named("neon_send_event")
    assert float(window._frameTime) < 5.0
    assert before <= raw_s <= raw_now()


def test_an_event_without_flip_is_stamped_now(event: Any, view: Any) -> None:
    before = raw_now()
    assert event.send("key") == 1
    [(_, raw_s)] = view.named("neon_send_event")
    assert before <= raw_s <= raw_now()


def test_the_row_shows_name_time_and_number(event: Any, view: Any, window: Any, exp: Any) -> None:
    event.send_on_flip("target left")
    window.flip()
    [(_, raw_s)] = view.named("neon_send_event")
    assert exp.thisEntry == {
        "onset.event": "target left",
        "onset.flip_raw_s": raw_s,
        "onset.number": 1,
    }
    assert exp.dataNames == ["onset.event", "onset.flip_raw_s", "onset.number"]


def test_a_flip_after_the_row_has_changed_still_fills_the_old_one(
    event: Any, window: Any, exp: Any
) -> None:
    event.send_on_flip("late")
    exp.nextEntry()
    window.flip()
    assert exp.entries[0]["onset.event"] == "late"
    assert exp.thisEntry == {}


def test_the_name_given_before_is_used(event: Any, view: Any, window: Any) -> None:
    event.setEventName("first", log=False)
    event.send_on_flip()
    event.setEventName("second")
    window.flip()
    assert view.named("neon_send_event")[0][0] == "first"


@pytest.mark.parametrize("name", [None, "", "  "])
def test_an_event_needs_a_name(event: Any, name: str | None) -> None:
    event.setEventName(name)
    with pytest.raises(UsageError, match="onset has no event name"):
        event.send()


def test_names_that_are_not_text_become_text(event: Any, view: Any) -> None:
    event.send(7)
    assert view.named("neon_send_event")[0][0] == "7"


def test_the_offset_event_is_sent_once(event: Any, view: Any, window: Any, exp: Any) -> None:
    event.setOffsetName("off")
    event.send_on_flip("on")
    window.flip()
    event.send_offset_on_flip()
    event.send_offset_on_flip()
    window.flip()
    assert [name for name, _ in view.named("neon_send_event")] == ["on", "off"]
    assert exp.thisEntry["onset.offset_event"] == "off"
    assert exp.thisEntry["onset.offset_number"] == 2


def test_no_offset_is_sent_for_an_event_that_never_was(event: Any, view: Any, window: Any) -> None:
    event.setOffsetName("off")
    event.send_offset()
    event.send_offset_on_flip()
    window.flip()
    assert view.named("neon_send_event") == []


def test_without_an_offset_name_there_is_none(event: Any, view: Any) -> None:
    event.send("on")
    event.send_offset()
    assert [name for name, _ in view.named("neon_send_event")] == ["on"]


def test_a_refused_event_is_logged_and_does_not_stop_the_experiment(
    event: Any, view: Any, exp: Any, log: Any
) -> None:
    view.accepting = False
    assert event.send("lost") == 0
    assert "the event 'lost' was not accepted" in log
    assert exp.thisEntry["onset.number"] == 0


def test_the_end_says_how_many_were_confirmed(
    runtime: Any, event: Any, view: Any, log: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(12):
        event.send(f"event {number}")
    runtime.connect(view).close()
    assert "12 of 12 events confirmed" in log
    assert "12 of 12 events confirmed" in capsys.readouterr().out
    assert "not confirmed" not in log


def test_unconfirmed_events_are_named_with_the_journal(
    runtime: Any, event: Any, view: Any, log: Any
) -> None:
    for name in ("a", "b", "c"):
        event.send(name)
    view.accepting = False
    event.send("refused")
    view.counts.update(confirmed=2, unconfirmed=1, unconfirmed_names=["c"])
    runtime.connect(view).close()
    assert "2 of 4 events confirmed" in log
    assert "not confirmed: 'c', 'refused'; /data/x_neon_events.jsonl keeps all events" in log


def test_events_that_no_recording_kept_are_mentioned(
    runtime: Any, event: Any, view: Any, log: Any
) -> None:
    event.send("early")
    view.counts["discarded"] = 1
    runtime.connect(view).close()
    assert "1 event(s) reached the phone while it was not recording" in log


def test_pending_events_are_given_a_moment(runtime: Any, event: Any, view: Any, log: Any) -> None:
    event.send("a")
    view.counts.update(confirmed=0, pending=1)
    replies = iter([dict(view.counts), dict(view.counts, confirmed=1, pending=0)])
    last = dict(view.counts, confirmed=1, pending=0)
    view.neon_events = lambda: next(replies, last)
    runtime.connect(view).close()
    assert "1 of 1 events confirmed" in log


def test_nothing_is_said_when_there_were_no_events(
    runtime: Any, view: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    runtime.connect(view).close()
    assert capsys.readouterr().out == ""


def test_if_iohub_died_the_journal_is_mentioned(
    runtime: Any, event: Any, view: Any, log: Any
) -> None:
    event.send("a")
    view.hubClient.die()
    runtime.connect(view).close()
    assert "unknown how many of 1 events" in log
