"""Templates: the questions of a workspace, and the two forms of their answers (reference, 2.5).

On the wire every answer is a list of texts, and the empty answer is ``[""]``; the phone refuses
``[]``. In scripts an answer has its natural type:

==========================  ====================================================
question                    answer
==========================  ====================================================
``input_type`` integer      int, None if empty
``input_type`` float        float, None if empty
``CHECKBOX_LIST``           list of str, ``[]`` if empty
anything else               str, ``""`` if empty; of a ``RADIO_LIST`` the choice
==========================  ====================================================
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psychopy_neon.exceptions import ProtocolError, UsageError

Answer = int | float | str | list[str] | None
"""An answer in its natural type."""
WireAnswers = dict[str, list[str]]
"""Answers by question id, as they travel."""

SILENT_WIDGETS = ("SECTION_HEADER", "PAGE_BREAK")
RADIO_LIST, CHECKBOX_LIST = "RADIO_LIST", "CHECKBOX_LIST"
NO_ANSWER = ("",)
MAX_ITEMS = 10_000
# int() and float() take more than a phone would: "1_000", " 1 ", "nan", other scripts' digits.
_INTEGER = re.compile(r"[+-]?[0-9]{1,300}")
_FLOAT = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


class InvalidAnswersError(UsageError):
    """Answers that do not fit the template; nothing was sent.

    Parameters
    ----------
    faults : sequence of str
        One sentence each.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class TemplateItem:
    """One question of a template, or a headline or page break between questions.

    Attributes
    ----------
    id : str
        Key of its answer.
    title, help_text : str
    widget_type : str
        TEXT, PARAGRAPH, RADIO_LIST, CHECKBOX_LIST, SECTION_HEADER or PAGE_BREAK.
    input_type : str
        any, integer or float.
    choices : tuple of str
        Of the two lists; else empty.
    required : bool
        Without an answer the phone refuses to start or save a recording.
    """

    id: str
    title: str
    widget_type: str = "TEXT"
    input_type: str = "any"
    choices: tuple[str, ...] = ()
    help_text: str = ""
    required: bool = False

    @property
    def takes_answer(self) -> bool:
        """False for headlines and page breaks."""
        return self.widget_type not in SILENT_WIDGETS

    @property
    def _is_number(self) -> bool:
        return self.input_type in ("integer", "float") and not self.choices

    def encode(self, answer: object) -> list[str]:
        """Bring an answer to wire form.

        Parameters
        ----------
        answer : int, float, str, sequence of str, or None
            In its natural type or already in wire form.

        Raises
        ------
        InvalidAnswersError
            If it does not fit the question.
        """
        wire, fault = self._checked(answer)
        if fault:
            raise InvalidAnswersError([f"{self._name}: {fault}."])
        return wire

    def decode(self, wire: Sequence[str]) -> Answer:
        """Bring an answer from wire form to its natural type.

        What an older version of the template let in, such as "abc" for a number, is returned as
        the text it is.
        """
        texts = [text for text in wire if text != ""]
        if self.widget_type == CHECKBOX_LIST:
            return texts
        if not texts:
            return None if self._is_number else ""
        if self._is_number and len(texts) == 1:
            return _number(self.input_type, texts[0])
        return texts[0] if len(texts) == 1 else texts

    def fault(self, answer: object) -> str:
        """What is wrong with an answer, in one sentence; empty if nothing is."""
        fault = self._checked(answer)[1]
        return f"{self._name}: {fault}." if fault else ""

    @property
    def _name(self) -> str:
        return f"Question {self.title!r}" if self.title else f"Question {self.id}"

    def _checked(self, answer: object) -> tuple[list[str], str]:
        """The answer in wire form, and what is wrong with it."""
        if not self.takes_answer:
            return list(NO_ANSWER), f"this is a {self.widget_type}, which takes no answer"
        texts = _texts(answer)
        if texts is None:
            return list(NO_ANSWER), f"{answer!r} is not {self._expected}"
        fault = self._fault_of(texts)
        return texts or list(NO_ANSWER), fault

    def _fault_of(self, texts: list[str]) -> str:
        if not texts:
            return "an answer is required" if self.required else ""
        if len(texts) > 1 and self.widget_type != CHECKBOX_LIST:
            return f"one answer expected, got {len(texts)}"
        if self.choices:
            wrong = [text for text in texts if text not in self.choices]
            return f"{wrong[0]!r} is not {self._expected}" if wrong else ""
        if self._is_number and not isinstance(_number(self.input_type, texts[0]), (int, float)):
            return f"{texts[0]!r} is not {self._expected}"
        return ""

    @property
    def _expected(self) -> str:
        if self.choices:
            return f"one of its choices, {', '.join(map(repr, self.choices))}"
        return {"integer": "a whole number", "float": "a number"}.get(self.input_type, "a text")


@dataclass(frozen=True, slots=True)
class Template:
    """The template that the phone uses for its next recordings.

    Attributes
    ----------
    id, name, description : str
    items : tuple of TemplateItem
        In the order of the app, headlines and page breaks included.
    recording_name_format : tuple of str
    is_default : bool
    created_at, updated_at, published_at, archived_at : str or None
        RFC 3339, as the phone sent them.
    label_ids, recording_ids : tuple of str
    """

    id: str
    name: str
    items: tuple[TemplateItem, ...]
    description: str = ""
    recording_name_format: tuple[str, ...] = ()
    is_default: bool = False
    created_at: str | None = None
    updated_at: str | None = None
    published_at: str | None = None
    archived_at: str | None = None
    label_ids: tuple[str, ...] = ()
    recording_ids: tuple[str, ...] = ()

    @property
    def questions(self) -> tuple[TemplateItem, ...]:
        """The items that take an answer."""
        return tuple(item for item in self.items if item.takes_answer)

    def item(self, item_id: object) -> TemplateItem | None:
        """The item with this id (text or UUID), or None."""
        return next((item for item in self.items if item.id == str(item_id)), None)

    def encode(self, answers: Mapping[Any, object]) -> WireAnswers:
        """Bring answers to wire form; the keys may be texts or UUIDs.

        Raises
        ------
        InvalidAnswersError
            With a sentence for each answer that does not fit.
        """
        faults = [*self._faults_of(answers)]
        if faults:
            raise InvalidAnswersError(faults)
        given = {str(key): answer for key, answer in answers.items()}
        return {item.id: item.encode(given[item.id]) for item in self.items if item.id in given}

    def decode(self, wire: Mapping[str, Sequence[str]]) -> dict[str, Answer]:
        """Bring answers from wire form to their natural types, in the order of the questions.

        Questions without an entry count as unanswered; entries without a question are left out.
        """
        return {item.id: item.decode(wire.get(item.id, NO_ANSWER)) for item in self.questions}

    def merged(self, stored: Mapping[str, Sequence[str]], new: WireAnswers) -> WireAnswers:
        """New answers over the stored ones: one entry for each question, in wire form."""
        both = {**stored, **new}
        return {q.id: list(both.get(q.id) or NO_ANSWER) for q in self.questions}

    def unanswered(self, wire: Mapping[str, Sequence[str]]) -> tuple[TemplateItem, ...]:
        """The required questions that have no answer."""
        return tuple(q for q in self.questions if q.required and not any(wire.get(q.id, ())))

    def check_complete(self, wire: Mapping[str, Sequence[str]]) -> None:
        """Raise `InvalidAnswersError` if required questions have no answer."""
        open_questions = self.unanswered(wire)
        if open_questions:
            raise InvalidAnswersError([q.fault(None) for q in open_questions])

    def _faults_of(self, answers: object) -> Iterator[str]:
        if not isinstance(answers, Mapping):
            yield f"Answers are a dictionary of question id and answer, not {answers!r}."
            return
        for key, answer in answers.items():
            item = self.item(key)
            if item is None:
                yield f"Template {self.name!r} has no question with the id {str(key)!r}."
            elif fault := item.fault(answer):
                yield fault


def parse_template(result: object) -> Template:
    """Decode the result of ``GET /api/template_def``; unknown fields are ignored.

    Raises
    ------
    ProtocolError
        If it is not a template.
    """
    if isinstance(result, list) and len(result) == 1:  # as the vendor's specification has it
        (result,) = result
    if not isinstance(result, Mapping) or not isinstance(result.get("items"), list):
        raise ProtocolError("the phone sent no template definition")
    items = result["items"]
    if len(items) > MAX_ITEMS:
        raise ProtocolError(f"template with more than {MAX_ITEMS} items")
    times = ("created_at", "updated_at", "published_at", "archived_at")
    return Template(
        id=_text(result.get("id")),
        name=_text(result.get("name")),
        items=tuple(_parse_item(item) for item in items),
        description=_text(result.get("description")),
        recording_name_format=_text_tuple(result.get("recording_name_format")),
        is_default=result.get("is_default_template") is True,
        **{name: _text(result.get(name)) or None for name in times},
        label_ids=_text_tuple(result.get("label_ids")),
        recording_ids=_text_tuple(result.get("recording_ids")),
    )


def parse_answers(result: object) -> WireAnswers:
    """Decode the result of ``GET`` or ``POST /api/template_data``; ``[]`` becomes ``[""]``.

    Raises
    ------
    ProtocolError
        If it is not an object.
    """
    if not isinstance(result, Mapping):
        raise ProtocolError("the phone sent no template answers")
    texts = {str(key): _texts(answer) for key, answer in result.items()}
    return {key: answer or list(NO_ANSWER) for key, answer in texts.items()}


def _parse_item(item: object) -> TemplateItem:
    if not isinstance(item, Mapping) or not isinstance(item.get("id"), str):
        raise ProtocolError("template item without an id")
    return TemplateItem(
        id=item["id"],
        title=_text(item.get("title")),
        widget_type=_text(item.get("widget_type")) or "TEXT",
        input_type=_text(item.get("input_type")) or "any",
        choices=_text_tuple(item.get("choices")),
        help_text=_text(item.get("help_text")),
        required=item.get("required") is True,
    )


def _texts(answer: object) -> list[str] | None:
    """The texts of an answer without empty ones; None if it is no answer at all."""
    if answer is None:
        return []
    parts = list(answer) if isinstance(answer, (list, tuple)) else [answer]
    texts = [_as_text(part) for part in parts]
    return None if None in texts else [text for text in texts if text]


def _as_text(part: object) -> str | None:
    """A text, or a number as the shortest text that reads back as the same number."""
    if isinstance(part, str):
        return part
    if isinstance(part, bool) or not isinstance(part, (int, float)):
        return None
    return repr(part) if math.isfinite(part) else None


def _number(input_type: str, text: str) -> int | float | str:
    """The number that a text stands for, or the text itself if it stands for none."""
    if input_type == "integer":
        return int(text) if _INTEGER.fullmatch(text) else text
    value = float(text) if _FLOAT.fullmatch(text) else math.nan
    return value if math.isfinite(value) else text


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _text_tuple(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()
