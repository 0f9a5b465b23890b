"""The columns of an export, in the order of asking: those of the newest version, and what earlier versions asked besides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from survey_engine.datasets.homes import QuestionHome, list_homes
from survey_engine.engine.assignment import find_module_rule
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.questionnaire import Institution, Language, Questionnaire, ResponseOption, Section, Text, Variable
from survey_engine.model.variables import RESPONSE_COLUMNS

T = TypeVar("T")
STATUSES = {
    "complete": "Finished the questionnaire",
    "broken_off": "Has not finished it",
    "withdrawn": "Has not finished it, and the personal link was withdrawn",
}
_CODES = frozenset({"code", "number"})
"""Kinds that go together: a scale of numbers that got or lost an option with a word for a code."""


@dataclass(frozen=True, slots=True)
class Column:
    """One variable of the questionnaire, or one option of a question with several answers."""

    name: str
    variable: Variable
    """As the newest version has it, with the widest bounds of all."""
    homes: tuple[QuestionHome, ...]
    """Those of the newest version first."""
    variants: tuple[tuple[Questionnaire, Variable], ...]
    """The variable in each version that asks it, newest first."""
    options: tuple[ResponseOption, ...] = ()
    """The one option that it is about, as the institutions word it; none when it is about all of them."""

    @property
    def is_text(self) -> bool:
        """Open texts are exported apart."""
        return self.variable.kind == "text"

    def is_in(self, questionnaire: Questionnaire) -> bool:
        """Whether this version has it."""
        return any(version is questionnaire for version, _ in self.variants)


@dataclass(frozen=True)
class TableLayout:
    """Everything that one questionnaire's export has columns for."""

    questionnaires: tuple[Questionnaire, ...]
    """The versions that responses were given to, the one in service first."""
    fixed: dict[str, str]
    """What stands in it → column name."""
    modules: dict[str, str]
    """Module → column name; empty when the questionnaire assigns none."""
    background: tuple[Variable, ...]
    columns: tuple[Column, ...]
    """Everything that is asked, in the order of asking."""

    @property
    def questionnaire(self) -> Questionnaire:
        """The version in service."""
        return self.questionnaires[0]

    @cached_property
    def answers(self) -> tuple[Column, ...]:
        """What goes into the table of responses."""
        return tuple(column for column in self.columns if not column.is_text)

    @cached_property
    def texts(self) -> tuple[Column, ...]:
        """What goes into the file of open answers."""
        return tuple(column for column in self.columns if column.is_text)

    @property
    def names(self) -> list[str]:
        background = (variable.code for variable in self.background)
        return [*self.fixed.values(), *self.modules.values(), *background, *(column.name for column in self.answers)]

    def list_background(self, code: str) -> tuple[tuple[Questionnaire, Variable], ...]:
        """A background variable in each version that has it, newest first."""
        return tuple((each, each.background[code]) for each in self.questionnaires if code in each.background)

    @cached_property
    def languages(self) -> dict[str, Language]:
        """Of all versions."""
        return _join(questionnaire.languages for questionnaire in self.questionnaires)

    @cached_property
    def institutions(self) -> dict[str, Institution]:
        """Of all versions."""
        return _join(questionnaire.institutions for questionnaire in self.questionnaires)

    def find_module(self, code: str) -> Section:
        return next(each.modules[code] for each in self.questionnaires if code in each.modules)


def _join(mappings: Iterable[Mapping[str, T]]) -> dict[str, T]:
    """All entries, in their order; what several mappings have comes from the first."""
    found: dict[str, T] = {}
    for mapping in mappings:
        for key, value in mapping.items():
            found.setdefault(key, value)
    return found


def lay_out(
    questionnaire: Questionnaire, earlier: Iterable[Questionnaire] = (), background: Collection[str] | None = None
) -> TableLayout:
    """The columns of a questionnaire and of earlier versions of it, newest first.

    Args: background: the background variables that get a column; all when left out.
    """
    versions = (questionnaire, *earlier)
    columns: list[Column] = []
    for version in versions:
        columns = _merge(columns, _list_columns(version))
    known = _join_background(versions)
    taken = {*known, *(column.name for column in columns)}
    modules = dict.fromkeys(code for version in versions if find_module_rule(version) for code in version.modules)
    return TableLayout(
        questionnaires=versions,
        fixed={name: _find_free(name, taken) for name in RESPONSE_COLUMNS},
        modules={module: _find_free(f"module_{module}", taken) for module in modules},
        background=tuple(known[code] for code in known if background is None or code in background),
        columns=tuple(columns),
    )


def _join_background(versions: Iterable[Questionnaire]) -> dict[str, Variable]:
    """Of all versions, each variable with its widest bounds."""
    known: dict[str, Variable] = {}
    for version in versions:
        for code, variable in version.background.items():
            newer = known.get(code)
            known[code] = _widen_variable(newer, variable) if newer else variable
    return known


def _find_free(name: str, taken: set[str]) -> str:
    return _find_free(name + "_", taken) if name in taken else name


def _list_columns(questionnaire: Questionnaire) -> list[Column]:
    variables: dict[str, Variable] = {}
    homes: dict[str, list[QuestionHome]] = {}
    for home in list_homes(questionnaire):
        for variable in QUESTION_TYPES[home.question.type].variables(home.question):
            variables.setdefault(variable.code, variable)
            homes.setdefault(variable.code, []).append(home)
    found = variables.items()
    return [column for code, variable in found for column in _split(questionnaire, variable, tuple(homes[code]))]


def _split(questionnaire: Questionnaire, variable: Variable, homes: tuple[QuestionHome, ...]) -> Iterator[Column]:
    variants = ((questionnaire, variable),)
    if variable.kind != "codes":
        yield Column(variable.code, variable, homes, variants)
        return
    for code in dict.fromkeys(variable.codes):
        options = tuple(option for option in variable.options if option.code == code)
        yield Column(f"{variable.code}_{code}", variable, homes, variants, options)


def _merge(columns: Sequence[Column], earlier: Iterable[Column]) -> list[Column]:
    """The columns with those of an earlier version: what is new in it stands behind what it was asked after.

    A column of an earlier version whose name now means something else has no place; its answers are counted as left out.
    """
    merged, names = list(columns), [column.name for column in columns]
    place = 0
    for column in earlier:
        if column.name in names:
            place = names.index(column.name)
            if _is_alike(merged[place], column):
                merged[place] = _widen(merged[place], column)
        else:
            merged.insert(place, column)
            names.insert(place, column.name)
        place += 1
    return merged


def _is_alike(one: Column, other: Column) -> bool:
    kinds = {one.variable.kind, other.variable.kind}
    same = one.variable.code == other.variable.code and bool(one.options) == bool(other.options)
    return same and (len(kinds) == 1 or kinds <= _CODES)


def _widen(column: Column, earlier: Column) -> Column:
    """A column that also holds the answers to an earlier version."""
    homes, variants = (*column.homes, *earlier.homes), (*column.variants, *earlier.variants)
    return replace(column, variable=_widen_variable(column.variable, earlier.variable), homes=homes, variants=variants)


def _widen_variable(new: Variable, old: Variable) -> Variable:
    """As the newer version has it, with the bounds of both, and what the older one says in languages that are gone."""
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
    """A text, in languages that the questionnaire has lost as it was worded before."""
    return replace(text, wording={**earlier.wording, **text.wording}) if text and earlier else text or earlier
