"""Replays a written respondent on the site, without a script: from the start page to the receipt."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from survey_engine.authoring.walks import Walk
from survey_engine.engine.assignment import split_names
from survey_engine.fieldwork.invitations.links import give_links
from survey_engine.fieldwork.signing import make_proof
from survey_engine.language.question_types.question_type import FIELD_PREFIX
from survey_engine.model.questionnaire import Page, Questionnaire, Values
from survey_engine.operations.simulation.browsing import Browser, Reply
from survey_engine.operations.simulation.reading import Drawn
from survey_engine.storage.identity import Seat
from tests.web.conftest import House, send

STARTS = 100
"""Number of starts that suffices for the draw to reach every module."""


@dataclass
class Replayed:
    """The pages and items that the site showed to a respondent, and the stored response."""

    pages: list[str] = field(default_factory=list)
    shown: list[set[str]] = field(default_factory=list)
    """For each page, its items with an input field."""
    answers: dict[str, Any] = field(default_factory=dict)
    language: str = ""
    receipt: str = ""
    stored_receipt: str = ""


def replay(house: House, walk: Walk) -> Replayed:
    """Start with a personal link as the student of the walk, answer each page as the walk does, and read the response."""
    questionnaire, seen = house.questionnaire(walk.questionnaire), Replayed()
    answers = {page.page: page.answers for page in walk.path}
    device, id, reply = start(house, walk)
    while reply.drawn.slug:
        _, page = questionnaire.placed_pages[reply.drawn.slug]
        assert page.code in answers, f"the site goes to {page.code}, the walk does not"
        inviting = list_inviting(reply.drawn, page)
        if page.code in seen.pages[-1:]:  # once more, with the follow-ups that the answers ask for
            assert inviting > seen.shown.pop()
        else:
            seen.pages.append(page.code)
        seen.shown.append(inviting)
        reply = answer(device, reply, answers[page.code])
    undo_random_order(questionnaire, seen)
    seen.receipt = reply.drawn.receipt
    ((seen.language,),) = house.rows("SELECT language FROM response WHERE id = ? AND completed_at IS NOT NULL", id)
    seen.stored_receipt = make_proof(house.settings.pseudonym_key, walk.questionnaire, id)
    rows = house.rows("SELECT page, answers FROM page WHERE response_id = ?", id)
    seen.answers = {page: json.loads(given) for page, given in rows}
    return seen


def undo_random_order(questionnaire: Questionnaire, seen: Replayed) -> None:
    """Sort the pages of each section with a random order as the definition does: walks are in that order."""
    placed = {page.code: (index, section) for index, (section, page) in enumerate(questionnaire.placed_pages.values())}
    sections = groupby(zip(seen.pages, seen.shown, strict=True), key=lambda pair: placed[pair[0]][1].code)
    runs = [(placed[found[0][0]][1].random_order, found) for _, pairs in sections if (found := list(pairs))]
    pairs = [pair for mixed, found in runs for pair in (sorted(found, key=lambda one: placed[one[0]][0]) if mixed else found)]
    seen.pages, seen.shown = [page for page, _ in pairs], [shown for _, shown in pairs]


def start(house: House, walk: Walk) -> tuple[Browser, int, Reply]:
    """Press Start until the draw gives the modules of the walk: it takes the module that was drawn least."""
    for _ in range(STARTS):
        (token,) = give_links(
            house.site.identity,
            house.site.participation.contact_keys,
            [Seat(walk.questionnaire, walk.institution, walk.background)],
        )
        device = house.device()
        device.get(f"/l/{token}")
        reply = device.post_plainly(f"/l/{token}?lang={walk.language}", [("lang", walk.language)])
        id = house.find_response(device, walk.questionnaire)
        ((modules,),) = house.rows("SELECT modules FROM response WHERE id = ?", id)
        if split_names(json.loads(modules)) == (walk.modules, walk.arms):
            return device, id, reply
    raise AssertionError(f"no student like this draws the modules {walk.modules} and the arms {walk.arms}")


def answer(device: Browser, reply: Reply, answers: Values) -> Reply:
    """Fill in what a page asks and post it; a page with empty items is posted twice."""
    here = {field.name.removeprefix(FIELD_PREFIX) for field in reply.drawn.fields}
    given = {name: value for name, value in answers.items() if name in here}
    after = send(device, reply, check_offered(reply.drawn, given))
    if after.status == 422:
        after = send(device, after, given)
    assert after.status == 200, after.drawn.heading
    return after


def check_offered(drawn: Drawn, given: Values) -> Values:
    """Check that the page offers all these answers."""
    for name, value in given.items():
        offered = drawn.list_offered(name)
        missing = {str(one) for one in (value if isinstance(value, list) else [value])} - set(offered)
        assert not offered or not missing, f"{name} does not offer {missing}"
    return given


def list_inviting(drawn: Drawn, page: Page) -> set[str]:
    """Return the items of a page with an input field."""
    fields = {field.name.removeprefix(FIELD_PREFIX) for field in drawn.fields}
    return {item.code for question in page.questions for item in question.items if item.code in fields}


def list_expected(walk: Walk, questionnaire: Questionnaire) -> list[set[str]]:
    """Return the same items according to the walk, without those that are only text."""
    return [set(page.shown) & questionnaire.variables.keys() for page in walk.path]
