"""The makers' AprilTag Frame and AprilTag become Neon Markers."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from psychopy_neon.migrate import Migration, migrate_psyexp
from psychopy_neon.screen.markers import frame_layout


def components(migration: Migration) -> dict[str, dict[str, str]]:
    """Parameters of all markers by name, as PsychoPy would read them."""
    root = ElementTree.fromstring(migration.text)
    return {
        component.get("name", ""): {p.get("name", ""): p.get("val", "") for p in component}
        for component in root.iter("NeonMarkersComponent")
    }


def frame(writer: Any, **changed: str) -> Migration:
    tags = writer.component("AprilTagFrameComponent", "tags", **changed)
    word = writer.component("TextComponent", "word", stopVal="")
    return migrate_psyexp(writer.experiment(trial=[tags, word]))


def singles(writer: Any, *changes: dict[str, str], others: tuple[str, ...] = ()) -> Migration:
    tags = [
        writer.component("AprilTagComponent", f"tag{number}", **changed)
        for number, changed in enumerate(changes)
    ]
    return migrate_psyexp(writer.experiment(trial=[*tags, *others]))


def layout(found: dict[str, str]) -> tuple[int, int, int, float]:
    columns, rows, first = (int(found[key]) for key in ("columns", "rows", "firstId"))
    return columns, rows, first, float(found["tagSize"])


def test_the_makers_usual_frame_has_as_many_tags_of_the_same_size(writer: Any) -> None:
    migration = frame(writer)
    assert layout(components(migration)["tags"]) == (4, 3, 0, 0.1)
    assert migration.without_counterpart == ()
    ours = frame_layout((1280, 800), tag_size=0.1, columns=4, rows=3)
    assert ours.tag_ids == tuple(range(10))
    assert ours.side_px + 2 * ours.quiet_px == 100 == 800 * 0.125


@pytest.mark.parametrize(
    ("units", "size", "expected"),
    [
        ("height", "0.25", 0.2),
        ("norm", "0.25", 0.1),
        ("pix", "200", 0.2),
        ("from exp settings", "0.25", 0.2),
    ],
)
def test_the_size_is_that_of_the_black_part(
    writer: Any, units: str, size: str, expected: float
) -> None:
    migration = frame(writer, marker_units=units, marker_size=size)
    assert float(components(migration)["tags"]["tagSize"]) == pytest.approx(expected)
    assert migration.by_hand == ()


@pytest.mark.parametrize(
    ("units", "size"),
    [("cm", "3"), ("deg", "2"), ("height", "$s"), ("height", "nan"), ("pix", "9" * 400)],
)
def test_a_size_that_the_file_does_not_tell_is_pointed_out(
    writer: Any, units: str, size: str
) -> None:
    migration = frame(writer, marker_units=units, marker_size=size)
    assert components(migration)["tags"]["tagSize"] == "0.1"
    assert "trial.tags" in migration.by_hand[0]


def test_numbers_that_count_up_are_carried_over(writer: Any) -> None:
    migration = frame(writer, h_count="2", v_count="2", marker_ids="7, 8,9,10")
    assert layout(components(migration)["tags"])[:3] == (2, 2, 7)
    assert migration.without_counterpart == ()


def test_numbers_that_do_not_count_up_are_told(writer: Any) -> None:
    migration = frame(writer, marker_ids="7,3,9,1,20,21,22,23,24,25")
    assert components(migration)["tags"]["firstId"] == "0"
    assert migration.without_counterpart == (
        "trial.tags: marker_ids = '7,3,9,1,20,21,22,23,24,25'",
    )


@pytest.mark.parametrize("changed", [{"contrast": "0.5"}, {"pos": "(0, 0.1)"}, {"size": "(1, 1)"}])
def test_what_our_markers_cannot_do_is_told(writer: Any, changed: dict[str, str]) -> None:
    ((name, value),) = changed.items()
    told = frame(writer, **changed).without_counterpart
    assert told == (f"trial.tags: {name} = {value!r}",)


@pytest.mark.parametrize(("count", "used"), [("1", "2"), ("$n", "4"), ("1e9", "4")])
def test_counts_that_make_no_frame_are_told(writer: Any, count: str, used: str) -> None:
    migration = frame(writer, h_count=count)
    assert components(migration)["tags"]["columns"] == used
    assert repr(count) in migration.without_counterpart[0]


@pytest.mark.parametrize(("tags", "grid"), [(1, (2, 2)), (4, (2, 2)), (5, (3, 2)), (8, (3, 3))])
def test_single_tags_become_one_frame_of_at_least_as_many(
    writer: Any, tags: int, grid: tuple[int, int]
) -> None:
    found = components(singles(writer, *({"marker_id": str(n)} for n in range(tags))))
    assert list(found) == ["tag0"]
    assert layout(found["tag0"]) == (*grid, 0, 0.16)


def test_the_places_of_single_tags_are_told_and_kept(writer: Any) -> None:
    migration = singles(writer, {"marker_id": "4", "pos": "(-0.4, 0.4)"}, {"marker_id": "3"})
    (told,) = migration.without_counterpart
    assert "tag0 4 at (-0.4, 0.4), tag1 3 at (0, 0)" in told
    assert components(migration)["tag0"]["firstId"] == "3"
    assert b'<!-- makers\' plugin: <AprilTagComponent name="tag1"' in migration.text


def test_a_disabled_tag_is_not_the_one_that_stays(writer: Any) -> None:
    found = components(singles(writer, {"disabled": "True"}, {"marker_id": "9"}))
    assert list(found) == ["tag1"]
    assert found["tag1"]["firstId"] == "9"


def test_a_frame_makes_single_tags_superfluous(writer: Any) -> None:
    other = writer.component("AprilTagFrameComponent", "tags")
    assert list(components(singles(writer, {}, {}, others=(other,)))) == ["tags"]
