"""The preview shows the files on disk, whatever their state."""

import re
import shutil
from pathlib import Path

import pytest
from werkzeug.datastructures import MultiDict

from survey_engine.authoring.preview.app import add_empty_institution, create_preview, find_chosen_path, read_selection
from survey_engine.authoring.preview.page_states import invent_answers
from survey_engine.authoring.preview.printing import print_pdf
from survey_engine.engine.posted_page import read_page
from survey_engine.publication.compiler import compile_questionnaire
from survey_engine.settings import ROOT
from tests.writing import HEAD, MAIN, write, write_head, write_sections


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(ROOT / "questionnaires" / "gallery", tmp_path / "questionnaires" / "gallery"))


@pytest.fixture
def client(folder):
    return create_preview(folder, ROOT / "translations").test_client()


def find_page(client, code):
    """Find the address of a page in the overview's table."""
    found = re.search(rf'<a href="(/page/[^"]+)"><code>{code}</code>', client.get("/").text)
    assert found, code
    return found[1].replace("&amp;", "&")


def test_every_page_is_shown_in_every_language_of_the_institution(client):
    overview = client.get("/?institution=demo").text
    pages = set(re.findall(r"/page/([0-9a-f]{8})", overview))
    assert len(pages) > 20
    for slug in pages:
        frames = re.findall(r'src="(/frame/[^"]+)"', client.get(f"/page/{slug}?institution=demo").text)
        assert [frame.split("/")[3] for frame in frames] == ["en", "nl", "pap", "nt2", "de"]
        assert all(client.get(frame).status_code == 200 for frame in frames)


def test_a_frame_shows_conditional_items_too(client):
    address = find_page(client, "canteen_evening")
    frame = re.search(r'src="(/frame/[^"]+)"', client.get(address).text)[1]
    assert 'name="q.canteen_evening"' in client.get(frame).text


def read_frame(client, code, state):
    """Return a page with an item as the preview frames it in a state."""
    address = find_page(client, code)
    frame = re.search(r'src="(/frame/[^"]+)"', client.get(f"{address}&state={state}").text)[1]
    return client.get(frame).text


def test_a_page_is_shown_in_each_of_its_states(client):
    assert read_frame(client, "travel_minutes", "answered").count('value="0"') == 2
    assert "Not answered yet: 2" in read_frame(client, "travel_minutes", "missing")
    assert read_frame(client, "travel_minutes", "errors").count('aria-invalid="true"') == 2
    conflict = read_frame(client, "canteen_food", "conflict")
    assert "This page was changed elsewhere too" in conflict
    assert "The food is good: <b>Disagree</b>" in conflict
    assert read_frame(client, "travel_minutes", "") == read_frame(client, "travel_minutes", "unknown")


FOLLOW_UP = """\
      - yes_no: has_job
        text: Do you have a job?
      - number: hours
        when: has_job == 'yes'
        text: How many hours?
        to: 60
"""


@pytest.mark.parametrize(("state", "folded"), [("", True), ("unfolded", False), ("answered", False)])
def test_a_page_as_it_comes_folds_its_follow_ups(tmp_path, state, folded):
    write_sections(tmp_path, MAIN + FOLLOW_UP)
    client = create_preview(tmp_path / "q" / "x", ROOT / "translations").test_client()

    assert (" disabled hidden" in read_frame(client, "has_job", state)) is folded


def test_example_answers_fit_every_page():
    """They are read back as they are, like those of a respondent."""
    questionnaire = compile_questionnaire(ROOT / "questionnaires" / "gallery", ROOT / "translations")
    for _, page in questionnaire.placed_pages.values():
        answers = invent_answers(page)
        form = MultiDict(
            [(code, str(each)) for code, value in answers.items() for each in (value if isinstance(value, list) else [value])]
        )
        reading = read_page(page, form)
        assert reading.values == answers, page.code
        assert not reading.errors, page.code


def test_a_saved_file_changes_the_mark_and_the_page(client, folder):
    before = client.get("/mark").text
    file = folder / "questionnaire.yaml"
    file.write_text(file.read_text().replace("title: Gallery", "title: Another name for it"))
    assert client.get("/mark").text != before
    assert "Another name for it" in client.get("/").text


def test_a_broken_file_shows_its_problems_beside_the_last_good_state(client, folder):
    assert "The route" in client.get("/").text
    (folder / "sections" / "broken.yaml").write_text("section: [oops")
    shown = client.get("/").text
    assert "[yaml]" in shown
    assert "broken.yaml" in shown
    assert "The route" in shown


def test_an_unreadable_folder_is_shown_as_a_page(tmp_path):
    (tmp_path / "questionnaire.yaml").write_text("questionnaire: [")
    shown = create_preview(tmp_path, ROOT / "translations").test_client().get("/")
    assert shown.status_code == 200
    assert "cannot be shown yet" in shown.text


def test_a_questionnaire_without_institutions_is_shown(tmp_path):
    write(tmp_path, {"questionnaire.yaml": HEAD, "main.yaml": MAIN + "      - {mark: week, text: How was your week?}\n"})
    client = create_preview(tmp_path / "q" / "x", ROOT / "translations").test_client()
    assert 'class="page chosen"' in client.get("/").text
    frame = re.search(r'src="(/frame/[^"]+)"', client.get(find_page(client, "week")).text)[1]
    assert "How was your week?" in client.get(frame).text


def test_the_route_colours_what_the_chosen_student_is_asked(client):
    def count_chosen(query):
        return client.get(query).text.count('class="page chosen"')

    assert count_chosen("/?institution=plain") > 0
    assert count_chosen("/?institution=demo&languages=en") > count_chosen("/?institution=plain&languages=en")


def test_a_problem_links_to_its_page(client, folder):
    file = next(path for path in folder.rglob("*.yaml") if "grid_page" in path.read_text())
    file.write_text(re.sub(r"(- page: grid_page\n)", r"\1    when: answered(no_such_thing)\n", file.read_text()))
    overview = client.get("/").text
    assert "no_such_thing" in overview
    link = re.search(r'<b>error</b> <a href="([^"]+)"', overview)[1]
    assert link.partition("?")[0] == find_page(client, "canteen_evening").partition("?")[0]
    assert "no_such_thing" in client.get(find_page(client, "canteen_evening")).text
    assert "no_such_thing" not in client.get(find_page(client, "transport")).text


@pytest.mark.parametrize("language", ["en", "nl", "pap", "nt2", "de"])
def test_the_whole_questionnaire_can_be_printed_in_each_language(client, language):
    printed = client.get(f"/print/{language}").text
    assert "\x02" not in printed
    assert printed.count('class="question"') > 30


def test_a_printed_conditional_option_has_its_audience(client):
    printed = client.get("/print/en").text
    option = re.search(r"<li>In the garden.*?</li>", printed)[0]
    assert "Asked when the institution is" in option


def test_a_written_pdf_can_be_opened(client, tmp_path, folder):
    from_disk = create_preview(folder, ROOT / "translations")
    html = from_disk.test_client().get("/print/en").text
    print_pdf(html, tmp_path / "gallery.pdf")
    content = (tmp_path / "gallery.pdf").read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    assert len(content) > 20_000


@pytest.mark.parametrize("path", ["/page/ffffffff", "/frame/ffffffff/en/demo", "/print/xx"])
def test_unknown_addresses_are_not_found(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "query", ["x=%ff", "x=\xff", "institution=%e2%82&languages=%ff", "x={slug}{0}", "student=" + "9" * 5000, "student=²"]
)
def test_any_query_string_gets_a_page(client, query):
    address = find_page(client, "canteen_evening").partition("?")[0]
    assert [client.get(f"{path}?{query}").status_code for path in ("/", address, "/print/en")] == [200, 200, 200]


def test_the_author_chooses_the_arm_of_an_experiment(tmp_path):
    change = {
        "experiments": "[{experiment: layout, arms: {fold: 1, list: 1}}]",
        "order": "[{group: main, sections: [main, extra]}]",
    }
    page = (
        "section: extra\npages:\n  - page: listed\n    when: experiment.layout == 'list'\n    questions: [{mark: m, text: M?}]\n"
    )
    questionnaire = write_head(tmp_path, change, page).questionnaire
    questionnaire = add_empty_institution(questionnaire)
    slug = questionnaire.sections["extra"].pages[0].slug
    paths = [
        find_chosen_path(questionnaire, read_selection(questionnaire, {"experiment.layout": arm})) for arm in ("fold", "list")
    ]
    assert [slug in path for path in paths] == [False, True]


def test_random_orders_are_marked_in_the_route_and_in_print(client):
    assert client.get("/").text.count("questions in random order") == 1
    assert client.get("/print/en").text.count("questions in random order") == 1
    assert client.get("/").text.count("pages in random order") == 1
    assert client.get("/print/en").text.count("pages in random order") == 1
    assert "The best place · fixed" in client.get("/").text


def test_each_page_shows_the_time_from_its_own_place(client):
    """As the site shows it to somebody who comes there without an answer; a conditional page adds its own time."""

    def read_minutes(code):
        frame = re.search(r'src="(/frame/[^"]+)"', client.get(find_page(client, code)).text)[1]
        return int(re.search(r'class="left">\D*(\d+)', client.get(frame).text)[1])

    minutes = [read_minutes(code) for code in ("has_job", "council_view", "job_hours", "sleep_topic", "consent_use")]
    assert minutes == sorted(minutes, reverse=True)
    assert minutes[0] > 10
    assert minutes[-1] < 3


@pytest.mark.parametrize(
    ("name", "said"), [("start", ["Welcome.", "Ask us.", "About 1 minute"]), ("done", ["That was it.", "Done. Thank you!"])]
)
def test_the_pages_before_and_after_the_questions_are_shown(tmp_path, name, said):
    written = write_head(tmp_path, {"introduction": "Welcome.", "contact": "Ask us.", "thanks": "That was it."})
    client = create_preview(tmp_path / "q" / "x", ROOT / "translations").test_client()
    assert f'href="/page/{name}?' in client.get("/").text
    page = client.get(f"/page/{name}").text
    assert f"/page/{next(iter(written.questionnaire.placed_pages))}?" in page
    frame = client.get(re.search(r'src="(/frame/[^"]+)"', page)[1]).text
    assert [text for text in said if text not in frame] == []
