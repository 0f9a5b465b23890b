"""Before the first day, after the last day and in the grace period: who may answer, and what the pages say."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest

from survey_engine.fieldwork import signing
from tests.web.conftest import FINISHED, House, send, start, walk, write_short
from tests.web.respondent.test_errors import LANGUAGES, heading, open_house, said
from tests.web.respondent.test_going_on import age

CLOSED = "This questionnaire is closed"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_closed_questionnaire_has_an_error_page_and_is_not_listed(tmp_path, language):
    with open_house(tmp_path, "closes: 2020-01-01") as house:
        device = house.device(language)
        for reply in (device.get("/q/short/demo"), device.post_plainly("/q/short/demo", []), device.get(house.invite())):
            assert (reply.status, heading(reply)) == (403, said(house, language, CLOSED))
        assert "/q/short/" not in device.get("/").text
        assert house.rows("SELECT count(*) FROM response") == [(0,)]


def test_after_closing_no_page_is_seen_or_changed_and_saves_are_kept(tmp_path):
    with open_house(tmp_path) as house:
        device = house.device()
        story = walk(device, start(device), {"has_job": "no"})
    with open_house(tmp_path, "closes: 2020-01-01") as closed:
        later = closed.device()
        later.cookies = device.cookies
        seen = [later.get("/a/short"), later.get(story.path), send(later, story, {"story": "late"})]
        seen += [send(later, story, {"story": "late"}, wish="keep"), send(later, story, {"story": "late"}, language="nl")]

        assert [(reply.status, heading(reply)) for reply in seen] == [(403, CLOSED)] * 5
        assert closed.answers() == {"job": '{"has_job":"no"}'}


def test_the_proof_of_completion_is_shown_after_closing(tmp_path):
    with open_house(tmp_path) as house:
        device = house.device()
        receipt = walk(device, start(device), *FINISHED).drawn.receipt
    with open_house(tmp_path, "closes: 2020-01-01") as closed:
        later = closed.device()
        later.cookies = device.cookies
        assert later.get("/done/short").drawn.receipt == later.get("/a/short").drawn.receipt == receipt


LAST_MOMENT = datetime(2026, 11, 27, 22, 50, tzinfo=UTC)
"""Ten minutes before the end of 27 November in Amsterdam; in Kralendijk it is still afternoon."""


def set_clock(house: House, moment: datetime) -> None:
    """Set the clock of the site for one minute."""
    house.site.participation.clock = (moment, monotonic())


def meet(house: House, path: str = "/q/short/demo") -> tuple[int, str]:
    reply = house.device().get(path)
    return reply.status, heading(reply)


def test_it_is_open_on_its_first_and_its_last_day(tmp_path):
    with open_house(tmp_path, "opens: 2026-11-27\ncloses: 2026-11-27") as house:
        found = []
        for hours in (-24, -23, 0, 1):
            set_clock(house, LAST_MOMENT + timedelta(hours=hours))
            found.append(meet(house)[0])
        assert found == [403, 200, 200, 403]


def test_days_follow_the_installations_or_institutions_time_zone(tmp_path):
    write_short(tmp_path / "q", "short", "closes: 2026-11-27")
    (tmp_path / "q" / "short" / "other.yaml").write_text("institution: other\nname: Other\ntimezone: America/Kralendijk\n")
    for name, expected in (("Europe/Amsterdam", (403, 200)), ("America/New_York", (200, 200)), ("Asia/Tokyo", (403, 200))):
        with closing(House(tmp_path, SURVEY_TIMEZONE=name)) as house:
            set_clock(house, LAST_MOMENT + timedelta(hours=1))
            assert (meet(house)[0], meet(house, "/q/short/other")[0]) == expected


def test_an_institution_may_have_its_own_days(tmp_path):
    write_short(tmp_path / "q", "short", "closes: 2026-11-27")
    (tmp_path / "q" / "short" / "other.yaml").write_text("institution: other\nname: Other\ncloses: 2026-11-30\n")
    with closing(House(tmp_path, SURVEY_INDEX="1")) as house:
        set_clock(house, LAST_MOMENT + timedelta(days=2))
        assert (meet(house)[0], meet(house, "/q/short/other")[0]) == (403, 200)
        index = house.device().get("/").text
        assert "/q/short/other" in index and "/q/short/demo" not in index


@pytest.mark.parametrize(("name", "after"), [("other", timedelta(days=2)), ("demo", timedelta(minutes=30))])
def test_an_outdated_form_is_open_as_long_as_its_institution_and_grace(tmp_path, monkeypatch, name, after):
    write_short(tmp_path / "q", "short", "closes: 2026-11-27")
    (tmp_path / "q" / "short" / "other.yaml").write_text("institution: other\nname: Other\ncloses: 2026-11-30\n")
    with closing(House(tmp_path)) as house:
        set_clock(house, LAST_MOMENT - timedelta(hours=1))
        job = start(device := house.device(), f"/q/short/{name}")
        set_clock(house, LAST_MOMENT + after)
        monkeypatch.setattr(signing, "FORM_PROTOCOL", "99")
        assert send(device, job, {"has_job": "yes"}).status == 409


@pytest.mark.parametrize(
    ("language", "day"), [("en", "February 1, 2027"), ("nl", "1 februari 2027"), ("easy", "February 1, 2027")]
)
def test_before_opening_the_page_shows_the_opening_day(tmp_path, language, day):
    with open_house(tmp_path, "opens: 2027-02-01") as house:
        set_clock(house, LAST_MOMENT)
        reply = house.device(language).get("/q/short/demo?lang=" + language)
        assert reply.status == 403 and day in reply.text
        assert "/q/short/" not in house.device().get("/").text


@pytest.mark.parametrize("script", [False, True])
def test_started_responses_may_post_pages_during_the_grace_time(tmp_path, script):
    with open_house(tmp_path, "closes: 2026-11-27") as house:
        set_clock(house, LAST_MOMENT)
        device = house.device(script=script)
        job = start(device)
        set_clock(house, LAST_MOMENT + timedelta(minutes=60))
        reply = send(device, job, {"has_job": "no"})
        assert (reply.status, house.page(reply)) == (200, "story")
        assert house.device().post_plainly("/q/short/demo", []).status == 403
        set_clock(house, LAST_MOMENT + timedelta(minutes=80))
        assert send(device, reply, {"story": "late"}).status == 403
        assert "late" not in str(house.answers())


def test_a_personal_link_opens_a_started_response_during_the_grace_time(tmp_path):
    with open_house(tmp_path, "closes: 2026-11-27") as house:
        set_clock(house, LAST_MOMENT)
        begun, unused = house.invite(), house.invite()
        send(device := house.device(), start(device, begun), {"has_job": "no"})
        set_clock(house, LAST_MOMENT + timedelta(minutes=60))
        other = house.device()
        assert other.get(begun).status == 200
        assert house.page(start(other, begun)) == "story"
        assert [house.device().get(unused).status, house.device().post_plainly(unused, []).status] == [403, 403]
        set_clock(house, LAST_MOMENT + timedelta(minutes=80))
        assert house.device().get(begun).status == 403


@pytest.mark.parametrize(
    ("language", "minutes", "text"),
    [("nl", 9, ""), ("nl", 10, "tot 01:00 uur"), ("en", 69, "until 1:00\u202fAM")],
)
def test_a_page_of_the_grace_time_says_until_when_it_can_be_sent(tmp_path, script, language, minutes, text):
    with open_house(tmp_path, "closes: 2026-11-27") as house:
        set_clock(house, LAST_MOMENT)
        device = house.device(script=script)
        job = start(device, f"/q/short/demo?lang={language}")
        set_clock(house, LAST_MOMENT + timedelta(minutes=minutes))
        story = send(device, job, {"has_job": "no"})
        assert house.page(story) == "story"
        assert ("versturen tot" in story.text or "send it until" in story.text) is bool(text) and text in story.text


def test_the_end_of_the_grace_time_is_in_the_institutions_time_zone(tmp_path):
    write_short(tmp_path / "q", "short", "closes: 2026-11-27")
    (tmp_path / "q" / "short" / "other.yaml").write_text("institution: other\nname: Other\ntimezone: America/Kralendijk\n")
    with closing(House(tmp_path, SURVEY_GRACE_MINUTES="90")) as house:
        set_clock(house, LAST_MOMENT)
        job = start(device := house.device("nl"), "/q/short/other")
        set_clock(house, datetime(2026, 11, 28, 5, 0, tzinfo=UTC))
        assert "tot 01:30 uur" in send(device, job, {"has_job": "no"}).text


@pytest.mark.parametrize("script", [False, True])
@pytest.mark.parametrize("whose", ["own", "without a cookie", "after a pause"])
def test_after_closing_a_page_lists_what_is_not_stored_as_posted(tmp_path, monkeypatch, script, whose):
    """A device that may not see the stored answers gets a list of all that it posted."""
    with open_house(tmp_path, "closes: 2026-11-27") as house:
        set_clock(house, LAST_MOMENT)
        device = house.device(script=script)
        story = walk(device, start(device), {"has_job": "no"})
        assert send(device, story, {"story": "soon"}, wish="keep").status == 204
        set_clock(house, LAST_MOMENT + timedelta(minutes=80))
        if whose == "without a cookie":
            device.cookies.clear()
        elif whose == "after a pause":
            age(monkeypatch, 40)
        soon, late = (send(device, story, {"story": typed}) for typed in ("soon", "late"))
        assert heading(soon) == heading(late) == CLOSED
        assert ("soon" in soon.text, "late" in late.text) == (whose != "own", True)
        assert ("This is not saved." in late.text) is (whose == "own")
        assert house.answers()["story"] == '{"story":"soon"}'
