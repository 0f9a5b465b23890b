"""After full journeys neither store shows who answered: no name, address, link or equal background in clear, and no order."""

from __future__ import annotations

from contextlib import closing

from sqlalchemy import text

from survey_engine.storage.database import Database
from tests.command import Desk
from tests.datasets.filling import place_example, read_csv
from tests.fieldwork.rosters.student_files import write_csv

FORMAT = """roster: own
title: Own
person: [Nummer]
columns:
  School: {becomes: institution, required: true}
  Nummer: {required: true}
  Email1: {becomes: contact, required: true}
  Geboren: {becomes: birth_date}
  Naam: {becomes: surname}
  Voornaam: {becomes: first_name}
  Klas: {becomes: response_label, label: class}
  Opleiding: {becomes: background, variable: programme}
"""


def test_dumped_stores_have_no_name_address_label_or_link_in_clear(tmp_path, monkeypatch):
    desk = Desk(tmp_path, monkeypatch)
    place_example(tmp_path)
    desk.make_stores()
    (tmp_path / "own.yaml").write_text(FORMAT)
    rows = [
        ["north", f"90{n:05d}", f"xyzzyplover{n}@b.nl", "31-12-2008", "Frobnitz", "Waldolino", "plughplover", "Quuxkunde"]
        for n in range(300)
    ]
    write_csv(
        tmp_path / "students.csv", [["School", "Nummer", "Email1", "Geboren", "Naam", "Voornaam", "Klas", "Opleiding"], *rows]
    )
    assert desk.run("links", "example", "students.csv", "--format", "own.yaml", "--out", "out", "--yes").exit_code == 0
    links = [row["link"].rpartition("/")[2] for row in read_csv(tmp_path / "out" / "links.csv")]
    stored = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())
    # The words are so long that no token has one by chance.
    names, dates = (b"xyzzyplover", b"plughplover", b"Quuxkunde", b"frobnitz", b"waldolino"), (b"2008-12-31", b"31-12-2008")
    words = (*names, *dates, b"9000007", *map(str.encode, links))
    assert [word for word in words if word in stored or word in stored.lower()] == []
    with closing(Database(desk.settings.identity_url, "identity")) as identity, identity.read() as connection:
        seats = list(connection.execute(text("SELECT sealed, details, length(sealed), length(details) FROM seat")))
    assert len({row[0] for row in seats}) == len({row[1] for row in seats}) == 300
    assert len({(row[2], row[3]) for row in seats}) == 1
