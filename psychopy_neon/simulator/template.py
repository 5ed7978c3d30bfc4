"""The questionnaire ("template") of the simulated workspace, and the check of its answers."""

from __future__ import annotations

from typing import Any

from psychopy_neon.simulator.refusal import RefusalError

Answers = dict[str, list[str]]

PARTICIPANT_ITEM = "5d2c7a10-0000-4000-8000-000000000001"
HAND_ITEM = "5d2c7a10-0000-4000-8000-000000000002"
_CREATED = "2024-07-01T09:00:00.000000Z"


def default_template() -> dict[str, Any]:
    """A template with one free text and one choice, neither of them required."""
    return {
        "id": "5d2c7a10-0000-4000-8000-000000000000",
        "name": "Simulated template",
        "description": "Two questions, so that there is something to answer.",
        "created_at": _CREATED,
        "updated_at": _CREATED,
        "published_at": _CREATED,
        "archived_at": None,
        "is_default_template": True,
        "label_ids": [],
        "recording_ids": None,
        "recording_name_format": ["{recording_start}"],
        "items": [
            _item(PARTICIPANT_ITEM, "Participant", "TEXT", None),
            _item(HAND_ITEM, "Dominant hand", "RADIO_LIST", ["left", "right"]),
        ],
    }


def no_answers(template: dict[str, Any]) -> Answers:
    """Empty answers to every item, in the only form that the official client can add to: it
    rejects data that lacks an item, and takes an empty text for a wrong choice."""
    return {item["id"]: [] if item["choices"] else [""] for item in template["items"]}


def check_answers(template: dict[str, Any], answers: object) -> Answers:
    """Return the answers if the phone would store them (reference, 2.5).

    Raises
    ------
    RefusalError
        404 for an unknown item, 400 for an answer that is not a filled list of texts.
    """
    if not isinstance(answers, dict):
        raise RefusalError(400, "Template data must be a JSON object")
    known = {item["id"] for item in template["items"]}
    for item_id, answer in answers.items():
        if item_id not in known:
            raise RefusalError(404, f"Template item {item_id} does not exist")
        if not _is_filled_list(answer):
            raise RefusalError(400, f"Answer to {item_id} must be a list of texts, not empty")
    return answers


def unanswered(template: dict[str, Any], answers: Answers) -> list[str]:
    """Titles of the required items that have no answer."""
    required = [item for item in template["items"] if item["required"]]
    return [item["title"] for item in required if not any(answers.get(item["id"], []))]


def _is_filled_list(answer: object) -> bool:
    return isinstance(answer, list) and bool(answer) and all(isinstance(a, str) for a in answer)


def _item(item_id: str, title: str, widget: str, choices: list[str] | None) -> dict[str, Any]:
    return {
        "id": item_id,
        "title": title,
        "help_text": "",
        "required": False,
        "choices": choices,
        "input_type": "any",
        "widget_type": widget,
    }
