"""Reads the phone's template again and again, while somebody wants to know."""

from __future__ import annotations

import threading
from typing import Any

from psychopy_neon.client.template import TemplateRemote
from psychopy_neon.exceptions import NeonError
from psychopy_neon.transport.worker import Worker

READ_EVERY_S = 3.0
TIMEOUT_S = 3.0
MOST_TEXTS, MOST_CHARACTERS = 30, 80  # of a template, in replies that have to stay small


class TemplateWatch:
    """Knows whether the template is complete, as of some seconds ago.

    Parameters
    ----------
    template : TemplateRemote
    """

    def __init__(self, template: TemplateRemote) -> None:
        self._remote = template
        self._facts: dict[str, Any] = {}
        self._round = 0
        self._hurry = threading.Event()
        self._worker = Worker("neon-check-template", self._run)

    def start(self) -> None:
        """Begin to read."""
        self._worker.start()

    def again(self) -> None:
        """Forget it, and read it at once; returns before that is done."""
        self._round += 1
        self._facts = {}
        self._hurry.set()

    def stop(self) -> None:
        """Ask the thread to end; returns at once."""
        self._worker.stop()
        self._hurry.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread; whether it has ended."""
        return self._worker.join(timeout_s)

    def facts(self) -> dict[str, Any]:
        """The part of `Facts` that is about the template; empty before it was read."""
        return self._facts

    def _run(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            self._hurry.clear()
            asked = self._round
            facts = self._read()
            if asked == self._round:  # nobody has asked anew meanwhile
                self._facts = facts
            self._hurry.wait(READ_EVERY_S)

    def _read(self) -> dict[str, Any]:
        try:
            template = self._remote.definition(TIMEOUT_S)
            answers = self._remote.wire_answers(TIMEOUT_S)
        except NeonError as error:
            return {"template": "unreadable", "template_error": str(error)}
        questions = _texts(item.title for item in template.unanswered(answers))
        given = _texts(text for texts in answers.values() for text in texts if text)
        return {
            "template": "incomplete" if questions else "complete",
            "template_name": template.name[:MOST_CHARACTERS],
            "open_questions": questions,
            "answers": given,
        }


def _texts(texts: Any) -> tuple[str, ...]:
    return tuple(text[:MOST_CHARACTERS] for text in texts)[:MOST_TEXTS]
