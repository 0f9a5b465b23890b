"""Answers hidden from a device: the device continues a response but does not show the answers that were stored before.

The signed `link_mark` of cookies and tickets has the hidden pages as a bit mask over the pages of the questionnaire's version. Answers on
hidden pages stay stored until they are given again. After a login by name or a launch, pages that another device saves are hidden too.
"""

from __future__ import annotations

from collections.abc import Collection

from survey_engine.engine.decisions import PagePost
from survey_engine.engine.response_state import Response
from survey_engine.engine.routing import list_question_variables
from survey_engine.fieldwork.signing import HIDDEN_ANSWERS, name_login
from survey_engine.model.questionnaire import Page, Questionnaire


def hide_answers(questionnaire: Questionnaire, response: Response) -> Response:
    """Return the response with a link mark that hides all pages stored so far."""
    return _hide_pages(questionnaire, response, response.overview().stored)


def hide_others(questionnaire: Questionnaire, response: Response) -> Response:
    """Return the response with a link mark that hides the loaded pages that another login, launch or link saved last.

    A device with a personal link hides none of them: nobody else has the link. But a classmate may know the name and birth date of a
    person, and log in before or while this person answers.
    """
    login = name_login(response.link_mark)
    others = {code for code, page in response.pages.items() if not page.writer.startswith(login)} if login else set[str]()
    return _hide_pages(questionnaire, response, others) if others else response


def _hide_pages(questionnaire: Questionnaire, response: Response, codes: Collection[str]) -> Response:
    pages = (page for _, page in questionnaire.placed_pages.values())
    mask = sum(1 << at for at, page in enumerate(pages) if page.code in codes)
    return response._replace(link_mark=join_link_marks(response.link_mark, f"{HIDDEN_ANSWERS}{mask:x}"))


def join_link_marks(link_mark: str, other: str) -> str:
    """Return `link_mark` with the hidden pages of both link marks."""
    if not hides_answers(other):
        return link_mark
    link, _, mask = link_mark.partition(HIDDEN_ANSWERS)
    return f"{link}{HIDDEN_ANSWERS}{int(mask or '0', 16) | int(other.partition(HIDDEN_ANSWERS)[2], 16):x}"


def reveal_page(questionnaire: Questionnaire, link_mark: str, slug: str) -> str:
    """Return the link mark with one page no longer hidden: the form of this page showed its answers."""
    link, hidden, mask = link_mark.partition(HIDDEN_ANSWERS)
    at = 1 << list(questionnaire.placed_pages).index(slug)
    return f"{link}{HIDDEN_ANSWERS}{int(mask, 16) & ~at:x}" if hidden else link_mark


def hides_answers(link_mark: str) -> bool:
    return HIDDEN_ANSWERS in link_mark


def list_hidden_pages(questionnaire: Questionnaire, link_mark: str) -> list[Page]:
    """Return the pages whose earlier answers are hidden."""
    mask = int(link_mark.partition(HIDDEN_ANSWERS)[2] or "0", 16)
    return [page for at, (_, page) in enumerate(questionnaire.placed_pages.values()) if mask >> at & 1] if mask else []


def hides_page(questionnaire: Questionnaire, link_mark: str, slug: str) -> bool:
    """Whether the earlier answers of a page are hidden."""
    return hides_answers(link_mark) and any(page.slug == slug for page in list_hidden_pages(questionnaire, link_mark))


def mark_hidden(questionnaire: Questionnaire, link_mark: str, slug: str, post: PagePost) -> PagePost:
    """Return the posted page, marked to keep the stored answers that its form did not show."""
    return post._replace(keeps_stored=hides_page(questionnaire, link_mark, slug)) if hides_answers(link_mark) else post


def list_hidden_variables(questionnaire: Questionnaire, link_mark: str) -> frozenset[str]:
    """Return the variables of hidden pages: placeholders do not show their values."""
    pages = list_hidden_pages(questionnaire, link_mark) if hides_answers(link_mark) else []
    return frozenset(name for page in pages for question in page.questions for name in list_question_variables(question))
