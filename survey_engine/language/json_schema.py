"""The definition language as one JSON Schema, made from the pydantic models, for editors that complete and underline.

Which kind of file or question a mapping is, is told by its key: with `if`/`then` an editor names the one thing that is wrong,
where `oneOf` would say that no alternative fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from survey_engine.language.definition_fields import (
    ConsentPartDefinition,
    Definition,
    ItemDefinition,
    OptionDefinition,
    TextSource,
)
from survey_engine.language.documents import DOCUMENTS, BankReference
from survey_engine.language.question_types import QUESTION_TYPES

DIALECT = "http://json-schema.org/draft-07/schema#"
_REFERENCE = "#/$defs/{model}"
_LONG_FORMS = frozenset(form.__name__ for form in (ItemDefinition, OptionDefinition, ConsentPartDefinition))
"""What may also be written as a bare text."""
_TEXT = TypeAdapter(TextSource).json_schema()


def make_schema() -> dict[str, Any]:
    """The schema of every kind of file, in the dialect that editors know best (draft 7)."""
    models: list[type[Definition]] = [*DOCUMENTS.values(), *_question_models().values()]
    _, schema = models_json_schema([(model, "validation") for model in models], ref_template=_REFERENCE)
    definitions = {name: _mend(part) for name, part in sorted(schema["$defs"].items())}
    definitions["Text"] = _TEXT
    definitions["Question"] = _choose_by_key(_question_models(), "A question: its first key is its type, the value its code.")
    whole = _choose_by_key(DOCUMENTS, "A file of a questionnaire: its first key says what it is.")
    return {"$schema": DIALECT, "title": "Questionnaire files of survey-engine", **whole, "$defs": definitions}


def _question_models() -> dict[str, type[Definition]]:
    return {**{name: type_.definition for name, type_ in QUESTION_TYPES.items()}, "bank": BankReference}


def _choose_by_key(models: Mapping[str, type[Definition]], description: str) -> dict[str, Any]:
    """A mapping that is what one of its keys says it is; before there is any, those keys are what an editor offers."""
    return {
        "type": "object",
        "description": description,
        "properties": {key: {"description": _first_line(model)} for key, model in models.items()},
        "anyOf": [{"required": [key]} for key in models],
        "allOf": [{"if": {"required": [key]}, "then": _refer(model.__name__)} for key, model in models.items()],
    }


def _first_line(model: type[Definition]) -> str:
    return (model.__doc__ or "").strip().splitlines()[0]


def _refer(name: str) -> dict[str, Any]:
    return {"$ref": _REFERENCE.format(model=name)}


def _mend(schema: Any) -> Any:
    """A piece of pydantic's schema as authors write it: bare texts for long forms, no nulls, no made-up titles."""
    if isinstance(schema, list):
        return [_mend(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if _is_question(schema.get("oneOf", ())):
        return _refer("Question")
    if schema.get("$ref", "").rpartition("/")[2] in _LONG_FORMS:
        return _allow_text(schema)
    mended = {key: _mend_value(key, value) for key, value in schema.items() if not _is_noise(key, value)}
    return _share_text(_check_names(_without_null(mended)))


def _allow_text(long_form: dict[str, Any]) -> dict[str, Any]:
    """A bare text or mapping of languages, unless the key `text` says that it is the long form."""
    return {
        "if": {"type": "object", "required": ["text"]},
        "then": long_form,
        "else": _refer("Text"),
        "properties": {"text": {"description": "The text, beside other keys."}},
    }


def _check_names(schema: dict[str, Any]) -> dict[str, Any]:
    """Keys that do not match a pattern are wrong, where pydantic's schema lets them pass unseen."""
    patterns = schema.pop("patternProperties", None)
    if patterns:
        pattern, value = next(iter(patterns.items()))
        schema["propertyNames"] = {**schema.get("propertyNames", {}), "pattern": pattern}
        schema["additionalProperties"] = value
    return schema


def _share_text(schema: dict[str, Any]) -> dict[str, Any]:
    if schema.get("anyOf") == _TEXT["anyOf"]:
        description = schema.get("description", _TEXT["description"])
        return {**_refer("Text"), **({"description": description} if description != _TEXT["description"] else {})}
    return schema


def _is_question(alternatives: Iterable[Mapping[str, Any]]) -> bool:
    return any(part.get("$ref") == _refer(BankReference.__name__)["$ref"] for part in alternatives)


def _mend_value(key: str, value: Any) -> Any:
    if key in ("properties", "patternProperties", "$defs"):
        return {name: _mend(part) for name, part in value.items()}
    return _mend(value)


def _is_noise(key: str, value: Any) -> bool:
    """Titles made out of names, and defaults that say nothing."""
    return (key == "title" and isinstance(value, str)) or (key == "default" and value in (None, ""))


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A key is left out rather than left empty, so null is no alternative."""
    parts = [part for part in schema.get("anyOf", ()) if part != {"type": "null"}]
    if len(parts) != 1:
        return {**schema, "anyOf": parts} if parts else schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**parts[0], **rest}
