"""Labels and units of answered codes in a language variant that answered versions lacked, which nobody has compared yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from survey_engine.analysis.definition_changes import share_institution
from survey_engine.analysis.editions import has_same_words, index_asked_items, index_options
from survey_engine.analysis.units import name_same_unit
from survey_engine.model.messages import join_names
from survey_engine.model.questionnaire import Code, Place, Questionnaire, ResponseOption

_UNIT = ""
"""The code under which a unit is compared, as the only entry of a list."""


@dataclass(frozen=True, slots=True)
class NewLabels:
    """The labels of a list of options, or a unit, in a new language variant; equal lists are one."""

    codes: tuple[str, ...]
    language: str
    labels: tuple[tuple[Code, str, str], ...]
    """Code, label in the source language, label in the new one."""
    place: Place

    def __str__(self) -> str:
        lines = [f"{self.place}: {join_names(self.codes)} ({self.language})"]
        lines += ["    " + f"{code} “{source}” – “{label}”".lstrip() for code, source, label in self.labels]
        return "\n".join(lines)


def list_new_labels(questionnaire: Questionnaire, earlier: Iterable[Questionnaire]) -> list[NewLabels]:
    """List the labels and units that earlier versions had, but not in a language variant of this one.

    A list whose labels are the same words in both languages, or a unit that certainly is the same, is left out.
    """
    found = defaultdict[tuple[str, tuple[tuple[Code, str, str], ...]], dict[str, Place]](dict)
    versions, source = [(version, _index_lists(version)) for version in earlier], questionnaire.source_language
    for name, options in _index_lists(questionnaire).items():
        before = [(version.languages, lists[name]) for version, lists in versions if name in lists]
        for language in questionnaire.languages:
            fresh = [each for each in options if each.text.wording.get(language) and _is_new(each, language, before)]
            labels = tuple(
                (each.code, _write(each, source, questionnaire), _write(each, language, questionnaire)) for each in fresh
            )
            if language != source and not all(_are_same(*label) for label in labels):
                found[language, labels].setdefault(name, fresh[0].text.place_in(language))
    return [
        NewLabels(tuple(places), language, labels, next(iter(places.values()))) for (language, labels), places in found.items()
    ]


def _index_lists(questionnaire: Questionnaire) -> Mapping[str, tuple[ResponseOption, ...]]:
    """Return item or background variable → its options, and the unit of an item as a list of its own."""
    units = {code: asked.question.unit for code, asked in index_asked_items(questionnaire).items()}
    lists = {f"unit of {code}": (ResponseOption(_UNIT, unit),) for code, unit in units.items() if unit}
    return index_options(questionnaire) | lists


def _write(option: ResponseOption, language: str, questionnaire: Questionnaire) -> str:
    """Return a label with terms in place of their names: those of the first institution that offers it, or of the questionnaire."""
    owners = [each.terms for code, each in questionnaire.institutions.items() if option.institutions and option.is_at(code)]
    wording = option.text.wording.get(language, "")
    for name in option.text.names:
        term = next((terms[name] for terms in (*owners, questionnaire.terms) if name in terms), None)
        wording = wording.replace(f"{{{name}}}", term.wording.get(language, "")) if term else wording
    return wording


def _is_new(option: ResponseOption, language: str, before: Iterable[tuple[Iterable[str], Iterable[ResponseOption]]]) -> bool:
    """Whether an earlier version had the option, and none of them in the language."""
    same = [
        language in languages and bool(old.text.wording.get(language))
        for languages, options in before
        for old in options
        if old.code == option.code and share_institution(old, option)
    ]
    return bool(same) and not any(same)


def _are_same(code: Code, source: str, label: str) -> bool:
    return has_same_words(source, label) or (code == _UNIT and name_same_unit(source, label))
