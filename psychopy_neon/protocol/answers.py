"""Answers to the questions of a template, in their two forms (reference, 2.5).

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
from collections.abc import Mapping

from psychopy_neon.exceptions import ProtocolError

Answer = int | float | str | list[str] | None
"""An answer in its natural type."""
WireAnswers = dict[str, list[str]]
"""Answers by question id, as they travel."""

NO_ANSWER = ("",)
_HUGE = 10**300
# int() and float() take more than a phone would: "1_000", " 1 ", "nan", other scripts' digits.
_INTEGER = re.compile(r"[+-]?[0-9]{1,300}")
_FLOAT = re.compile(r"[+-]?([0-9]{1,300}(\.[0-9]{0,300})?|\.[0-9]{1,300})([eE][+-]?[0-9]{1,300})?")


def parse_answers(result: object) -> WireAnswers:
    """Decode the result of ``GET`` or ``POST /api/template_data``; ``[]`` becomes ``[""]``.

    Raises
    ------
    ProtocolError
        If it is not an object.
    """
    if not isinstance(result, Mapping):
        raise ProtocolError("the phone sent no template answers")
    texts = {str(key): texts_of(answer) for key, answer in result.items()}
    return {key: answer or list(NO_ANSWER) for key, answer in texts.items()}


def texts_of(answer: object) -> list[str] | None:
    """The texts of an answer without empty ones; None if it is no answer at all."""
    if answer is None:
        return []
    parts = list(answer) if isinstance(answer, (list, tuple)) else [answer]
    texts = [as_text(part) for part in parts]
    return None if None in texts else [text for text in texts if text]


def as_text(part: object) -> str | None:
    """A text, or a number as the shortest text that reads back as the same number."""
    if isinstance(part, str):
        return part
    if isinstance(part, float):
        return repr(float(part)) if math.isfinite(part) else None
    if isinstance(part, bool) or not isinstance(part, int):
        return None
    return repr(part) if abs(part) < _HUGE else None


def number_of(input_type: str, text: str) -> int | float | str:
    """The number that a text stands for, or the text itself if it stands for none."""
    if input_type == "integer":
        return int(text) if _INTEGER.fullmatch(text) else text
    value = float(text) if _FLOAT.fullmatch(text) else math.nan
    return value if math.isfinite(value) else text
