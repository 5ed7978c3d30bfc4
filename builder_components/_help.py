"""Where what is shown in Builder is explained."""

from __future__ import annotations

HELP = "https://psychopy-neon.readthedocs.io/en/latest/help/"


def help_page(name: str) -> str:
    """Address of the page of ``docs/help`` that explains a Component."""
    return f"{HELP}{name}.html"
