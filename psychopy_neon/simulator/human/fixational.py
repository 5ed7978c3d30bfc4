"""What the eye does while it rests: it drifts, and it trembles.

Drift is a random walk: its amplitude falls with 1/f, and the eye's whole motion between 50 and 100
Hz is about 5 seconds of arc (Bowers, Boehm and Roorda, Journal of Vision 19(11):8, 2019), which is
a walk of 6 square minutes of arc a second. It is slowly drawn back to what is looked at, which
confines it to 5 minutes of arc; that is our choice, and people differ much in it (Cherici et al.,
Journal of Vision 12(6):31, 2012). Tremor is a hump on that spectrum at 84 Hz, which we chose from
the 60 to 90 Hz that Spauschus et al. (Experimental Brain Research 126:556, 1999) found, and as
small as Bowers et al. found it. Microsaccades are left out.

Both are drawn once, as a spectrum, and repeat after 82 s.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]

SAMPLES_PER_SECOND = 200
LENGTH = 1 << 14
DRIFT_ARCMIN2_S = 6.0
RETURN_S = 4.0
TREMOR_HZ, TREMOR_WIDTH_HZ, TREMOR_ARCMIN = 84.0, 8.0, 2.5 / 60


def power(frequency_hz: Values) -> Values:
    """Power of one axis, square minutes of arc per Hz."""
    turns = (2 * np.pi * frequency_hz) ** 2
    drift = 4 * DRIFT_ARCMIN2_S / (RETURN_S**-2 + turns)
    hump = np.exp(-0.5 * ((frequency_hz - TREMOR_HZ) / TREMOR_WIDTH_HZ) ** 2)
    area = TREMOR_WIDTH_HZ * np.sqrt(2 * np.pi)
    return np.asarray(drift + TREMOR_ARCMIN**2 / area * hump)


class FixationalMovement:
    """Drift and tremor of one wearer, 200 values a second, to be added to where they look."""

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng([seed, 1])
        self._right, self._up = (_trace(random).tolist() for _ in range(2))

    def at(self, number: int) -> tuple[float, float]:
        """Degrees to the right and up, at that sample."""
        place = number % LENGTH
        return self._right[place], self._up[place]


def _trace(random: np.random.Generator) -> Values:
    """Degrees, of random phases and the spectrum's size."""
    frequencies = np.linspace(0, SAMPLES_PER_SECOND / 2, LENGTH // 2 + 1, dtype=np.float64)
    drawn = random.normal(size=(2, len(frequencies)))
    size = LENGTH / 2 * np.sqrt(power(frequencies) * SAMPLES_PER_SECOND / LENGTH)
    size[0] = 0.0  # on average they look where they want to
    return np.asarray(np.fft.irfft(size * (drawn[0] + 1j * drawn[1]), LENGTH) / 60)
