"""The file as a whole: what stays, what is refused."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon.exceptions import UsageError
from psychopy_neon.migrate import migrate_psyexp
from psychopy_neon.migrate.migration import MAX_BYTES
from psychopy_neon.migrate.xml_spans import parse

CORE = "eyetracker.hw.pupil_labs.pupil_core.EyeTracker"


def full(writer: Any) -> bytes:
    component = writer.component
    experiment: bytes = writer.experiment(
        start=[component("EyetrackerRecordComponent", "rec"), component("TextComponent", "hello")],
        trial=[
            component("AprilTagFrameComponent", "tags"),
            component("PLEventComponent", "onset", event_name="Ω on"),
            component("TextComponent", "word", text='&"<é>\n--'),
        ],
    )
    return experiment


def kept_lines(text: bytes) -> list[bytes]:
    return [line for line in text.splitlines(keepends=True) if b"Text" in line or b"Loop" in line]


@pytest.mark.parametrize("key", ["None", "eyetracker.hw.mouse.EyeTracker", CORE])
def test_a_file_without_the_makers_neon_stays_byte_for_byte(writer: Any, key: str) -> None:
    """Their settings alone say nothing: PsychoPy saved them in every file."""
    writer.settings["eyetracker"] = (key, "str")
    source = writer.experiment(trial=[writer.component("EyetrackerRecordComponent", "rec")])
    migration = migrate_psyexp(source)
    assert (migration.text, migration.changed) == (source, ())


def test_what_is_not_the_makers_stays_byte_for_byte(writer: Any) -> None:
    source = full(writer)
    text = migrate_psyexp(source).text
    lines = source.splitlines(keepends=True)
    begin = next(i for i, line in enumerate(lines) if b"TextComponent" in line and b"word" in line)
    rest = b"".join(lines[begin:])  # the last component, the end of the Routine, the flow
    assert text.endswith(rest)
    assert text.startswith(source[: source.index(b"<Param")])
    assert kept_lines(text) == kept_lines(source)


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_new_lines_end_as_those_of_the_file(writer: Any, newline: bytes) -> None:
    text = migrate_psyexp(full(writer).replace(b"\n", newline)).text
    assert text.count(b"\r\n") == (text.count(b"\n") if newline == b"\r\n" else 0)
    assert b'  <Param val="0.1" valType="num" updates="constant" name="tagSize"/>' + newline in text


def test_a_file_without_lines_is_migrated_as_well(writer: Any) -> None:
    text = migrate_psyexp(full(writer).replace(b"\n", b"")).text
    tags = [element.tag for element in ElementTree.fromstring(text).iter()]
    assert {"NeonRecordingComponent", "NeonMarkersComponent", "NeonEventComponent"} <= {*tags}


def test_migrating_twice_changes_nothing_more(writer: Any) -> None:
    once = migrate_psyexp(full(writer))
    assert once.changed
    twice = migrate_psyexp(once.text)
    assert (twice.text, twice.changed) == (once.text, ())


def test_a_description_is_added_to(writer: Any) -> None:
    event = writer.component("PLEventComponent", "onset", timestamp_ns="5")
    source = writer.experiment(trial=[event]).replace(
        b'val="" valType="str" updates="constant" name="desc"',
        b'val="mine" valType="str" updates="constant" name="desc"',
    )
    added = b"mine&amp;#10;makers' plugin: trial.onset: timestamp_ns = '5'"
    assert b'<Param val="' + added in migrate_psyexp(source).text


REFUSED = {
    "empty": (b"", "not a PsychoPy experiment"),
    "text": (b"hello", "not a PsychoPy experiment"),
    "other XML": (b"<html><body/></html>", "found <html>"),
    "no parts": (b"<PsychoPy2experiment/>", "settings and routines"),
    "bytes": (b"\xff\xfe\x00", "not a PsychoPy experiment"),
    "other encoding": (b"<?xml version='1.0' encoding='latin-1'?><a/>", "written in latin-1"),
    "entities": (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "DOCTYPE"),
    "files": (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///x">]><a>&b;</a>', "DOCTYPE"),
    "unknown entity": (b"<a>&b;</a>", "undefined entity"),
    "depth": (b"<a>" * 10_000, "nested too deeply"),
    "size": (b" " * (MAX_BYTES + 1), "larger than 16 MB"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_experiment_is_refused_in_one_sentence(name: str) -> None:
    source, told = REFUSED[name]
    with pytest.raises(UsageError) as refused:
        migrate_psyexp(source)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_experiment_that_breaks_off_is_refused(writer: Any) -> None:
    source = full(writer)
    for length in range(0, len(source) - 3, 311):
        with pytest.raises(UsageError):
            migrate_psyexp(source[:length])


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(noise: bytes) -> None:
    for source in (noise, b"<a>" + noise + b"</a>"):
        try:
            root = parse(source)
        except UsageError:
            continue
        assert source[root.start : root.start + 1] == b"<"
        assert source[root.end - 1 : root.end] == b">"


def test_every_element_is_found_where_it_is(writer: Any) -> None:
    source = b"\xef\xbb\xbf" + b"<r a='>\"'  ><!-- <b> --><c\nx=\"'/>\" /><d>t</d\n></r >"
    root = parse(source)
    spans = [source[e.start : e.end] for e in (root, *root.children)]
    assert spans == [source[3:], b'<c\nx="\'/>" />', b"<d>t</d\n>"]
