"""The template under the official client's names and in its two answer formats.

"api" is the wire form, lists of texts. "simple" has a number or None for number questions, and a
list of texts for everything else, also for a single text.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from psychopy_neon.protocol import template as protocol
from psychopy_neon.protocol import template_item
from psychopy_neon.simple.errors import InvalidTemplateAnswersError, UnknownFormatError

TemplateFormat = Literal["simple", "api"]
FORMATS = ("simple", "api")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def check_format(template_format: str) -> None:
    """Raise `UnknownFormatError` unless it is "simple" or "api"."""
    if template_format not in FORMATS:
        raise UnknownFormatError(f"template_format is {template_format!r}; give 'simple' or 'api'")


@dataclass(frozen=True)
class TemplateItem:
    """One question, headline or page break (reference, 2.5).

    Attributes
    ----------
    id : UUID or str
        Key of its answer.
    title : str
        What it asks.
    widget_type : str
        TEXT, PARAGRAPH, RADIO_LIST, CHECKBOX_LIST, SECTION_HEADER or PAGE_BREAK.
    input_type : str
        any, integer or float.
    choices : list of str or None
        Of the two lists.
    help_text : str or None
        What the app shows with it.
    required : bool
        Without an answer the phone refuses to start or save a recording.
    """

    id: uuid.UUID | str
    title: str
    widget_type: str
    input_type: str
    choices: list[str] | None
    help_text: str | None
    required: bool
    _item: template_item.TemplateItem

    def validate_answer(
        self,
        answer: Any,
        template_format: TemplateFormat = "simple",
        raise_exception: bool = True,
    ) -> list[dict[str, Any]]:
        """Check one answer.

        Parameters
        ----------
        answer : object
            In either format.
        template_format : {"simple", "api"}
            Checked to be one of the two.
        raise_exception : bool
            Whether to raise what was found.

        Returns
        -------
        list of dict
            Empty, or one with the keys loc, msg, input, type.

        Raises
        ------
        InvalidTemplateAnswersError
            If it does not fit and `raise_exception` is true.
        UnknownFormatError
            If there is no such format.
        """
        check_format(template_format)
        fault = self._item.fault(answer)
        if fault and raise_exception:
            raise InvalidTemplateAnswersError([fault])
        return [_detail(self._item.id, fault, answer)] if fault else []


@dataclass(frozen=True)
class Template:
    """The template that is selected on the phone (reference, 2.5).

    Attributes
    ----------
    id : UUID or str
        Its id.
    name : str
        As in the workspace.
    description : str or None
        As in the workspace.
    items : list of TemplateItem
        In the order of the app, headlines and page breaks included.
    recording_name_format : list of str
        What names of recordings are made of.
    is_default_template : bool
        Whether it is the workspace's default.
    created_at, updated_at, published_at, archived_at : datetime or None
        With time zone.
    label_ids : list of UUID or str
        Labels of its recordings.
    recording_ids : list of UUID or str, or None
        Recordings made with it.
    """

    created_at: datetime | None
    id: uuid.UUID | str
    name: str
    updated_at: datetime | None
    recording_name_format: list[str]
    items: list[TemplateItem]
    label_ids: list[uuid.UUID | str]
    is_default_template: bool
    description: str | None
    recording_ids: list[uuid.UUID | str] | None
    published_at: datetime | None
    archived_at: datetime | None
    _definition: protocol.Template

    def get_question_by_id(self, question_id: str | uuid.UUID) -> TemplateItem | None:
        """The item with this id, or None.

        Parameters
        ----------
        question_id : str or UUID
            As in `TemplateItem`.
        """
        return next((item for item in self.items if str(item.id) == str(question_id)), None)

    def validate_answers(
        self,
        answers: Mapping[Any, Any],
        template_format: TemplateFormat,
        raise_exception: bool = True,
    ) -> list[dict[str, Any]]:
        """Check a whole set of answers.

        Parameters
        ----------
        answers : mapping
            By question id.
        template_format : {"simple", "api"}
            Checked to be one of the two.
        raise_exception : bool
            Whether to raise what was found.

        Returns
        -------
        list of dict
            One for each fault, with the keys loc, msg, input, type.

        Raises
        ------
        InvalidTemplateAnswersError
            If one does not fit and `raise_exception` is true.
        UnknownFormatError
            If there is no such format.
        """
        check_format(template_format)
        faults = list(self._faults(answers))
        if faults and raise_exception:
            raise InvalidTemplateAnswersError([fault["msg"] for fault in faults])
        return faults

    def convert_from_simple_to_api_format(self, data: Mapping[Any, Any]) -> dict[str, list[str]]:
        """Bring answers to wire form.

        Parameters
        ----------
        data : mapping
            Answers by question id.

        Returns
        -------
        dict of str to list of str
            As they travel.

        Raises
        ------
        InvalidTemplateAnswersError
            If one does not fit.
        """
        return self._definition.encode(data)

    def convert_from_api_to_simple_format(self, data: Mapping[str, list[str]]) -> dict[str, Any]:
        """Answers from wire form; those without a question stay as they are.

        Parameters
        ----------
        data : mapping of str to list of str
            As they travel, by question id.

        Returns
        -------
        dict
            By question id: a number or None for number questions, else a list of texts.
        """
        return {str(key): self._simple(str(key), answer) for key, answer in data.items()}

    def _simple(self, item_id: str, wire: list[str]) -> Any:
        item = self._definition.item(item_id)
        if item is None:
            return list(wire)
        answer = item.decode(wire)
        if not isinstance(answer, str):
            return answer
        return [] if item.choices and not answer else [answer]

    def _faults(self, answers: Mapping[Any, Any]) -> list[dict[str, Any]]:
        given = {str(key): answer for key, answer in answers.items()}
        known = {item.id: item for item in self._definition.items}
        faults = []
        for key, answer in given.items():
            fault = known[key].fault(answer) if key in known else "There is no such question."
            if fault:
                faults.append(_detail(key, fault, answer))
        for item in self._definition.questions:
            if item.required and item.id not in given:
                faults.append(_detail(item.id, item.fault(None), None))
        return faults


def template_of(definition: protocol.Template) -> Template:
    """The official form of a template."""
    return Template(
        created_at=_time(definition.created_at),
        id=_uuid(definition.id),
        name=definition.name,
        updated_at=_time(definition.updated_at),
        recording_name_format=list(definition.recording_name_format),
        items=[_item(item) for item in definition.items],
        label_ids=[_uuid(text) for text in definition.label_ids],
        is_default_template=definition.is_default,
        description=definition.description or None,
        recording_ids=[_uuid(text) for text in definition.recording_ids] or None,
        published_at=_time(definition.published_at),
        archived_at=_time(definition.archived_at),
        _definition=definition,
    )


def _item(item: template_item.TemplateItem) -> TemplateItem:
    return TemplateItem(
        id=_uuid(item.id),
        title=item.title,
        widget_type=item.widget_type,
        input_type=item.input_type,
        choices=list(item.choices) or None,
        help_text=item.help_text,
        required=item.required,
        _item=item,
    )


def _detail(item_id: str, fault: str, answer: Any) -> dict[str, Any]:
    return {"type": "value_error", "loc": (item_id,), "msg": fault, "input": answer}


def _uuid(text: str) -> uuid.UUID | str:
    try:
        found = uuid.UUID(text)
    except ValueError:
        return text
    return found if str(found) == text else text  # answers are keyed by the phone's spelling


def _time(text: str | None) -> datetime | None:
    """RFC 3339 with any number of decimals, which Python 3.10 cannot read by itself."""
    match = _TIME.fullmatch(text or "")
    if match is None:
        return None
    date, clock, fraction, zone = match.groups()
    micro = (fraction or ".0")[:7].ljust(7, "0")
    try:
        return datetime.fromisoformat(f"{date}T{clock}{micro}{zone.upper().replace('Z', '+00:00')}")
    except ValueError:
        return None
