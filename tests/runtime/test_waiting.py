"""The waiting at the end: what it says, and what ends it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

LONG_S = 30.0


@pytest.fixture
def waiting(runtime: Any) -> Any:
    from psychopy_neon.runtime import waiting

    return waiting


def after(calls: int, action: Callable[[], Any]) -> Callable[[], str]:
    """Something that stays to be done, and `action` in the meantime."""
    counter = iter(range(calls))

    def left() -> str:
        if next(counter, None) is None:
            action()
        return "3 events"

    return left


def press(key: str, ctrl: bool = False) -> None:
    """What a window does when a key is pressed."""
    from psychopy import event
    from pyglet.window import key as keys

    event._onPygletKey(getattr(keys, key), keys.MOD_CTRL if ctrl else 0)


@pytest.fixture(autouse=True)
def no_old_keys(runtime: Any) -> Iterator[None]:
    from psychopy import event

    event.clearEvents()
    yield
    event.clearEvents()


def test_when_nothing_is_left_there_is_no_waiting(waiting: Any) -> None:
    began_s = time.perf_counter()
    waiting.wait_for_rest(lambda: "", LONG_S)
    assert time.perf_counter() - began_s < LONG_S / 2


def test_it_ends_in_time_and_says_each_second_what_is_left(
    waiting: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    waiting.wait_for_rest(lambda: "3 events", 2.5)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert all("waiting for 3 events" in line and "Escape" in line for line in lines)


@pytest.mark.parametrize(("key", "ctrl"), [("ESCAPE", False), ("C", True)])
def test_a_key_ends_it(waiting: Any, log: Any, key: str, ctrl: bool) -> None:
    began_s = time.perf_counter()
    waiting.wait_for_rest(after(4, lambda: press(key, ctrl)), LONG_S)
    assert time.perf_counter() - began_s < LONG_S / 2
    assert "no longer waiting for 3 events: cut short" in log


def test_a_key_pressed_before_it_does_not_end_it(waiting: Any, log: Any) -> None:
    press("ESCAPE")
    waiting.wait_for_rest(lambda: "3 events", 0.4)
    assert "cut short" not in log


def test_other_keys_do_not_end_it(waiting: Any, log: Any) -> None:
    waiting.wait_for_rest(after(2, lambda: press("C")), 0.4)
    assert "cut short" not in log


def test_an_interrupt_ends_the_waiting_and_not_the_program(waiting: Any, log: Any) -> None:
    interrupts = iter([KeyboardInterrupt()])

    def interrupt() -> None:
        for error in interrupts:
            raise error

    waiting.wait_for_rest(after(2, interrupt), LONG_S)
    assert "cut short" in log
