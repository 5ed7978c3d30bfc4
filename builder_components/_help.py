"""Where what is shown in Builder is explained: pages that are installed with us."""

from __future__ import annotations

from pathlib import Path

PAGES = Path(__file__).resolve().parent / "help"


def help_page(name: str) -> str:
    """Address of the page that explains a Component, for a browser; no network is needed."""
    return (PAGES / f"{name}.html").as_uri()


HELP = help_page("index")
