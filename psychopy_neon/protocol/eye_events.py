"""Eye event payloads: fixations, saccades, blinks (reference, 5.2); network byte order.

====  ==============  =====  ========================================================
type  meaning         bytes  layout
====  ==============  =====  ========================================================
0     saccade         60     i32 type, i64 start ns, i64 end ns, 10 float32
1     fixation        60     the same
2     saccade onset   12     i32 type, i64 start ns
3     fixation onset  12     the same
4     blink           20     i32 type, i64 start ns, i64 end ns
5     keep-alive      >= 4   nothing to deliver
====  ==============  =====  ========================================================

The i64 times are on the phone's sensor clock, which can differ from its stream clock.
"""

from __future__ import annotations

import struct

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.samples import EyeEvent, EyeEventKind, EyeMovement

_TYPE = struct.Struct("!i")
_ONSET = struct.Struct("!iq")
_BLINK = struct.Struct("!iqq")
_MOVEMENT = struct.Struct("!iqq10f")
_KINDS: dict[int, tuple[EyeEventKind, struct.Struct]] = {
    0: ("saccade", _MOVEMENT),
    1: ("fixation", _MOVEMENT),
    2: ("saccade_onset", _ONSET),
    3: ("fixation_onset", _ONSET),
    4: ("blink", _BLINK),
}
KEEP_ALIVE = 5


def parse_eye_event(
    payload: bytes, *, device_ns: int, arrived_host_ns: int, provisional: bool = False
) -> EyeEvent | None:
    """Decode one payload; None for a keep-alive. Times and `provisional` are passed through.

    Raises
    ------
    ProtocolError
        If the payload is cut short or its type is unknown.
    """
    if len(payload) < _TYPE.size:
        raise ProtocolError(f"eye event of {len(payload)} bytes, at least {_TYPE.size} expected")
    (event_type,) = _TYPE.unpack_from(payload)
    if event_type == KEEP_ALIVE:
        return None
    if event_type not in _KINDS:
        raise ProtocolError(f"unknown eye event type {event_type}")
    kind, layout = _KINDS[event_type]
    if len(payload) < layout.size:
        raise ProtocolError(f"{kind} of {len(payload)} bytes, {layout.size} expected")
    _, start_ns, *rest = layout.unpack_from(payload)
    return EyeEvent(
        kind=kind,
        device_ns=device_ns,
        arrived_host_ns=arrived_host_ns,
        start_sensor_ns=start_ns,
        end_sensor_ns=rest[0] if rest else None,
        movement=_movement(rest[1:]) if len(rest) > 1 else None,
        provisional=provisional,
    )


def pack_eye_event(event: EyeEvent) -> bytes:
    """Encode an event in its own layout."""
    event_type, layout = next((t, s) for t, (kind, s) in _KINDS.items() if kind == event.kind)
    if layout is _ONSET:
        return layout.pack(event_type, event.start_sensor_ns)
    values: list[float] = []
    if layout is _MOVEMENT:
        if event.movement is None:
            raise ProtocolError(f"a {event.kind} needs its movement")
        values = _flat_movement(event.movement)
    return layout.pack(event_type, event.start_sensor_ns, event.end_sensor_ns or 0, *values)


def _movement(f: list[float]) -> EyeMovement:
    return EyeMovement((f[0], f[1]), (f[2], f[3]), (f[4], f[5]), f[6], f[7], f[8], f[9])


def _flat_movement(m: EyeMovement) -> list[float]:
    points = [*m.start_px, *m.end_px, *m.mean_px]
    return [*points, m.amplitude_px, m.amplitude_deg, m.mean_velocity_px_s, m.max_velocity_px_s]
