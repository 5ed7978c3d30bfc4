"""Where each element of an XML file begins and ends, so that the rest can stay byte for byte."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from psychopy_neon.exceptions import UsageError

MAX_DEPTH = 32  # a psyexp has five levels
TAG = re.compile(rb"""[^>"']*(?:(?:"[^"]*"|'[^']*')[^>"']*)*>""")


@dataclass(slots=True)
class Element:
    """One element, and its place in the file.

    Attributes
    ----------
    tag : str
    attributes : dict of str to str
        In the order of the file.
    start, head_end, tail_start, end : int
        Bytes ``[start:head_end]`` are the start tag, ``[tail_start:end]`` the end tag. Of
        ``<tag/>`` the end tag is empty.
    children : list of Element
    """

    tag: str
    attributes: dict[str, str]
    start: int
    head_end: int
    tail_start: int = 0
    end: int = 0
    children: list[Element] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its attribute of this name; empty if it has none."""
        return self.attributes.get("name", "")

    def param(self, name: str) -> Element | None:
        """The child ``Param`` of this name."""
        return next((c for c in self.children if c.tag == "Param" and c.name == name), None)

    def value(self, name: str, default: str = "") -> str:
        """What the child ``Param`` of this name holds."""
        param = self.param(name)
        return default if param is None else param.attributes.get("val", default)


def parse(source: bytes) -> Element:
    """Parse UTF-8 and return the root.

    Raises
    ------
    UsageError
        If it is not XML, is nested too deeply, is not UTF-8, or has a DOCTYPE: entities could make
        a small file grow without limit or read other files, and PsychoPy writes none.
    """
    reader = _Reader(source)
    try:
        reader.parser.Parse(source, True)
    except expat.ExpatError as error:
        raise UsageError(
            f"it is not a PsychoPy experiment: {expat.ErrorString(error.code)} in line "
            f"{error.lineno}; open it in Builder and save it again"
        ) from error
    return reader.root.children[0]


class _Reader:
    def __init__(self, source: bytes) -> None:
        self._source = source
        self.root = Element("", {}, 0, 0)
        self._open = [self.root]
        # What the file says about its encoding is checked, not followed.
        self.parser = expat.ParserCreate("UTF-8")
        self.parser.XmlDeclHandler = self._declared
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._finish

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in ("utf-8", "utf8", "us-ascii"):
            raise UsageError(
                f"it is written in {encoding}; PsychoPy writes UTF-8, so open it in Builder and "
                "save it again"
            )

    def _doctype(self, *_about: object) -> None:
        raise UsageError("it has a DOCTYPE, which no PsychoPy experiment has; it was not read")

    def _begin(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) > MAX_DEPTH:
            raise UsageError(f"it is not a PsychoPy experiment: <{tag}> is nested too deeply")
        start = self.parser.CurrentByteIndex
        element = Element(tag, attributes, start, self._tag_end(start))
        self._open[-1].children.append(element)
        self._open.append(element)

    def _finish(self, _tag: str) -> None:
        element = self._open.pop()
        if self._source[element.head_end - 2 : element.head_end] == b"/>":
            element.tail_start = element.end = element.head_end
        else:
            element.tail_start = self.parser.CurrentByteIndex
            element.end = self._tag_end(element.tail_start)

    def _tag_end(self, position: int) -> int:
        """Position after the ``>`` of the tag; one in quotes does not count."""
        found = TAG.match(self._source, position)
        assert found is not None  # expat has read it
        return found.end()
