"""The columns of an export in the order of asking. Earlier versions add columns to those of the newest version."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from survey_engine.datasets.locations import QuestionLocation, iter_locations
from survey_engine.engine.assignment import list_rules
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.derived import Derived
from survey_engine.model.questionnaire import (
    Institution,
    Language,
    Questionnaire,
    ResponseOption,
    Section,
    Text,
    Variable,
)
from survey_engine.model.variables import RESPONSE_COLUMNS

T = TypeVar("T")
STATUSES = {
    "complete": "Finished the questionnaire",
    "broken_off": "Did not finish the questionnaire",
    "withdrawn": "Did not finish the questionnaire; the personal link was withdrawn",
}
ORDER = "Codes in the order in which the question showed them"
_PAGE_ORDER = "Pages of the section in the order of this response"
_QUESTION_ORDER = "Questions of the page in the order of this response"
_CODES = frozenset({"code", "number"})
"""Kinds of values that can share a column: a scale with numeric codes may gain or lose an option with a text code."""


@dataclass(frozen=True, slots=True)
class Column:
    """One variable of the questionnaire, or one option of a question with several answers."""

    name: str
    variable: Variable
    """The variable of the newest version, with the widest bounds of all versions."""
    locations: tuple[QuestionLocation, ...]
    """Locations of the question; those of the newest version first."""
    variants: tuple[tuple[Questionnaire, Variable], ...]
    """The variable in each version that asks it, newest first."""
    options: tuple[ResponseOption, ...] = ()
    """For a column of one option: the option as each institution words it. Empty for a column of all options."""
    numbered: tuple[tuple[Questionnaire, Variable], ...] = ()
    """In the file of one institution: the variants of all institutions, from which codes are numbered."""
    institution: str = ""
    """The institution, in the file of one institution."""

    @property
    def is_text(self) -> bool:
        """Whether the column belongs to the file of open answers."""
        return self.variable.kind == "text"

    def is_in(self, questionnaire: Questionnaire) -> bool:
        """Return whether this version asks the column."""
        return any(version is questionnaire for version, _ in self.variants)


@dataclass(frozen=True)
class TableLayout:
    """All columns of the export of one questionnaire."""

    questionnaires: tuple[Questionnaire, ...]
    """The versions that responses belong to, the one in service first."""
    fixed: dict[str, str]
    """Content → column name."""
    modules: dict[str, str]
    """Module → column name; empty if the questionnaire assigns no modules."""
    experiments: dict[str, str]
    """Experiment → column name."""
    orders: dict[str, str]
    """Question with a random order of options → name of the column with this order."""
    page_orders: dict[str, str]
    """Section or module with a random order → name of the column with the order of its pages."""
    question_orders: dict[str, str]
    """Page with a random order → name of the column with the order of its questions."""
    derived: dict[str, str]
    """Derived value → column name."""
    background: tuple[Variable, ...]
    columns: tuple[Column, ...]
    """Columns of all questions, in the order of asking."""
    shared: tuple[str, ...] = ()
    """In the file of an institution: contents of `fixed` whose values the least number of responses must share."""
    zones: str = ""
    """Time zones of dates; empty if they are not known."""
    left_out: int = 0
    """In the file of one institution: the number of responses left out because too few respondents were asked the same."""

    @property
    def questionnaire(self) -> Questionnaire:
        """The version in service."""
        return self.questionnaires[0]

    @cached_property
    def answers(self) -> tuple[Column, ...]:
        """Columns in the table of responses."""
        return tuple(column for column in self.columns if not column.is_text)

    @cached_property
    def texts(self) -> tuple[Column, ...]:
        """Variables in the file of open answers."""
        return tuple(column for column in self.columns if column.is_text)

    @property
    def names(self) -> list[str]:
        background = (variable.code for variable in self.background)
        return [
            *self.fixed.values(),
            *self.modules.values(),
            *self.experiments.values(),
            *self.order_labels,
            *self.derived.values(),
            *background,
            *(column.name for column in self.answers),
        ]

    @property
    def order_labels(self) -> dict[str, str]:
        """Column with a random order → its label."""
        labelled = ((self.orders, ORDER), (self.page_orders, _PAGE_ORDER), (self.question_orders, _QUESTION_ORDER))
        return {name: label for orders, label in labelled for name in orders.values()}

    def list_background(self, code: str) -> tuple[tuple[Questionnaire, Variable], ...]:
        """List a background variable in each version that has it, newest first."""
        return tuple((each, each.background[code]) for each in self.questionnaires if code in each.background)

    @cached_property
    def languages(self) -> dict[str, Language]:
        """Languages of all versions."""
        return _join(questionnaire.languages for questionnaire in self.questionnaires)

    @cached_property
    def institutions(self) -> dict[str, Institution]:
        """Institutions of all versions."""
        return _join(questionnaire.institutions for questionnaire in self.questionnaires)

    def find_derived(self, code: str) -> Derived:
        return next(each.derived[code] for each in self.questionnaires if code in each.derived)

    def find_module(self, code: str) -> Section:
        return next(each.modules[code] for each in self.questionnaires if code in each.modules)


def _join(mappings: Iterable[Mapping[str, T]]) -> dict[str, T]:
    """Join mappings. For a key in several mappings, the first one counts."""
    found: dict[str, T] = {}
    for mapping in mappings:
        for key, value in mapping.items():
            found.setdefault(key, value)
    return found


def lay_out(
    questionnaire: Questionnaire, earlier: Iterable[Questionnaire] = (), background: Collection[str] | None = None
) -> TableLayout:
    """Lay out the columns of a questionnaire and its earlier versions, newest first.

    Args: background: the background variables with a column; None for all.
    """
    versions = (questionnaire, *earlier)
    columns: list[Column] = []
    for version in versions:
        columns = _merge(columns, _list_columns(version))
    known = _join_background(versions)
    derived = dict.fromkeys(code for version in versions for code in version.derived)
    taken = {*known, *(column.name for column in columns)}
    modules = dict.fromkeys(code for version in versions for rule in list_rules(version) for code in version.find_shares(rule))
    experiments = dict.fromkeys(code for version in versions for code in version.experiments)
    return TableLayout(
        questionnaires=versions,
        fixed={name: _find_free_name(name, taken) for name in RESPONSE_COLUMNS},
        modules={module: _find_free_name(f"module_{module}", taken) for module in modules},
        experiments={code: _find_free_name(f"experiment_{code}", taken) for code in experiments},
        orders={code: f"{code}__order" for version in versions for code in map_shuffled(version)},
        page_orders={
            section.code: f"section__{section.code}__order"
            for version in versions
            for section in version.all_sections
            if section.random_order
        },
        question_orders={
            page.code: f"page__{page.code}__order"
            for version in versions
            for _, page in version.placed_pages.values()
            if page.random_order
        },
        derived={code: _find_free_name(code, taken) for code in derived},
        background=tuple(known[code] for code in known if background is None or code in background),
        columns=tuple(columns),
    )


def map_shuffled(questionnaire: Questionnaire) -> dict[str, QuestionLocation]:
    """Return question → location, of the questions with a random order."""
    found = {location.question.code: location for location in iter_locations(questionnaire)}
    return {code: location for code, location in found.items() if location.question.random_order}


def _join_background(versions: Iterable[Questionnaire]) -> dict[str, Variable]:
    """Join the background of all versions, each variable with its widest bounds."""
    known: dict[str, Variable] = {}
    for version in versions:
        for code, variable in version.background.items():
            newer = known.get(code)
            known[code] = _widen_variable(newer, variable) if newer else variable
    return known


def _find_free_name(name: str, taken: set[str]) -> str:
    return _find_free_name(name + "_", taken) if name in taken else name


def _list_columns(questionnaire: Questionnaire) -> list[Column]:
    variables: dict[str, Variable] = {}
    locations: dict[str, list[QuestionLocation]] = {}
    for location in iter_locations(questionnaire):
        for variable in QUESTION_TYPES[location.question.type].variables(location.question):
            variables.setdefault(variable.code, variable)
            locations.setdefault(variable.code, []).append(location)
    found = variables.items()
    return [column for code, variable in found for column in _split(questionnaire, variable, tuple(locations[code]))]


def _split(questionnaire: Questionnaire, variable: Variable, locations: tuple[QuestionLocation, ...]) -> Iterator[Column]:
    variants = ((questionnaire, variable),)
    if variable.kind != "codes":
        yield Column(variable.code, variable, locations, variants)
        return
    for code in dict.fromkeys(option.code for option in variable.options if not option.outside_scale):
        options = tuple(option for option in variable.options if option.code == code)
        yield Column(f"{variable.code}_{code}", variable, locations, variants, options)


def _merge(columns: Sequence[Column], earlier: Iterable[Column]) -> list[Column]:
    """Merge the columns of an earlier version. A removed column is inserted after the column that preceded it in that version.

    An earlier column whose name now has another meaning is dropped; its answers are counted as lost.
    """
    merged, names = list(columns), [column.name for column in columns]
    place = 0
    for column in earlier:
        if column.name in names:
            place = names.index(column.name)
            if _is_same_variable(merged[place], column):
                merged[place] = _widen(merged[place], column)
        else:
            merged.insert(place, column)
            names.insert(place, column.name)
        place += 1
    return merged


def _is_same_variable(one: Column, other: Column) -> bool:
    kinds = {one.variable.kind, other.variable.kind}
    same = one.variable.code == other.variable.code and bool(one.options) == bool(other.options)
    return same and (len(kinds) == 1 or kinds <= _CODES)


def _widen(column: Column, earlier: Column) -> Column:
    """Extend a column with the answers to an earlier version."""
    locations, variants = (*column.locations, *earlier.locations), (*column.variants, *earlier.variants)
    return replace(column, variable=_widen_variable(column.variable, earlier.variable), locations=locations, variants=variants)


def _widen_variable(new: Variable, old: Variable) -> Variable:
    """Return the newer variable, with the bounds of both versions and the wordings in languages that only the older version has."""
    bounds = [bound for bound in (new.low, old.low, new.high, old.high) if bound is not None]
    kinds = {new.kind, old.kind}
    return replace(
        new,
        kind="code" if kinds == _CODES else new.kind,
        text=_join_wordings(new.text, old.text),
        low=min(bounds, default=None),
        high=max(bounds, default=None),
    )


def _join_wordings(text: Text | None, earlier: Text | None) -> Text | None:
    """Return a text with the earlier wordings in languages that the questionnaire no longer has."""
    return replace(text, wording={**earlier.wording, **text.wording}) if text and earlier else text or earlier
