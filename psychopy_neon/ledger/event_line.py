"""The line of an event in a ledger."""

from __future__ import annotations

from json.encoder import encode_basestring_ascii

from psychopy_neon.ledger.strict_json import strict_json


def event_line(number: int, name: str, host_ns: int, experiment_s: float, attached: str) -> str:
    """Return the line, with its end; `attached` comes from `attached_json`."""
    line = (
        f'{{"kind": "event", "number": {number}, "name": {encode_basestring_ascii(name)}, '
        f'"host_ns": {host_ns}, "experiment_s": {experiment_s!r}{attached}}}'
    )
    return strict_json(line) + "\n"


def attached_json(data_json: str = "", handed_over: int | None = None) -> str:
    """What else the line has: the data, and the number in the process that made the event."""
    attached = data_json and f', "data": {data_json}'
    return attached if handed_over is None else f'{attached}, "handed_over": {handed_over}'
