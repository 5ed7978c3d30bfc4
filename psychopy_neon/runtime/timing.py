"""The frame log and the timing certificate of a run, beside its journal."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from psychopy import __version__ as psychopy_version
from psychopy import logging

from psychopy_neon.certificate import (
    Certificate,
    Limits,
    assemble,
    certificate_stem,
    frame_log_name,
    read_frames,
    to_html,
    to_json,
)
from psychopy_neon.ledger import read_sessions
from psychopy_neon.runtime.frame_log import FrameLog
from psychopy_neon.runtime.waiting import say


class RunTiming:
    """Logs flips while the experiment runs, and judges the run when ioHub has ended.

    Parameters
    ----------
    journal : str
        The run's journal; without one this does nothing.
    limits : mapping, optional
        Fields of `Limits` with their values.
    """

    def __init__(self, journal: str = "", limits: Mapping[str, Any] | None = None) -> None:
        self._journal = Path(journal) if journal else None
        self._limits = dict(limits or {})
        self._frames: FrameLog | None = None
        self._closed = self._journal is None

    def frames(self) -> FrameLog | None:
        """Return the frame log, which is begun by this; None if flips are not logged."""
        if self._frames is None and not self._closed:
            self._open()
        return None if self._closed else self._frames

    def pause(self) -> None:
        """Say that the next flip does not follow the last one."""
        if self._frames is not None:
            self._frames.pause()

    def close(self) -> None:
        """End the frame log; takes 2 s at most, harmless if repeated."""
        self._closed = True
        if self._frames is not None:
            self._frames.close()

    def certify(self) -> None:
        """Write the certificate, once, and say what it says; never raises.

        To be called when ioHub has ended: until then the journal grows. Takes up to some seconds
        after a long run.
        """
        self.close()
        journal, self._journal = self._journal, None
        if journal is None or not journal.is_file():
            return
        try:
            _report(*self._write(journal))
        except Exception as error:  # outermost frame: the data are safe, and the run is over
            logging.warning(
                f"psychopy_neon: there is no timing certificate ({error!r}); "
                f"'psychopy-neon certificate {journal}' makes one"
            )
        logging.flush()

    def _open(self) -> None:
        """Begin the frame log; the journal's folder exists if the glasses were found."""
        if self._journal is None or not self._journal.parent.is_dir():
            self._closed = True
        else:
            self._frames = FrameLog(self._journal.with_name(frame_log_name(self._journal.name)))

    def _write(self, journal: Path) -> tuple[Certificate, Path]:
        frames = journal.with_name(frame_log_name(journal.name))
        files = [path for path in (journal, frames) if path.is_file()]
        certificate = assemble(
            read_sessions(journal),
            read_frames(frames.read_text("utf-8")) if frames in files else None,
            Limits.from_values(self._limits),
            setup=_setup(),
            files={file.name: sha256(file.read_bytes()).hexdigest() for file in files},
        )
        page = journal.with_name(f"{certificate_stem(journal.name)}.html")
        page.write_text(to_html(certificate), "utf-8")
        page.with_suffix(".json").write_text(to_json(certificate), "utf-8")
        return certificate, page


def _report(certificate: Certificate, page: Path) -> None:
    line = f"psychopy_neon: {certificate.verdict} Timing certificate: {page}"
    if certificate.passed:
        say(line)
    else:
        logging.warning(line)


def _setup() -> dict[str, str]:
    return {
        "psychopy-neon": version("psychopy-neon"),
        "PsychoPy": psychopy_version,
        "Python": f"{platform.python_version()} on {platform.platform(terse=True)}",
    }
