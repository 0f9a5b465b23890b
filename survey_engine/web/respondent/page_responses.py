"""How a page is drawn and how HTML goes out: as a fragment for htmx or as a whole document."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from html import escape

from flask import Response, request
from flask_htmx import HTMX

from survey_engine.engine.decisions import Decision, PagePost, StoredPage, sum_remaining_seconds
from survey_engine.engine.decisions import Response as StoredResponse
from survey_engine.engine.routing import Path
from survey_engine.fieldwork.panel import has_panel
from survey_engine.fieldwork.signing import Ticket, make_writer, name_form
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.questionnaire import Institution, Language, Page, Questionnaire
from survey_engine.rendering.assets import takes
from survey_engine.rendering.interface_texts import N_
from survey_engine.rendering.page_cache import write_address
from survey_engine.rendering.page_plan import Wording
from survey_engine.rendering.page_template import PageState
from survey_engine.storage.answers import load_response
from survey_engine.web.respondent.site import Site
from survey_engine.web.respondent.summaries import draw_conflict, draw_notice, draw_summary

htmx = HTMX()
WORTH_PACKING = 600
FAST, SMALL = 1, 6
"""Levels of gzip: for pages, and for documents, which begin a visit: a few percent less to send."""
UNKNOWN = -1
"""The version that a page was based on, where nobody knows it any more."""
PROMPTED = '<input type="hidden" name="prompted" value="1">'
"""Stands in the form of a page whose unanswered items were pointed out: they are not pointed out again."""
WARNED = '<input type="hidden" name="warned" value="{}">'
"""Stands in the form of a page whose faults were pointed out, with the variables: Back goes on without them."""

HANDED_OVER = N_(
    "We have no address of yours here. If you gave one before, it is in the panel now: every message from the panel says how to leave it."
)


def is_fragment() -> bool:
    """Whether htmx asked, and not for a page that it lost from its history."""
    return bool(htmx) and not (request.method == "GET" and htmx.history_restore_request)


def send_html(content: bytes, status: int, *more: tuple[str, str], level: int = FAST) -> Response:
    """HTML, compressed where the browser takes it; no Vary tells so, for no cache may keep anything of ours.

    Args: more: headers: a document has a Content-Security-Policy, a fragment falls under its own.
    """
    headers = [("Content-Type", "text/html; charset=utf-8"), *more]
    if len(content) > WORTH_PACKING and takes("gzip", request.environ.get("HTTP_ACCEPT_ENCODING", "")):
        content = gzip.compress(content, compresslevel=level, mtime=0)
        headers.append(("Content-Encoding", "gzip"))
    return Response(content, status, headers)


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a page: whose questionnaire, in which language."""

    language: Language
    questionnaire: Questionnaire | None = None
    institution: Institution | None = None


def draw_document(site: Site, frame: Frame, title: str, main: str, status: int = 200) -> Response:
    """A whole document around `main`."""
    institution = frame.institution
    state = PageState(
        known={},
        plain={
            "lang": frame.language.html_lang,
            "dir": frame.language.direction,
            "title": escape(f"{title} – {institution.name}" if institution else title),
            "main": main,
        },
    )
    html = site.layout(frame.questionnaire, frame.language, institution).fill(state)
    return send_html(html, status, ("Content-Security-Policy", site.policy(institution)), level=SMALL)


class Drawing:
    """Draws pages of one response: a fragment for htmx, a whole document otherwise."""

    def __init__(self, site: Site, questionnaire: Questionnaire, response: StoredResponse, path: Path) -> None:
        self.site, self.questionnaire, self.response, self.path = site, questionnaire, response, path
        self.institution = questionnaire.institutions[response.respondent.institution]
        self.language: Language = questionnaire.languages[response.respondent.language]
        self.interface = site.find_texts(self.language)
        self.fragment = is_fragment()

    def draw(self, slug: str, *, whole: bool = False, left: int | None = None) -> Response:
        """A page as it is stored; `whole` replaces what stands around it too.

        Args: left: the seconds left, where they are known.
        """
        stored = self._find_stored(self._page(slug).code)
        state = self._state(slug, stored.version if stored else 0, make_writer(), 1, left)
        state.values = stored.answers if stored else {}
        if stored and stored.done and has_panel(self._page(slug)):
            self._show_panel(state)
        state.plain["prompted"] = PROMPTED if stored and stored.done else ""
        pushed = [("HX-Push-Url", write_address(self.questionnaire, slug))] if self.fragment else []
        return self._send(slug, state, 200, *pushed, whole=whole)

    def draw_again(self, decision: Decision, submission: PagePost) -> Response:
        """The page once more as it was typed: with what is wrong, missing, or stored elsewhere, or in another language."""
        slug = decision.slug or ""
        page = self._page(slug)
        stored = self.response.pages.get(page.code)
        stale = decision.outcome == "stale"
        based_on = stored.version if stored and stale else submission.based_on
        state = self._state(slug, based_on, make_writer() if stale else submission.writer, submission.number + 1)
        saved = decision.save.answers if decision.save else {}
        state.values = {**saved, **list_typed(page, submission)}
        state.faults = {code: self.interface.fault(fault) for code, fault in decision.errors.items()}
        state.missing = frozenset(decision.missing)
        state.plain["missing"] = escape(self.interface.say("Not answered yet."))
        state.plain["prompted"] = PROMPTED if decision.missing or submission.prompted else ""
        leaves = submission.wish == "back" and bool(decision.errors)
        state.plain["prompted"] += WARNED.format(" ".join(decision.errors)) if decision.errors else ""
        wording, whole = Wording(self.questionnaire, self.language, self.institution), submission.language is not None
        if stale and stored:
            state.plain["summary"] = draw_conflict(self.site, wording, page, stored)
            return self._send(slug, state, 409, whole=whole)
        if decision.errors or decision.missing:
            state.plain["summary"] = draw_summary(self.site, wording, page, decision, leaves=leaves)
        return self._send(slug, state, 422 if decision.errors or decision.missing else 200, whole=whole)

    def _show_panel(self, state: PageState) -> None:
        """The address that waits, to be changed or taken back; without one, how to leave the panel."""
        waiting = self.site.participation.panels.read_waiting(self.response)
        state.values = {**state.values, **waiting}
        if not waiting:
            state.plain["handed_over"] = f'<p class="notice">{escape(self.interface.say(HANDED_OVER))}</p>'

    def draw_outdated(self, slug: str, submission: PagePost) -> Response:
        """A page with what was typed on an older drawing that cannot be taken in."""
        page = self._page(slug)
        stored = self._find_stored(page.code)
        state = self._state(slug, stored.version if stored else 0, make_writer(), 1)
        state.values = {**(stored.answers if stored else {}), **list_typed(page, submission)}
        wording = Wording(self.questionnaire, self.language, self.institution)
        if stored and stored.writer != submission.writer and submission.based_on not in (UNKNOWN, stored.version):
            state.plain["summary"] = draw_conflict(self.site, wording, page, stored)
        else:
            state.plain["summary"] = draw_notice(self.site, wording)
        return self._send(slug, state, 409)

    def _find_stored(self, code: str) -> StoredPage | None:
        """A page as it is stored; only who comes back to a page needs it, so it may have to be read yet."""
        if code not in self.response.pages and code in self.response.overview().stored:
            stored = load_response(self.site.answers, self.response.id)
            self.response = stored._replace(entry=self.response.entry) if stored else self.response
        return self.response.pages.get(code)

    def _page(self, slug: str) -> Page:
        return self.questionnaire.placed_pages[slug][1]

    def _state(self, slug: str, version: int, writer: str, number: int, left: int | None = None) -> PageState:
        position = self.path.find(slug) or 0
        last = position == len(self.path.steps) - 1
        if left is None:
            left = sum_remaining_seconds(self.response, self.path, position)
        ticket = Ticket(self.response.id, slug, version, writer, name_form(self.questionnaire.version), self.response.entry)
        return PageState(
            known=self.path.known,
            plain={
                "ticket": self.site.signatures.write_ticket(ticket),
                "number": str(number),
                "left": self.interface.minutes_left(left),
                "next": self.interface.onward[last],
                "no_back": "" if position else " hidden",
                "why": self._why(slug),
            },
        )

    def _why(self, slug: str) -> str:
        """Why this respondent gets the module that the page belongs to."""
        reason = self.response.reasons.get(self.questionnaire.placed_pages[slug][0].code)
        return f'<p class="help why">{escape(self.interface.reason(reason))}</p>' if reason else ""

    def _send(self, slug: str, state: PageState, status: int, *more: tuple[str, str], whole: bool = False) -> Response:
        """The filled page; `whole` replaces what stands around it too, for that is in another language now."""
        page = self.site.page(self.questionnaire, slug, self.language.code, self.institution.code)
        state.labels = page.labels
        html = page.template.fill(state)
        if self.fragment and not whole:
            return send_html(page.title_tag + html, status, *more)
        frame = Frame(self.language, self.questionnaire, self.institution)
        response = draw_document(self.site, frame, page.title, html.decode(), status)
        if self.fragment:
            response.headers.extend([*more, ("HX-Retarget", "body"), ("HX-Reswap", "innerHTML")])
        return response


def list_typed(page: Page, submission: PagePost) -> dict[str, object]:
    """Everything that was typed on a page, valid or not, so that nothing has to be typed twice."""
    typed: dict[str, object] = {}
    for question in page.questions:
        names = [question.code, f"{question.code}__namely", *(item.code for item in question.items)]
        for name in names:
            values = submission.form.getlist(name)
            if values:
                typed[name] = values if QUESTION_TYPES[question.type].several and name == question.code else values[0]
    return typed
