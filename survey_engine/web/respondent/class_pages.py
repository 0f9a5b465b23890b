"""The class page for a teacher: a QR code for the class, what to say before the start, totals of the class, and a timer.

The link is signed and read-only. The page reveals nothing about single persons: the worker's totals have no number below five.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import Blueprint, g, make_response, redirect, request, url_for
from flask import Response as Reply

from survey_engine.engine.routing import Respondent
from survey_engine.fieldwork.group_totals import LOGIN, OPEN_LINK, STEP, choose_entrance, name_group
from survey_engine.fieldwork.signing import ClassLink
from survey_engine.model.questionnaire import Institution, Questionnaire
from survey_engine.rendering.interface_texts import N_, InterfaceTexts
from survey_engine.rendering.page_plan import Wording
from survey_engine.storage.group_totals import GroupTotal, find_total
from survey_engine.web.respondent.answer_pages import check_limit
from survey_engine.web.respondent.entry import check_institution
from survey_engine.web.respondent.errors import RespondentError
from survey_engine.web.respondent.page_responses import DocumentContext, render_document
from survey_engine.web.respondent.rate_limits import find_network
from survey_engine.web.respondent.site import Site, current_site
from survey_engine.web.respondent.start_page import choose_language, estimate_seconds

class_pages = Blueprint("class_pages", __name__)
_LONGEST_TIMER = 86_400
"""Seconds after which a timer is no longer shown."""
_MANY = N_("%(number)s or more")
_START_PAGES, _LOGIN_PAGES = ("entry.show_start", "entry.show_qr_code"), ("login.show_login", "login.show_qr_code")
"""Endpoints of the page where a class begins, and of its QR code."""


class ClassContext(NamedTuple):
    """The class of a link."""

    site: Site
    questionnaire: Questionnaire
    institution: Institution
    link: ClassLink
    total: GroupTotal


@class_pages.get("/class/<token>")
def show_class(token: str) -> Reply:
    """Render the page of a class. It stores nothing."""
    place = find_class(token)
    now, begun = int(place.site.participation.now().timestamp()), request.args.get("begun", "")
    if begun == "now":
        return make_response(redirect(url_for(".show_class", token=token, begun=now, lang=request.args.get("lang")), 303))
    seconds = now - int(begun) if begun.isascii() and begun.isdigit() and len(begun) < 12 else -1
    return render_class(place, token, seconds // 60 if 0 <= seconds < _LONGEST_TIMER else None)


def find_class(token: str) -> ClassContext:
    """Return the class of a valid link, while the questionnaire is open there."""
    site = current_site()
    link = site.signatures.read_class_link(token)
    if link is None:
        check_limit(site, "miss", find_network(request.remote_addr or ""), "guessing")
        raise RespondentError("unknown")
    questionnaire = g.questionnaire = site.participation.registry.find_current(link.questionnaire)
    if questionnaire is None:
        raise RespondentError("closed")
    institution = check_institution(site, questionnaire, link.institution)
    total = find_total(site.identity, name_group(site.settings.pseudonym_key, *link))
    if total is None:
        raise RespondentError("withdrawn")
    return ClassContext(site, questionnaire, institution, link, total)


def render_class(place: ClassContext, token: str, minutes: int | None) -> Reply:
    """Render the page. Args: minutes: minutes since the start of the timer; None without a timer."""
    site, questionnaire, institution, link, total = place
    entrance = choose_entrance(institution, link[2:], total.persons)
    # the address of an institution without an open link leads to its login
    page, picture = _LOGIN_PAGES if entrance == LOGIN and institution.has_open_link else _START_PAGES
    language = choose_language(site, questionnaire, institution)
    interface = site.find_texts(language)
    wording = Wording(questionnaire, language, institution)
    expected = max(
        1, round(estimate_seconds(questionnaire, Respondent(institution.code, language.code, institution.open_link)) / 60)
    )
    where: dict[str, Any] = {"code": questionnaire.code, "name": institution.code}
    main = site.templates.get_template("respondent/class.html").render(
        _=interface.translate,
        assets=site.assets,
        title=wording.line(questionnaire.title),
        label=link.label if link.code else "",
        is_open=link[2:] == OPEN_LINK,
        has_consent=questionnaire.has_consent,
        language=language,
        languages=site.offered(questionnaire, institution.code),
        here=url_for(".show_class", token=token),
        begun=request.args.get("begun") if minutes is not None else "",
        passed=minutes,
        entrance=entrance,
        address=site.settings.base_url.partition("//")[2] + url_for(page, **where),
        picture=url_for(picture, **where),
        minutes=interface.translate_plural("About %(number)s minute", "About %(number)s minutes", expected),
        persons=total.persons,
        started=describe_number(interface, total.started),
        completed=describe_number(interface, total.completed),
        counted=describe_time(total, institution.find_zone(site.settings.timezone)),
        step=STEP,
    )
    return render_document(site, DocumentContext(language, questionnaire, institution), interface.translate("In class"), main)


def describe_number(interface: InterfaceTexts, number: int | None) -> str:
    """Return a number of persons in words that do not reveal small numbers; empty if nothing may be shown."""
    if number is None:
        return ""
    return interface.translate(_MANY, number=number) if number else interface.translate(N_("fewer than %(number)s"), number=STEP)


def describe_time(total: GroupTotal, zone: ZoneInfo) -> str:
    """Return the time of day of the count; empty before the first one."""
    return f"{datetime.fromtimestamp(total.counted_at, zone):%H:%M}" if total.counted_at else ""
