"""An address that was given to another person: without a name, other values of most columns tell it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result

from survey_engine.fieldwork.invitations.links import find_by_link, read_token
from survey_engine.fieldwork.invitations.other_persons import is_unlike
from survey_engine.storage.database import Database
from survey_engine.storage.identity import Seat
from tests.cli.test_erase import answer, make_desk
from tests.command import Desk
from tests.datasets.filling import read_csv
from tests.fieldwork.rosters.student_files import write_csv

LABELS = ("Opleiding", "Niveau", "Vorm", "Faculteit", "Team", "Plaats")
FORMAT = "roster: own\ntitle: Own\nperson: [Email]\ncolumns:\n" + "".join(
    f"  {name}: {{becomes: {kind}}}\n"
    for name, kind in [("School", "institution"), ("Email", "contact"), ("Taal", "language")]
    + [(name, "response_label") for name in LABELS]
)
ROWS = [["north", f"s{at}@x.org", "easy", "Zorg", "ad", "vt", f"F{at}", "T1", "Zwolle"] for at in range(6)]
OTHER = ["north", "s0@x.org", "en", "Kunst", "ma", "dt", "F9", "T2", "Zwolle"]
SWITCHED = ["north", "s0@x.org", "easy", *OTHER[3:]]


@pytest.fixture
def lite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    data = tmp_path / "data"
    desk = make_desk(tmp_path, monkeypatch, f"sqlite:///{data / 'answers.db'}", f"sqlite:///{data / 'identity.db'}")
    (tmp_path / "own.yaml").write_text(FORMAT)
    done = give(desk, ROWS[0], "--yes", out="first")
    assert done.exit_code == 0, done.output
    return desk


def give(desk: Desk, first: list[str], *options: str, out: str = "again") -> Result:
    """Make links of `ROWS` with another first row."""
    path = write_csv(desk.folder / "students.csv", [["School", "Email", "Taal", *LABELS], first, *ROWS[1:]])
    return desk.run("links", "example", str(path), "--format", "own.yaml", "--out", out, *options)


def begin(desk: Desk) -> None:
    """Store answers of the person of the first row."""
    (link,) = [row["link"] for row in read_csv(desk.folder / "first" / "links.csv") if "s0@x.org" in row.values()]
    urls = desk.settings.database_url, desk.settings.identity_url
    with closing(Database(urls[0], "answers")) as answers, closing(Database(urls[1], "identity")) as identity:
        answer(desk, (answers, identity), find_by_link(identity, read_token(link)))


def test_another_person_beside_answers_is_not_accepted_by_yes_alone(lite):
    begin(lite)
    refused = give(lite, OTHER, "--yes")
    assert refused.exit_code == 1 and "1 of them have answered: row 2" in refused.output, refused.output
    assert give(lite, OTHER, "--yes", "--same-persons").exit_code == 0


def test_another_person_beside_an_unused_link_is_asked_about(lite):
    asked = give(lite, OTHER)
    assert asked.exit_code == 1 and "Are they the same persons?" in asked.output, asked.output
    told = give(lite, OTHER, "--yes")
    assert told.exit_code == 0 and "0 of them have answered: row 2" in told.output, told.output


def test_a_person_who_changes_programme_is_the_same(lite):
    begin(lite)
    done = give(lite, SWITCHED, "--yes")
    assert done.exit_code == 0 and "most columns" not in done.output, done.output


VALUES = {"programme": "1", "level": "ba", "form": "vt", "year": "1", "international": "no"}
CHANGED = {"programme": "2", "level": "ma", "form": "dt", "year": "2", "international": "yes"}


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        (VALUES, CHANGED, True),
        (VALUES, {**CHANGED, "international": "no"}, False),
        (VALUES, {**CHANGED, "level": "ba"}, False),
        ({}, CHANGED, False),
        ({**VALUES, **{f"same_{at}": "x" for at in range(9)}}, {**CHANGED, **{f"same_{at}": "x" for at in range(9)}}, False),
    ],
    ids=["all", "own values stay", "few", "new columns", "most stay"],
)
@pytest.mark.parametrize("is_named", [False, True], ids=["nameless", "named"])
def test_most_values_and_a_personal_one_tell_another_person(was, now, expected, is_named):
    name = "hash" if is_named else None
    before, after = (Seat("example", "north", values, "nl", name_hash=name) for values in (was, now))
    assert is_unlike(before, after, {"language", "international"}) == (expected and not is_named)
