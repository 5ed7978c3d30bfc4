from __future__ import annotations

import queue
import threading
import time
import uuid

import pytest

from psychopy_neon import (
    ClosedError,
    DeviceError,
    InvalidAnswersError,
    NeonError,
    NeonTimeoutError,
    UsageError,
)
from psychopy_neon.client.template import TemplateRemote

NAME, AGE, HEIGHT, HAND, AIDS, HEADER = (str(uuid.UUID(int=n)) for n in range(1, 7))


def item(item_id, title, widget="TEXT", kind="any", choices=None, *, required=False):
    return {
        "id": item_id,
        "title": title,
        "help_text": "",
        "required": required,
        "choices": choices,
        "input_type": kind,
        "widget_type": widget,
    }


@pytest.fixture
def phone(simulated_neon):
    simulator = simulated_neon(scene=False)
    template = dict(simulator.state.template())
    template["items"] = [
        item(HEADER, "About you", "SECTION_HEADER"),
        item(NAME, "Participant", required=True),
        item(AGE, "Age", kind="integer"),
        item(HEIGHT, "Height", kind="float"),
        item(HAND, "Hand", "RADIO_LIST", choices=["left", "right"]),
        item(AIDS, "Aids", "CHECKBOX_LIST", choices=["glasses", "lenses"]),
    ]
    simulator.state.set_template(template)
    return simulator


def test_the_definition_lists_questions_in_the_order_of_the_app(phone, connect):
    template = connect(phone).template.definition()
    assert template.name == "Simulated template"
    titles = [question.title for question in template.questions]
    assert titles == ["Participant", "Age", "Height", "Hand", "Aids"]
    assert template.item(uuid.UUID(NAME)).required


def test_answers_reach_the_phone_and_come_back_in_their_types(phone, connect):
    remote = connect(phone).template
    given = {NAME: "P07", AGE: 31, HEIGHT: 1.75, HAND: "left", AIDS: ["glasses", "lenses"]}
    assert remote.post(given) == given
    assert remote.answers() == given
    assert remote.wire_answers()[AIDS] == ["glasses", "lenses"]
    assert remote.wire_answers()[AGE] == ["31"]


def test_unanswered_questions_have_empty_answers(phone, connect):
    assert connect(phone).template.answers() == {
        NAME: "",
        AGE: None,
        HEIGHT: None,
        HAND: "",
        AIDS: [],
    }


def test_answers_may_be_given_by_the_titles_of_their_questions(phone, connect):
    remote = connect(phone).template
    stored = remote.post_by_title({" participant ": "P07", "Age": "31", HAND: "left"})
    assert (stored[NAME], stored[AGE], stored[HAND]) == ("P07", 31, "left")


def test_titles_that_no_question_has_are_told_with_those_that_exist(phone, connect):
    remote = connect(phone).template
    with pytest.raises(InvalidAnswersError, match=r"'Name'; there are 'Participant', 'Age'"):
        remote.post_by_title({"Name": "P07", "Age": 31})
    assert remote.answers()[AGE] is None


def test_new_answers_leave_the_others_as_they_were(phone, connect):
    remote = connect(phone).template
    remote.post({NAME: "P07", AGE: 31, AIDS: ["lenses"]})
    assert remote.post({AGE: None, AIDS: []})[NAME] == "P07"
    wire = remote.wire_answers()
    assert wire.pop(HEADER, [""]) == [""]  # phones may list headlines, too
    assert wire == {NAME: ["P07"], AGE: [""], HEIGHT: [""], HAND: [""], AIDS: [""]}


def test_nothing_is_sent_when_an_answer_does_not_fit(phone, connect):
    remote = connect(phone).template
    with pytest.raises(UsageError, match="'both' is not one of its choices"):
        remote.post({NAME: "P07", HAND: "both"})
    assert remote.answers()[NAME] == ""


def test_required_answers_may_be_left_for_later(phone, connect):
    neon = connect(phone)
    with pytest.raises(UsageError, match="Question 'Participant': an answer is required"):
        neon.template.post({AGE: 31})
    assert neon.template.post({AGE: 31}, complete=False)[AGE] == 31
    with pytest.raises(DeviceError, match="Participant"):
        neon.recording.start()
    neon.template.post({NAME: "P07"})
    neon.recording.start()


def test_a_silent_phone_ends_in_a_timeout_error_in_time():
    def slow(call, timeout_s):
        time.sleep(min(0.06, timeout_s))
        return {"items": []} if call.path.endswith("template_def") else {}

    started_s = time.perf_counter()
    with pytest.raises(NeonTimeoutError):
        TemplateRemote(slow).post({}, timeout_s=0.1)
    assert time.perf_counter() - started_s < 1.0


def test_a_closed_device_says_so(phone, connect):
    neon = connect(phone)
    neon.close()
    with pytest.raises(ClosedError):
        neon.template.definition()


def test_closing_ends_a_call_that_waits_for_its_answer(phone, connect):
    neon, answered = connect(phone), queue.SimpleQueue()
    phone.faults.http_slow(30.0, "/api/template_def")

    def ask():
        try:
            answered.put(neon.template.definition(20.0))
        except NeonError as error:
            answered.put(error)

    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(0.3)
    neon.close()
    assert isinstance(answered.get(timeout=5.0), ClosedError)
    asking.join(5.0)
