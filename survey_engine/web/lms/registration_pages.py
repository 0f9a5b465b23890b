"""Views by which a learning environment registers itself. A command approves the registration."""

from __future__ import annotations

import structlog
from flask import Response as Reply
from flask import request, url_for

from survey_engine.fieldwork.lms.dynamic_registration import DynamicRegistration
from survey_engine.fieldwork.lms.platform_requests import PlatformError
from survey_engine.rendering.interface_texts import N_
from survey_engine.web.lms.services import lms
from survey_engine.web.respondent.answer_pages import check_limit
from survey_engine.web.respondent.embedding import allow_embedding
from survey_engine.web.respondent.errors import guess_language
from survey_engine.web.respondent.forms import read_form
from survey_engine.web.respondent.page_responses import DocumentContext, render_document
from survey_engine.web.respondent.rate_limits import find_network
from survey_engine.web.respondent.site import current_site

_DONE = N_("The learning environment is registered. It works after the administrator of the questionnaire has approved it.")
FAILED = N_("The learning environment could not be registered: %(reason)s. Ask for a new address.")


@lms.get("/register/<token>")
def show_registration(token: str) -> Reply:
    """Ask whether to register the environment. Nothing is changed."""
    named = [(name, request.args.get(name, "")) for name in ("openid_configuration", "registration_token")]
    return render_registration(again=named, action=url_for(".register", token=token))


@lms.post("/register/<token>")
def register(token: str) -> Reply:
    """Register the environment; it waits for approval."""
    site, form = current_site(), read_form()
    check_limit(site, "miss", find_network(request.remote_addr or ""), "guessing")
    dynamic = DynamicRegistration(site.identity, site.settings.base_url, bool(site.settings.lms_development))
    try:
        found = dynamic.register(
            token, form.get("openid_configuration"), form.get("registration_token"), site.participation.now().timestamp()
        )
    except PlatformError as error:
        return render_registration(FAILED, str(error))
    structlog.get_logger().info("lms_registered", registration=found.id)
    return render_registration(_DONE)


def render_registration(text: str = "", reason: str = "", again: list[tuple[str, str]] | None = None, action: str = "") -> Reply:
    """Render the question with the fields `again`; without them, render the outcome."""
    site = current_site()
    language = guess_language(site)
    translate = site.find_texts(language).translate
    title = translate("Connect this learning environment")
    asks = translate("Your learning environment and this questionnaire exchange their addresses and keys. No names are sent.")
    main = site.templates.get_template("lms/registration.html").render(
        _=translate,
        title=title,
        text=translate(text, reason=reason) if text else asks,
        again=again,
        action=action,
        script="" if again else site.assets.url("lti.js"),
    )
    reply = render_document(site, DocumentContext(language), title, main, 400 if reason else 200)
    allow_embedding(reply, *site.questionnaires.values())
    return reply
