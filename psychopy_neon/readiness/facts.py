"""What is known of glasses, phone and network at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a check judges; a value that is None is not known yet.

    Attributes
    ----------
    link : str
        "connecting", "connected", "lost" or "failed".
    link_error : str
        Why there is no connection.
    simulated : bool
        Whether ioHub started the glasses itself.
    phone_name, module_serial, frame_name : str
        Empty if unknown; the serial number also while no glasses are plugged in.
    plugged_in : bool
        Whether the phone has glasses.
    battery_percent : int or None
    battery_state, storage_state : str
        "OK", "LOW" or "CRITICAL", by the phone.
    free_storage_bytes : int or None
    template : str
        "unknown", "complete", "incomplete" or "unreadable".
    template_name, template_error : str
        Its name; why it could not be read.
    open_questions : tuple of str
        Required questions without an answer.
    answers : tuple of str
        All answers of the template.
    recording : str
        "idle", "starting", "recording", "stopping" or "failed".
    recording_error : str
        Why the phone does not record.
    other_recording : bool
        Whether a recording runs that this program has not started.
    clock_bound_ms : float or None
        Greatest possible error of times on the phone's clock.
    clock_steps : int
        How often the phone's clock was set since it has been watched.
    round_trip_ms, slow_trip_ms : float or None
        Median and 95th percentile of the newest exchanges with the phone.
    gaze_hz : float or None
    gaze_lost_share : float
        Samples that did not arrive, of all since the check began, 0 to 1.
    gaze_error, scene_error : str
        Why gaze, or the scene video, does not come; empty if it does.
    worn_share : float or None
        Gaze samples of the last second whose glasses were worn, of all, 0 to 1.
    markers_expected : int
        Tags on the window; 0 if there are none.
    markers_seen : int or None
        Of these, found in the newest picture that was judged.
    markers_locate : bool
        Whether they tell where the window is.
    marker_problems : tuple of str
        A sentence for each kind of problem, the most important first.
    """

    link: str = "connecting"
    link_error: str = ""
    simulated: bool = False
    phone_name: str = ""
    module_serial: str = ""
    frame_name: str = ""
    plugged_in: bool = False
    battery_percent: int | None = None
    battery_state: str = "OK"
    free_storage_bytes: int | None = None
    storage_state: str = "OK"
    template: str = "unknown"
    template_name: str = ""
    template_error: str = ""
    open_questions: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    recording: str = "idle"
    recording_error: str = ""
    other_recording: bool = False
    clock_bound_ms: float | None = None
    clock_steps: int = 0
    round_trip_ms: float | None = None
    slow_trip_ms: float | None = None
    gaze_hz: float | None = None
    gaze_lost_share: float = 0.0
    gaze_error: str = ""
    scene_error: str = ""
    worn_share: float | None = None
    markers_expected: int = 0
    markers_seen: int | None = None
    markers_locate: bool = False
    marker_problems: tuple[str, ...] = ()

    def to_message(self) -> dict[str, Any]:
        """Plain values for another process."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> Facts:
        """The inverse of `to_message`; what it does not know is left out.

        Parameters
        ----------
        message : mapping
            As `to_message` returns it, perhaps by another version.
        """
        known = {field.name for field in fields(cls)}
        values: dict[str, Any] = {
            name: tuple(map(str, value)) if isinstance(value, (list, tuple)) else value
            for name, value in message.items()
            if name in known
        }
        return cls(**values)
