"""Sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # see `psychopy_neon.samples.video`
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, eq=False, slots=True)
class AudioFrame:
    """One decoded piece of sound, as a rule 1024 samples (reference, 5.5; RFC 3640).

    Attributes
    ----------
    device_ns, arrived_host_ns : int
        As in `GazeSample`; the time of the first sample.
    sampling_rate_hz : int
        8000 as a rule.
    pcm : ndarray of float32, shape (samples,)
        One channel, -1 to 1.
    provisional : bool
        As in `GazeSample`.
    """

    device_ns: int
    arrived_host_ns: int
    sampling_rate_hz: int
    pcm: npt.NDArray[np.float32]
    provisional: bool = False
