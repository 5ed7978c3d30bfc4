from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psychopy_neon import InvalidAnswersError, ProtocolError, UsageError
from psychopy_neon.protocol.answers import parse_answers
from psychopy_neon.protocol.template import MAX_ITEMS, Template, parse_template
from psychopy_neon.protocol.template_item import TemplateItem

TEXT = TemplateItem("t", "Participant")
INTEGER = TemplateItem("i", "Age", input_type="integer")
FLOAT = TemplateItem("f", "Height", input_type="float")
RADIO = TemplateItem("r", "Hand", "RADIO_LIST", choices=("left", "right"))
CHECKBOX = TemplateItem("c", "Aids", "CHECKBOX_LIST", choices=("glasses", "lenses", "none"))
PARAGRAPH = TemplateItem("p", "Remarks", "PARAGRAPH")
HEADER = TemplateItem("h", "About you", "SECTION_HEADER")
NEEDED = TemplateItem("n", "Session", required=True)
ALL = (HEADER, TEXT, INTEGER, FLOAT, RADIO, CHECKBOX, PARAGRAPH)

finite = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("item", "answer", "wire"),
    [
        (TEXT, "P07", ["P07"]),
        (TEXT, "", [""]),
        (INTEGER, 42, ["42"]),
        (INTEGER, -3, ["-3"]),
        (INTEGER, None, [""]),
        (FLOAT, 1.75, ["1.75"]),
        (FLOAT, 1e-300, ["1e-300"]),
        (FLOAT, None, [""]),
        (RADIO, "left", ["left"]),
        (RADIO, "", [""]),
        (CHECKBOX, ["glasses", "none"], ["glasses", "none"]),
        (CHECKBOX, ["lenses"], ["lenses"]),
        (CHECKBOX, [], [""]),
        (PARAGRAPH, "two\nlines", ["two\nlines"]),
    ],
)
def test_answers_convert_both_ways(item, answer, wire):
    assert item.encode(answer) == wire
    decoded = item.decode(wire)
    assert decoded == answer and type(decoded) is type(answer)


@pytest.mark.parametrize(
    ("item", "answer", "wire"),
    [
        (TEXT, ["P07"], ["P07"]),
        (TEXT, 7, ["7"]),
        (TEXT, None, [""]),
        (TEXT, [], [""]),
        (INTEGER, "42", ["42"]),
        (INTEGER, ["42"], ["42"]),
        (INTEGER, [""], [""]),
        (FLOAT, 2, ["2"]),
        (RADIO, ["left"], ["left"]),
        (CHECKBOX, "lenses", ["lenses"]),
        (CHECKBOX, ("lenses", "none"), ["lenses", "none"]),
        (CHECKBOX, None, [""]),
    ],
)
def test_looser_spellings_of_an_answer_are_understood(item, answer, wire):
    assert item.encode(answer) == wire


def test_empty_lists_from_the_phone_are_empty_answers():
    assert [item.decode([]) for item in (TEXT, INTEGER, RADIO, CHECKBOX)] == ["", None, "", []]


def test_a_stored_answer_that_no_longer_fits_is_returned_as_text():
    assert INTEGER.decode(["about 40"]) == "about 40"
    assert FLOAT.decode(["1e999"]) == "1e999"
    assert INTEGER.decode(["9" * 10_000]) == "9" * 10_000
    assert TEXT.decode(["a", "b"]) == ["a", "b"]
    assert INTEGER.decode(["1", "2"]) == ["1", "2"]


def test_a_number_in_a_question_for_text_stays_text():
    assert [item.decode(["7"]) for item in (TEXT, PARAGRAPH, INTEGER, FLOAT)] == ["7", "7", 7, 7.0]
    assert CHECKBOX.decode(["", "none"]) == ["none"]


@given(st.integers(-(10**200), 10**200))
def test_every_whole_number_survives(number):
    assert INTEGER.decode(INTEGER.encode(number)) == number


@given(finite)
def test_every_number_survives_to_the_last_bit(number):
    assert FLOAT.decode(FLOAT.encode(number)) == number


@given(st.text())
def test_every_text_survives(text):
    assert TEXT.decode(TEXT.encode(text)) == text


@given(st.lists(st.sampled_from(CHECKBOX.choices)))
def test_every_choice_survives(chosen):
    assert CHECKBOX.decode(CHECKBOX.encode(chosen)) == chosen


@pytest.mark.parametrize(
    ("item", "answer", "fault"),
    [
        (INTEGER, "forty", "Question 'Age': 'forty' is not a whole number."),
        (INTEGER, 3.5, "Question 'Age': '3.5' is not a whole number."),
        (INTEGER, True, "Question 'Age': True is not a whole number."),
        (INTEGER, "1_000", "Question 'Age': '1_000' is not a whole number."),
        (FLOAT, "tall", "Question 'Height': 'tall' is not a number."),
        (FLOAT, float("nan"), "Question 'Height': nan is not a number."),
        (FLOAT, "inf", "Question 'Height': 'inf' is not a number."),
        (RADIO, "both", "Question 'Hand': 'both' is not one of its choices, 'left', 'right'."),
        (RADIO, ["left", "right"], "Question 'Hand': one answer expected, got 2."),
        (TEXT, ["a", "b"], "Question 'Participant': one answer expected, got 2."),
        (TEXT, {"a": 1}, "Question 'Participant': {'a': 1} is not a text."),
        (HEADER, "x", "Question 'About you': this is a SECTION_HEADER, which takes no answer."),
        (NEEDED, "", "Question 'Session': an answer is required."),
    ],
)
def test_a_misfit_gets_one_clear_sentence(item, answer, fault):
    assert item.fault(answer) == fault
    with pytest.raises(UsageError) as caught:
        item.encode(answer)
    assert str(caught.value) == fault


def test_all_faults_are_told_at_once():
    template = Template("id", "Lab", ALL)
    with pytest.raises(InvalidAnswersError) as caught:
        template.encode({"i": "forty", "r": "left", "x": "?", "f": "tall"})
    assert caught.value.faults == (
        "Question 'Age': 'forty' is not a whole number.",
        "Template 'Lab' has no question with the id 'x'.",
        "Question 'Height': 'tall' is not a number.",
    )


def test_what_is_no_dictionary_is_explained():
    with pytest.raises(UsageError, match="dictionary of question id and answer"):
        Template("id", "Lab", ALL).encode(["P07"])


def test_new_answers_go_over_the_stored_ones():
    template = Template("id", "Lab", ALL)
    stored = {"t": ["P07"], "i": ["42"], "r": [], "gone": ["of an older template"]}
    merged = template.merged(stored, template.encode({"i": None, "c": ["none"]}))
    assert merged == {
        "t": ["P07"],
        "i": [""],
        "f": [""],
        "r": [""],
        "c": ["none"],
        "p": [""],
    }


def test_a_whole_set_decodes_in_the_order_of_the_questions():
    decoded = Template("id", "Lab", ALL).decode({"c": ["none"], "i": ["42"], "gone": ["x"]})
    assert decoded == {"t": "", "i": 42, "f": None, "r": "", "c": ["none"], "p": ""}
    assert list(decoded) == ["t", "i", "f", "r", "c", "p"]


def test_required_questions_without_an_answer_are_named():
    template = Template("id", "Lab", (TEXT, NEEDED))
    assert template.unanswered({"t": ["x"], "n": [""]}) == (NEEDED,)
    with pytest.raises(InvalidAnswersError, match="Question 'Session': an answer is required"):
        template.check_complete({"t": ["x"]})
    template.check_complete({"n": ["1"]})


def test_a_definition_is_read_and_unknown_fields_are_ignored():
    result = {
        "id": "abc",
        "name": "Lab",
        "is_default_template": True,
        "created_at": "2024-07-01T09:00:00Z",
        "archived_at": None,
        "recording_name_format": ["{recording_start}"],
        "colour": "green",
        "items": [
            {"id": "r", "title": "Hand", "widget_type": "RADIO_LIST", "choices": ["l", "r"]},
            {"id": "s", "title": "S", "required": True, "input_type": "integer", "choices": None},
        ],
    }
    template = parse_template(result)
    assert (template.id, template.name, template.is_default) == ("abc", "Lab", True)
    assert template.created_at == "2024-07-01T09:00:00Z" and template.archived_at is None
    assert template.items[0].choices == ("l", "r") and not template.items[0].required
    assert template.items[1] == TemplateItem("s", "S", input_type="integer", required=True)
    assert parse_template([result]) == template


def test_only_so_many_questions_are_read():
    items = [{"id": str(number)} for number in range(MAX_ITEMS + 1)]
    assert len(parse_template({"items": items[1:]}).items) == MAX_ITEMS
    with pytest.raises(ProtocolError, match="more than"):
        parse_template({"items": items})


@pytest.mark.parametrize(
    "result", [None, [], "x", {}, {"items": None}, {"items": [{}]}, {"items": [3]}]
)
def test_what_is_no_definition_is_a_protocol_error(result):
    with pytest.raises(ProtocolError):
        parse_template(result)


def test_answers_are_read_in_wire_form():
    assert parse_answers({"a": ["x", "y"], "b": [], "c": [""], "d": None}) == {
        "a": ["x", "y"],
        "b": [""],
        "c": [""],
        "d": [""],
    }
    with pytest.raises(ProtocolError):
        parse_answers(["x"])


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["items", "id", "title", "choices", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(json)
def test_no_json_makes_the_parsers_fail_in_another_way(result):
    for parse in (parse_template, parse_answers):
        try:
            parse(result)
        except ProtocolError:
            continue


@pytest.mark.parametrize("number", [10**400, -(10**400), float("inf")])
def test_an_answer_that_no_number_type_holds_counts_as_none(number):
    assert parse_answers({"i": [number], "f": number}) == {"i": [""], "f": [""]}


@pytest.mark.parametrize("text", ["1" * 900_000, "1" * 900_000 + "x", "1." + "1" * 900_000 + "x"])
def test_a_number_without_end_is_the_text_it_is(text):
    assert FLOAT.decode([text]) == text
    assert INTEGER.decode([text]) == text


def test_choices_that_are_no_texts_are_left_out():
    nested = [[[]]] * 3
    template = parse_template(
        {"items": [{"id": "q", "choices": ["a", None, nested, 2, True, "b"]}]}
    )
    assert template.items[0].choices == ("a", "2", "b")


def test_a_title_that_two_questions_have_needs_their_ids():
    template = Template("id", "name", (TEXT, TemplateItem("u", "participant ")))
    with pytest.raises(InvalidAnswersError, match="2 questions are called 'Participant'"):
        template.by_id({"Participant": "P07"})
    assert template.by_id({"u": "P07"}) == {"u": "P07"}
