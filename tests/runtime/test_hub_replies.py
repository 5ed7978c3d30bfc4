"""Remote calls of ioHub whose replies are late, lost, or long."""

from __future__ import annotations

import socket
import warnings
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import msgpack
import pytest

from psychopy_neon.exceptions import NeonConnectionError, UsageError

LIMIT_S = 0.3
WAIT_S = 5.0


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """Where the questions arrive."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(WAIT_S)
        yield sock


@pytest.fixture
def client(runtime: Any, server: socket.socket) -> Iterator[Any]:
    """ioHub's own end in the experiment, with our limit."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from psychopy.iohub.net import UDPClientConnection

        from psychopy_neon.runtime.hub_replies import HubReplies
    made = UDPClientConnection(remote_host="127.0.0.1", remote_port=server.getsockname()[1])
    made.replies = HubReplies(made, LIMIT_S)
    yield made
    made.sock.close()


@pytest.fixture
def answer(server: socket.socket, client: Any) -> Callable[..., tuple[str, int]]:
    """Ask, and have some of the questions answered; returns the address of the one who asked."""

    def answer(question: str, *replies: bytes) -> tuple[str, int]:
        client.sendTo((question,))
        _, address = server.recvfrom(10_000)
        for reply in replies:
            server.sendto(reply, address)
        return address  # type: ignore[no-any-return]

    return answer


def test_a_reply_passes(client: Any, answer: Any) -> None:
    answer("now", msgpack.packb(["RESULT", 5]))
    assert client.receive()[0] == ["RESULT", 5]
    assert client.replies.missing == 0


def test_a_reply_that_never_comes_is_waited_for_for_a_bounded_time(
    client: Any, answer: Any, log: Any, stopwatch: Any
) -> None:
    answer("lost")
    passing = stopwatch()
    assert client.receive() is None
    assert passing.passed_s > LIMIT_S * 0.9 and passing.own_s < LIMIT_S + 1
    assert client.replies.missing == 1
    assert "ioHub did not answer within 0.3 s" in log


def test_a_late_reply_is_not_taken_for_the_next_answer(
    client: Any, answer: Any, server: socket.socket
) -> None:
    address = answer("slow")
    assert client.receive() is None
    server.sendto(msgpack.packb(["RESULT", "slow"]), address)
    answer("fast", msgpack.packb(["RESULT", "fast"]))
    assert client.receive()[0] == ["RESULT", "fast"]


def test_half_a_reply_does_not_spoil_the_next_one(client: Any, answer: Any) -> None:
    packed = msgpack.packb(["RESULT", ["x" * 100] * 100])
    answer("events", msgpack.packb(["IOHUB_MULTIPACKET_RESPONSE", 2]), packed[:5_000])
    assert client.receive() is None
    answer("events", msgpack.packb(["RESULT", 1]))
    assert client.receive()[0] == ["RESULT", 1]


def test_while_iohub_hangs_waits_are_short_and_then_long_again(client: Any, answer: Any) -> None:
    from psychopy_neon.runtime.hub_replies import NEXT_LIMIT_S

    answer("lost")
    assert client.receive() is None
    assert client.sock.gettimeout() == NEXT_LIMIT_S
    answer("now", msgpack.packb(["RESULT", 1]))
    client.receive()
    assert client.sock.gettimeout() == LIMIT_S


def test_a_new_socket_has_room_for_long_replies_as_well(client: Any, answer: Any) -> None:
    answer("lost")
    client.receive()
    assert client.sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) > 200_000


def test_asking_for_the_limit_twice_sets_it_once(client: Any) -> None:
    from psychopy_neon.runtime.hub_replies import limit_replies

    hub = SimpleNamespace(udp_client=client)
    assert limit_replies(hub) is limit_replies(hub) is client.replies


def test_a_call_without_an_answer_is_told_in_one_sentence(runtime: Any, view: Any) -> None:
    link = runtime.tracker.HubLink(view)
    link._replies.missing = 0

    def no_answer() -> None:
        link._replies.missing += 1

    view.neon_status = no_answer
    with pytest.raises(NeonConnectionError, match="ioHub does not answer: its process hangs"):
        link.call("neon_status", dict)


@pytest.fixture
def reading() -> Any:
    """A view whose 250 events come 30 at a time."""
    unread = list(range(250))

    def get_events(*_: Any, clearEvents: bool = True, **__: Any) -> list[int]:  # noqa: N803
        reply = unread[:30]
        if clearEvents:
            del unread[:30]
        return reply

    class View:
        """As ioHub's own: what it does not have itself is a remote call."""

        def __getattr__(self, name: str) -> Any:
            if name == "getEvents":
                return get_events
            raise AttributeError(name)

    return View()


def test_get_events_returns_all_of_them(reading: Any) -> None:
    from psychopy_neon.runtime.complete_reading import read_completely

    read_completely(reading)
    read_completely(reading)
    assert reading.getEvents() == list(range(250))
    assert reading.getEvents() == []


def test_a_look_at_the_events_comes_to_an_end(reading: Any) -> None:
    from psychopy_neon.runtime.complete_reading import read_completely

    read_completely(reading)
    assert reading.getEvents(clearEvents=False) == list(range(30))


@pytest.fixture
def connection(client: Any) -> Any:
    """PsychoPy's own connection to ioHub, without having started one."""
    from psychopy.iohub.client import ioHubConnection

    class Connection(ioHubConnection):  # type: ignore[misc]
        def __init__(self) -> None:
            self.udp_client, self.allEvents = client, []

        def __del__(self) -> None:
            """PsychoPy's would end an ioHub."""

    return Connection()


def test_psychopy_itself_raises_when_iohub_hangs(connection: Any) -> None:
    """Else there would be no need for what the next test is about."""
    with pytest.raises(TypeError):
        connection.getEvents()


def test_the_common_buffer_gives_no_events_while_iohub_hangs(
    connection: Any, client: Any, server: socket.socket, log: Any
) -> None:
    from psychopy_neon.runtime.complete_reading import read_in_time

    read_in_time(connection)
    read_in_time(connection)
    assert connection.getEvents() == []
    assert client.replies.missing == 1 and "ioHub did not answer within 0.3 s" in log
    assert "its events are lost to this script; the data file has them" in log
    with pytest.raises(TypeError):
        connection.getEvents(surely="not")  # what is wrong in a script is still told


@pytest.fixture
def keyboard(connection: Any) -> Any:
    """PsychoPy's own view of ioHub's keyboard, without a keyboard."""
    from psychopy.iohub.client.keyboard import Keyboard

    class View(Keyboard):  # type: ignore[misc]
        def __init__(self) -> None:
            self.hubClient, self.device_class = connection, "Keyboard"
            self._methods = ["getCurrentDeviceState"]
            self._events, self._pressed_keys, self._reporting = {}, {}, True
            self._event_buffer_length, self._type2class = 10, {}

    return View()


def test_psychopys_keyboard_raises_when_iohub_hangs(keyboard: Any) -> None:
    with pytest.raises(RuntimeError, match="state request failed"):
        keyboard.getKeys()


def test_there_are_no_keys_while_iohub_hangs(keyboard: Any, client: Any) -> None:
    from psychopy_neon.runtime.complete_reading import read_keys_in_time

    hub = SimpleNamespace(devices=SimpleNamespace(keyboard=keyboard))
    read_keys_in_time(hub)
    read_keys_in_time(hub)
    assert keyboard.getKeys() == []
    assert client.replies.missing == 1
    read_keys_in_time(SimpleNamespace(devices=SimpleNamespace()))  # an ioHub without a keyboard


@pytest.mark.parametrize("argument", [{1: "a"}, {"a": {2: "b"}}, [{"a": [{None: 1}]}]])
def test_keys_that_iohub_cannot_take_are_refused_before_they_are_sent(
    runtime: Any, view: Any, argument: Any
) -> None:
    link = runtime.tracker.HubLink(view)
    with pytest.raises(UsageError, match="must be a text, as ioHub cannot take others"):
        link.call("neon_set_surface", bool, argument)
    assert view.named("neon_set_surface") == []


def test_event_data_with_numbers_as_keys_take_either_way_as_text(runtime: Any, view: Any) -> None:
    view.spool_error = "no room"
    runtime.connect(view).send_event("target", 1.0, {1: "left", "2": 3})
    assert view.named("neon_send_event") == [("target", 1.0, {"1": "left", "2": 3}, 1)]


def test_the_iohub_of_another_experiment_is_left_alone(runtime: Any, view: Any) -> None:
    view.chosen["experiment_pid"] = 4
    ended: list[str] = []
    process = SimpleNamespace(
        poll=lambda: None, kill=lambda: ended.append("kill"), wait=lambda: ended.append("wait")
    )
    view.hubClient._server_process = process
    with pytest.raises(NeonConnectionError, match=r"another experiment answers \(process 4\)"):
        runtime.connect(view)
    assert ended == ["kill", "wait"]
    assert view.hubClient._shutdown_attempted and view.hubClient.shutdowns == 0
