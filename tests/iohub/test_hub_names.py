"""Streams and screens on top of ioHub, without one; whole runs are in `test_hub_one_line`."""

from __future__ import annotations

from typing import Any

import pytest

from psychopy_neon.client.sensor_stream import SensorStream
from psychopy_neon.client.stream_health import StreamState
from psychopy_neon.exceptions import ClosedError, UsageError
from psychopy_neon.hub.screen import HubScreen
from psychopy_neon.hub.streams import HubStream

NAMES = sorted(name for name in vars(SensorStream) if not name.startswith("_"))


def stream_of(replies: list[list[Any]]) -> HubStream[Any]:
    def ask(method: str, *_: Any) -> Any:
        return replies.pop(0) if method == "neon_samples" and replies else None

    return HubStream("gaze", ask, lambda fields: fields, lambda _: None)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_of_a_stream_is_there_or_says_why_not(name: str) -> None:
    stream = stream_of([])
    try:
        getattr(stream, name)
    except UsageError as error:
        assert f"'{name}' is not offered through ioHub" in str(error)


def test_samples_that_were_gone_before_they_were_asked_for_count_as_dropped() -> None:
    stream = stream_of([[0, 0, []], [5, 3, [[1], [2]]]])
    stream.start()
    stream.pump()
    assert stream.dropped == stream.missed == 3


def test_a_closed_stream_says_so_and_ends_the_loops_over_it() -> None:
    stream = stream_of([[0, 0, []], [0, 0, []], [2, 0, [[1], [2]]], [3, 0, [[3]]]])
    seen = []
    for sample in stream:
        seen.append(sample)
        stream.close()
    assert seen == [[1], [2]]
    assert stream.state is StreamState.CLOSED
    for read in (stream.latest, stream.reader, lambda: stream.read(0.0)):
        with pytest.raises(ClosedError, match="the gaze stream was closed with its device"):
            read()


@pytest.mark.parametrize("name", ["placement", "viewing_distance", "settled", "camera"])
def test_what_a_screen_has_not_says_why(name: str) -> None:
    class Tracker:
        ask = staticmethod(lambda *_: None)

    screen = HubScreen(Tracker(), dict)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=f"'{name}' is not offered through ioHub"):
        getattr(screen, name)
