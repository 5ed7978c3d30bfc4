"""What is handed to ioHub's device; whole runs are in `test_hub_one_line`."""

from __future__ import annotations

from typing import Any

import pytest

from psychopy_neon.hub import launching


@pytest.mark.parametrize(
    ("address", "port", "handed_over"),
    [
        ("192.0.2.10", 8080, "192.0.2.10"),
        ("192.0.2.10", 9000, "192.0.2.10:9000"),
        ("192.0.2.10:8081", 9000, "192.0.2.10:8081"),
        ("http://192.0.2.10:8081/", 9000, "192.0.2.10:8081"),
        ("2001:db8::1", 9000, "[2001:db8::1]:9000"),
        ("neon.local", 9000, "neon.local:9000"),
        ("simulator", 9000, "simulator"),
    ],
)
def test_the_port_counts_if_it_is_not_in_the_address(
    monkeypatch: Any, address: str, port: int, handed_over: str
) -> None:
    """As for `Neon.connect`; it was put behind whatever the address was."""
    given: list[str] = []

    def launch(settings: dict[str, Any], *_: Any) -> Any:
        given.append(settings["address"])
        raise KeyboardInterrupt

    monkeypatch.setattr(launching, "_running_tracker", lambda: None)
    monkeypatch.setattr(launching, "_launch", launch)
    with pytest.raises(KeyboardInterrupt):
        launching.connect(address, port)
    assert given == [handed_over]
