"""What stands above a page that has to be looked at once more: faults, prompts, or what another window stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from survey_engine.engine.decisions import Decision, StoredPage
from survey_engine.model.questionnaire import Page, Question, ResponseOption
from survey_engine.rendering.page_plan import Wording
from survey_engine.web.respondent.site import Site


def draw_summary(site: Site, wording: Wording, page: Page, decision: Decision, *, leaves: bool = False) -> str:
    """Args: leaves: whether Back was pressed, which a second press does all the same."""
    interface = site.find_texts(wording.questionnaire.languages[wording.language])
    entries = [
        (code, f"{label.rstrip('.:?')} – {interface.fault(decision.errors[code])}" if code in decision.errors else label)
        for code, label in list_labels(page, wording)
        if code in decision.errors or code in decision.missing
    ]
    faults = bool(decision.errors)
    template = site.templates.get_template("respondent/summary.html")
    return template.render(_=interface.say, faults=faults, entries=entries, leaves=leaves)


def draw_notice(site: Site, wording: Wording) -> str:
    """That the page was drawn too long ago to be taken in."""
    say = site.find_texts(wording.questionnaire.languages[wording.language]).say
    return site.templates.get_template("respondent/notice.html").render(_=say)


def draw_conflict(site: Site, wording: Wording, page: Page, stored: StoredPage) -> str:
    labels = dict(list_labels(page, wording))
    say = site.find_texts(wording.questionnaire.languages[wording.language]).say
    options = {item.code: question.options for question in page.questions for item in question.items}
    shown = [
        (labels[code], name_value(options.get(code, ()), value, wording))
        for code, value in stored.answers.items()
        if code in labels
    ]
    return site.templates.get_template("respondent/conflict.html").render(_=say, stored=shown)


def name_value(options: Iterable[ResponseOption], value: Any, wording: Wording) -> str:
    """An answer as plain text: the labels of what was chosen, or what was written."""
    labels = {option.code: wording.line(option.text) for option in options}
    return ", ".join(labels.get(single, str(single)) for single in (value if isinstance(value, list) else [value]))


def list_labels(page: Page, wording: Wording) -> Iterator[tuple[str, str]]:
    """Every variable on the page and how it is called at this institution, as plain text."""
    here = wording.institution.code if wording.institution else ""
    for question in page.questions:
        if not question.items:
            yield question.code, wording.line(question.text)
        offered = (item for item in question.items if not item.institutions or here in item.institutions)
        yield from ((item.code, wording.line(item.text or question.text)) for item in offered)
        yield from _list_namely(question, wording)


def _list_namely(question: Question, wording: Wording) -> Iterator[tuple[str, str]]:
    for option in question.options:
        if option.namely:
            yield f"{question.code}__namely", wording.line(option.text)
