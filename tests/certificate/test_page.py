"""The page: whole, self-contained, and safe whatever the ledger holds."""

from __future__ import annotations

import dataclasses
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from psychopy_neon.certificate import Certificate, assemble, read_frames, to_html
from psychopy_neon.ledger import Session, SessionHead, read_sessions

VOID = {"meta"}


class _Balance(HTMLParser):
    """Notes open elements, and everything that would be fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.fetched += [str(value) for name, value in attrs if name in ("src", "href", "srcset")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def bad_run(tmp_path: Path, synthetic_run: Any, make_frame_log: Callable[..., str]) -> Certificate:
    run = synthetic_run(duration_s=90, outage_s=(20, 30), step_at_s=50.6, step_s=1.25)
    sessions = read_sessions(run.write(tmp_path / "run.jsonl"))
    frames = read_frames(make_frame_log(90, drop=0.05))
    return assemble(sessions, frames, files={"run.jsonl": "0" * 64}, setup={"PsychoPy": "2026.2"})


@pytest.fixture(params=["bad", "empty"])
def page(request: pytest.FixtureRequest, bad_run: Certificate) -> str:
    return to_html(bad_run if request.param == "bad" else assemble([]))


def test_the_page_is_well_formed_and_fetches_nothing(page: str) -> None:
    parser = _Balance()
    parser.feed(page)
    parser.close()
    assert parser.open == [] and parser.fetched == []
    assert not re.search(r"@import|url\(|<script|<link|https?:", page)


def test_every_plot_is_an_svg_with_finite_numbers(page: str) -> None:
    plots = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(plots) == 6
    for plot in plots:
        ElementTree.fromstring(plot)
        assert not re.search(r"\b(nan|inf)\b", plot)


def test_what_was_not_measured_is_said_in_its_plot() -> None:
    assert to_html(assemble([])).count(">not measured</text>") == 6


def test_verdict_limits_and_setup_are_on_the_page(bad_run: Certificate) -> None:
    page = to_html(bad_run)
    assert "<strong>FAIL</strong>" in page
    assert all(check.title.replace("'", "&#x27;") in page for check in bad_run.checks)
    for text in ("841684", "2026.2", "0" * 64, "stepped by +1250", "Late flips"):
        assert text in page


def test_names_from_the_ledger_cannot_become_markup(tmp_path: Path) -> None:
    head = dataclasses.replace(SessionHead(), phone_name="<script>alert(1)</script>")
    page = to_html(assemble([Session(head)], files={"<b>.jsonl": "0"}))
    assert "<script" not in page and "<b>" not in page


def test_a_long_run_does_not_make_a_huge_page(
    tmp_path: Path, synthetic_run: Any, make_frame_log: Callable[..., str]
) -> None:
    sessions = read_sessions(synthetic_run(duration_s=600).write(tmp_path / "run.jsonl"))
    frames = read_frames(make_frame_log(3600))
    assert len(to_html(assemble(sessions, frames))) < 400_000
