from __future__ import annotations

import json

import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.event_check import MAX_DATA_CHARACTERS, check_event
from psychopy_neon.protocol.rest import MAX_EVENT_NAME_CHARACTERS

ROOM = MAX_DATA_CHARACTERS - len('{"a": ""}')
CIRCLE: dict[str, object] = {}
CIRCLE["itself"] = CIRCLE


def test_data_become_json_and_none_becomes_nothing():
    data = {"side": "left", "trial": 3, "ünusual": [1.5, None, True]}
    assert json.loads(check_event("go", data)) == data
    assert check_event("go") == ""
    assert check_event("go", {}) == "{}"


@pytest.mark.parametrize("name", [None, 7, b"go", "", " \t\n"])
def test_what_is_no_name_is_refused(name):
    with pytest.raises(UsageError, match="an event needs a name"):
        check_event(name)


def test_the_longest_name_is_taken_and_a_longer_one_refused():
    assert check_event("x" * MAX_EVENT_NAME_CHARACTERS) == ""
    with pytest.raises(UsageError, match="at most 1000 characters; this one has 1001"):
        check_event("x" * (MAX_EVENT_NAME_CHARACTERS + 1))


def test_the_longest_data_are_taken_and_longer_ones_refused():
    assert len(check_event("go", {"a": "x" * ROOM})) == MAX_DATA_CHARACTERS == 4000
    with pytest.raises(UsageError, match="at most 4000 characters"):
        check_event("go", {"a": "x" * (ROOM + 1)})


@pytest.mark.parametrize("data", ["left", 3, [1, 2], True])
def test_data_that_are_no_dict_are_refused(data):
    with pytest.raises(UsageError, match="must be a dict of at most"):
        check_event("go", data)


@pytest.mark.parametrize("data", [{"a": object()}, {"a": {1, 2}}, CIRCLE, {(1, 2): 3}])
def test_data_that_json_cannot_express_are_refused(data):
    with pytest.raises(UsageError, match="must be a dict of texts and numbers"):
        check_event("go", data)
