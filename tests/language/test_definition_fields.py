"""Definition classes have descriptions, and keep the places of their values."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from survey_engine.language.definition_fields import Definition, MetadataDefinition, OptionDefinition
from survey_engine.language.documents import DOCUMENTS, SectionDefinition, find_declared_type
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.yaml_reader import read_source
from survey_engine.model.questionnaire import Place

DEFINITIONS = [
    *DOCUMENTS.values(),
    *(type_.definition for type_ in QUESTION_TYPES.values()),
    OptionDefinition,
    MetadataDefinition,
]


def read(text: str) -> Definition:
    node, problems = read_source("a.yaml", text.encode())
    assert not problems
    return SectionDefinition.model_validate(node)


def test_a_definition_has_the_places_of_its_values_and_keys() -> None:
    definition = read("section: main\npages:\n  - page: one\n    questions: [{mark: week, text: W?}]")
    assert definition.place("section") == Place("a.yaml", 1, 10)
    assert definition.key_place("section") == Place("a.yaml", 1, 1)
    assert definition.place("pages", 0, "questions", 0, "mark") == Place("a.yaml", 4, 24)


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda definition: definition.__name__)
def test_every_definition_has_a_description_and_rejects_unknown_keys(definition: type[BaseModel]) -> None:
    assert definition.__doc__ and definition.model_config.get("extra") == "forbid"


@pytest.mark.parametrize("name", QUESTION_TYPES)
def test_a_question_is_known_by_its_first_key(name: str) -> None:
    assert find_declared_type({name: "code", "text": "T?"}) == name
    assert find_declared_type({"text": "T?"}) is None and find_declared_type("text") is None
