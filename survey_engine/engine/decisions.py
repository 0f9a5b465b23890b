"""What one submitted page changes: the only place where a POST is decided. Pure.

The path is computed once; once more when an option was posted that is not offered any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, NamedTuple

from survey_engine.engine.posted_page import PostedPage
from survey_engine.engine.routing import Path, Respondent, Step, find_shape, route
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.question_types.question_type import Form, InputError
from survey_engine.language.question_types.yes_no import YES
from survey_engine.model.questionnaire import Page, Questionnaire, Values
from survey_engine.model.variables import is_asked


class StoredPage(NamedTuple):
    """What is stored of one page of a response."""

    answers: Values
    version: int = 1
    writer: str = ""
    """The drawing of the page that wrote it last: one per tab and visit."""
    number: int = 0
    """That writer's count of its saves."""
    done: bool = False
    """Whether the respondent has gone on from it."""
    seconds_left: int = 0


class Overview(NamedTuple):
    """What is known of all stored pages."""

    stored: Set[str]
    done: set[str] | frozenset[str]
    """Those that the respondent has gone on from."""
    seconds_left: int | None
    """The least that was shown so far; None before the first page is stored."""


class SeenState(NamedTuple):
    """By what one tells that a response is still as it was."""

    saves: int
    language: str


class Response(NamedTuple):
    """All that is stored of one respondent's answers to one questionnaire."""

    id: int
    questionnaire: str
    version: str
    respondent: Respondent
    pages: Mapping[str, StoredPage] = MappingProxyType({})
    reasons: Mapping[str, str] = MappingProxyType({})
    """Module → why this respondent gets it."""
    languages: tuple[str, ...] = ()
    completed: bool = False
    saves: int = 0
    """How often a page of it was stored."""
    pseudonym: str | None = None
    """Stands for the seat; None on an open link."""
    entry: str = ""
    """Stands for the link that the device at hand came in by; not stored."""
    summary: Overview | None = None
    """Of all stored pages, where only those that are needed were read."""

    def answers(self) -> dict[str, Values]:
        return {page: stored.answers for page, stored in self.pages.items()}

    def overview(self) -> Overview:
        return self.summary or summarise_pages(self.pages)

    def seen(self) -> SeenState:
        return SeenState(self.saves, self.respondent.language)

    def put(self, code: str, page: StoredPage) -> Response:
        """The response once this page is stored."""
        stored, done, left = self.overview()
        left = page.seconds_left if left is None else min(left, page.seconds_left)
        summary = Overview(stored | {code}, done | {code} if page.done else done, left)
        return self._replace(pages={**self.pages, code: page}, summary=summary, saves=self.saves + 1)


def summarise_pages(pages: Mapping[str, StoredPage]) -> Overview:
    done = {code for code, page in pages.items() if page.done}
    return Overview(pages.keys(), done, min((page.seconds_left for page in pages.values()), default=None))


class PagePost(NamedTuple):
    """One posted page: who wrote it and on what it was based, what it wants, and the form itself."""

    form: Form
    writer: str
    based_on: int
    number: int = 1
    wish: Literal["next", "back", "keep"] = "next"
    language: str | None = None
    prompted: bool = False
    """Whether its unanswered items were pointed out before."""
    warned: frozenset[str] = frozenset()
    """The variables whose faults were pointed out before: Back goes on without them."""
    follows: str = ""
    """The writer that this one took over from: the same tab, before it was reloaded."""
    drawn_from: str = ""
    """Names the form: of which version of the questionnaire and by which protocol; empty where none was drawn."""


class Save(NamedTuple):
    """One page to be stored; it counts only if nobody else stored that page since `based_on`, nor any page since `seen`."""

    page: str
    answers: Values
    writer: str
    number: int
    based_on: int
    done: bool
    seconds_left: int
    seen: SeenState | None = None
    """What it was decided on; None when that does not matter."""


@dataclass(slots=True)
class Decision:
    """What follows from a submission."""

    outcome: Literal["next", "again", "kept", "complete", "stale", "late", "elsewhere"]
    """`again`: the same page, with faults or prompts · `late`: an older try of a save that is already stored."""
    slug: str | None
    """The page to show."""
    path: Path
    save: Save | None = None
    faults: dict[str, InputError] = field(default_factory=dict)
    """What was typed and is not stored, by variable: the save is partial. On `again`, also consents that one cannot go on without."""
    missing: list[str] = field(default_factory=list)
    address: tuple[str, str] | None = None
    """Panel and e-mail address, to be stored apart from the answers; an empty one takes back what was given before."""
    unsent: tuple[str, str] | None = None
    """Panel and e-mail address that was typed, and is stored with Next only."""


def answer_page(questionnaire: Questionnaire, response: Response, slug: str, submission: PagePost) -> Decision:
    """Decide one submitted page.

    A page off the path, or beyond the first one that was not answered, changes nothing and leads to the right one.
    An older text of this page is never silently put over a newer one.
    """
    respondent = response.respondent
    answers = response.answers()
    if slug not in questionnaire.placed_pages:
        path = route(questionnaire, respondent, answers)
        return Decision("elsewhere", find_first_open(path, response), path)
    page = questionnaire.placed_pages[slug][1]
    stored = response.pages.get(page.code)
    posted = PostedPage(page, submission.form, stored.answers if stored else {})
    follows = stored and submission.follows == stored.writer != "" and stored.version != submission.based_on
    if stored and follows and not posted.contradicts_stored():  # else it shows as a conflict: nobody can tell which is newer
        posted.keep_stored()
        submission = submission._replace(based_on=stored.version)
    path = route(questionnaire, respondent, {**answers, page.code: posted.values})  # what is not asked does not count
    position = path.find(slug)
    if position is None or not is_reachable(path, position, response):
        return Decision("elsewhere", find_first_open(path, response), path)
    if stored and stored.writer == submission.writer and submission.number < stored.number:
        return Decision("late" if submission.wish == "keep" else "stale", slug, path)
    if stored and stored.writer != submission.writer and stored.version != submission.based_on:
        return Decision("stale", slug, path)
    if posted.refuse_closed(path.known):
        path = route(questionnaire, respondent, {**answers, page.code: posted.values})
    return _decide(response, path, position, posted, submission)


def _decide(response: Response, path: Path, position: int, posted: PostedPage, submission: PagePost) -> Decision:
    """A submission that counts, at its place on the path."""
    page, wish = posted.page, submission.wish
    asked = list_asked_codes(page, path, response.respondent.institution)
    settled = posted.settle(path.known, asked, frozenset() if wish == "keep" else submission.warned)
    missing = find_missing(page, asked, settled.live)
    decision = Decision("kept", page.slug, path, faults=settled.faults)
    if wish == "back" and settled.faults.keys() <= submission.warned:
        decision.outcome, decision.slug = "next", path.steps[max(0, position - 1)].page.slug
    elif wish == "back":
        decision.outcome = "again"
    elif wish == "next":
        needed = (item.code for _, item in path.steps[position].required if item.code in asked)
        unagreed = [code for code in needed if settled.live.get(code) != YES]
        decision.faults = {**dict.fromkeys(unagreed, InputError("consent")), **settled.faults}
        _go_on(decision, position, missing, submission)
    refused = decision.outcome == "again" and decision.faults
    address = None if refused else _find_address(page, submission.form, asked.difference(settled.faults))
    if address and (wish == "next" or not address[1]):  # only Next signs up; every save of an emptied field takes back
        decision.address = address
    else:
        decision.unsent = address
    done = wish == "next" and decision.outcome != "again"
    decision.save = Save(
        page=page.code,
        answers=settled.answers,
        writer=submission.writer,
        number=submission.number,
        based_on=submission.based_on,
        done=done,
        seconds_left=sum_remaining_seconds(response, path, position + done),
        seen=response.seen(),
    )
    return decision


def _go_on(decision: Decision, position: int, missing: list[str], submission: PagePost) -> None:
    """To the following page, unless something on this one holds the respondent up."""
    if decision.faults or (missing and not submission.prompted):
        decision.outcome, decision.missing = "again", [] if decision.faults else missing
        return
    following = decision.path.steps[position + 1 : position + 2]
    decision.outcome = "next" if following else "complete"
    decision.slug = following[0].page.slug if following else None


def list_asked_codes(page: Page, path: Path, institution: str) -> set[str]:
    """The codes of the items, and of the questions, that are asked on a page of the path."""
    codes: set[str] = set()
    for question in page.questions:
        if is_asked(question, path.known, institution):
            whole = find_shape(question)
            items = (item.code for item in question.items if is_asked(item, path.known, institution))
            codes.update(whole.codes if whole.plain else [question.code, *items])
    return codes


def find_missing(page: Page, asked: set[str], values: Values) -> list[str]:
    """The items asked on the page that have no answer and are worth pointing out."""
    return [
        item.code
        for question in page.questions
        if question.code in asked and QUESTION_TYPES[question.type].prompts
        for item in question.items
        if values.get(item.code) is None and item.code in asked
    ]


def _find_address(page: Page, form: Form, asked: set[str]) -> tuple[str, str] | None:
    for question in page.questions:
        if QUESTION_TYPES[question.type].apart and question.code in asked:
            return question.code, form.get(question.code, "").strip()
    return None


def find_first_open(path: Path, response: Response) -> str | None:
    """The first page that the respondent has not gone on from; the last one when there is none, None on an empty path."""
    return path.steps[min(count_done(path, response), len(path.steps) - 1)].page.slug if path.steps else None


def is_reachable(path: Path, position: int, response: Response) -> bool:
    """Whether all pages before this one are done."""
    done = response.overview().done
    return done.issuperset(path.codes[:position]) and _find_unagreed(path, response, position) == position


def count_done(path: Path, response: Response) -> int:
    """How many pages, from the first on, are done: gone on from, and what is needed to go on was not taken back since."""
    done = response.overview().done
    count = next((position for position, code in enumerate(path.codes) if code not in done), len(path.codes))
    return _find_unagreed(path, response, count)


def _find_unagreed(path: Path, response: Response, end: int) -> int:
    """The first position before `end` where something must be agreed to and is not; `end` where there is none."""
    positions = (at for at in path.required if at < end)
    return next((at for at in positions if not _has_agreed(path.steps[at], path, response)), end)


def _has_agreed(step: Step, path: Path, response: Response) -> bool:
    """Whether everything on a stored page is agreed to without which the questionnaire does not go on."""
    answers, institution = response.pages[step.page.code].answers, response.respondent.institution
    needed = (
        item.code for question, item in step.required if all(is_asked(x, path.known, institution) for x in (question, item))
    )
    return all(answers.get(code) == YES for code in needed)


def sum_remaining_seconds(response: Response, path: Path, position: int) -> int:
    """Expected seconds from this position of the path to the end; never more than was shown before.

    Pages that an answer still to come decides on are counted in, so that it runs down and never up.
    """
    lowest = response.overview().seconds_left
    left = path.seconds_from[position]
    if path.skipped and position < len(path.steps):
        here = path.steps[position].index
        left += sum([step.seconds for step in path.skipped if step.settled_after >= here])
    return round(left) if lowest is None else min(round(left), lowest)
