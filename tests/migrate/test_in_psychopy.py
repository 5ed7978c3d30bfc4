"""PsychoPy opens a migrated file, and makes a script of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psychopy_neon.migrate import migrate_psyexp

VERSIONS = ["2023.1.3", "2023.2.3", "2024.2.1", "2025.2.4", "2026.2.5"]


@pytest.fixture(params=VERSIONS)
def files(
    request: pytest.FixtureRequest, new_writer: Callable[[str], Any], tmp_path: Path
) -> tuple[Path, Path]:
    """An experiment with everything that the makers offer, and what became of it."""
    writer = new_writer(request.param)
    component = writer.component
    source = writer.experiment(
        start=[
            component("EyetrackerRecordComponent", "rec", actionType="Start Only"),
            component("PLEventComponent", "begin", event_name="begin", timestamp_ns="$t0"),
            component("TextComponent", "hello"),
        ],
        trial=[
            component("AprilTagFrameComponent", "tags"),
            component("PLEventComponent", "onset", event_name="$str(trials.thisN)"),
            component("TextComponent", "word", stopVal="0.5"),
        ],
        finish=[
            component("AprilTagComponent", "corner0"),
            component("AprilTagComponent", "corner1", marker_id="1"),
            component("EyetrackerRecordComponent", "stop", actionType="Stop Only"),
            component("TextComponent", "bye"),
        ],
    )
    theirs, ours = tmp_path / "theirs.psyexp", tmp_path / "ours.psyexp"
    theirs.write_bytes(source)
    ours.write_bytes(migrate_psyexp(source).text)
    return theirs, ours


def flow(experiment: Any) -> list[tuple[str, str]]:
    return [(type(entry).__name__, entry.name) for entry in experiment.flow]


def test_routines_and_flow_are_the_same(
    files: tuple[Path, Path], psychopy_with_our_components: Any
) -> None:
    theirs, ours = (psychopy_with_our_components.fromFile(str(file)) for file in files)
    assert list(ours.routines) == list(theirs.routines) == ["start", "trial", "finish"]
    assert flow(ours) == flow(theirs)
    assert ("LoopInitiator", "trials") in flow(ours)


def test_every_component_is_known_and_none_has_a_strange_parameter(
    files: tuple[Path, Path], psychopy_with_our_components: Any
) -> None:
    experiment = psychopy_with_our_components.fromFile(str(files[1]))
    components = [component for routine in experiment.routines.values() for component in routine]
    ours = [c for c in components if type(c).__name__.startswith("Neon")]
    assert [(c.type, c.name) for c in ours] == [
        ("NeonRecording", "neonRecording"),
        ("NeonEvent", "begin"),
        ("NeonMarkers", "tags"),
        ("NeonEvent", "onset"),
        ("NeonMarkers", "corner0"),
    ]
    assert not [c for c in components if "Unknown" in type(c).__name__]
    strange = [p for c in ours for p in c.params.values() if p.categ in ("Unknown", "Plugin")]
    assert strange == []


def test_it_compiles_to_a_script_that_uses_ours(
    files: tuple[Path, Path], psychopy_with_our_components: Any
) -> None:
    experiment = psychopy_with_our_components.fromFile(str(files[1]))
    script = experiment.writeScript(expPath=str(files[1]), target="PsychoPy")
    compile(script, "ours.py", "exec")
    assert "ioConfig['eyetracker.neon_realtime.EyeTracker']" in script
    assert "NEON_ADDRESS') or ('simulator' if PILOTING else 'neon.local')" in script
    assert "columns=4, rows=3, first_id=0" in script
    assert "onset.setEventName(str(trials.thisN))" in script
    assert "stop_with_routine=False" in script
    assert "pupil_labs" not in script.replace("psychopy_iohub_surface", "")


def test_what_has_no_counterpart_survives_builder(
    files: tuple[Path, Path], psychopy_with_our_components: Any, tmp_path: Path
) -> None:
    experiment = psychopy_with_our_components.fromFile(str(files[1]))
    again = tmp_path / "again.psyexp"
    experiment.saveToXML(str(again))
    if b"RoutineSettingsComponent" in files[0].read_bytes():
        assert "timestamp_ns = '$t0'" in again.read_text("utf-8-sig")
    else:
        assert b"$t0" in files[1].read_bytes()
