"""One YAML file against the words of the definition language: a definition, and problems an author can act on.

What is wrong is reported and left out, so that the rest can still be checked in the same run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError

from survey_engine.language.definition_fields import CODE_LENGTH, Definition, QuestionDefinition
from survey_engine.language.documents import DOCUMENTS
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.yaml_reader import SourceList, SourceMapping, find_place, read_source
from survey_engine.model.messages import Problem, join_names, suggest_name
from survey_engine.model.questionnaire import Place

MAX_ROUNDS = 40
"""How often a file is cleared of what is wrong and tried again, before it is left out as a whole."""

_EXPECTED = {
    "string_type": "a text in quotes",
    "int_type": "a whole number, without quotes",
    "float_type": "a number, without quotes",
    "bool_type": "`true` or `false`",
    "dict_type": "a mapping: each `key: value` on a line of its own, without dashes",
    "list_type": "a list",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "date_type": "a date as year-month-day, such as 2026-11-27",
    "date_parsing": "a date as year-month-day, such as 2026-11-27",
    "date_from_datetime_parsing": "a date as year-month-day, such as 2026-11-27",
    "date_from_datetime_inexact": "a date as year-month-day, such as 2026-11-27",
    "too_short": "filled: something must stand in it",
    "wanted": "{expected}",
}
"""What pydantic found → what the author should write instead."""


_CALLED = {"BackgroundDefinition": "BackgroundVariable", "ChosenModules": "Modules"}
"""Definition class → what an author knows it by, where that is not its name."""


@dataclass(slots=True)
class Document:
    """One file as read: its definition as far as it holds, and what had to be left out."""

    kind: str | None = None
    definition: Definition | None = None
    problems: list[Problem] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    """Every word of what was left out: no other file can be blamed for naming it."""


@dataclass(frozen=True, slots=True)
class _Fault:
    """One thing that pydantic found: where in the data, in a definition of which class, and what should stand there."""

    type: str
    path: tuple[str | int, ...]
    owner: Any
    kind: Any
    at_key: bool
    given: Any
    context: dict[str, Any]
    said: str

    @property
    def removed(self) -> tuple[str | int, ...]:
        """The path of what must go so that the rest may stay: an entry or a key too many alone, others with their owner."""
        if self.type == "missing":
            return self.path[:-1]
        in_model = isinstance(self.owner, type) and issubclass(self.owner, BaseModel)
        alone = self.at_key or not in_model or self.type == "extra_forbidden" or len(self.path) == 1
        return self.path if alone else self.path[:-1]


def read_document(file: str, content: bytes) -> Document:
    """One file as the definition that its first key announces."""
    node, problems = read_source(file, content)
    if node is None:
        words = re.findall(r"[a-z0-9_-]+", content.decode("utf-8", "replace"))
        return Document(next((word for word in words if word in DOCUMENTS), None), problems=problems, lost=set(words))
    kind = next((key for key in node if key in DOCUMENTS), None)
    if kind is None:
        first = str(next(iter(node), ""))
        facts = {"key": first, "meant": suggest_name(first, DOCUMENTS), "known": join_names(DOCUMENTS)}
        return Document(problems=[*problems, Problem("unknown-file", node.place, facts)], lost=set(_list_words(node)))
    document = Document(kind, problems=problems)
    for round_ in range(MAX_ROUNDS):
        try:
            document.definition = DOCUMENTS[kind].model_validate(node)
            return document
        except ValidationError as error:
            faults = [*_find_faults(error, DOCUMENTS[kind])]
        if round_ == 0:
            document.problems += [p for fault in faults if (p := _explain(fault, node))]
        if not all(fault.removed for fault in faults):
            break
        for path in sorted({fault.removed for fault in faults}, key=_from_the_end, reverse=True):
            document.lost |= set(_remove(node, path))
    document.lost |= set(_list_words(node))
    return document


def _from_the_end(path: tuple[str | int, ...]) -> tuple[tuple[bool, str | int], ...]:
    """Sorts later entries of a list behind earlier ones, so that they can be removed without moving the rest."""
    return tuple((isinstance(step, str), step) for step in path)


def _find_faults(error: ValidationError, document: type[Definition]) -> Iterator[_Fault]:
    for found in error.errors(include_url=False):
        path, owner, kind, at_key = resolve_path(document, found["loc"])
        yield _Fault(found["type"], path, owner, kind, at_key, found["input"], found.get("ctx", {}), found["msg"])


def resolve_path(document: type[Definition], loc: Sequence[str | int]) -> tuple[tuple[str | int, ...], Any, Any, bool]:
    """The path in the data, the type that holds its last step, the type of what stands there, and whether its key is meant.

    pydantic's own path also names the members of unions (our question types) and marks keys; the data have neither.
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
    """The type of what stands under that key or index, without its annotations and without `| None`."""
    arguments = get_args(kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        fields = kind.model_fields.items()
        kind = next((field.annotation for name, field in fields if step in (name, field.alias)), None)
    else:
        kind = arguments[-1] if arguments else None
    return _bare(kind)


def _bare(kind: Any) -> Any:
    while True:
        arguments = get_args(kind)
        if get_origin(kind) is Annotated or (get_origin(kind) in (Union, UnionType) and arguments[-1] is type(None)):
            kind = arguments[0]
        else:
            return kind


def _explain(fault: _Fault, node: SourceMapping) -> Problem | None:
    """The fault as a problem with a place and a remedy; None where a value is empty, which was reported already."""
    path = fault.path[:-1] if fault.type == "missing" else fault.path
    place = find_place(node, path, node.place, key=fault.at_key or fault.type == "extra_forbidden")
    key = next((str(step) for step in reversed(fault.path) if isinstance(step, str)), "this")
    empty_inside = fault.type == "wanted" and isinstance(fault.given, dict) and None in fault.given.values()
    if fault.given is None or empty_inside:
        return None
    match fault.type:
        case "extra_forbidden" | "invalid_key":
            return _unknown_key(key, place, fault.owner)
        case "missing":
            return Problem("missing-key", place, {"key": key, "owner": _name_owner(fault.owner)})
        case "union_tag_not_found" | "union_tag_invalid":
            return _unknown_type(fault.given, place)
        case "code" | "option_code":
            code = "bad-code" if fault.type == "code" else "bad-option-code"
            return Problem(code, place, {"code": _shorten(fault.given), "limit": CODE_LENGTH})
    expected = _EXPECTED.get(fault.type, fault.said).format_map(fault.context)
    if fault.type == "model_type":
        expected = _describe_mapping(fault.kind)
    return Problem("wrong-value", place, {"key": f"'{key}'", "given": _name_value(fault.given), "expected": expected})


def _unknown_key(key: str, place: Place, owner: type[BaseModel]) -> Problem:
    known, shared = _list_keys(owner), _list_keys(QuestionDefinition)
    asked = issubclass(owner, QuestionDefinition)
    if asked and key in QUESTION_TYPES:
        return Problem("missing-dash", place, {"key": key})
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
    words = map(str, given) if isinstance(given, dict) else [str(given)]
    guess = next((guess for word in words if (guess := suggest_name(word, known))), "")
    return Problem("unknown-type", place, {"meant": guess, "known": join_names(known, 20)})


def _name_owner(owner: type[BaseModel]) -> str:
    """How an author knows a class of definitions: `a grid question`, `an item`, `years`."""
    type_ = next((f"{name} question" for name, t in QUESTION_TYPES.items() if t.definition is owner), None)
    words = _CALLED.get(owner.__name__, owner.__name__.removesuffix("Definition"))
    name = type_ or re.sub(r"(?<!^)(?=[A-Z])", " ", words).lower()
    if name.endswith("s"):
        return name
    return f"{'an' if name[0] in 'aeio' else 'a'} {name}"


def _name_value(value: Any) -> str:
    if isinstance(value, dict | list):
        return f"{'a' if value else 'an empty'} {'mapping' if isinstance(value, dict) else 'list'}"
    return f"'{_shorten(value)}'"


def _shorten(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _remove(node: SourceMapping, path: Sequence[Any]) -> Iterator[str]:
    """Take out what stands at the path, if it still stands there; gives the words that go with it."""
    parent: Any = node
    last = path[-1]
    for step in path[:-1]:
        if not isinstance(parent, SourceMapping | SourceList) or (isinstance(parent, SourceMapping) and step not in parent):
            return
        parent = parent[step]
    if isinstance(parent, SourceList) and isinstance(last, int) and last < len(parent):
        yield from _list_words(parent.pop(last))
        del parent.places[last]
    elif isinstance(parent, SourceMapping) and last in parent:
        yield from _list_words({last: parent.pop(last)})


def _list_words(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from (str(key), *re.findall("[a-z0-9_]+", str(key)))
            yield from _list_words(value)
    elif isinstance(data, list):
        for value in data:
            yield from _list_words(value)
    else:
        yield str(data)
