"""Where the truth log is written."""

from __future__ import annotations

from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator.options import SimulatorOptions
from psychopy_neon.simulator.truth import TruthLog


def open_truth(options: SimulatorOptions) -> TruthLog:
    """The truth log that the options ask for.

    Raises
    ------
    UsageError
        If its file cannot be written.
    """
    try:
        return TruthLog(options.truth_path)
    except OSError as error:
        raise UsageError(f"cannot write the truth log {options.truth_path}: {error}.") from error
