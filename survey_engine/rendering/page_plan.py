"""The page plan: all data that a template needs for one page in one language at one institution.

Texts have slots for everything that depends on the respondent. `PageTemplate` in `page_template.py` fills the slots.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from html import escape, unescape
from typing import Any

import nh3
from babel.numbers import get_decimal_symbol

from survey_engine.engine.follow_ups import is_fixed, list_blocks
from survey_engine.engine.random_order import keeps_place
from survey_engine.language.markup import SCHEMES, render_inline, strip_markup
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.question_types.mark_scale import HIGHEST, LOWEST
from survey_engine.language.variants import find_locale
from survey_engine.language.wordings import PLACEHOLDER
from survey_engine.model.conditions import NEVER
from survey_engine.model.exposure import find_exposure
from survey_engine.model.questionnaire import (
    NAMELY,
    Code,
    Condition,
    Institution,
    Language,
    Page,
    Question,
    Questionnaire,
    Text,
    Variable,
)

SLOT_OPEN, SLOT_BETWEEN, SLOT_CLOSE = "\x02", "\x1f", "\x03"
SLOT = re.compile(f"{SLOT_OPEN}[^{SLOT_OPEN}{SLOT_CLOSE}]*{SLOT_CLOSE}")
_NO_SLOTS = dict.fromkeys(map(ord, (SLOT_OPEN, SLOT_BETWEEN, SLOT_CLOSE)))
"""Removes slot characters from authors' texts, which may contain any character."""
_TAGS = {"em", "strong", "a"}


@dataclass(frozen=True, slots=True)
class OptionPlan:
    code: Code
    html: str
    namely: bool
    exclusive: bool
    outside_scale: bool
    when: Condition | None
    fixed: bool


@dataclass(frozen=True, slots=True)
class ItemPlan:
    code: str
    html: str
    when: Condition | None
    required: bool
    fixed: bool


@dataclass(frozen=True, slots=True)
class QuestionPlan:
    type: str
    code: str
    html: str
    help: str
    notice: str
    unit: str
    items: tuple[ItemPlan, ...]
    options: tuple[OptionPlan, ...]
    when: Condition | None
    low: int | None
    high: int | None
    earliest: str | None
    latest: str | None
    max_length: int
    at_least: int
    at_most: int
    random_order: bool
    comments_on: str
    hint_at: str
    """Code of the question on the page that shows the hint for this type of question."""

    @property
    def namely(self) -> OptionPlan | None:
        return next((option for option in self.options if option.namely), None)

    @property
    def marks(self) -> tuple[OptionPlan, ...]:
        """The options of a scale of marks; empty for other questions."""
        return tuple(option for option in self.options if not option.outside_scale) if self.low is not None else ()

    @property
    def mark_ends(self) -> tuple[OptionPlan, ...]:
        return (self.marks[0], self.marks[-1])

    @property
    def has_plain_marks(self) -> bool:
        """Whether the marks are 1 to 10 without labels."""
        return all(end.html == str(end.code) for end in self.mark_ends) and (self.low, self.high) == (LOWEST, HIGHEST)

    @property
    def outside(self) -> tuple[OptionPlan, ...]:
        return tuple(option for option in self.options if option.outside_scale)


@dataclass(frozen=True, slots=True)
class BlockPlan:
    """Questions that a random order keeps together; on a page without random order, all questions."""

    code: str
    fixed: bool
    questions: tuple[QuestionPlan, ...]


@dataclass(frozen=True, slots=True)
class PagePlan:
    code: str
    slug: str
    heading: str
    """The title of the page or of its section, as HTML."""
    blocks: tuple[BlockPlan, ...]
    random_order: bool
    labels: Mapping[str, Mapping[Code, str]]
    """Placeholder → value → label as HTML, for earlier answers and background variables named on this page."""

    @property
    def questions(self) -> tuple[QuestionPlan, ...]:
        return tuple(question for block in self.blocks for question in block.questions)


class Wording:
    """Converts texts to HTML for one language and institution: terms are filled in, markup is rendered, other placeholders become slots."""

    def __init__(self, questionnaire: Questionnaire, language: Language, institution: Institution | None) -> None:
        self.questionnaire, self.language, self.institution = questionnaire, language.code, institution
        own = institution.terms if institution else {}
        terms = {term: self.plain(own.get(term, text)) for term, text in questionnaire.terms.items()}
        name = escape(institution.name) if institution else ""
        self.fixed = {term: _render_line(wording) for term, wording in terms.items()} | {"institution": name}
        self._lines = {term: strip_markup(wording) for term, wording in terms.items()}
        self.decimal = get_decimal_symbol(find_locale(language.locale) or "en")
        self.slots: set[str] = set()
        """Placeholders that have become slots so far."""

    def plain(self, text: Text | None) -> str:
        """Return the author's wording in the variant; in the source language if the variant has none."""
        if text is None:
            return ""
        wording = text.wording
        own = wording.get(self.language) or wording.get(self.questionnaire.source_language) or next(iter(wording.values()), "")
        return own.translate(_NO_SLOTS)

    def html(self, text: Text | None) -> str:
        """Return one line of text as HTML."""
        return self._fill(_render_line(self.plain(text)))

    def paragraphs(self, text: Text | None) -> str:
        """Return a text as HTML paragraphs. Empty lines separate paragraphs."""
        parts = [" ".join(part.split()) for part in self.plain(text).split("\n\n")]
        return self._fill("".join(f"<p>{_render_line(part)}</p>" for part in parts if part))

    def line(self, text: Text | None) -> str:
        """Return one line without markup or slots, for a title bar."""
        return PLACEHOLDER.sub(
            lambda found: self._lines.get(found[1]) or unescape(self.fixed.get(found[1], "…")), strip_markup(self.plain(text))
        )

    def _fill(self, html: str) -> str:
        return PLACEHOLDER.sub(lambda found: self._placeholder(found[1]), html)

    def _placeholder(self, name: str) -> str:
        if name in self.fixed:
            return self.fixed[name]
        if derived := self.questionnaire.derived.get(name):
            return SLOT_BETWEEN.join([f"{SLOT_OPEN}derived", name, self.decimal, *derived.names]) + SLOT_CLOSE
        self.slots.add(name)
        return f"{SLOT_OPEN}known{SLOT_BETWEEN}{name}{SLOT_CLOSE}"

    def labels(self, variable: Variable) -> dict[Code, str]:
        """Return option → label as HTML. Placeholders in a label become "…", because a label itself fills a slot."""
        return {option.code: SLOT.sub("…", self.html(option.text)) for option in variable.options}


@lru_cache(maxsize=1000)
def _render_line(text: str) -> str:
    """Return one line of text as HTML. Cached, because all start pages and proofs of completion have the same texts."""
    return nh3.clean(render_inline(text), tags=_TAGS, attributes={"a": {"href"}}, url_schemes=SCHEMES, link_rel="noopener")


def plan_page(questionnaire: Questionnaire, page: Page, heading: Text | None, wording: Wording) -> PagePlan:
    """Plan one page; `heading` is the heading of the page if it has no title."""
    institution = wording.institution.code if wording.institution else ""
    here = [question for question in page.questions if find_exposure(question, institution) is not NEVER]
    hints = {question.code: question.code for question in here} if page.random_order else _place_hints(here, institution)
    blocks = tuple(
        BlockPlan(
            block[0].code,
            is_fixed(block),
            tuple(_plan_question(question, wording, institution, hints) for question in block if question in here),
        )
        for block in (list_blocks(page) if page.random_order else (page.questions,))
    )
    title = wording.html(page.title or heading or questionnaire.title)
    variables = [questionnaire.variables.get(name) for name in sorted(wording.slots)]
    labels = {variable.code: wording.labels(variable) for variable in variables if variable}
    labels |= {f"{v.code}{NAMELY}": {o.code: "" for o in v.options if o.namely} for v in variables if v}
    return PagePlan(page.code, page.slug, title, blocks, page.random_order, labels)


def _place_hints(questions: list[Question], institution: str) -> dict[str, str]:
    """Return question → the question that shows the hint for its type: an earlier question that is always asked, or itself."""
    always: dict[str, str] = {}
    found: dict[str, str] = {}
    for question in questions:
        marked = question.type == "mark" and question.options
        bounded = bool(question.at_least or question.at_most or marked)  # then the question has a hint of its own
        found[question.code] = question.code if bounded else always.get(question.type, question.code)
        if find_exposure(question, institution) is None and not bounded:
            always.setdefault(question.type, question.code)
    return found


def _plan_question(question: Question, wording: Wording, institution: str, hints: Mapping[str, str]) -> QuestionPlan:
    return QuestionPlan(
        type=question.type,
        code=question.code,
        html=wording.paragraphs(question.text) if QUESTION_TYPES[question.type].has_paragraphs else wording.html(question.text),
        help=wording.html(question.help),
        notice=wording.html(question.notice),
        unit=wording.html(question.unit),
        items=tuple(
            ItemPlan(i.code, wording.html(i.text), i.when, i.required, keeps_place(i))
            for i in question.items
            if i.is_at(institution)
        ),
        options=tuple(
            OptionPlan(o.code, wording.html(o.text), o.namely, o.exclusive, o.outside_scale, o.when, keeps_place(o))
            for o in question.options
            if o.is_at(institution)
        ),
        when=find_exposure(question, institution),
        low=question.low,
        high=question.high,
        earliest=question.earliest,
        latest=question.latest,
        max_length=question.max_length,
        at_least=question.at_least,
        at_most=question.at_most,
        random_order=question.random_order,
        comments_on=question.comments_on,
        hint_at=hints[question.code],
    )


def format_derived_value(value: int | Fraction | None, decimal: str) -> str:
    """Return a derived value with at most one decimal; "…" if it has no value.

    >>> format_derived_value(Fraction(10, 3), ","), format_derived_value(4, ",")
    ('3,3', '4')
    """
    return "…" if value is None else f"{float(value):.1f}".removesuffix(".0").replace(".", decimal)


def format_value(labels: Mapping[str, Mapping[Code, str]], name: str, value: Any, typed: str | None = None) -> str:
    """Return the HTML for a placeholder: the label of an answer, or the text itself; "…" without an answer.

    `typed` is the other text of the option "other, namely"; it replaces the label of that option.
    """
    if value is None:
        return "…"
    values = value if isinstance(value, list) else [value]
    known = dict(labels.get(name, {}))
    if typed:
        known |= dict.fromkeys(labels.get(name + NAMELY, ()), escape(typed))
    return ", ".join(known.get(single) or escape(str(single)) for single in values)
