"""Answers hidden from a device: the device continues a response but does not show the answers that were stored before.

The signed `link_mark` of cookies and tickets has the hidden pages. Answers on hidden pages stay stored until they are given
again. After a login by name or a launch, pages that another device saves are hidden too.
"""

from __future__ import annotations

from collections.abc import Collection

from survey_engine.engine.decisions import PagePost
from survey_engine.engine.link_mark import LinkMark
from survey_engine.engine.response_state import Response
from survey_engine.engine.routing import list_question_variables
from survey_engine.model.questionnaire import Page, Questionnaire


def hide_answers(questionnaire: Questionnaire, response: Response) -> Response:
    """Return the response with a link mark that hides all pages stored so far."""
    return _hide_pages(questionnaire, response, response.overview().stored)


def hide_others(questionnaire: Questionnaire, response: Response) -> Response:
    """Return the response with a link mark that hides the loaded pages that another login, launch or link saved last.

    A device with a personal link hides none of them: nobody else has the link. But a classmate may know the name and birth date of a
    person, and log in before or while this person answers.
    """
    login = response.link_mark.login
    others = {code for code, page in response.pages.items() if not page.writer.startswith(login)} if login else set[str]()
    return _hide_pages(questionnaire, response, others) if others else response


def _hide_pages(questionnaire: Questionnaire, response: Response, codes: Collection[str]) -> Response:
    pages = (page for _, page in questionnaire.placed_pages.values())
    mask = sum(1 << at for at, page in enumerate(pages) if page.code in codes)
    return response._replace(link_mark=hide_also(response.link_mark, mask))


def hide_also(link_mark: LinkMark, hidden: int | None) -> LinkMark:
    """Return the link mark with more hidden pages. Args: hidden: as in `LinkMark`."""
    return link_mark if hidden is None else link_mark._replace(hidden=(link_mark.hidden or 0) | hidden)


def reveal_page(questionnaire: Questionnaire, link_mark: LinkMark, slug: str) -> LinkMark:
    """Return the link mark with one page no longer hidden: the form of this page showed its answers."""
    at = 1 << list(questionnaire.placed_pages).index(slug)
    return link_mark if link_mark.hidden is None else link_mark._replace(hidden=link_mark.hidden & ~at)


def hides_answers(link_mark: LinkMark) -> bool:
    return link_mark.hidden is not None


def list_hidden_pages(questionnaire: Questionnaire, link_mark: LinkMark) -> list[Page]:
    """Return the pages whose earlier answers are hidden."""
    mask = link_mark.hidden or 0
    return [page for at, (_, page) in enumerate(questionnaire.placed_pages.values()) if mask >> at & 1] if mask else []


def hides_page(questionnaire: Questionnaire, link_mark: LinkMark, slug: str) -> bool:
    """Whether the earlier answers of a page are hidden."""
    return hides_answers(link_mark) and any(page.slug == slug for page in list_hidden_pages(questionnaire, link_mark))


def mark_hidden(questionnaire: Questionnaire, link_mark: LinkMark, slug: str, post: PagePost) -> PagePost:
    """Return the posted page, marked to keep the stored answers that its form did not show."""
    return post._replace(keeps_stored=hides_page(questionnaire, link_mark, slug)) if hides_answers(link_mark) else post


def list_hidden_variables(questionnaire: Questionnaire, link_mark: LinkMark) -> frozenset[str]:
    """Return the variables of hidden pages: placeholders do not show their values."""
    pages = list_hidden_pages(questionnaire, link_mark) if hides_answers(link_mark) else []
    return frozenset(name for page in pages for question in page.questions for name in list_question_variables(question))
