"""The site's own form fields and addresses, and the codes of questions and questionnaires, do not meet."""

from __future__ import annotations

from survey_engine.language.builder import ADDRESSES, FORM_FIELDS, RESERVED
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.operations.simulation.browsing import Browser, Reply
from tests.web.conftest import House, send, start


def list_own(house: House, reply: Reply) -> set[str]:
    """The fields of a drawn page that belong to no question."""
    _, page = house.questionnaire("gallery").placed_pages[reply.drawn.slug]
    asked = {question.code for question in page.questions}
    asked |= {v.code for question in page.questions for v in QUESTION_TYPES[question.type].variables(question)}
    return {field.name for field in reply.drawn.fields if field.name.split("__")[0] not in asked}


def see_everything(house: House, device: Browser) -> set[str]:
    """The site's own fields on the start page and on every page of the gallery, drawn afresh and with its prompts."""
    found = {field.name for field in device.get("/gallery/demo").drawn.fields}
    reply = start(device, "/gallery/demo")
    while reply.drawn.slug:
        found |= list_own(house, reply)
        reply = send(device, reply)
    return found


def test_every_field_that_the_site_adds_to_a_form_is_refused_as_a_code(gallery: House) -> None:
    added = see_everything(gallery, gallery.device())

    assert {"ticket", "number", "wish", "prompted"} <= added
    assert added <= RESERVED
    assert set(FORM_FIELDS) <= added


def test_no_questionnaire_is_called_as_an_address_of_the_site_begins(gallery: House) -> None:
    rules = [rule.rule.split("/") for rule in gallery.app.url_map.iter_rules()]
    own = {first for _, first, *more in rules if more and first and not first.startswith("<")}
    assert own - {".well-known"} == ADDRESSES
