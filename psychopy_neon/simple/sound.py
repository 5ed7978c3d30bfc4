"""Sound tuples of the official client."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from psychopy_neon.samples import AudioFrame as SoundSample
from psychopy_neon.simple.timestamps import Stamped, unix_seconds


@dataclass(frozen=True, eq=False, slots=True)
class DecodedSound:
    """What scripts ask of PyAV's ``AudioFrame``, without PyAV.

    Attributes
    ----------
    samples : int
        Their number.
    sample_rate : int
        Per second, 8000 as a rule.
    pcm : ndarray of float32, shape (samples,)
        One channel, -1 to 1.
    """

    samples: int
    sample_rate: int
    pcm: npt.NDArray[np.float32]

    def to_ndarray(self) -> npt.NDArray[np.float32]:
        """Samples, shape (1, samples): one plane for the one channel."""
        return self.pcm[np.newaxis, :]


class _Audio(NamedTuple):
    av_frame: DecodedSound
    timestamp_unix_seconds: float
    resampler: None


class AudioFrame(Stamped, _Audio):
    """A piece of sound, as a rule 1024 samples (reference, 5.5).

    Attributes
    ----------
    av_frame : DecodedSound
        The samples.
    timestamp_unix_seconds : float
        Of the first sample, phone's Unix clock, seconds; `timestamp_unix_ns` is exact.
    resampler : None
        Always None; there for scripts of the official client.
    """

    def to_ndarray(self, *args: Any, **kwargs: Any) -> npt.NDArray[np.float32]:
        """Samples, float32 from -1 to 1, shape (1, samples).

        Parameters
        ----------
        *args, **kwargs
            Options of PyAV; they change nothing.
        """
        del args, kwargs  # options of PyAV, which have nothing to choose from here
        return self.av_frame.to_ndarray()

    def to_resampled_ndarray(self, *args: Any, **kwargs: Any) -> Iterator[npt.NDArray[np.int16]]:
        """Samples as int16, shape (1, samples); yields one array.

        Parameters
        ----------
        *args, **kwargs
            Options of PyAV; they change nothing.
        """
        del args, kwargs
        yield np.rint(self.av_frame.to_ndarray().clip(-1, 1) * 32767).astype(np.int16)


def audio_tuple(sample: SoundSample) -> AudioFrame:
    """The official tuple of a piece of sound."""
    sound = DecodedSound(len(sample.pcm), sample.sampling_rate_hz, sample.pcm)
    return AudioFrame(sound, unix_seconds(sample.device_ns), None).stamped(sample.device_ns)
