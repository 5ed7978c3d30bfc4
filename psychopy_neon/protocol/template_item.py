"""One question of a template: what it takes, and its answer in both forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psychopy_neon.exceptions import InvalidAnswersError
from psychopy_neon.protocol.answers import NO_ANSWER, Answer, number_of, texts_of

SILENT_WIDGETS = ("SECTION_HEADER", "PAGE_BREAK")
CHECKBOX_LIST = "CHECKBOX_LIST"


@dataclass(frozen=True, slots=True)
class TemplateItem:
    """One question of a template, or a headline or page break between questions.

    Attributes
    ----------
    id : str
        Key of its answer.
    title, help_text : str
        What it asks, and what the app shows with it.
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

        Parameters
        ----------
        wire : sequence of str
            One answer as it travels.
        """
        texts = [text for text in wire if text != ""]
        if self.widget_type == CHECKBOX_LIST:
            return texts
        if not texts:
            return None if self._is_number else ""
        if self._is_number and len(texts) == 1:
            return number_of(self.input_type, texts[0])
        return texts[0] if len(texts) == 1 else texts

    def fault(self, answer: object) -> str:
        """What is wrong with an answer, in one sentence; empty if nothing is.

        Parameters
        ----------
        answer : object
            In its natural type or in wire form.
        """
        fault = self._checked(answer)[1]
        return f"{self._name}: {fault}." if fault else ""

    @property
    def _name(self) -> str:
        return f"Question {self.title!r}" if self.title else f"Question {self.id}"

    def _checked(self, answer: object) -> tuple[list[str], str]:
        """The answer in wire form, and what is wrong with it."""
        if not self.takes_answer:
            return list(NO_ANSWER), f"this is a {self.widget_type}, which takes no answer"
        texts = texts_of(answer)
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
        if self._is_number and not isinstance(number_of(self.input_type, texts[0]), (int, float)):
            return f"{texts[0]!r} is not {self._expected}"
        return ""

    @property
    def _expected(self) -> str:
        if self.choices:
            return f"one of its choices, {', '.join(map(repr, self.choices))}"
        return {"integer": "a whole number", "float": "a number"}.get(self.input_type, "a text")
