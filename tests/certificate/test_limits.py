"""Limits that make no sense are refused with a sentence that says what would."""

from __future__ import annotations

from typing import Any

import pytest

from psychopy_neon.certificate import Limits
from psychopy_neon.exceptions import UsageError


def test_values_from_a_file_replace_the_defaults() -> None:
    limits = Limits.from_values({"max_event_bound_ms": 2, "max_clock_steps": None})
    assert limits.max_event_bound_ms == 2
    assert limits.max_clock_steps is None
    assert limits.min_confirmed_share == Limits().min_confirmed_share


def test_wifi_is_never_stricter_than_the_laboratory() -> None:
    lab, wifi = Limits(), Limits.wifi()
    assert wifi.min_confirmed_share == lab.min_confirmed_share == 1
    for name in ("max_event_bound_ms", "max_clock_steps", "max_gaze_loss_share"):
        assert getattr(wifi, name) > getattr(lab, name)


def test_the_defaults_are_those_that_are_documented() -> None:
    assert Limits() == Limits(1.0, 1.0, 0, 0.001, 60.0, 0.01, 5.0)
    assert Limits.wifi() == Limits(5.0, 1.0, 1, 0.01, 100.0, 0.01, 10.0)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"max_bound": 1}, "there is no limit 'max_bound'; expected some of max_event_bound_ms"),
        ({"max_event_bound_ms": -1}, "expected a number of at least 0"),
        ({"max_event_bound_ms": "1"}, "expected a number of at least 0"),
        ({"max_event_bound_ms": float("nan")}, "expected a number of at least 0"),
        ({"max_clock_steps": True}, "expected a number of at least 0"),
        ({"max_late_flip_share": 2}, "expected a share, 0 to 1"),
    ],
)
def test_a_limit_of_no_use_is_refused(values: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Limits.from_values(values)
