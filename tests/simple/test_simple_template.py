from __future__ import annotations

import uuid
from datetime import datetime, timedelta, timezone

import pytest

from psychopy_neon.protocol.template import parse_template
from psychopy_neon.simple import InvalidTemplateAnswersError
from psychopy_neon.simple.template import template_of

NAME, AGE, HAND, AIDS = (str(uuid.UUID(int=n)) for n in range(1, 5))


@pytest.fixture
def template():
    def item(item_id, title, widget="TEXT", kind="any", choices=None, required=False):
        return {
            "id": item_id,
            "title": title,
            "widget_type": widget,
            "input_type": kind,
            "choices": choices,
            "required": required,
        }

    return template_of(
        parse_template(
            {
                "id": str(uuid.UUID(int=9)),
                "name": "Lab",
                "created_at": "2024-07-01T09:00:00.5Z",
                "updated_at": "2024-07-01T09:00:00.123456789+02:00",
                "published_at": "soon",
                "items": [
                    item(NAME, "Participant", required=True),
                    item(AGE, "Age", kind="integer"),
                    item(HAND, "Hand", "RADIO_LIST", choices=["left", "right"]),
                    item(AIDS, "Aids", "CHECKBOX_LIST", choices=["glasses", "lenses"]),
                ],
            }
        )
    )


def test_ids_and_times_have_the_official_types(template):
    assert template.id == uuid.UUID(int=9)
    assert template.items[0].id == uuid.UUID(NAME)
    assert template.created_at == datetime(2024, 7, 1, 9, 0, 0, 500_000, timezone.utc)
    assert template.updated_at == datetime(
        2024, 7, 1, 9, 0, 0, 123_456, timezone(timedelta(hours=2))
    )
    assert template.published_at is None and template.archived_at is None


def test_an_id_of_another_form_is_kept():
    template = template_of(parse_template({"id": "7", "items": [{"id": "A-1"}]}))
    assert template.id == "7"
    assert template.get_question_by_id("A-1") is template.items[0]


@pytest.mark.parametrize(
    ("simple", "api"),
    [
        ({NAME: ["P07"]}, {NAME: ["P07"]}),
        ({NAME: [""]}, {NAME: [""]}),
        ({AGE: 31}, {AGE: ["31"]}),
        ({AGE: None}, {AGE: [""]}),
        ({HAND: ["left"]}, {HAND: ["left"]}),
        ({HAND: []}, {HAND: [""]}),
        ({AIDS: ["glasses", "lenses"]}, {AIDS: ["glasses", "lenses"]}),
        ({AIDS: []}, {AIDS: [""]}),
    ],
)
def test_the_formats_convert_both_ways(template, simple, api):
    if simple != {NAME: [""]}:  # required
        assert template.convert_from_simple_to_api_format(simple) == api
    assert template.convert_from_api_to_simple_format(api) == simple


def test_filled_choices_keep_their_own_value(template):
    """The official client returns the value of the item before."""
    api = {NAME: ["P07"], HAND: ["left"], AIDS: ["lenses"], "gone": ["x"]}
    assert template.convert_from_api_to_simple_format(api) == api


def test_validation_tells_or_raises(template):
    age = template.get_question_by_id(uuid.UUID(AGE))
    assert age.validate_answer(31) == age.validate_answer(["31"], "api") == []
    (fault,) = age.validate_answer("old", raise_exception=False)
    assert fault["loc"] == (AGE,) and fault["msg"] == "Question 'Age': 'old' is not a whole number."
    with pytest.raises(InvalidTemplateAnswersError, match="'old' is not a whole number"):
        age.validate_answer("old")


def test_a_set_must_have_what_is_required(template):
    assert template.validate_answers({NAME: ["P07"]}, "simple") == []
    faults = template.validate_answers({AGE: "old", "x": 1}, "simple", raise_exception=False)
    assert [fault["loc"] for fault in faults] == [(AGE,), ("x",), (NAME,)]
    with pytest.raises(ValueError, match="'Participant': an answer is required"):
        template.validate_answers({}, "api")
