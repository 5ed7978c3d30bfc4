"""The template, read again and again for a check before the session."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from psychopy_neon import Neon
from psychopy_neon.client.template_watch import TemplateWatch
from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions
from psychopy_neon.simulator.template import PARTICIPANT_ITEM

DEADLINE_S = 20.0


@pytest.fixture
def phone() -> Iterator[SimulatedNeon]:
    with SimulatedNeon(SimulatorOptions(scene=False)) as made:
        yield made


@pytest.fixture
def watching() -> Iterator[Callable[[SimulatedNeon], TemplateWatch]]:
    closing: list[Any] = []

    def watch(phone: SimulatedNeon) -> TemplateWatch:
        neon = Neon.connect(phone.address, phone.port)
        made = TemplateWatch(neon.template)
        closing.extend([neon, made])
        made.start()
        return made

    yield watch
    neon, made = closing
    made.stop()
    assert made.join(DEADLINE_S)
    neon.close()


def wait_for(watch: TemplateWatch, state: str) -> dict[str, Any]:
    deadline_s = time.perf_counter() + DEADLINE_S
    while watch.facts().get("template") != state:
        assert time.perf_counter() < deadline_s, watch.facts()
        time.sleep(0.01)
    return watch.facts()


def ask_for_the_participant(phone: SimulatedNeon) -> None:
    template = phone.state.template()
    items = [{**i, "required": i["id"] == PARTICIPANT_ITEM} for i in template["items"]]
    phone.state.set_template({**template, "items": items})


def test_a_template_without_required_questions_is_complete(
    phone: SimulatedNeon, watching: Callable[[SimulatedNeon], TemplateWatch]
) -> None:
    facts = wait_for(watching(phone), "complete")
    assert facts["template_name"] == "Simulated template" and facts["open_questions"] == ()


def test_asked_again_it_is_read_at_once(
    phone: SimulatedNeon, watching: Callable[[SimulatedNeon], TemplateWatch]
) -> None:
    watch = watching(phone)
    wait_for(watch, "complete")
    ask_for_the_participant(phone)
    watch.again()
    assert wait_for(watch, "incomplete")["open_questions"] == ("Participant",)
    phone.state.store_answers({PARTICIPANT_ITEM: ["P07"]})
    watch.again()
    assert wait_for(watch, "complete")["answers"] == ("P07",)


def test_a_phone_without_templates_says_why(
    watching: Callable[[SimulatedNeon], TemplateWatch],
) -> None:
    with SimulatedNeon(SimulatorOptions(model="invisible", scene=False)) as old:
        facts = wait_for(watching(old), "unreadable")
    assert facts["template_error"]
