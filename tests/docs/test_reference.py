"""The pages of the reference: every public name once, and docstrings that tell what they must.

Read from the directives of the pages and from the code; Sphinx is not needed. `dev.py docs` checks
the rest, such as links.
"""

from __future__ import annotations

import ast
import builtins
import dataclasses
import inspect
import re
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any, NamedTuple

import pytest

import psychopy_neon
from psychopy_neon import simple

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs" / "reference").glob("*.rst"))
# Each has an __all__. Those of the second row need PsychoPy, and so a display.
PACKAGES = (
    *("", ".aio", ".certificate", ".export", ".ledger", ".migrate", ".simple", ".simulator"),
    *(".runtime", ".visual", ".iohub"),
)
WHOLE = ("psychopy_neon.Neon", "psychopy_neon.simple.Device")  # described member by member
INNER = ("GazeFeed", "SceneFeed")  # what may be done with them is told where they are given
LIMITS = ("timeout_s", "timeout_seconds")

DIRECTIVE = re.compile(r"^\.\. (\w+|py:\w+):: *(\S*)((?:\n +:.*)*)", re.MULTILINE)
HEADING = re.compile(r"^(\w[\w ]*)\n-+$", re.MULTILINE)
ENTRY = re.compile(r"^(\S.*?)(?: : .*)?$", re.MULTILINE)
WAITS = re.compile(r"\b(blocks?|waits?|takes|at most)\b", re.IGNORECASE)


class Described(NamedTuple):
    """What one directive is about, and its options."""

    kind: str
    name: str
    options: dict[str, str]


class Member(NamedTuple):
    """A function, method, property or class that the pages show."""

    name: str
    value: Any
    owner: type | None = None

    @property
    def doc(self) -> str:
        return inspect.cleandoc(getattr(self.value, "__doc__", None) or "")


def _described(page: Path) -> Iterator[Described]:
    module = ""
    for kind, argument, rest in DIRECTIVE.findall(page.read_text("utf-8")):
        if kind == "currentmodule":
            module = argument
        elif kind.startswith(("auto", "py:")) and kind not in ("autosummary", "automodule"):
            name = argument if argument.startswith("psychopy_neon.") else f"{module}.{argument}"
            yield Described(kind, name, dict(re.findall(r":([\w-]+): *(.*)", rest)))


DESCRIBED = [described for page in PAGES for described in _described(page)]


def _exported(package: str) -> list[str]:
    """``__all__`` of a package, read from its source."""
    file = ROOT.joinpath("psychopy_neon", *package.split("."), "__init__.py")
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return [f"psychopy_neon{package}.{name}" for name in ast.literal_eval(node.value)]
    raise AssertionError(f"{file} has no __all__")


def _resolve(name: str) -> Any:
    parts = name.split(".")
    length = next(n for n in range(len(parts), 0, -1) if _is_module(parts[:n]))
    found = import_module(".".join(parts[:length]))
    for part in parts[length:]:
        found = getattr(found, part)
    return found


def _is_module(parts: list[str]) -> bool:
    path = ROOT.joinpath(*parts)
    return path.is_dir() or path.with_suffix(".py").is_file()


def _is_callable_or_property(value: object) -> bool:
    return isinstance(value, (FunctionType, property, classmethod, staticmethod))


def _public_members(cls: type, *, inherited: bool) -> dict[str, Any]:
    """Methods and properties of a class that are written in this package."""
    ours = [c for c in cls.__mro__ if c.__module__.startswith("psychopy_neon")]
    members: dict[str, Any] = {}
    for each in reversed(ours if inherited else ours[:1]):
        found = {k: v for k, v in vars(each).items() if _is_callable_or_property(v)}
        members |= {k: v for k, v in found.items() if not k.startswith("_")}
    return members


def _shown(described: Described) -> Iterator[Member]:
    """The thing itself, and those of its members that the same directive shows."""
    value = _resolve(described.name)
    owner = _resolve(described.name.rpartition(".")[0])
    yield Member(described.name, value, owner if inspect.isclass(owner) else None)
    if not inspect.isclass(value) or "members" not in described.options:
        return
    chosen = described.options["members"].replace(",", " ").split()
    members = _public_members(value, inherited="inherited-members" in described.options)
    for name, member in members.items():
        if not chosen or name in chosen:
            yield Member(f"{described.name}.{name}", getattr(member, "__func__", member), value)


@pytest.fixture(scope="module")
def shown(display: None) -> list[Member]:
    """What the pages take from docstrings; the runtime objects load PsychoPy."""
    return [m for d in DESCRIBED if d.kind.startswith("auto") for m in _shown(d)]


def _sections(doc: str) -> dict[str, str]:
    pieces = HEADING.split(doc)
    return {"": pieces[0], **dict(zip(pieces[1::2], pieces[2::2], strict=True))}


def _explained(section: str) -> list[str]:
    """Names that a section explains; ``x, y : float`` are two."""
    return [n.strip().lstrip("*") for line in ENTRY.findall(section) for n in line.split(",")]


def _parameters(member: Member) -> list[str]:
    value = member.value
    if isinstance(value, property):
        return []
    names = [*inspect.signature(value).parameters]
    return [name for name in names if name not in ("self", "cls")]


def _fields(cls: type) -> list[str]:
    names = [f.name for f in dataclasses.fields(cls)] if dataclasses.is_dataclass(cls) else []
    names += getattr(cls, "_fields", ())
    return [name for name in names if not name.startswith("_")]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package or "psychopy_neon")
def test_every_public_name_is_described_exactly_once(package: str) -> None:
    counts = Counter(described.name for described in DESCRIBED)
    assert [name for name in _exported(package) if counts[name] != 1] == []


def test_nothing_is_described_twice() -> None:
    counts = Counter(described.name for described in DESCRIBED)
    assert [name for name, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("name", WHOLE)
def test_every_member_of_the_large_classes_is_on_their_page(name: str) -> None:
    members = {f"{name}.{member}" for member in _public_members(_resolve(name), inherited=True)}
    assert members - {described.name for described in DESCRIBED} == set()


def test_everything_shown_has_a_docstring(shown: list[Member]) -> None:
    assert [member.name for member in shown if len(member.doc) < 10] == []


def test_parameters_in_docstrings_are_those_of_the_signature(shown: list[Member]) -> None:
    """Of a class without Parameters the pages hide the signature: users do not make it."""
    wrong = {}
    for member in shown:
        told = _explained(_sections(member.doc).get("Parameters", ""))
        if (told or not inspect.isclass(member.value)) and told != _parameters(member):
            wrong[member.name] = told, _parameters(member)
    wrong = {name: found for name, found in wrong.items() if not _is_told_by_its_class(name, found)}
    assert wrong == {}


def _is_told_by_its_class(name: str, found: tuple[list[str], list[str]]) -> bool:
    """Whether the Notes of the class explain all parameters, as for many methods alike."""
    told, expected = found
    owner = _resolve(name.rpartition(".")[0])
    notes = _sections(inspect.cleandoc(owner.__doc__ or "")).get("Notes", "")
    return not told and all(f"`{parameter}`" in notes for parameter in expected)


def test_every_field_of_a_value_is_explained(shown: list[Member]) -> None:
    missing = {}
    for member in shown:
        if inspect.isclass(member.value):
            sections = _sections(member.doc)
            told = _explained(sections.get("Attributes", "") + sections.get("Parameters", ""))
            left = [field for field in _fields(member.value) if field not in told]
            missing |= {member.name: left} if left else {}
    assert missing == {}


def test_what_takes_a_time_limit_says_that_it_waits(shown: list[Member]) -> None:
    limited = [m for m in shown if not inspect.isclass(m.value) and {*_parameters(m)} & {*LIMITS}]
    assert len(limited) > 30
    assert [member.name for member in limited if not WAITS.search(member.doc)] == []


def test_what_a_shown_name_returns_is_shown_too(shown: list[Member]) -> None:
    classes = {member.value for member in shown if inspect.isclass(member.value)}
    missing = {}
    for member in shown:
        function = member.value.fget if isinstance(member.value, property) else member.value
        for name in re.findall(r"\b[A-Z]\w+", _return_annotation(function)):
            value = inspect.unwrap(function).__globals__.get(name)
            if _is_class_of_ours(value) and value not in classes and name not in INNER:
                missing[member.name] = name
    assert missing == {}


def _return_annotation(function: Any) -> str:
    return "" if inspect.isclass(function) else str(function.__annotations__.get("return", ""))


def _is_class_of_ours(value: object) -> bool:
    return inspect.isclass(value) and value.__module__.startswith("psychopy_neon")


def test_errors_in_docstrings_exist(shown: list[Member]) -> None:
    unknown = {}
    for member in shown:
        for error in _explained(_sections(member.doc).get("Raises", "")):
            if not any(hasattr(module, error) for module in (psychopy_neon, simple, builtins)):
                unknown[member.name] = error
    assert unknown == {}


def test_the_front_page_links_every_page_of_the_reference() -> None:
    front = (ROOT / "docs" / "index.md").read_text("utf-8")
    assert [page.name for page in PAGES if f"(reference/{page.name})" not in front] == []
