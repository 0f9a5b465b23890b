"""Start and end of a response: the list, open links, personal links, the proof of completion."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from survey_engine.fieldwork.signing import make_proof
from survey_engine.operations.simulation.browsing import Browser
from tests.databases import ENGINES
from tests.qr_reader import read_svg
from tests.web.conftest import FINISHED, House, send, start, walk, write_short

RUNS_ON = ENGINES


def count_responses(house: House) -> int:
    return house.rows("SELECT count(*) FROM response")[0][0]


# the list -----------------------------------------------------------------------------------------------------------


def test_without_an_index_no_school_is_listed(house):
    reply = house.device("nl").get("/")

    assert reply.status == 200 and "/q/" not in reply.text


def test_the_list_links_to_all_open_questionnaires_of_all_institutions(house, monkeypatch):
    monkeypatch.setattr(house.site, "settings", replace(house.settings, index=True))
    reply = house.device("nl").get("/")

    assert reply.status == 200 and "Short one" in reply.text
    for link in ("/q/short/demo", "/q/short/other", "/q/short/demo/qr.svg"):
        assert f'href="{link}"' in reply.text
        assert house.device().get(link).status == 200


# open links ---------------------------------------------------------------------------------------------------------


def test_an_open_link_shows_a_start_page_and_changes_nothing(house):
    reply = house.device().get("/q/short/demo")

    assert reply.status == 200 and "Welcome!" in reply.text and "Demo College" in reply.text
    assert count_responses(house) == 0 and "set-cookie" not in reply.headers


def test_the_start_page_shows_no_second_number_of_minutes(tmp_path):
    filled = "'*{minutes} minutes*', nl: '{minutes} minuten', easy: '{minutes} min.'}"
    introductions = {"short": "Welcome!", "timed": "It takes *ten minutes*.", "filled": f"{filled} #"}
    for code, introduction in introductions.items():
        write_short(tmp_path / "q", code)
        head = tmp_path / "q" / code / "questionnaire.yaml"
        head.write_text(head.read_text().replace("Welcome!", introduction))
    house = House(tmp_path)
    assert "<li>About " in house.device().get("/q/short/demo").text
    assert "<li>About " not in house.device().get("/q/timed/demo").text
    filled = house.device().get("/q/filled/demo").text
    assert re.search(r"<em>[1-9]\d* minutes</em>", filled) and "<li>About " not in filled
    house.close()


def test_pages_declare_their_direction_and_text_fields_are_automatic(house):
    device = house.device()
    reply = start(device)
    assert '<html lang="en" dir="ltr">' in reply.text
    assert 'dir="auto"' in walk(device, reply, {"has_job": "no"}).text


def test_start_shows_the_first_page_with_the_background_of_the_link(house, script):
    reply = start(house.device(script=script))

    assert house.page(reply) == "job"
    assert house.rows("SELECT institution, language, background, pseudonym FROM response") == [
        ("demo", "en", '{"level": 3}', None)
    ]


def test_two_devices_that_start_are_two_responses(house):
    start(house.device())
    start(house.device())
    assert count_responses(house) == 2


def test_a_device_with_an_open_response_is_asked_whether_to_go_on(house):
    device = house.device()
    walk(device, start(device), {"has_job": "no"})
    again = device.get("/q/short/demo")

    assert "Someone has already begun on this device" in again.text and "/a/short" not in again.text
    assert house.page(device.get("/a/short")) == "story"
    assert count_responses(house) == 1


def test_another_person_may_start_on_the_device_and_sees_no_answers(house):
    device = house.device()
    walk(device, start(device), {"has_job": "yes"}, {"hours": "33"})
    reply = device.post_plainly("/q/short/demo", [])

    assert house.page(reply) == "job" and count_responses(house) == 2
    assert [field.checked for field in reply.drawn.fields if field.name == "q.has_job"] == [False, False]


def test_a_start_page_ignores_responses_at_other_institutions(house):
    device = house.device()
    start(device)
    assert 'href="/a/short"' not in device.get("/q/short/other").text


def test_the_qr_code_contains_the_open_link(house):
    reply = house.device().get("/q/short/demo/qr.svg")

    assert reply.headers["content-type"].startswith("image/svg+xml")
    assert read_svg(reply.text) == "http://127.0.0.1:8000/q/short/demo?via=qr"


# languages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "accepted", "shown"),
    [
        ("/q/short/demo", "nl", "Welkom!"),
        ("/q/short/demo", "en", "Welcome!"),
        ("/q/short/demo", "de", "Welcome!"),
        ("/q/short/demo?lang=nl", "en", "Welkom!"),
        ("/q/short/demo?lang=easy", "en", "Hello!"),
        ("/q/short/demo?lang=xx", "nl", "Welkom!"),
        ("/q/short/other", "en", "Welkom!"),
        ("/q/short/other?lang=en", "en", "Welkom!"),
    ],
)
def test_the_start_page_has_the_requested_language_or_the_browsers(house, path, accepted, shown):
    assert shown in house.device(accepted).get(path).text


def test_a_response_starts_in_the_language_of_its_start_page(house):
    start(house.device("en"), "/q/short/demo?lang=nl", lang="nl")
    assert house.rows("SELECT language FROM response") == [("nl",)]


# personal links -----------------------------------------------------------------------------------------------------


def test_opening_a_personal_link_changes_nothing_however_often(house):
    link = house.invite(level=2)
    for method in ("GET", "HEAD", "GET"):
        status, headers, _ = house.device().line(method, link, {}, b"")
        assert status == 200 and not [name for name, _ in headers if name.lower() == "set-cookie"]
    assert count_responses(house) == 0


def test_start_uses_the_seats_background_and_an_address_without_token(house, script):
    link = house.invite(level=2)
    reply = start(house.device(script=script), link)

    assert house.page(reply) == "job" and reply.path == f"/a/short/{house.slug('job')}"
    assert house.rows("SELECT background FROM response") == [('{"level": 2}',)]


def test_a_second_start_resumes_the_same_response_on_any_device(house):
    link = house.invite()
    first = house.device()
    walk(first, start(first, link), {"has_job": "no"})
    reply = start(house.device(), link)

    assert house.page(reply) == "story" and count_responses(house) == 1


def test_the_language_of_the_seat_is_the_first_that_is_offered(house):
    assert "Welkom!" in house.device("en").get(house.invite(language="nl")).text
    assert "Welcome!" in house.device("en").get(house.invite(language="nl") + "?lang=en").text


def test_a_language_chosen_at_the_start_applies_to_a_resumed_response(house):
    link = house.invite(language="nl")
    start(house.device(), link, lang="nl")
    again = start(house.device(), f"{link}?lang=en", lang="en")

    assert "Do you have a job?" in again.text
    assert house.rows("SELECT language, languages FROM response") == [("en", "nl,en")]


def test_opening_the_link_again_keeps_the_language_of_before(house):
    link = house.invite()
    start(house.device("en"), f"{link}?lang=nl", lang="nl")
    again = start(house.device("en"), link, lang="en")

    assert "Heb je werk?" in again.text
    assert house.rows("SELECT languages FROM response") == [("nl",)]


# the end ------------------------------------------------------------------------------------------------------------


def finish(house: House, device: Browser, path: str = "/q/short/demo") -> str:
    reply = walk(device, start(device, path), *FINISHED)
    assert reply.path == "/done/short", reply.drawn.heading
    return reply.drawn.receipt


def test_the_end_shows_a_proof_that_is_stored_nowhere(house, script):
    receipt = finish(house, house.device(script=script))
    ((id,),) = house.rows("SELECT id FROM response WHERE completed_at IS NOT NULL")

    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}", receipt)
    assert receipt == make_proof(house.settings.pseudonym_key, "short", id)
    assert not any(receipt in str(row) for row in house.rows("SELECT * FROM response"))


def test_after_the_end_every_address_shows_the_same_proof(house):
    device = house.device()
    receipt = finish(house, device)
    for path in ("/done/short", "/a/short", f"/a/short/{house.slug('job')}"):
        assert device.get(path).drawn.receipt == receipt


def test_a_personal_link_shows_the_proof_again_on_another_device(house):
    link = house.invite()
    receipt = finish(house, house.device(), link)
    assert start(house.device(), link).drawn.receipt == receipt


def test_the_proof_contains_no_answer(house):
    device = house.device()
    reply = walk(device, start(device), {"has_job": "no"}, {"story": "my secret story"}, {"panel": "me@example.org"})

    assert reply.drawn.receipt
    assert "secret" not in reply.text and "me@example.org" not in reply.text


def test_before_completion_the_proof_redirects_to_the_next_page(house):
    device = house.device()
    start(device)
    assert house.page(device.get("/done/short")) == "job"


def test_nothing_can_be_changed_after_the_end(house, script):
    device = house.device(script=script)
    first = start(device)
    walk(device, first, *FINISHED)
    before = house.rows("SELECT * FROM page")
    late = send(device, first, {"has_job": "yes"})

    assert late.path == "/done/short" and late.drawn.receipt
    assert send(device, first, {"has_job": "yes"}, wish="keep").status == 409
    assert house.rows("SELECT * FROM page") == before


def test_a_start_page_left_open_changes_no_language_after_the_end(house):
    link = house.invite()
    device, other = house.device(), house.device()
    other.get(f"{link}?lang=easy")
    walk(device, start(device, link), *FINISHED)
    before = house.rows("SELECT * FROM response")

    assert other.post_plainly(f"{link}?lang=easy", []).drawn.receipt
    assert house.rows("SELECT * FROM response") == before


def test_closing_on_a_shared_device_deletes_the_cookie(house):
    device = house.device()
    finish(house, device)
    device.post_plainly("/done/short", [])

    assert device.cookies.keys() == {"left_short"}
    assert device.get("/done/short").status == 403


def test_the_next_pupil_on_a_shared_device_gets_the_start_page(house):
    device = house.device()
    start(device)
    page = device.get("/q/short/demo").text
    begin, resume = page.index("Someone else? Start here"), page.index(">Go on<")

    assert begin < resume
    assert re.search(r'class="button next">Someone else\? Start here', page)
