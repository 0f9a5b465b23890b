"""Consent: separate parts, each stored with the version of its text."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.model.questionnaire import Question
from tests.writing import post, write_questions

CONSENT = """
- consent: research
  text: What may we do with your answers?
  version: 3
  agree_to_all: true
  parts:
    research_use: {text: Count them., required: true}
    research_quote: Quote them.
    research_adult: {text: Keep them., when: level >= 3, sensitive: privacy, required: true}
"""


@pytest.fixture
def research(tmp_path: Path) -> Question:
    return write_questions(tmp_path, CONSENT).question


def test_each_part_is_asked_for_itself(research: Question) -> None:
    assert [(item.code, item.required) for item in research.items] == [
        ("research_use", True),
        ("research_quote", False),
        ("research_adult", True),
    ]
    assert research.items[2].when and research.items[2].about.sensitive == "privacy"
    assert research.version == 3
    assert [option.code for option in research.options] == ["yes", "no"]


def test_each_part_is_a_variable_and_so_is_its_version(tmp_path: Path) -> None:
    variables = write_questions(tmp_path, CONSENT).questionnaire.variables
    assert variables["research_quote"].codes == ("yes", "no") and "research" not in variables
    assert variables["research_quote__version"].kind == "number"


def test_an_answer_is_kept_with_the_version_of_the_text(research: Question) -> None:
    reading = post(research, research_use="yes", research_quote="no")
    assert reading.values == {
        "research_use": "yes",
        "research_use__version": 3,
        "research_quote": "no",
        "research_quote__version": 3,
    }
    assert not reading.errors


@pytest.mark.parametrize("posted", ["maybe", "YES"])
def test_anything_but_yes_and_no_is_no_answer(research: Question, posted: str) -> None:
    reading = post(research, research_use=posted, research_quote="yes")
    assert reading.errors["research_use"].message == "option" and "research_use" not in reading.values


@pytest.mark.parametrize("posted", ["no", ""])
def test_reading_accepts_a_refused_or_empty_required_part(research: Question, posted: str) -> None:
    """`decisions` requires the consent, not the reader."""
    reading = post(research, research_use=posted, research_quote="yes")
    assert not reading.errors and reading.values.get("research_use") == (posted or None)


def test_the_version_cannot_be_posted(research: Question) -> None:
    assert post(research, research_use="yes", research_use__version="1").values["research_use__version"] == 3


def test_it_needs_parts(tmp_path: Path) -> None:
    assert write_questions(tmp_path, "- consent: c\n  text: C?\n  parts: «{}").find("wrong-value")
