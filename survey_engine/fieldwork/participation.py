"""One person's participation: begin, resume, save a page, complete. Web pages, LMS launches and robots call the same service.

What a posted page means is decided in `engine.decisions`; what is acknowledged is durable when a method returns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from time import monotonic
from typing import NamedTuple
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError

from survey_engine.engine.assignment import assign_modules
from survey_engine.engine.decisions import Decision, PagePost, Response, StoredPage, answer_page, find_first_open
from survey_engine.engine.routing import Respondent, route
from survey_engine.fieldwork.contact_keys import ContactKeys, LostContactKeyError
from survey_engine.fieldwork.panel import Panels, has_panel
from survey_engine.fieldwork.response_cache import Recent
from survey_engine.fieldwork.signing import (
    Ticket,
    hash_private_key,
    make_entry,
    make_entry_name,
    make_private_key,
    make_proof,
    make_pseudonym,
    make_waiting_name,
    make_withdrawn_name,
    make_writer,
    name_form,
)
from survey_engine.model.questionnaire import Institution, Page, Questionnaire
from survey_engine.publication.registry import Registry
from survey_engine.storage.answers import (
    Also,
    LostRace,
    claim_key,
    find_response,
    load_response,
    save_page,
    set_language,
    start_response,
)
from survey_engine.storage.database import Database, read_now
from survey_engine.storage.erasures import erase_answers, has_name, is_withdrawn
from survey_engine.storage.identity import SealedSeat, Seat

TRIES = 5
"""How often a page is decided anew when something else was stored meanwhile."""
CLOCK_SECONDS = 60
"""How long this process counts on from the time that the database told."""


class ParticipationError(Exception):
    """Nothing was stored."""

    def __init__(self, institution: Institution | None = None) -> None:
        super().__init__()
        self.institution = institution


class UnknownResponseError(ParticipationError):
    """There is no such response to this questionnaire."""


class WithdrawnError(ParticipationError):
    """The personal link that the response was begun by is no longer in use."""


class NotOfferedError(ParticipationError):
    """The institution does not offer that language."""


class ClosedError(ParticipationError):
    """The questionnaire cannot be filled in today, or asks nothing of this respondent."""


class EarlyError(ClosedError):
    """The questionnaire opens later."""

    def __init__(self, institution: Institution | None, opens: date) -> None:
        super().__init__(institution)
        self.opens = opens


class BusyError(ParticipationError):
    """Others stored pages of the same response at the same moment, time after time."""


class Saved(NamedTuple):
    """What came of a posted page."""

    questionnaire: Questionnaire
    """The version that the response began with."""
    response: Response
    """As it is stored now."""
    decision: Decision | None = None
    """None where nothing was decided: the response was complete, or what is stored was asked for."""
    submission: PagePost | None = None
    outdated: bool = False
    """Whether the form was drawn from another version, or by another release, and so nothing was decided."""


@dataclass(slots=True, kw_only=True)
class Participation:
    registry: Registry
    answers: Database
    identity: Database
    pseudonym_key: str
    contact_keys: ContactKeys
    abandoned_hours: int
    timezone: str = "Europe/Amsterdam"
    """For institutions that name no other."""
    grace_minutes: int = 60
    recent: Recent = field(default_factory=Recent)
    seeds: Iterator[str] | None = None
    """What breaks ties of the next draws: for robots, whose modules are to be drawn alike each time."""
    clock: tuple[datetime, float] | None = None
    """The time that the database told, and when."""

    @property
    def panels(self) -> Panels:
        return Panels(self.answers, self.identity, self.contact_keys, self.pseudonym_key)

    def now(self) -> datetime:
        """The time by the database's clock, in UTC; asked anew every `CLOCK_SECONDS`."""
        if self.clock is None or monotonic() - self.clock[1] > CLOCK_SECONDS:
            self.clock = read_now(self.answers), monotonic()
        told, at = self.clock
        return told + timedelta(seconds=monotonic() - at)

    def check_open(self, code: str, institution: Institution | None = None, *, under_way: bool = False) -> None:
        """By the version published last, in the institution's time zone.

        Args:
            under_way: somebody who began in time may go on for `grace_minutes` after the last day.

        Raises:
            EarlyError: before the first day on which the questionnaire may be filled in.
            ClosedError: after the last one.
        """
        current = self.registry.find(code)
        if current is None:
            return
        if institution:  # the version that a response began with may have other dates
            institution = current.institutions.get(institution.code, institution)
        opens, closes = current.find_period(institution)
        if not (opens or closes):
            return
        zone = ZoneInfo(institution.timezone if institution and institution.timezone else self.timezone)
        now = self.now()
        if opens and now.astimezone(zone).date() < opens:
            raise EarlyError(institution, opens)
        grace = timedelta(minutes=self.grace_minutes if under_way else 0)
        if closes and (now - grace).astimezone(zone).date() > closes:
            raise ClosedError(institution)

    def is_open(self, code: str, institution: Institution) -> bool:
        try:
            self.check_open(code, institution)
        except ClosedError:
            return False
        return True

    def begin(
        self,
        questionnaire: Questionnaire,
        starter: Respondent,
        pseudonym: str | None = None,
        *,
        entry: str = "",
        switch: bool = False,
    ) -> tuple[Questionnaire, Response]:
        """Start a response, or go on with the one that this pseudonym started.

        Args:
            pseudonym: stands for a seat; None on an open link.
            entry: stands for the seat's link.
            switch: go on in the starter's language, also where the response began in another.
        """
        institution = questionnaire.institutions[starter.institution]
        seed = next(self.seeds) if self.seeds else pseudonym or make_writer()
        id = start_response(
            self.answers,
            questionnaire=questionnaire.code,
            version=questionnaire.version,
            institution=starter.institution,
            language=starter.language,
            background=starter.background,
            pseudonym=pseudonym,
            abandoned_hours=self.abandoned_hours,
            assign=lambda counts: assign_modules(questionnaire, institution, starter.known(), counts, seed),
        )
        if switch and pseudonym:
            set_language(self.answers, id, starter.language)
        return self.resume(questionnaire.code, id, entry)

    def begin_from_seat(
        self, questionnaire: Questionnaire, seat: Seat, language: str, *, switch: bool
    ) -> tuple[Questionnaire, Response]:
        """Start the response of a seat, or go on with it.

        Raises:
            UnknownResponseError: when the seat was erased meanwhile; what was started is erased too.
            WithdrawnError: when its link was withdrawn or replaced meanwhile.
        """
        pseudonym = self._name(seat)
        starter = Respondent(seat.institution, language, seat.background)
        begun = self.begin(questionnaire, starter, pseudonym, entry=self._mark(seat), switch=switch)
        if is_withdrawn(self.identity, seat.id) is None:  # an erasure that began before this start did not see it
            name = partial(make_waiting_name, self.pseudonym_key)
            erase_answers(self.answers, questionnaire.code, pseudonym, name)
            raise UnknownResponseError
        return begun

    def find_version_of_seat(self, seat: SealedSeat) -> Questionnaire | None:
        """What a seat is asked: the version that its response began with, else what new respondents get.

        None where its institution takes no part in it.
        """
        questionnaire = self.registry.find(seat.questionnaire)
        if questionnaire and seat.institution not in questionnaire.institutions:
            started = find_response(self.answers, seat.questionnaire, self._name(seat))
            questionnaire = self.resume(seat.questionnaire, started, self._mark(seat))[0] if started else None
        return questionnaire

    def _name(self, seat: Seat | SealedSeat) -> str:
        return make_pseudonym(self.pseudonym_key, seat.questionnaire, seat.id)

    def _mark(self, seat: Seat | SealedSeat) -> str:
        return make_entry(self.pseudonym_key, seat.link_hash)

    def make_proof(self, response: Response) -> str:
        """The proof that a response is complete."""
        return make_proof(self.pseudonym_key, response.questionnaire, response.id)

    def give_private_key(self, response: Response) -> str:
        """The key by which a respondent can come back to the response: the same each time.

        Raises:
            UnknownResponseError: when the response has been erased.
        """
        key, code = self.pseudonym_key, response.questionnaire
        for attempt in range(TRIES):
            private = make_private_key(key, code, response.id, attempt)
            if claim_key(self.answers, response.id, hashed := hash_private_key(key, code, private)) == hashed:
                return private
        raise UnknownResponseError

    def resume(self, code: str, id: int, entry: str = "") -> tuple[Questionnaire, Response]:
        """A response and the version of the questionnaire that it began with.

        Args: entry: stands for the link that the device came in by.

        Raises:
            UnknownResponseError: when there is none.
            WithdrawnError: when its link was withdrawn, or the device's was replaced.
        """
        response = load_response(self.answers, id)
        if response is None or response.questionnaire != code:
            raise UnknownResponseError
        response = response._replace(entry=entry)
        questionnaire = self.registry.version_of(response)
        if self.is_withdrawn(response):
            raise WithdrawnError(questionnaire.institutions[response.respondent.institution])
        return questionnaire, response

    def is_withdrawn(self, response: Response) -> bool:
        """Whether the personal link is no longer in use by which the device came: it may not see the response nor add to it."""
        return response.pseudonym is not None and has_name(self.answers, *self._name_closings(response))

    def _name_closings(self, response: Response) -> tuple[str, str]:
        """The names of which none may be stored."""
        key, pseudonym = self.pseudonym_key, response.pseudonym
        if pseudonym is None:
            return "", ""
        return make_withdrawn_name(key, pseudonym), make_entry_name(key, pseudonym, response.entry)

    def find_next_page(self, questionnaire: Questionnaire, response: Response) -> str | None:
        """The slug of the page on which to go on; None when the response is complete.

        Raises:
            ClosedError: when the questionnaire is closed, or asks nothing of this respondent.
        """
        if response.completed:
            return None
        institution = questionnaire.institutions[response.respondent.institution]
        self.check_open(questionnaire.code, institution, under_way=True)
        slug = find_first_open(route(questionnaire, response.respondent, response.answers()), response)
        if slug is None:
            raise ClosedError(institution)
        return slug

    def save(self, code: str, ticket: Ticket, read: Callable[[Page | None], PagePost], *, reload: bool = False) -> Saved:
        """Decide and store one posted page, and complete the response where it was the last.

        Args:
            read: reads the posted form as the page of the response's version; None stands for a page it does not have.
            reload: store nothing, give what is stored.

        Raises:
            UnknownResponseError, WithdrawnError, NotOfferedError, ClosedError, BusyError: nothing was stored.
        """
        slug = ticket.slug
        for response, sure in self._find(code, ticket, reload):
            if response is None or response.questionnaire != code:
                raise UnknownResponseError
            needed = self.registry.list_needed(code, slug)
            questionnaire = self.registry.version_of(response)
            if self.registry.list_needed(code, slug) != needed:  # of a version that this process did not know yet
                continue
            institution = questionnaire.institutions[response.respondent.institution]
            if sure and self.is_withdrawn(response):
                raise WithdrawnError(institution)
            placed = questionnaire.placed_pages.get(slug)
            submission = read(placed[1] if placed else None)
            outdated = submission.drawn_from not in ("", name_form(questionnaire.version))
            if not sure and (response.completed or outdated):
                continue
            if response.completed:
                return Saved(questionnaire, response, None, submission)
            self.check_open(code, institution, under_way=True)
            if reload:
                return Saved(questionnaire, response)
            if outdated:
                return Saved(questionnaire, response, None, submission, outdated=True)
            if submission.language and submission.language not in institution.languages:
                raise NotOfferedError(institution)
            decision = answer_page(questionnaire, response, slug, submission)
            if not sure and (decision.save is None or decision.address):  # no save in the same store would tell
                continue
            try:
                after = self._store(response, decision, submission.language, day_only=bool(placed and has_panel(placed[1])))
            except LostRace:
                continue
            if decision.save and decision.outcome != "complete":
                self.recent.keep(after, needed)
            return Saved(questionnaire, after, decision, submission)
        raise BusyError

    def _find(self, code: str, ticket: Ticket, reload: bool) -> Iterator[tuple[Response | None, bool]]:
        """The response as this process remembers it, or as stored; only a save makes sure of it. Then sure ones, for some tries."""
        id, slug, entry = ticket.response, ticket.slug, ticket.entry
        if not reload:
            needed = self.registry.list_needed(code, slug)
            found = self.recent.take(id, needed) or load_response(self.answers, id, needed)
            yield found and found._replace(entry=entry), False
        for _ in range(TRIES):
            found = load_response(self.answers, id, self.registry.list_needed(code, slug))
            yield found and found._replace(entry=entry), True

    def _store(self, response: Response, decision: Decision, language: str | None, *, day_only: bool) -> Response:
        """The response as it is stored after one transaction, which stores a panel address too."""
        if decision.save is None:
            if language:
                set_language(self.answers, response.id, language)
            return apply(response, decision, language)
        waiting = self.panels.seal(response, *decision.address) if decision.address else None
        also: Also = {"complete": decision.outcome == "complete", "language": language, "waiting": waiting, "day_only": day_only}
        also["name"], also["entry"] = self._name_closings(response)
        save_page(self.answers, response.id, decision.save, **also)
        if waiting and waiting.token:
            self._hand_over(waiting.panel)
        return apply(response, decision, language)

    def _hand_over(self, panel: str) -> None:
        """An address that waits is safe: it can be handed over as well after the next sign-up."""
        try:
            self.panels.hand_over_batch(panel)
        except (SQLAlchemyError, LostContactKeyError) as error:
            structlog.get_logger().warning("panel_waits", reason=type(error).__name__)


def apply(response: Response, decision: Decision, language: str | None) -> Response:
    """The response once a decision is stored, without reading it again."""
    save = decision.save
    if language:
        response = response._replace(respondent=replace(response.respondent, language=language))
    if save is None:
        return response
    before = response.pages.get(save.page)
    stored = StoredPage(
        save.answers,
        before.version + 1 if before else 1,
        save.writer,
        save.number,
        save.done or bool(before and before.done),
        save.seconds_left,
    )
    return response.with_page(save.page, stored)
