"""The certificate as JSON."""

from __future__ import annotations

import json
import math
from dataclasses import fields, is_dataclass
from typing import Any

from psychopy_neon.certificate.record import Certificate

VERSION = 1
LEFT_OUT = {"series"}


def to_json(certificate: Certificate) -> str:
    """Give out a certificate as JSON text, for programs.

    Parameters
    ----------
    certificate : Certificate

    Returns
    -------
    str
        One object: the attributes of `Certificate` without `series`, and ``"kind"`` and
        ``"version"``. What is not known is null.
    """
    content = {"kind": "psychopy-neon timing certificate", "version": VERSION}
    return json.dumps({**content, **_plain(certificate)}, ensure_ascii=False, indent=1) + "\n"


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        names = [field.name for field in fields(value) if field.name not in LEFT_OUT]
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, float):
        return _number(value)
    return value


def _number(value: float) -> float | None:
    """JSON has no NaN; twelve digits are finer than anything that is measured here."""
    return float(f"{value:.12g}") if math.isfinite(value) else None
