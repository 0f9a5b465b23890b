"""Pages rendered in the reply to a form, for devices without a cookie: in a frame of another site, browsers store no cookie.

Each page has a signed ticket in its form that identifies the response.
"""

from __future__ import annotations

from datetime import time, timedelta

from flask import Response as Reply
from flask import request, url_for

from survey_engine.engine.asked_items import has_panel
from survey_engine.engine.response_state import Response
from survey_engine.engine.routing import route
from survey_engine.fieldwork.hidden_answers import hide_others, hides_answers
from survey_engine.fieldwork.signing import Ticket, make_writer, name_form
from survey_engine.model.questionnaire import Institution, Questionnaire
from survey_engine.rendering.page_plan import Wording
from survey_engine.storage.answers import find_completion, load_response
from survey_engine.web.respondent.page_responses import DocumentContext, PageRenderer, is_fragment, render_document
from survey_engine.web.respondent.site import Site, current_site

_FIRST_SHOWING = timedelta(minutes=5)
"""Time after completion for which the proof shows the time of day."""
COMPLETION_SLUG = "done"
"""The slug in the ticket of the proof of completion. The ticket's `based_on` is the time at which the proof was rendered."""


def is_framed() -> bool:
    """Whether the browser loads the reply into a frame."""
    return request.headers.get("Sec-Fetch-Dest") in ("iframe", "frame")


def is_framed_elsewhere(institution: Institution) -> bool:
    """Whether the page is in a frame of a site that the institution does not name, as far as the browser's headers show."""
    site = "/".join(request.headers.get("Referer", "").split("/", 3)[:3])
    development = current_site().settings.lms_development
    return is_framed() and site not in ("", f"{request.scheme}://{request.host}", *institution.embed, development)


def allow_embedding(reply: Reply, *questionnaires: Questionnaire) -> None:
    """Allow the sites of all institutions to embed this page, because its institution is unknown."""
    institutions = (institution for one in questionnaires for institution in one.institutions.values())
    sites = dict.fromkeys(site for institution in institutions for site in institution.embed)
    if development := current_site().settings.lms_development:
        sites[development] = None
    if sites:
        policy = reply.headers["Content-Security-Policy"]
        reply.headers["Content-Security-Policy"] = policy.replace("ancestors 'none'", f"ancestors {' '.join(sites)}")


def allow_any_frame(reply: Reply) -> None:
    """Allow every site to show this page in a frame: the page has no form, and its link opens a new window."""
    kept, name, _ = reply.headers["Content-Security-Policy"].partition("frame-ancestors")
    reply.headers["Content-Security-Policy"] = f"{kept}{name} *"


def render_in_place(site: Site, questionnaire: Questionnaire, response: Response, slug: str | None, **shown: bool) -> Reply:
    """Render a page of this response; without `slug`, its proof of completion.

    Args:
        slug: the page.
        shown: `whole` and `unstored`, as `PageRenderer.render` has them.
    """
    if slug is None:
        stored = response if response.completed else load_response(site.answers, response.id)
        response = stored._replace(link_mark=response.link_mark) if stored else response
        return render_completion(site, questionnaire, hide_others(questionnaire, response), unstored=shown.get("unstored", False))
    path = route(questionnaire, response.respondent, response.answers())
    return PageRenderer(site, questionnaire, response, path, begins=True).render(slug, **shown)


def render_completion(
    site: Site,
    questionnaire: Questionnaire,
    response: Response,
    **shown: object,
) -> Reply:
    """Render the proof of completion, with a button that deletes the cookie if the device has one.

    Args:
        shown: template variables: `private_key` and `panel` (the panel addresses) if the respondent requested them; `unstored` if
        answers were posted after completion and not stored.
    """
    language = questionnaire.languages[response.respondent.language]
    institution = questionnaire.institutions[response.respondent.institution]
    wording, translate = Wording(questionnaire, language, institution), site.find_texts(language).translate
    now = int(site.participation.now().timestamp())
    main = site.templates.get_template("respondent/done.html").render(
        _=translate,
        thanks=wording.paragraphs(questionnaire.thanks),
        title=wording.line(questionnaire.title),
        institution=institution,
        time=describe_completion(site, questionnaire, response),
        hides_answers=hides_answers(response.link_mark),
        framed=is_framed() or is_fragment(),  # browsers ignore autofocus there
        receipt=site.participation.make_proof(response),
        code=questionnaire.code,
        ticket=site.signatures.sign_ticket(
            Ticket(response.id, COMPLETION_SLUG, now, make_writer(), name_form(questionnaire.version), response.link_mark)
        ),
        own=find_own_address(site, response),
        lang=language.code,
        has_panel=any(has_panel(page) for _, page in questionnaire.placed_pages.values()),
        **{"private_key": "", "panel": {}, "unstored": False, **shown},
        personal=bool(response.pseudonym),
        leave=url_for("entry.forget_response", code=questionnaire.code) if site.can_resume(questionnaire, response) else "",
    )
    reply = render_document(site, DocumentContext(language, questionnaire, institution), translate("Done. Thank you!"), main)
    if is_fragment():
        reply.headers["HX-Retarget"], reply.headers["HX-Reswap"] = "body", "innerHTML"
        reply.headers["HX-Push-Url"] = url_for("entry.show_completion", code=questionnaire.code)
    return reply


def find_own_address(site: Site, response: Response) -> str:
    """Return the address where a person can read and erase the answers with the private key."""
    name = response.respondent.institution
    return site.settings.base_url + url_for("own_answers.show_form", code=response.questionnaire, name=name)


def describe_completion(site: Site, questionnaire: Questionnaire, response: Response) -> str:
    """Return the day of completion in the institution's time zone, in the first minutes with the time of day."""
    found = find_completion(site.answers, response.id)
    if found is None:
        return ""
    institution = questionnaire.institutions[response.respondent.institution]
    is_recent = site.participation.now() - found < _FIRST_SHOWING
    if found.timetz().replace(tzinfo=None) != time():  # midnight means that only the day is stored
        found = found.astimezone(institution.find_zone(site.settings.timezone))
    else:
        is_recent = False
    day = site.find_texts(questionnaire.languages[response.respondent.language]).long_date(found.date())
    return f"{day}, {found:%H:%M}" if is_recent else day
