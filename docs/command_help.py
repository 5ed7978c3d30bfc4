"""Sphinx extension: ``.. command-help:: status`` is what ``psychopy-neon status --help`` prints.

``.. command-help:: ledger show`` is that of a command within a command.
"""

from __future__ import annotations

import os

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

from psychopy_neon.cli.main import build_parser

os.environ["COLUMNS"] = "90"  # the width that argparse wraps to


class CommandHelp(Directive):
    """Help of the program, or of one of its sub-commands."""

    optional_arguments = 2

    def run(self) -> list[nodes.Node]:
        """Called by Sphinx."""
        parser, _ = build_parser()
        for argument in self.arguments:
            subparsers = next(a for a in parser._actions if a.dest in ("command", "action"))
            parser = subparsers.choices[argument]  # type: ignore[index]
        text = parser.format_help()
        return [nodes.literal_block(text, text, language="text")]


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_directive("command-help", CommandHelp)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
