"""A questionnaire that is edited during fieldwork: who has begun ends with the version begun with, others get the new one."""

from __future__ import annotations

import pytest

from survey_engine.publication.versions import publish
from survey_engine.settings import ROOT
from tests.web.conftest import MAIN, House, send, start, write_short

SIDE = MAIN.replace("Do you have a job?", "Do you have a side job?")


def publish_short(folder):
    publish(folder / "q" / "short", ROOT / "translations", folder / "data" / "published")


@pytest.fixture
def before(tmp_path):
    """The application as it was before an edit is published."""
    write_short(tmp_path / "q", "short")
    publish_short(tmp_path)
    house = House(tmp_path)
    yield house
    house.close()


@pytest.fixture
def reload(before, monkeypatch):
    """Publishes an edit of one file, and starts the application anew on the same stores and keys."""
    houses = []

    def edit(name, content):
        (before.folder / "q" / "short" / name).write_text(content)
        publish_short(before.folder)
        houses.append(House(before.folder))
        return houses[-1]

    yield edit
    for house in houses:
        house.close()


def resume(house, device):
    device.line = house.device().line
    return device


def test_who_has_begun_keeps_the_wording_begun_with(before, reload, script):
    device = before.device(script=script)
    start(device)
    after = reload("main.yaml", SIDE)
    assert "Do you have a job?" in resume(after, device).get("/answer/short").text
    assert "Do you have a side job?" in start(after.device(script=script)).text


def test_a_page_sent_after_the_edit_leads_on_in_the_version_begun_with(before, reload, script):
    device = before.device(script=script)
    page = start(device)
    added = MAIN.replace(
        "  - page: hours", "  - page: new\n    questions: [{open: new, text: {en: A, nl: A, easy: A}}]\n  - page: hours"
    )
    after = reload("main.yaml", added)
    following = send(resume(after, device), page, {"has_job": "no"})
    assert "Tell us." in following.text
    other = after.device(script=script)
    assert 'name="q.new"' in send(other, start(other), {"has_job": "no"}).text


def test_a_page_that_the_edit_takes_away_is_still_taken_in(before, reload, script):
    device = before.device(script=script)
    page = send(device, start(device), {"has_job": "yes"})
    after = reload("main.yaml", MAIN.split("  - page: hours")[0])
    assert "Tell us." in send(resume(after, device), page, {"hours": "8"}).text
    assert '"hours":8' in after.answers()["hours"].replace(" ", "")


def test_two_tabs_on_a_page_that_the_edit_takes_away_do_not_overwrite_each_other(before, reload):
    device = before.device()
    page = send(device, start(device), {"has_job": "yes"})
    other = device.get("/answer/short")
    after = reload("main.yaml", MAIN.split("  - page: hours")[0])
    resume(after, device)
    send(device, page, {"hours": "8"})
    assert send(device, other, {"hours": "9"}).status == 409
    assert '"hours":8' in after.answers()["hours"].replace(" ", "")


def test_the_dates_published_last_hold_for_everybody(before, reload):
    device = before.device()
    start(device)
    closed = (before.folder / "q" / "short" / "questionnaire.yaml").read_text() + "closes: 2020-01-01\n"
    after = reload("questionnaire.yaml", closed)
    assert resume(after, device).get("/answer/short").status == 403


def test_what_is_published_is_served_while_its_folder_is_being_edited(before):
    (before.folder / "q" / "short" / "main.yaml").write_text("section: main\n")
    house = House(before.folder)
    assert "Do you have a job?" in start(house.device()).text
    house.close()
