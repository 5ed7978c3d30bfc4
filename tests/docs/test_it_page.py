"""The page for the IT department says what is really installed and written."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "it.md").read_text("utf-8")
CODE = {path: path.read_text("utf-8") for path in (ROOT / "psychopy_neon").rglob("*.py")}


def test_every_dependency_is_named() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    (block,) = re.findall(r"^dependencies = \[\n(.*?)^\]", text, re.DOTALL | re.MULTILINE)
    names = re.findall(r'"([\w-]+)', block)
    assert "zeroconf" in names
    assert [name for name in names if not re.search(rf"\b{name}\b", PAGE)] == []


def test_temporary_files_have_the_name_that_is_told() -> None:
    """Whoever cleans up, or looks after a crash, searches for one name."""
    assert "`psychopy_neon_…`" in PAGE
    prefixes = [
        name for text in CODE.values() for name in re.findall(r"mkstemp\(prefix=\"([^\"]*)\"", text)
    ]
    assert prefixes and all(name.startswith("psychopy_neon_") for name in prefixes)
    bare = [path.name for path, text in CODE.items() if re.search(r"mkstemp\((?!prefix=)", text)]
    assert bare == []


def test_the_ports_of_the_streams_are_those_of_the_code() -> None:
    from psychopy_neon.transport.udp_pair import FIRST_PORT, LAST_PORT

    assert f"{FIRST_PORT} to {LAST_PORT - 1} on the computer" in PAGE


def test_only_the_phone_is_contacted() -> None:
    """Addresses that the code names are those of namespaces, of pages of help, and of examples."""
    known = ("psychopy-neon.readthedocs.io", "www.w3.org", "127.0.0.1", "192.0.2.")
    hosts = [
        (path.name, host)
        for path, text in CODE.items()
        for host in re.findall(r"https?://([\w.-]*\.[\w.-]+)", text)
    ]
    assert [(name, host) for name, host in hosts if not host.startswith(known)] == []
