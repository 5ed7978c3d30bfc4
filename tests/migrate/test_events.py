"""The makers' PLEvent becomes Neon Event."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from psychopy_neon.migrate import Migration, migrate_psyexp


def params(migration: Migration, name: str) -> dict[str, str]:
    """Parameters of the component of this name, as PsychoPy would read them."""
    root = ElementTree.fromstring(migration.text)
    (component,) = (e for e in root.iter() if e.get("name") == name and e.tag.endswith("Component"))
    return {"tag": component.tag, **{p.get("name", ""): p.get("val", "") for p in component}}


def migrated(writer: Any, **changed: str) -> Migration:
    return migrate_psyexp(
        writer.experiment(trial=[writer.component("PLEventComponent", "onset", **changed)])
    )


@pytest.mark.parametrize("name", ["on", "$word", 'say "it\'s" <on> & -- off', "Ω → ü", ""])
def test_the_name_of_the_event_is_carried_over(writer: Any, name: str) -> None:
    found = params(migrated(writer, event_name=name), "onset")
    assert found["tag"] == "NeonEventComponent"
    assert found["eventName"] == name
    assert "event_name" not in found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=20))
def test_whatever_the_name_is(writer: Any, name: str) -> None:
    """Only reading is shared between the examples."""
    assert params(migrated(writer, event_name=name), "onset")["eventName"] == name


def test_when_it_happens_is_carried_over(writer: Any) -> None:
    timing = {"startType": "condition", "startVal": "word.status == STARTED", "disabled": "True"}
    found = params(migrated(writer, **timing), "onset")
    assert {key: found[key] for key in timing} == timing


def test_it_is_stamped_with_the_screen_refresh(writer: Any) -> None:
    migration = migrated(writer)
    assert params(migration, "onset")["syncScreenRefresh"] == "True"
    assert any("screen refresh" in line for line in migration.changed)


def test_a_time_given_by_hand_is_told_and_kept(writer: Any) -> None:
    migration = migrated(writer, timestamp_ns="$my--time")
    assert migration.without_counterpart == ("trial.onset: timestamp_ns = '$my--time'",)
    assert "timestamp_ns" not in params(migration, "onset")
    assert params(migration, "trial")["desc"].endswith("timestamp_ns = '$my--time'")
    assert b'val="$my-&#45;time" valType="int" updates="constant" name="timestamp_ns"' in (
        migration.text
    )


def test_a_time_of_0_is_what_everybody_has(writer: Any) -> None:
    assert migrated(writer).without_counterpart == ()


def test_a_parameter_nobody_knows_is_told(writer: Any) -> None:
    told = migrated(writer, brandNew="a\nb").without_counterpart
    assert told == ("trial.onset: brandNew = 'a&#10;b'",)


def test_an_event_without_parameters_has_the_makers_name(writer: Any) -> None:
    bare = '      <PLEventComponent name="onset"/>\n'
    found = params(migrate_psyexp(writer.experiment(trial=[bare])), "onset")
    assert found == {"tag": "NeonEventComponent", "eventName": "Event 1"}
