"""What is said when an experiment is compiled whose settings cannot be right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.iohub.settings import Settings


class Receiver:
    """As Builder's Runner and Studio, which show what they get."""

    def __init__(self) -> None:
        self.alerts: list[Any] = []

    def receiveAlert(self, msg: Any) -> None:  # noqa: N802 - PsychoPy's name
        self.alerts.append(msg)

    @property
    def ours(self) -> list[str]:
        return [alert.msg for alert in self.alerts if alert.code == 9850]


@pytest.fixture
def receiver(elements: dict[str, Any]) -> Iterator[Receiver]:
    from psychopy.alerts import addAlertHandler, removeAlertHandler

    made = Receiver()
    addAlertHandler(made)
    yield made
    removeAlertHandler(made)


@pytest.fixture
def said(trial: Any, receiver: Receiver) -> Callable[..., list[str]]:
    """Compile an experiment with these settings, and return our alerts."""

    def compiling(**settings: Any) -> list[str]:
        for name, value in settings.items():
            trial.exp.settings.params[name].val = value
        receiver.alerts.clear()
        trial.script()
        return receiver.ours

    return compiling


def test_sound_settings_are_no_cause_for_alerts(trial: Any, said: Any) -> None:
    for kind in ("NeonMarkers", "NeonRecording", "NeonGaze", "NeonEvent"):
        trial.add(kind, f"my{kind}")
    sound = {"neonRtAddress": "192.0.2.7:8080", "neonRtSerial": "123456", "neonRtMaxGazeAge": 0.2}
    assert said(**{"Save hdf5 file": True}) == said(**sound) == []


def test_gaze_that_nobody_saves_is_told_once(trial: Any, said: Any) -> None:
    trial.add("NeonRecording", "first")
    trial.add("NeonRecording", "second")
    assert said() == []  # no gaze on the screen: the phone's recording has all
    trial.add("NeonMarkers", "frame")
    (told,) = said()
    assert "tick 'Save hdf5 file'" in told
    assert said(**{"Save hdf5 file": True}) == []


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("neonRtAddress", "192.0.2.7:99999", "not an address; expected"),
        ("neonRtAddress", "my phone", "not an address; expected"),
        ("neonRtAddress", "simulator", "every run uses simulated glasses, not only pilot runs"),
        ("neonRtSerial", "Neon 12", "not the serial number of glasses; expected its digits"),
        ("neonRtMaxGazeAge", 0, "expected seconds, more than 0 and at most 60"),
        ("neonRtMaxGazeAge", "", "expected seconds, more than 0 and at most 60"),
        ("neonRtTemplateAnswers", "'P07'", "expected answers by the title of their question"),
        ("neonRtTemplateAnswers", "{'Age': ", "expected answers by the title of their question"),
        ("neonRtTemplateAnswers", "{'Age': expInfo['years']}", "no such field"),
        ("neonRtMaxPoseAge", 100, "'Max. screen age (s)' is 100"),
        ("neonRtLimitGazeLoss", 3, "is 3; expected 0 to 1, or nothing"),
        ("neonRtLimitEventBound", -1, "is -1; expected 0 or more, or nothing"),
        ("neonRtSerial", "$expInfo['glasses']", "the info dialog has no such field: it has"),
        ("neonRtLimitClockSteps", '$int(expInfo["steps"])', "asks for expInfo['steps']"),
    ],
)
def test_settings_that_cannot_be_right_are_told_when_compiling(
    said: Any, name: str, value: Any, words: str
) -> None:
    [sentence] = said(**{name: value})
    assert words in sentence and sentence.endswith(".") and "\n" not in sentence


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"address": "192.0.2.7:99999"}, "not an address"),
        ({"address": "my phone"}, "not an address"),
        ({"serial": "Neon 12"}, "expected its digits"),
        ({"max_gaze_age_s": 0}, "expected seconds"),
        ({"max_pose_age_s": "soon"}, "expected seconds"),
        ({"timing_limits": {"max_gaze_loss_share": 3}}, "expected"),
    ],
)
def test_the_same_is_refused_at_the_start(values: dict[str, Any], words: str) -> None:
    """There it may have come from a variable."""
    with pytest.raises(UsageError, match=words):
        Settings.from_config(values)


@pytest.mark.parametrize("address", ["", "simulator", "neon.local", "192.0.2.7", "[::1]:8080"])
def test_addresses_that_can_be_are_taken(said: Any, address: str) -> None:
    assert Settings.from_config({"address": address}).address == address
    assert bool(said(neonRtAddress=address)) == (address == "simulator")


def test_what_comes_from_a_variable_is_left_to_the_start(said: Any) -> None:
    assert said(neonRtAddress="$phones[0]", neonRtMaxGazeAge="$longest") == []


def test_fields_of_the_info_dialog_are_known_with_their_pipes(trial: Any, said: Any) -> None:
    trial.exp.settings.params["Experiment info"].val = {"phone|req": "", "steps": 1}
    assert said(neonRtAddress="$expInfo['phone']", neonRtLimitClockSteps="$expInfo['steps']") == []
    [sentence] = said(neonRtAddress="$expInfo['fone']")
    assert "it has" in sentence and "phone" in sentence


def test_events_without_a_recording_are_told_once(trial: Any, said: Any) -> None:
    trial.add("NeonEvent", "first")
    trial.add("NeonEvent", "second")
    [sentence] = said()
    assert "nothing makes the phone record" in sentence
    assert said(neonRtRecordWith="experiment") == []


def test_a_recording_that_the_settings_forbid_is_told(trial: Any, said: Any) -> None:
    trial.add("NeonRecording", "recording")
    assert said() == []
    [sentence] = said(neonRtRecordWith="never")
    assert sentence.startswith("recording does not start a recording") and "'Never'" in sentence


def test_gaze_without_markers_is_told(trial: Any, said: Any) -> None:
    trial.add("NeonGaze", "gaze")
    [sentence] = said()
    assert "its Routine 'trial' shows none" in sentence
    assert said(neonRtMarkers="always") == []
    trial.add("NeonMarkers", "markers")
    assert said(neonRtMarkers="components") == []


def test_an_event_without_a_name_is_told(trial: Any, said: Any) -> None:
    trial.add("NeonRecording", "recording")
    trial.add("NeonEvent", "event", eventName=" ")
    [sentence] = said()
    assert sentence == "event has no event name, and would stop the experiment."


def test_another_eye_tracker_is_told(trial: Any, said: Any) -> None:
    trial.add("NeonMarkers", "markers")
    [sentence] = said(eyetracker="eyetracker.hw.mouse.EyeTracker")
    assert "choose 'Pupil Labs Neon (psychopy-neon)'" in sentence


def test_no_eye_tracker_is_told_by_psychopys_own_alert(
    trial: Any, receiver: Receiver, said: Any
) -> None:
    trial.add("NeonMarkers", "markers")
    assert said(eyetracker="None") == []
    assert 4505 in [alert.code for alert in receiver.alerts]


def test_our_alerts_have_what_those_who_show_them_ask_for(
    trial: Any, receiver: Receiver, said: Any
) -> None:
    trial.add("NeonGaze", "gaze")
    said()
    [alert] = [each for each in receiver.alerts if each.code == 9850]
    assert (
        alert.url.endswith("help/neon_gaze.html")
        and alert.name == "gaze"
        and alert.type == "NeonGaze"
    )
    assert alert.msg in str(alert) and alert.url in str(alert) and alert.label


def test_the_runner_of_builder_takes_them_for_alerts(
    trial: Any, receiver: Receiver, said: Any
) -> None:
    """It writes everything else as text, and fails over what is none."""
    from psychopy.alerts._alerts import AlertEntry

    assert said(neonRtSerial="Neon 12")
    [alert] = [each for each in receiver.alerts if each.code == 9850]
    assert type(alert) == AlertEntry  # noqa: E721 - as it asks
    assert isinstance(alert, AlertEntry) and hash(type(alert)) == hash(AlertEntry)


def test_without_anybody_to_show_them_they_are_printed(
    trial: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    trial.exp.settings.params["neonRtSerial"].val = "Neon 12"
    trial.script()
    assert "Alert 9850: Settings of the glasses: 'Neon 12' is not" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["NeonMarkers", "NeonRecording", "NeonGaze", "NeonEvent"])
def test_an_online_experiment_is_told_that_they_cannot_run_there(
    trial: Any, receiver: Receiver, kind: str
) -> None:
    trial.add(kind, "mine")
    trial.exp.writeScript(target="PsychoJS")
    assert 4340 in [alert.code for alert in receiver.alerts]


def test_gaze_on_a_surface_that_nobody_gives_is_told(trial: Any, said: Any) -> None:
    trial.add("NeonMarkers", "markers")
    gaze = trial.add("NeonGaze", "gaze", surface="left")
    [sentence] = said()
    assert sentence.startswith("gaze is on the surface 'left', which no Neon Markers")
    assert "they give the window only" in sentence
    second = trial.add("NeonMarkers", "second", surface="left", firstId=100, window="win2")
    assert said() == []
    gaze.params["surface"].val = "$side"  # known only when it runs
    assert said() == []
    second.params["surface"].val = "\N{LATIN SMALL LETTER U WITH DIAERESIS}"
    [sentence] = said()
    assert sentence.startswith("second: ") and "cannot be the name of a surface" in sentence


def test_gaze_on_the_window_needs_the_windows_markers(trial: Any, said: Any) -> None:
    trial.add("NeonGaze", "gaze")
    trial.add("NeonMarkers", "sheet", surface="sheet", shown=False, printed="sheet.json")
    [sentence] = said()
    assert "its Routine 'trial' shows none" in sentence


def test_a_marker_on_two_surfaces_is_told_with_both(trial: Any, said: Any) -> None:
    trial.add("NeonMarkers", "markers")
    second = trial.add("NeonMarkers", "second", surface="left", firstId=7, window="win2")
    [sentence] = said()
    assert "markers has 0-7 on 'screen', and second has 7-14 on 'left'" in sentence
    second.params["firstId"].val = 8
    assert said() == []
    second.params["surface"].val = ""
    [sentence] = said()
    assert "second and markers are on two windows, win2 and win" in sentence


def test_the_frame_of_the_settings_counts_as_markers(trial: Any, said: Any) -> None:
    trial.add("NeonMarkers", "second", surface="left", window="win2")
    [sentence] = said(neonRtMarkers="always")
    assert "the frame of the settings has 0-7 on 'screen'" in sentence


@pytest.mark.parametrize("blank", ["", " ", "None", None])
def test_a_blank_number_that_is_needed_is_told(trial: Any, said: Any, blank: Any) -> None:
    markers = trial.add("NeonMarkers", "markers")
    markers.params["columns"].val = blank
    assert said() == [
        "'Columns' of markers is blank, and would stop the experiment: type a number."
    ]
    markers.params["columns"].val = "$number"
    assert said() == []


@pytest.mark.parametrize(
    ("number", "makes_it_needed"),
    [
        ("smoothingTime", {"smoothing": "one euro"}),
        ("holdTime", {"whenInvalid": "hold"}),
        ("dwellTime", {"dwellOn": "[left, right]"}),
    ],
)
def test_a_number_of_what_is_not_wanted_may_be_blank(
    trial: Any, said: Any, number: str, makes_it_needed: dict[str, Any]
) -> None:
    trial.add("NeonMarkers", "markers")
    gaze = trial.add("NeonGaze", "gaze", **{number: ""})
    assert said() == []
    for name, value in makes_it_needed.items():
        gaze.params[name].val = value
    [sentence] = said()
    assert sentence.startswith(f"'{gaze.params[number].label}' of gaze is blank")
