"""Going on later: by the private key, without it, after a pause, by a personal link. Earlier answers are shown to their owner only."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import pytest
from itsdangerous import TimestampSigner

from survey_engine.operations.simulation.browsing import Browser, Reply
from tests.databases import ENGINES
from tests.web.conftest import FINISHED, House, open_house, send, start, walk

RUNS_ON = ENGINES
SECRET = "Only I wrote this"
GO_ON = "/q/short/demo/go-on"


def write_secret(house: House, device: Browser, path: str = "/q/short/demo") -> Reply:
    """Store a text on a page without going on from it."""
    story = walk(device, start(device, path), {"has_job": "no"})
    assert send(device, story, {"story": SECRET}, wish="keep").status == 204
    return story


def read_key(page: Reply) -> str:
    return re.search(r'class="key">([^<]+)<', page.text).group(1)


def stop(device: Browser, page: Reply) -> str:
    """Stop and close; return the private key."""
    return read_key(send(device, page, {"story": SECRET}, wish="stop"))


def age(monkeypatch: pytest.MonkeyPatch, minutes: float) -> None:
    """Let what is signed from now on be so many minutes younger than all else."""
    later = TimestampSigner("any").get_timestamp() + round(60 * minutes)
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda signer: later)


def see(device: Browser, story: Reply) -> str:
    """Everything that the device can get to see."""
    pages = [device.get("/a/short"), device.get(story.path), send(device, device.get("/a/short"), {}, wish="back")]
    return "\n".join(page.text for page in pages)


def test_a_key_shown_after_a_backup_opens_after_its_restore(house):
    """The store has the key from the start."""
    device = house.device()
    story = walk(device, start(device), {"has_job": "no"})
    before = house.rows("SELECT key_hash FROM response")
    key = stop(device, story)

    assert house.rows("SELECT key_hash FROM response") == before
    assert house.device().post_plainly(GO_ON, [("key", key)]).status == 200


def test_the_private_key_opens_all_answers_on_another_device(house, script):
    device = house.device(script=script)
    key = stop(device, write_secret(house, device))
    other = house.device()
    page = other.post_plainly(GO_ON, [("key", f" {key.lower().replace('-', '')} ")])

    assert house.page(page) == "story" and SECRET in page.text
    assert len(house.rows("SELECT 1 FROM response")) == 1


@pytest.mark.parametrize("key", ["", "ABCD-EFGH", "x" * 999])
def test_an_unknown_key_opens_nothing(house, key):
    device = house.device()
    stop(device, write_secret(house, device))
    page = house.device().post_plainly(GO_ON, [("key", key)])

    assert page.status == 422 and "We do not know this key" in page.text and SECRET not in page.text


@pytest.mark.parametrize("path", ["go-on", "login/key", "answers"])
def test_an_unknown_institution_opens_nothing_and_counts_nothing(house, path):
    device = house.device()
    key = stop(device, write_secret(house, device))
    for name in ("demonstration", *(f"invented{number}" for number in range(70))):
        assert house.device().post_plainly(f"/q/short/{name}/{path}", [("key", key)]).status == 404
    assert not house.site.limits.measure_wait("keys", ("short", "invented1"), burst=1)


def test_after_an_unknown_key_the_page_starts_and_changes_language(house, script):
    device = house.device(script=script)
    page = device.post_plainly(GO_ON, [("key", "ABCD-EFGH")])
    (dutch,) = re.findall(r'href="([^"]*lang=nl)"', page.text)
    starts = set(re.findall(r'<form method="post" action="([^"]*)" hx-post="([^"]*)"', page.text))

    assert starts == {("/q/short/demo", "/q/short/demo")}
    assert device.get(urljoin(page.path, dutch)).drawn.heading == "Korte lijst"
    assert device.get(f"{GO_ON}?lang=nl").path == "/q/short/demo?lang=nl"


def test_after_stopping_the_device_neither_reads_nor_saves(house, script):
    device = house.device(script=script)
    story = write_secret(house, device)
    stop(device, story)

    assert [device.get(path).status for path in ("/a/short", story.path, "/done/short")] == [403] * 3
    assert "already begun" not in device.get("/q/short/demo").text


def test_the_key_is_shown_again_until_it_is_written_down(house, script):
    device = house.device(script=script)
    key = stop(device, write_secret(house, device))
    again = device.get("/stopped/short")
    assert read_key(again) == key

    (leave,) = re.findall(r'class="button" href="([^"]+)"', again.text)
    assert device.get(leave).path == "/q/short/demo"
    assert key not in device.get("/stopped/short").text


def undo(device, stopped, path="/stopped/short"):
    """Press the button that undoes the stop."""
    (signed,) = re.findall(rf'action="{path}"><input type="hidden" name="stopped" value="([^"]*)"', stopped.text)
    return device.post_plainly(path, [("stopped", signed)])


@pytest.mark.parametrize("framed", [False, True])
@pytest.mark.parametrize("personal", [False, True])
def test_who_stopped_by_mistake_goes_on_with_one_press(house, script, personal, framed):
    device = house.device(script=script)
    story = write_secret(house, device, house.invite() if personal else "/q/short/demo")
    if framed:
        device.cookies.clear()
    page = undo(device, send(device, story, {"story": SECRET}, wish="stop"))

    assert house.page(page) == "story" and SECRET in page.text
    assert len(house.rows("SELECT 1 FROM response")) == 1
    assert 'class="key"' not in device.get("/stopped/short").text


def test_undoing_a_stop_shows_no_hidden_answers(house, script):
    device = house.device(script=script)
    write_secret(house, device)
    page = device.post_plainly(GO_ON, [("wish", "without")])
    page = undo(device, send(device, page, {}, wish="stop"))

    assert house.page(page) == "story" and SECRET not in page.text


@pytest.mark.parametrize(("minutes", "seen"), [(0.9, True), (1.1, False)])
def test_a_stop_can_be_undone_for_a_minute_alone(house, monkeypatch, minutes, seen):
    device = house.device()
    stopped = send(device, write_secret(house, device), {"story": SECRET}, wish="stop")
    age(monkeypatch, minutes)

    assert (SECRET in undo(device, stopped).text) is seen


def test_nobody_undoes_a_stop_after_the_next_person_has_begun(house, script):
    device = house.device(script=script)
    stopped = send(device, write_secret(house, device), {"story": SECRET}, wish="stop")
    begun = start(device, "/q/short/demo")

    assert SECRET not in undo(device, stopped).text
    assert SECRET not in device.get("/stopped/short").text
    assert house.page(device.get(begun.path)) == house.page(begun)


@pytest.mark.parametrize("signed", ["x", "stopped/short.1.nl.x.x"])
def test_nothing_but_its_own_page_undoes_a_stop(house, signed):
    device = house.device()
    stop(device, write_secret(house, device))
    page = device.post_plainly("/stopped/short", [("stopped", signed)])

    assert page.status == 200 and SECRET not in page.text and "/a/short" not in page.text


def test_an_erased_response_is_not_opened_by_undoing_a_stop(house):
    device = house.device()
    stopped = send(device, write_secret(house, device), {"story": SECRET}, wish="stop")
    with house.site.answers.write() as connection:
        connection.exec_driver_sql("UPDATE response SET questionnaire = ''")

    assert SECRET not in undo(device, stopped).text


def test_going_on_without_a_key_shows_no_earlier_answer_and_loses_none(house, script):
    device = house.device(script=script)
    write_secret(house, device)
    page = device.post_plainly(GO_ON, [("wish", "without")])

    assert house.page(page) == "story" and SECRET not in page.text and "saved, and not shown" in page.text
    back = send(device, page, {"story": ""}, wish="back")
    assert house.page(back) == "job" and not any(field.checked for field in back.drawn.fields)
    walk(device, back, {}, {"story": ""})
    assert house.answers()["job"] == '{"has_job":"no"}' and SECRET in house.answers()["story"]


def test_going_on_without_a_key_never_shows_the_key(house):
    device = house.device()
    write_secret(house, device)
    page = device.post_plainly(GO_ON, [("wish", "without")])
    stopped = send(device, page, {}, wish="stop").text

    assert 'class="key"' not in stopped and 'name="key"' not in stopped
    assert "/q/short/demo</b>" not in stopped, "where to type a key that is not shown"


def test_a_proof_without_a_key_offers_neither_the_key_nor_the_address(house):
    device = house.device()
    walk(device, start(device), {"has_job": "no"}, {"story": SECRET})
    done = send(device, device.post_plainly(GO_ON, [("wish", "without")]), {})

    assert done.drawn.receipt and "/key" not in done.text and "/address" not in done.text


def test_a_newly_given_answer_replaces_a_hidden_one(house):
    device = house.device()
    write_secret(house, device)
    page = device.post_plainly(GO_ON, [("wish", "without")])
    send(device, page, {"story": "Newer"})

    assert house.answers()["story"] == '{"story":"Newer"}'
    assert "Newer" not in device.get(page.path).text


@pytest.mark.parametrize(("minutes", "seen"), [(29, True), (31, False)])
def test_after_a_pause_an_open_link_shows_no_earlier_answer(house, monkeypatch, minutes, seen):
    device = house.device()
    story = write_secret(house, device)
    age(monkeypatch, minutes)

    assert (SECRET in see(device, story)) is seen


@pytest.mark.parametrize("framed", [False, True])
def test_a_long_visit_without_a_pause_stays_open(house, monkeypatch, framed):
    device = house.device(script=True)
    story = walk(device, start(device), {"has_job": "no"})
    if framed:
        device.cookies.clear()
    ticket = story.drawn.read_hidden("ticket")
    for number in range(3):
        age(monkeypatch, 20)
        reply = send(device, story, {"story": SECRET}, wish="keep", number=str(number + 7), ticket=ticket)
        ticket = reply.headers["ticket"]

    back = send(device, story, {"story": SECRET}, wish="back", number="20", ticket=ticket)
    assert any(field.checked for field in back.drawn.fields)


@pytest.mark.parametrize("framed", [False, True])
def test_another_device_does_not_end_the_pause_of_this_one(house, monkeypatch, framed):
    """Somebody goes on at home, or a classmate logs in by this name, while the page is open at school."""
    school, home = house.device(), house.device()
    story = write_secret(house, school)
    home.cookies.update(school.cookies)
    if framed:
        school.cookies.clear()
    age(monkeypatch, 31)
    assert send(home, home.get("/a/short"), {"story": "at home"}, wish="keep", number="8").status == 204
    back = send(school, story, {}, wish="back", number="9")
    again = send(school, story, {}, wish="back", number="10")

    assert not any(field.checked for page in (back, again) for field in page.drawn.fields)
    assert SECRET not in see(school, story) and "at home" not in see(school, story)


def test_a_cookie_from_before_a_pause_shows_nothing_after_a_save(house, monkeypatch):
    device, thief = house.device(), house.device()
    story = write_secret(house, device)
    thief.cookies.update(device.cookies)
    age(monkeypatch, 31)
    assert send(device, story, {"story": SECRET}, wish="keep", number="9").status == 204

    assert SECRET not in thief.get("/a/short").text


@pytest.mark.parametrize("framed", [False, True])
@pytest.mark.parametrize("wish", ["back", "keep"])
def test_a_save_after_a_pause_is_stored_and_shows_no_earlier_answer(house, monkeypatch, script, framed, wish):
    device = house.device(script=script)
    job = start(device)
    story = walk(device, job, {"has_job": "no"})
    if framed:
        device.cookies.clear()
    age(monkeypatch, 31)
    reply = send(device, story, {"story": SECRET}, wish=wish)
    if wish == "keep":
        ticket = reply.headers["ticket"] if framed else story.drawn.read_hidden("ticket")
        reply = send(device, story, {"story": SECRET}, wish="back", number="9", ticket=ticket)

    assert house.page(reply) == "job" and "saved, and not shown" in reply.text
    assert not any(field.checked for field in reply.drawn.fields)
    assert SECRET in house.answers()["story"] and house.answers()["job"] == '{"has_job":"no"}'


def test_pages_opened_now_and_then_do_not_put_off_the_limit(house, monkeypatch):
    device = house.device()
    story = write_secret(house, device)
    age(monkeypatch, 29)
    earlier = dict(device.cookies)

    assert SECRET in device.get(story.path).text and device.cookies == earlier
    age(monkeypatch, 2)
    assert SECRET not in device.get(story.path).text


def test_a_resumed_response_is_shown_however_old_its_last_save_is(house, monkeypatch):
    device = house.device()
    key = stop(device, write_secret(house, device))
    age(monkeypatch, 600)
    page = device.post_plainly(GO_ON, [("key", key)])

    assert SECRET in page.text and SECRET in see(device, page)


def test_a_tab_opened_before_stop_shows_no_earlier_answer_and_no_key(house, script):
    device = house.device(script=script)
    story = write_secret(house, device)
    key = stop(device, story)
    back = send(device, story, {"story": SECRET}, wish="back", number="9")

    assert house.page(back) == "job" and not any(field.checked for field in back.drawn.fields)
    assert key not in send(device, story, {"story": SECRET}, wish="stop", number="10").text


def test_the_last_page_of_a_visit_claims_nothing_untrue(house):
    device, forgets = house.device(), "This device no longer knows"
    story = write_secret(house, device)
    assert forgets not in device.get("/stopped/short").text, "the device knows"
    assert forgets in send(device, story, {"story": SECRET}, wish="stop").text
    device.get("/stopped/short?left=demo")
    assert forgets in device.get("/stopped/short").text
    link = house.invite()
    page = send(device, write_secret(house, device, link), {"story": SECRET}, wish="stop")
    assert forgets not in page.text and "The history of this browser may still have your link" in page.text


def test_goodbye_warns_that_the_history_may_have_a_personal_link(house, script):
    goodbyes = []
    for link in (house.invite(), "/q/short/demo"):
        device = house.device(script=script)
        walk(device, start(device, link), *FINISHED)
        goodbyes.append(device.post_plainly("/done/short", []).text)
        stopped = house.device(script=script)
        stop(stopped, write_secret(house, stopped, house.invite() if link.startswith("/l/") else link))
        stopped.get("/stopped/short?left=demo")
        goodbyes.append(stopped.get("/stopped/short").text)

    assert ["This device no longer knows" in page for page in goodbyes] == [False, False, True, True]
    assert ["that link shows your answers" in page for page in goodbyes] == [True, True, False, False]


def test_a_personal_link_leaves_the_history_once_it_begins(house):
    personal, shared = house.device(script=True), house.device(script=True)
    link = house.invite()

    assert "hx-replace-url" in personal.post(link, []).headers
    assert "hx-push-url" in shared.post("/q/short/demo", []).headers


def test_a_personal_link_has_no_pause_by_default(house, monkeypatch):
    device, link = house.device(), house.invite()
    story = write_secret(house, device, link)
    age(monkeypatch, 600)

    assert SECRET in see(device, story)


def test_a_used_personal_link_welcomes_back(house):
    device, link = house.device(), house.invite()
    write_secret(house, device, link)
    page = house.device("nl").get(link)

    assert page.drawn.heading == "Welcome back", "in the language of the response"
    assert "to go" in page.text and "Welcome!" not in page.text and "Go on" in page.text
    assert house.page(house.device().post_plainly(link, [])) == "story"


def test_the_personal_link_of_a_completed_response_shows_its_proof(house):
    device, link = house.device(), house.invite()
    done = walk(device, start(device, link), *FINISHED)
    again = house.device().get(link)

    assert again.drawn.receipt == done.drawn.receipt != ""
    assert "autofocus" in again.text and re.search(r"<dd>\w+ \d+, \d{4}</dd>", again.text)


def test_after_completion_the_device_offers_nothing_of_the_former_response(house):
    device = house.device()
    done = walk(device, start(device), *FINISHED)
    page = device.get("/q/short/demo")

    assert done.drawn.receipt not in page.text and "Someone else? Start here" not in page.text
    assert "already begun" not in page.text and "/done/" not in page.text
    assert done.drawn.receipt


CONSENT = """\
section: main
title: {en: Consent, nl: Toestemming, easy: Consent}
pages:
  - page: consent
    questions:
      - consent: agreement
        text: {en: Do you agree?, nl: Ga je akkoord?, easy: Do you agree?}
        parts:
          processing: {text: {en: Process them., nl: Verwerk ze., easy: Process them.}, required: true}
"""


@pytest.mark.parametrize("kind", ["no", "yes"])
def test_stop_after_a_refusal_does_not_say_that_answers_are_saved(tmp_path, script, kind):
    with open_house(tmp_path, CONSENT) as house:
        device = house.device(script=script)
        page = send(device, start(device), {"processing": kind})
        if kind == "no":
            assert page.drawn.heading == "That is fine"
            page = device.get(f"/a/short/{house.slug('consent')}")
            stopped = send(device, page, {"processing": "no"}, wish="stop")
        else:
            stopped = send(device, page, {"story": SECRET}, wish="stop")
        assert stopped.drawn.heading == ("Your choice is saved" if kind == "no" else "Your answers are saved")
        assert "not valid" not in stopped.text
