"""Rendering of a response's pages, as a fragment for htmx or as a whole document."""

from __future__ import annotations

import gzip
from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache
from html import escape

import brotli
from flask import Response as Reply
from flask import make_response, redirect, request, url_for
from flask_htmx import HTMX

from survey_engine.engine.asked_items import find_asked_codes, has_panel, list_missing
from survey_engine.engine.decisions import Decision, PagePost
from survey_engine.engine.paradata import format_measures, merge_paradata
from survey_engine.engine.progress import measure_progress, sum_remaining_seconds
from survey_engine.engine.response_state import Response, StoredPage
from survey_engine.engine.routing import Path
from survey_engine.fieldwork.hidden_answers import hide_others, hides_answers, hides_page, list_hidden_variables
from survey_engine.fieldwork.signing import Ticket, make_writer, name_form
from survey_engine.language.markup import strip_markup
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.questionnaire import NAMELY, Institution, Language, Page, Questionnaire
from survey_engine.rendering.assets import takes
from survey_engine.rendering.interface_texts import N_
from survey_engine.rendering.page_cache import make_address
from survey_engine.rendering.page_plan import Wording
from survey_engine.rendering.page_template import PageState
from survey_engine.rendering.summaries import iter_labels, render_conflict, render_outdated_notice, render_summary
from survey_engine.storage.answers import load_response
from survey_engine.web.respondent.site import Site

htmx = HTMX()
_MIN_COMPRESSED_BYTES = 600
_PAGE_GZIP, _PAGE_BROTLI = 3, 2
"""Level of gzip and quality of Brotli for later pages of a visit. In the same time, Brotli saves 20 of 1,320 bytes."""
_VISIT_GZIP, _VISIT_BROTLI = 6, 5
"""Level and quality for the first page of a visit: Brotli saves 150 bytes of a document, for 40 µs."""
UNKNOWN_VERSION = -1
"""`based_on` of a form whose ticket has expired."""
_PROGRESS = '<p class="stage">{}</p><progress value=".{:03}" aria-hidden="true"></progress>'
PARTS, _PART, _THIS_PART = '<ol class="parts" aria-hidden="true">{}</ol>', "<li>{}", '<li class="now">{}'
"""The list of parts beside the page on wide screens. It is hidden from screen readers: the text above the bar says the same."""
WIDE = "HTTP_WIDE"
"""Request header that the script sends from a window with room for the list of parts."""
_PROMPTED = '<input type="hidden" name="prompted" value="1">'
"""Form field of a page that has marked its unanswered items, so that it marks them only once."""
WARNED = '<input type="hidden" name="warned" value="{}">'
"""Form field with the variables whose input errors the page has shown: Back then discards their values."""

_ERROR = N_("Error")
"""First word of the title of a page with input errors."""
_REFUSED = N_("That is fine")
_REFUSED_TEXT = N_(
    "You said no to something that this questionnaire needs. So we ask you nothing more. You can close this page. Did you change your mind?"
)
NOT_SHOWN = N_("What was filled in here before is saved, and not shown. Leave it as it is, or fill it in again.")
_GRACE = N_("This questionnaire has closed. You can still send it until %(time)s.")
_UNSTORED = N_("An earlier answer was changed, from another device or window. So the answers on your last page were not stored.")
NO_ADDRESS_WAITS = N_(
    "We have no address of yours here. If you gave one before, it is in the panel now: every message from the panel says how to leave it."
)


def is_fragment() -> bool:
    """Whether htmx expects a fragment as reply. To restore its history, htmx expects a whole document."""
    return bool(htmx) and not (request.method == "GET" and htmx.history_restore_request)


def make_redirect(questionnaire: Questionnaire, slug: str | None, query: str = "") -> Reply:
    """Redirect to a page; without `slug`, to the proof of completion."""
    target = make_address(questionnaire, slug) + query if slug else url_for("entry.show_completion", code=questionnaire.code)
    if is_fragment():
        reply = Reply(status=204)
        reply.headers["HX-Redirect"] = target
        return reply
    return make_response(redirect(target, 303))


def make_html_reply(content: bytes, status: int, *more: tuple[str, str], begins: bool = False) -> Reply:
    """Return an HTML response, compressed if the browser accepts it.

    The response needs no Vary header, because no cache may store it.

    Args:
        content: the HTML in UTF-8.
        status: HTTP status.
        more: additional headers, such as the Content-Security-Policy of a document.
        begins: whether the response is the first of a visit, which is compressed harder.
    """
    headers = [("Content-Type", "text/html; charset=utf-8"), *more]
    accepted = request.environ.get("HTTP_ACCEPT_ENCODING", "") if len(content) > _MIN_COMPRESSED_BYTES else ""
    if takes("br", accepted):
        content = brotli.compress(content, quality=_VISIT_BROTLI if begins else _PAGE_BROTLI)
        headers.append(("Content-Encoding", "br"))
    elif takes("gzip", accepted):
        content = gzip.compress(content, _VISIT_GZIP if begins else _PAGE_GZIP, mtime=0)
        headers.append(("Content-Encoding", "gzip"))
    return Reply(content, status, headers)


@dataclass(frozen=True, slots=True)
class DocumentContext:
    """The language, questionnaire and institution of a document."""

    language: Language
    questionnaire: Questionnaire | None = None
    institution: Institution | None = None


def render_document(site: Site, context: DocumentContext, title: str, main: str, status: int = 200) -> Reply:
    """Render a whole document around the HTML `main`."""
    institution = context.institution
    state = PageState(
        known={},
        plain={
            "lang": context.language.html_lang,
            "dir": context.language.direction,
            "title": escape(f"{title} – {institution.name}" if institution else title),
            "main": main,
        },
    )
    html = site.layout(context.questionnaire, context.language, institution).fill(state)
    return make_html_reply(html, status, ("Content-Security-Policy", site.policy(institution)), begins=True)


class PageRenderer:
    """Renders pages of one response: a fragment for htmx, otherwise a whole document.

    With `begins`, the page is the first of a visit and is compressed harder.
    """

    def __init__(self, site: Site, questionnaire: Questionnaire, response: Response, path: Path, *, begins: bool = False) -> None:
        self.begins = begins
        self.site, self.questionnaire, self.response, self.path = site, questionnaire, response, path
        self.institution = questionnaire.institutions[response.respondent.institution]
        self.language: Language = questionnaire.languages[response.respondent.language]
        self.interface = site.find_texts(self.language)
        self.fragment = is_fragment()

    def render(
        self, slug: str, *, whole: bool = False, left: int | None = None, prompts: bool = False, unstored: bool = False
    ) -> Reply:
        """Render a page with its stored answers.

        Args:
            slug: the page.
            prompts: mark unanswered items; if there are any, the status is 422.
            whole: replace the whole document, not only the page.
            left: the expected seconds until the end; computed if None.
            unstored: say that answers of the page before were not stored.
        """
        stored = self._find_stored(self._page(slug).code)
        state = self._state(slug, stored.saves if stored else 0, make_writer(self.response.link_mark), 1, left)
        if stored and self._hides(slug):
            state.plain["summary"] = f'<p class="notice">{escape(self.interface.translate(NOT_SHOWN))}</p>'
        elif stored:
            state.values = stored.answers
            if stored.done and has_panel(self._page(slug)) and not hides_answers(self.response.link_mark):
                self._show_panel(state)
        state.plain["prompted"] = _PROMPTED if stored and stored.done else ""
        state.plain["paradata"] = format_measures(stored and stored.paradata)
        if prompts and stored and self.can_prompt(slug):
            asked = find_asked_codes(self._page(slug), self.path, self.institution.code)
            state.missing = frozenset(list_missing(self._page(slug), asked, stored.answers))
            state.plain["prompted"] = _PROMPTED if state.missing else state.plain["prompted"]
            self._show_marked(slug, state)
        if unstored:
            text = escape(self.interface.translate(_UNSTORED))
            state.plain["summary"] = f'<p class="notice">{text}</p>{state.plain.get("summary", "")}'
        personal = self.begins and self.response.pseudonym  # Back does not lead to a personal link
        header = "HX-Replace-Url" if personal else "HX-Push-Url"
        pushed = [(header, make_address(self.questionnaire, slug))] if self.fragment else []
        return self._send(slug, state, 422 if state.missing else 200, *pushed, whole=whole)

    def can_prompt(self, slug: str) -> bool:
        """Whether a page can mark its unanswered items: all of its answers are stored and may be shown."""
        return not (has_panel(self._page(slug)) or self._hides(slug))

    def _show_marked(self, slug: str, state: PageState, unseen: Set[str] = frozenset(), *, leaves: bool = False) -> None:
        """Add a summary above the page: its errors, else its unanswered items, else new follow-ups."""
        state.plain["missing"] = escape(self.interface.translate("Not answered yet."))
        if marked := state.errors or state.missing or unseen:
            wording = Wording(self.questionnaire, self.language, self.institution)
            labels = iter_labels(self._page(slug), wording, stems=True, seed=self.response.id)
            listed = (each for each in labels if each[0] in marked)
            state.plain["summary"] = render_summary(self.site, self.language, listed, state, leaves=leaves)

    def render_again(self, decision: Decision, post: PagePost) -> Reply:
        """Render the page with the posted values: in another language, or with its errors, unanswered items or conflict."""
        slug = decision.slug or ""
        page = self._page(slug)
        stored = self.response.pages.get(page.code)
        stale = decision.outcome == "stale"
        based_on = stored.saves if stored and stale else post.based_on
        state = self._state(slug, based_on, make_writer(self.response.link_mark) if stale else post.writer, post.number + 1)
        hidden = self._hides(slug)
        saved = decision.save.answers if decision.save and not hidden else {}
        state.values = {**saved, **map_posted_values(page, post)}
        state.errors = {code: self.interface.describe_error(fault) for code, fault in decision.errors.items()}
        state.missing = frozenset(decision.missing)
        state.plain["paradata"] = _merge_measures(stored, post)
        state.plain["prompted"] = _PROMPTED if decision.missing or post.prompted else ""
        leaves = post.wish in ("back", "stop") and bool(decision.errors)
        state.plain["prompted"] += WARNED.format(" ".join(decision.errors)) if decision.errors else ""
        wording, whole = Wording(self.questionnaire, self.language, self.institution), post.language is not None
        if stale and stored:
            state.plain["summary"] = (
                render_outdated_notice(self.site, wording)
                if hidden
                else render_conflict(self.site, wording, page, stored, choose=post.undecided)
            )
            return self._send(slug, state, 409, whole=whole)
        self._show_marked(slug, state, decision.unseen, leaves=leaves)
        return self._send(slug, state, 422 if decision.errors or decision.missing else 200, whole=whole)

    def render_refusal(self, slug: str) -> Reply:
        """Render the page after a refusal of a required consent, with a link back to the question."""
        title, translate = self.interface.translate(_REFUSED), self.interface.translate
        main = self.site.templates.get_template("respondent/message.html").render(
            _=translate,
            title=title,
            text=translate(_REFUSED_TEXT),
            link=make_address(self.questionnaire, slug),
            link_text=translate(N_("Change my choice")),
        )
        if self.fragment:
            return make_html_reply(f"<title>{escape(title)}</title>{main}".encode(), 200)
        return render_document(self.site, DocumentContext(self.language, self.questionnaire, self.institution), title, main)

    def _show_panel(self, state: PageState) -> None:
        """Show the waiting panel address; if there is none, explain how to leave the panel."""
        waiting = self.site.participation.panels.read_waiting(self.response)
        state.values = {**state.values, **waiting}
        if not waiting:
            state.plain["no_address"] = f'<p class="notice">{escape(self.interface.translate(NO_ADDRESS_WAITS))}</p>'

    def render_outdated(self, slug: str, post: PagePost) -> Reply:
        """Render the page with the values of an expired form."""
        page = self._page(slug)
        stored = self._find_stored(page.code)
        state = self._state(slug, stored.saves if stored else 0, make_writer(self.response.link_mark), 1)
        state.plain["paradata"] = _merge_measures(stored, post)
        hidden = self._hides(slug)
        state.values = {**(stored.answers if stored and not hidden else {}), **map_posted_values(page, post)}
        wording = Wording(self.questionnaire, self.language, self.institution)
        if stored and not hidden and stored.writer != post.writer and post.based_on not in (UNKNOWN_VERSION, stored.saves):
            state.plain["summary"] = render_conflict(self.site, wording, page, stored)
        else:
            state.plain["summary"] = render_outdated_notice(self.site, wording)
        return self._send(slug, state, 409)

    def _find_stored(self, code: str) -> StoredPage | None:
        """Return a stored page. Only a return to a page needs its answers, so they are loaded on demand."""
        if code not in self.response.pages and code in self.response.overview().stored:
            stored = load_response(self.site.answers, self.response.id)
            if stored:
                self.response = hide_others(self.questionnaire, stored._replace(link_mark=self.response.link_mark))
        return self.response.pages.get(code)

    def _hides(self, slug: str) -> bool:
        return hides_answers(self.response.link_mark) and hides_page(self.questionnaire, self.response.link_mark, slug)

    def _page(self, slug: str) -> Page:
        return self.questionnaire.placed_pages[slug][1]

    def _state(self, slug: str, version: int, writer: str, number: int, left: int | None = None) -> PageState:
        position = self.path.find(slug) or 0
        last = position == len(self.path.steps) - 1
        if left is None:
            left = sum_remaining_seconds(self.questionnaire, self.response, self.path, position)
        ticket = Ticket(self.response.id, slug, version, writer, name_form(self.questionnaire.version), self.response.link_mark)
        return PageState(
            known=self.path.known,
            seed=self.response.id,
            plain={
                "ticket": self.site.signatures.sign_ticket(ticket),
                "number": str(number),
                "left": self.interface.minutes_left(left),
                "progress": self._format_progress(position, left),
                "next": self.interface.next_labels[last],
                "no_back": "" if position else " hidden",
                "why": self._why(slug),
                "autocomplete": "email" if self.response.pseudonym else "off",
            },
        )

    def _format_progress(self, position: int, left: int) -> str:
        """Return the part and the bar as HTML. A language without some parts shows no total: the total would depend on the language."""
        if not self.response.progress_bar:
            return ""
        part, parts = self.path.parts[position], self.path.parts[-1] if self.language.groups is None else 0
        bar = _PROGRESS.format(self.interface.describe_part(part, parts), measure_progress(self.path, left))
        if self.fragment and WIDE not in request.environ:
            return bar
        texts = (section.title or section.pages[0].title for section in self.path.sections)
        titles = tuple(text.wording[self.language.code] for text in texts if text and not text.names)
        return bar + _render_parts(titles, part) if parts == len(titles) else bar

    def _why(self, slug: str) -> str:
        """Return the HTML that explains why the module of the page was assigned to this respondent."""
        reason = self.response.reasons.get(self.questionnaire.placed_pages[slug][0].code)
        return f'<p class="help why">{escape(self.interface.reason(reason))}</p>' if reason else ""

    def _send(self, slug: str, state: PageState, status: int, *more: tuple[str, str], whole: bool = False) -> Reply:
        """Return the filled page. With `whole`, it replaces the whole document, because the language has changed."""
        page = self.site.page(self.questionnaire, slug, self.language.code, self.institution.code)
        state.labels = page.labels
        if hides_answers(self.response.link_mark):
            state.hidden = list_hidden_variables(self.questionnaire, self.response.link_mark)
        if end := self.site.participation.find_grace_end(self.questionnaire.code, self.institution):
            text = self.interface.translate(_GRACE, time=self.interface.clock_time(end))
            state.plain["summary"] = f'<p class="notice">{escape(text)}</p>{state.plain.get("summary", "")}'
        html = page.template.fill(state)
        wrong = f"{self.interface.translate(_ERROR)}: " if state.errors else ""
        if self.fragment and not whole:
            tag = page.title_tag.replace(b">", f">{escape(wrong)}".encode(), 1) if wrong else page.title_tag
            return make_html_reply(tag + html, status, *more, begins=self.begins)
        context = DocumentContext(self.language, self.questionnaire, self.institution)
        response = render_document(self.site, context, wrong + page.title, self.site.answers_script + html.decode(), status)
        if self.fragment:
            response.headers.extend([*more, ("HX-Retarget", "body"), ("HX-Reswap", "innerHTML")])
        return response


def _merge_measures(stored: StoredPage | None, post: PagePost) -> str:
    """Return the measurements of the script so far, for a page that is shown again with posted values."""
    return format_measures(merge_paradata(stored.paradata if stored else None, post.measures, new_visit=False))


@lru_cache(maxsize=4096)
def _render_parts(titles: tuple[str, ...], now: int) -> str:
    """Return the list of parts as HTML."""
    items = ((_THIS_PART if part == now else _PART).format(escape(strip_markup(title))) for part, title in enumerate(titles, 1))
    return PARTS.format("".join(items))


def map_posted_values(page: Page, post: PagePost) -> dict[str, object]:
    """Return variable → posted value, valid or not."""
    posted: dict[str, object] = {}
    for question in page.questions:
        names = [question.code, question.code + NAMELY, *(item.code for item in question.items)]
        for name in names:
            values = post.form.getlist(name)
            if values:
                posted[name] = values if QUESTION_TYPES[question.type].several and name == question.code else values[0]
    return posted
