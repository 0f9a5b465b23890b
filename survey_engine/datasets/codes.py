"""The codes of a variable: labels, versions that offer them, and conditions under which respondents get them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from survey_engine.datasets.labels import Labels, are_different, join_labels, list_earlier, read_labels
from survey_engine.datasets.locations import QuestionLocation
from survey_engine.datasets.universe import describe_offer, join_conditions
from survey_engine.language.question_types.consent import VERSION_SUFFIX
from survey_engine.model.questionnaire import Code, Questionnaire, ResponseOption, Variable
from survey_engine.model.variables import find_owner

Variants = Sequence[tuple[Questionnaire, Variable]]
"""A variable in each version that has it, newest first."""


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """One code of a variable."""

    code: Code
    labels: Labels
    offered: str = ""
    earlier: tuple[str, ...] = ()
    """Wordings of earlier versions."""
    number: int | None = None
    """The number of a text code in formats with numeric variables."""


@dataclass
class _Code:
    """Labels and offers of one code in all versions. Institutions may word a code differently: then each wording is a `_Code`."""

    code: Code
    wordings: list[tuple[Questionnaire, Labels]] = field(default_factory=list)
    offers: dict[str, dict[str, None]] = field(default_factory=dict)
    """Version → the conditions under which the version offers the code."""

    @property
    def labels(self) -> Labels:
        return {language: wording for _, labels in reversed(self.wordings) for language, wording in labels.items()}

    def add(self, questionnaire: Questionnaire, labels: Labels, offer: str) -> None:
        self.wordings.append((questionnaire, labels))
        self.offers.setdefault(questionnaire.version, {})[offer] = None

    def describe_offers(self, versions: Collection[str]) -> str:
        """Describe the conditions under which the code is offered. If versions differ, the description names them.

        Returns: an empty text if every respondent who gets the question gets the code.
        """
        by_offer: dict[str, list[str]] = {}
        for version, offers in self.offers.items():
            by_offer.setdefault("" if "" in offers else " or ".join(offers), []).append(version)
        if len(by_offer) == 1 and len(self.offers) == len(versions):
            return next(iter(by_offer))
        ways = ((f"version {' or '.join(known)}", offer) for offer, known in by_offer.items())
        return " OR ".join(join_conditions(filter(None, way)) for way in ways)


def list_codes(variants: Variants, asked_at: Collection[str] = (), numbered: Variants = ()) -> tuple[CodeEntry, ...]:
    """List the codes of a variable in all its versions. Removed codes come last.

    Args:
        asked_at: the institutions that ask the variable; empty if all do.
        numbered: the variants from which the codes are numbered; `variants` if empty.
    """
    found: list[_Code] = []
    for questionnaire, variable in variants:
        for option in variable.options:
            labels = read_labels(option.text)
            code = _find(found, option, labels, alone=variable.codes.count(option.code) == 1)
            code.add(questionnaire, labels, describe_offer(option, questionnaire, asked_at))
    versions = {questionnaire.version for questionnaire, _ in variants}
    numbers = number_codes(numbered or variants)
    return tuple(
        CodeEntry(c.code, c.labels, c.describe_offers(versions), list_earlier(c.wordings), numbers.get(c.code)) for c in found
    )


def number_codes(variants: Variants) -> dict[Code, int]:
    """Number the text codes of a variable, from the earliest version on. The numbers start after the largest numeric code.

    A version that adds or removes a code during fieldwork does not change the numbers of the other codes.
    """
    codes = list(dict.fromkeys(code for _, variable in reversed(variants) for code in variable.codes))
    first = max((code for code in codes if isinstance(code, int)), default=0)
    return {code: number for number, code in enumerate((code for code in codes if isinstance(code, str)), max(first, 0) + 1)}


def _find(found: list[_Code], option: ResponseOption, labels: Labels, *, alone: bool) -> _Code:
    """Return the entry of an option: the one with the same wording, or the only one with its code. Add a new entry if there is none."""
    same = [code for code in found if code.code == option.code]
    alike = [code for code in same if not are_different(labels, code.labels)]
    if not alike and not (alone and len(same) == 1):
        found.append(_Code(option.code))
        return found[-1]
    return (alike or same)[0]


def list_consents(variable: str, locations: Iterable[QuestionLocation]) -> tuple[CodeEntry, ...]:
    """List the versions of a consent, each with its text: the question, then the item."""
    texts: dict[int, list[Labels]] = {}
    for location in locations:
        question = read_labels(location.question.text)
        part = join_labels(read_labels(item.text) for item in location.list_items(find_owner(variable)))
        texts.setdefault(location.question.version, []).append(dict(_join_conditions(question, part)))
    return tuple(CodeEntry(version, join_labels(texts[version])) for version in sorted(texts))


def is_consent_version(variable: Variable) -> bool:
    return variable.code.endswith(VERSION_SUFFIX)


def _join_conditions(question: Labels, part: Labels) -> Iterator[tuple[str, str]]:
    for language in dict.fromkeys((*question, *part)):
        yield language, " – ".join(filter(None, (question.get(language), part.get(language))))
