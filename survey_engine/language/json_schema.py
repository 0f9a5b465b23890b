"""JSON Schema of the definition language for editors, made from the pydantic models.

The schema selects by key with `if`/`then`, so that an editor reports the actual error; with `oneOf` it would
report only that no alternative matches.
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
from survey_engine.language.synonyms import TYPES

_DIALECT = "http://json-schema.org/draft-07/schema#"
_REFERENCE = "#/$defs/{model}"
_LONG_FORMS = frozenset(form.__name__ for form in (ItemDefinition, OptionDefinition, ConsentPartDefinition))
"""Classes with a short form: a text instead of a mapping."""
_TEXT = TypeAdapter(TextSource).json_schema()


def make_schema(names: Mapping[str, Iterable[str]] | None = None) -> dict[str, Any]:
    """Return the schema of all kinds of files (draft 7, which most editors support).

    Args:
        names: key → its allowed values in one questionnaire, such as `scale` → the names of the scales; None for any.
    """
    models: list[type[Definition]] = [*DOCUMENTS.values(), *_question_models().values()]
    _, schema = models_json_schema([(model, "validation") for model in models], ref_template=_REFERENCE)
    definitions = {name: _adapt(part) for name, part in sorted(schema["$defs"].items())}
    definitions["Text"] = _TEXT
    definitions["Question"] = _explain_types(
        _choose_by_key(_question_models(), "A question: its first key is its type, the value its code.")
    )
    for model in definitions.values():
        _restrict_names(model.get("properties", {}), names or {})
    whole = _choose_by_key(DOCUMENTS, "A file of a questionnaire: its first key is its kind.")
    return {"$schema": _DIALECT, "title": "Questionnaire files of survey-engine", **whole, "$defs": definitions}


def _question_models() -> dict[str, type[Definition]]:
    return {**{name: type_.definition for name, type_ in QUESTION_TYPES.items()}, "bank": BankReference}


def _choose_by_key(models: Mapping[str, type[Definition]], description: str) -> dict[str, Any]:
    """Return the schema of a mapping whose class depends on which of these keys it has; editors suggest the keys."""
    return {
        "type": "object",
        "description": description,
        "properties": {key: {"description": _first_line(model)} for key, model in models.items()},
        "anyOf": [{"required": [key]} for key in models],
        "allOf": [{"if": {"required": [key]}, "then": _refer(model.__name__)} for key, model in models.items()],
    }


def _explain_types(question: dict[str, Any]) -> dict[str, Any]:
    """Add error messages for question types of other tools and unknown types; editors show them instead of generic ones."""
    types = [*question["properties"]]
    keys = {field.alias or name for model in _question_models().values() for name, field in model.model_fields.items()}
    elsewhere = {
        word: {
            "enum": [f"write {ours}: instead"],
            "errorMessage": f"'{word}' is called '{ours}' here: begin the question with `- {ours}: <code>`",
            "doNotSuggest": True,
        }
        for word, ours in TYPES.items()
        if word not in keys
    }
    known = {
        "enum": sorted({*types, *elsewhere, *keys}),
        "errorMessage": f"This is no type of question. Begin the question with one of: {', '.join(types)}",
    }
    return {
        **question,
        "properties": {**question["properties"], **elsewhere},
        "allOf": [*question["allOf"], {"if": {"not": {"anyOf": question["anyOf"]}}, "then": {"propertyNames": known}}],
    }


def _restrict_names(properties: dict[str, Any], names: Mapping[str, Iterable[str]]) -> None:
    """Restrict the values of these keys to the names in one questionnaire."""
    for key in properties.keys() & names.keys():
        if properties[key].get("type") == "string" and (known := sorted(names[key])):
            message = f"There is no such {key} in this questionnaire. After adding one, write this schema again"
            properties[key] |= {"enum": known, "errorMessage": message}


def _first_line(model: type[Definition]) -> str:
    return (model.__doc__ or "").strip().splitlines()[0]


def _refer(name: str) -> dict[str, Any]:
    return {"$ref": _REFERENCE.format(model=name)}


def _adapt(schema: Any) -> Any:
    """Adapt pydantic's schema to the YAML: allow texts for long forms, drop nulls and generated titles."""
    if isinstance(schema, list):
        return [_adapt(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if _is_question(schema.get("oneOf", ())):
        return _refer("Question")
    if schema.get("$ref", "").rpartition("/")[2] in _LONG_FORMS:
        return _allow_text(schema)
    adapted = {key: _adapt_value(key, value) for key, value in schema.items() if not _is_noise(key, value)}
    return _refer_to_text(_restrict_keys(_without_null(adapted)))


def _allow_text(long_form: dict[str, Any]) -> dict[str, Any]:
    """Allow a text or a mapping of languages unless the mapping has the key `text`, which marks the long form."""
    return {
        "if": {"type": "object", "required": ["text"]},
        "then": long_form,
        "else": _refer("Text"),
        "properties": {"text": {"description": "The text; other keys may be added."}},
    }


def _restrict_keys(schema: dict[str, Any]) -> dict[str, Any]:
    """Reject keys that match no pattern; pydantic's schema accepts them."""
    patterns = schema.pop("patternProperties", None)
    if patterns:
        pattern, value = next(iter(patterns.items()))
        schema["propertyNames"] = {**schema.get("propertyNames", {}), "pattern": pattern}
        schema["additionalProperties"] = value
    return schema


def _refer_to_text(schema: dict[str, Any]) -> dict[str, Any]:
    if schema.get("anyOf") == _TEXT["anyOf"]:
        description = schema.get("description", _TEXT["description"])
        return {**_refer("Text"), **({"description": description} if description != _TEXT["description"] else {})}
    return schema


def _is_question(alternatives: Iterable[Mapping[str, Any]]) -> bool:
    return any(part.get("$ref") == _refer(BankReference.__name__)["$ref"] for part in alternatives)


def _adapt_value(key: str, value: Any) -> Any:
    if key in ("properties", "patternProperties", "$defs"):
        return {name: _adapt(part) for name, part in value.items()}
    return _adapt(value)


def _is_noise(key: str, value: Any) -> bool:
    """Whether a part of the schema is a generated title or an empty default."""
    return (key == "title" and isinstance(value, str)) or (key == "default" and value in (None, ""))


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Remove the null alternative: authors omit a key instead of leaving it empty."""
    parts = [part for part in schema.get("anyOf", ()) if part != {"type": "null"}]
    if len(parts) != 1:
        return {**schema, "anyOf": parts} if parts else schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**parts[0], **rest}
