"""Summaries above a page that is shown again: input errors, unanswered questions, or answers from another window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from survey_engine.engine.follow_ups import arrange_questions
from survey_engine.engine.random_order import arrange_parts
from survey_engine.engine.response_state import StoredPage
from survey_engine.model.questionnaire import NAMELY, Language, Page, Question, ResponseOption
from survey_engine.rendering.page_cache import PageCache
from survey_engine.rendering.page_plan import Wording
from survey_engine.rendering.page_template import PageState


def render_summary(
    pages: PageCache, language: Language, marked: Iterable[tuple[str, str]], state: PageState, *, leaves: bool = False
) -> str:
    """Render the list of input errors, else of unanswered questions, else of new follow-ups.

    Args:
        pages: the prepared pages, with the texts and templates.
        language: the language of the page.
        marked: (variable, label) to list.
        state: the state of the page, with its errors and unanswered items.
        leaves: whether Back or Stop was pressed. A second press leaves the page and discards the invalid values.
    """
    kind = "errors" if state.errors else "missing" if state.missing else "more"
    entries = [(code, label, state.errors.get(code, "")) for code, label in marked]
    template = pages.templates.get_template("respondent/summary.html")
    return template.render(_=pages.find_texts(language).translate, kind=kind, entries=entries, leaves=leaves)


def render_outdated_notice(pages: PageCache, wording: Wording) -> str:
    """Render the notice that the form had expired."""
    translate = pages.find_texts(wording.questionnaire.languages[wording.language]).translate
    return pages.templates.get_template("respondent/notice.html").render(_=translate)


def render_conflict(pages: PageCache, wording: Wording, page: Page, stored: StoredPage, *, choose: bool = False) -> str:
    """Render the stored answers of a page and two buttons. With `choose`, ask again for a choice: another button was pressed."""
    translate = pages.find_texts(wording.questionnaire.languages[wording.language]).translate
    shown = list_shown_answers(page, wording, stored.answers)
    return pages.templates.get_template("respondent/conflict.html").render(_=translate, stored=shown, choose=choose)


def list_shown_answers(page: Page, wording: Wording, answers: Mapping[str, Any], *, stems: bool = False) -> list[tuple[str, str]]:
    """List (label, answer) of each answered variable of a page, as plain text.

    Args: stems: whether the label of a statement begins with its question.
    """
    labels = dict(iter_labels(page, wording, stems=stems))
    options = {item.code: question.options for question in page.questions for item in question.items}
    return [
        (labels[code], format_answer(options.get(code, ()), value, wording)) for code, value in answers.items() if code in labels
    ]


def format_answer(options: Iterable[ResponseOption], value: Any, wording: Wording) -> str:
    """Return an answer as plain text: the labels of the response options, or the text."""
    labels = {option.code: wording.line(option.text) for option in options}
    return ", ".join(labels.get(single, str(single)) for single in (value if isinstance(value, list) else [value]))


def iter_labels(page: Page, wording: Wording, *, stems: bool = False, seed: int | None = None) -> Iterator[tuple[str, str]]:
    """Iterate over (variable, label) of a page at this institution, as plain text, in the order of the page.

    Args:
        page: the page.
        wording: language and institution.
        stems: whether the label of a statement begins with its question.
        seed: the number that random orders depend on.
    """
    here = wording.institution.code if wording.institution else ""
    for question in arrange_questions(page, seed):
        if not question.items:
            yield question.code, wording.line(question.text)
        offered = arrange_parts(question, [item for item in question.items if item.is_at(here)], seed)
        stem = f"{wording.line(question.text)} – " if stems else ""
        yield from ((i.code, stem + wording.line(i.text) if i.text else wording.line(question.text)) for i in offered)
        yield from _iter_namely(question, wording)


def _iter_namely(question: Question, wording: Wording) -> Iterator[tuple[str, str]]:
    for option in question.options:
        if option.namely:
            yield question.code + NAMELY, wording.line(option.text)
