"""What an event may be called, and what may be attached to it."""

from __future__ import annotations

import json
from typing import Any

from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.rest import MAX_EVENT_NAME_CHARACTERS

MAX_DATA_CHARACTERS = 4_000


_encode = json.JSONEncoder().encode


def check_event(name: object, data: object = None) -> str:
    """Raise `UsageError` if an event cannot have this name or these data.

    Parameters
    ----------
    name : object
        Should be a text that is not empty.
    data : object
        Should be None, or a dict that JSON can express.

    Returns
    -------
    str
        The data as JSON; empty for None.
    """
    if not isinstance(name, str) or not name.strip():
        raise UsageError(f"an event needs a name, a text that is not empty; got {name!r}")
    if len(name) > MAX_EVENT_NAME_CHARACTERS:
        raise UsageError(
            f"an event name has at most {MAX_EVENT_NAME_CHARACTERS} characters; "
            f"this one has {len(name)}"
        )
    return "" if data is None else _data_json(data)


def _data_json(data: Any) -> str:
    try:
        text = _encode(data)
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(
            f"the data of an event must be a dict of texts and numbers; got {data!r}: {error}"
        ) from error
    if not isinstance(data, dict) or len(text) > MAX_DATA_CHARACTERS:
        raise UsageError(
            f"the data of an event must be a dict of at most {MAX_DATA_CHARACTERS} characters "
            f"as JSON; got {text[:60]!r}"
        )
    return text
