"""Form fields and addresses of the site never clash with codes of questions and questionnaires."""

from __future__ import annotations

import pytest

from survey_engine.language.question_types.question_type import FIELD_PREFIX
from survey_engine.operations.simulation.browsing import Browser
from survey_engine.web.respondent.forms import FORM_FIELDS
from tests.web.conftest import House, send, start
from tests.writing import write_questions


def list_own(house: House, device: Browser) -> set[str]:
    """Return the fields of the site on the start page and on every page of the gallery, with and without prompts."""
    found = {field.name for field in device.get("/q/gallery/demo").drawn.fields}
    reply = start(device, "/q/gallery/demo")
    while reply.drawn.slug:
        found |= {field.name for field in reply.drawn.fields}
        reply = send(device, reply)
    return {name for name in found if not name.startswith(FIELD_PREFIX)}


def test_no_form_field_of_the_site_has_the_name_of_a_question_field(gallery: House) -> None:
    own = list_own(gallery, gallery.device())

    assert {"ticket", "number", "wish", "prompted"} <= own <= FORM_FIELDS


@pytest.mark.parametrize("code", [*sorted(FORM_FIELDS - {"language"}), "action", "elements", "submit", "matches", "closest"])
def test_no_code_is_reserved_for_the_pages_sake(tmp_path, code: str) -> None:
    assert not write_questions(tmp_path, f"- mark: {code}\n  text: M?").problems


def test_every_path_has_a_fixed_first_part(gallery: House) -> None:
    rules = [rule.rule for rule in gallery.app.url_map.iter_rules()]

    assert not [rule for rule in rules if rule.startswith("/<")]
