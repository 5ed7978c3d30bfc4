"""What a session needs."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from psychopy_neon.exceptions import UsageError

BATTERY_PER_MINUTE = 0.5
STORAGE_MB_PER_MINUTE = 100.0


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a session needs of glasses, phone and network.

    Parameters
    ----------
    minutes : float
        How long it will record; battery and storage have to last.
    serial : str
        Module serial number of the right glasses; empty for any.
    wearer : str
        Who wears them; empty for anybody. The phone's network interface does not tell the wearer
        that is chosen in the app, so this is looked for among the answers of the template.
    clock_ms : float
        Greatest possible error of the phone's clock.
    round_trip_ms : float
        Median time from a question to the phone until its answer.
    gaze_hz : float
        Lowest rate of gaze.
    battery_per_minute : float
        Percent of a full battery that a minute takes. The makers speak of about 4 hours of
        recording with a full Motorola Edge 40 Pro, which is 0.42 %; how much more it takes to
        stream as well is published nowhere, so 0.5 % is a guess on the safe side, and older
        batteries do worse.
    storage_mb_per_minute : float
        Storage that a minute takes, MB (1 000 000 bytes). The scene video takes 37.5 MB (its
        encoder is set to 5 Mbit/s, by the log of a public recording); eye video, sound and the
        rest are published nowhere, and 100 MB allow generously for them.

    Raises
    ------
    UsageError
        If a number is not above 0.
    """

    minutes: float = 60.0
    serial: str = ""
    wearer: str = ""
    clock_ms: float = 5.0
    round_trip_ms: float = 50.0
    gaze_hz: float = 100.0
    battery_per_minute: float = BATTERY_PER_MINUTE
    storage_mb_per_minute: float = STORAGE_MB_PER_MINUTE

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.type == "float" and not _is_positive(value):
                raise UsageError(f"{field.name} is {value!r}; expected a number above 0")


def _is_positive(value: object) -> bool:
    return isinstance(value, (int, float)) and 0 < value < math.inf
