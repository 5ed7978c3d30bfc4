"""The page Eyetracking of the experiment settings."""

from __future__ import annotations

from psychopy_neon.migrate.experiment import Experiment
from psychopy_neon.migrate.values import short, whole
from psychopy_neon.migrate.xml_spans import Element

OUR_KEY = "eyetracker.neon_realtime.EyeTracker"
OUR_LABEL = "Pupil Labs Neon (psychopy-neon)"
CORE_KEYS = (
    "eyetracker.hw.pupil_labs.pupil_core.EyeTracker",
    "eyetracker.pupil_core.EyeTracker",
    "Pupil Labs",
    "Pupil Labs Core (iohub)",
)
IGNORES_ADDRESS = "eyetracker.neon.EyeTracker"
DEFAULT_PORT = "8080"
DEFAULT_ADDRESS = "neon.local"


def migrate_settings(experiment: Experiment) -> None:
    """Choose our eye tracker if the makers' was chosen, and carry over the phone's address."""
    settings, key = experiment.settings, experiment.settings.value("eyetracker", "None")
    if not experiment.uses_makers_neon:
        experiment.notes.by_hand.append(
            f"the eye tracker is {short(key)} and stays so; to use the glasses, choose "
            f"{OUR_LABEL!r} in the experiment settings"
        )
        return
    experiment.edits.set_param(settings, "eyetracker", OUR_KEY, "str", "None")
    experiment.notes.changed.append(f"settings: eye tracker {short(key)} -> {OUR_LABEL!r}")
    _migrate_address(experiment, ignored=key == IGNORES_ADDRESS)
    if settings.value("plCompanionRecordingEnabled") == "False":
        experiment.notes.by_hand.append(
            "'plCompanionRecordingEnabled' is False, which the makers' plugin of today ignores; "
            "for rehearsals without a recording set 'Phone records with' to 'Never'"
        )


def _migrate_address(experiment: Experiment, *, ignored: bool) -> None:
    settings = experiment.settings
    theirs = [p for p in ("plCompanionAddress", "plCompanionPort") if settings.param(p)]
    if not theirs:
        return
    if settings.value("neonRtAddress").strip():
        experiment.notes.kept.append("settings: our address was there already and stays")
        return
    address = joined_address(settings)
    experiment.edits.set_param(settings, "neonRtAddress", address, "str", "None")
    experiment.notes.changed.append(f"settings: {' and '.join(theirs)} -> address {address!r}")
    experiment.notes.kept.append(
        f"settings: {' and '.join(theirs)} stay in the file without effect; PsychoPy says that it "
        "does not know them if the makers' plugin is not installed"
    )
    if ignored and address != DEFAULT_ADDRESS:
        experiment.notes.by_hand.append(
            f"the address {address!r} had no effect under the tracker chosen before, which always "
            f"used {DEFAULT_ADDRESS}; now it has"
        )


def joined_address(settings: Element) -> str:
    """Host and port as our setting wants them: text, or code after a ``$``."""
    host = _text_or_code(settings, "plCompanionAddress", DEFAULT_ADDRESS)
    port = _text_or_code(settings, "plCompanionPort", DEFAULT_PORT)
    if port in ("", DEFAULT_PORT):
        return host
    if host.startswith("$") or port.startswith("$"):
        return f"${_as_code(host)} + ':' + {_as_code(port)}"
    return f"{host}:{port}"


def _text_or_code(settings: Element, name: str, default: str) -> str:
    param = settings.param(name)
    if param is None:
        return default
    value = param.attributes.get("val", "").strip()
    is_code = param.attributes.get("valType") != "str" and value and whole(value) is None
    return f"${value}" if is_code and not value.startswith("$") else value


def _as_code(value: str) -> str:
    return f"str({value[1:]})" if value.startswith("$") else repr(value)
