"""Getting hold of the glasses, and letting go of them."""

from __future__ import annotations

import socket
from types import SimpleNamespace
from typing import Any

import pytest

from psychopy_neon.exceptions import NeonConnectionError, UsageError


def test_all_objects_share_one_connection(runtime: Any, view: Any, window: Any) -> None:
    tracker = runtime.connect(view)
    assert runtime.connect(view) is tracker
    assert runtime.connect(tracker) is tracker
    assert runtime.NeonEvent(window, view).tracker is tracker


def test_the_receiving_buffer_holds_long_replies(runtime: Any, view: Any) -> None:
    sock = view.hubClient.udp_client.sock
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
    runtime.connect(view)
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) > 200_000


def test_a_tracker_that_was_not_chosen_is_named(runtime: Any) -> None:
    with pytest.raises(UsageError, match=r"no eye tracker: choose 'Pupil Labs Neon"):
        runtime.connect(None)


def test_another_tracker_is_named(runtime: Any) -> None:
    class MouseView:
        def getIOHubDeviceClass(self, full: bool = False) -> str:  # noqa: N802
            return "psychopy.iohub.devices.eyetracker.hw.mouse.EyeTracker"

    with pytest.raises(UsageError, match=r"hw\.mouse\.EyeTracker', not Neon: choose"):
        runtime.connect(MouseView())


def test_a_device_that_did_not_start_is_named(runtime: Any) -> None:
    class DeadView:
        """ioHub's own view of such a device has no list of methods to search."""

        _methods: Any = None

        def getIOHubDeviceClass(self, full: bool = False) -> str:  # noqa: N802
            return "psychopy.iohub.devices.eyetracker.neon_realtime.EyeTracker"

        def __getattr__(self, name: str) -> Any:
            if name in self._methods:
                return None
            raise AttributeError(self, name)

    with pytest.raises(NeonConnectionError, match="did not start inside ioHub"):
        runtime.connect(DeadView())


def test_connecting_is_waited_for(runtime: Any, view: Any) -> None:
    view.states = ["connecting", "connecting", "connected"]
    runtime.connect(view)
    assert len(view.named("neon_status")) >= 3


def test_a_missing_phone_stops_the_experiment_with_one_sentence(runtime: Any, view: Any) -> None:
    view.states, view.error = ["failed"], "nothing answers at 192.0.2.7:8080"
    with pytest.raises(NeonConnectionError) as caught:
        runtime.connect(view)
    assert "nothing answers at 192.0.2.7:8080" in str(caught.value)
    assert "'go on'" in str(caught.value)


def test_a_silent_phone_is_not_waited_for_for_ever(
    runtime: Any, view: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    view.states = ["connecting"]
    tracker = runtime.NeonTracker(runtime.tracker.HubLink(view))
    with pytest.raises(NeonConnectionError, match=r"no phone answered within 0\.2 s"):
        tracker.wait_until_connected(timeout_s=0.2)


def test_the_experiment_goes_on_without_a_phone_if_so_wished(
    runtime: Any, view: Any, log: Any
) -> None:
    view.states, view.error = ["failed"], "nothing answers"
    view.chosen["if_missing"] = "go on"
    runtime.connect(view)
    assert "going on without the glasses: nothing answers" in log


def test_an_exception_in_the_device_is_not_taken_for_an_answer(runtime: Any, view: Any) -> None:
    view.reply_instead = "PC_DEVICE_RUNTIME_ERROR"
    with pytest.raises(NeonConnectionError, match="ioHub answered neon_status with 'PC_DEVICE"):
        runtime.connect(view)


def test_tidying_up_is_arranged_once(runtime: Any, view: Any) -> None:
    at_exit: list[Any] = []
    for _ in range(3):
        runtime.connect(view, at_exit=at_exit)
    assert len(at_exit) == 1


def test_tidying_up_happens_before_iohub_ends(runtime: Any, view: Any) -> None:
    recording = runtime.NeonRecording(view)
    recording.start()
    view.phone_starts()
    view.hubClient.shutdown()
    assert view.named("neon_stop_recording") == [(True,)]
    assert view.hubClient.shutdowns == 1


def test_tidying_up_twice_does_it_once(runtime: Any, view: Any) -> None:
    at_exit: list[Any] = []
    runtime.connect(view, at_exit=at_exit)
    runtime.NeonRecording(view).start()
    view.phone_starts()
    at_exit[0]()
    view.hubClient.shutdown()
    assert len(view.named("neon_stop_recording")) == 1


def test_after_tidying_up_a_new_experiment_connects_anew(runtime: Any, view: Any) -> None:
    first = runtime.connect(view)
    first.close()
    assert runtime.connect(view) is not first


def test_nothing_is_called_once_iohub_has_died(runtime: Any, view: Any, window: Any) -> None:
    gaze, event = runtime.NeonGaze(window, view), runtime.NeonEvent(window, view)
    view.hubClient.die()
    view.show_gaze(age_s=60.0)  # nobody renews it any more
    view.calls.clear()
    assert not gaze.valid
    assert event.send("kept in the file") == 1
    runtime.connect(view).close()
    assert view.calls == []


def test_a_hub_of_another_make_is_taken_as_alive(runtime: Any, view: Any) -> None:
    view.hubClient = SimpleNamespace(
        udp_client=view.hubClient.udp_client,
        shutdown=view.hubClient.shutdown,
        _shutdown_attempted=False,
    )
    assert runtime.connect(view).status()["state"] == "connected"


@pytest.mark.parametrize("choice", ["routine", "experiment", "never"])
def test_a_recording_of_the_whole_experiment_lets_samples_flow_from_the_start(
    runtime: Any, view: Any, choice: str
) -> None:
    """There may be no component that does; the data file would stay empty."""
    view.chosen["record_with"] = choice
    runtime.connect(view)
    assert view.sampling == (choice == "experiment")
