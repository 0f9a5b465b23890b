"""A launched student gets the seat on the institution's roster where a deployment looks for it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import text

from survey_engine.storage.lms import EMAIL, MATCH_BY_NUMBER
from tests.learning_environment import CLAIM
from tests.web.lms.conftest import CUSTOM, OWN, SOURCED, Visitor, add_seat


def list_responses(visitor: Visitor) -> list[tuple[Any, ...]]:
    return visitor.house.rows("SELECT pseudonym, background FROM response ORDER BY id")


def launch(visitor: Visitor, number: str = " s0012 ", **claims: Any) -> None:
    visitor.start(visitor.launch(**{CUSTOM: {"student_number": number}, **claims}))


def test_a_student_on_the_list_has_one_response_by_launch_and_link(listed: Visitor) -> None:
    link = add_seat(listed)
    launch(listed)
    ((pseudonym, background),) = list_responses(listed)
    assert not pseudonym.startswith("lms-") and json.loads(background) == {"level": 1}
    elsewhere = listed.house.app.test_client()
    assert "Welcome back" in elsewhere.get(link, headers={"Accept-Language": "en"}).text
    assert elsewhere.post(link, data={"lang": "en"}, headers=OWN).status_code == 303
    assert [row[0] for row in list_responses(listed)] == [pseudonym]


@pytest.mark.parametrize(("on_list", "sent"), [("0012", "12"), ("12", "0012"), ("0012", "12.0"), ("1004", "1.004")])
def test_a_number_is_found_by_its_other_spellings(listed: Visitor, on_list: str, sent: str) -> None:
    add_seat(listed, on_list)
    launch(listed, sent)
    assert json.loads(list_responses(listed)[0][1]) == {"level": 1}


@pytest.mark.parametrize(("sent", "level"), [("12", 1), ("00012", 3)])
def test_of_two_spellings_on_a_list_only_the_same_one_is_found(listed: Visitor, sent: str, level: int) -> None:
    add_seat(listed, "12")
    add_seat(listed, "0012", level=2)
    launch(listed, sent)
    assert json.loads(list_responses(listed)[0][1]) == {"level": level}


def test_who_began_by_the_link_goes_on_in_the_course(listed: Visitor) -> None:
    assert listed.house.app.test_client().post(add_seat(listed), data={"lang": "en"}, headers=OWN).status_code == 303
    page = listed.launch(**{CUSTOM: {"student_number": "S0012"}})
    assert listed.start(page).status_code == 303 and len(list_responses(listed)) == 1


def test_a_student_on_the_list_needs_no_open_link(listed: Visitor) -> None:
    listed.environment.register(listed.house.site.identity, "closed", roster_match=MATCH_BY_NUMBER)
    add_seat(listed, institution="closed", level=2)
    assert listed.launch().status_code == 404
    launch(listed)
    assert json.loads(list_responses(listed)[0][1]) == {"level": 2}


@pytest.mark.parametrize(
    "claims",
    [
        {CUSTOM: {"student_number": "S9999"}},
        {CUSTOM: {"student_number": "$Person.sourcedId"}},
        {CUSTOM: {"student_number": 12}},
        {SOURCED: {"person_sourcedid": ["S0012"]}},
        {"email": "s0012"},
        {},
    ],
    ids=str,
)
def test_who_is_not_found_has_the_background_of_the_open_link(listed: Visitor, claims: dict[str, Any]) -> None:
    add_seat(listed)
    listed.start(listed.launch(**claims))
    ((pseudonym, background),) = list_responses(listed)
    assert pseudonym.startswith("lms-") and json.loads(background) == {"level": 3}


def test_nobody_is_looked_for_without_the_institutions_wish(listed: Visitor) -> None:
    listed.environment.register(listed.house.site.identity)
    add_seat(listed, address="anna@example.org")
    launch(listed)
    assert list_responses(listed)[0][0].startswith("lms-")


def test_a_seat_of_another_institution_is_not_found(listed: Visitor) -> None:
    add_seat(listed, institution="other")
    launch(listed)
    assert list_responses(listed)[0][0].startswith("lms-")


def test_a_withdrawn_seat_starts_nothing(listed: Visitor) -> None:
    add_seat(listed)
    page = listed.launch(**{CUSTOM: {"student_number": "S0012"}})
    with listed.house.site.identity.write() as connection:
        connection.execute(text("UPDATE seat SET withdrawn = true"))
    assert listed.launch(**{CUSTOM: {"student_number": "S0012"}}).status_code == 410
    assert listed.start(page).status_code == 410
    assert not list_responses(listed)


def test_who_began_before_the_list_was_searched_goes_on(listed: Visitor) -> None:
    launch(listed)
    add_seat(listed)
    launch(listed)
    assert len(list_responses(listed)) == 1


@pytest.mark.parametrize(("count", "found"), [(1, True), (2, False)])
def test_an_address_finds_the_only_person_who_has_it(listed: Visitor, count: int, found: bool) -> None:
    listed.environment.register(listed.house.site.identity, roster_match=EMAIL)
    for number in range(count):
        add_seat(listed, f"S{number}", address="anna@example.org")
    launch(listed, email=" Anna@Example.org")
    assert list_responses(listed)[0][0].startswith("lms-") is not found


def test_no_store_has_the_number_of_a_launch(listed: Visitor) -> None:
    add_seat(listed, "unheard-of-4711")
    launch(listed, "unheard-of-4711")
    for database in (listed.house.site.answers, listed.house.site.identity):
        with database.read() as connection:
            dump = "\n".join(connection.connection.driver_connection.iterdump())
        assert "unheard" not in dump.casefold() and "student-1" not in dump


@pytest.mark.parametrize(
    ("locale", "words"),
    [("nl-NL", "Korte lijst"), ("nl", "Korte lijst"), ("en_GB", "Short one"), ("fr", "Short one"), (7, "Short one")],
)
def test_a_start_page_has_the_language_of_the_environment(visitor: Visitor, locale: object, words: str) -> None:
    page = visitor.launch(**{f"{CLAIM}launch_presentation": {"locale": locale}})
    assert words in page.text


def test_a_response_keeps_the_language_it_has(visitor: Visitor) -> None:
    visitor.start(visitor.launch())
    again = visitor.launch(**{f"{CLAIM}launch_presentation": {"locale": "nl"}})
    assert "Welcome back" in again.text
