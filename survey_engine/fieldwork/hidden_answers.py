"""Answers hidden from a device: it continues a response without the answers that were stored before.

The hidden pages are part of the signed `link_mark` of cookies and tickets, as a bit mask over the pages of the questionnaire's version.
Answers on them are kept unless they are given again.
"""

from __future__ import annotations

from survey_engine.engine.decisions import PagePost, Response
from survey_engine.engine.routing import list_question_variables
from survey_engine.fieldwork.signing import HIDDEN
from survey_engine.model.questionnaire import Page, Questionnaire


def hide_answers(questionnaire: Questionnaire, response: Response) -> Response:
    """Return the response with a link mark that hides all pages stored so far."""
    stored = response.overview().stored
    pages = (page for _, page in questionnaire.placed_pages.values())
    mask = sum(1 << at for at, page in enumerate(pages) if page.code in stored)
    return response._replace(link_mark=f"{response.link_mark.partition(HIDDEN)[0]}{HIDDEN}{mask:x}")


def hides_answers(link_mark: str) -> bool:
    return HIDDEN in link_mark


def list_hidden_pages(questionnaire: Questionnaire, link_mark: str) -> list[Page]:
    """The pages whose earlier answers are hidden."""
    mask = int(link_mark.partition(HIDDEN)[2] or "0", 16)
    return [page for at, (_, page) in enumerate(questionnaire.placed_pages.values()) if mask >> at & 1] if mask else []


def hides_page(questionnaire: Questionnaire, link_mark: str, slug: str) -> bool:
    """Whether the earlier answers of a page are hidden."""
    return hides_answers(link_mark) and any(page.slug == slug for page in list_hidden_pages(questionnaire, link_mark))


def mark_hidden(questionnaire: Questionnaire, link_mark: str, slug: str, post: PagePost) -> PagePost:
    """Let a post keep the earlier answers that its form did not show."""
    return post._replace(keeps_stored=hides_page(questionnaire, link_mark, slug)) if hides_answers(link_mark) else post


def list_hidden_variables(questionnaire: Questionnaire, link_mark: str) -> frozenset[str]:
    """The variables that placeholders do not show."""
    pages = list_hidden_pages(questionnaire, link_mark) if hides_answers(link_mark) else []
    return frozenset(name for page in pages for question in page.questions for name in list_question_variables(question))
