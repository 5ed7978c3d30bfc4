"""AAC frames to samples, with PyAV."""

from __future__ import annotations

import av
import numpy as np
import numpy.typing as npt

from psychopy_neon.exceptions import ProtocolError

Pcm = npt.NDArray[np.float32]


class SoundDecoder:
    """Decodes AAC frames one by one; use from one thread.

    Parameters
    ----------
    config : bytes
        AudioSpecificConfig from the session description.
    rate_hz : int
    """

    def __init__(self, config: bytes, rate_hz: int) -> None:
        self._codec = av.CodecContext.create("aac", "r")
        self._codec.extradata = config
        self._codec.sample_rate = rate_hz
        self._codec.layout = "mono"

    def decode(self, unit: bytes) -> Pcm:
        """Samples of one frame, -1 to 1; none while the decoder is starting.

        Raises
        ------
        ProtocolError
            If the frame cannot be decoded.
        """
        try:
            frames = self._codec.decode(av.Packet(unit))
        except av.FFmpegError as error:
            raise ProtocolError(f"audio frame cannot be decoded: {error}") from error
        pieces = [np.asarray(frame.to_ndarray(), np.float32)[0] for frame in frames]
        return np.concatenate(pieces) if pieces else np.empty(0, np.float32)
