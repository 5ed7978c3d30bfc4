"""What the components write into the script."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

KINDS = ["NeonRecording", "NeonEvent", "NeonGaze", "NeonMarkers"]
START_TYPES = ["time (s)", "frame N", "condition"]


def add_all(trial: Any) -> None:
    for kind in KINDS:
        trial.add(kind, kind[0].lower() + kind[1:])


def block_after(script: str, comment: str) -> str:
    start = script.index(comment)
    end = script.find("\n\n", start + len(comment))
    return script[start : end if end > 0 else None]


def test_a_saved_experiment_compiles_to_the_same_code(trial: Any, tmp_path: Path) -> None:
    add_all(trial)
    neon = re.compile(r"^.*neon.*$", re.MULTILINE | re.IGNORECASE)
    assert neon.findall(trial.script()) == neon.findall(trial.script_after_saving(tmp_path))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("start_type", START_TYPES)
@pytest.mark.parametrize("stop", ["", "2"])
def test_every_kind_of_timing_compiles(trial: Any, kind: str, start_type: str, stop: str) -> None:
    trial.add(kind, "ours", startType=start_type, startVal="1", stopVal=stop)
    assert "ours.status == NOT_STARTED" in trial.script()


@pytest.mark.parametrize("kind", KINDS)
def test_a_component_without_stop_time_does_not_hold_the_routine(trial: Any, kind: str) -> None:
    trial.add(kind, "ours")
    assert "ours.status = FINISHED" in block_after(trial.script(), "# if ours is starting")


@pytest.mark.parametrize("kind", KINDS)
def test_a_component_without_start_time_does_not_hold_the_routine(trial: Any, kind: str) -> None:
    trial.add(kind, "ours", startVal="")
    assert "ours.status = FINISHED  # it has no start time" in trial.script()


@pytest.mark.parametrize("kind", KINDS)
def test_a_disabled_component_leaves_nothing_behind(trial: Any, kind: str) -> None:
    trial.add("Text", "text")
    trial.add(kind, "ours", disabled=True)
    script = trial.script()
    assert not re.search(r"\bours\b", script)
    assert "neon_runtime.connect" not in script


def test_the_glasses_are_connected_once_before_they_are_used(trial: Any) -> None:
    add_all(trial)
    script = trial.script()
    assert script.count("neon_runtime.connect(eyetracker, at_exit=runAtExit)") == 1
    assert script.index("neon_runtime.connect") < script.index("neon_runtime.NeonRecording")
    assert script.count("from psychopy_neon import runtime as neon_runtime") == 1


def test_an_event_is_sent_with_the_flip(trial: Any) -> None:
    trial.add("NeonEvent", "onset", eventName="it's on")
    script = trial.script()
    assert 'eventName="it\'s on"' in script
    assert "onset.send_on_flip()" in block_after(script, "# if onset is starting")


def test_an_event_without_flip_is_sent_at_once(trial: Any) -> None:
    trial.add("NeonEvent", "onset", syncScreenRefresh=False)
    assert "onset.send()" in block_after(trial.script(), "# if onset is starting")


def test_an_event_name_can_change_with_every_repeat(trial: Any) -> None:
    event = trial.add("NeonEvent", "onset", eventName="$word")
    event.params["eventName"].updates = "set every repeat"
    script = trial.script()
    assert "eventName=None" in script
    assert script.index("onset.setEventName(word)") < script.index("# if onset is starting")


def test_an_event_name_can_be_worked_out_when_it_is_sent(trial: Any) -> None:
    event = trial.add("NeonEvent", "onset", eventName="$word + str(t)")
    event.params["eventName"].updates = "set every frame"
    block = block_after(trial.script(), "# if onset is starting")
    assert block.index("onset.setEventName(word + str(t)") < block.index("send_on_flip")


def test_an_offset_event_is_sent_at_its_time_or_with_the_end_of_the_routine(trial: Any) -> None:
    trial.add("NeonEvent", "onset", offsetName="off", stopVal=1.0)
    script = trial.script()
    stop, end = script.index("# if onset is stopping"), script.index("--- Ending Routine")
    assert "offsetName='off'" in script
    assert stop < script.index("onset.send_offset_on_flip()", stop) < end
    assert "onset.send_offset_on_flip()" in script[end:]


@pytest.mark.parametrize("stop", ["", 1.0])
def test_an_offset_name_can_be_worked_out_when_it_is_sent(trial: Any, stop: Any) -> None:
    event = trial.add("NeonEvent", "onset", offsetName="$answer", stopVal=stop)
    event.params["offsetName"].updates = "set every frame"
    script = trial.script()
    setting = "onset.setOffsetName(answer, log=False)\n"
    end = block_after(script, '--- Ending Routine "trial"')
    assert f"if onset.owes_offset:\n        {setting}    onset.send_offset_on_flip()" in end
    if stop:
        block = block_after(script, "# if onset is stopping")
        assert block.index(setting) < block.index("onset.send_offset_on_flip()")


def test_without_an_offset_event_a_stop_time_is_ignored(trial: Any) -> None:
    trial.add("NeonEvent", "onset", stopVal=1.0)
    script = trial.script()
    assert "onset is stopping" not in script
    assert "send_offset" not in script


def test_an_event_without_data_and_lag_says_so(trial: Any) -> None:
    trial.add("NeonEvent", "onset")
    script = trial.script()
    assert "eventData=None, displayLag=0.0" in script
    assert "setEventData" not in script


def test_data_are_worked_out_with_every_repeat(trial: Any, tmp_path: Path) -> None:
    trial.add("NeonEvent", "onset", eventData="{'trial': trials.thisN, 'word': word}")
    script = trial.script_after_saving(tmp_path)
    setting = "onset.setEventData({'trial': trials.thisN, 'word': word})"
    assert script.index(setting) < script.index("# if onset is starting")
    assert "eventData=None" in script


@pytest.mark.parametrize("updates", ["constant", "set every repeat", "set every frame"])
@pytest.mark.parametrize("data", ["", "  ", "None", "{'a': 1}", "$dict(a=1)"])
def test_data_of_every_kind_compile(trial: Any, updates: str, data: str) -> None:
    event = trial.add("NeonEvent", "onset", eventData=data)
    event.params["eventData"].updates = updates
    script = trial.script()
    assert ("1" in data) == bool(re.search(r"eventData=(\{'a'|dict)|setEventData\(", script))


def test_the_lag_of_the_display_is_handed_on(trial: Any, tmp_path: Path) -> None:
    trial.add("NeonEvent", "onset", displayLag="0.0125")
    assert "displayLag=0.0125" in trial.script_after_saving(tmp_path)


def test_what_became_of_events_is_asked_between_routines(trial: Any) -> None:
    trial.add("NeonEvent", "onset")
    script = trial.script()
    assert "onset.end_routine()" in script[script.index("--- Ending Routine") :]


def test_an_experiment_of_an_older_version_opens(trial: Any, tmp_path: Path) -> None:
    from psychopy.experiment import Experiment

    trial.add("NeonEvent", "onset", eventName="old")
    path = tmp_path / "old.psyexp"
    trial.exp.saveToXML(str(path))
    new = path.read_text("utf-8")
    old = re.sub(r'\s*<Param [^>]*name="(eventData|displayLag)"[^>]*/>', "", new)
    assert old != new
    path.write_text(old, "utf-8")
    script = Experiment.fromFile(str(path)).writeScript(expPath=str(path), target="PsychoPy")
    compile(script, "old.py", "exec")
    assert "eventName='old'" in script and "displayLag=0.0" in script


def test_a_recording_says_what_becomes_of_it(trial: Any) -> None:
    trial.add("NeonRecording", "rec", atEnd="discard", stopWithRoutine=False)
    script = trial.script()
    assert "at_end='discard', stop_with_routine=False" in script
    assert "rec.end_routine()" in script[script.index("--- Ending Routine") :]


def test_gaze_without_summary_does_nothing_by_itself(trial: Any) -> None:
    trial.add("NeonGaze", "gaze", saveSummary=False)
    script = trial.script()
    assert not re.search(r"gaze\.(start|watch|stop)\(", script)


def test_gaze_with_summary_is_watched_on_every_frame(trial: Any) -> None:
    trial.add("NeonGaze", "gaze")
    script = trial.script()
    assert re.findall(r"gaze\.(start|watch|stop)\(\)", script) == ["start", "watch", "stop"]


def test_gaze_without_options_is_made_in_one_line(trial: Any) -> None:
    trial.add("NeonGaze", "gaze", smoothingTime=0.2, holdTime=1.0, dwellTime=2.0)
    script = trial.script()
    assert "neon_runtime.NeonGaze(win, eyetracker, exp=thisExp, name='gaze')\n" in script
    assert "setDwellOn" not in script


def test_gaze_is_smoothed_and_held_as_asked_after_a_round_trip(trial: Any, tmp_path: Path) -> None:
    trial.add("NeonGaze", "gaze", smoothing="one euro", whenInvalid="hold", holdTime="0.25")
    script = trial.script_after_saving(tmp_path)
    assert "smoothing='one euro', smoothing_s=0.1, hold_s=0.25\n" in script


def test_looking_can_choose_and_end_the_routine(trial: Any, tmp_path: Path) -> None:
    values = {"dwellOn": "[left, right]", "dwellTime": 0.4, "endOnDwell": True}
    trial.add("NeonGaze", "gaze", saveSummary=False, **values)
    script = trial.script_after_saving(tmp_path)
    assert "dwell_s=0.4" in script
    assert script.index("gaze.setDwellOn([left, right])") < script.index("gaze.start()")
    block = script[script.index("gaze.watch()") :]
    assert block.index("if gaze.selected is not None:") < block.index("continueRoutine = False")


def test_what_builder_offers_for_smoothing_is_what_there_is(elements: dict[str, Any]) -> None:
    from psychopy.experiment import Experiment

    from psychopy_neon.screen.gaze_smoothing import SMOOTHING

    component = elements["NeonGazeComponent"](Experiment(), "trial")
    assert tuple(component.params["smoothing"].allowedVals) == SMOOTHING


def test_gaze_of_an_older_version_opens(trial: Any, tmp_path: Path) -> None:
    from psychopy.experiment import Experiment

    trial.add("NeonGaze", "gaze")
    path = tmp_path / "old.psyexp"
    trial.exp.saveToXML(str(path))
    added = "smoothing|smoothingTime|whenInvalid|holdTime|dwellOn|dwellTime|endOnDwell"
    text = path.read_text("utf-8")
    old, removed = re.subn(rf'\s*<Param [^>]*name="({added})"[^>]*/>', "", text)
    assert removed == 7
    path.write_text(old, "utf-8")
    script = Experiment.fromFile(str(path)).writeScript(expPath=str(path), target="PsychoPy")
    assert "neon_runtime.NeonGaze(win, eyetracker, exp=thisExp, name='gaze')\n" in script


def test_gaze_can_be_used_by_a_component_before_it(trial: Any) -> None:
    dot = trial.add("Polygon", "dot", shape="circle", pos="$gaze.pos")
    dot.params["pos"].updates = "set every frame"
    trial.add("NeonGaze", "gaze")
    assert "dot.setPos([gaze.pos], log=False)" in trial.script()


def test_markers_are_laid_out_as_asked_after_a_round_trip(trial: Any, tmp_path: Path) -> None:
    trial.add("NeonMarkers", "tags", tagSize=0.125, columns=4, rows=2, firstId=20)
    script = trial.script_after_saving(tmp_path)
    assert "tag_size=0.125, columns=4, rows=2, first_id=20" in script
    assert "tags.setAutoDraw(True)" in block_after(script, "# if tags is starting")


def test_printed_markers_and_dimming_are_as_asked(trial: Any, tmp_path: Path) -> None:
    tags = trial.add("NeonMarkers", "tags", shown=False, printed="bezel.json", dimmed=True)
    script = trial.script_after_saving(tmp_path)
    assert "printed='bezel.json', shown=False\n" in script
    assert "tags.dimmed = True\n" in script
    tags.params["dimmed"].val, tags.params["dimmed"].updates = "not is_on", "set every frame"
    frame = block_after(trial.script(), "# *tags* updates")
    assert "tags.setDimmed(not is_on, log=False)" in frame
    tags.params["dimmed"].updates = "set every repeat"
    assert trial.script().count("tags.setDimmed(not is_on)") == 1


@pytest.mark.parametrize("updates", ["constant", "set every repeat", "set every frame"])
@pytest.mark.parametrize("dimmed", ["", " ", "None"])
def test_a_blank_field_dims_nothing(trial: Any, dimmed: str, updates: str) -> None:
    tags = trial.add("NeonMarkers", "tags", dimmed=dimmed)
    tags.params["dimmed"].updates = updates
    script = trial.script()
    assert "tags.dimmed" not in script and "tags.setDimmed" not in script


@pytest.mark.parametrize("number", ["$number", "$ number", "number"])
def test_numbers_may_come_from_variables(trial: Any, number: str, tmp_path: Path) -> None:
    trial.add("NeonMarkers", "tags", tagSize=number, columns=number)
    trial.add("NeonGaze", "gaze", dwellOn="[left]", dwellTime=number)
    event = trial.add("NeonEvent", "onset", displayLag=number)
    event.params["displayLag"].updates = "set every repeat"
    for script in (trial.script(), trial.script_after_saving(tmp_path)):
        assert "tag_size=number, columns=number, rows=3" in script
        assert "dwell_s=number\n" in script
        assert "onset.setDisplayLag(number)\n" in script


@pytest.mark.parametrize("blank", ["", " "])
def test_a_blank_number_is_none(trial: Any, blank: str) -> None:
    trial.add("NeonMarkers", "tags", columns=blank, tagSize=blank)
    assert "tag_size=None, columns=None, rows=3" in trial.script()


def test_without_a_file_there_are_no_printed_markers(trial: Any) -> None:
    trial.add("NeonMarkers", "tags")
    assert "printed='', shown=True\n" in trial.script()


def test_components_work_outside_loops(new_trial: Callable[..., Any]) -> None:
    trial = new_trial(loop=False)
    add_all(trial)
    assert "neonRecording.end_routine()" in trial.script()


def test_without_a_surface_the_script_is_about_the_window(trial: Any) -> None:
    trial.add("NeonMarkers", "markers")
    trial.add("NeonGaze", "gaze")
    script = trial.script()
    assert "surface=" not in script
    assert "win, eyetracker, name='markers',\n" in script
    assert "gaze = neon_runtime.NeonGaze(win, eyetracker, exp=thisExp, name='gaze')\n" in script


def test_a_second_window_and_its_surface_are_handed_on(trial: Any, tmp_path: Path) -> None:
    trial.add("NeonMarkers", "markers", surface="left", window="win2", firstId=100)
    trial.add("NeonGaze", "gaze", surface="left", window="win2", smoothing="one euro")
    trial.add("NeonGaze", "other", surface="$side")
    script = trial.script_after_saving(tmp_path)
    assert "win2, eyetracker, name='markers', surface='left',\n" in script
    block = block_after(script, "gaze = neon_runtime.NeonGaze(")
    assert "win2, eyetracker, exp=thisExp, name='gaze',\n" in block
    assert "surface='left', smoothing='one euro', smoothing_s=0.1\n" in block
    assert "name='other',\n        surface=side\n" in script


@pytest.mark.parametrize("window", ["$win2", " $ win2 "])
def test_a_window_may_have_a_dollar_before_it(trial: Any, window: str) -> None:
    trial.add("NeonMarkers", "markers", surface="left", window=window, firstId=100)
    trial.add("NeonGaze", "gaze", window=window)
    script = trial.script()
    assert "win2, eyetracker, name='markers', surface='left',\n" in script
    assert "neon_runtime.NeonGaze(win2, eyetracker, exp=thisExp, name='gaze')\n" in script
