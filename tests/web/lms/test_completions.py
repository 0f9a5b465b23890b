"""A completion is told where the institution switched that on, after the page said so, and by the worker."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from sqlalchemy import text

from survey_engine.fieldwork.erasure import Stores, erase_own
from survey_engine.fieldwork.lms.completions import Completions
from survey_engine.fieldwork.lms.launches import GRADES, SCORE_SCOPE
from survey_engine.storage.database import read_now
from survey_engine.storage.lms import list_registrations, list_reports, put_registration, remove_registration
from tests.learning_environment import serve
from tests.web.lms.conftest import Visitor


class Gradebook:
    """An environment that gives access tokens and takes scores."""

    def __init__(self) -> None:
        self.scores: list[tuple[str, dict[str, Any]]] = []
        self.assertions: list[str] = []
        self.is_down = False

    def answer(self, path: str, body: bytes) -> tuple[int, bytes]:
        if self.is_down:
            return 503, b""
        if path == "/token":
            self.assertions.append(parse_qs(body.decode())["client_assertion"][0])
            return 200, b'{"access_token": "secret"}'
        self.scores.append((path, json.loads(body)))
        return 204, b""


@pytest.fixture
def completions(visitor: Visitor) -> Completions:
    site = visitor.house.site
    return Completions(site.answers, site.identity, site.participation.contact_keys, site.settings.pseudonym_key, plain=True)


def claim(address: str) -> dict[str, Any]:
    return {GRADES: {"scope": [SCORE_SCOPE], "lineitem": f"{address}/items/3?type=x"}}


def complete(visitor: Visitor) -> None:
    with visitor.house.site.answers.write() as connection:
        connection.execute(text("UPDATE response SET completed_at = CURRENT_TIMESTAMP"))


def test_a_completion_is_reported_once_and_survives_a_failure(visitor: Visitor, completions: Completions) -> None:
    identity, book = visitor.house.site.identity, Gradebook()
    with serve(book.answer) as address:
        number = visitor.environment.register(identity, reports=True)
        registration = next(one for one in list_registrations(identity) if one.id == number)
        put_registration(identity, registration._replace(token_url=f"{address}/token"))
        page = visitor.launch(**claim(address))
        assert "your course shows that" in page.text
        visitor.start(page)
        now = read_now(identity)
        assert completions.send(now, lambda code: None) == (0, 0) and not book.scores, "not completed yet"
        complete(visitor)
        book.is_down = True
        assert completions.send(now, lambda code: None) == (0, 1)
        book.is_down = False
        assert completions.send(now, lambda code: None) == (1, 0)
        assert completions.send(now, lambda code: None) == (0, 0)
    ((path, score),) = book.scores
    assert path == "/items/3/scores?type=x" and score["userId"] == "student-1" and score["activityProgress"] == "Completed"
    assert set(score) == {"userId", "activityProgress", "gradingProgress", "scoreGiven", "scoreMaximum", "timestamp"}
    keys = {one["kid"]: one for one in visitor.client.get("/lti/keys").get_json()["keys"]}
    token = book.assertions[-1]
    claims = jwt.decode(token, jwt.PyJWK(keys[jwt.get_unverified_header(token)["kid"]]), ["RS256"], audience=f"{address}/token")
    assert claims["iss"] == claims["sub"] == "client-1"


def test_nothing_is_remembered_where_reports_are_off(visitor: Visitor) -> None:
    page = visitor.launch(**claim("https://lms.example.org"))
    assert "your course shows that" not in page.text and not list_reports(visitor.house.site.identity)


@pytest.fixture
def remembered(visitor: Visitor) -> Visitor:
    visitor.environment.register(visitor.house.site.identity, reports=True)
    visitor.start(visitor.launch(**claim("https://lms.example.org")))
    return visitor


def test_a_remembered_person_is_encrypted_without_the_pseudonym(remembered: Visitor, completions: Completions) -> None:
    ((_, sealed),) = list_reports(completions.identity)
    ((pseudonym,),) = remembered.house.rows("SELECT pseudonym FROM response")
    clear = completions.contact_keys.decrypt(sealed)
    assert "student" not in sealed and "student-1" in clear and pseudonym not in clear


@pytest.mark.parametrize(("completed", "days", "kept"), [(False, 1, 0), (True, 1, 1), (True, 8, 0)])
def test_a_person_is_forgotten_after_the_closing(
    remembered: Visitor, completions: Completions, completed: bool, days: int, kept: int
) -> None:
    if completed:  # the environment does not reply
        complete(remembered)
    now = read_now(completions.identity)
    completions.send(now, lambda code: now - timedelta(days=days))
    assert len(list_reports(completions.identity)) == kept


def test_a_person_is_forgotten_with_the_registration(remembered: Visitor, completions: Completions) -> None:
    remove_registration(completions.identity, list_registrations(completions.identity)[0].id)
    completions.send(read_now(completions.identity), lambda code: None)
    assert not list_reports(completions.identity)


def test_an_erased_person_is_forgotten_at_once(remembered: Visitor, completions: Completions, tmp_path: Path) -> None:
    site = remembered.house.site
    ((id,),) = remembered.house.rows("SELECT id FROM response")
    erase_own(Stores(site.answers, site.identity, site.settings.pseudonym_key), tmp_path / "list", "short", id)
    assert not list_reports(completions.identity)
