"""The timing certificate of a run: its events, clock and flips against limits set before.

Values in, text out: nothing here reads or writes files. ``psychopy-neon certificate`` does that,
and so does the end of every Builder experiment with the glasses.
"""

from __future__ import annotations

from psychopy_neon.certificate.assembly import assemble
from psychopy_neon.certificate.checks import Check
from psychopy_neon.certificate.frames import Frame, read_frames
from psychopy_neon.certificate.json_form import to_json
from psychopy_neon.certificate.limits import Limits
from psychopy_neon.certificate.names import certificate_stem, frame_log_name
from psychopy_neon.certificate.page import to_html
from psychopy_neon.certificate.record import Certificate

__all__ = [
    "Certificate",
    "Check",
    "Frame",
    "Limits",
    "assemble",
    "certificate_stem",
    "frame_log_name",
    "read_frames",
    "to_html",
    "to_json",
]
