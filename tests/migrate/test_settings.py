"""The eye tracker, the phone's address, and its recording."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from psychopy_neon.migrate import Migration, migrate_psyexp

OURS = "eyetracker.neon_realtime.EyeTracker"
THEIRS = [
    "eyetracker.hw.pupil_labs.neon.EyeTracker",
    "eyetracker.neon.EyeTracker",
    "Pupil Labs (Neon)",
]


def settings(migration: Migration) -> dict[str, str]:
    page = ElementTree.fromstring(migration.text).find("Settings")
    assert page is not None
    return {param.get("name", ""): param.get("val", "") for param in page}


def recordings(migration: Migration) -> list[dict[str, str]]:
    root = ElementTree.fromstring(migration.text)
    found = root.iter("NeonRecordingComponent")
    return [{p.get("name", ""): p.get("val", "") for p in component} for component in found]


def record(writer: Any, *changes: dict[str, str]) -> Migration:
    texts = [
        writer.component("EyetrackerRecordComponent", f"rec{number}", **changed)
        for number, changed in enumerate(changes)
    ]
    return migrate_psyexp(writer.experiment(trial=texts))


@pytest.mark.parametrize("key", THEIRS)
def test_our_tracker_takes_the_place_of_each_of_theirs(writer: Any, key: str) -> None:
    writer.settings["eyetracker"] = (key, "str")
    assert settings(migrate_psyexp(writer.experiment(trial=[])))["eyetracker"] == OURS


@pytest.mark.parametrize(
    ("address", "port", "ours"),
    [
        (("neon.local", "str"), ("8080", "str"), "neon.local"),
        (("192.0.2.7", "str"), ("8081", "num"), "192.0.2.7:8081"),
        (("$expInfo['ip']", "str"), ("8080", "num"), "$expInfo['ip']"),
        (("$expInfo['ip']", "str"), ("81", "str"), "$str(expInfo['ip']) + ':' + '81'"),
        (("neon.local", "str"), ("port", "code"), "$'neon.local' + ':' + str(port)"),
    ],
)
def test_the_address_is_carried_over(
    writer: Any, address: tuple[str, str], port: tuple[str, str], ours: str
) -> None:
    writer.settings |= {"plCompanionAddress": address, "plCompanionPort": port}
    found = settings(migrate_psyexp(writer.experiment(trial=[])))
    assert found["neonRtAddress"] == ours
    assert found["plCompanionAddress"] == address[0]


def test_an_address_of_ours_stays(writer: Any) -> None:
    writer.settings["neonRtAddress"] = ("192.0.2.9", "str")
    found = settings(migrate_psyexp(writer.experiment(trial=[])))
    assert found["neonRtAddress"] == "192.0.2.9"


def test_an_address_that_had_no_effect_is_pointed_out(writer: Any) -> None:
    writer.settings |= {
        "eyetracker": ("eyetracker.neon.EyeTracker", "str"),
        "plCompanionAddress": ("192.0.2.7", "str"),
    }
    assert "'192.0.2.7'" in migrate_psyexp(writer.experiment(trial=[])).by_hand[0]


def test_another_eye_tracker_stays_and_is_pointed_out(writer: Any) -> None:
    writer.settings["eyetracker"] = ("eyetracker.hw.mouse.EyeTracker", "str")
    tags = writer.component("AprilTagFrameComponent", "tags")
    migration = migrate_psyexp(writer.experiment(trial=[tags]))
    assert settings(migration)["eyetracker"] == "eyetracker.hw.mouse.EyeTracker"
    assert "eyetracker.hw.mouse.EyeTracker" in migration.by_hand[0]


def test_the_phone_still_records_with_eyetracker_record(writer: Any) -> None:
    timing = {"startVal": "0.5", "stopType": "time (s)", "stopVal": "3", "stopWithRoutine": "True"}
    migration = record(writer, timing)
    (found,) = recordings(migration)
    assert {key: found[key] for key in timing} == timing
    assert found["atEnd"] == "save"
    assert migration.text.count(b"<EyetrackerRecordComponent") == 1


def test_a_recording_that_is_only_started_lasts_until_the_end(writer: Any) -> None:
    migration = record(writer, {"actionType": "Start Only"}, {"actionType": "Stop Only"})
    (found,) = recordings(migration)
    assert (found["stopVal"], found["stopWithRoutine"]) == ("", "False")
    assert migration.without_counterpart[0].startswith("trial.rec1: stopping")


def test_recordings_get_names_that_are_new(writer: Any) -> None:
    code = writer.component("CodeComponent", "code", Each_Frame="\nneonRecording = 1")
    records = [writer.component("EyetrackerRecordComponent", name) for name in ("a", "b")]
    migration = migrate_psyexp(writer.experiment(trial=[code, *records]))
    assert [found["name"] for found in recordings(migration)] == [
        "neonRecording_2",
        "neonRecording_3",
    ]


def test_a_recording_of_ours_is_enough(writer: Any) -> None:
    first = record(writer, {})
    theirs_again = first.text.replace(OURS.encode(), THEIRS[0].encode())
    assert len(recordings(migrate_psyexp(theirs_again))) == 1


def test_a_phone_started_by_hand_stays_so(writer: Any) -> None:
    migration = migrate_psyexp(writer.experiment(trial=[]))
    assert recordings(migration) == []
    assert any("by hand" in line for line in migration.kept)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("eyetracker.send_event('x')", "sendMessage"),
        ("eyetracker.register_surface(v, w)", "Neon Markers"),
        ("from psychopy_eyetracker_pupil_labs import x", "stay installed"),
        ("onset.trigger(eyetracker)", "no such member"),
        ("tag1.draw()", "is no more"),
    ],
)
def test_code_that_calls_the_makers_plugin_is_pointed_out(
    writer: Any, code: str, told: str
) -> None:
    parts = [
        writer.component("PLEventComponent", "onset"),
        writer.component("TextComponent", "word", stopVal=""),
        writer.component("AprilTagComponent", "tag0"),
        writer.component("AprilTagComponent", "tag1"),
        writer.component("CodeComponent", "code", Each_Frame=f"x = 1\n{code}\n"),
    ]
    (line,) = migrate_psyexp(writer.experiment(trial=parts)).by_hand
    assert line.startswith("trial.code, 'Each Frame'")
    assert told in line
