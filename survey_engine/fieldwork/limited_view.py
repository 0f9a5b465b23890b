"""A limited view of a response: its device goes on without seeing the answers that were stored before.

The hidden pages are part of the signed `entry` of cookies and tickets, as a bit mask over the pages of the questionnaire's version.
Answers on them are kept unless they are given again.
"""

from __future__ import annotations

from survey_engine.engine.decisions import PagePost, Response
from survey_engine.engine.routing import list_question_variables
from survey_engine.fieldwork.signing import LIMITED
from survey_engine.model.questionnaire import Page, Questionnaire


def limit_response(questionnaire: Questionnaire, response: Response) -> Response:
    """Return the response with an entry that hides all pages stored so far."""
    stored = response.overview().stored
    pages = (page for _, page in questionnaire.placed_pages.values())
    mask = sum(1 << at for at, page in enumerate(pages) if page.code in stored)
    return response._replace(entry=join_entries(response.entry, f"{LIMITED}{mask:x}"))


def join_entries(entry: str, other: str) -> str:
    """Return the entry with the hidden pages of both."""
    if not is_limited(other):
        return entry
    link, _, mask = entry.partition(LIMITED)
    return f"{link}{LIMITED}{int(mask or '0', 16) | int(other.partition(LIMITED)[2], 16):x}"


def reveal_page(questionnaire: Questionnaire, entry: str, slug: str) -> str:
    """Return the entry without one page among the hidden ones: a form of that page shows its answers."""
    link, limited, mask = entry.partition(LIMITED)
    at = 1 << list(questionnaire.placed_pages).index(slug)
    return f"{link}{LIMITED}{int(mask, 16) & ~at:x}" if limited else entry


def is_limited(entry: str) -> bool:
    return LIMITED in entry


def list_hidden_pages(questionnaire: Questionnaire, entry: str) -> list[Page]:
    """The pages whose earlier answers are hidden."""
    mask = int(entry.partition(LIMITED)[2] or "0", 16)
    return [page for at, (_, page) in enumerate(questionnaire.placed_pages.values()) if mask >> at & 1] if mask else []


def hides(questionnaire: Questionnaire, entry: str, slug: str) -> bool:
    """Whether the earlier answers of a page are hidden."""
    return is_limited(entry) and any(page.slug == slug for page in list_hidden_pages(questionnaire, entry))


def mark_hidden(questionnaire: Questionnaire, entry: str, slug: str, post: PagePost) -> PagePost:
    """Let a post keep the earlier answers that its form did not show."""
    return post._replace(keeps_stored=hides(questionnaire, entry, slug)) if is_limited(entry) else post


def list_hidden_variables(questionnaire: Questionnaire, entry: str) -> frozenset[str]:
    """The variables that placeholders do not show."""
    pages = list_hidden_pages(questionnaire, entry) if is_limited(entry) else []
    return frozenset(name for page in pages for question in page.questions for name in list_question_variables(question))
