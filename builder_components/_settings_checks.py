"""What can be known to be wrong with the settings before the experiment runs.

Only what does not come from a variable; the device checks all of them again when it starts.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from psychopy.localization import _translate

from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.address import check_serial, parse_address

from ._timing_limits import _LIMITS as LIMITS

LONGEST_S = 60.0
SIMULATOR = "simulator"
_FIELD = re.compile(r"""expInfo\[\s*(['"])(.+?)\1\s*\]""")


def problems_of(inits: dict[str, Any]) -> Iterator[str]:
    """Sentences about the settings of the glasses.

    Parameters
    ----------
    inits : dict
        Parameters of the experiment settings by name.
    """
    yield from _which_glasses(inits)
    yield from _ages(inits)
    yield from _limits(inits)
    yield from _template_answers(inits["neonRtTemplateAnswers"])
    ours = {name: param for name, param in inits.items() if name.startswith("neonRt")}
    yield from unknown_fields(ours, inits.get("Experiment info"))


def unknown_fields(params: dict[str, Any], info: Any) -> Iterator[str]:
    """Sentences about fields of the info dialog that are asked for and are not there."""
    fields = _info_fields(info)
    if fields is None:
        return
    for param in params.values():
        for _, field in _FIELD.findall(str(param.val)):
            if field not in fields:
                yield _translate(
                    "'{label}' asks for expInfo['{field}'], but the info dialog has no such field: "
                    "it has {fields}. Add it in Experiment settings > Basic > Experiment info."
                ).format(label=param.label, field=field, fields=", ".join(sorted(fields)) or "none")


def constant(param: Any) -> str | None:
    """The value as text; None if it is code, which is known only when the experiment runs."""
    text = str(param.val).strip()
    return None if text.startswith("$") else text


def number(param: Any) -> float | None:
    """The value of a field of numbers; None if it is empty or code."""
    text = constant(param)
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


def _which_glasses(inits: dict[str, Any]) -> Iterator[str]:
    address, serial = constant(inits["neonRtAddress"]), constant(inits["neonRtSerial"])
    if address == SIMULATOR:
        yield _translate(
            "The address is 'simulator': every run uses simulated glasses, not only pilot runs, "
            "and no participant's gaze is measured. Leave the address empty, or type the phone's."
        )
    elif address:
        yield from _refusal(parse_address, address)
    if serial:
        yield from _refusal(check_serial, serial)


def _refusal(check: Any, text: str) -> Iterator[str]:
    try:
        check(text)
    except UsageError as error:
        yield _translate("Settings of the glasses: {error}.").format(error=error)


def _ages(inits: dict[str, Any]) -> Iterator[str]:
    for name in ("neonRtMaxGazeAge", "neonRtMaxPoseAge"):
        age_s, param = number(inits[name]), inits[name]
        is_blank = constant(param) in ("", "None")
        if is_blank or (age_s is not None and not 0 < age_s <= LONGEST_S):
            yield _translate(
                "'{label}' is {value!r}; expected seconds, more than 0 and at most {most:g}."
            ).format(label=param.label, value=param.val, most=LONGEST_S)


def _limits(inits: dict[str, Any]) -> Iterator[str]:
    for name, (limit, _) in LIMITS.items():
        value = number(inits[name])
        most = 1.0 if limit.endswith("_share") else float("inf")
        if value is not None and not 0 <= value <= most:
            expected = "0 to 1" if most == 1.0 else "0 or more"
            yield _translate("'{label}' is {value:g}; expected {expected}, or nothing.").format(
                label=inits[name].label, value=value, expected=expected
            )


def answers_code(param: Any) -> str:
    """The code of the answers; as a text, which is refused at the start, if it is none."""
    code = str(param.val).strip().lstrip("$ ") or "{}"
    try:
        ast.parse(code, mode="eval")
    except SyntaxError:
        return repr(code)
    return code


def _template_answers(param: Any) -> Iterator[str]:
    code = answers_code(param)
    value = ast.parse(code, mode="eval").body
    if isinstance(value, (ast.Constant, ast.List, ast.Tuple, ast.Set)):
        yield _translate(
            "'{label}' is {code!r}; expected answers by the title of their question, such as "
            "{example}."
        ).format(
            label=param.label,
            code=str(param.val),
            example="{'Participant': expInfo['participant']}",
        )


def _info_fields(info: Any) -> set[str] | None:
    """Names of the fields of the info dialog; None if they are not known."""
    try:
        fields = ast.literal_eval(str(info.val).strip() or "{}")
    except (AttributeError, ValueError, SyntaxError):
        return None
    if not isinstance(fields, dict):
        return None
    # PsychoPy adds what follows a pipe to say how a field is shown, e.g. "age|req".
    always = {"date", "expName", "expVersion", "psychopyVersion"}
    return {str(field).partition("|")[0] for field in fields} | always
