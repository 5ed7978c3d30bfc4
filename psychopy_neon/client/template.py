"""Questions of the phone's template, and the answers that its next recording gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from psychopy_neon.protocol import rest
from psychopy_neon.protocol.answers import Answer, WireAnswers, parse_answers
from psychopy_neon.protocol.template import Template, parse_template
from psychopy_neon.transport.deadline import Deadline

TIMEOUT_S = 5.0


class TemplateRemote:
    """Template and answers on the phone; reached as ``neon.template`` (reference, 2.5).

    Every method asks the phone, and blocks up to its timeout.

    Examples
    --------
    >>> questions = {q.title: q.id for q in neon.template.definition().questions}
    >>> neon.template.post({questions["Participant"]: "P07", questions["Age"]: 31})
    """

    def __init__(self, request: Callable[[rest.Call, float], Any]) -> None:
        self._request = request

    def definition(self, timeout_s: float = TIMEOUT_S) -> Template:
        """The template that is selected on the phone; blocks up to `timeout_s`.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.

        Raises
        ------
        DeviceError
            If the phone has none, or its app is older than 2.8.25.
        NeonConnectionError, NeonTimeoutError
            If the phone does not answer.
        """
        return parse_template(self._request(rest.GET_TEMPLATE, timeout_s))

    def answers(self, timeout_s: float = TIMEOUT_S) -> dict[str, Answer]:
        """Answer to every question, by question id, in its natural type; blocks up to `timeout_s`.

        Natural types: int or float (None if empty) for numbers, a list for checkboxes, a text for
        the rest. Raises as `definition` does.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.
        """
        deadline = Deadline(timeout_s, "template answers")
        template = self.definition(deadline.left_s())
        return template.decode(self.wire_answers(deadline.left_s()))

    def wire_answers(self, timeout_s: float = TIMEOUT_S) -> WireAnswers:
        """The stored answers as they travel: lists of texts, ``[""]`` if empty.

        Blocks up to `timeout_s`; raises as `definition` does.

        Parameters
        ----------
        timeout_s : float
            Longest wait, seconds.
        """
        return parse_answers(self._request(rest.GET_TEMPLATE_DATA, timeout_s))

    def post(
        self,
        answers: Mapping[Any, object],
        *,
        complete: bool = True,
        timeout_s: float = TIMEOUT_S,
    ) -> dict[str, Answer]:
        """Store answers over those that the phone has; blocks up to `timeout_s`.

        Parameters
        ----------
        answers : mapping
            By question id (text or UUID): an answer in its natural type or in wire form. An
            empty one (None, "" or []) deletes the stored one. Questions that are not in it
            keep their answer.
        complete : bool
            Whether every required question must then be answered. Without, the phone takes the
            answers and refuses to record.
        timeout_s : float
            Longest wait, seconds.

        Returns
        -------
        dict
            All answers that the phone now has, as `answers` does.

        Raises
        ------
        InvalidAnswersError
            If answers do not fit; it is a `UsageError`, has a sentence for each fault in
            ``faults``, and nothing was sent.
        DeviceError
            If the phone refuses them.
        NeonConnectionError, NeonTimeoutError
            If the phone does not answer.
        """
        template, stored = self._post(answers, complete, timeout_s)
        return template.decode(stored)

    def post_by_title(
        self, answers: Mapping[str, object], *, complete: bool = True, timeout_s: float = TIMEOUT_S
    ) -> dict[str, Answer]:
        """As `post`, with the titles of the questions; blocks up to `timeout_s`.

        Parameters
        ----------
        answers : mapping
            By the title of a question, as it stands in the app, or by its id.
        complete, timeout_s
            As for `post`.

        Returns
        -------
        dict
            As of `post`: by question id.
        """
        deadline = Deadline(timeout_s, "template answers")
        by_id = self.definition(deadline.left_s()).by_id(answers)
        return self.post(by_id, complete=complete, timeout_s=deadline.left_s())

    def post_wire(
        self,
        answers: Mapping[Any, object],
        *,
        complete: bool = True,
        timeout_s: float = TIMEOUT_S,
    ) -> WireAnswers:
        """As `post`, but returns the phone's answers as they travel; blocks up to `timeout_s`.

        Parameters
        ----------
        answers, complete, timeout_s
            As for `post`.

        Returns
        -------
        dict of str to list of str
            All answers that the phone now has, by question id.
        """
        return self._post(answers, complete, timeout_s)[1]

    def _post(
        self, answers: Mapping[Any, object], complete: bool, timeout_s: float
    ) -> tuple[Template, WireAnswers]:
        deadline = Deadline(timeout_s, "template answers")
        template = self.definition(deadline.left_s())
        new = template.encode(answers)
        merged = template.merged(self.wire_answers(deadline.left_s()), new)
        if complete:
            template.check_complete(merged)
        stored = self._request(rest.post_template_data(merged), deadline.left_s())
        return template, parse_answers(stored)
