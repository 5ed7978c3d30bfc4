"""Pages for the button Help in Builder, which ship with the package: no network is needed for them.

    python docs/help_pages.py

Makes ``builder_components/help/*.html`` of ``docs/help/*.md``; a test compares them. It knows as
much of Markdown as those pages use, so that nothing has to be installed for it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

SOURCES = Path(__file__).parent / "help"
PAGES = Path(__file__).parent.parent / "builder_components" / "help"
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)]*)\)")
STYLE = """\
body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff;
       font: 1rem/1.5 system-ui, sans-serif; }
img { max-width: 100%; border: 1px solid #ccc; }
table { border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; }
td { border-top: 1px solid #ddd; }
code { background: #f2f2f2; padding: 0 .2em; }
nav { font-size: .9rem; }"""


def page_of(text: str) -> str:
    """A whole page of HTML for one of Markdown."""
    title = text.partition("\n")[0].lstrip("# ")
    body = "\n".join(_blocks(re.sub(r"```.*?```\n?", "", text, flags=re.DOTALL)))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{html.escape(title)}</title>\n<style>\n{STYLE}\n</style>\n</head>\n<body>\n"
        f'<nav><a href="index.html">Help for Builder</a></nav>\n{body}\n</body>\n</html>\n'
    )


def pages() -> dict[str, str]:
    """All pages by the name of their file."""
    return {
        f"{source.stem}.html": page_of(source.read_text(encoding="utf-8"))
        for source in sorted(SOURCES.glob("*.md"))
    }


def _blocks(text: str) -> Iterator[str]:
    for is_text, lines in groupby(text.splitlines(), bool):
        if is_text:
            yield _block(list(lines))


def _block(lines: list[str]) -> str:
    first = lines[0]
    if first.startswith("#"):
        level = len(first) - len(first.lstrip("#"))
        return f"<h{level}>{_inline(first.lstrip('# '))}</h{level}>"
    if first.startswith("|"):
        return _table(lines)
    if first.startswith("- "):
        items = re.split(r"^- ", "\n".join(lines), flags=re.MULTILINE)[1:]
        return "<ul>\n" + "\n".join(f"<li>{_inline(item)}</li>" for item in items) + "\n</ul>"
    return f"<p>{_inline(' '.join(lines))}</p>"


def _table(lines: list[str]) -> str:
    head, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
    made = [_row("th", head), *(_row("td", row) for row in rows)]
    return "<table>\n" + "\n".join(made) + "\n</table>"


def _row(tag: str, cells: list[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{_inline(cell)}</{tag}>" for cell in cells) + "</tr>"


def _inline(text: str) -> str:
    # What is between back ticks means itself: every other piece.
    pieces = " ".join(text.split()).split("`")
    shown = [
        _marked(piece) if number % 2 == 0 else _code(piece) for number, piece in enumerate(pieces)
    ]
    return "".join(shown)


def _code(text: str) -> str:
    return f"<code>{html.escape(text, quote=False)}</code>"


def _marked(text: str) -> str:
    text = LINK.sub(_link, html.escape(text, quote=False))
    text = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text)
    return re.sub(r"\*(.+?)\*", r"<em>\1</em>", text)


def _link(found: re.Match[str]) -> str:
    is_picture, text, target = found.groups()
    if is_picture:
        return f'<img src="{Path(target).name}" alt="{text}">'
    return f'<a href="{target.replace(".md", ".html")}">{text}</a>'


def main() -> None:
    for name, text in pages().items():
        (PAGES / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
