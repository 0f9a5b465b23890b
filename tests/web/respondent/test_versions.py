"""A questionnaire edited during fieldwork: a response keeps its version, new responses get the new one."""

from __future__ import annotations

import json
import re
import shutil

import pytest
from sqlalchemy import text

from survey_engine.publication.versions import publish
from survey_engine.settings import ROOT
from tests.web.conftest import MAIN, SHORT, House, send, start, walk, write_short

SIDE = MAIN.replace("Do you have a job?", "Do you have a side job?")


def publish_short(house):
    publish(house.folder / "q" / "short", ROOT / "translations", house.site.answers, lambda rewordings: True)


@pytest.fixture
def before(tmp_path):
    """The application before an edit is published."""
    write_short(tmp_path / "q", "short")
    house = House(tmp_path)
    publish_short(house)
    yield house
    house.close()


@pytest.fixture
def reload(before, monkeypatch):
    """Publishes an edit of one file, and restarts the application with the same stores and keys."""
    houses = []

    def edit(name, content):
        (before.folder / "q" / "short" / name).write_text(content)
        publish_short(before)
        houses.append(House(before.folder))
        return houses[-1]

    yield edit
    for house in houses:
        house.close()


def resume(house, device):
    device.line = house.device().line
    return device


def test_a_started_response_keeps_its_wording(before, reload, script):
    device = before.device(script=script)
    start(device)
    after = reload("main.yaml", SIDE)
    assert "Do you have a job?" in resume(after, device).get("/a/short").text
    assert "Do you have a side job?" in start(after.device(script=script)).text


def test_a_page_posted_after_the_edit_continues_in_its_version(before, reload, script):
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


def test_a_page_removed_by_the_edit_is_still_saved(before, reload, script):
    device = before.device(script=script)
    page = send(device, start(device), {"has_job": "yes"})
    after = reload("main.yaml", MAIN.split("  - page: hours")[0])
    assert "Tell us." in send(resume(after, device), page, {"hours": "8"}).text
    assert '"hours":8' in after.answers()["hours"].replace(" ", "")


def test_two_tabs_on_a_removed_page_do_not_overwrite_each_other(before, reload):
    device = before.device()
    page = send(device, start(device), {"has_job": "yes"})
    other = device.get("/a/short")
    after = reload("main.yaml", MAIN.split("  - page: hours")[0])
    resume(after, device)
    send(device, page, {"hours": "8"})
    assert send(device, other, {"hours": "9"}).status == 409
    assert '"hours":8' in after.answers()["hours"].replace(" ", "")


def test_the_latest_published_dates_apply_to_all_responses(before, reload):
    device = before.device()
    start(device)
    closed = (before.folder / "q" / "short" / "questionnaire.yaml").read_text() + "closes: 2020-01-01\n"
    after = reload("questionnaire.yaml", closed)
    assert resume(after, device).get("/a/short").status == 403


def test_the_published_version_is_served_while_its_folder_is_edited(before):
    (before.folder / "q" / "short" / "main.yaml").write_text("section: main\n")
    house = House(before.folder)
    assert "Do you have a job?" in start(house.device()).text
    house.close()


# Processes with different versions ---------------------------------------------------------------------------------

PAGE = "  - page: new\n    questions: [{open: new, text: {en: New?, nl: Nieuw?, easy: New?}}]\n"
SHORTER = MAIN.split("  - page: hours")[0] + PAGE
"""An edit that removes one page and adds another."""


@pytest.fixture
def look_at_once(monkeypatch):
    """Let processes check for a new version at each request."""
    monkeypatch.setattr("survey_engine.publication.registry.REFRESH_SECONDS", 0)


@pytest.fixture
def begin(before, reload, script):
    """Start a response before or after an edit; yield the device on its first page, its process, and the other process."""

    def start_one(begun):
        if begun == "after":
            here = reload("main.yaml", SHORTER)
            device = here.device(script=script)
            return device, start(device), here, before
        device = before.device(script=script)
        page = start(device)
        return device, page, before, reload("main.yaml", SHORTER)

    return start_one


def move(device, house):
    """Send the device's next requests to this process."""
    device.line = house.device().line
    return device


SAVES = {
    "keep": {"wish": "keep"},
    "next": {"wish": "next"},
    "back": {"wish": "back"},
    "language": {"language": "nl"},
}


@pytest.mark.parametrize("saving", SAVES)
@pytest.mark.parametrize("begun", ["before", "after"])
def test_any_process_decides_a_save_with_the_version_of_the_response(begin, begun, saving):
    """A process without the version compiles it; no answer is lost and no page is skipped."""
    device, first, here, there = begin(begun)
    second = send(device, first, {"has_job": "yes"})
    name, value = ("hours", "8") if begun == "before" else ("new", "N")
    move(device, there)
    send(device, second, {name: value}, **SAVES[saving])

    kept = {code: json.loads(answers) for code, answers in here.rows("SELECT page, answers FROM page")}
    assert kept == {"job": {"has_job": "yes"}, name: {name: 8 if name == "hours" else "N"}}
    going_on = move(device, here).get("/a/short").text
    assert ("Tell us." in going_on or "Vertel het." in going_on) == (saving == "next")


@pytest.mark.parametrize("begun", ["before", "after"])
def test_a_response_completes_with_all_pages_of_its_version_in_any_process(begin, begun):
    device, page, here, there = begin(begun)
    name, value = ("hours", "8") if begun == "before" else ("new", "N")
    turn = 0
    for given in ({"has_job": "yes"}, {name: value}, {"story": "well"}, {}):
        move(device, (there, here)[turn % 2])
        page, turn = send(device, page, given), turn + 1
        if page.status == 422:
            page = send(device, page, given)
    assert here.rows("SELECT completed_at IS NOT NULL FROM response") == [(True,)]
    assert {row[0] for row in here.rows("SELECT page FROM page")} == {"job", name, "story", "panel"}


@pytest.mark.usefixtures("look_at_once")
def test_every_process_serves_a_published_version_without_a_reload(before):
    others = [House(before.folder) for _ in range(2)]
    (before.folder / "q" / "short" / "main.yaml").write_text(SIDE)
    publish_short(before)
    assert all("Do you have a side job?" in start(house.device()).text for house in [before, *others])
    for house in others:
        house.close()


def test_a_response_of_a_removed_institution_can_continue(before, reload):
    link = before.invite(institution="other")
    device = before.device("nl")
    page = start(device, link)
    (before.folder / "q" / "short" / "other.yaml").unlink()
    after = reload("main.yaml", SIDE)
    move(device, after)
    assert send(device, page, {"has_job": "no"}).status == 200
    assert start(after.device("nl"), link).status == 200
    assert after.device("nl").get("/q/short/other").status == 404
    assert after.device("nl").get(after.invite(institution="other")).status == 404


def test_a_version_that_cannot_be_read_stops_its_own_respondents_alone(before, reload):
    device = before.device()
    page = start(device)
    after = reload("main.yaml", SHORTER)
    begun = page_version(after, before.find_response(device))
    with after.site.answers.write() as connection:
        connection.execute(
            text("UPDATE questionnaire_version SET files = :empty WHERE version = :version"), {"empty": b"", "version": begun}
        )
    refused = send(move(device, after), page, {"has_job": "yes"})
    assert refused.status == 503 and 'value="yes"' in refused.text
    assert start(after.device()).status == 200
    assert f"short {begun}" in after.device().get("/readyz").text
    assert after.rows("SELECT count(*) FROM page") == [(0,)]


def page_version(house, id):
    return house.rows("SELECT version FROM response WHERE id = ?", id)[0][0]


# Folders that are not published -------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    write_short(tmp_path / "q", "short")
    write_short(tmp_path / "q", "other")
    return tmp_path


def break_folder(folder, code="short"):
    (folder / "q" / code / "main.yaml").write_text("section: main\n")


def test_a_broken_folder_is_left_out_and_the_others_are_served(folder):
    break_folder(folder)
    house = House(folder)
    assert start(house.device(), "/q/other/demo").status == 200
    assert house.device().get("/q/short/demo").status == 404
    ready = house.device().get("/readyz")
    assert ready.status == 200 and '"short"' in ready.text
    house.close()


def test_an_edition_with_errors_against_the_one_before_is_left_out(tmp_path):
    for code, question in [("job-2026", "yes_no: has_job"), ("job-2027", "date: has_job")]:
        write_short(tmp_path / "q", code)
        (tmp_path / "q" / code / "main.yaml").write_text(
            MAIN.replace("yes_no: has_job", question).replace("has_job == 'yes'", "answered(has_job)")
        )
    house = House(tmp_path)
    assert set(house.site.questionnaires) == {"job-2026"}
    house.close()


def test_a_reload_with_an_invalid_folder_keeps_the_served_version(folder):
    first = House(folder)
    device = first.device()
    page = start(device)
    first.close()
    break_folder(folder)
    house = House(folder)
    assert send(move(device, house), page, {"has_job": "no"}).status == 200
    assert "Do you have a job?" in start(house.device()).text
    house.close()


def test_a_folder_that_was_never_published_is_stored_before_it_is_served(folder):
    house = House(folder)
    versions = {code: questionnaire.version for code, questionnaire in house.site.questionnaires.items()}
    assert dict(house.rows("SELECT questionnaire, version FROM questionnaire_version")) == versions
    house.close()


def test_a_new_folder_beside_published_ones_waits_for_its_publication(folder):
    shutil.rmtree(folder / "q" / "other")
    first = House(folder)
    publish_short(first)
    first.close()
    write_short(folder / "q", "other")
    house = House(folder)
    assert set(house.site.questionnaires) == {"short"} and house.device().get("/q/other/demo").status == 404
    publish(folder / "q" / "other", ROOT / "translations", house.site.answers, lambda rewordings: True)
    house.site.participation.registry.refresh()
    assert set(house.site.questionnaires) == {"short", "other"}
    house.close()


def test_a_served_folder_stays_in_service_when_another_is_published(folder):
    first = House(folder)
    publish_short(first)
    first.close()
    house = House(folder)
    assert set(house.site.questionnaires) == {"short", "other"}
    house.close()


def test_a_folder_is_compiled_at_the_start_only_after_a_change(folder):
    def start_again():
        house = House(folder)
        compiled, shown = house.site.participation.registry.list_compiled(), start(house.device()).text
        house.close()
        return [each.code for each in compiled], "And what else?" in shown

    assert start_again() == (["other", "short"], False)
    assert start_again() == ([], False)
    first = "    questions:\n      - yes_no: has_job"
    more = "    questions:\n      - open: more\n        text: {en: And what else?, nl: Verder?, easy: Else?}\n      - yes_no: has_job"
    longer = MAIN.replace(first, more)
    (folder / "q" / "short" / "main.yaml").write_text(longer)
    assert start_again() == (["short"], True)
    (folder / "q" / "short" / "main.yaml").write_text(MAIN)
    assert not start_again()[1]


@pytest.mark.parametrize(
    ("was", "now"), [("How many hours?", "How many days?"), ("from: 1\n        to: 60", "from: 0\n        to: 59")]
)
def test_an_answered_folder_with_other_meanings_is_served_as_before(folder, was, now):
    first = House(folder)
    start(first.device())
    served = first.site.questionnaires["short"].version
    first.close()
    path = folder / "q" / "short" / "main.yaml"
    path.write_text(path.read_text().replace(was, now))
    house = House(folder)
    registry = house.site.participation.registry
    assert registry.current["short"].version == served and "survey-engine publish" in registry.left_out["short"]
    house.close()


def test_without_its_folder_responses_continue_and_none_starts(folder):
    first = House(folder)
    device = first.device()
    page = start(device)
    first.close()
    shutil.rmtree(folder / "q" / "short")
    house = House(folder)
    assert send(move(device, house), page, {"has_job": "no"}).status == 200
    assert house.device().get("/q/short/demo").status == 403
    house.close()


@pytest.mark.parametrize(("name", "becomes"), [("short", "brief"), ("short/questionnaire.yaml", "short/head.yaml")])
def test_a_folder_or_head_of_another_name_is_left_out(folder, name, becomes):
    (folder / "q" / name).rename(folder / "q" / becomes)
    house = House(folder)
    assert set(house.site.questionnaires) == {"other"}
    assert len(house.site.participation.registry.left_out) == 1
    house.close()


@pytest.mark.parametrize(
    "edit", ["institution: demo\nname: Demo College\nopen_link: false\n", None], ids=["no open link", "institution removed"]
)
def test_a_private_key_goes_on_where_nobody_can_start_any_more(before, reload, edit):
    device = before.device()
    story = walk(device, start(device), {"has_job": "no"})
    key = re.search(r'class="key">([^<]+)<', send(device, story, {"story": "mine"}, wish="stop").text).group(1)
    if edit is None:
        (before.folder / "q" / "short" / "demo.yaml").unlink()
    after = reload(
        "demo.yaml" if edit else "other.yaml", edit or "institution: other\nname: Other School\nopen_link: {level: 3}\n"
    )
    page = after.device().get("/q/short/demo")
    (address,) = re.findall(r'<form method="post" action="([^"]*)"', page.text)

    assert page.status == 404
    assert "mine" in after.device().post_plainly(address, [("key", key)]).text
    wrong = after.device().post_plainly(address, [("key", "ABCD-EFGH")])
    assert (wrong.status, "We do not know this key" in wrong.text) == (404, True)
    assert after.device().get("/q/short/demo/qr.svg").text.count("<form") == 0


def test_a_closed_questionnaire_asks_for_no_private_key(before, reload):
    after = reload("questionnaire.yaml", SHORT.format(code="short", dates="closes: 2020-01-01"))
    page = after.device().get("/q/short/demo")

    assert page.status == 403 and "private key" not in page.text


# Versions compiled on demand ----------------------------------------------------------------------------------------


@pytest.fixture
def started(folder):
    """An application started beside two published questionnaires, of which one is damaged."""
    first = House(folder)
    for code in ("short", "other"):
        publish(folder / "q" / code, ROOT / "translations", first.site.answers, lambda rewordings: True)
    with first.site.answers.write() as connection:
        connection.execute(text("UPDATE questionnaire_version SET files = :files WHERE questionnaire = 'short'"), {"files": b""})
    first.close()
    house = House(folder, SURVEY_METRICS_TOKEN="t" * 32, SURVEY_INDEX="1")
    yield house
    house.close()


def read_ready(house):
    ready = house.device().get("/readyz")
    found = json.loads(ready.text)
    return ready.status, found["left_out"], found["not_compiled"]


def test_a_start_beside_a_damaged_version_is_ready(started):
    assert read_ready(started) == (200, [], ["other", "short"])


def test_a_damaged_version_is_named_before_anybody_asks_for_it(started):
    started.site.participation.registry.compile_all(lambda seconds: None)
    status, left_out, unknown = read_ready(started)
    assert (status, unknown) == (200, []) and [name.split()[0] for name in left_out] == ["short"]
    metrics = started.app.test_client().get("/metrics", headers={"Authorization": "Bearer " + "t" * 32}).text
    assert f'survey_left_out{{questionnaire="{left_out[0]}"}} 1.0' in metrics
    assert re.findall(r'survey_version_in_service{questionnaire="(\w+)"', metrics) == ["other"]


@pytest.mark.parametrize("path", ["/", "/q/other/demo", "/nothing/short", "/q/nothing/demo"])
def test_a_damaged_version_stops_no_other_page(started, path):
    assert started.device().get(path).status == (404 if "nothing" in path else 200)


def test_a_damaged_version_asks_its_respondents_to_come_again(started):
    refused = started.device().get("/q/short/demo")
    assert refused.status == 503 and refused.headers["retry-after"]


def test_without_a_readable_version_a_process_is_not_ready(started):
    with started.site.answers.write() as connection:
        connection.execute(text("UPDATE questionnaire_version SET digest = 'another'"))
    started.site.participation.registry.compile_all(lambda seconds: None)
    assert read_ready(started)[0] == 503


def test_responses_go_on_in_a_process_started_beside_a_damaged_version(before, script):
    device = before.device(script=script)
    page = start(device)
    (before.folder / "q" / "short" / "main.yaml").write_text(SIDE)
    publish_short(before)
    with before.site.answers.write() as connection:
        connection.execute(
            text("UPDATE questionnaire_version SET files = :files WHERE version = (SELECT version FROM service)"), {"files": b""}
        )
    after = House(before.folder)
    assert send(move(device, after), page, {"has_job": "no"}).status == 200
    assert "Do you have a job?" in start(after.device()).text
    after.close()
