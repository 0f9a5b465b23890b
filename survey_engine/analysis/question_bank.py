"""The question bank as a list: what may be taken over, whether it was tested, in which languages, and where it was asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from survey_engine.model.questionnaire import Question, Questionnaire


@dataclass(frozen=True, slots=True)
class BankEntry:
    """One question of the bank."""

    question: Question
    tested: bool | None
    """None when nobody said."""
    languages: tuple[str, ...]
    """The variants that have its whole wording."""
    history: tuple[str, ...]
    """Questionnaires that ask one of its items, with who takes it over as an own question."""


def list_bank(questionnaire: Questionnaire, others: Iterable[Questionnaire]) -> list[BankEntry]:
    """Every bank question of a questionnaire; `others` are looked through for where its items are asked."""
    asked = [(other, _list_askers(other)) for other in (questionnaire, *others)]
    return [
        BankEntry(
            question=question,
            tested=next((item.about.tested for item in question.items if item.about.tested is not None), None),
            languages=find_coverage(question, questionnaire),
            history=tuple(
                f"{other.code}: {', '.join(sorted(askers[code]))}"
                for other, askers in asked
                for code in [next((item.code for item in question.items if item.code in askers), None)]
                if code
            ),
        )
        for question in questionnaire.bank.values()
    ]


def find_coverage(question: Question, questionnaire: Questionnaire) -> tuple[str, ...]:
    """The language variants in which nothing of the question's wording is missing."""
    return tuple(code for code in questionnaire.languages if all(code in text.wording for text in question.list_texts()))


def _list_askers(questionnaire: Questionnaire) -> dict[str, set[str]]:
    """Item → the institutions that ask it as their own question, or `everyone`."""
    own = {
        id(section): institution.code
        for institution in questionnaire.institutions.values()
        for section in institution.own_sections
    }
    found: dict[str, set[str]] = {}
    for section in questionnaire.all_sections:
        for question in section.list_questions():
            for item in question.items:
                found.setdefault(item.code, set()).add(own.get(id(section), "everyone"))
    return found
