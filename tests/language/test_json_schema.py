"""The JSON Schema for editors: current, named in every shipped file, and as strict as the validation."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from survey_engine.cli.schema import format_schema
from survey_engine.language.documents import DOCUMENTS
from survey_engine.language.json_schema import make_schema
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.yaml_reader import read_source
from tests import SHIPPED

QUESTIONNAIRES = SHIPPED
SHIPPED = sorted(QUESTIONNAIRES.rglob("*.yaml"))
SCHEMA = make_schema()


def list_parts(schema: Any) -> list[dict[str, Any]]:
    """Return every mapping inside a schema."""
    if isinstance(schema, list):
        return [found for part in schema for found in list_parts(part)]
    if not isinstance(schema, dict):
        return []
    return [schema, *(found for part in schema.values() for found in list_parts(part))]


def with_text_keys(data: Any) -> Any:
    """Convert whole numbers as keys, which YAML has and JSON lacks, to texts."""
    if isinstance(data, dict):
        return {str(key): with_text_keys(value) for key, value in data.items()}
    return [with_text_keys(value) for value in data] if isinstance(data, list) else data


def find_errors(data: object) -> list[str]:
    validation = pytest.importorskip("jsonschema")
    validator = validation.validators.validator_for(SCHEMA)(SCHEMA)
    return ["/".join(map(str, error.absolute_path)) for error in validator.iter_errors(with_text_keys(data))]


def ask(question: object) -> dict[str, object]:
    return {"section": "main", "pages": [{"page": "first", "questions": [question]}]}


def test_the_committed_schema_is_up_to_date() -> None:
    committed = (QUESTIONNAIRES / "schema.json").read_text("utf-8")

    assert committed == format_schema(), "Run: survey-engine schema -o questionnaires/schema.json"


def find_schema(path: Path) -> Path | None:
    """Return the schema named in the first line of a file, such as `# yaml-language-server: $schema=../schema.json`."""
    named = re.fullmatch(r"# yaml-language-server: \$schema=(.+)", path.read_text("utf-8").splitlines()[0])
    return (path.parent / named[1]).resolve() if named else None


def test_the_first_line_of_every_shipped_file_names_the_schema_for_editors() -> None:
    assert {path: find_schema(path) for path in SHIPPED} == dict.fromkeys(SHIPPED, QUESTIONNAIRES / "schema.json")


@pytest.mark.parametrize("key", ["dropdown", "matrix", "choise"])
def test_an_unknown_type_has_a_message_for_editors(key: str) -> None:
    validation = pytest.importorskip("jsonschema")
    errors = validation.validators.validator_for(SCHEMA)(SCHEMA).iter_errors(ask({key: "week", "text": "Week?"}))
    messages = [
        each.schema["errorMessage"] for error in errors for each in (error, *error.context) if "errorMessage" in each.schema
    ]
    assert any("called" in message or "no type" in message for message in messages)


def test_a_schema_for_one_questionnaire_knows_its_names() -> None:
    validation = pytest.importorskip("jsonschema")
    own = make_schema({"scale": ["agree"], "notice": []})
    validator = validation.validators.validator_for(own)(own)
    grid = {"grid": "views", "text": "Views?", "items": {"fun": "Fun"}}
    found = [[*validator.iter_errors(ask({**grid, "scale": scale}))] for scale in ("agree", "agreed")]
    assert not found[0] and [error.schema["errorMessage"] for error in found[1]]


def test_all_references_inside_the_schema_resolve() -> None:
    named = {part["$ref"].removeprefix("#/$defs/") for part in list_parts(SCHEMA) if "$ref" in part}

    assert named <= set(SCHEMA["$defs"])


def test_every_kind_of_file_and_question_is_offered_by_its_key() -> None:
    assert set(SCHEMA["properties"]) == set(DOCUMENTS)
    offered = {key for key, part in SCHEMA["$defs"]["Question"]["properties"].items() if "doNotSuggest" not in part}
    assert offered == {*QUESTION_TYPES, "bank"}


def test_null_is_not_allowed_as_a_value() -> None:
    assert not [part for part in list_parts(SCHEMA) if part.get("type") == "null"]


def test_every_key_of_a_question_is_described() -> None:
    keys = SCHEMA["$defs"]["ChoiceDefinition"]["properties"]

    assert not [name for name, part in keys.items() if "description" not in part and "$ref" not in part]


def test_every_shipped_file_fits_the_schema() -> None:
    errors = {path: find_errors(read_source(path.name, path.read_bytes())[0]) for path in SHIPPED}

    assert {path: found for path, found in errors.items() if found} == {}


@pytest.mark.parametrize(
    ("data", "place"),
    [
        pytest.param({"sektion": "main"}, "", id="a kind of file that does not exist"),
        pytest.param(ask({"chioce": "job", "text": "Job?"}), "pages/0/questions/0", id="a misspelt type"),
        pytest.param(ask({"grid": "g", "text": "G", "scael": "agree"}), "pages/0/questions/0", id="a misspelt key"),
        pytest.param(
            ask({"choice": "c", "text": "C", "options": {"a": {"text": "A", "wehn": "b"}}}),
            "pages/0/questions/0/options/a",
            id="a misspelt key of an option",
        ),
        pytest.param(ask({"grid": "g", "text": "G", "items": {"Bad-code": "B"}}), "pages/0/questions/0/items", id="a bad code"),
        pytest.param(ask({"mark": "week"}), "pages/0/questions/0", id="a question without a text"),
        pytest.param(ask({"number": "n", "text": "N", "to": "seven"}), "pages/0/questions/0/to", id="a word for a number"),
    ],
)
def test_an_editor_underlines_a_mistake_at_its_place(data: object, place: str) -> None:
    assert place in find_errors(data)


def test_short_and_long_forms_of_options_both_fit() -> None:
    options = {1: "One", "two": {"text": {"en": "Two"}, "namely": True}, "three": {"en": "Three", "nl": "Drie"}}

    assert find_errors(ask({"choice": "c", "text": "C", "options": options})) == []


def test_the_schema_can_be_read_as_json() -> None:
    assert json.loads(format_schema())["$schema"].startswith("http://json-schema.org/draft-07/")
