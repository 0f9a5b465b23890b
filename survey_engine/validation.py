"""One YAML file against the words of the definition language: a checked definition, or problems an author can act on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from survey_engine.definitions import CODE_LENGTH, Definition
from survey_engine.documents import DOCUMENTS, BankReference, find_type
from survey_engine.model import Place
from survey_engine.problems import Problem, listing, meant
from survey_engine.questions import QUESTION_TYPES
from survey_engine.source import Node, find_place, read_source

_EXPECTED = {
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a mapping of keys to values",
    "list_type": "a list",
    "model_type": "a mapping of keys to values",
    "date_type": "a date like 2026-01-31",
    "date_parsing": "a date like 2026-01-31",
    "date_from_datetime_parsing": "a date like 2026-01-31",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "too_short": "at least {min_length} long",
    "string_too_long": "at most {max_length} characters",
}
"""What pydantic found → what the author should write instead."""


def read_document(file: str, content: bytes) -> tuple[Definition | None, list[Problem]]:
    """One file as the definition that its first key announces."""
    node, problems = read_source(file, content)
    if node is None:
        return None, problems
    kind = next((key for key in node if key in DOCUMENTS), None)
    if kind is None:
        first = str(next(iter(node), ""))
        facts = {"key": first, "meant": meant(first, DOCUMENTS), "known": listing(DOCUMENTS)}
        return None, [*problems, Problem("unknown-file", node.place, facts)]
    try:
        return DOCUMENTS[kind].model_validate(node), problems
    except ValidationError as error:
        return None, [*problems, *explain(error, node, DOCUMENTS[kind])]


def explain(error: ValidationError, node: Node, document: type[Definition]) -> Iterator[Problem]:
    """What pydantic reports, as problems with a place and a remedy."""
    for fault in error.errors(include_url=False, include_context=True):
        path = [step for step in fault["loc"] if step != "[key]"]
        place = find_place(node, tuple(path), node.place)
        key = next((str(step) for step in reversed(path) if isinstance(step, str)), "this")
        context: dict[str, Any] = fault.get("ctx", {})
        match fault["type"]:
            case "extra_forbidden":
                yield _unknown_key(key, place, find_model(document, node, path[:-1]))
            case "missing":
                owner = find_model(document, node, path[:-1])
                yield Problem("missing-key", place, {"key": key, "owner": _name(owner)})
            case "union_tag_not_found" | "union_tag_invalid":
                known = [*QUESTION_TYPES, "bank"]
                first = str(next(iter(fault["input"]), "")) if isinstance(fault["input"], dict) else str(fault["input"])
                yield Problem("unknown-type", place, {"meant": meant(first, known), "known": listing(known, 20)})
            case "string_pattern_mismatch":
                yield Problem("bad-code", place, {"code": _shorten(fault["input"]), "limit": CODE_LENGTH})
            case "text":
                facts = {"key": f"'{key}'", "given": _given(fault["input"]), "expected": fault["msg"]}
                yield Problem("wrong-value", place, facts)
            case kind:
                expected = _EXPECTED.get(kind, fault["msg"]).format_map(context)
                facts = {"key": f"'{key}'", "given": _given(fault["input"]), "expected": expected}
                yield Problem("wrong-value", place, facts)


def _unknown_key(key: str, place: Place, owner: type[BaseModel]) -> Problem:
    known = _keys(owner)
    return Problem(
        "unknown-key", place, {"key": key, "owner": _name(owner), "meant": meant(key, known), "known": ", ".join(known)}
    )


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _name(model: type[BaseModel]) -> str:
    return f"a {next(iter(_own_keys(model)), 'mapping')}" if model.__name__ != "Definition" else "this mapping"


def _own_keys(model: type[BaseModel]) -> Iterator[str]:
    """The words by which an author knows the model: its naming key, or its class's name."""
    for name in [*DOCUMENTS, "page", "group", *QUESTION_TYPES]:
        if name in model.model_fields:
            yield name
    yield model.__name__.removesuffix("Definition").lower()


def find_model(document: type[Definition], node: Any, path: list[Any]) -> type[BaseModel]:
    """The definition class that describes what stands at `path`."""
    model: type[BaseModel] = document
    for step in path:
        node = _step_into(node, step)
        if step in QUESTION_TYPES and not isinstance(node, str):
            model = QUESTION_TYPES[step].definition
        elif step == "bank" and find_type(node) == "bank":
            model = BankReference
        elif isinstance(step, str):
            field = next((f for name, f in model.model_fields.items() if step in (name, f.alias)), None)
            model = next(_models(field.annotation), model) if field else model
    return model


def _step_into(node: Any, step: Any) -> Any:
    if isinstance(node, dict) and step in node and not (step in QUESTION_TYPES and isinstance(node[step], str)):
        return node[step]
    return node[step] if isinstance(node, list) and isinstance(step, int) and step < len(node) else node


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _given(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else f"'{_shorten(value)}'"


def _shorten(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:39] + "…"
