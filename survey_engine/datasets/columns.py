"""The columns of an export, in the order of asking, and the places where each is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from survey_engine.engine.assignment import find_rule
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.questionnaire import Block, Group, Item, Page, Question, Questionnaire, ResponseOption, Section, Variable

FIXED = ("respondent", "version", "edition", "institution", "language", "languages", "started", "completed", "status")
"""What every export begins with. A name that the questionnaire uses itself gets _ behind it."""
STATUSES = {
    "complete": "Finished the questionnaire",
    "broken_off": "Has not finished it",
    "withdrawn": "Has not finished it, and the personal link was withdrawn",
}


@dataclass(frozen=True, slots=True)
class Home:
    """One place where a question is asked."""

    group: Group
    section: Section
    page: Page
    question: Question
    module: str | None = None
    """The module or theme that it belongs to."""
    institutions: tuple[str, ...] | None = None
    """The institutions that ask it there; None is all of them."""


@dataclass(frozen=True, slots=True)
class Column:
    """One variable of the questionnaire, or one option of a question with several answers."""

    name: str
    variable: Variable
    homes: tuple[Home, ...]
    options: tuple[ResponseOption, ...] = ()
    """The one option that it is about, as the institutions word it; none when it is about all of them."""

    @property
    def is_text(self) -> bool:
        """Open texts are exported apart."""
        return self.variable.kind == "text"

    def find_item(self, home: Home) -> Item | None:
        """The item that it belongs to there; None when it belongs to the question as a whole."""
        return find_owner(home.question, self.variable.code)


def find_owner(question: Question, variable: str) -> Item | None:
    """The item of a variable: its own, or that of `item__version`.

    The namely text of a question belongs to that question's only item.
    """
    exact = (item for item in question.items if variable == item.code)
    return next(exact, None) or next((item for item in question.items if variable.startswith(item.code + "__")), None)


@dataclass(frozen=True)
class Layout:
    """Everything that one questionnaire's export has columns for."""

    questionnaire: Questionnaire
    fixed: dict[str, str]
    """What stands in it → column name."""
    modules: dict[str, str]
    """Module → column name; empty when the questionnaire assigns none."""
    background: tuple[Variable, ...]
    columns: tuple[Column, ...]
    """Everything that is asked, in the order of asking."""

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


def lay_out(questionnaire: Questionnaire) -> Layout:
    columns = _list_columns(questionnaire)
    taken = {*questionnaire.background, *(column.name for column in columns)}
    modules = questionnaire.modules if find_rule(questionnaire) else ()
    return Layout(
        questionnaire=questionnaire,
        fixed={name: _find_free(name, taken) for name in FIXED},
        modules={module: _find_free(f"module_{module}", taken) for module in modules},
        background=tuple(questionnaire.background.values()),
        columns=tuple(columns),
    )


def _find_free(name: str, taken: set[str]) -> str:
    return _find_free(name + "_", taken) if name in taken else name


def _list_columns(questionnaire: Questionnaire) -> list[Column]:
    variables: dict[str, Variable] = {}
    homes: dict[str, list[Home]] = {}
    for home in list_homes(questionnaire):
        for variable in QUESTION_TYPES[home.question.type].variables(home.question):
            variables.setdefault(variable.code, variable)
            homes.setdefault(variable.code, []).append(home)
    return [column for variable in variables.values() for column in _split(variable, tuple(homes[variable.code]))]


def _split(variable: Variable, homes: tuple[Home, ...]) -> Iterator[Column]:
    if variable.kind != "codes":
        yield Column(variable.code, variable, homes)
        return
    for code in dict.fromkeys(variable.codes):
        options = tuple(option for option in variable.options if option.code == code)
        yield Column(f"{variable.code}_{code}", variable, homes, options)


def list_homes(questionnaire: Questionnaire) -> Iterator[Home]:
    """Every place where any question is asked, in the order of asking; themes and own questions with who asks them."""
    for group in questionnaire.order:
        for section in group.sections:
            yield from _list_in(group, section)
        if group.modules:
            for code, module in questionnaire.modules.items():
                yield from _list_in(group, module, code)
        if group.blocks:
            yield from _list_in_blocks(questionnaire, group)
        if group.own_questions:
            for institution in questionnaire.institutions.values():
                if institution.own_questions:
                    yield from _list_in(group, institution.own_questions, None, [institution.code])


def _list_in(
    group: Group, section: Section, module: str | None = None, institutions: Iterable[str] | None = None
) -> Iterator[Home]:
    who = None if institutions is None else tuple(institutions)
    for page in section.pages:
        for question in page.questions:
            yield Home(group, section, page, question, module, who)


def _list_in_blocks(questionnaire: Questionnaire, group: Group) -> Iterator[Home]:
    """Themes first, also those that no institution took; institutions with the same condition stand together."""
    blocks = [(institution.code, block) for institution in questionnaire.institutions.values() for block in institution.blocks]
    for code, theme in questionnaire.modules.items():
        takers: dict[str, list[tuple[str, Block]]] = {}
        for institution, block in blocks:
            if block.theme == code:
                when = block.section.when
                takers.setdefault(when.source if when else "", []).append((institution, block))
        for alike in takers.values():
            yield from _list_in(group, alike[0][1].section, code, (institution for institution, _ in alike))
        if not takers:
            yield from _list_in(group, theme, code, ())
    for institution, block in blocks:
        if not block.theme:
            yield from _list_in(group, block.section, None, [institution])
