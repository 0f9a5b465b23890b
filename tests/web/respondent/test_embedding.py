"""Questionnaires in a frame of another website, where browsers store no cookie: the signed ticket identifies the response."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pytest

from survey_engine.fieldwork.invitations.links import find_by_link
from survey_engine.fieldwork.signing import make_proof
from survey_engine.operations.simulation.browsing import Browser, Exchange, Reply, WsgiLine
from survey_engine.storage.erasures import mark_withdrawn
from tests.web.conftest import FINISHED, House, send, walk, write_short

LMS = "https://lms.example.org"


class Framed(Browser):
    """A device that shows the site in a frame of another site: it stores and sends no cookie."""

    def __init__(self, house: House, *, script: bool) -> None:
        self.inner = WsgiLine(house.app.wsgi_app)
        self.targets: list[str] = []
        super().__init__(self.note, "en", script=script)

    def note(self, method: str, path: str, headers: Mapping[str, str], content: bytes) -> Exchange:
        """Add the headers that browsers send from a frame, and remove the cookies."""
        own = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty" if "HX-Request" in headers else "iframe"}
        self.targets.append(path)
        assert "Cookie" not in headers
        status, found, body = self.inner(method, path, {**headers, **own}, content)
        return status, [(name, value) for name, value in found if name.lower() != "set-cookie"], body


@pytest.fixture(scope="module")
def building(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The short questionnaire, with one institution that lets a website embed it."""
    folder = tmp_path_factory.mktemp("framed")
    write_short(folder / "q", "short")
    write_short(folder / "q", "past", "closes: 2020-01-01")
    for code in ("short", "past"):
        (folder / "q" / code / "demo.yaml").open("a").write(f'embed: ["{LMS}"]\n')
    house = House(folder)
    yield house
    house.close()


@pytest.fixture
def device(building: House, script: bool) -> Framed:
    return Framed(building, script=script)


def press_start(device: Framed, path: str = "/q/short/demo", language: str = "en") -> Reply:
    device.get(path)
    return device.post(path, [("lang", language)])


def find_response(building: House, reply: Reply) -> int:
    """Return the id of the response in the ticket of a page."""
    return building.site.signatures.read_ticket(reply.drawn.read_hidden("ticket") or "").response


def test_a_ticket_without_cookie_suffices_from_first_page_to_receipt(building, device):
    first = press_start(device)
    done = walk(device, first, *FINISHED)

    assert building.page(first) == "job"
    id = find_response(building, first)
    assert done.drawn.receipt == make_proof(building.settings.pseudonym_key, "short", id)


def test_a_personal_link_resumes_and_shows_the_receipt_again(building, device):
    link = building.invite()
    walk(device, press_start(device, link), {"has_job": "no"})
    again = press_start(device, link)
    receipt = walk(device, again, *FINISHED[1:]).drawn.receipt

    assert building.page(again) == "story"
    assert receipt and press_start(device, link).drawn.receipt == receipt


def test_back_and_a_language_switch_work_in_a_frame(building, device):
    hours = walk(device, press_start(device), {"has_job": "yes"})
    job = send(device, hours, {"hours": "7"}, wish="back")
    dutch = send(device, job, {"has_job": "yes"}, language="nl")
    hours = send(device, dutch, {"has_job": "yes"})

    assert (building.page(job), building.page(dutch), building.page(hours)) == ("job", "job", "hours")
    assert "Heb je werk?" in dutch.text and 'value="7"' in hours.text


def test_an_unanswered_item_is_pointed_out(building, device):
    asked = send(device, press_start(device))
    assert (asked.status, building.page(asked), asked.drawn.read_hidden("prompted")) == (422, "job", "1")


@pytest.mark.parametrize(("wish", "kept"), [("next", "no"), ("stored", "yes")])
def test_a_conflict_of_two_windows_is_resolved_in_a_frame(building, device, wish, kept):
    link = building.invite()
    one, other = press_start(device, link), press_start(device, link)
    walk(device, one, {"has_job": "yes"})
    conflict = send(device, other, {"has_job": "no"})
    chosen = send(device, conflict, {"has_job": "no"}, wish=wish)

    assert conflict.status == 409
    assert building.page(chosen) == {"next": "story", "stored": "job"}[wish]
    stored = building.rows("SELECT answers FROM page WHERE response_id = ?", find_response(building, one))
    assert stored == [(f'{{"has_job":"{kept}"}}',)]


def test_a_page_posted_after_completion_shows_the_receipt(building, device):
    first = press_start(device)
    receipt = walk(device, first, *FINISHED).drawn.receipt
    assert receipt and send(device, first, {"has_job": "yes"}).drawn.receipt == receipt


def test_a_page_out_of_order_shows_the_right_one(building, device):
    first = press_start(device)
    hours = walk(device, first, {"has_job": "yes"})
    send(device, send(device, hours, {}, wish="back"), {"has_job": "no"})
    assert building.page(send(device, hours, {"hours": "3"})) == "story"


def test_addresses_contain_a_page_and_no_personal_data(building, device):
    link = building.invite()
    walk(device, press_start(device, link), *FINISHED)
    slugs = {building.slug(page) for page in ("job", "story", "panel")}

    assert set(device.targets) == {link, *(f"/a/short/{slug}" for slug in slugs)}


def test_the_end_offers_to_delete_the_cookie_only_if_there_is_one(building, script):
    framed, own = Framed(building, script=script), building.device(script=script)
    done = walk(framed, press_start(framed), *FINISHED)
    own.get("/q/short/demo")
    remembered = walk(own, own.post("/q/short/demo", []), *FINISHED)

    assert 'action="/done/short"' in remembered.text and 'action="/done/short"' not in done.text


def test_an_earlier_response_replaces_the_document_in_its_language(building, device):
    link = building.invite()
    device.headers["Accept-Language"] = "nl"
    device.get(link)
    device.post(f"{link}?lang=nl", [("lang", "nl")])
    again = press_start(device, link)

    assert again.text.lower().startswith("<!doctype html>") and '<html lang="nl"' in again.text
    assert again.headers.get("hx-retarget") == ("body" if device.script else None)


def test_error_pages_may_be_embedded_like_the_questionnaire(building):
    device, gone = Framed(building, script=False), building.invite()
    mark_withdrawn(building.site.identity, [find_by_link(building.site.identity, gone.removeprefix("/l/")).id], withdrawn=True)
    page = press_start(device)
    foreign = [("ticket", str(page.drawn.read_hidden("ticket"))), ("language", "unknown")]
    replies = [
        device.post(page.drawn.action or "", foreign),
        device.get("/q/short/demo"),
        page,
        send(device, page),
        walk(device, page, *FINISHED),
        device.get(gone),
        device.get("/q/past/demo"),
    ]
    elsewhere = [device.get("/q/short/other"), device.get("/"), device.get("/q/past/other"), building.device().get("/done/short")]

    assert [read_framers(reply) for reply in replies] == [LMS] * len(replies)
    assert [read_framers(reply) for reply in elsewhere] == ["'none'"] * len(elsewhere)
    assert [reply.status for reply in replies] == [400, 200, 200, 422, 200, 410, 403]


def test_when_the_store_fails_in_a_frame_nothing_typed_is_lost(building):
    device = Framed(building, script=False)
    story = walk(device, press_start(device), {"has_job": "no"})
    with building.site.answers.write() as connection:
        connection.exec_driver_sql("ALTER TABLE response RENAME TO away")
    failed = send(device, story, {"story": "mine"})
    with building.site.answers.write() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO response")
    again = device.post(failed.drawn.action or "", failed.drawn.list_filled())

    assert (failed.status, read_framers(failed)) == (503, LMS)
    assert building.page(again) == "panel"


def test_an_unknown_device_in_a_frame_gets_the_error_page_there(building):
    reply = Framed(building, script=False).get("/done/short")
    assert (reply.status, read_framers(reply)) == (403, LMS)


def read_framers(reply: Reply) -> str:
    """Return the frame-ancestors of a reply."""
    (framers,) = re.findall(r"frame-ancestors ([^;]+)", reply.headers["content-security-policy"])
    return framers


def test_outside_a_frame_reloading_a_start_starts_nothing(building):
    device = building.device()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Dest": "document"}
    assert device.line("POST", "/q/short/demo", headers, b"lang=en")[0] == 303
