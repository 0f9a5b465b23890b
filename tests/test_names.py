"""Names tell what they are: one meaning for each name that other modules use, and verbs that tell what a function returns."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import ROOT

SOURCES = [path for path in sorted((ROOT / "survey_engine").rglob("*.py")) if "migrations" not in path.parts]
TREES = {path: ast.parse(path.read_text()) for path in SOURCES}
PROTOCOL = {"build", "read", "variables", "write", "EXAMPLE", "EXAMPLES", "MEDIA_TYPE"}
"""What every question type, export format or command has."""
RETURNED = {
    "list": r"(?!Iter|dict|Mapping|str$|bool|None|int)",
    "iter": r"(Iter|Generator|AbstractContextManager|_Lines)",
    "map": r"(dict|Mapping|SeriesValues)",
    "write": r"(?!str$)",
    "format": r"(str|list\[str\]|Iterator\[str\]|None)",
    "is": r"(bool|TypeGuard)",
    "has": r"bool",
}
"""Verb → pattern of the annotation."""


def name_module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def is_entry(node: ast.stmt) -> bool:
    """Whether it is a view or a command: its name is that of the route or the command."""
    return isinstance(node, ast.FunctionDef) and bool(
        re.search(r"\.(?:get|post|route|command|group)\b|^(?:command|group)", "\n".join(map(ast.unparse, node.decorator_list)))
    )


def iter_defined(tree: ast.Module) -> Iterator[str]:
    """The public names that a module defines."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not is_entry(node):
            yield node.name
        for target in node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []:
            yield from (each.id for each in ast.walk(target) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store))


def iter_used(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The names of other modules that a module uses, each with its module."""
    aliases: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                yield node.module, one.name
                aliases[one.asname or one.name] = f"{node.module}.{one.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in aliases:
            yield aliases[node.value.id], node.attr


def test_a_name_that_other_modules_use_is_defined_once() -> None:
    used = {found for tree in TREES.values() for found in iter_used(tree)}
    modules = defaultdict[str, list[str]](list)
    for path, tree in TREES.items():
        for name in set(iter_defined(tree)) - PROTOCOL:
            if not name.startswith("_"):
                modules[name].append(name_module(path))
    shared = {name: found for name, found in modules.items() if any((module, name) in used for module in found)}
    assert len(shared) > 1000
    assert {name: found for name, found in shared.items() if len(found) > 1} == {}


@pytest.mark.parametrize("verb", RETURNED)
def test_the_verb_of_a_function_tells_what_it_returns(verb: str) -> None:
    functions = [
        (f"{path.name}:{node.lineno} {node.name}", ast.unparse(node.returns))
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and node.returns
        and node.name.lstrip("_").startswith(f"{verb}_")
        and not is_entry(node)
    ]
    assert len(functions) > 5
    assert [one for one in functions if not re.match(RETURNED[verb], one[1])] == []
