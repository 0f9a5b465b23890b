"""Forms from an earlier release or another version: never acknowledged as saved, never discarded without notice."""

from __future__ import annotations

import hmac
from dataclasses import replace
from hashlib import sha256

import pytest
from itsdangerous import Signer
from sqlalchemy import text

from survey_engine.fieldwork import signing
from survey_engine.fieldwork.response_cache import ResponseCache
from survey_engine.operations.simulation.browsing import Reply
from tests.web.conftest import House, send, start, walk, write_short
from tests.web.respondent.test_answer_pages import read_typed


@pytest.fixture
def own(tmp_path):
    """An application whose questionnaire a test can replace."""
    write_short(tmp_path / "q", "short")
    house = House(tmp_path)
    yield house
    house.close()


def exchange(house: House) -> None:
    """Move all responses to another version than that of their open pages."""
    other = replace(house.questionnaire(), version="f" * 16)
    house.site.participation.registry.add(other)
    house.site.participation.response_cache = ResponseCache()
    with house.site.answers.write() as connection:
        connection.execute(text("UPDATE response SET version = :version"), {"version": other.version})


def upgrade(monkeypatch) -> None:
    monkeypatch.setattr(signing, "FORM_PROTOCOL", "99")


@pytest.mark.parametrize("change", ["version", "release"])
def test_a_form_of_another_version_gets_409_with_the_entered_answers(own, script, monkeypatch, change):
    device = own.device(script=script)
    hours = walk(device, start(device), {"has_job": "yes"})
    exchange(own) if change == "version" else upgrade(monkeypatch)
    reply = send(device, hours, {"hours": "7"})

    assert (reply.status, own.page(reply), read_typed(reply, "hours")) == (409, "hours", ["7"])
    assert "This page has changed meanwhile" in reply.text
    assert "hours" not in own.answers()
    assert own.page(send(device, reply, {"hours": "7"})) == "story"
    assert own.answers()["hours"] == '{"hours":7}'


def test_a_background_save_of_another_version_is_not_called_saved(own):
    device = own.device(script=True)
    job = start(device)
    exchange(own)

    assert send(device, job, {"has_job": "yes"}, wish="keep").status == 409
    assert own.answers() == {}


def test_a_language_switch_on_an_outdated_form_keeps_entered_answers(own):
    device = own.device()
    job = start(device)
    exchange(own)
    reply = send(device, job, {"has_job": "yes"}, language="nl")

    assert (reply.status, read_typed(reply, "has_job"), own.answers()) == (409, ["yes"], {})


def test_a_form_of_another_version_shows_answers_of_another_window(own, monkeypatch):
    device = own.device()
    job = start(device)
    send(device, device.get(job.path), {"has_job": "yes"}, wish="keep")
    upgrade(monkeypatch)
    reply = send(device, job, {"has_job": "no"})

    assert reply.status == 409 and "This page was changed elsewhere too" in reply.text
    assert read_typed(reply, "has_job") == ["no"]


def send_old(house: House, device, reply: Reply) -> Reply:
    """Return the form as release 1 posted it: with another ticket, and with codes as field names."""
    ticket = str(reply.drawn.read_hidden("ticket")).split(".")[:4]
    signer = Signer(
        [hmac.digest(key.encode(), b"ticket", "sha256") for key in house.settings.secret_keys],
        key_derivation="none",
        digest_method=sha256,
    )
    signed = signer.sign(".".join(ticket)).decode()
    return device.post(reply.path, [("ticket", signed), ("number", "3"), ("has_job", "no"), ("wish", "next")])


def test_a_page_of_an_earlier_release_keeps_the_entered_answers(own, script):
    device = own.device(script=script)
    old = send_old(own, device, start(device))
    assert (old.status, old.drawn.heading, own.answers()) == (400, "This page has expired", {})
    again = device.post_plainly(old.drawn.action or "", old.drawn.list_filled())

    assert (again.status, own.page(again), read_typed(again, "has_job")) == (409, "job", ["no"])
    assert own.answers() == {}
    assert own.page(send(device, again, {"has_job": "no"})) == "story"


def test_text_typed_on_an_old_page_is_not_shown_without_the_cookie(own):
    device = own.device()
    job = start(device)
    stranger = own.device()
    old = send_old(own, stranger, job)

    assert old.status == 400 and 'href="/a/short"' in old.text
    assert stranger.post(job.path, [("wish", "retype"), ("q.has_job", "no")]).status == 403


def test_a_page_off_the_path_is_not_rendered_with_entered_answers(own):
    device = own.device()
    start(device)
    reply = device.post(f"/a/short/{own.slug('panel')}", [("wish", "retype"), ("q.panel", "a@b.example")])

    assert own.page(reply) == "job" and own.answers() == {}
