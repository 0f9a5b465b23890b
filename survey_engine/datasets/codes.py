"""The codes of a variable: what each stands for, in which versions it was offered, and to whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from survey_engine.datasets.homes import QuestionHome
from survey_engine.datasets.labels import Labels, differ, join_labels, list_earlier, read_labels
from survey_engine.datasets.universe import describe_offer
from survey_engine.language.question_types.consent import VERSION
from survey_engine.model.questionnaire import Code, Questionnaire, ResponseOption, Variable
from survey_engine.model.variables import find_owner

Variants = Sequence[tuple[Questionnaire, Variable]]
"""A variable in each version that has it, newest first."""


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """One code of a variable, with its label and who is offered it."""

    code: Code
    labels: Labels
    offered: str = ""
    earlier: tuple[str, ...] = ()
    """How earlier versions worded it."""


@dataclass
class _Code:
    """What the versions say of one code; several where the lists of institutions word it differently."""

    code: Code
    wordings: list[tuple[Questionnaire, Labels]] = field(default_factory=list)
    offers: dict[str, dict[str, None]] = field(default_factory=dict)
    """Version → who is offered it."""

    @property
    def labels(self) -> Labels:
        return {language: wording for _, labels in reversed(self.wordings) for language, wording in labels.items()}

    def add(self, questionnaire: Questionnaire, labels: Labels, offer: str) -> None:
        self.wordings.append((questionnaire, labels))
        self.offers.setdefault(questionnaire.version, {})[offer] = None

    def describe_offers(self, versions: Collection[str]) -> str:
        """Who is offered it, and in which of these versions if not in all; empty when it is offered to all who are asked."""
        by_offer: dict[str, list[str]] = {}
        for version, offers in self.offers.items():
            by_offer.setdefault("" if "" in offers else " or ".join(offers), []).append(version)
        if len(by_offer) == 1 and len(self.offers) == len(versions):
            return next(iter(by_offer))
        ways = ((f"version {' or '.join(known)}", offer) for offer, known in by_offer.items())
        return " OR ".join(" and ".join(filter(None, way)) for way in ways)


def list_codes(variants: Variants, asked_at: Collection[str] = ()) -> tuple[CodeEntry, ...]:
    """The codes of a variable in all its versions; those that are gone come last.

    Args: asked_at: the institutions that ask it; empty is all of them.
    """
    found: list[_Code] = []
    for questionnaire, variable in variants:
        for option in variable.options:
            labels = read_labels(option.text)
            code = _find(found, option, labels, alone=variable.codes.count(option.code) == 1)
            code.add(questionnaire, labels, describe_offer(option, questionnaire, asked_at))
    versions = {questionnaire.version for questionnaire, _ in variants}
    return tuple(CodeEntry(c.code, c.labels, c.describe_offers(versions), list_earlier(c.wordings)) for c in found)


def _find(found: list[_Code], option: ResponseOption, labels: Labels, *, alone: bool) -> _Code:
    """The code that an option of this version is: worded alike, or the only one of its name; a new one where there is none."""
    same = [code for code in found if code.code == option.code]
    alike = [code for code in same if not differ(labels, code.labels)]
    if not alike and not (alone and len(same) == 1):
        found.append(_Code(option.code))
        return found[-1]
    return (alike or same)[0]


def list_consents(variable: str, homes: Iterable[QuestionHome]) -> tuple[CodeEntry, ...]:
    """The versions of a consent's text, each with what was agreed to: the question, then its part."""
    texts: dict[int, list[Labels]] = {}
    for home in homes:
        question = read_labels(home.question.text)
        part = join_labels(read_labels(item.text) for item in home.list_items(find_owner(variable)))
        texts.setdefault(home.question.version, []).append(dict(_put_together(question, part)))
    return tuple(CodeEntry(version, join_labels(texts[version])) for version in sorted(texts))


def is_consent_version(variable: Variable) -> bool:
    return variable.code.endswith(VERSION)


def _put_together(question: Labels, part: Labels) -> Iterator[tuple[str, str]]:
    for language in dict.fromkeys((*question, *part)):
        yield language, " – ".join(filter(None, (question.get(language), part.get(language))))
