"""`survey-engine roster history`: the response per day, as a page and as a table."""

from __future__ import annotations

import re

import pytest

from tests.command import Desk
from tests.datasets.filling import read_csv


@pytest.fixture
def students(desk: Desk) -> Desk:
    rows = "".join(f"{'north' if number < 12 else 'south'},{number:04}\n" for number in range(24))
    (desk.folder / "students.csv").write_text(f"institution,nr\n{rows}")
    assert desk.run("links", "example", "students.csv", "--key", "nr", "--out", "out").exit_code == 0
    return desk


def test_the_table_has_the_numbers_and_reminders_of_a_day(students: Desk) -> None:
    assert students.run("remind", "example", "out/links.csv", "--out", "again").exit_code == 0
    done = students.run("roster", "history", "example", "--out", "history.csv")
    assert done.exit_code == 0, done.output
    rows = read_csv(students.folder / "history.csv")
    assert [(row["institution"], row["invited"], row["started_at_least"], row["reminder"]) for row in rows] == [
        ("north", "12", "0", "1"),
        ("south", "12", "0", "1"),
    ]
    assert rows[0]["started_percent"] == "0" and not rows[0]["open_link_started_at_least"]


def test_the_page_has_a_picture_per_institution_and_its_name(students: Desk) -> None:
    assert students.run("maintain").exit_code == 0
    done = students.run("roster", "history", "example", "--out", "history.html", "--language", "nl")
    assert done.exit_code == 0 and "a page of 1 days" in done.output
    page = (students.folder / "history.html").read_text()
    assert re.findall("<h2>(.*)</h2>", page)[0] == "Alle instellingen" and page.count('role="img"') == 3
    assert "http" not in page.replace("http://www.w3.org", "")


def test_the_page_has_the_title_with_terms_and_without_markup(students: Desk) -> None:
    head = students.folder / "q" / "example" / "questionnaire.yaml"
    title = next(line for line in head.read_text().splitlines() if line.startswith("title:"))
    head.write_text(
        head.read_text().replace(title, 'title: {en: "Your *{pos}*", easy: "Your {pos}"}')
        + "terms: {pos: {en: college, easy: school}}\n"
    )
    assert students.run("maintain").exit_code == 0
    done = students.run("roster", "history", "example", "--out", "history.html")
    assert done.exit_code == 0 and "Your college" in (students.folder / "history.html").read_text(), done.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--out", "history.pdf"), "ends in .html or .csv"),
        (("--out", "history.csv", "--institution", "nort"), "no institution nort"),
    ],
)
def test_another_file_or_institution_is_refused(students: Desk, words: tuple[str, ...], message: str) -> None:
    assert message in students.run("roster", "history", "example", *words).output


def test_a_questionnaire_without_persons_has_no_history(desk: Desk) -> None:
    assert "Nobody was invited yet" in desk.run("roster", "history", "example", "--out", "history.csv").output
