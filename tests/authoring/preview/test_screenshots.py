"""Screenshots of every page in every language: the list, and the pictures themselves."""

import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from survey_engine.authoring.preview.app import create_preview
from survey_engine.authoring.preview.screenshots import PAGES_PER_SHEET, list_shots
from survey_engine.authoring.preview.views import list_views
from survey_engine.authoring.walks import Walk, WalkedPage, write_walk
from survey_engine.cli.screenshots import screenshots
from survey_engine.settings import ROOT
from tests.writing import HEAD, write, write_head, write_sections

HERE = "institution: here\nname: Here\n"
THERE = """\
institution: there
name: There
languages: [en]
own_questions:
  pages:
    - {page: own_first, questions: [{mark: own_mark, text: {en: How is it there?}}]}
"""
ORDER = "[{group: main, sections: [main]}, {group: own, own_questions: true}]"


def read_size(path):
    """Read width and height of a PNG from its header."""
    return struct.unpack(">II", path.read_bytes()[16:24])


def test_screenshots_cover_the_institutions_languages_and_questions(tmp_path):
    questionnaire = write_head(tmp_path, {"order": ORDER}, HERE, THERE).compilation.questionnaire
    assert [shot.name for shot in list_shots(questionnaire, "here")] == ["first.en.png"]
    assert [shot.name for shot in list_shots(questionnaire, "there")] == ["first.en.png", "own_first.en.png"]


def test_an_unknown_institution_is_refused_with_the_known_ones(tmp_path):
    write_head(tmp_path, {"order": ORDER}, HERE, THERE)
    result = CliRunner().invoke(screenshots, [str(tmp_path / "q" / "x"), "--institution", "heer", "--out", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert "did you mean 'here'?" in result.output


@pytest.mark.browser
def test_every_screenshot_is_phone_sized_and_on_the_sheet(tmp_path):
    write_head(tmp_path, {"order": ORDER}, HERE, THERE)
    out = tmp_path / "pictures"
    program = Path(sys.executable).parent / "survey-engine"
    command = [program, "screenshots", tmp_path / "q" / "x", "--institution", "there", "--out", out]
    subprocess.run(command, check=True, timeout=120)  # a separate process: other tests may use a browser in this one
    assert {path.name for path in out.glob("*.png")} == {
        "start-page.en.png",
        "first.en.png",
        "own_first.en.png",
        "done-page.en.png",
        "contact-sheet.png",
    }
    assert read_size(out / "first.en.png")[0] == 360
    assert read_size(out / "contact-sheet.png")[1] > 700


ROUTED = """\
section: main
pages:
  - page: first
    questions: [{yes_no: job, text: Job?}]
  - page: second
    questions: [{mark: week, text: Week?}, {mark: pay, text: Pay?, when: job == 'yes'}]
  - page: third
    when: job == 'yes'
    questions: [{mark: boss, text: Boss?}]
"""


def make_walk(job, institution="here", questionnaire="example"):
    return Walk(questionnaire, institution, "en", {}, (), 1.0, (WalkedPage("first", ("job",), {"job": job}),))


def write_routed(folder):
    return write(folder, {"questionnaire.yaml": HEAD, "main.yaml": ROUTED, "here.yaml": HERE}).questionnaire


def test_each_distinct_view_of_a_page_has_one_screenshot(tmp_path):
    questionnaire = write_routed(tmp_path)
    walks = [make_walk("no"), make_walk("yes"), make_walk("yes")]
    shots = list_views(questionnaire, walks)
    assert [shot.name for shot in shots] == ["first.en.png", "second.en.png", "second-2.en.png", "third.en.png"]
    client = create_preview(tmp_path / "q" / "x", ROOT / "translations", walks).test_client()
    assert ["Pay?" in client.get(shot.address).text for shot in shots] == [False, False, True, False]


@pytest.mark.parametrize("path", ["/seen/9/{slug}/en", "/seen/0/ffffffff/en", "/seen/0/{slug}/xx", "/seen/0/{third}/en"])
def test_pages_off_the_respondents_path_are_not_found(tmp_path, path):
    first, _, third = write_routed(tmp_path).placed_pages
    client = create_preview(tmp_path / "q" / "x", ROOT / "translations", [make_walk("no")]).test_client()
    assert client.get(path.format(slug=first, third=third)).status_code == 404
    assert client.get(f"/seen/0/{first}/en").status_code == 200


REFUSED = {
    "of another": (make_walk("no", questionnaire="other"), "contains respondents of other"),
    "of nowhere": (make_walk("no", institution="heer"), "did you mean 'here'?"),
    "none": (None, "contains no respondents"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_walks_of_another_questionnaire_are_refused(tmp_path, kind):
    walk, said = REFUSED[kind]
    write_routed(tmp_path)
    (tmp_path / "walks").mkdir()
    if walk:
        write_walk(walk, tmp_path / "walks" / "1.yaml", "A respondent")
    command = [str(tmp_path / "q" / "x"), "--respondents", str(tmp_path / "walks"), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(screenshots, command)
    assert (result.exit_code, said in result.output) == (1, True), result.output


@pytest.mark.browser
def test_a_sheet_has_a_row_for_each_page_and_a_column_for_each_language(tmp_path):
    """Many pages are on several sheets, because nobody can read one picture of all of them."""
    pages = "".join(
        f"  - page: p{number}\n    questions: [{{mark: m{number}, text: {{en: M?, nl: M?}}}}]\n" for number in range(9)
    )
    head = "questionnaire: example\ntitle: {en: A, nl: A}\nsource_language: en\n"
    head += "languages: {en: {name: English}, nl: {name: Nederlands}}\norder: [{group: main, sections: [main]}]\n"
    write_sections(tmp_path, f"section: main\ntitle: {{en: A, nl: A}}\npages:\n{pages}", HERE, head=head)
    out, program = tmp_path / "pictures", Path(sys.executable).parent / "survey-engine"
    subprocess.run([program, "screenshots", tmp_path / "q" / "x", "--out", out], check=True, timeout=120)
    assert PAGES_PER_SHEET < 9
    assert sorted(path.name for path in out.glob("contact*")) == ["contact-sheet-2.png", "contact-sheet.png"]
    shown = re.findall(r'<figcaption>(\w+)</figcaption><img src="([\w-]+\.\w+)\.png"', (out / "index.html").read_text())
    assert shown[:3] == [("English", "start-page.en"), ("Nederlands", "start-page.nl"), ("English", "p0.en")]
    assert shown[-1] == ("Nederlands", "done-page.nl")
    assert len(shown) == (1 + 9 + 1) * 2
