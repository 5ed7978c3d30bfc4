"""Facts to plain words: each item in each of its states."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psychopy_neon.exceptions import UsageError
from psychopy_neon.readiness import (
    KEYS,
    PATIENCE_S,
    Facts,
    Item,
    Readiness,
    Requirements,
    battery_minutes,
    judge,
    storage_minutes,
)

NEEDS = Requirements()
GOOD = Facts(
    link="connected",
    phone_name="Lab phone",
    module_serial="123456",
    plugged_in=True,
    battery_percent=80,
    free_storage_bytes=50_000_000_000,
    template="complete",
    template_name="Sheet",
    answers=("P07", "left"),
    clock_bound_ms=0.3,
    round_trip_ms=2.0,
    slow_trip_ms=9.0,
    gaze_hz=199.0,
    worn_share=1.0,
    markers_expected=8,
    markers_seen=8,
    markers_locate=True,
)


def judged(needs: Requirements = NEEDS, waited_s: float = 0.0, **changes: Any) -> Readiness:
    return judge(dataclasses.replace(GOOD, **changes), needs, waited_s)


def item(key: str, needs: Requirements = NEEDS, waited_s: float = 0.0, **changes: Any) -> Item:
    found = judged(needs, waited_s, **changes).item(key)
    assert found is not None
    return found


def test_all_good_is_ready_and_needs_no_sentence() -> None:
    found = judged(Requirements(serial="123456", wearer="p07 "))
    assert found.verdict == "ready" and found.ready and found.all_good
    assert tuple(each.key for each in found.items) == KEYS
    assert [each.sentence for each in found.items] == [""] * len(KEYS)
    assert str(found) == "ready"


@pytest.mark.parametrize(
    ("key", "changes", "state", "words"),
    [
        ("glasses", {"link": "connecting"}, "waiting", "Looking for the phone"),
        ("glasses", {"link": "failed", "link_error": "none answered"}, "bad", "No phone: none"),
        ("glasses", {"link": "lost", "link_error": "timed out"}, "bad", "is lost"),
        ("glasses", {"plugged_in": False, "module_serial": ""}, "bad", "plug them in"),
        ("glasses", {"simulated": True}, "warning", "Simulated glasses"),
        ("worn", {"worn_share": 0.0}, "bad", "put them on"),
        ("worn", {"worn_share": 0.7}, "warning", "nose pads"),
        ("worn", {"worn_share": None}, "waiting", "no gaze"),
        ("battery", {"battery_percent": None}, "waiting", "charge"),
        ("battery", {"battery_percent": 8, "battery_state": "LOW"}, "bad", "is low: plug it in"),
        ("battery", {"battery_percent": 3, "battery_state": "CRITICAL"}, "bad", "nearly empty"),
        ("battery", {"battery_percent": 39}, "bad", "60 min are needed: charge the phone"),
        ("battery", {"battery_percent": 41}, "warning", "Just enough"),
        ("storage", {"free_storage_bytes": None}, "waiting", "storage"),
        ("storage", {"free_storage_bytes": 6_900_000_000}, "bad", "delete uploaded recordings"),
        ("storage", {"free_storage_bytes": 7_100_000_000}, "warning", "Just enough"),
        ("storage", {"storage_state": "LOW"}, "bad", "nearly full"),
        ("template", {"template": "unknown"}, "waiting", "Asking"),
        ("template", {"template": "unreadable", "template_error": "404"}, "warning", "app: 404."),
        (
            "template",
            {"template": "incomplete", "open_questions": ("Age", "Hand", "Eye", "Name")},
            "bad",
            "Age, Hand, Eye and 1 more. Answer it in the app",
        ),
        ("recording", {"recording": "failed", "recording_error": "No wearer"}, "bad", "No wearer."),
        ("recording", {"other_recording": True}, "bad", "stop it in the app"),
        ("clock", {"clock_bound_ms": None}, "waiting", "not been read"),
        ("clock", {"clock_bound_ms": 5.1}, "bad", "5 ms are wanted"),
        ("clock", {"clock_steps": 2}, "warning", "set 2 times: turn off its automatic time"),
        ("network", {"round_trip_ms": None}, "waiting", "not timed"),
        ("network", {"round_trip_ms": 51.0}, "bad", "Too slow, 50 ms are wanted"),
        ("network", {"slow_trip_ms": 250.0}, "warning", "late now and then"),
        ("gaze", {"gaze_hz": None}, "waiting", "Waiting for gaze"),
        ("gaze", {"gaze_error": "no such sensor"}, "bad", "no such sensor"),
        ("gaze", {"gaze_hz": 90.0}, "bad", "100 are wanted"),
        ("gaze", {"gaze_lost_share": 0.05}, "warning", "loses gaze"),
        ("markers", {"markers_seen": None}, "waiting", "picture"),
        ("markers", {"scene_error": "refused"}, "bad", "refused"),
        ("markers", {"markers_locate": False, "markers_seen": 1}, "bad", "look at the screen"),
        ("markers", {"marker_problems": ("Tag 3 is too small.",)}, "warning", "too small"),
        (
            "markers",
            {"markers_locate": False, "marker_problems": ("None of the 8 tags is seen.",)},
            "bad",
            "None of the 8",
        ),
    ],
)
def test_what_is_wrong_is_said_with_a_remedy(
    key: str, changes: dict[str, Any], state: str, words: str
) -> None:
    found = item(key, **changes)
    assert (found.state, words in found.sentence) == (state, True), found
    others = [each for each in judged(**changes).items if each.key != key]
    if changes.get("link") is None:
        assert {each.state for each in others} == {"good"}


def test_warnings_keep_no_session_from_beginning_and_faults_do() -> None:
    warned = judged(clock_steps=1, worn_share=0.7)
    assert (warned.verdict, warned.ready, warned.all_good) == ("ready with warnings", True, False)
    assert warned.bad == ()
    faulty = judged(clock_steps=1, gaze_hz=None, plugged_in=False)
    assert (faulty.verdict, faulty.ready) == ("not ready", False)
    assert [each.key for each in faulty.bad] == ["glasses"]


@pytest.mark.parametrize(
    ("key", "changes", "state"),
    [
        ("clock", {"clock_bound_ms": NEEDS.clock_ms}, "good"),
        ("network", {"round_trip_ms": NEEDS.round_trip_ms, "slow_trip_ms": 200.0}, "good"),
        ("network", {"slow_trip_ms": 200.1}, "warning"),
        ("gaze", {"gaze_hz": NEEDS.gaze_hz, "gaze_lost_share": 0.01}, "good"),
        ("worn", {"worn_share": 0.9}, "good"),
        ("worn", {"worn_share": 0.5}, "warning"),
        ("worn", {"worn_share": 0.499}, "bad"),
        ("battery", {"battery_percent": 40}, "warning"),
        ("battery", {"battery_percent": 46}, "good"),
    ],
)
def test_what_just_meets_a_need_meets_it(key: str, changes: dict[str, Any], state: str) -> None:
    assert item(key, **changes).state == state


@pytest.mark.parametrize(
    ("key", "changes", "value"),
    [
        ("glasses", {}, "123456 on Lab phone"),
        ("glasses", {"module_serial": "", "phone_name": ""}, "plugged in"),
        ("worn", {}, "yes"),
        ("worn", {"worn_share": 0.7}, "70 % of the time"),
        ("template", {}, "Sheet, complete"),
        ("recording", {}, "not yet"),
        ("clock", {}, "known to 0.30 ms"),
        ("network", {}, "2.0 ms, at times 9.0 ms"),
        ("network", {"round_trip_ms": 12.3, "slow_trip_ms": None}, "12 ms, at times 12 ms"),
        ("gaze", {"gaze_lost_share": 0.0012}, "199 per second, 0.1 % lost"),
        ("markers", {"markers_seen": 6}, "6 of 8 seen"),
    ],
)
def test_values_are_shown_with_their_units(key: str, changes: dict[str, Any], value: str) -> None:
    assert item(key, **changes).value == value


def test_other_glasses_than_wanted_are_wrong() -> None:
    found = item("glasses", Requirements(serial="654321"))
    assert (found.state, found.sentence) == ("bad", "Wrong glasses, 123456: plug in 654321.")


def test_a_wearer_is_looked_for_among_the_answers_only_if_wanted() -> None:
    assert judged().item("wearer") is None
    assert item("wearer", Requirements(wearer="P07")).state == "good"
    other = item("wearer", Requirements(wearer="P08"))
    assert other.state == "warning" and "P08" in other.sentence
    assert item("wearer", Requirements(wearer="P07"), template="unknown").state == "waiting"


def test_simulated_glasses_are_good_in_a_pilot_run_but_said_to_be_simulated() -> None:
    found = judge(dataclasses.replace(GOOD, simulated=True), NEEDS, 0.0, piloting=True)
    assert found.all_good and found.items[0].sentence.startswith("Simulated glasses")


def test_a_pilot_run_does_not_make_wrong_glasses_right() -> None:
    facts = dataclasses.replace(GOOD, simulated=True)
    found = judge(facts, Requirements(serial="654321"), 0.0, piloting=True)
    assert found.verdict == "not ready"


@pytest.mark.parametrize("link", ["connecting", "failed", "lost"])
def test_without_the_phone_old_values_count_for_nothing(link: str) -> None:
    found = judged(link=link, waited_s=100.0)
    assert {each.state for each in found.items[1:]} == {"waiting"}
    assert not found.ready


def test_what_is_unknown_for_too_long_is_a_fault() -> None:
    nothing = Facts(link="connected", plugged_in=True)
    early = judge(nothing, NEEDS, PATIENCE_S - 0.1)
    late = judge(nothing, NEEDS, PATIENCE_S)
    assert (early.verdict, late.verdict) == ("waiting", "not ready")
    assert "waiting" not in {each.state for each in late.items}


def test_how_long_the_session_lasts_decides() -> None:
    short, long = Requirements(minutes=30), Requirements(minutes=300)
    assert item("battery", short).state == "good" and item("battery", long).state == "bad"
    assert item("battery").value == "80 %, about 2.3 h"
    assert item("storage").value == "50.0 GB free, about 8.2 h"


def test_reserves_are_kept() -> None:
    assert battery_minutes(10, 0.5) == 0 == battery_minutes(3, 0.5)
    assert battery_minutes(100, 0.5) == 180
    assert storage_minutes(1e9, 100) == 0 and storage_minutes(7e9, 100) == 60


@pytest.mark.parametrize("name", ["minutes", "clock_ms", "gaze_hz", "battery_per_minute"])
@pytest.mark.parametrize("value", [0, -1, math.nan, math.inf, "an hour", None])
def test_needs_that_are_no_number_above_zero_are_refused(name: str, value: Any) -> None:
    with pytest.raises(UsageError, match=f"{name} is"):
        Requirements(**{name: value})


number = st.none() | st.floats(0, 1e12)
share = st.none() | st.floats(0, 1)
words = st.text(max_size=60)
texts = st.lists(words, max_size=5).map(tuple)
any_facts = st.builds(
    Facts,
    link=st.sampled_from(["connecting", "connected", "lost", "failed"]),
    link_error=words,
    simulated=st.booleans(),
    phone_name=words,
    module_serial=words,
    plugged_in=st.booleans(),
    battery_percent=st.none() | st.integers(0, 100),
    battery_state=st.sampled_from(["OK", "LOW", "CRITICAL"]),
    free_storage_bytes=st.none() | st.integers(0, 2**50),
    template=st.sampled_from(["unknown", "complete", "incomplete", "unreadable"]),
    template_error=words,
    open_questions=texts,
    answers=texts,
    recording=st.sampled_from(["idle", "starting", "recording", "stopping", "failed"]),
    recording_error=words,
    other_recording=st.booleans(),
    clock_bound_ms=number,
    clock_steps=st.integers(0, 5),
    round_trip_ms=number,
    slow_trip_ms=number,
    gaze_hz=number,
    gaze_lost_share=st.floats(0, 1),
    gaze_error=words,
    scene_error=words,
    worn_share=share,
    markers_expected=st.integers(0, 20),
    markers_seen=st.none() | st.integers(0, 20),
    markers_locate=st.booleans(),
    marker_problems=texts,
)
any_needs = st.builds(Requirements, serial=words, wearer=words, minutes=st.floats(1, 1e4))


@settings(max_examples=40)
@given(facts=any_facts, needs=any_needs, waited_s=st.floats(0, 100), piloting=st.booleans())
def test_every_item_is_one_line_and_what_is_not_good_says_why(
    facts: Facts, needs: Requirements, waited_s: float, piloting: bool
) -> None:
    found = judge(facts, needs, waited_s, piloting=piloting)
    assert [each.key for each in found.items] == [
        key for key in KEYS if key != "wearer" or found.item("wearer") is not None
    ]
    for each in found.items:
        assert each.title and each.state in ("good", "warning", "bad", "waiting")
        assert each.state == "good" or each.sentence or each.value == "needs the phone"
    assert found.ready == (not {"bad", "waiting"} & {each.state for each in found.items})
    assert found.all_good <= found.ready


@settings(max_examples=40)
@given(facts=any_facts)
def test_facts_survive_the_way_between_processes(facts: Facts) -> None:
    message = json.loads(json.dumps({**facts.to_message(), "of_a_newer_version": 1}))
    assert Facts.from_message(message) == facts
