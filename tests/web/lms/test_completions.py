"""A completion is told where the institution switched that on, after the page said so, and by the worker."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import jwt
import pytest
from click.testing import CliRunner
from sqlalchemy import text

from survey_engine.cli import main
from survey_engine.fieldwork.erasure import Stores, erase_own, reissue, unbind_launched_seats
from survey_engine.fieldwork.lms.completions import Completions, Outcome
from survey_engine.fieldwork.lms.waiting_reports import remove_waiting
from survey_engine.fieldwork.signing import hash_token
from survey_engine.storage.database import Database, read_now
from survey_engine.storage.lms import MATCH_BY_NUMBER, list_registrations, list_reports, put_registration, remove_registration
from tests.learning_environment import serve
from tests.web.lms.conftest import Visitor, add_seat
from tests.web.lms.gradebook import Course, Gradebook, claim, complete


@pytest.fixture
def completions(visitor: Visitor) -> Completions:
    site = visitor.house.site
    return Completions(site.answers, site.identity, site.participation.contact_keys, site.settings.pseudonym_key, plain=True)


@pytest.fixture
def course(listed: Visitor, completions: Completions) -> Iterator[Course]:
    """A course whose environment is told of completions, and finds students by their numbers."""
    identity, book = listed.house.site.identity, Gradebook()
    with serve(book.answer) as address:
        number = listed.environment.register(identity, reports=True, roster_match=MATCH_BY_NUMBER)
        registration = next(one for one in list_registrations(identity) if one.id == number)
        put_registration(identity, registration._replace(token_url=f"{address}/token"))
        yield Course(listed, completions, book, address)


def test_a_completion_is_reported_once_and_survives_a_failure(course: Course) -> None:
    book = course.book
    browser, page = course.launch(item="/items/3?type=x")
    assert "your course shows that" in page.text
    browser.start(page)
    assert course.report() == Outcome() and not book.scores, "not completed yet"
    complete(browser)
    book.refusals["/token"] = 503
    assert course.report() == Outcome(waiting=1)
    del book.refusals["/token"]
    assert course.report() == Outcome(sent=1)
    assert course.report() == Outcome()
    ((path, score),) = book.scores
    assert path == "/items/3/scores?type=x" and score["userId"] == "student-1" and score["activityProgress"] == "Completed"
    assert set(score) == {"userId", "activityProgress", "gradingProgress", "scoreGiven", "scoreMaximum", "timestamp"}
    keys = {one["kid"]: one for one in browser.client.get("/lti/keys").get_json()["keys"]}
    token, audience = book.assertions[-1], f"{course.address}/token"
    claims = jwt.decode(token, jwt.PyJWK(keys[jwt.get_unverified_header(token)["kid"]]), ["RS256"], audience=audience)
    assert claims["iss"] == claims["sub"] == "client-1"


@pytest.mark.parametrize("status", [400, 403, 404, 410, 422])
def test_a_refused_report_does_not_stop_the_others(course: Course, status: int) -> None:
    for number in range(6):
        course.complete(f"student-{number}")
    course.book.refusals["student-3"] = status
    found = course.report()
    assert found.sent == 5 and found.refused + found.dropped == 1
    assert course.book.told() == [f"student-{number}" for number in range(6) if number != 3]


@pytest.mark.parametrize("status", [404, 410])
def test_a_report_of_a_removed_grade_is_given_up_at_once(course: Course, status: int) -> None:
    course.complete()
    course.book.refusals["/items/3"] = status
    assert course.report() == Outcome(dropped=1) and course.report() == Outcome()


def test_a_refused_report_is_sent_again_daily_and_given_up_then(course: Course) -> None:
    course.complete()
    course.book.refusals["student-1"] = 422
    assert course.report() == Outcome(refused=1) and course.report() == Outcome(waiting=1)
    assert course.report(days=1) == Outcome(refused=1)
    assert course.report(days=2) == Outcome(dropped=1) and course.report(days=3) == Outcome()


def test_a_report_that_is_accepted_after_a_refusal_is_removed(course: Course) -> None:
    course.complete()
    course.book.refusals["student-1"] = 403
    assert course.report() == Outcome(refused=1)
    course.book.refusals.clear()
    assert course.report(days=1) == Outcome(sent=1) and course.report(days=2) == Outcome()


@pytest.mark.parametrize("status", [401, 429, 503])
def test_a_host_that_fails_is_not_asked_again_in_the_same_run(course: Course, status: int) -> None:
    for number in range(3):
        course.complete(f"student-{number}", item="/items/4")
    course.book.refusals["/items/4"] = status
    assert course.report() == Outcome(waiting=3) and len(course.book.assertions) == 1


def test_one_report_at_which_the_host_fails_does_not_stop_the_others(course: Course) -> None:
    for number in range(4):
        course.complete(f"student-{number}")
    course.book.refusals["student-1"] = 500
    assert any(course.report() == Outcome(waiting=1) for _ in range(100))
    assert course.book.told() == ["student-0", "student-2", "student-3"]


@pytest.mark.parametrize("act", ["release", "reissue"])
def test_no_completion_is_reported_for_an_account_that_lost_the_seat(course: Course, tmp_path: Path, act: str) -> None:
    add_seat(course.visitor)
    course.launch("wrong", number="S0012")
    site = course.visitor.house.site
    stores = Stores(site.answers, site.identity, site.settings.pseudonym_key)
    ((seat, link_hash),) = course.visitor.house.rows("SELECT id, link_hash FROM seat", store="identity")
    if act == "release":
        unbind_launched_seats(stores, "short", [seat])
    else:
        reissue(stores, tmp_path / "list", "short", [(seat, link_hash, hash_token("new"))])
    assert not list_reports(site.identity)
    course.complete("right", number="S0012")
    assert course.report() == Outcome(sent=1) and course.book.told() == ["right"]


def free_seats(course: Course) -> None:
    """Let the next account have the seats, without the removal of waiting reports."""
    with course.completions.identity.write() as connection:
        connection.execute(text("DELETE FROM lms_seat"))


def test_a_report_replaces_that_of_another_account(course: Course) -> None:
    """A launch that was under way while the seat was released stores the report of its account afterwards."""
    add_seat(course.visitor)
    course.launch("wrong", number="S0012")
    free_seats(course)
    course.complete("right", number="S0012")
    assert course.report() == Outcome(sent=1) and course.book.told() == ["right"]


def test_reports_in_other_courses_end_for_an_account_that_lost_the_seat(course: Course) -> None:
    add_seat(course.visitor)
    course.launch("wrong", number="S0012", item="/items/9")
    free_seats(course)
    course.complete("right", number="S0012")
    assert course.report() == Outcome(sent=1) and course.book.told() == ["right"]
    assert not list_reports(course.completions.identity)


def test_an_account_that_lost_the_seat_is_not_reported_for_its_response(course: Course) -> None:
    add_seat(course.visitor)
    course.complete("wrong", number="S0012", item="/items/9")
    free_seats(course)
    course.launch("right", number="S0012")
    assert course.report() == Outcome() and not course.book.scores


def test_a_response_by_the_link_is_not_reported_for_an_account(course: Course) -> None:
    link, device = add_seat(course.visitor), course.visitor.house.device()
    device.get(link)
    device.post_plainly(link, [("lang", "en")])
    complete(course.visitor)
    browser, page = course.launch("curious", number="S0012")
    browser.start(page)
    assert course.report() == Outcome() and not course.book.scores and not list_reports(course.completions.identity)


def test_a_completion_by_launches_is_reported_for_a_seat(course: Course) -> None:
    add_seat(course.visitor)
    course.complete(number="S0012")
    assert course.report() == Outcome(sent=1)


def test_a_withdrawn_place_is_not_reported(course: Course) -> None:
    add_seat(course.visitor)
    course.complete(number="S0012")
    withdraw(course.completions.identity)
    assert course.report() == Outcome()
    with course.completions.identity.write() as connection:
        connection.execute(text("DELETE FROM lms_report"))
    assert course.launch(number="S0012")[1].status_code == 410 and not list_reports(course.completions.identity)


def withdraw(identity: Database) -> None:
    with identity.write() as connection:
        connection.execute(text("UPDATE seat SET withdrawn = true"))


def test_reports_of_a_removed_registration_are_removed(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    house, identity = course.visitor.house, course.completions.identity
    monkeypatch.setenv("SURVEY_DATA", str(house.folder / "data"))
    monkeypatch.setenv("SURVEY_QUESTIONNAIRES", str(house.folder / "q"))
    course.launch()
    remove_waiting(identity, course.completions.contact_keys, registration=1)
    assert len(list_reports(identity)) == 1
    number = str(list_registrations(identity)[0].id)
    done = CliRunner().invoke(main, ["lti", "remove", number])
    assert done.exit_code == 0 and not list_reports(identity), done.output


def test_nothing_is_remembered_where_reports_are_off(visitor: Visitor) -> None:
    page = visitor.launch(**claim("https://lms.example.org/items/3"))
    assert "your course shows that" not in page.text and not list_reports(visitor.house.site.identity)


@pytest.fixture
def remembered(visitor: Visitor) -> Visitor:
    visitor.environment.register(visitor.house.site.identity, reports=True)
    visitor.start(visitor.launch(**claim("https://lms.example.org/items/3")))
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
