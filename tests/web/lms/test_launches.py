"""A launch by a learning environment: the same person has the same response, and no store has a name."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jwt
import pytest
from werkzeug.test import TestResponse

from survey_engine.fieldwork.erasure import Stores, count_responses_without_seat
from survey_engine.fieldwork.group_totals import ALL_PERSONS, name_group
from survey_engine.fieldwork.lms.tool_keys import ToolKeys
from survey_engine.fieldwork.signing import ClassLink
from survey_engine.storage.group_totals import add_group, remove_group
from survey_engine.storage.lms import Deployment, approve_registration, find_registrations, put_deployment
from survey_engine.storage.response_counts import count_without_seat, map_backgrounds
from survey_engine.web.respondent.shared_devices import find_limit
from tests.learning_environment import CLAIM, DEEP_LINKING, INSTRUCTOR, LEARNER, Environment
from tests.web.lms.conftest import FOREIGN, FRAME, OWN, Visitor, read_action, read_fields

MEMBERSHIP = "http://purl.imsglobal.org/vocab/lis/v2/membership"


def list_responses(visitor: Visitor) -> list[tuple[Any, ...]]:
    return visitor.house.rows("SELECT id, pseudonym, channel FROM response ORDER BY id")


def test_a_student_starts_and_a_second_launch_goes_on(visitor: Visitor) -> None:
    page = visitor.launch()
    assert page.status_code == 200 and "Short one" in page.text and not list_responses(visitor)
    assert visitor.start(page).status_code == 303
    (response,) = list_responses(visitor)
    assert response[1].startswith("lms-") and response[2] == "lms"
    elsewhere = Visitor(visitor.house, visitor.environment)
    again = elsewhere.launch()
    assert "Welcome back" in again.text
    assert elsewhere.start(again).status_code == 303
    assert list_responses(visitor) == [response]


def test_persons_deployments_and_questionnaires_have_their_own_responses(visitor: Visitor) -> None:
    number = find_registrations(visitor.house.site.identity, visitor.environment.issuer)[0].id
    put_deployment(visitor.house.site.identity, Deployment(number, "8", "demo"))
    for more in ({}, {"sub": "student-2"}, {f"{CLAIM}deployment_id": "8"}):
        visitor.start(visitor.launch(**more))
    assert len({row[1] for row in list_responses(visitor)}) == 3


def test_a_launched_response_counts_as_one_without_a_seat(visitor: Visitor) -> None:
    site = visitor.house.site
    visitor.start(visitor.launch())
    assert count_without_seat(site.answers, "short", "demo") == (1, 0)
    assert map_backgrounds(site.answers, "short", "demo") == {}, "a recount of labels leaves it alone"
    assert count_responses_without_seat(Stores(site.answers, site.identity, site.settings.pseudonym_key)) == (0, 0)


def test_two_launches_at_once_make_one_response(visitor: Visitor) -> None:
    pages = [Visitor(visitor.house, visitor.environment) for _ in range(4)]

    def run(one: Visitor) -> TestResponse:
        return one.start(one.launch())

    with ThreadPoolExecutor(4) as threads:
        assert [reply.status_code for reply in threads.map(run, pages)] == [303] * 4
    assert len(list_responses(visitor)) == 1


def test_a_frame_without_cookies_gets_pages_in_place(visitor: Visitor) -> None:
    visitor.headers = FRAME
    page = visitor.launch()
    reply = visitor.start(page)
    assert reply.status_code == 200 and 'name="ticket"' in reply.text
    assert visitor.start(page).status_code == 200 and len(list_responses(visitor)) == 1  # a reload posts again


def test_a_launched_start_page_changes_its_language(visitor: Visitor) -> None:
    page = visitor.launch()
    address = re.findall(r'action="(/lti/card/[^"]+)"', page.text)[0]
    dutch = visitor.client.post(address, data={**read_fields(page), "lang": "nl"}, headers=OWN)
    assert "Korte lijst" in dutch.text and read_action(dutch)


def test_a_launched_device_that_was_idle_shows_no_earlier_answers(visitor: Visitor) -> None:
    site = visitor.house.site
    visitor.start(visitor.launch())
    ((id,),) = visitor.house.rows("SELECT id FROM response")
    questionnaire, response = site.participation.resume("short", id)
    assert find_limit(site, questionnaire, response) == 60 * site.settings.idle_minutes > 0


def test_a_launched_student_who_stops_is_sent_back_to_the_course(visitor: Visitor) -> None:
    visitor.headers = FRAME
    page = visitor.start(visitor.launch())
    posted = {"ticket": re.findall(r'name="ticket" value="([^"]+)"', page.text)[0], "number": "1", "wish": "stop"}
    action = re.findall(r'action="(/a/short/[^"]+)"', page.text)[0]
    visitor.client.post(action, data=posted, headers={**OWN, **FRAME})
    stopped = visitor.client.get("/stopped/short", headers=OWN)
    assert "Open the card in your course again" in stopped.text and "invitation" not in stopped.text


def test_a_launch_without_a_subject_is_an_open_link(visitor: Visitor) -> None:
    page = visitor.launch(sub="")
    assert 'hx-post="/q/short/demo' in page.text and "/lti/start" not in page.text


def test_a_teacher_sees_the_card_explained_and_never_a_response(visitor: Visitor) -> None:
    site = visitor.house.site
    page = visitor.launch(**{f"{CLAIM}roles": [INSTRUCTOR, LEARNER]})
    assert page.status_code == 200 and "<form" not in page.text and "/class/" not in page.text
    name = name_group(site.settings.pseudonym_key, "short", "demo", *ALL_PERSONS)
    add_group(site.identity, name, "short", "demo")
    link = site.signatures.sign_class_link(ClassLink("short", "demo", *ALL_PERSONS))
    assert f'href="/class/{link}"' in visitor.launch(**{f"{CLAIM}roles": [INSTRUCTOR]}).text
    remove_group(site.identity, name)
    assert not list_responses(visitor)


def test_no_store_has_a_name_address_or_subject_of_a_launch(visitor: Visitor) -> None:
    visitor.start(visitor.launch())
    for store in ("answers", "identity"):
        database = getattr(visitor.house.site, store)
        with database.read() as connection:
            dump = "\n".join(connection.connection.driver_connection.iterdump())
        assert not any(part in dump for part in ("student-1", "Anna", "anna@", "hint-1"))


def test_keys_rotate_and_the_newest_is_published_before_it_signs(visitor: Visitor) -> None:
    keys = ToolKeys(visitor.house.site.identity, visitor.house.site.participation.contact_keys)
    before = [one["kid"] for one in visitor.client.get("/lti/keys").get_json()["keys"]]
    signs = keys.sign_for(lambda tool: tool).get_kid()
    assert signs == before[-2]
    keys.load(rotate=True)
    after = [one["kid"] for one in visitor.client.get("/lti/keys").get_json()["keys"]]
    assert keys.sign_for(lambda tool: tool).get_kid() == before[-1] and signs in after and len(after) == 3
    assert not any("d" in one for one in visitor.client.get("/lti/keys").get_json()["keys"])


@pytest.mark.parametrize(
    ("roles", "teaches"),
    [
        ([], False),
        ([f"{MEMBERSHIP}/Learner#NonCreditLearner"], False),
        ([f"{MEMBERSHIP}#Learner", f"{MEMBERSHIP}/Learner#GuestLearner"], False),
        ([f"{MEMBERSHIP}/Instructor#TeachingAssistant"], True),
        ([f"{MEMBERSHIP}/Mentor#Observer"], True),
        ([LEARNER, "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"], True),
    ],
)
def test_a_role_counts_by_its_main_part_and_a_preview_is_a_teacher(visitor: Visitor, roles: list[str], teaches: bool) -> None:
    page = visitor.launch(**{f"{CLAIM}roles": roles})
    assert page.status_code == 200 and ("/lti/start/" not in page.text) == teaches


def test_roles_that_are_no_texts_are_refused(visitor: Visitor) -> None:
    assert visitor.launch(**{f"{CLAIM}roles": [LEARNER, None]}).status_code == 403


def test_a_teacher_places_a_signed_card(visitor: Visitor) -> None:
    settings = {
        "deep_link_return_url": "https://lms.example.org/return",
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe", "window"],
        "data": "opaque",
    }
    wish = {f"{CLAIM}message_type": "LtiDeepLinkingRequest", DEEP_LINKING: settings}
    page = visitor.launch(**wish, **{f"{CLAIM}roles": [INSTRUCTOR]})
    assert 'action="https://lms.example.org/return"' in page.text
    assert "form-action 'self' https://lms.example.org;" in page.headers["Content-Security-Policy"]
    token = re.findall(r'name="JWT" value="([^"]+)"', page.text)[0]
    keys = {one["kid"]: one for one in visitor.client.get("/lti/keys").get_json()["keys"]}
    key = jwt.PyJWK(keys[jwt.get_unverified_header(token)["kid"]])
    claims = jwt.decode(token, key, ["RS256"], audience=visitor.environment.issuer, issuer=visitor.environment.client_id)
    assert claims["https://purl.imsglobal.org/spec/lti-dl/claim/data"] == "opaque"
    (card,) = claims["https://purl.imsglobal.org/spec/lti-dl/claim/content_items"]
    assert card["custom"] == {"questionnaire": "short"} and card["url"].endswith("/lti/launch")
    assert visitor.launch(**wish).status_code == 403  # a student


def test_an_environment_that_is_not_approved_cannot_begin(visitor: Visitor) -> None:
    identity = visitor.house.site.identity
    approve_registration(identity, find_registrations(identity, visitor.environment.issuer)[0].id, approved=False)
    asked = {"iss": visitor.environment.issuer, "login_hint": "x"}
    reply = visitor.client.post("/lti/login", data=asked, headers=FOREIGN)
    assert reply.status_code == 403 and "Location" not in reply.headers


def test_two_clients_of_one_issuer_are_told_apart(visitor: Visitor) -> None:
    other = Environment(visitor.environment.keys_url, client_id="client-2", key=visitor.environment.key)
    other.register(visitor.house.site.identity)
    asked = {"iss": other.issuer, "login_hint": "x"}
    assert visitor.client.post("/lti/login", data=asked, headers=FOREIGN).status_code == 403
    assert Visitor(visitor.house, other).launch().status_code == 200


def test_the_secret_comes_from_the_environment_when_cookies_are_blocked(visitor: Visitor) -> None:
    visitor.client = visitor.house.app.test_client(use_cookies=False)
    asked = {"iss": visitor.environment.issuer, "login_hint": "x", "lti_storage_target": "_parent"}
    page = visitor.client.post("/lti/login", data=asked, headers={**FOREIGN, **FRAME})
    secret = re.findall(r'data-value="([^"]+)"', page.text)[0]
    state = re.findall(r"state=([^&]+)&", page.text)[0]
    nonce = re.findall(r'data-key="([^"]+)"', page.text)[0]
    now = visitor.house.site.participation.now().timestamp()
    token = visitor.environment.sign(visitor.environment.claims(nonce, now))
    between = visitor.post({"state": state}, token)
    assert between.status_code == 200 and 'data-lti="get"' in between.text and secret not in between.text
    posted = {"state": state, "id_token": token, "secret": secret}
    assert visitor.client.post("/lti/verify", data=posted, headers=FOREIGN).status_code == 403  # of another site
    assert visitor.client.post("/lti/verify", data=posted | {"secret": "guessed"}, headers=OWN).status_code == 403
    assert read_action(visitor.client.post("/lti/verify", data=posted, headers=OWN))
