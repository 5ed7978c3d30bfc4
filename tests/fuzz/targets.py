"""Every parser that is fed from the network, by the name under which it can be fuzzed."""

from __future__ import annotations

import json_targets
import media_targets
import sample_targets
import sequence_targets
from oracle import Target

TARGETS: dict[str, Target] = {
    **media_targets.TARGETS,
    **sample_targets.TARGETS,
    **json_targets.TARGETS,
    **sequence_targets.TARGETS,
}
