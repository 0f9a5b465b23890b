"""Validates one YAML file against the definition classes; returns a definition and problems.

Invalid parts are reported and removed, so that the same run checks the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from pydantic import BaseModel, Tag, ValidationError

from survey_engine.language.characters import HIDDEN_CHARACTERS
from survey_engine.language.definition_fields import Definition
from survey_engine.language.documents import DOCUMENTS
from survey_engine.language.shape_errors import STRUCTURAL, DataError, explain_errors, unwrap
from survey_engine.language.yaml_reader import SourceList, SourceMapping, read_source
from survey_engine.model.messages import Problem, join_names, suggest_name

_MAX_ROUNDS = 40
"""How often invalid parts are removed before the whole file is rejected."""


@dataclass(slots=True)
class Document:
    """One file after validation: its definition, if valid, and its problems."""

    kind: str | None = None
    unreadable: bool = False
    """Whether the file is not valid YAML, so that its kind is guessed."""
    definition: Definition | None = None
    problems: list[Problem] = field(default_factory=list)
    removed_words: set[str] = field(default_factory=set)
    """All words of the removed parts, some of which may be names: references to them are not reported as unknown."""


def read_document(file: str, content: bytes, kinds: Mapping[str, type[Definition]] = DOCUMENTS) -> Document:
    """Parse and validate one file against the definition class of its first key."""
    node, problems = read_source(file, content)
    if node is None:
        return _reject(problems, content, kinds)
    kind = next((key for key in node if key in kinds), None)
    if kind is None:
        first = str(next(iter(node), ""))
        facts = {"key": first, "meant": suggest_name(first, kinds), "known": join_names(kinds)}
        return Document(problems=[*problems, Problem("unknown-file", node.place, facts)], removed_words=set(_iter_words(node)))
    document = Document(kind)
    for round_ in range(_MAX_ROUNDS):
        errors, document.definition = _validate(kinds[kind], node)
        if round_ == 0:
            document.problems = explain_errors(errors, node, problems)
            if any(problem.code in STRUCTURAL for problem in document.problems):
                return _reject(document.problems, content, kinds)
        if document.definition:
            return document
        if not all(error.removed for error in errors):
            break
        for path in sorted({error.removed for error in errors}, key=_sort_path, reverse=True):
            document.removed_words |= set(_remove(node, path))
    document.removed_words |= set(_iter_words(node))
    return document


def _validate(kind: type[Definition], node: SourceMapping) -> tuple[list[DataError], Definition | None]:
    try:
        return [], kind.model_validate(node)
    except ValidationError as invalid:
        return [*_iter_errors(invalid, kind)], None


def _reject(problems: list[Problem], content: bytes, kinds: Mapping[str, type[Definition]]) -> Document:
    """Return the document of an unreadable file; all its words may be names. They are also found in UTF-16."""
    words = re.findall(r"[a-z0-9_-]+", content.replace(b"\0", b"").decode("utf-8", "replace"))
    return Document(
        next((word for word in words if word in kinds), None), unreadable=True, problems=problems, removed_words=set(words)
    )


def _sort_path(path: tuple[str | int, ...]) -> tuple[tuple[bool, str | int], ...]:
    """Return a sort key that puts later list entries last: removing in reverse order keeps earlier indexes valid."""
    return tuple((isinstance(step, str), step) for step in path)


def _iter_errors(invalid: ValidationError, document: type[Definition]) -> Iterator[DataError]:
    for found in invalid.errors(include_url=False):
        path, owner, kind, at_key = resolve_path(document, found["loc"])
        yield DataError(found["type"], path, owner, kind, at_key, found["input"], found.get("ctx", {}), found["msg"])


def resolve_path(document: type[Definition], loc: Sequence[str | int]) -> tuple[tuple[str | int, ...], Any, Any, bool]:
    """Convert pydantic's path; return (path in the data, type of the container, type of the value, whether the error is in the key).

    pydantic's path also contains union members (question types) and a marker for keys, which are not in the data.
    """
    path: list[str | int] = []
    owner: Any = document
    here: Any = document
    for step in loc:
        if step == "[key]":
            return tuple(path), owner, here, True
        members = {tag.tag: kind for kind in get_args(here) for tag in get_args(kind)[1:] if isinstance(tag, Tag)}
        if step in members:
            here = get_args(members[str(step)])[0]
            continue
        path.append(step)
        owner, here = here, _descend(here, step)
    return tuple(path), owner, here, False


def _descend(kind: Any, step: str | int) -> Any:
    """Return the type of the value at a key or index, without annotations and without `| None`."""
    arguments = get_args(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = kind.model_fields.items()
        kind = next((field.annotation for name, field in fields if step in (name, field.alias)), None)
    else:
        kind = arguments[-1] if arguments else None
    return unwrap(kind)


def _remove(node: SourceMapping, path: Sequence[Any]) -> Iterator[str]:
    """Remove the value at the path, if it still exists; yield the words it contains."""
    parent: Any = node
    last = path[-1]
    for step in path[:-1]:
        if not isinstance(parent, SourceMapping | SourceList) or (isinstance(parent, SourceMapping) and step not in parent):
            return
        parent = parent[step]
    if isinstance(parent, SourceList) and isinstance(last, int) and last < len(parent):
        yield from _iter_words(parent.pop(last))
        del parent.places[last]
    elif isinstance(parent, SourceMapping) and last in parent:
        yield from _iter_words({last: parent.pop(last)})


def _iter_words(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from (str(key), *re.findall("[a-z0-9_]+", str(key).lower()))
            yield from _iter_words(value)
    elif isinstance(data, list):
        for value in data:
            yield from _iter_words(value)
    else:
        yield HIDDEN_CHARACTERS.sub("", str(data))
