"""The page for a person who lost the personal link: it takes a mail address, and always gives the same reply.

The request does the same work for every address: later, the worker checks whether a seat has the address.
"""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, request, url_for
from flask import Response as Reply

from survey_engine.fieldwork.lost_links import ask_link
from survey_engine.language.question_types.panel import is_email_address
from survey_engine.storage.addresses import PAUSE_SECONDS, SPREAD_SECONDS
from survey_engine.web.respondent.answer_pages import check_limit
from survey_engine.web.respondent.errors import RespondentError, guess_language, offers_mail
from survey_engine.web.respondent.forms import read_form
from survey_engine.web.respondent.page_responses import DocumentContext, render_document
from survey_engine.web.respondent.rate_limits import find_site_network
from survey_engine.web.respondent.site import Site, current_site

lost_links = Blueprint("lost_links", __name__, url_prefix="/lost")
_LONGEST_ADDRESS = 254
"""Maximum number of characters of a mail address (RFC 5321)."""


@lost_links.get("")
def show_form() -> Reply:
    """Render the form for an address."""
    return render_form(find_site(), "")


@lost_links.post("")
def ask() -> Reply:
    """Add the job that mails the link, and redirect to the same page for every address."""
    site, form = find_site(), read_form()
    address = form.get("address").strip()
    if len(address) > _LONGEST_ADDRESS or not is_email_address(address):
        return render_form(site, address[:_LONGEST_ADDRESS], 422)
    check_limit(site, "lost", find_site_network(request.remote_addr or ""))
    if site.limits.take("all_lost", ""):
        site.limits.delay()
    ask_link(site.identity, site.settings.pseudonym_key, address)
    return make_response(redirect(url_for(".show_asked", lang=read_language(site) or None), 303))


@lost_links.get("/asked")
def show_asked() -> Reply:
    """Explain what happens next, in the same way for every address."""
    site = find_site()
    language = guess_language(site)
    translate = site.find_texts(language).translate
    title = translate("Look in your mail")
    main = site.templates.get_template("respondent/lost_asked.html").render(
        _=translate,
        title=title,
        minutes=int((PAUSE_SECONDS + SPREAD_SECONDS) / 60),
        again=url_for(".show_form", lang=language.code),
    )
    return render_document(site, DocumentContext(language), title, main)


def find_site() -> Site:
    """Return the site; abort with 404 unless it sends mail and has addresses."""
    site = current_site()
    if not offers_mail(site):
        raise RespondentError("unknown")
    return site


def read_language(site: Site) -> str:
    """Return the language that was chosen on the page; empty if none."""
    chosen = request.args.get("lang") or read_form().get("lang")
    return chosen if chosen in site.plain_languages else ""


def render_form(site: Site, typed: str, status: int = 200) -> Reply:
    language = guess_language(site)
    translate = site.find_texts(language).translate
    title = translate("Lost your link?")
    main = site.templates.get_template("respondent/lost.html").render(
        _=translate,
        title=title,
        language=language,
        languages=list(site.plain_languages.values()),
        here=url_for(".show_form"),
        lang=language.code,
        typed=typed,
        fault=status == 422,
    )
    return render_document(site, DocumentContext(language), title, main, status)
