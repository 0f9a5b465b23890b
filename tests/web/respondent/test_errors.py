"""Error pages for respondents: language, status, next step, and no loss of answers."""

from __future__ import annotations

import io
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from survey_engine.fieldwork.invitations.links import find_by_link
from survey_engine.fieldwork.panel import FEWEST_WAITING
from survey_engine.operations.simulation.browsing import Browser, Reply
from survey_engine.storage.erasures import mark_withdrawn
from survey_engine.web.respondent.error_texts import ERROR_PAGES, RETRYABLE
from tests.databases import ENGINES
from tests.web.conftest import FINISHED, House, send, start, walk, write_short

RUNS_ON = ENGINES
LANGUAGES = ("en", "nl")
UNKNOWN = "We do not know this address"


@contextmanager
def open_house(folder: Path, dates: str = "") -> Iterator[House]:
    write_short(folder / "q", "short", dates)
    house = House(folder)
    try:
        yield house
    finally:
        house.close()


def heading(reply: Reply) -> str:
    return reply.drawn.heading


@pytest.mark.parametrize("script", [False, True])
def test_an_erased_response_shows_what_was_typed_and_promises_nothing(house, script):
    device = house.device(script=script)
    story = walk(device, start(device), {"has_job": "no"})
    with house.site.answers.write() as connection:
        connection.exec_driver_sql("DELETE FROM page")
        connection.exec_driver_sql("DELETE FROM response")
    pages = [send(device, story, {"story": "Typed in vain"}), device.get(story.path)]

    assert [page.drawn.heading for page in pages] == ["We no longer have these answers"] * 2
    assert "Typed in vain" in pages[0].text and "You can copy it" in pages[0].text
    assert not any("are kept" in page.text or "Press the button" in page.text for page in pages)


def said(house: House, language: str, english: str) -> str:
    """Return an interface text in a language; assert that it is translated."""
    text = house.site.interface[language].translate(english)
    assert (text == english) is (language == "en"), "the catalogue has no such text"
    return text


@pytest.mark.parametrize("kind", RETRYABLE)
def test_a_page_with_a_retry_button_does_not_advise_to_go_back(kind):
    assert ERROR_PAGES[kind].link == "Try again" and "go back" not in ERROR_PAGES[kind].text


# addresses ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/nowhere", "/q/short/nowhere", "/q/nowhere/demo", "/l/unknown", "/a/nowhere", "/static/x/y"])
def test_the_page_of_an_unknown_address_has_the_language_of_the_browser(house, path, language):
    reply = house.device(language).get(path)

    assert (reply.status, heading(reply)) == (404, said(house, language, UNKNOWN))
    assert f'<html lang="{language}"' in reply.text and 'href="/"' in reply.text


def test_an_unknown_address_has_a_questionnaires_language_and_contact(house):
    reply = house.device("de").get("/q/short/nowhere")
    assert heading(reply) == UNKNOWN and "Ask your mentor." in reply.text


@pytest.mark.parametrize(("path", "contact"), [("/q/short/demo", "<p>Mail Demo College.</p>"), ("/q/short/nowhere", "")])
def test_contact_that_names_an_institution_waits_until_it_is_known(tmp_path, path, contact):
    write_short(tmp_path / "q", "short")
    file, demo = tmp_path / "q/short/questionnaire.yaml", tmp_path / "q/short/demo.yaml"
    file.write_text(re.sub("(Ask your|Vraag je) mentor\\.", '"Mail {institution}."', file.read_text()))
    demo.write_text(demo.read_text() + "closes: 2020-01-01\n")
    with closing(House(tmp_path)) as house:
        assert re.findall("<p>Mail.*?</p>", house.device().get(path).text) == [contact] * bool(contact)


def test_a_withdrawn_link_has_its_own_page_and_starts_nothing(house):
    link = house.invite()
    mark_withdrawn(house.site.identity, [find_by_link(house.site.identity, link.removeprefix("/l/")).id], withdrawn=True)
    shown, started = house.device().get(link), house.device().post_plainly(link, [])

    assert shown.status == started.status == 410
    assert heading(shown) == "This link is no longer in use"
    assert house.rows("SELECT count(*) FROM response") == [(0,)]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/", "/q/short/demo", "/a/short", "/done/short", "/l/x"])
def test_a_wrong_method_gets_an_error_page_and_an_allow_header(house, method, path):
    status, headers, body = house.device().line(method, path, {"Accept-Language": "nl"}, b"")

    assert status == 405 and "GET" in dict(headers)["Allow"]
    assert said(house, "nl", "That does not work here") in body.decode()


# forms --------------------------------------------------------------------------------------------------------------


def forge(house: House, device: Browser, how: str) -> Reply:
    job = start(device)
    ticket = job.drawn.read_hidden("ticket") or ""
    forged = {
        "none": "",
        "changed": ("8" if ticket[0] == "9" else "9") + ticket[1:],
        "unsigned": ticket.rpartition(".")[0],
    }
    if how == "another page":
        return device.post(f"/a/short/{house.slug('panel')}", [("ticket", ticket), ("number", "1")])
    return device.post(job.path, [("ticket", forged[how]), ("q.has_job", "yes")])


@pytest.mark.parametrize("how", ["none", "changed", "unsigned", "another page"])
def test_a_form_not_made_here_for_this_page_changes_nothing(house, script, how):
    reply = forge(house, house.device("nl", script=script), how)

    assert (reply.status, heading(reply)) == (400, said(house, "nl", "This page has expired"))
    assert reply.drawn.read_hidden("wish") == (None if how == "another page" else "retype"), "what was typed can be seen again"
    assert house.answers() == {}


def test_a_form_of_before_the_keys_were_changed_is_too_old(tmp_path):
    with open_house(tmp_path) as house:
        job = start(house.device())
    (tmp_path / "data" / "secret.key").unlink()
    with open_house(tmp_path) as later:
        assert send(later.device(), job, {"has_job": "yes"}).status == 400
        assert later.device().get("/a/short").status == 403


def test_without_a_cookie_the_page_asks_to_open_the_link_again(house):
    reply = house.device("nl").get("/a/short")
    assert (reply.status, heading(reply)) == (403, said(house, "nl", "Please open your link again"))


def test_a_form_works_without_the_cookie_because_it_carries_its_own_ticket(house, script):
    device = house.device(script=script)
    job = start(device)
    device.cookies = {}
    assert house.page(send(device, job, {"has_job": "no"})) == "story"


def test_the_page_of_a_too_large_form_has_the_respondents_language(house, script):
    device = house.device("en", script=script)
    job = start(device, "/q/short/demo?lang=nl", lang="nl")
    story = walk(device, job, {"has_job": "no"})
    for path in (story.path, "/q/short/demo", house.invite(), "/nowhere"):
        reply = device.post(path, [("q.story", "x" * 300_000)])
        assert reply.status in (413, 405, 404), path
    reply = send(device, story, {"story": "x" * 300_000})
    assert (reply.status, heading(reply)) == (413, said(house, "nl", "That is too much at once"))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"ticket": 1}'),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=ticket\r\n\r\n1\r\n--x--"),
        ("multipart/form-data", b"no boundary"),
        ("application/x-www-form-urlencoded", b"ticket=%ff%fe&%00=%zz&&&==" + b"a=1&" * 5000),
        ("text/plain", b"\xff" * 1000),
        ("", b""),
    ],
)
def test_any_posted_body_gets_an_error_page(house, kind, body):
    for path in (f"/a/short/{house.slug('job')}", "/q/short/demo", "/l/unknown", "/done/short"):
        status, _, text = house.device().line("POST", path, {"Content-Type": kind}, body)
        assert status in (303, 400, 403, 404, 413), (path, status)
        assert status == 303 or b"<h1" in text


# other websites -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "http://localhost.evil.example"}, False),
        ({"Origin": "http://localhost/"}, False),
        ({"Origin": "https://localhost"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, False),
        ({"Origin": "http://localhost"}, True),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({}, True),
    ],
)
def test_a_form_that_another_website_sent_neither_starts_nor_ends_anything(house, headers, allowed):
    link = house.invite()
    device = house.device()
    walk(device, start(device), *FINISHED)
    cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in device.cookies.items())}
    before = house.rows("SELECT count(*) FROM response")
    answered = [house.device().line("POST", path, {**headers, **cookie}, b"") for path in ("/q/short/demo", link, "/done/short")]

    assert [status for status, *_ in answered] == [303 if allowed else 403] * 3
    assert (house.rows("SELECT count(*) FROM response") == before) is not allowed
    if not allowed:
        assert b"This came from another website" in answered[0][2]
        assert not [name for _, found, _ in answered for name, _ in found if name.lower() == "set-cookie"]


# storage and internal errors ----------------------------------------------------------------------------------------------------


def rename(house: House, before: str, after: str, store: str = "answers") -> None:
    with closing(sqlite3.connect(house.folder / "data" / f"{store}.db")) as connection:
        connection.execute(f"ALTER TABLE {before} RENAME TO {after}")


def test_after_a_storage_error_one_button_posts_the_form_again(tmp_path):
    with open_house(tmp_path) as house:
        device = house.device("nl")
        story = walk(device, start(device, "/q/short/demo?lang=nl", lang="nl"), {"has_job": "no"})
        rename(house, "page", "away")
        failed = send(device, story, {"story": 'my "long" story <b>'})
        rename(house, "away", "page")

        assert (failed.status, failed.headers["retry-after"]) == (503, "5")
        assert failed.drawn.action == story.path
        assert house.page(device.post(failed.drawn.action or "", failed.drawn.list_filled())) == "panel"
        assert house.answers()["story"] == '{"story":"my \\"long\\" story <b>"}'


UNSAVED, UNAVAILABLE = "We could not save this just now", "One moment, please"


@pytest.mark.parametrize(("path", "title"), [("/q/short/demo", UNSAVED), ("/a/short", UNAVAILABLE), ("/done/short", UNAVAILABLE)])
def test_after_a_storage_error_every_page_returns_503_with_retry_after(tmp_path, path, title):
    with open_house(tmp_path) as house:
        device = house.device("nl")
        start(device)
        rename(house, "response", "away")
        reply = device.post_plainly(path, []) if path == "/q/short/demo" else device.get(path)

        assert (reply.status, heading(reply)) == (503, said(house, "nl", title))
        assert reply.headers["retry-after"] == "5"


def test_when_only_identity_fails_open_links_still_work(tmp_path):
    with open_house(tmp_path) as house:
        link = house.invite()
        rename(house, "seat", "away", "identity")

        assert house.device().get(link).status == 503
        assert house.page(start(house.device())) == "job"


def test_an_address_waits_when_the_store_of_identity_fails(tmp_path):
    with open_house(tmp_path) as house:
        rename(house, "panel_member", "away", "identity")
        for number in range(FEWEST_WAITING):
            device = house.device()
            panel = walk(device, start(device), {"has_job": "no"}, {"story": "well"})
            assert send(device, panel, {"panel": f"{number}@b.example"}).drawn.receipt
        rename(house, "away", "panel_member", "identity")

        assert house.rows("SELECT count(*) FROM panel_waiting") == [(FEWEST_WAITING,)]
        assert house.site.participation.panels.hand_over_batch("short/panel") == FEWEST_WAITING
        assert house.rows("SELECT count(DISTINCT address) FROM panel_member", store="identity") == [(FEWEST_WAITING,)]


def test_an_answer_is_not_called_saved_when_the_address_was_not(tmp_path):
    with open_house(tmp_path) as house:
        device = house.device()
        panel = walk(device, start(device), {"has_job": "no"}, {"story": "well"})
        rename(house, "panel_waiting", "away")
        failed = send(device, panel, {"panel": "a@b.example"})
        rename(house, "away", "panel_waiting")

        assert failed.status == 503 and "panel" not in house.answers()
        assert device.post(failed.drawn.action or "", failed.drawn.list_filled()).drawn.receipt
        assert house.rows("SELECT count(*) FROM panel_waiting") == [(1,)]


@pytest.mark.parametrize("started", ["before", "after"])
def test_until_a_restore_is_finished_every_page_keeps_the_input(tmp_path, script, monkeypatch, started):
    monkeypatch.setattr("survey_engine.web.respondent.site.MARK_SECONDS", 0)
    write_short(tmp_path / "q", "short")
    with closing(House(tmp_path)) as first:
        device = first.device(script=script)
        page = start(device)
        first.settings.restore_mark.touch()
        house = first if started == "before" else House(tmp_path)
        device.line = house.device().line
        refused = send(device, page, {"has_job": "no"})
        assert refused.status == 503 and 'value="no"' in refused.text
        assert [house.device().get(path).status for path in ("/q/short/demo", "/a/short", "/readyz", "/healthz")] == [
            503,
            503,
            503,
            200,
        ]
        house.settings.restore_mark.unlink()
        assert send(device, page, {"has_job": "no"}).status == 200
        house.close()


def test_a_form_that_broke_off_is_refused_and_nothing_of_it_is_stored(house):
    device = house.device()
    story = walk(device, start(device), {"has_job": "no"})
    whole = urlencode({"ticket": story.drawn.read_hidden("ticket"), "wish": "next", "q.story": "A long story"}).encode()
    cut = {"CONTENT_LENGTH": str(len(whole)), "wsgi.input": io.BytesIO(whole[:-4])}
    reply = house.app.test_client().post(story.path, environ_overrides=cut)

    assert reply.status_code == 400
    assert house.answers() == {"job": '{"has_job":"no"}'}
    assert send(device, story, {"story": "A long story"}).status == 200
    assert house.answers()["story"] == '{"story":"A long story"}'


def test_a_form_without_its_length_is_refused_and_stores_nothing(house):
    device = house.device()
    story = walk(device, start(device), {"has_job": "no"})
    cut = urlencode({"ticket": story.drawn.read_hidden("ticket"), "wish": "next", "q.story": "A long"}).encode()
    chunked = {
        "CONTENT_LENGTH": "",
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input": io.BytesIO(cut),
        "wsgi.input_terminated": True,
    }
    reply = house.app.test_client().post(story.path, environ_overrides=chunked)

    assert reply.status_code == 411
    assert house.answers() == {"job": '{"has_job":"no"}'}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_start_page_needs_no_length_of_its_request(house, method):
    reply = house.app.test_client().open("/q/short/demo", method=method, environ_overrides={"CONTENT_LENGTH": ""})
    assert reply.status_code == 200
