"""Validates one YAML file against the definition classes; returns a definition and problems.

Invalid parts are reported and removed, so that the same run checks the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError

from survey_engine.language import synonyms
from survey_engine.language.definition_fields import CODE_LENGTH, CODE_PATTERN, Definition, QuestionDefinition
from survey_engine.language.documents import DOCUMENTS
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.yaml_reader import SourceList, SourceMapping, find_place, read_source
from survey_engine.model.messages import Problem, join_names, suggest_name
from survey_engine.model.questionnaire import Place

MAX_ROUNDS = 40
"""Maximum number of times that invalid parts are removed before the whole file is rejected."""

_EXPECTED = {
    "string_type": "a text in quotes",
    "int_type": "a whole number, without quotes",
    "float_type": "a number, without quotes",
    "bool_type": "`true` or `false`",
    "dict_type": "a mapping: each `key: value` on a separate line, without dashes",
    "list_type": "a list",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "date_type": "a date as year-month-day, such as 2026-11-27",
    "date_parsing": "a date as year-month-day, such as 2026-11-27",
    "date_from_datetime_parsing": "a date as year-month-day, such as 2026-11-27",
    "date_from_datetime_inexact": "a date as year-month-day, such as 2026-11-27",
    "too_short": "filled: it must not be empty",
    "expected": "{expected}",
}
"""pydantic error type → the expected value, for the author."""


_SHOWN_NAMES = {"BackgroundDefinition": "BackgroundVariable", "ChosenModules": "Modules"}
"""Definition class → its name in messages, if that differs from the class name."""


@dataclass(slots=True)
class Document:
    """One file after validation: its definition, if valid, and its problems."""

    kind: str | None = None
    definition: Definition | None = None
    problems: list[Problem] = field(default_factory=list)
    removed_words: set[str] = field(default_factory=set)
    """All words of the removed parts; other files may refer to them without a further problem."""


@dataclass(frozen=True, slots=True)
class _DataError:
    """One pydantic error: its path in the data and the definition class with the invalid key."""

    type: str
    path: tuple[str | int, ...]
    owner: Any
    kind: Any
    at_key: bool
    given: Any
    context: dict[str, Any]
    message: str

    @property
    def removed(self) -> tuple[str | int, ...]:
        """The path to remove: entries and unknown keys are removed alone, an invalid field with its whole definition."""
        if self.type == "missing":
            return self.path[:-1]
        in_model = isinstance(self.owner, type) and issubclass(self.owner, BaseModel)
        alone = self.at_key or not in_model or self.type == "extra_forbidden" or len(self.path) == 1
        return self.path if alone else self.path[:-1]


def read_document(file: str, content: bytes, kinds: Mapping[str, type[Definition]] = DOCUMENTS) -> Document:
    """Parse and validate one file against the definition class of its first key."""
    node, problems = read_source(file, content)
    if node is None:
        words = re.findall(r"[a-z0-9_-]+", content.decode("utf-8", "replace"))
        return Document(next((word for word in words if word in kinds), None), problems=problems, removed_words=set(words))
    kind = next((key for key in node if key in kinds), None)
    if kind is None:
        first = str(next(iter(node), ""))
        facts = {"key": first, "meant": suggest_name(first, kinds), "known": join_names(kinds)}
        return Document(problems=[*problems, Problem("unknown-file", node.place, facts)], removed_words=set(_iter_words(node)))
    document = Document(kind, problems=problems)
    for round_ in range(MAX_ROUNDS):
        try:
            document.definition = kinds[kind].model_validate(node)
            return document
        except ValidationError as invalid:
            errors = [*_iter_errors(invalid, kinds[kind])]
        if round_ == 0:
            document.problems += [p for error in errors if (p := _explain(error, node))]
        if not all(error.removed for error in errors):
            break
        for path in sorted({error.removed for error in errors}, key=_sort_path, reverse=True):
            document.removed_words |= set(_remove(node, path))
    document.removed_words |= set(_iter_words(node))
    return document


def _sort_path(path: tuple[str | int, ...]) -> tuple[tuple[bool, str | int], ...]:
    """A sort key that puts later list entries last, so that removal in reverse order keeps earlier indexes valid."""
    return tuple((isinstance(step, str), step) for step in path)


def _iter_errors(invalid: ValidationError, document: type[Definition]) -> Iterator[_DataError]:
    for found in invalid.errors(include_url=False):
        path, owner, kind, at_key = resolve_path(document, found["loc"])
        yield _DataError(found["type"], path, owner, kind, at_key, found["input"], found.get("ctx", {}), found["msg"])


def resolve_path(document: type[Definition], loc: Sequence[str | int]) -> tuple[tuple[str | int, ...], Any, Any, bool]:
    """Return the path in the data, the type of the container, the type of the value, and whether the error is about the key.

    pydantic's own path also contains union members (question types) and a marker for keys; the data have neither.
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
    """Return the type of the value at that key or index, without annotations and without `| None`."""
    arguments = get_args(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = kind.model_fields.items()
        kind = next((field.annotation for name, field in fields if step in (name, field.alias)), None)
    else:
        kind = arguments[-1] if arguments else None
    return _unwrap(kind)


def _unwrap(kind: Any) -> Any:
    while True:
        arguments = get_args(kind)
        if get_origin(kind) is Annotated or (get_origin(kind) in (Union, UnionType) and arguments[-1] is type(None)):
            kind = arguments[0]
        else:
            return kind


def _explain(error: _DataError, node: SourceMapping) -> Problem | None:
    """Turn an error into a problem; None for an empty value or another tool's word for a key, which are reported already."""
    path = error.path[:-1] if error.type == "missing" else error.path
    place = find_place(node, path, node.place, key=error.at_key or error.type in ("extra_forbidden", "invalid_key"))
    key = next((str(step) for step in reversed(error.path) if isinstance(step, str)), "this")
    empty_inside = error.type == "expected" and isinstance(error.given, dict) and None in error.given.values()
    named_otherwise = error.type == "missing" and _has_other_word(node, path, key)
    if error.given is None or empty_inside or named_otherwise:
        return None
    match error.type:
        case "extra_forbidden" | "invalid_key":
            return _unknown_key(str(error.path[-1]), place, error.owner)
        case "missing":
            return Problem("missing-key", place, {"key": key, "owner": _name_owner(error.owner)})
        case "union_tag_not_found" | "union_tag_invalid":
            return _unknown_type(error.given, place)
        case "code" | "option_code":
            code = "bad-code" if error.type == "code" else "bad-option-code"
            return Problem(code, place, {"code": _shorten(error.given), "limit": CODE_LENGTH})
    expected = _EXPECTED.get(error.type, error.message).format_map(error.context)
    if error.type == "model_type":
        expected = _describe_mapping(error.kind)
    return Problem("wrong-value", place, {"key": f"'{key}'", "given": _name_value(error.given), "expected": expected})


def _has_other_word(node: SourceMapping, path: Sequence[str | int], key: str) -> bool:
    """Whether the mapping at the path has the key under another tool's name, which is reported."""
    mapping: Any = node
    for step in path:
        mapping = mapping[step]
    return any(synonyms.KEYS.get(str(other)) == key for other in mapping)


def _unknown_key(key: str, place: Place, owner: type[BaseModel]) -> Problem:
    known, shared = _list_keys(owner), _list_keys(QuestionDefinition)
    asked = issubclass(owner, QuestionDefinition)
    if asked and key in QUESTION_TYPES:
        return Problem("missing-dash", place, {"key": key})
    if key in synonyms.REQUIRED:
        return Problem("required-answer", place, {"key": key})
    if (ours := synonyms.KEYS.get(key)) in known:
        return Problem("other-word", place, {"word": key, "ours": ours, "advice": f"Write `{ours}:`"})
    named = join_names(name for name in known if not asked or name not in shared)
    facts = {"key": key, "owner": _name_owner(owner), "meant": suggest_name(key, known)}
    every = f"; of every question: {join_names(shared, 30)}" if asked else ""
    return Problem("unknown-key", place, {**facts, "known": named + every})


def _describe_mapping(kind: type[BaseModel]) -> str:
    fields = [(field.alias or name, field.is_required()) for name, field in kind.model_fields.items()]
    needed = [name for name, required in fields if required]
    others = join_names((name for name, required in fields if not required), 30)
    return f"a mapping such as {{{needed[0]}: …}}; other keys: {others}" if needed else f"a mapping with keys such as {others}"


def _list_keys(owner: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in owner.model_fields.items()]


def _unknown_type(given: Any, place: Place) -> Problem:
    known = [*QUESTION_TYPES, "bank"]
    if isinstance(given, dict) and (found := synonyms.find_type(given, CODE_PATTERN)):
        word, ours = found
        return Problem("other-word", place, {"word": word, "ours": ours, "advice": f"Begin the question with `- {ours}: <code>`"})
    words = map(str, given) if isinstance(given, dict) else [str(given)]
    guess = next((guess for word in words if (guess := suggest_name(word, known))), "")
    return Problem("unknown-type", place, {"meant": guess, "known": join_names(known, 20)})


def _name_owner(owner: type[BaseModel]) -> str:
    """Return the name of a definition class in messages: `a grid question`, `an item`, `years`."""
    type_ = next((f"{name} question" for name, t in QUESTION_TYPES.items() if t.definition is owner), None)
    words = _SHOWN_NAMES.get(owner.__name__, owner.__name__.removesuffix("Definition"))
    name = type_ or re.sub(r"(?<!^)(?=[A-Z])", " ", words).lower()
    if name.endswith("s"):
        return name
    return f"{'an' if name[0] in 'aeio' else 'a'} {name}"


def _name_value(value: Any) -> str:
    if isinstance(value, dict) and value and all(isinstance(text, str) for text in value.values()):
        blank = [str(key) for key, text in value.items() if not text.strip()]
        if blank:
            return f"blank in {join_names(blank)}"
    if isinstance(value, dict | list):
        return f"{'a' if value else 'an empty'} {'mapping' if isinstance(value, dict) else 'list'}"
    return f"'{_shorten(value)}'"


def _shorten(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 40 else text[:39] + "…"


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
            yield from (str(key), *re.findall("[a-z0-9_]+", str(key)))
            yield from _iter_words(value)
    elif isinstance(data, list):
        for value in data:
            yield from _iter_words(value)
    else:
        yield str(data)
