"""Whoever annotates a script finds what `Neon` takes and gives among the public names.

Read from the source: some annotations name classes that are loaded only when they are needed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import psychopy_neon

PARTS = ("client", "samples", "protocol", "clock")
# What `Neon` is made of, and hands out as attributes.
START = ("Neon", "SensorStream", "RecordingRemote", "TemplateRemote", "CameraRemote")
# Homes of names that are too general for the top of the package; its docstring tells them.
ELSEWHERE = ("protocol/status.py", "protocol/rest.py")


def _is_public(name: str) -> bool:
    return not name.startswith("_")


class Sources:
    """Classes, and names for several of them, by name."""

    def __init__(self, package: Path) -> None:
        self.homes: dict[str, str] = {}
        self._nodes: dict[str, ast.ClassDef | ast.Assign] = {}
        for file in sorted(path for part in PARTS for path in (package / part).glob("*.py")):
            for node in ast.parse(file.read_text(encoding="utf-8")).body:
                for name in _defined(node):
                    self.homes[name] = file.relative_to(package).as_posix()
                    self._nodes[name] = node

    def is_class(self, name: str) -> bool:
        """Not only another way to write a type, which may be written out."""
        return isinstance(self._nodes[name], ast.ClassDef)

    def mentioned(self, name: str) -> set[str]:
        """Our own names that the public part of one mentions, also what it inherits."""
        node = self._nodes[name]
        bases = node.bases if isinstance(node, ast.ClassDef) else []
        inherited = (self.mentioned(base) for base in self._ours(bases))
        return self._ours(_annotations(node)).union(*inherited) - {name}

    def _ours(self, expressions: Iterable[ast.AST]) -> set[str]:
        nodes = (node for expression in expressions for node in ast.walk(expression))
        return {n.id for n in nodes if isinstance(n, ast.Name) and n.id in self._nodes}


def _defined(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp | ast.Subscript):
        # Capital and small letters: a type with a name of its own, like ``A | B``.
        targets = [target.id for target in node.targets if isinstance(target, ast.Name)]
        yield from (name for name in targets if _is_public(name) and not name.isupper())


def _annotations(node: ast.AST) -> Iterator[ast.AST]:
    """Where other types stand in the public part of a class or in a type's own name."""
    if isinstance(node, ast.Assign):
        yield node.value
        return
    assert isinstance(node, ast.ClassDef)
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and _is_public(ast.unparse(item.target)):
            yield item.annotation
        elif isinstance(item, ast.FunctionDef) and _is_public(item.name):
            arguments = (*item.args.args, *item.args.kwonlyargs)
            yield from (each.annotation for each in arguments if each.annotation is not None)
            if item.returns is not None:
                yield item.returns


@pytest.fixture(scope="module")
def sources(repository: Path) -> Sources:
    return Sources(repository / "psychopy_neon")


@pytest.fixture(scope="module")
def needed(sources: Sources) -> set[str]:
    """Everything that can be reached, from one public annotation to the next."""
    seen, new = set(), set(START)
    while new:
        seen |= new
        new = {each for name in new for each in sources.mentioned(name)} - seen
    return seen


def test_what_methods_take_and_give_can_be_named(sources: Sources, needed: set[str]) -> None:
    missing = set(filter(sources.is_class, needed)) - set(psychopy_neon.__all__)
    unexplained = {n: sources.homes[n] for n in missing if sources.homes[n] not in ELSEWHERE}
    assert unexplained == {}


def test_the_other_homes_are_told(sources: Sources, needed: set[str]) -> None:
    assert psychopy_neon.__doc__ is not None
    for file in ELSEWHERE:
        module = f"psychopy_neon.{file.removesuffix('.py').replace('/', '.')}"
        assert f"`{module}`" in psychopy_neon.__doc__
    assert {"EventReceipt", "StreamHealth", "Status", "Calibration"} <= needed  # it does look
