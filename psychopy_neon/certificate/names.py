"""Names of the files that lie beside a run's journal."""

from __future__ import annotations

JOURNAL_ENDING = "_neon_events"


def _run_name(journal_name: str) -> str:
    return journal_name.rpartition(".")[0].removesuffix(JOURNAL_ENDING) or journal_name


def certificate_stem(journal_name: str) -> str:
    """Name of the certificate's files, without ``.html`` and ``.json``.

    Parameters
    ----------
    journal_name : str
        Name of the journal, without its folder.

    Returns
    -------
    str
        ``"p01_neon_timing"`` for ``"p01_neon_events.jsonl"``.
    """
    return f"{_run_name(journal_name)}_neon_timing"


def frame_log_name(journal_name: str) -> str:
    """Name of the frame log.

    Parameters
    ----------
    journal_name : str
        Name of the journal, without its folder.

    Returns
    -------
    str
        ``"p01_neon_frames.tsv"`` for ``"p01_neon_events.jsonl"``.
    """
    return f"{_run_name(journal_name)}_neon_frames.tsv"
