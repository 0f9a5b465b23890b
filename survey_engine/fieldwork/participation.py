"""Participation of one person: begin, resume, save a page, complete. Used by web pages and simulated respondents.

`engine.decisions` decides what a posted page changes. Changes are durable when a method returns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from time import monotonic
from typing import NamedTuple

import structlog
from sqlalchemy.exc import SQLAlchemyError

from survey_engine.engine.asked_items import has_panel
from survey_engine.engine.assignment import assign
from survey_engine.engine.decisions import Decision, PagePost, Save, answer_page, apply_decision
from survey_engine.engine.link_mark import NO_LINK_MARK, LinkMark
from survey_engine.engine.progress import find_first_open
from survey_engine.engine.response_state import Response
from survey_engine.engine.routing import Respondent, route
from survey_engine.fieldwork.contact_keys import ContactKeys, LostContactKeyError
from survey_engine.fieldwork.hidden_answers import hide_answers, hide_others, mark_hidden
from survey_engine.fieldwork.mailed_links import check_link, close_earlier_link, use_current_link
from survey_engine.fieldwork.panel import Panels
from survey_engine.fieldwork.participation_errors import (
    BusyError,
    ClosedError,
    EarlyError,
    NotOfferedError,
    UnknownResponseError,
    WithdrawnError,
)
from survey_engine.fieldwork.periods import Period, make_period
from survey_engine.fieldwork.private_keys import PrivateKeys
from survey_engine.fieldwork.response_cache import ResponseCache
from survey_engine.fieldwork.signing import (
    Ticket,
    list_row_names,
    make_launch_mark,
    make_link_mark,
    make_login_mark,
    make_proof,
    make_pseudonym,
    make_replaced_name,
    make_withdrawn_name,
    make_writer,
    name_form,
)
from survey_engine.fieldwork.start_form import EMPTY_FORM, StartForm
from survey_engine.model.questionnaire import Institution, Page, Questionnaire
from survey_engine.publication.registry import Registry
from survey_engine.storage.answers import (
    ExtraChanges,
    StaleResponseError,
    change_language,
    find_response,
    load_response,
    save_page,
    start_response,
)
from survey_engine.storage.database import Database, read_now
from survey_engine.storage.erasures import erase_by_pseudonym, has_name, is_withdrawn
from survey_engine.storage.identity import EncryptedSeat, Seat
from survey_engine.storage.private_keys import StoredKey, find_key_mark

_TRIES = 5
"""Attempts to save a page while other requests save the same response."""
_CLOCK_SECONDS = 60
"""Seconds until the database's clock is read again."""


@lru_cache(maxsize=2_000)  # all pages of a response have the same names; computing them takes 4 % of a page
def _make_withdrawn_names(key: str, pseudonym: str | None, link_mark: LinkMark) -> tuple[str, str]:
    """Return the names that `withdrawn_response` has once the personal link is withdrawn or replaced; empty for an open link."""
    if pseudonym is None:
        return "", ""
    return make_withdrawn_name(key, pseudonym), make_replaced_name(key, pseudonym, link_mark)


class SaveResult(NamedTuple):
    """The result of a posted page."""

    questionnaire: Questionnaire
    """The version of the response."""
    response: Response
    """The response after the save."""
    decision: Decision | None = None
    """None in three cases, in which nothing is stored:

    - The response was complete before: `response.completed` is set.
    - `reload` was set: `post` is None.
    - The form is outdated: `outdated`.
    """
    post: PagePost | None = None
    outdated: bool = False
    """Whether the form belongs to another version of the questionnaire or of the form protocol. If so, nothing is stored."""


@dataclass(slots=True, kw_only=True)
class Participation:
    registry: Registry
    answers: Database
    identity: Database
    pseudonym_key: str
    contact_keys: ContactKeys
    erasures: Path
    """Path of the list of erasures."""
    abandoned_hours: int
    progress_share: int = 100
    """Percentage of new responses that show the progress bar."""
    timezone: str = "Europe/Amsterdam"
    """Time zone of institutions without their own."""
    grace_minutes: int = 60
    response_cache: ResponseCache = field(default_factory=ResponseCache)
    seeds: Iterator[str] | None = None
    """Seeds of the next assignments of modules. Simulations set them to repeat a run."""
    limit_change: Callable[[str], object] | None = None
    """As in `Panels`."""
    clock: tuple[datetime, float] | None = None
    """The time last read from the database's clock, and `monotonic()` at that moment."""

    @property
    def panels(self) -> Panels:
        return Panels(self.answers, self.identity, self.contact_keys, self.pseudonym_key, self.erasures, self.limit_change)

    @property
    def private_keys(self) -> PrivateKeys:
        return PrivateKeys(self.answers, self.pseudonym_key)

    def now(self) -> datetime:
        """The time of the database's clock in UTC, read again every `_CLOCK_SECONDS`."""
        if self.clock is None or monotonic() - self.clock[1] > _CLOCK_SECONDS:
            self.clock = read_now(self.answers), monotonic()
        read, at = self.clock
        return read + timedelta(seconds=monotonic() - at)

    def measure_pause(self, response: Response) -> float:
        """Return the seconds from the last save of the response until now; 0 when it had no page."""
        return self.now().timestamp() - response.saved if response.saved else 0

    def check_open(self, code: str, institution: Institution | None, *, under_way: bool = False) -> None:
        """Check the period of the published version, in the institution's time zone.

        Args:
            under_way: the response has begun, so it may continue for `grace_minutes` after the last day.

        Raises:
            EarlyError: before the first day.
            ClosedError: after the last day.
        """
        period = self._find_period(code, institution)
        if not (period and (period.opens or period.closes)):
            return
        state = period.find_state(self.now())
        if period.opens and state == "early":
            raise EarlyError(institution, period.opens)
        if state == "closed" or (state == "grace" and not under_way):
            raise ClosedError(institution)

    def check_open_for(self, code: str, institution: Institution, has_begun: Callable[[], bool]) -> None:
        """As `check_open`, for one person: in the grace period, a response may continue if `has_begun()`."""
        try:
            self.check_open(code, institution)
        except ClosedError:
            if not has_begun():
                raise
            self.check_open(code, institution, under_way=True)

    def find_grace_end(self, code: str, institution: Institution) -> datetime | None:
        """Return the end of the grace period, in the institution's time zone, if it runs now and ends today; None otherwise."""
        period = self._find_period(code, institution)
        if period is None or period.end is None:
            return None
        now, end = self.now(), period.end
        return end if period.find_state(now) == "grace" and now.astimezone(period.zone).date() == end.date() else None

    def _find_period(self, code: str, institution: Institution | None) -> Period | None:
        """Return the period of the published version. The version of a response may have other dates, which do not count."""
        current = self.registry.find(code)
        if current is None:
            return None
        if institution:
            institution = current.institutions.get(institution.code, institution)
        return make_period(current, institution, self.timezone, self.grace_minutes)

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
        link_mark: LinkMark = NO_LINK_MARK,
        form: StartForm = EMPTY_FORM,
    ) -> tuple[Questionnaire, Response]:
        """Start a response, or resume the response of the pseudonym.

        Args:
            pseudonym: of the seat; None for an open link.
            link_mark: without hidden pages.
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
            progress_share=self.progress_share,
            device=form.device,
            channel=form.channel,
            assign=lambda counts: assign(questionnaire, institution, starter.known(), counts, seed),
            make_key=lambda id: StoredKey(self.private_keys.hash_first(questionnaire.code, id), str(link_mark)),
        )
        begun = self.resume(questionnaire.code, id, link_mark)
        if form.switch and begun[1].respondent.language != starter.language:
            change_language(self.answers, id, starter.language)
            begun = self.resume(questionnaire.code, id, link_mark)
        return begun

    def begin_from_seat(
        self, questionnaire: Questionnaire, seat: Seat, language: str, form: StartForm, *, login: str | None = None
    ) -> tuple[Questionnaire, Response]:
        """Start or resume the response of a seat. A private key that an earlier login by name or launch showed becomes invalid.

        After a login by name, the stored answers are hidden. After a launch too, unless the same person began by a launch.

        Args: login: None for a link; empty for a login by name; for a launch, the person as in `make_launch_mark`.

        Raises:
            UnknownResponseError: when the seat was erased meanwhile. The new response is erased too.
            WithdrawnError: when the link was withdrawn or replaced meanwhile.
        """
        pseudonym = self._name(seat)
        seat = use_current_link(self.answers, self.pseudonym_key, seat) if login is not None else seat
        check_link(self.answers, self.pseudonym_key, seat)
        starter = Respondent(seat.institution, language, seat.background)
        own = self._mark(seat)
        mark = own if login is None else make_launch_mark(own, login) if login else make_login_mark(own)
        version, response = self.begin(questionnaire, starter, pseudonym, link_mark=mark, form=form)
        # The mark differs if another person has begun, or has got the private key since.
        if login and find_key_mark(self.answers, response.id) != str(mark):
            login, response = "", response._replace(link_mark=make_login_mark(own))
        if is_withdrawn(self.identity, seat.id) is None:  # an erasure that began earlier did not see the new response
            erase_by_pseudonym(self.answers, questionnaire.code, pseudonym, partial(list_row_names, self.pseudonym_key))
            raise UnknownResponseError
        close_earlier_link(self.answers, self.pseudonym_key, seat)
        self.private_keys.begin(response)
        return version, hide_answers(version, response) if login == "" and response.overview().stored else response

    def find_version_of_seat(self, seat: EncryptedSeat) -> Questionnaire | None:
        """Return the published version; the version of the seat's response when the published one lacks the institution; else None."""
        questionnaire = self.registry.find(seat.questionnaire)
        if questionnaire and seat.institution not in questionnaire.institutions:
            started = find_response(self.answers, seat.questionnaire, self._name(seat))
            questionnaire = self.resume(seat.questionnaire, started, self._mark(seat))[0] if started else None
        return questionnaire

    def has_begun(self, seat: EncryptedSeat) -> bool:
        return find_response(self.answers, seat.questionnaire, self._name(seat)) is not None

    def find_begun(self, seat: Seat) -> tuple[Questionnaire, Response] | None:
        """Return the version and response of a seat; None when it has not begun."""
        found = find_response(self.answers, seat.questionnaire, self._name(seat))
        if found:
            return self.resume(seat.questionnaire, found, self._mark(seat))
        check_link(self.answers, self.pseudonym_key, seat)
        return None

    def find_launched(self, seat: Seat, person: str) -> tuple[Questionnaire, Response] | None:
        """As `find_begun`, but None unless this person began by a launch. Args: person: as in `make_launch_mark`."""
        seat = use_current_link(self.answers, self.pseudonym_key, seat)
        found = find_response(self.answers, seat.questionnaire, self._name(seat))
        mark = make_launch_mark(self._mark(seat), person)
        return self.resume(seat.questionnaire, found, mark) if found and find_key_mark(self.answers, found) == str(mark) else None

    def find_by_private_key(
        self, code: str, institution: str, private_key: str, *, reads: bool = False
    ) -> tuple[Questionnaire, Response] | None:
        """Return the version and response at an institution with this private key; None when there is none.

        Arguments and errors are those of `resume`.
        """
        found = self.private_keys.find(code, private_key)
        if found is None or found.institution != institution:
            return None
        return self.resume(code, found.id, LinkMark.parse(found.key_mark), reads=reads)

    def _name(self, seat: Seat | EncryptedSeat) -> str:
        return make_pseudonym(self.pseudonym_key, seat.questionnaire, seat.id)

    def _mark(self, seat: Seat | EncryptedSeat) -> LinkMark:
        return make_link_mark(self.pseudonym_key, seat.link_hash)

    def make_proof(self, response: Response) -> str:
        """Return the proof of completion of a response."""
        return make_proof(self.pseudonym_key, response.questionnaire, response.id)

    def resume(
        self, code: str, id: int, link_mark: LinkMark = NO_LINK_MARK, *, reads: bool = False
    ) -> tuple[Questionnaire, Response]:
        """Return the version of a response, and the response.

        Args:
            link_mark: of the device.
            reads: the answers are only read or erased. A withdrawn link permits that, a replaced link does not.

        Raises:
            UnknownResponseError: when the response does not exist.
            WithdrawnError: when the response's link was withdrawn, or the device's link was replaced.
        """
        response = load_response(self.answers, id)
        if response is None or response.questionnaire != code:
            raise UnknownResponseError
        response = response._replace(link_mark=link_mark)
        questionnaire = self.registry.find_version(response)
        if self.is_withdrawn(response, reads=reads):
            raise WithdrawnError(questionnaire.institutions[response.respondent.institution])
        return questionnaire, hide_others(questionnaire, response)

    def is_withdrawn(self, response: Response, *, reads: bool = False) -> bool:
        """Whether the device's personal link is no longer in use. Args: reads: as in `resume`."""
        withdrawn, replaced = _make_withdrawn_names(self.pseudonym_key, response.pseudonym, response.link_mark)
        return response.pseudonym is not None and has_name(self.answers, "" if reads else withdrawn, replaced)

    def find_next_page(self, questionnaire: Questionnaire, response: Response) -> str | None:
        """The slug of the first open page; None when the response is complete.

        Raises:
            ClosedError: when the questionnaire is closed, or has no page for this respondent.
        """
        if response.completed:
            return None
        institution = questionnaire.institutions[response.respondent.institution]
        self.check_open(questionnaire.code, institution, under_way=True)
        slug = find_first_open(route(questionnaire, response.respondent, response.answers()), response)
        if slug is None:
            raise ClosedError(institution)
        return slug

    def save(self, code: str, ticket: Ticket, read: Callable[[Page | None], PagePost], *, reload: bool = False) -> SaveResult:
        """Decide and store one posted page. The last page completes the response.

        Args:
            read: called with the page in the response's version, or None when this version lacks the page; reads the posted form.
            reload: store nothing and return the stored response.

        Raises:
            UnknownResponseError, WithdrawnError, NotOfferedError, ClosedError, BusyError: nothing was stored.
        """
        slug = ticket.slug
        for found, sure in self._find(code, ticket, reload):
            if found is None or found.questionnaire != code:
                raise UnknownResponseError
            needed = self.registry.list_needed_pages(code, slug)
            questionnaire = self.registry.find_version(found)
            # The pages differ if the response has a version that this process had not loaded.
            if self.registry.list_needed_pages(code, slug) != needed:
                continue
            response = hide_others(questionnaire, found)
            institution = questionnaire.institutions[response.respondent.institution]
            if sure and self.is_withdrawn(response):
                raise WithdrawnError(institution)
            placed = questionnaire.placed_pages.get(slug)
            post = mark_hidden(questionnaire, ticket.link_mark, slug, read(placed[1] if placed else None))
            outdated = post.form_version not in ("", name_form(questionnaire.version))
            if not sure and (response.completed or outdated):
                continue
            if response.completed:
                return SaveResult(questionnaire, response, None, post)
            self.check_open(code, institution, under_way=True)
            if reload:
                return SaveResult(questionnaire, response)
            if outdated:
                return SaveResult(questionnaire, response, None, post, outdated=True)
            if post.language and post.language not in institution.languages:
                raise NotOfferedError(institution)
            decision = answer_page(questionnaire, response, slug, post)
            # If nothing is saved, no save detects a stale response.
            if not sure and (not decision.changes_page() or decision.address):
                continue
            try:
                after = self._store(response, decision, post.language, day_only=bool(placed and has_panel(placed[1])))
            except StaleResponseError:
                continue
            if decision.changes_page() and decision.outcome != "complete":
                self.response_cache.keep(after._replace(saved=self.now().timestamp()), needed)
            return SaveResult(questionnaire, after, decision, post)
        raise BusyError

    def _find(self, code: str, ticket: Ticket, reload: bool) -> Iterator[tuple[Response | None, bool]]:
        """Yield the cached response, which may be stale, then the stored response for `_TRIES` attempts.

        Yields:
            (The response or None, whether it was just loaded.)
        """
        id, slug, link_mark = ticket.response, ticket.slug, ticket.link_mark
        if not reload:
            needed = self.registry.list_needed_pages(code, slug)
            found = self.response_cache.take(id, needed) or load_response(self.answers, id, needed)
            yield found and found._replace(link_mark=link_mark), False
        for _ in range(_TRIES):
            found = load_response(self.answers, id, self.registry.list_needed_pages(code, slug))
            yield found and found._replace(link_mark=link_mark), True

    def _store(self, response: Response, decision: Decision, language: str | None, *, day_only: bool) -> Response:
        """Store a decision, with its panel address if any, in one transaction; return the changed response."""
        if decision.save is None or not (decision.changes_page() or decision.address or decision.outcome == "complete"):
            if language:
                change_language(self.answers, response.id, language)
            return apply_decision(response, decision, language)
        name, replaced_name = _make_withdrawn_names(self.pseudonym_key, response.pseudonym, response.link_mark)
        also = ExtraChanges(
            complete=decision.outcome == "complete", language=language, day_only=day_only, name=name, replaced_name=replaced_name
        )
        if decision.address:
            self._store_address(response, decision.save, decision.address, also)
        else:
            save_page(self.answers, response.id, decision.save, **also)
        return apply_decision(response, decision, language)

    def _store_address(self, response: Response, save: Save, address: tuple[str, str], also: ExtraChanges) -> None:
        """Store a page with a panel address, and hand over a full batch. If that fails, the addresses wait for the next sign-up."""
        waiting = self.panels.encrypt(response, *address)
        with self.panels.record_cancelled() as on_replaced:
            save_page(self.answers, response.id, save, **also | {"waiting": waiting, "on_replaced": on_replaced})
        if waiting.token:
            try:
                self.panels.hand_over_batch(waiting.panel)
            except (SQLAlchemyError, LostContactKeyError) as error:
                structlog.get_logger().warning("panel_waits", reason=type(error).__name__)
