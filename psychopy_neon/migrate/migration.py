"""All steps of the migration, in their order."""

from __future__ import annotations

from dataclasses import dataclass

from psychopy_neon.exceptions import UsageError
from psychopy_neon.migrate import events, markers
from psychopy_neon.migrate.calls_in_code import note_code
from psychopy_neon.migrate.durations import note_durations
from psychopy_neon.migrate.experiment import Experiment
from psychopy_neon.migrate.recordings import RECORD, migrate_recordings
from psychopy_neon.migrate.settings import CORE_KEYS, migrate_settings

MAX_BYTES = 16 * 1024 * 1024  # usual ones have less than 1 MB


@dataclass(frozen=True, slots=True)
class Migration:
    """An experiment that was rewritten, and what has become of the makers' parts.

    Attributes
    ----------
    text : bytes
        The new ``.psyexp`` file; the old one, byte for byte, if nothing was changed.
    changed : tuple of str
        What was rewritten, one sentence each; empty if the file has nothing of the makers' plugin.
    kept : tuple of str
        What stays as it was, where one might expect otherwise.
    without_counterpart : tuple of str
        What we do not have. It is kept in comments of the new file and in the descriptions of
        Routines, if they have one.
    by_hand : tuple of str
        What a person has to look at, such as code that calls the makers' plugin.
    """

    text: bytes
    changed: tuple[str, ...]
    kept: tuple[str, ...]
    without_counterpart: tuple[str, ...]
    by_hand: tuple[str, ...]


def migrate_psyexp(source: bytes) -> Migration:
    """Rewrite what a Builder experiment has of the makers' plugin; returns at once.

    Nothing in the file is run, and whatever is not of the makers' plugin stays byte for byte.

    Parameters
    ----------
    source : bytes
        A ``.psyexp`` file as PsychoPy 2023.1 to 2026.2 saves it, 16 MB at most.

    Returns
    -------
    Migration

    Raises
    ------
    UsageError
        If it is not such a file.
    """
    if len(source) > MAX_BYTES:
        raise UsageError(f"it is larger than {MAX_BYTES >> 20} MB; no PsychoPy experiment is")
    experiment = Experiment(source)
    if _has_their_parts(experiment):
        _migrate(experiment)
    elif experiment.settings.value("eyetracker") in CORE_KEYS:
        experiment.notes.kept.append("the eye tracker is Pupil Core, not Neon")
    notes = experiment.notes
    return Migration(
        experiment.edits.result(),
        tuple(notes.changed),
        tuple(notes.kept),
        tuple(notes.without_counterpart),
        tuple(notes.by_hand),
    )


def _has_their_parts(experiment: Experiment) -> bool:
    """Settings alone say nothing: PsychoPy saves those of the makers' plugin in every file."""
    theirs = experiment.components(events.THEIRS, *markers.THEIRS)
    return experiment.uses_makers_neon or any(theirs)


def _migrate(experiment: Experiment) -> None:
    theirs = {c.name for _, c in experiment.components(events.THEIRS, *markers.THEIRS)}
    migrate_settings(experiment)
    migrate_recordings(experiment)
    removed = markers.migrate_markers(experiment)
    events.migrate_events(experiment)
    note_code(experiment, theirs - removed, removed)
    note_durations(experiment)
    experiment.write_descriptions()
    stay = [*experiment.components(RECORD, "RegionOfInterestComponent")]
    if stay:
        experiment.notes.kept.append(
            "PsychoPy's own Eyetracker Record and Region of Interest stay and work as before"
        )
