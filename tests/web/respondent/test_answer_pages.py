"""Question pages: Next and Back, changed answers, two windows, background saves, languages."""

from __future__ import annotations

import json

import pytest

from survey_engine.language.question_types.question_type import FIELD_PREFIX
from survey_engine.operations.simulation.browsing import Reply
from tests.databases import ENGINES
from tests.statements import counted, trace
from tests.web.conftest import House, send, start, walk, write_short

RUNS_ON = ENGINES


def read_typed(reply: Reply, name: str) -> list[str]:
    """Return the values that a field of the page shows."""
    return [value for field, value in reply.drawn.list_filled() if field == FIELD_PREFIX + name]


# Next and Back -----------------------------------------------------------------------------------------------------------


def test_next_stores_the_page_and_shows_the_following_one(house, script):
    device = house.device(script=script)
    reply = send(device, start(device), {"has_job": "yes"})

    assert (reply.status, house.page(reply)) == (200, "hours")
    assert house.answers() == {"job": '{"has_job":"yes"}'}


def test_htmx_gets_the_next_page_in_the_reply_others_are_redirected(house):
    for script in (True, False):
        device = house.device(script=script)
        reply = start(device)
        status, headers, body = device.line(
            "POST",
            reply.path,
            {
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": f"survey_short={device.cookies['survey_short']}",
                **({"HX-Request": "true"} if script else {}),
            },
            f"ticket={reply.drawn.read_hidden('ticket')}&number=1&q.has_job=no&wish=next".encode(),
        )
        named = dict(headers)
        target = f"/a/short/{house.slug('story')}"
        if script:
            assert (status, named["HX-Push-Url"]) == (200, target)
            assert body.startswith(b"<title>") and b"<!doctype" not in body.lower()
        else:
            assert (status, named["Location"]) == (303, target)


def test_an_unanswered_item_is_pointed_out_once_with_status_422(house, script):
    device = house.device(script=script)
    asked = send(device, start(device))

    assert (asked.status, house.page(asked), asked.drawn.read_hidden("prompted")) == (422, "job", "1")
    assert 'href="#i-has_job"' in asked.text
    assert house.page(send(device, asked)) == "story"


def test_an_invalid_input_is_shown_again_with_the_reason(house, script):
    device = house.device("nl", script=script)
    hours = walk(device, start(device, "/q/short/demo?lang=nl", lang="nl"), {"has_job": "yes"})
    reply = send(device, hours, {"hours": "500 <b>"})

    assert reply.status == 422 and read_typed(reply, "hours") == ["500 <b>"]
    assert "500 <b>" not in reply.text and 'aria-invalid="true"' in reply.text
    assert house.page(send(device, reply, {"hours": "5"})) == "story"


def test_back_saves_the_page_and_shows_the_previous_one(house, script):
    device = house.device(script=script)
    hours = walk(device, start(device), {"has_job": "yes"})
    back = send(device, hours, {"hours": "7"}, wish="back")

    assert house.page(back) == "job" and read_typed(back, "has_job") == ["yes"]
    assert read_typed(walk(device, back, {"has_job": "yes"}), "hours") == ["7"]


def test_a_changed_answer_removes_pages_whose_answers_return_with_it(house, script):
    device = house.device(script=script)
    story = walk(device, start(device), {"has_job": "yes"}, {"hours": "7"})
    job = device.get(f"/a/short/{house.slug('job')}")
    changed = send(device, job, {"has_job": "no"})

    assert house.page(story) == house.page(changed) == "story"
    assert house.page(device.get(f"/a/short/{house.slug('hours')}")) == "story", "the page is off the path"
    assert json.loads(house.answers()["hours"]) == {"hours": 7}
    again = send(device, device.get(f"/a/short/{house.slug('job')}"), {"has_job": "yes"})
    assert house.page(again) == "hours" and read_typed(again, "hours") == ["7"]


def test_a_page_ahead_redirects_to_the_first_open_one(house):
    device = house.device()
    start(device)
    assert house.page(device.get(f"/a/short/{house.slug('panel')}")) == "job"


@pytest.mark.parametrize(("before", "after", "right"), [("yes", "no", "story"), ("no", "yes", "hours")], ids=["off", "ahead"])
def test_a_form_out_of_order_changes_nothing_and_shows_the_right_page(house, script, before, after, right):
    device = house.device(script=script)
    job = start(device)
    form = walk(device, job, {"has_job": before})
    walk(device, device.get(job.path), {"has_job": after})
    stored = house.answers()
    reply = send(device, form, {"story": "lost"} if house.page(form) == "story" else {"hours": "9"})

    assert house.answers() == stored
    assert house.page(reply) == right


# background saves -------------------------------------------------------------------------------------------


def test_a_background_save_stores_and_returns_204_without_a_page(house):
    device = house.device(script=True)
    job = start(device)
    reply = send(device, job, {"has_job": "yes"}, wish="keep", number="2")

    assert (reply.status, reply.text) == (204, "")
    assert house.answers() == {"job": '{"has_job":"yes"}'}
    assert house.page(device.get("/a/short")) == "job", "one has not gone on yet"


def test_a_late_background_save_changes_nothing(house):
    device = house.device(script=True)
    job = start(device)
    send(device, job, {"has_job": "yes"}, wish="keep", number="5")

    assert send(device, job, {"has_job": "no"}, wish="keep", number="4").status == 204
    assert house.answers() == {"job": '{"has_job":"yes"}'}


def test_a_background_save_of_a_page_no_longer_asked_is_not_saved(house):
    device = house.device(script=True)
    job = start(device)
    hours = walk(device, job, {"has_job": "yes"})
    send(device, job, {"has_job": "no"}, wish="keep", number="9")

    assert send(device, hours, {"hours": "5"}, wish="keep", number="2").status == 409
    assert "hours" not in house.answers()


def test_a_double_click_saves_once(house, script):
    device = house.device(script=script)
    job = start(device)
    first, second = send(device, job, {"has_job": "no"}), send(device, job, {"has_job": "no"})

    assert house.page(first) == house.page(second) == "story"
    assert house.answers() == {"job": '{"has_job":"no"}'}


# two windows --------------------------------------------------------------------------------------------------------


def test_a_window_unaware_of_anothers_save_shows_both_to_choose_from(house, script):
    device = house.device(script=script)
    job = start(device)
    other = device.get(job.path)
    send(device, other, {"has_job": "yes"})
    conflict = send(device, job, {"has_job": "no"})

    assert (conflict.status, house.page(conflict)) == (409, "job")
    assert read_typed(conflict, "has_job") == ["no"] and "Yes" in conflict.text
    assert house.answers() == {"job": '{"has_job":"yes"}'}
    assert house.page(send(device, conflict, {"has_job": "no"})) == "story"
    assert house.answers() == {"job": '{"has_job":"no"}'}


def test_a_conflict_shows_stored_answers_as_escaped_text(house):
    device = house.device()
    story = walk(device, start(device), {"has_job": "no"})
    other = device.get(story.path)
    send(device, other, {"story": "<b>Tom & Jerry's</b>"})
    conflict = send(device, story, {"story": "mine"})

    assert conflict.status == 409
    assert "&lt;b&gt;Tom &amp; Jerry&#39;s&lt;/b&gt;" in conflict.text.replace("&#x27;", "&#39;")
    assert "&amp;amp;" not in conflict.text


def test_two_windows_on_two_pages_do_not_disturb_each_other(house):
    device = house.device(script=True)
    job = start(device)
    story = walk(device, job, {"has_job": "no"})
    send(device, device.get(job.path), {"has_job": "no"}, wish="keep", number="2")

    assert house.page(send(device, story, {"story": "fine"})) == "panel"


def test_a_window_of_another_person_continues_its_own_response(house, script):
    device = house.device(script=script)
    first = start(device)
    second = device.post_plainly("/q/short/demo", [])
    ada = walk(device, first, {"has_job": "yes"})
    assert house.page(ada) == "hours"
    bob = walk(device, second, {"has_job": "no"})
    assert house.page(bob) == "story"

    walk(device, ada, {"hours": "9"})
    walk(device, bob, {"story": "bob"})
    rows = house.rows("SELECT response_id, page, answers FROM page")
    stored = [{page: answers for id, page, answers in rows if id == response} for response in {row[0] for row in rows}]
    assert {"job": '{"has_job":"yes"}', "hours": '{"hours":9}'} in stored and len(stored) == 2


# languages ----------------------------------------------------------------------------------------------------------


def test_a_language_switch_keeps_the_page_and_its_entered_answers(house, script):
    device = house.device(script=script)
    hours = walk(device, start(device), {"has_job": "yes"})
    reply = send(device, hours, {"hours": "7"}, language="nl")

    assert (house.page(reply), read_typed(reply, "hours")) == ("hours", ["7"])
    assert "Hoeveel uur?" in reply.text and '<html lang="nl"' in reply.text
    assert house.rows("SELECT language, languages FROM response") == [("nl", "en,nl")]


def test_switching_to_a_language_with_fewer_groups_shows_its_last_page(house, script):
    device = house.device(script=script)
    story = walk(device, start(device), {"has_job": "no"})
    reply = send(device, story, {"story": "kept"}, language="easy")

    assert house.page(reply) == "job" and "Do you work?" in reply.text
    assert send(device, reply, {"has_job": "no"}).drawn.receipt
    assert json.loads(house.answers()["story"]) == {"story": "kept"}


def test_a_language_switch_in_an_outdated_window_shows_the_conflict(house):
    device = house.device()
    job = start(device)
    send(device, device.get(job.path), {"has_job": "yes"})
    reply = send(device, job, {"has_job": "no"}, language="nl")

    assert reply.status == 409 and read_typed(reply, "has_job") == ["no"]
    assert "Heb je werk?" in reply.text
    assert house.answers() == {"job": '{"has_job":"yes"}'}


def test_a_language_that_the_institution_does_not_offer_is_refused(house):
    device = house.device("nl")
    job = start(device, "/q/short/other", lang="nl")

    assert send(device, job, {"has_job": "yes"}, language="en").status == 400
    assert house.answers() == {}


# cost ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wish", ["next", "keep"])
def test_a_page_costs_at_most_three_statements_on_all_stores_together(tmp_path, wish):
    write_short(tmp_path / "q", "short", "closes: 2999-12-31")
    house = House(tmp_path)
    stores = [trace(store) for store in (house.site.answers, house.site.identity)]
    device = house.device(script=True)
    job = start(device)
    with counted(stores[0]) as answers, counted(stores[1]) as identity:
        send(device, job, {"has_job": "no"}, wish=wish)
    house.close()

    assert 2 <= len(answers) <= 3, answers
    assert identity == []


def test_a_start_in_a_chosen_language_is_one_write_transaction(tmp_path):
    write_short(tmp_path / "q", "short")
    house = House(tmp_path)
    link, sent = f"{house.invite()}?lang=en", trace(house.site.answers)
    start(house.device(), link, lang="en")
    house.close()

    assert [statement.split()[0] for statement in sent].count("BEGIN") == 1


# input errors -------------------------------------------------------------------------------------------------


def test_a_background_save_with_an_error_is_not_reported_as_saved(house):
    device = house.device(script=True)
    hours = send(device, start(device), {"has_job": "yes"})
    send(device, hours, {"hours": "7"}, wish="keep")
    reply = send(device, hours, {"hours": "7x"}, wish="keep", number="2")

    assert (reply.status, json.loads(reply.text)) == (422, {"hours": "Enter a whole number from 1 to 60."})
    assert json.loads(house.answers()["hours"]) == {"hours": 7}


def test_back_shows_errors_and_a_second_press_leaves_the_page(house, script):
    device = house.device(script=script)
    hours = send(device, start(device), {"has_job": "yes"})
    first = send(device, hours, {"hours": "7x"}, wish="back")
    second = send(device, first, {"hours": "7x"}, wish="back", warned=first.drawn.read_hidden("warned") or "")

    assert (first.status, house.page(first), read_typed(first, "hours")) == (422, "hours", ["7x"])
    assert house.page(second) == "job"


def test_a_language_switch_keeps_invalid_input_on_the_page(house):
    device = house.device()
    hours = send(device, start(device), {"has_job": "yes"})
    reply = send(device, hours, {"hours": "7x"}, language="nl")

    assert (reply.status, house.page(reply), read_typed(reply, "hours")) == (422, "hours", ["7x"])
    assert house.rows("SELECT language FROM response") == [("nl",)]
