"""The question bank: each question with its test status, its complete languages, and the questionnaires that ask it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from survey_engine.model.questionnaire import Question, Questionnaire


@dataclass(frozen=True, slots=True)
class BankEntry:
    """One question of the bank."""

    question: Question
    tested: bool | None
    """Whether it was tested with students; None if unknown."""
    languages: tuple[str, ...]
    """The language variants in which its wording is complete."""
    history: tuple[str, ...]
    """Questionnaires that ask one of its items, each with the institutions that ask it as a local question."""


def list_bank(questionnaire: Questionnaire, others: Iterable[Questionnaire]) -> list[BankEntry]:
    """Return every question of the bank of `questionnaire`, with its use in `questionnaire` and `others`."""
    asked = [(other, _map_askers(other)) for other in (questionnaire, *others)]
    return [
        BankEntry(
            question=question,
            tested=next((item.about.tested for item in question.items if item.about.tested is not None), None),
            languages=list_complete_languages(question, questionnaire),
            history=tuple(
                f"{other.code}: {', '.join(sorted(askers[code]))}"
                for other, askers in asked
                for code in [next((item.code for item in question.items if item.code in askers), None)]
                if code
            ),
        )
        for question in questionnaire.bank.values()
    ]


def list_complete_languages(question: Question, questionnaire: Questionnaire) -> tuple[str, ...]:
    """Return the language variants in which the question's wording is complete."""
    return tuple(code for code in questionnaire.languages if all(code in text.wording for text in question.iter_texts()))


def _map_askers(questionnaire: Questionnaire) -> dict[str, set[str]]:
    """Return item → the institutions that ask it as a local question, or `everyone`."""
    own = {
        id(section): institution.code
        for institution in questionnaire.institutions.values()
        for section in institution.own_sections
    }
    found: dict[str, set[str]] = {}
    for section in questionnaire.all_sections:
        for question in section.iter_questions():
            for item in question.items:
                found.setdefault(item.code, set()).add(own.get(id(section), "everyone"))
    return found
