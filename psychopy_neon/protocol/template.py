"""Templates: the questions of a workspace (reference, 2.5). Their answers: `protocol.answers`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psychopy_neon.exceptions import InvalidAnswersError, ProtocolError
from psychopy_neon.protocol.answers import NO_ANSWER, Answer, WireAnswers, as_text
from psychopy_neon.protocol.template_item import TemplateItem

MAX_ITEMS = 10_000


@dataclass(frozen=True, slots=True)
class Template:
    """The template that the phone uses for its next recordings (reference, 2.5).

    Attributes
    ----------
    id, name, description : str
        As in the workspace.
    items : tuple of TemplateItem
        In the order of the app, headlines and page breaks included.
    recording_name_format : tuple of str
        What names of recordings are made of.
    is_default : bool
        Whether it is the workspace's default.
    created_at, updated_at, published_at, archived_at : str or None
        RFC 3339, as the phone sent them.
    label_ids, recording_ids : tuple of str
        Labels of its recordings, and recordings made with it.
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
        """The item with this id (text or UUID), or None.

        Parameters
        ----------
        item_id : str or UUID
            Id of a question, headline or page break.
        """
        return next((item for item in self.items if item.id == str(item_id)), None)

    def encode(self, answers: Mapping[Any, object]) -> WireAnswers:
        """Bring answers to wire form.

        Parameters
        ----------
        answers : mapping
            By question id, a text or a UUID: answers in their natural types or in wire form.

        Returns
        -------
        dict of str to list of str
            By question id.

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

    def by_id(self, answers: Mapping[str, object]) -> dict[str, object]:
        """Answers by question id, given by the titles of the questions or by their ids.

        Parameters
        ----------
        answers : mapping
            Capitals do not count in titles.

        Raises
        ------
        InvalidAnswersError
            With a sentence for each title that no question has, or several.
        """
        found: dict[str, object] = {}
        faults: list[str] = []
        for title, answer in answers.items():
            ids = self._ids_of(title)
            if len(ids) == 1:
                found[ids[0]] = answer
            elif ids:
                faults.append(f"{len(ids)} questions are called {title!r}: use their ids")
            else:
                titles = ", ".join(repr(question.title) for question in self.questions)
                faults.append(f"no question is called {title!r}; there are {titles or 'none'}")
        if faults:
            raise InvalidAnswersError(faults)
        return found

    def _ids_of(self, title: str) -> list[str]:
        wanted = title.strip().casefold()
        questions = self.questions
        by_id = [question.id for question in questions if question.id == title]
        return by_id or [q.id for q in questions if q.title.strip().casefold() == wanted]

    def decode(self, wire: Mapping[str, Sequence[str]]) -> dict[str, Answer]:
        """Bring answers from wire form to their natural types, in the order of the questions.

        Questions without an entry count as unanswered; entries without a question are left out.

        Parameters
        ----------
        wire : mapping of str to list of str
            By question id.

        Returns
        -------
        dict
            By question id: int, float, str, list of str, or None.
        """
        return {item.id: item.decode(wire.get(item.id, NO_ANSWER)) for item in self.questions}

    def merged(self, stored: Mapping[str, Sequence[str]], new: WireAnswers) -> WireAnswers:
        """New answers over the stored ones: one entry for each question, in wire form.

        Parameters
        ----------
        stored, new : mapping of str to list of str
            Both in wire form, by question id.
        """
        both = {**stored, **new}
        return {q.id: list(both.get(q.id) or NO_ANSWER) for q in self.questions}

    def unanswered(self, wire: Mapping[str, Sequence[str]]) -> tuple[TemplateItem, ...]:
        """The required questions that have no answer.

        Parameters
        ----------
        wire : mapping of str to list of str
            Answers in wire form, by question id.
        """
        return tuple(q for q in self.questions if q.required and not any(wire.get(q.id, ())))

    def check_complete(self, wire: Mapping[str, Sequence[str]]) -> None:
        """Check that every required question has an answer.

        Parameters
        ----------
        wire : mapping of str to list of str
            Answers in wire form, by question id.

        Raises
        ------
        InvalidAnswersError
            If one has none.
        """
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


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _text_tuple(value: object) -> tuple[str, ...]:
    texts = map(as_text, value) if isinstance(value, list) else ()
    return tuple(text for text in texts if text is not None)
