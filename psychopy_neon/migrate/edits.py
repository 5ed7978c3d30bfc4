"""Changes of a file, collected and made at once; everything between them stays as it is."""

from __future__ import annotations

from xml.sax.saxutils import escape

from psychopy_neon.migrate.xml_spans import Element

PLUGIN = "psychopy-neon"
_IN_QUOTES = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


class Edits:
    """Changes of one file.

    Parameters
    ----------
    source : bytes
        The file, UTF-8.
    """

    def __init__(self, source: bytes) -> None:
        self.source = source
        self._changes: list[tuple[int, int, str]] = []
        self._newline = "\r\n" if b"\r\n" in source else "\n"

    def result(self) -> bytes:
        """The file with all changes."""
        pieces, position = [], 0
        for start, end, text in sorted(self._changes, key=lambda change: change[:2]):
            pieces += [self.source[position:start], text.encode()]
            position = end
        return b"".join([*pieces, self.source[position:]])

    def rename(self, component: Element, tag: str) -> None:
        """Make a component one of ours; its name stays. To be called when its Params are done."""
        self._replace(component.start, component.head_end, _head(tag, component.name))
        self._replace(component.tail_start, component.end, f"</{tag}>")

    def change_param(self, param: Element, **attributes: str) -> None:
        """Give a ``Param`` other attributes; those not named stay."""
        self._replace(param.start, param.end, _param({**param.attributes, **attributes}))

    def set_param(self, owner: Element, name: str, value: str, val_type: str, updates: str) -> None:
        """Give a ``Param`` a value, or add it where PsychoPy, which sorts them, would have it."""
        param = owner.param(name)
        if param is not None:
            self.change_param(param, val=value)
            return
        attributes = {"val": value, "valType": val_type, "updates": updates, "name": name}
        follower = next((c for c in owner.children if c.name > name), None)
        if follower is not None:
            self._insert_before(follower, _param(attributes))
        elif owner.children:
            self._insert_after(owner.children[-1], _param(attributes))
        else:
            self._replace(owner.head_end, owner.head_end, _param(attributes))

    def comment_out(self, element: Element) -> None:
        """Keep something that has no counterpart as a comment, which PsychoPy does not read."""
        text = self.source[element.start : element.end].decode()
        while "--" in text:  # not allowed in a comment
            text = text.replace("--", "-&#45;")
        self._replace(element.start, element.end, f"<!-- makers' plugin: {text} -->")

    def add_component(self, before: Element, tag: str, params: dict[str, dict[str, str]]) -> None:
        """Put a component in front of another one; `params` by name."""
        indent = self._indent(before)
        lines = [_head(tag, params["name"]["val"])]
        lines += [f"{indent}  {_param({**params[name], 'name': name})}" for name in sorted(params)]
        lines.append(f"{indent}</{tag}>")
        self._insert_before(before, self._newline.join(lines))

    def _insert_before(self, element: Element, text: str) -> None:
        indented = f"{text}{self._newline}{self._indent(element)}"
        self._replace(element.start, element.start, indented)

    def _insert_after(self, element: Element, text: str) -> None:
        self._replace(element.end, element.end, f"{self._newline}{self._indent(element)}{text}")

    def _replace(self, start: int, end: int, text: str) -> None:
        self._changes.append((start, end, text))

    def _indent(self, element: Element) -> str:
        """White space in front of an element that begins its line."""
        line = self.source[self.source.rfind(b"\n", 0, element.start) + 1 : element.start]
        return line.decode() if not line.strip() else ""


def _head(tag: str, name: str) -> str:
    return f'<{tag} name="{escape(name, _IN_QUOTES)}" plugin="{PLUGIN}">'


def _param(attributes: dict[str, str]) -> str:
    written = (f'{key}="{escape(value, _IN_QUOTES)}"' for key, value in attributes.items())
    return f"<Param {' '.join(written)}/>"
