"""Groups of responses that differ in what they were asked. A row reveals its group even if it has no version, language or background.

Missing codes and offered options reveal the group. `shared_values.py` has the columns that can be left empty instead.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from itertools import chain
from typing import Any

from survey_engine.datasets.columns import TableLayout
from survey_engine.datasets.disclosure import GroupValues
from survey_engine.datasets.universe import list_assignable
from survey_engine.engine.routing import Respondent, list_possible_sections
from survey_engine.model.conditions import simplify_tree
from survey_engine.model.questionnaire import Condition, Item, Questionnaire, ResponseOption, Section
from survey_engine.storage.snapshot import Record

_UNSEEN = frozenset(
    {"about", "bank", "help", "institutions", "note", "notice", "place", "seconds", "slug", "text", "title", "unit", "written"}
)
"""Fields of sections and their parts that leave no trace in a row."""


class AskedGroups:
    """Finds the groups of responses in one table."""

    def __init__(self, layout: TableLayout) -> None:
        shown = {variable.code for variable in layout.background}
        self._hidden = frozenset(code for each in layout.questionnaires for code in each.background if code not in shown)
        self._numbers: dict[Hashable, int] = {}
        self._kinds: dict[tuple[str, str, str], int] = {}
        self._backgrounds: dict[Hashable, GroupValues] = {}

    def find_kind(self, questionnaire: Questionnaire, respondent: Respondent) -> int:
        """Return a number. Versions and languages have the same number if they ask the institution's respondents the same."""
        key = (questionnaire.version, respondent.institution, respondent.language)
        if key not in self._kinds:
            described = describe_asked(questionnaire, respondent.institution, respondent.language)
            self._kinds[key] = self._numbers.setdefault(described, len(self._numbers))
        return self._kinds[key]

    def find_group(self, questionnaire: Questionnaire, record: Record, *, switched: bool) -> GroupValues:
        """Return the group of a row: numbers for the version, language and background that its cells reveal.

        Args: switched: whether the row has answers to questions that only an earlier language asks.
        """
        here = record.respondent
        languages = [each for each in record.languages if switched and each in questionnaire.languages]
        before = {self.find_kind(questionnaire, Respondent(here.institution, language)) for language in languages}
        last = self.find_kind(questionnaire, here)
        left = self.find_background(questionnaire, here, {here.language, *languages})
        return (self._numbers.setdefault(left, len(self._numbers)), last, *sorted(before - {last}))

    def find_background(self, questionnaire: Questionnaire, respondent: Respondent, languages: Collection[str]) -> GroupValues:
        """Return each condition on background without a column, simplified with the respondent's background.

        Respondents with equal simplified conditions are asked the same in these languages, whatever they answer.
        """
        place = respondent.institution
        hidden = (respondent.background.get(name) for name in sorted(self._hidden))
        key = (questionnaire.version, place, frozenset(languages), *hidden)
        if key not in self._backgrounds:
            known = {**respondent.background, "institution": place}
            left = (
                simplify_tree(condition.tree, known, condition.names - self._hidden - {"institution"})
                for condition in _iter_conditions(questionnaire, place, languages)
                if not self._hidden.isdisjoint(condition.names)
            )
            self._backgrounds[key] = tuple(left)
        return self._backgrounds[key]


def describe_asked(questionnaire: Questionnaire, institution: str, language: str) -> Hashable:
    """Return everything except wordings that decides what an institution's respondents are asked in a version and language."""
    place, sections = questionnaire.institutions[institution], _list_sections(questionnaire, institution, language)
    conditions = chain.from_iterable(section.iter_conditions() for section in sections)
    by_language = any("language" in condition.names for condition in conditions)
    rules = [(group.code, group.modules, group.blocks) for group in questionnaire.order]
    facts = (
        rules,
        place.council,
        place.chosen,
        questionnaire.derived,
        questionnaire.experiments,
        questionnaire.background.keys(),
    )
    return (
        language if by_language else "",
        questionnaire.edition,
        _remove_wordings(sections, institution),
        _remove_wordings(facts, institution),
    )


def _list_sections(questionnaire: Questionnaire, institution: str, language: str) -> list[Section]:
    modules = sorted(list_assignable(questionnaire, institution))
    return list_possible_sections(questionnaire, questionnaire.institutions[institution], language, modules)


def _iter_conditions(questionnaire: Questionnaire, institution: str, languages: Collection[str]) -> Iterator[Condition]:
    """Iterate over the conditions of an institution in any of these languages, each once."""
    found: dict[Any, Condition] = {}
    for language in filter(languages.__contains__, questionnaire.languages):
        for section in _list_sections(questionnaire, institution, language):
            found.update((condition.tree, condition) for condition in section.iter_conditions())
    yield from found.values()


def _remove_wordings(thing: Any, institution: str) -> Any:
    """Return a part of the questionnaire without its wordings, and without items and options of other institutions."""
    if isinstance(thing, Condition):
        return thing.tree
    if isinstance(thing, Mapping):
        return tuple((key, _remove_wordings(value, institution)) for key, value in thing.items())
    if isinstance(thing, Collection) and not isinstance(thing, str | frozenset):
        here = (each for each in thing if not isinstance(each, Item | ResponseOption) or each.is_at(institution))
        return tuple(_remove_wordings(each, institution) for each in here)
    if is_dataclass(thing):
        named = ((each.name, getattr(thing, each.name)) for each in fields(thing) if each.name not in _UNSEEN)
        return tuple((name, _remove_wordings(value, institution)) for name, value in named)
    return thing


def choose_left_out(groups: Mapping[GroupValues, Sequence[int]], least: int, order: Callable[[int], bytes]) -> set[int]:
    """Choose the responses to leave out: those of groups smaller than `least`, and more of the largest group until they are `least`.

    A reader who subtracts the file from a table of all responses, or of all with the same background, then learns about at least
    `least` persons. Nothing is left out if there is only one group.

    Args:
        groups: exported background and the group of `AskedGroups.find_group` → responses.
        order: a number of each response that is the same in every export.

    >>> groups = {("bol", "nl"): range(10), ("bol", "nt2"): [90, 91], ("bbl", "nl"): [95]}
    >>> sorted(choose_left_out(groups, 5, lambda id: id.to_bytes()))
    [0, 1, 2, 90, 91, 95]
    """
    if len(groups) == 1:
        return set()
    backgrounds: dict[object, dict[GroupValues, Sequence[int]]] = {}
    for group, members in groups.items():
        backgrounds.setdefault(group[0], {})[group] = members
    left: set[int] = set()
    for alike in backgrounds.values():
        if sum(map(len, alike.values())) >= least:  # tables show no smaller group
            left |= _choose_small(alike, least, order)
    rest = {group: [id for id in members if id not in left] for group, members in groups.items()}
    return left | _choose_small({group: members for group, members in rest.items() if members}, least, order, len(left))


def _choose_small(
    groups: Mapping[GroupValues, Sequence[int]], least: int, order: Callable[[int], bytes], others: int = 0
) -> set[int]:
    small = {id for members in groups.values() if len(members) < least for id in members}
    needed = least - len(small) - others
    if not small or needed <= 0:
        return small
    largest: Sequence[int] = max(groups.values(), key=len)
    return small | set(sorted(largest, key=order)[:needed] if len(largest) - needed >= least else largest)
