"""The stored state of one respondent's answers to one questionnaire."""

from __future__ import annotations

from collections.abc import Mapping, Set
from types import MappingProxyType
from typing import NamedTuple

from survey_engine.engine.link_mark import NO_LINK_MARK, LinkMark
from survey_engine.engine.routing import Respondent
from survey_engine.model.questionnaire import Values


class StoredPage(NamedTuple):
    """The stored state of one page of a response."""

    answers: Values
    saves: int = 1
    """How often this page was saved: the column `page.version`."""
    writer: str = ""
    """The writer (one per tab and visit) of the last save."""
    number: int = 0
    """The number of this save; each writer counts its own saves."""
    done: bool = False
    """Whether the respondent continued from this page."""
    seconds_left: int = 0
    paradata: str | None = None
    """In the format of `engine.paradata`; None for pages saved by older releases and pages with a panel question."""


class Overview(NamedTuple):
    """A summary of all stored pages."""

    stored: Set[str]
    done: set[str] | frozenset[str]
    """The pages from which the respondent continued."""
    seconds_left: int | None
    """The lowest remaining time shown to the respondent; None before the first page is stored."""


class LockState(NamedTuple):
    """The values that an optimistic lock compares."""

    saves: int
    language: str


class Response(NamedTuple):
    """The stored state of one respondent's answers to one questionnaire."""

    id: int
    questionnaire: str
    version: str
    respondent: Respondent
    pages: Mapping[str, StoredPage] = MappingProxyType({})
    reasons: Mapping[str, str] = MappingProxyType({})
    """Module or arm → the reason for its assignment."""
    languages: tuple[str, ...] = ()
    completed: bool = False
    saves: int = 0
    """How often any page of the response was saved."""
    pseudonym: str | None = None
    """Identifies the seat; None for an open link."""
    progress_bar: bool = True
    """Whether the pages show the progress bar: the group of a split ballot."""
    link_mark: LinkMark = NO_LINK_MARK
    """How this device opened the response; not stored."""
    summary: Overview | None = None
    """The summary of all stored pages, if `pages` contains only some of them."""
    saved: float | None = None
    """The time of the last save before the response was loaded, in seconds since 1970; None if no page was stored."""

    def answers(self) -> dict[str, Values]:
        return {page: stored.answers for page, stored in self.pages.items()}

    def overview(self) -> Overview:
        return self.summary or summarise_pages(self.pages)

    def lock_state(self) -> LockState:
        return LockState(self.saves, self.respondent.language)

    def with_page(self, code: str, page: StoredPage) -> Response:
        """Return the response with this page stored."""
        stored, done, left = self.overview()
        left = page.seconds_left if left is None else min(left, page.seconds_left)
        summary = Overview(stored | {code}, done | {code} if page.done else done, left)
        return self._replace(pages={**self.pages, code: page}, summary=summary, saves=self.saves + 1)


def summarise_pages(pages: Mapping[str, StoredPage]) -> Overview:
    done = {code for code, page in pages.items() if page.done}
    return Overview(pages.keys(), done, min((page.seconds_left for page in pages.values()), default=None))
