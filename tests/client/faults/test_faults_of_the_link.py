"""Connections that break, and a phone or glasses that go away and come back."""

from __future__ import annotations

import re

import pytest

from psychopy_neon.client.sensor_stream import StreamState

LOST_AND_FOUND = ["recovering", "streaming"]


def states(log):
    return [line.split(" (")[0] for line in log]


def assert_recovered(watch, expected_log=LOST_AND_FOUND):
    watch.take(40)
    watch.check()
    health = watch.health
    assert (health.state, health.error) == (StreamState.STREAMING, "")
    assert states(watch.log()) == list(expected_log)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        pytest.param(lambda faults: faults.reset("gaze"), "broke: .*reset", id="reset"),
        pytest.param(lambda faults: faults.say_bye("gaze"), "the phone ended", id="BYE"),
    ],
)
def test_a_session_that_ends_is_followed_by_another_at_once(watch, fault, reason):
    seen = watch()
    fault(seen.faults)
    seen.until(lambda: seen.health.interruptions == 1)
    assert_recovered(seen)
    assert seen.longest_gap_s < 1.0 + seen.taken_s  # 0.05 s as a rule
    assert re.search(reason, seen.log()[0])
    assert seen.missing() < 200 * (1.0 + seen.taken_s)
    assert abs(seen.health.interrupted_ns / 1e9 - seen.longest_gap_s) < 0.1 + seen.taken_s


def test_refused_play_is_shown_and_tried_again(watch):
    seen = watch()
    seen.faults.refuse_play("gaze", 3)
    seen.faults.reset("gaze")
    seen.until(lambda: "500" in seen.health.error)
    assert seen.health.state is StreamState.RECOVERING
    seen.until_state(StreamState.STREAMING)
    assert_recovered(seen)
    assert seen.longest_gap_s < 4.0 + seen.taken_s  # 0 + 0.2 + 0.5 s between the attempts


def test_a_silent_sensor_is_noticed_within_a_second_and_taken_up_again(watch):
    seen = watch()
    seen.take(200)
    seen.faults.silence("gaze")
    noticed_s = seen.until_state(StreamState.RECOVERING)
    assert noticed_s < 1.5
    assert seen.health.error.startswith("no gaze packets for 0.")
    stream = seen.simulator.gaze.stream
    session = stream._receivers
    seen.until(lambda: stream._receivers not in (session, ()))  # it tries another session
    seen.faults.silence("gaze", False)
    assert seen.until_state(StreamState.STREAMING) < 2.0
    assert seen.health.error == "" and "no gaze packets" in seen.health.last_error
    assert_recovered(seen)


def test_a_short_silence_costs_no_session(watch):
    seen = watch()
    seen.take(200)
    seen.faults.cut_link(1.0)
    seen.until_state(StreamState.RECOVERING)
    assert seen.until_state(StreamState.STREAMING) < 3.0
    assert_recovered(seen)
    # Counted by number, because the session is the same.
    assert seen.health.lost == seen.missing() > 100


def test_a_link_that_is_cut_for_long_comes_back(watch):
    seen = watch()
    seen.faults.cut_link(4.0)
    passed_s = seen.until_state(StreamState.RECOVERING)
    passed_s += seen.until_state(StreamState.STREAMING)
    assert passed_s < 10.0
    assert_recovered(seen)
    seen.until(lambda: seen.neon.state.value == "connected")


def test_a_rebooted_phone_is_found_at_its_new_ports(watch):
    seen = watch()
    before = seen.simulator.rtsp_port
    seen.faults.reboot(1.0)
    seen.until(lambda: seen.health.interruptions == 1)
    assert seen.simulator.rtsp_port != before
    seen.take(40)
    seen.check()
    assert seen.longest_gap_s < 6.0 + seen.taken_s
    assert states(seen.log())[0] == "recovering" and states(seen.log())[-1] == "streaming"
    assert len(seen.log()) <= 4
    seen.until(lambda: seen.neon.state.value == "connected")


def test_unplugged_glasses_are_a_state_and_plugged_in_again_they_stream(watch):
    seen = watch()
    seen.faults.unplug()
    seen.until_state(StreamState.NO_SENSOR)
    assert "no gaze sensor" in seen.health.error
    seen.faults.replug()
    assert seen.until_state(StreamState.STREAMING) < 3.0
    assert states(seen.log())[-3:] == ["no sensor", "connecting", "streaming"]
    assert len(seen.log()) <= 4
    seen.take(40)
    seen.check()


def test_a_lost_status_connection_does_not_touch_the_streams(watch, caplog):
    seen = watch()
    links = []
    seen.neon.watch_status(links.append)
    seen.faults.hang_up_http()
    seen.until(lambda: len(links) >= 10)  # everything is told again
    seen.take(100)
    seen.check()
    assert seen.neon.state.value == "connected"
    assert (seen.health.interruptions, seen.health.lost, seen.missing()) == (0, 0, 0)
    assert seen.log() == []
    said = [record.getMessage() for record in caplog.records]
    assert said == [
        "the phone is lost: the phone closed its status connection",
        "the phone is back",
    ]


def test_an_address_that_only_the_phone_knows_does_no_harm(watch):
    seen = watch(reported_ip="192.0.2.7")
    assert seen.neon.phone_ip == "192.0.2.7"
    seen.take(50)
    seen.check()
    receipt = seen.neon.send_event("here")
    seen.until(lambda: receipt.tries)
    assert receipt.wait(5.0).value == "discarded"  # it arrived; no recording runs
