"""Gaze payloads: one sample per RTP packet, network byte order (reference, 5.1).

=====  ==========================================================================
bytes  content
=====  ==========================================================================
9      x, y (float32, scene pixels), worn (uint8, 255 = worn)
17     left x, y, worn, right x, y
25     9-byte form, then left x, y and right x, y
65     9-byte form, then 7 float32 for the left and 7 for the right eye: pupil
       diameter (mm), eyeball centre (mm), optical axis
89     65-byte form, then 3 float32 per eye: lid angles (rad), aperture (mm)
105    89-byte form, then left x, y and right x, y
=====  ==========================================================================

New, longer forms have appeared every year. An unknown length is decoded as the longest known
form that fits, and the rest is counted in `GazeSample.unknown_bytes`.
"""

from __future__ import annotations

import struct

from psychopy_neon.exceptions import ProtocolError
from psychopy_neon.samples import Eyelid, EyeState, GazeSample

WORN = 255
_POINT = struct.Struct("!ffB")
_DUAL_MONOCULAR = struct.Struct("!ffBff")
_TWO_POINTS = struct.Struct("!4f")
_EYE_STATES = struct.Struct("!14f")
_EYELIDS = struct.Struct("!6f")
_FORMS = {
    9: _POINT,
    17: _DUAL_MONOCULAR,
    25: struct.Struct("!ffB4f"),
    65: struct.Struct("!ffB14f"),
    89: struct.Struct("!ffB20f"),
    105: struct.Struct("!ffB24f"),
}
KNOWN_LENGTHS = tuple(_FORMS)


def parse_gaze(
    payload: bytes, *, device_ns: int, arrived_host_ns: int, provisional: bool = False
) -> GazeSample:
    """Decode one payload; the times, and whether they are `provisional`, are passed through.

    Only the 17-byte form is monocular: it has no binocular point, `x` and `y` are those of the
    left eye.

    Raises
    ------
    ProtocolError
        If the payload is shorter than the shortest known form.
    """
    known = len(payload) if len(payload) in KNOWN_LENGTHS else _longest_known(payload)
    f = _FORMS[known].unpack_from(payload)
    left_eye = right_eye = left_lid = right_lid = left_point = right_point = None
    # Not by the classes' constructors: these are Python functions, and this is done for every
    # packet while somebody waits.
    if known == 17:
        left_point, right_point = f[:2], f[3:5]
    elif known == 25:
        left_point, right_point = f[3:5], f[5:7]
    if known >= 65:
        left_eye = tuple.__new__(EyeState, (f[3], f[4:7], f[7:10]))
        right_eye = tuple.__new__(EyeState, (f[10], f[11:14], f[14:17]))
    if known >= 89:
        left_lid, right_lid = tuple.__new__(Eyelid, f[17:20]), tuple.__new__(Eyelid, f[20:23])
    if known >= 105:
        left_point, right_point = f[23:25], f[25:27]
    values = (
        *(device_ns, arrived_host_ns, f[0], f[1], f[2] == WORN),
        *(left_eye, right_eye, left_lid, right_lid, left_point, right_point),
        *(len(payload) - known, provisional, known == 17),
    )
    return tuple.__new__(GazeSample, values)


def _longest_known(payload: bytes) -> int:
    known = max((n for n in KNOWN_LENGTHS if n <= len(payload)), default=0)
    if known == 0:
        raise ProtocolError(f"gaze payload of {len(payload)} bytes, at least 9 expected")
    return known


def pack_gaze(sample: GazeSample) -> bytes:
    """Encode the shortest form that holds every part of `sample`.

    Raises
    ------
    ProtocolError
        If it is monocular and has not both points.
    """
    worn = WORN if sample.worn else 0
    if sample.is_monocular:
        return _packed_monocular(sample, worn)
    data = _POINT.pack(sample.x, sample.y, worn)
    points = _packed_points(sample)
    if sample.left_eye is None or sample.right_eye is None:
        return data + points
    data += _EYE_STATES.pack(*_flat_eye(sample.left_eye), *_flat_eye(sample.right_eye))
    if sample.left_lid is None or sample.right_lid is None:
        return data
    return data + _EYELIDS.pack(*_flat_lid(sample.left_lid), *_flat_lid(sample.right_lid)) + points


def _packed_monocular(sample: GazeSample, worn: int) -> bytes:
    if sample.left_point is None or sample.right_point is None:
        raise ProtocolError("monocular gaze needs a left and a right point")
    return _DUAL_MONOCULAR.pack(*sample.left_point, worn, *sample.right_point)


def _packed_points(sample: GazeSample) -> bytes:
    """Gaze of each eye; nothing if one is missing."""
    if sample.left_point is None or sample.right_point is None:
        return b""
    return _TWO_POINTS.pack(*sample.left_point, *sample.right_point)


def _flat_eye(eye: EyeState) -> tuple[float, ...]:
    return (eye.pupil_diameter_mm, *eye.eyeball_center_mm, *eye.optical_axis)


def _flat_lid(lid: Eyelid) -> tuple[float, float, float]:
    return (lid.angle_top_rad, lid.angle_bottom_rad, lid.aperture_mm)
