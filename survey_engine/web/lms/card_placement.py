"""The page on which a teacher chooses the questionnaire of a card (deep linking)."""

from __future__ import annotations

from typing import Any, cast

from flask import Response as Reply
from pylti1p3.deep_link import DeepLink
from pylti1p3.deep_link_resource import DeepLinkResource
from pylti1p3.lineitem import LineItem

from survey_engine.fieldwork.lms.launches import Launch, Placement
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.rendering.page_plan import Wording
from survey_engine.web.lms.services import LmsServices, allow_forms, find_origin
from survey_engine.web.respondent.errors import guess_language
from survey_engine.web.respondent.page_responses import DocumentContext, render_document
from survey_engine.web.respondent.site import Site

_FRAME_HEIGHT = 800


class PlacedCard(DeepLinkResource):
    """A card as the learning environment stores it: it opens in a frame, or in a new window if frames are not allowed."""

    def __init__(self, *, framed: bool) -> None:
        self._framed = framed

    def to_dict(self) -> dict[str, object]:
        look = {"iframe": {"height": _FRAME_HEIGHT}} if self._framed else {"window": {"targetName": "_blank"}}
        return super().to_dict() | look


def render_placement(site: Site, services: LmsServices, found: Launch, placement: Placement) -> Reply:
    """Render a button for each open questionnaire of the institution. It posts the signed card to the environment."""
    language, name = guess_language(site), found.deployment.institution
    offered = [one for one in site.questionnaires.values() if name in one.institutions]
    tool = services.tool_keys.sign_for(
        lambda one: one.set_issuer(found.registration.issuer).set_client_id(found.registration.client_id)
    )
    cards = []
    for questionnaire in offered:
        institution = questionnaire.institutions[name]
        if site.participation.is_open(questionnaire.code, institution):
            shown = questionnaire.languages.get(language.code, questionnaire.languages[questionnaire.source_language])
            title = Wording(questionnaire, shown, institution).line(questionnaire.title)
            card = make_card(site, questionnaire, title, found, framed=bool(institution.embed) and placement.framed)
            link = DeepLink(tool, found.deployment.deployment, cast(Any, placement.settings))
            cards.append((title, link.get_response_jwt([card])))
    translate = site.find_texts(language).translate
    main = site.templates.get_template("lms/place.html").render(_=translate, cards=cards, address=placement.address)
    context = DocumentContext(language, offered[0] if offered else None, offered[0].institutions[name] if offered else None)
    reply = render_document(site, context, translate("Which questionnaire do you want to place?"), main)
    allow_forms(reply, find_origin(placement.address))
    return reply


def make_card(site: Site, questionnaire: Questionnaire, title: str, found: Launch, *, framed: bool) -> PlacedCard:
    card = PlacedCard(framed=framed)
    card.set_title(title).set_url(f"{site.settings.base_url}/lti/launch").set_custom_params({"questionnaire": questionnaire.code})
    if found.deployment.reports:
        card.set_lineitem(LineItem().set_score_maximum(1).set_label(title).set_resource_id(questionnaire.code))
    return card
