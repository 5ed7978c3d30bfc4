"""Events: when they are stamped, and where they are written down."""

from __future__ import annotations

import time
from typing import Any

import pytest

from psychopy_neon.exceptions import UsageError

SAME_NS = 100_000


def raw_now() -> float:
    from psychopy import clock

    return float(clock.getTime())


@pytest.fixture
def event(runtime: Any, view: Any, window: Any, exp: Any) -> Any:
    return runtime.NeonEvent(window, view, exp=exp, name="onset")


def test_an_event_waits_for_the_flip_and_takes_its_time(event: Any, view: Any, window: Any) -> None:
    event.send_on_flip("target left")
    assert view.sent() == []
    before = raw_now()
    window.flip()
    after = raw_now()
    [(name, raw_s)] = view.sent()
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
    [(_, raw_s)] = view.sent()
    assert float(window._frameTime) < 5.0
    assert before <= raw_s <= raw_now()


def test_stamps_go_on_when_the_experiment_sets_its_clock_to_zero_in_mid_run(
    event: Any, view: Any, window: Any, exp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from psychopy import core, logging

    event.send_on_flip("before")
    window.flip()
    exp.nextEntry()
    monkeypatch.setattr(logging, "defaultClock", core.Clock())
    event.send_on_flip("after")
    window.flip()
    (_, before_s), (_, after_s) = view.sent()
    assert before_s <= after_s <= raw_now()
    assert exp.thisEntry["onset.flip_raw_s"] == after_s
    assert exp.thisEntry["onset.time_s"] == pytest.approx(window._frameTime, abs=1e-5)
    assert exp.thisEntry["onset.time_s"] <= after_s - before_s


@pytest.mark.parametrize("name", ["x" * 201, "€ 5", "~tilde", "!", "a\ud800b"])
def test_unusual_names_arrive_as_they_are(event: Any, view: Any, name: str) -> None:
    event.send(name)
    assert view.sent()[0][0] == name


def test_an_over_long_name_is_refused_at_the_call(event: Any, view: Any, window: Any) -> None:
    for send in (event.send, event.send_on_flip):
        with pytest.raises(UsageError, match="at most"):
            send("x" * 100_000)
    window.flip()
    assert view.sent() == []


def test_an_event_without_flip_is_stamped_now(event: Any, view: Any) -> None:
    before = raw_now()
    assert event.send("key") == 1
    [(_, raw_s)] = view.sent()
    assert before <= raw_s <= raw_now()


def test_the_row_shows_name_time_and_number(event: Any, view: Any, window: Any, exp: Any) -> None:
    event.send_on_flip("target left")
    window.flip()
    [(_, raw_s)] = view.sent()
    assert exp.thisEntry == {
        "onset.event": "target left",
        "onset.flip_raw_s": raw_s,
        "onset.time_s": pytest.approx(window._frameTime, abs=1e-5),
        "onset.number": 1,
        "onset.state": "pending",
    }
    assert exp.dataNames == list(exp.thisEntry)


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
    assert view.sent()[0][0] == "first"


@pytest.mark.parametrize("name", [None, "", "  "])
def test_an_event_needs_a_name(event: Any, name: str | None) -> None:
    event.setEventName(name)
    with pytest.raises(UsageError, match="onset has no event name"):
        event.send()


def test_names_that_are_not_text_become_text(event: Any, view: Any) -> None:
    event.send(7)
    assert view.sent()[0][0] == "7"


def test_the_offset_event_is_sent_once(event: Any, view: Any, window: Any, exp: Any) -> None:
    event.setOffsetName("off")
    event.send_on_flip("on")
    window.flip()
    event.send_offset_on_flip()
    event.send_offset_on_flip()
    window.flip()
    assert [name for name, _ in view.sent()] == ["on", "off"]
    assert exp.thisEntry["onset.offset_event"] == "off"
    assert exp.thisEntry["onset.offset_number"] == 2


def test_no_offset_is_sent_for_an_event_that_never_was(event: Any, view: Any, window: Any) -> None:
    event.setOffsetName("off")
    event.send_offset()
    event.send_offset_on_flip()
    window.flip()
    assert view.sent() == []


def test_the_offset_may_get_its_name_after_the_start(event: Any, view: Any) -> None:
    event.setOffsetName("")
    event.send("on")
    assert event.owes_offset
    event.setOffsetName("answer left")
    event.send_offset()
    assert [name for name, _ in view.sent()] == ["on", "answer left"]
    assert not event.owes_offset


def test_without_an_offset_name_there_is_none(event: Any, view: Any) -> None:
    event.send("on")
    event.send_offset()
    assert [name for name, _ in view.sent()] == ["on"]


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
    view.take()
    view.counts.update(confirmed=2, unconfirmed=1, unconfirmed_names=["c"])
    runtime.connect(view).close()
    assert "2 of 3 events confirmed" in log
    assert "not confirmed: 'c'; /data/x_neon_events.jsonl keeps all events" in log


def test_without_a_journal_the_file_of_the_hand_over_is_named(
    runtime: Any, event: Any, view: Any, log: Any
) -> None:
    view.chosen["journal"] = ""
    event.send("a")
    view.take()
    view.counts.update(confirmed=0, unconfirmed=1, unconfirmed_names=["a"])
    runtime.connect(view).close()
    assert f"{view.spool} keeps all events" in log


def test_events_that_no_recording_kept_are_mentioned(
    runtime: Any, event: Any, view: Any, log: Any
) -> None:
    event.send("early")
    view.counts["discarded"] = 1
    runtime.connect(view).close()
    assert "1 event(s) reached the phone while it was not recording" in log


def test_events_in_somebody_elses_recording_are_mentioned(
    runtime: Any, event: Any, view: Any, log: Any
) -> None:
    event.send("early")
    view.counts["misplaced"] = 1
    runtime.connect(view).close()
    assert "1 event(s) went into another recording" in log


def test_pending_events_are_given_a_moment(runtime: Any, event: Any, view: Any, log: Any) -> None:
    event.send("a")
    view.take()
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


def test_if_iohub_died_the_file_of_the_hand_over_is_named_and_has_all_events(
    runtime: Any, event: Any, view: Any, exp: Any, log: Any
) -> None:
    event.send("before")
    view.hubClient.die()
    assert event.send("after") == 2
    runtime.connect(view).close()
    assert "unknown how many of 2 events" in log
    assert f"{view.spool} keeps all events" in log
    assert [name for name, _ in view.sent()] == ["before", "after"]
    assert exp.thisEntry["neon.events"].startswith("unknown how many of 2 events")


# -- what became of them --------------------------------------------------------------------------


def test_the_end_writes_what_became_of_each_event_into_its_row(
    runtime: Any, event: Any, view: Any, exp: Any
) -> None:
    for number in range(3):
        event.send(f"event {number}")
        exp.nextEntry()
    view.take()
    view.outcomes[1][1:] = ["discarded", view.outcomes[1][2], 0]
    runtime.connect(view).close()
    assert [row["onset.state"] for row in exp.entries] == ["confirmed", "discarded", "confirmed"]
    assert exp.entries[0]["onset.device_ns"] == view.outcomes[0][2]
    assert exp.entries[0]["onset.bound_ms"] == pytest.approx(0.15)
    assert "onset.bound_ms" not in exp.entries[1]
    assert {"onset.device_ns", "onset.bound_ms", "neon.events"} <= set(exp.dataNames)


def test_the_summary_is_in_every_row(runtime: Any, event: Any, view: Any, exp: Any) -> None:
    event.send("a")
    exp.nextEntry()
    event.send("b")
    runtime.connect(view).close()
    rows = [*exp.entries, exp.thisEntry]
    assert [row["neon.events"] for row in rows] == ["2 of 2 events confirmed"] * 2
    assert exp.dataNames.count("neon.events") == 1


def test_the_summary_does_not_make_a_row_of_its_own(
    runtime: Any, event: Any, view: Any, exp: Any
) -> None:
    event.send("a")
    exp.nextEntry()
    runtime.connect(view).close()
    assert exp.thisEntry == {}


def test_the_offset_event_has_columns_of_its_own(
    runtime: Any, event: Any, view: Any, exp: Any
) -> None:
    event.setOffsetName("off")
    event.send("on")
    event.send_offset()
    runtime.connect(view).close()
    row = exp.thisEntry
    assert (row["onset.device_ns"], row["onset.offset_device_ns"]) == tuple(
        device_ns for _, _, device_ns, _ in view.outcomes
    )


def test_more_events_than_one_answer_holds_are_all_noted(
    runtime: Any, event: Any, view: Any, exp: Any
) -> None:
    for number in range(250):
        event.send(f"{number}")
        exp.nextEntry()
    runtime.connect(view).close()
    assert {row["onset.state"] for row in exp.entries} == {"confirmed"}
    assert view.named("neon_event_outcomes") == [(0,), (100,), (200,)]


def test_the_end_of_a_routine_asks_once_in_a_while_and_only_if_something_is_open(
    event: Any, view: Any, exp: Any
) -> None:
    event.end_routine()
    assert view.named("neon_event_outcomes") == []
    event.send("a")
    for _ in range(3):
        event.end_routine()
    assert view.named("neon_event_outcomes") == [(0,)]
    assert exp.thisEntry["onset.state"] == "confirmed"


def test_an_event_still_on_its_way_is_pending_in_the_file(
    runtime: Any, event: Any, view: Any, exp: Any
) -> None:
    event.send("a")
    view.take()
    view.outcomes[0][1] = "pending"
    runtime.connect(view).close()
    assert exp.thisEntry["onset.state"] == "pending"
    assert exp.thisEntry["onset.device_ns"] == view.outcomes[0][2]


# -- data and lag ---------------------------------------------------------------------------------


def test_data_go_with_the_event(event: Any, view: Any, window: Any) -> None:
    import numpy

    event.setEventData({"trial": numpy.int64(3), "word": "grün"})
    event.send_on_flip("a")
    event.setEventData(None)
    window.flip()
    event.send("b")
    assert [sent.data for sent in view.take()] == [{"trial": 3, "word": "grün"}, None]


@pytest.mark.parametrize("data", [3, "text", ["a"], {"a": object()}, {"a": "x" * 5000}])
def test_data_that_cannot_be_kept_are_refused_when_they_are_set(event: Any, data: Any) -> None:
    with pytest.raises(UsageError, match="must be a dict"):
        event.setEventData(data)


def test_the_lag_of_the_display_is_added_to_flips_and_recorded(
    runtime: Any, view: Any, window: Any, exp: Any
) -> None:
    event = runtime.NeonEvent(window, view, exp=exp, name="onset", displayLag=0.25)
    event.send_on_flip("shown")
    window.flip()
    flip_s = exp.thisEntry["onset.flip_raw_s"]
    event.send("pressed")
    shown, pressed = view.take()
    assert shown.raw_s == pytest.approx(flip_s + 0.25, abs=1e-6)
    assert exp.thisEntry["onset.time_s"] < window._frameTime + 0.25
    assert (shown.data, pressed.data) == ({"display_lag_s": 0.25}, None)
    assert pressed.raw_s <= raw_now()


@pytest.mark.parametrize("lag", ["soon", 3.0, float("nan")])
def test_a_lag_that_makes_no_sense_is_refused(
    runtime: Any, view: Any, window: Any, lag: Any
) -> None:
    with pytest.raises(UsageError, match="the display lag of onset"):
        runtime.NeonEvent(window, view, name="onset", displayLag=lag)


def test_the_monotonic_time_of_an_event_is_that_of_its_stamp(event: Any, view: Any) -> None:
    before_ns = time.perf_counter_ns()
    event.send("a")
    [sent] = view.take()
    assert before_ns - SAME_NS <= sent.host_ns <= time.perf_counter_ns() + SAME_NS


# -- when the file cannot be written --------------------------------------------------------------


def test_on_a_full_disk_an_event_is_asked_for_instead(
    runtime: Any, view: Any, window: Any, exp: Any, log: Any
) -> None:
    view.spool_error = "No space left on device"
    event = runtime.NeonEvent(window, view, exp=exp, name="onset")
    assert event.send("a") == 1
    assert view.named("neon_send_event")[0][0] == "a"
    assert "No space left on device" in log


def test_an_event_that_nobody_takes_is_logged_and_does_not_stop_the_experiment(
    runtime: Any, view: Any, window: Any, exp: Any, log: Any
) -> None:
    view.spool_error, view.accepting = "No space left on device", False
    event = runtime.NeonEvent(window, view, exp=exp, name="onset")
    assert event.send("lost") == 0
    assert "the event 'lost' was not accepted" in log
    assert (exp.thisEntry["onset.number"], exp.thisEntry["onset.state"]) == (0, "not accepted")
    runtime.connect(view).close()
    assert "0 of 1 events confirmed" in log
    assert "not confirmed: 'lost'" in log
