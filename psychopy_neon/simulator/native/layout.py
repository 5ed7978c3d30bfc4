"""Tables of a native recording folder.

A table NAME lies in ``NAME ps1.raw`` (rows, little endian, no padding), ``NAME ps1.time`` (int64
Unix ns of each row) and ``NAME.dtype`` (its fields as text); further parts of a long recording are
``ps2`` and so on. The eye events' rows are those of the wire but for the order of bytes. Source: a
recording of app 2.9.19.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.int64]
Fields = tuple[tuple[str, str], ...]

_EYE = (
    "pupil_diameter_{}_mm",
    *(f"{part}_{{}}_{axis}" for part in ("eyeball_center", "optical_axis") for axis in "xyz"),
)
_LID = ("eyelid_angle_top_{}", "eyelid_angle_bottom_{}", "eyelid_aperture_{}_mm")


def _floats(*names: str) -> Fields:
    return tuple((name, "float32") for name in names)


@dataclass(frozen=True, slots=True)
class Table:
    """One kind of data.

    Attributes
    ----------
    name : str
        That its files begin with.
    fields : tuple of (str, str)
        Name and type.
    fewest : int
        So many fields at least; older apps did not have the rest.
    timed_by : str
        Table whose times it has; empty for its own.
    """

    name: str
    fields: Fields
    fewest: int
    timed_by: str = ""

    def dtype(self, count: int | None = None) -> np.dtype[np.void]:
        """Type of a row, or of a row with its first `count` fields only."""
        return np.dtype(
            [(name, np.dtype(kind).newbyteorder("<")) for name, kind in self.fields[:count]]
        )


_SPAN: Fields = (
    ("event_type", "int32"),
    ("start_timestamp_ns", "int64"),
    ("end_timestamp_ns", "int64"),
)
_EYE_STATE = tuple(
    name.format(side) for part in (_EYE, _LID) for side in ("left", "right") for name in part
)
GAZE = Table("gaze", _floats("x", "y"), 2)
WORN = Table("worn", (("worn", "uint8"),), 1, timed_by="gaze")
EYE_STATE = Table("eye_state", _floats(*_EYE_STATE), 14)
IMU = Table(
    "imu",
    (
        ("timestamp_ns", "int64"),
        *_floats(*(f"{part}_{axis}" for part in ("gyro", "accel") for axis in "xyz")),
        *_floats(*(f"quaternion_{axis}" for axis in "wxyz")),
    ),
    11,
)
FIXATIONS = Table(
    "fixations",
    (
        *_SPAN,
        *_floats(*(f"{which}_gaze_{axis}" for which in ("start", "end", "mean") for axis in "xy")),
        *_floats("amplitude_pixels", "amplitude_angle_deg", "mean_velocity", "max_velocity"),
    ),
    13,
)
BLINKS = Table("blinks", _SPAN, 3)

IMU_PACKETS = "extimu"  # the wire's packets, each behind its length as uint16
SCENE_VIDEO, EYES_VIDEO = "Neon Scene Camera v1", "Neon Sensor Module v1"
INFO, CALIBRATION, TEMPLATE, WEARER = "info.json", "calibration.bin", "template.json", "wearer.json"
EVENT_NAMES, EVENT_TIMES = "event.txt", "event.time"
EYE_STATE_BYTES = 4 * EYE_STATE.fewest, 4 * len(EYE_STATE.fields)


def dtype_text(fields: Fields) -> str:
    """What a ``.dtype`` file says."""
    return "[\n" + "".join(f'("{name}", "{kind}"),\n' for name, kind in fields) + "]\n"
