"""Notes of authors reach reviewers and never students; testers' remarks are collected in one file."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from survey_engine.authoring.preview.app import create_preview
from survey_engine.authoring.preview.printing import print_html
from survey_engine.authoring.preview.remarks import REMARK_COLUMNS
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.publication.compiler import compile_questionnaire
from survey_engine.publication.meaning import digest_meaning
from survey_engine.settings import ROOT
from tests.writing import ask, write_sections

GRID = """\
- grid: views
  text: Views?
  note: About all.
  purpose: To improve.
  scale: agree
  items:
    fun: {text: Fun, note: About fun., indicators: [joy]}
    calm: Calm
"""
TYPES = "|".join(QUESTION_TYPES)


@pytest.fixture
def noted(tmp_path: Path) -> Path:
    """The gallery with a note on each question."""
    folder = Path(shutil.copytree(ROOT / "questionnaires" / "gallery", tmp_path / "questionnaires" / "gallery"))
    for path in folder.rglob("*.yaml"):
        noted = re.sub(
            rf"^( *)- ((?:{TYPES}): \w+)$", r"\1- \2\n\1  note: a secret note", path.read_text("utf-8"), flags=re.MULTILINE
        )
        path.write_text(noted, "utf-8")
    return folder


def test_a_note_is_on_no_page_that_students_see(noted: Path) -> None:
    questionnaire = compile_questionnaire(noted, ROOT / "translations")
    client = create_preview(noted, ROOT / "translations").test_client()
    notes = [question.note for section in questionnaire.all_sections for question in section.iter_questions()]
    institution = next(iter(questionnaire.institutions))
    frames = [
        client.get(f"/frame/{slug}/{language}/{institution}").text
        for slug in questionnaire.placed_pages
        for language in questionnaire.languages
    ]

    assert notes.count("a secret note") > 20 and len(frames) > 100
    assert not [frame for frame in frames if "secret" in frame]
    assert sum("a secret note" in client.get(f"/page/{slug}").text for slug in questionnaire.placed_pages) > 10
    assert print_html(questionnaire, "en").count("a secret note") == notes.count("a secret note")


def test_a_note_changes_no_meaning(noted: Path) -> None:
    shipped = compile_questionnaire(ROOT / "questionnaires" / "gallery", ROOT / "translations")

    assert digest_meaning(compile_questionnaire(noted, ROOT / "translations")) == digest_meaning(shipped)


def test_print_has_notes_or_for_teachers_purposes(tmp_path: Path) -> None:
    questionnaire = write_sections(tmp_path, ask(GRID)).questionnaire
    notes, purposes = print_html(questionnaire, "en"), print_html(questionnaire, "en", purposes=True)

    assert "About all." in notes and "About fun." in notes and "To improve." not in notes
    assert "About" not in purposes and purposes.count("To improve.") == 2 and "→ joy" in purposes


@pytest.fixture
def testing(tmp_path: Path) -> FlaskClient:
    write_sections(tmp_path, ask(GRID))
    return create_preview(tmp_path / "q" / "x", tmp_path / "translations", remarks=tmp_path / "remarks.csv").test_client()


def find_page(client: FlaskClient) -> str:
    return re.findall(r"/page/[0-9a-f]{8}", client.get("/").text)[0]


def test_remarks_of_testers_are_rows_of_one_file(tmp_path: Path, testing: FlaskClient) -> None:
    page = find_page(testing)
    for remark in ("What is fun?", "=1+1"):
        form = {"tester": "Noor", "language": "en", "remark.fun": remark, "remark.calm": " ", "remark.other": "no"}
        saved = testing.post(page, data=form)
        assert saved.status_code == 303 and "1 saved" in testing.get(saved.location).text
    rows = [*csv.reader((tmp_path / "remarks.csv").read_text("utf-8-sig").splitlines())]

    assert rows[0] == [*REMARK_COLUMNS] and [row[2:] for row in rows[1:]] == [
        ["first", "fun", "en", "Noor", "What is fun?"],
        ["first", "fun", "en", "Noor", "'=1+1"],
    ]


def test_another_site_cannot_add_remarks(tmp_path: Path, testing: FlaskClient) -> None:
    answer = testing.post(find_page(testing), data={"remark.fun": "x"}, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403 and not (tmp_path / "remarks.csv").exists()


def test_without_a_file_nothing_is_collected(tmp_path: Path) -> None:
    write_sections(tmp_path, ask(GRID))
    client = create_preview(tmp_path / "q" / "x", tmp_path / "translations").test_client()

    assert "<textarea" not in client.get(find_page(client)).text
    assert client.post(find_page(client), data={"remark.fun": "x"}).status_code == 404
