"""What stands above a page that has to be looked at once more: faults, prompts, or what another window stored."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from survey_engine.answering import Decision, StoredPage
from survey_engine.model import Page, Question
from survey_engine.pages import Wording, show_value
from survey_engine.web.interface import Interface
from survey_engine.web.site import Site


def draw_summary(site: Site, interface: Interface, wording: Wording, page: Page, decision: Decision) -> str:
    entries = [
        (code, f"{label}: {interface.fault(decision.faults[code])}" if code in decision.faults else label)
        for code, label in list_labels(page, wording)
        if code in decision.faults or code in decision.missing
    ]
    faults = bool(decision.faults)
    return site.templates.get_template("summary.html").render(_=interface.say, faults=faults, entries=entries)


def draw_conflict(site: Site, interface: Interface, wording: Wording, page: Page, stored: StoredPage, action: str) -> str:
    labels = dict(list_labels(page, wording))
    options = {item.code: {o.code: wording.html(o.text) for o in q.options} for q in page.questions for item in q.items}
    shown = [
        (labels.get(code, code), show_value(options, code, value)) for code, value in stored.answers.items() if code in labels
    ]
    return site.templates.get_template("conflict.html").render(_=interface.say, stored=shown, action=action)


def list_labels(page: Page, wording: Wording) -> Iterator[tuple[str, str]]:
    """Every variable on the page and how it is called, as plain text."""
    for question in page.questions:
        if question.type == "panel" or not question.items:
            yield question.code, wording.line(question.text)
        yield from ((item.code, wording.line(item.text or question.text)) for item in question.items)
        yield from _list_namely(question, wording)


def _list_namely(question: Question, wording: Wording) -> Iterator[tuple[str, str]]:
    for option in question.options:
        if option.namely:
            yield f"{question.code}__namely", escape(wording.line(option.text))
