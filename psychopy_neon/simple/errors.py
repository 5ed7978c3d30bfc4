"""Errors that are also of the type which the official client raises in the same place."""

from __future__ import annotations

from psychopy_neon.exceptions import InvalidAnswersError as InvalidTemplateAnswersError
from psychopy_neon.exceptions import UsageError

__all__ = ["InvalidTemplateAnswersError", "UnknownFormatError", "UnknownStreamError"]


class UnknownStreamError(UsageError, KeyError):
    """There is no stream of that name."""

    __str__ = Exception.__str__  # KeyError's shows a repr


class UnknownFormatError(UsageError, AssertionError):
    """A `template_format` other than "simple" and "api"."""
