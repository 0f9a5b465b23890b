"""Pages posted after another device or window has completed the response, or has taken them off the path: they are told once."""

from __future__ import annotations

import pytest

from survey_engine.model.questionnaire import Values
from survey_engine.operations.simulation.browsing import Browser, Reply
from survey_engine.web.respondent.late_posts import UNSTORED
from tests.web.conftest import House, open_house, send, start, walk
from tests.web.respondent.test_embedding import Framed
from tests.web.respondent.test_errors import said
from tests.web.respondent.test_going_on import GO_ON, age
from tests.web.respondent.test_other_texts import MAIN

NOTICE = "This questionnaire had already been sent, from another device or window. The answers on your last page were not stored."
OFF_PATH = "An earlier answer was changed, from another device or window. So the answers on your last page were not stored."
WELL, LOST = {"story": "well"}, {"story": "lost"}
ADDRESS = {"panel": "ada@b.example"}


def press(device: Browser, page: Reply, given: Values, **pressed: str) -> Reply:
    """Send a page; with htmx also when it changes the language. No redirect is followed."""
    fields = [("ticket", page.drawn.read_hidden("ticket") or ""), ("number", page.drawn.read_hidden("number") or "")]
    fields += [(f"q.{name}", str(value)) for name, value in given.items()]
    return device.send(
        "POST", page.drawn.action or page.path, [*fields, *pressed.items()], background=pressed.get("wish") == "keep"
    )


def complete(device: Browser, story: Reply) -> None:
    assert walk(device, story, WELL, {}).drawn.receipt


def meet_late(house: House, *, script: bool, where: str = "elsewhere") -> tuple[Browser, Reply]:
    """Return a device, and its page of a response that another device or another window of it has completed since."""
    link = house.invite()
    device = house.device(script=script)
    page = walk(device, start(device, link), {"has_job": "no"})
    other = house.device()
    if where == "here":
        other.cookies = device.cookies
    complete(other, page if where == "here" else start(other, link))
    return device, page


@pytest.mark.parametrize("given", [WELL, LOST, {"story": ""}], ids=["same", "different", "empty"])
@pytest.mark.parametrize(
    "pressed",
    [{"wish": "next"}, {"wish": "back"}, {"wish": "stop"}, {"language": "nl"}, {"wish": "keep"}],
    ids=["next", "back", "stop", "language", "background"],
)
@pytest.mark.parametrize("where", ["elsewhere", "here"])
def test_a_late_page_with_other_answers_is_told_once_on_the_proof(house, script, where, pressed, given):
    device, page = meet_late(house, script=script, where=where)
    stored = house.answers()
    reply = press(device, page, given, **pressed)
    assert house.answers() == stored
    if pressed == {"wish": "keep"}:
        assert (reply.status, reply.text) == (409, ""), "the page's script says so"
        return
    assert reply.target == "/done/short" and "lost" not in str(reply.headers)
    shown = device.follow(reply)
    assert shown.drawn.receipt and (NOTICE in shown.text) is (given == LOST)
    assert device.get("/done/short").drawn.receipt and NOTICE not in device.get("/done/short").text
    assert shown.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("given", [WELL, LOST, {}], ids=["same", "different", "empty"])
def test_without_a_cookie_the_reply_itself_tells_it(house, script, given):
    frame = Framed(house, script=script)
    first = frame.post("/q/short/demo", [("lang", "en")])
    story = walk(frame, first, {"has_job": "no"})
    complete(frame, story)
    reply = press(frame, story, given)
    assert reply.drawn.receipt and (NOTICE in reply.text) is (given == LOST)


def test_the_retyped_answers_of_an_expired_form_are_told_too(house):
    device, page = meet_late(house, script=False)
    assert NOTICE in device.post_plainly(page.drawn.action or "", [("wish", "retype"), ("q.story", "lost")]).text
    assert NOTICE not in device.post_plainly(page.drawn.action or "", [("wish", "retype"), ("q.story", "well")]).text


def test_answers_that_the_respondent_discards_are_not_told(house, script):
    device, page = meet_late(house, script=script)
    assert NOTICE not in device.follow(press(device, page, LOST, wish="stored")).text


def test_an_invalid_or_unreachable_answer_is_told(house, script):
    link = house.invite()
    device, other = house.device(script=script), house.device()
    page = walk(device, start(device, link), {"has_job": "yes"})
    assert house.page(send(other, start(other, link), {"hours": "7"})) == "story"
    complete(other, walk(other, other.get(f"/a/short/{house.slug('job')}"), {"has_job": "no"}))
    told = [NOTICE in device.follow(press(device, page, {"hours": each})).text for each in ("7", "8", "many", "")]
    assert told == [False, True, True, False]


def test_a_second_press_of_the_last_button_is_not_told(house, script):
    device = house.device(script=script)
    panel = walk(device, start(device), {"has_job": "no"}, WELL)
    first, second = send(device, panel, ADDRESS), send(device, panel, ADDRESS)
    assert first.drawn.receipt == second.drawn.receipt and NOTICE not in second.text


def test_an_address_typed_for_the_panel_elsewhere_is_told(house, script):
    link = house.invite()
    device, other = house.device(script=script), house.device()
    panel = walk(device, start(device, link), {"has_job": "no"}, WELL)
    assert send(other, start(other, link), {}).drawn.receipt
    assert NOTICE in send(device, panel, ADDRESS).text


def test_a_text_that_the_respondent_went_on_without_is_not_told(tmp_path, script):
    with open_house(tmp_path, MAIN) as house:
        device = house.device(script=script)
        given = {"way": "bike", "way__namely": "by boat", "plans": "sport"}
        way = send(device, start(device), given)
        assert walk(device, send(device, way, given, warned="way__namely"), {"sure": "yes"}, WELL, {}).drawn.receipt
        assert NOTICE not in send(device, way, given, warned="way__namely").text
        assert NOTICE in send(device, way, {**given, "way": "other"}).text


def test_hidden_answers_are_not_found_by_guesses(house, script):
    device, classmate = house.device(), house.device(script=script)
    story = walk(device, start(device), {"has_job": "no"})
    assert send(device, story, WELL, wish="keep").status == 204
    classmate.cookies = dict(device.cookies)
    page = classmate.post_plainly(GO_ON, [("wish", "without")])
    complete(device, story)
    pages = [classmate.follow(press(classmate, page, {"story": guess})) for guess in ("well", "lost")]
    assert [NOTICE in each.text for each in pages] == [True, True]


def test_after_a_pause_a_page_finds_no_answers_by_guesses(house, script, monkeypatch):
    device = house.device(script=script)
    story = walk(device, start(device), {"has_job": "no"})
    other = house.device()
    other.cookies = dict(device.cookies)
    complete(other, story)
    age(monkeypatch, 31)
    pages = [device.follow(press(device, story, {"story": guess})) for guess in ("well", "lost")]
    assert [NOTICE in each.text for each in pages] == [True, True]


def test_a_later_respondent_on_the_device_is_told_nothing(house, script):
    device, page = meet_late(house, script=script)
    press(device, page, LOST)
    assert UNSTORED in device.cookies and "lost" not in device.cookies[UNSTORED]
    assert NOTICE not in walk(device, start(device), {"has_job": "no"}, WELL, {}).text
    assert UNSTORED not in device.cookies


def test_the_notice_ends_after_a_minute(house, script, monkeypatch):
    device, page = meet_late(house, script=script)
    told = press(device, page, LOST)
    age(monkeypatch, 1.1)
    assert device.follow(told).drawn.receipt and NOTICE not in device.get("/done/short").text


def test_the_notice_is_in_the_language_of_the_response(house):
    device, page = meet_late(house, script=False)
    other = house.invite(language="nl")
    assert NOTICE in device.follow(press(device, page, LOST)).text
    dutch, window = house.device("nl"), house.device("nl")
    story = walk(dutch, start(dutch, other), {"has_job": "no"})
    complete(window, start(window, other))
    assert said(house, "nl", NOTICE) in send(dutch, story, LOST).text


def test_a_stop_on_one_device_lets_another_save(house, script):
    link = house.invite()
    device, other = house.device(script=script), house.device()
    story = walk(device, start(device, link), {"has_job": "no"})
    send(other, start(other, link), WELL, wish="stop")
    reply = send(device, story, LOST)
    assert reply.status == 409 and "lost" in reply.text, "both answers are shown"


@pytest.mark.parametrize("hours", ["8", "many", ""])
@pytest.mark.parametrize(
    "pressed",
    [{"wish": "next"}, {"wish": "back"}, {"wish": "stop"}, {"language": "nl"}, {"wish": "keep"}],
    ids=["next", "back", "stop", "language", "background"],
)
def test_a_page_that_left_the_path_is_told_once_on_the_next_page(house, script, pressed, hours):
    link = house.invite()
    device, other = house.device(script=script), house.device()
    page = walk(device, start(device, link), {"has_job": "yes"})
    start(other, link)
    walk(other, other.get(f"/a/short/{house.slug('job')}"), {"has_job": "no"})
    stored = house.answers()
    reply = press(device, page, {"hours": hours}, **pressed)
    assert house.answers() == stored
    if pressed == {"wish": "keep"}:
        assert (reply.status, reply.text) == (409, ""), "the page's script says so"
        return
    shown = device.follow(reply)
    notice = "Een eerder antwoord is veranderd" if "language" in pressed else OFF_PATH
    assert house.page(shown) == "story" and (notice in shown.text) is bool(hours)
    assert 'class="notice"' not in device.get(shown.path).text


@pytest.mark.parametrize("hours", ["8", ""])
def test_without_a_cookie_the_page_off_the_path_is_told_in_the_reply(house, script, hours):
    frame = Framed(house, script=script)
    first = frame.post("/q/short/demo", [("lang", "en")])
    page = walk(frame, first, {"has_job": "yes"})
    walk(frame, first, {"has_job": "no"})
    reply = press(frame, page, {"hours": hours})
    assert house.page(reply) == "story" and (OFF_PATH in reply.text) is bool(hours)
