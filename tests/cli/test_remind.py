"""`survey-engine remind`: who has neither completed nor been withdrawn, and nobody else."""

from __future__ import annotations

from contextlib import closing

import pytest
from sqlalchemy import text

from survey_engine.fieldwork.invitations.links import find_by_link, read_token
from survey_engine.fieldwork.signing import make_pseudonym
from survey_engine.storage.answers import start_response
from survey_engine.storage.database import Database
from tests.command import Desk
from tests.datasets.filling import read_csv, write_example

LIST = "name,institution\nAn,north\nBo,north\nCas,south\nDirk,south\n"


@pytest.fixture
def desk(tmp_path, monkeypatch, database_url, identity_url) -> Desk:
    desk = Desk(tmp_path, monkeypatch)
    desk.set(SURVEY_DATABASE_URL=database_url, SURVEY_IDENTITY_URL=identity_url)
    write_example(tmp_path)
    (tmp_path / "q" / "x").rename(tmp_path / "q" / "example")
    desk.make_stores()
    return desk


def give(desk: Desk, out: str, content: str = LIST) -> list[str]:
    """The links in links.csv."""
    (desk.folder / "students.csv").write_text(content, "utf-8")
    assert desk.run("links", "example", "students.csv", "--out", out).exit_code == 0
    return [row["link"] for row in read_csv(desk.folder / out / "links.csv")]


def answer(desk: Desk, link: str, *, complete: bool) -> None:
    with closing(Database(desk.settings.identity_url, "identity")) as identity:
        seat = find_by_link(identity, read_token(link))
    with closing(Database(desk.settings.database_url, "answers")) as answers:
        id = start_response(
            answers,
            questionnaire="example",
            version="1",
            institution=seat.institution,
            language="en",
            background={},
            pseudonym=make_pseudonym(desk.settings.pseudonym_key, "example", seat.id),
            abandoned_hours=24,
            assign=lambda counts: (),
        )
        if complete:
            with answers.write() as connection:
                connection.execute(text("UPDATE response SET completed_at = CURRENT_TIMESTAMP WHERE id = :id"), {"id": id})


def list_reminded(desk: Desk, out: str) -> list[str]:
    return [row["name"] for row in read_csv(desk.folder / out / "links.csv")]


def test_completed_and_withdrawn_are_not_reminded_and_begun_are(desk):
    links = give(desk, "out")
    answer(desk, links[0], complete=True)
    answer(desk, links[1], complete=False)
    desk.run("links", "example", "--withdraw", links[2])
    done = desk.run("remind", "example", "out/links.csv", "--out", "again")
    assert done.output.startswith("2 of 4 links to remind: again/links.csv\n  1 completed it\n  1 are withdrawn")
    assert list_reminded(desk, "again") == ["Bo", "Dirk"]


def test_a_link_that_was_replaced_is_reminded_by_its_new_list_alone(desk):
    give(desk, "out")
    desk.run("links", "example", "--reissue", "out/links.csv", "--out", "new")
    done = desk.run("remind", "example", "out/links.csv", "new/links.csv", "new/links.csv", "--out", "again")
    assert "4 of 4 links to remind" in done.output
    assert "4 rows have no such link (any more)" in done.output and "4 rows repeat one above" in done.output
    assert list_reminded(desk, "again") == ["An", "Bo", "Cas", "Dirk"]


def test_a_list_without_links_or_with_other_columns_is_refused(desk):
    give(desk, "out")
    give(desk, "other", "institution\nnorth\n")
    assert "there is no column 'link'" in desk.run("remind", "example", "students.csv", "--out", "again").output
    assert (
        "it has other columns than out/links.csv"
        in desk.run("remind", "example", "out/links.csv", "other/links.csv", "--out", "again").output
    )
    assert not (desk.folder / "again").exists()


def test_a_link_that_was_completed_counts_once_however_often_it_is_listed(desk):
    links = give(desk, "out")
    answer(desk, links[0], complete=True)
    done = desk.run("remind", "example", "out/links.csv", "out/links.csv", "--out", "again")
    assert "3 of 4 links to remind" in done.output and "1 completed it" in done.output


def test_persons_with_several_links_are_counted_by_their_column(desk):
    give(desk, "out", "name,programme,institution\nAn,Kok,north\nAn,Bakker,north\nBo,Kok,south\n")
    done = desk.run("remind", "example", "out/links.csv", "--out", "again", "--key", "name")
    assert "3 of 3 links to remind, of 2 persons by 'name'" in done.output
    assert "there is no column 'nam'" in desk.run("remind", "example", "out/links.csv", "--out", "b", "--key", "nam").output


def test_a_title_above_the_headings_of_links_is_told(desk):
    give(desk, "out")
    path = desk.folder / "out" / "links.csv"
    path.write_text("Class 4B\n" + path.read_text("utf-8-sig"))
    done = desk.run("remind", "example", "out/links.csv", "--out", "again")
    assert "the headings must be in line 1, which holds: Class 4B. They seem to be in line 2" in done.output
