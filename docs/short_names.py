"""Sphinx extension: names in docstrings as people write them, and signatures without noise.

Docstrings say `RecordingRemote`, `Neon.connect` or `timeout_s`, never a full path. What begins
with a capital letter or is a dotted name of ours must be found somewhere on these pages, or the
build fails; a plain word such as `timeout_s` is a parameter or a key, and only set as code.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from importlib import import_module

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode

# What others document, and what stands for "some type" in signatures.
FOREIGN = re.compile(
    r"(numpy|np|npt|collections|pathlib|enum|datetime|uuid|threading|av|psychopy|typing|builtins)\b"
    r"|(Path|Any|Callable|Iterator|AsyncIterator|Mapping|Sequence|Iterable|NamedTuple|Literal|None"
    r"|Protocol|Generic|UUID|TracebackType|Enum|ABC|NDArray|float32|float64|uint8|int16)$"
)
BUILT_IN = re.compile(r"<built-in function (\w+)>")
LIMITED = re.compile(r"~?(?:typing\.)?Annotated\[(\w+), .*?\)\]")
WORD = re.compile(r"[a-z_]\w*(\(\))?")


def find_short_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> nodes.Node | None:
    """Resolve a reference that Sphinx could not; its text alone where a link is not wanted."""
    if node.get("refdomain") != "py":
        return None
    target = re.sub(r"^neon\.", "Neon.", str(node["reftarget"]).removeprefix("_."))
    is_word = bool(WORD.fullmatch(target)) and node.get("reftype") == "obj"
    if is_word or FOREIGN.match(target) or _is_type_variable(target):
        return content
    objects = env.get_domain("py").data["objects"]
    name = _documented(objects, target, node.get("py:module") or "")
    if name is None:
        return None
    entry = objects[name]
    return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, content, name)


def _documented(objects: Iterable[str], target: str, module: str) -> str | None:
    """Name of the documented object that is meant, or of the class that has it as attribute."""
    name = _nearest(objects, target, module)
    if name is None and target.startswith("psychopy_neon."):
        name = _nearest(objects, target.split(".")[-1], module)  # by the module that defines it
    owner, dot, attribute = target.rpartition(".")
    if name is None and dot:
        name = _nearest(objects, owner, module)
        if name is not None and not re.search(rf"\b{attribute}\b", _docstring(name)):
            return None
    return name


def _nearest(objects: Iterable[str], target: str, module: str) -> str | None:
    """Of the same package if there are several, else of the shortest path."""
    names = [name for name in objects if name == target or name.endswith("." + target)]
    package = module.split(".")[1:2]
    return min(names, key=lambda name: (name.split(".")[1:2] != package, len(name)), default=None)


def _docstring(name: str) -> str:
    module, _, attribute = name.rpartition(".")
    return inspect.getdoc(getattr(import_module(module), attribute, None)) or ""


def _is_type_variable(target: str) -> bool:
    return len(target.split(".")[-1].removesuffix("_co")) == 1


def tidy_signature(
    app: Sphinx,
    what: str,
    name: str,
    obj: object,
    options: object,
    signature: str | None,
    returns: str | None,
) -> tuple[str, str | None] | None:
    """Hide how a class is made if its docstring does not tell: the package makes it, not users.

    Functions among the defaults get their names, and limits in annotations are left out: the
    docstring of the class tells them.
    """
    if not signature:
        return None
    if what in ("class", "exception") and "Parameters\n" not in (inspect.getdoc(obj) or ""):
        return "", ""
    signature = LIMITED.sub(r"\1", signature)
    return BUILT_IN.sub(r"\1", signature).replace("<factory>", "..."), returns


def skip_tuple_fields(
    app: Sphinx, what: str, name: str, obj: object, skip: bool, options: object
) -> bool | None:
    """Fields of named tuples are in the list of attributes, with their units."""
    return True if type(obj).__name__ == "_tuplegetter" else None


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("missing-reference", find_short_name)
    app.connect("autodoc-process-signature", tidy_signature)
    app.connect("autodoc-skip-member", skip_tuple_fields)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
