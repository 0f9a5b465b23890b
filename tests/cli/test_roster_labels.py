"""`survey-engine roster labels`: labels join seats that exist; a label file is no list of who may answer."""

from __future__ import annotations

import json
import re
from collections import Counter
from contextlib import closing

import pytest
from sqlalchemy import text

from survey_engine.fieldwork.invitations.links import decrypt_seat, find_by_link, read_token
from survey_engine.fieldwork.signing import make_pseudonym
from survey_engine.storage.database import Database, make_id
from survey_engine.storage.identity import Seat
from survey_engine.storage.roster_seats import iter_seats
from tests.command import Desk
from tests.datasets.filling import read_csv
from tests.fieldwork.rosters.student_files import OWN_FORMAT, write_csv, write_workbook

HEAD = ["Studentnummer", "Klas", "Team", "Locatie", "Domein", "Uitsluiten"]
STUDENTS = "institution,nr,path\nnorth,0001,bol\nnorth,0002,bol\nnorth,0003,bbl\nsouth,0001,bol\n"
BEGIN = text(
    "INSERT INTO response (id, questionnaire, version, institution, pseudonym, language, languages, background, modules)"
    " VALUES (:id, 'example', 'v', 'north', :pseudonym, 'en', 'en', :background, '{}')"
)
BACKGROUNDS = text("SELECT background FROM response")


@pytest.fixture
def students(desk: Desk) -> Desk:
    (desk.folder / "students.csv").write_text(STUDENTS)
    assert desk.run("links", "example", "students.csv", "--key", "nr", "--out", "out").exit_code == 0
    return desk


def label(desk: Desk, *rows: list[str], institution: str = "north", option: str = "--remove-most") -> str:
    """Run the command; return its output."""
    path = write_csv(desk.folder / "labels.csv", [HEAD, *rows])
    return desk.run("roster", "labels", "example", str(path), "--institution", institution, "--yes", option).output


def read_seats(desk: Desk, institution: str = "north") -> list[Seat]:
    """The seats of an institution: without details, excluded, with labels."""
    with closing(Database(desk.settings.identity_url, "identity")) as identity, identity.read() as connection:
        seats = [decrypt_seat(desk.contact_keys, seat) for seat in iter_seats(connection, "example", [institution])]
    return sorted(seats, key=lambda seat: str(seat.details))


def test_labels_are_added_to_the_seats_with_the_same_key(students):
    output = label(students, ["0001", "3A", "Zorg", "Hal", "Gezond", ""], ["0002", "3B", "Zorg", "Hal", "Gezond", "stage"])
    assert "2 get labels" in output and "1 are excluded" in output
    bare, second, first = read_seats(students)
    assert second.details == {
        "labels": {"class": "3B", "team": "Zorg", "location": "Hal", "domain": "Gezond"},
        "excluded": "stage",
    }
    assert first.details == {"labels": {"class": "3A", "team": "Zorg", "location": "Hal", "domain": "Gezond"}}
    assert bare.details is None and bare.background == {"path": "bbl"}


def test_unmatched_rows_and_unlabelled_seats_are_reported_both_ways(students):
    output = label(students, ["0001", "3A", "Zorg", "Hal", "Gezond", ""], ["9999", "3B", "Zorg", "Hal", "Gezond", ""])
    assert "1 rows have no seat" in output and "Rows without a seat: 3" in output
    assert "2 seats have no row: these persons come in without labels" in output
    assert len(read_seats(students)) == 3


def test_a_key_that_lost_its_zeros_still_finds_its_seat(students):
    output = label(students, ["1", "3A", "Zorg", "Hal", "Gezond", ""])
    assert "1 get labels" in output and "1 rows match a seat by other leading zeros" in output


def test_a_second_file_shows_what_it_changes_and_removes(students):
    label(students, ["0001", "3A", "Zorg", "Hal", "Gezond", "ziek"], ["0002", "3A", "Zorg", "Hal", "Gezond", ""])
    output = label(students, ["0001", "3B", "Zorg", "Hal", "Gezond", ""])
    assert "1 get other labels" in output and "1 lose their labels" in output and "1 are no longer excluded" in output
    labels = {"class": "3B", "team": "Zorg", "location": "Hal", "domain": "Gezond"}
    assert {"labels": labels} in [seat.details for seat in read_seats(students)]
    assert "Nothing changes." in label(students, ["0001", "3B", "Zorg", "Hal", "Gezond", ""])


@pytest.mark.parametrize("head", [HEAD, HEAD[:-1]], ids=["no row", "no column"])
def test_a_file_that_does_not_name_an_exclusion_keeps_it(students, head):
    label(students, ["0001", "3A", "Zorg", "Hal", "Gezond", "bezwaar"], ["0002", "3A", "Zorg", "Hal", "Gezond", ""])
    numbers = ["0002"] if head == HEAD else ["0001", "0002"]
    path = write_workbook(
        students.folder / "more.xlsx", [head, *[[n, "3B", "Zorg", "Hal", "Gezond", ""][: len(head)] for n in numbers]]
    )
    output = students.run("roster", "labels", "example", str(path), "--institution", "north", "--yes").output
    assert "no longer excluded" not in output
    assert [seat.details["excluded"] for seat in read_seats(students) if "excluded" in (seat.details or {})] == ["bezwaar"]


def test_a_file_with_a_mistake_changes_nothing(students):
    output = label(students, ["0001", "3A", "Zorg", "Hal", "Gezond", ""], ["0001", "3B", "Zorg", "Hal", "Gezond", ""])
    assert "another row above has the same Studentnummer" in output
    assert {seat.details for seat in read_seats(students)} == {None}


def test_excluded_persons_are_not_reminded_by_file_or_by_seats(students):
    rows = [["0001", "3A", "Zorg", "Hal", "Gezond", "stage"], ["0002", "3A", "Zorg", "Hal", "Gezond", ""]]
    assert "their links still work" in label(students, *rows)
    for options in (["out/links.csv"], ["out/links.csv", "--key", "nr"]):
        output = students.run("remind", "example", *options, "--out", "r", "--force").output
        assert "3 of 4 links to remind" in output and "1 belong to excluded persons" in output
        assert {(row["institution"], row["nr"]) for row in read_csv(students.folder / "r" / "links.csv")} == {
            ("north", "0002"),
            ("north", "0003"),
            ("south", "0001"),
        }
    output = students.run("remind", "example", "--seats", "--out", "r", "--force").output
    assert "1 belong to excluded persons" in output and "3 belong to persons whose addresses are not stored" in output


def test_another_link_of_an_excluded_person_is_not_reminded_by_key(students):
    assert students.run("links", "example", "students.csv", "--out", "again", "--yes").exit_code == 0
    label(students, ["0001", "3A", "Zorg", "Hal", "Gezond", "stage"])
    output = students.run("remind", "example", "out/links.csv", "again/links.csv", "--key", "nr", "--out", "r").output
    assert "3 of 8 links" in output and "2 belong to excluded persons" in output


@pytest.mark.parametrize("cell", ["nee", "0", "FALSE", "geen", "-", "n.v.t.", "N", "n/a", "Nee "])
def test_a_cell_that_says_no_excludes_nobody(students, cell):
    output = label(students, ["0001", "3A", "Zorg", "Hal", "Gezond", cell], ["0002", "3A", "Zorg", "Hal", "Gezond", "ja"])
    assert "1 are excluded" in output


@pytest.mark.parametrize("cell", ["✓", "☑", "✗", "❌", "+", "*", "#", "→", "?", "nee?", "nee!"])
def test_a_mark_that_is_neither_a_reason_nor_a_no_is_refused(students, cell):
    output = label(students, ["0001", "3A", "Zorg", "Hal", "Gezond", cell], ["0002", "3A", "Zorg", "Hal", "Gezond", ""])
    assert f"'{cell}' is neither a reason" in output and {seat.details for seat in read_seats(students)} == {None}


@pytest.mark.parametrize("cell", ["nee (stage afgerond)", "doet mee"])
def test_a_reason_that_may_say_that_a_person_takes_part_is_refused(students, cell):
    output = label(students, ["0001", "3A", "Zorg", "Hal", "Gezond", cell], ["0002", "3A", "Zorg", "Hal", "Gezond", ""])
    assert f"'{cell}' may say that this person takes part" in output and {seat.details for seat in read_seats(students)} == {None}


def test_a_file_that_excludes_most_persons_is_warned_of(students):
    row = ["3A", "Zorg", "Hal", "Gezond"]
    output = label(students, *[[f"000{number}", *row, "afwezig"] for number in (1, 2, 3)])
    assert "3 of 3 rows are excluded" in output
    assert "rows are excluded" not in label(students, ["0001", *row, "ziek"], ["0002", *row, ""])


def test_a_file_of_which_no_row_has_a_seat_is_refused(students):
    assert "none of its 1 rows has a seat" in label(students, ["9999", "3A", "Zorg", "Hal", "Gezond", ""])


def test_links_and_other_institutions_stay_as_they_are(students):
    with closing(Database(students.settings.identity_url, "identity")) as identity, identity.read() as connection:
        before = set(connection.execute(text("SELECT id, link_hash, key_hash FROM seat")))
        label(students, ["0001", "3A", "Zorg", "Hal", "Gezond", ""])
        assert set(connection.execute(text("SELECT id, link_hash, key_hash FROM seat"))) == before
    assert [seat.details for seat in read_seats(students, "south")] == [None]


def give(desk: Desk, *rows: list[str]) -> str:
    (desk.folder / "own.yaml").write_text(OWN_FORMAT)
    write_csv(desk.folder / "students.csv", [["School", "Email1", "Klas"], *rows])
    done = desk.run("links", "example", "students.csv", "--format", "own.yaml", "--out", "out", "--yes", "--force")
    assert done.exit_code == 0, done.output
    return done.output


def test_addresses_and_labels_of_a_format_are_stored_encrypted(desk):
    assert "Stored encrypted: Email1, Klas." in give(desk, ["north", "xyzzy@b.nl", "plugh"], ["north", "c@d.nl", "plugh"])
    stored = b"".join(path.read_bytes() for path in (desk.folder / "data").iterdir())
    assert b"xyzzy" not in stored and b"plugh" not in stored
    with closing(Database(desk.settings.identity_url, "identity")) as identity, identity.read() as connection:
        tokens = list(connection.execute(text("SELECT details FROM seat")).scalars())
    assert len(set(tokens)) == 2 and len({len(token) for token in tokens}) == 1
    assert {(seat.details["contact"]["email"], seat.details["labels"]["class"]) for seat in read_seats(desk)} == {
        ("xyzzy@b.nl", "plugh"),
        ("c@d.nl", "plugh"),
    }


def test_a_corrected_list_changes_addresses_and_labels(desk):
    give(desk, ["north", "a@b.nl", "3A"])
    assert "  labels: 1 become empty" in give(desk, ["north", "a@b.nl", ""])
    assert read_seats(desk)[0].details["labels"] == {}
    assert "1 stay as they are" in give(desk, ["north", "a@b.nl", ""])


def test_details_are_encrypted_with_the_first_key_after_a_rotation(desk):
    give(desk, ["north", "a@b.nl", "3A"])
    old = desk.settings.contact_keys[0]
    desk.set(SURVEY_CONTACT_KEYS="new-key-of-at-least-32-characters!," + old)
    assert desk.run("maintain", "--renew-keys").exit_code == 0
    desk.set(SURVEY_CONTACT_KEYS="new-key-of-at-least-32-characters!")
    assert read_seats(desk)[0].details["contact"] == {"email": "a@b.nl"}


@pytest.fixture
def teams(desk: Desk) -> Desk:
    return make_teams(desk)


def make_teams(desk: Desk) -> Desk:
    """A questionnaire with the background variable `team`, and links of 12 persons at each of two institutions."""
    path = desk.folder / "q" / "example" / "questionnaire.yaml"
    path.write_text(
        path.read_text().replace("background:\n", "background:\n  team: {text: {en: Team, easy: Team}, open: true}\n")
    )
    rows = "".join(f"{place},{number:04},bol\n" for place in ("north", "south") for number in range(12))
    (desk.folder / "students.csv").write_text(f"institution,nr,path\n{rows}")
    assert desk.run("links", "example", "students.csv", "--key", "nr", "--out", "out").exit_code == 0
    return desk


def count_teams(desk: Desk, institution: str = "north") -> Counter[object]:
    return Counter(seat.background.get("team") for seat in read_seats(desk, institution) if not seat.withdrawn)


def assign(teams: str) -> list[list[str]]:
    return [[f"{number:04}", "3A", team, "Hal", "Gezond", ""] for number, team in enumerate(teams)]


def test_labels_go_with_answers_if_enough_persons_share_them(teams):
    assert "have labels that do not go" not in label(teams, *assign("AAAAAABBBBBB"))
    assert count_teams(teams) == {"A": 6, "B": 6}


def test_rows_without_a_seat_do_not_make_a_combination_larger(teams):
    output = label(teams, *assign("AAAAAAABBBBB")[:-3], *[[f"9{row}", "3A", "B", "Hal", "Gezond", ""] for row in range(9)])
    assert "2 have labels that do not go" in output
    assert count_teams(teams)["B"] == 0


def test_withdrawn_persons_do_not_make_a_combination_larger(teams):
    links = [row["link"] for row in read_csv(teams.folder / "out" / "links.csv") if row["institution"] == "north"]
    assert teams.run("links", "example", "--withdraw", links[11]).exit_code == 0
    label(teams, *assign("AAAAAAABBBBB"))
    assert count_teams(teams)["B"] == 0


def test_persons_of_another_institution_do_not_make_a_combination_larger(teams):
    head = ["BRIN", *HEAD]
    rows = [["north", *row] for row in assign("AAAAAAAAABBB")] + [["south", *row] for row in assign("BBBBBBBBBBBB")]
    path = write_workbook(teams.folder / "labels.xlsx", [head, *rows])
    done = teams.run("roster", "labels", "example", str(path), "--yes")
    assert done.exit_code == 0, done.output
    assert count_teams(teams)["B"] == 0 and count_teams(teams, "south") == {"B": 12}


def test_no_person_is_the_only_one_without_labels(teams):
    """Without labels: one person of a small team, or one without a row."""
    for given in (assign("AAAAAABBBBBC"), assign("AAAAAABBBBB")):
        label(teams, *given)
        assert count_teams(teams) == {"A": 6, None: 6}


def read_numbers(desk: Desk) -> dict[str, str]:
    """Number of a person of north → link."""
    return {row["nr"]: row["link"] for row in read_csv(desk.folder / "out" / "links.csv") if row["institution"] == "north"}


def withdraw(desk: Desk, *numbers: int, action: str = "--withdraw") -> str:
    links = read_numbers(desk)
    (desk.folder / "some.csv").write_text("link\n" + "".join(f"{links[f'{number:04}']}\n" for number in numbers))
    done = desk.run("links", "example", action, "some.csv", "--yes")
    assert done.exit_code == 0, done.output
    return done.output


def begin(desk: Desk, *numbers: int) -> None:
    """Store responses of persons of north with the background of their seats, as Start does."""
    links = read_numbers(desk)
    with closing(Database(desk.settings.identity_url, "identity")) as identity:
        seats = [
            decrypt_seat(desk.contact_keys, seat)
            for number in numbers
            if (seat := find_by_link(identity, read_token(links[f"{number:04}"])))
        ]
    rows = [
        {
            "id": make_id(),
            "pseudonym": make_pseudonym(desk.settings.pseudonym_key, "example", seat.id),
            "background": json.dumps(dict(seat.background)),
        }
        for seat in seats
    ]
    with closing(Database(desk.settings.database_url, "answers")) as answers, answers.write() as connection:
        connection.execute(BEGIN, rows)


def count_begun(desk: Desk) -> Counter[object]:
    with closing(Database(desk.settings.database_url, "answers")) as answers, answers.read() as connection:
        return Counter(json.loads(background).get("team") for background in connection.execute(BACKGROUNDS).scalars())


def add(desk: Desk, numbers: range, *options: str) -> str:
    (desk.folder / "more.csv").write_text("institution,nr,path\n" + "".join(f"north,{number:04},bol\n" for number in numbers))
    done = desk.run("links", "example", "more.csv", "--key", "nr", "--out", "more", "--yes", "--force", *options)
    assert done.exit_code == 0, done.output
    return done.output


def test_withdrawn_links_hide_the_labels_of_the_persons_left(teams):
    label(teams, *assign("AAAAAABBBBBB"))
    assert "the labels of 7 persons no longer go with their answers" in withdraw(teams, 0, 1, 2, 3, 4), (
        "B is hidden beside one of A"
    )
    assert count_teams(teams) == {None: 7}
    withdraw(teams, 0, 1, 2, 3, 4, action="--restore")
    assert count_teams(teams) == {"A": 6, "B": 6}


def test_a_person_added_without_a_label_is_not_the_only_one(teams):
    label(teams, *assign("AAAAAABBBBBB"))
    add(teams, range(100, 101), "--add")
    assert count_teams(teams) == {"B": 6, None: 7}


def test_a_corrected_list_hides_the_labels_of_the_persons_left(teams):
    label(teams, *assign("AAAAAABBBBBB"))
    add(teams, range(2, 12))
    assert count_teams(teams) == {None: 10}


def test_an_erasure_hides_the_labels_of_the_persons_left(teams):
    label(teams, *assign("AAAAABBBBBBB"))
    assert teams.run("erase", "example", read_numbers(teams)["0000"], "--yes").exit_code == 0
    assert count_teams(teams) == {None: 11}


def test_labels_of_two_files_count_together(teams):
    path = teams.folder / "q" / "example" / "questionnaire.yaml"
    path.write_text(path.read_text().replace("  team: {", "  place: {text: {en: Place, easy: Place}, open: true}\n  team: {"))
    head = "roster: {0}\ntitle: T\nmakes: labels\nperson: [nr]\ncolumns:\n  nr: {{required: true}}\n"
    form = head + "  {0}: {{becomes: analysis_label, label: {0}}}\n"
    for name, given in {"team": "AAAAAABBBBBB", "place": "XXXXXYYYYYYY"}.items():
        (teams.folder / f"{name}.yaml").write_text(form.format(name))
        write_csv(teams.folder / "l.csv", [["nr", name], *([f"{number:04}", letter] for number, letter in enumerate(given))])
        done = teams.run("roster", "labels", "example", "l.csv", "--format", f"{name}.yaml", "--institution", "north", "--yes")
        assert done.exit_code == 0, done.output
    assert "6 have labels that do not go" in done.output, "one of A and Y, and 5 of A and X to hide that one"
    seats = Counter((seat.background.get("team"), seat.background.get("place")) for seat in read_seats(teams))
    assert seats == {("B", "Y"): 6, (None, None): 6}


def test_withdrawn_persons_whose_answers_are_kept_count(teams):
    label(teams, *assign("AAAAAABBBBBB"))
    begin(teams, 0, 1, 2, 3, 4)
    withdraw(teams, 0, 1, 2, 3, 4)
    assert count_teams(teams) == {"A": 1, "B": 6} and count_begun(teams) == {"A": 5}


def test_a_label_file_says_once_how_many_labels_are_hidden(teams):
    output = label(teams, *assign("AAAAAABBBB"), *[[f"9{row}", "3A", "C", "Hal", "Gezond", ""] for row in range(3)])
    assert "6 have labels" not in output and "4 have labels that do not go" in output and "combinations of labels" not in output


def test_excluding_a_person_without_a_link_is_refused_until_confirmed(students):
    rows = [["0001", "3A", "Zorg", "Hal", "Gezond", ""], ["9999", "3A", "Zorg", "Hal", "Gezond", "stage"]]
    assert "labels.csv:3: this person is excluded and has no link yet" in label(students, *rows)
    assert {seat.details for seat in read_seats(students)} == {None}
    command = ("roster", "labels", "example", "labels.csv", "--institution", "north", "--yes", "--ignore-unlinked")
    assert "1 get labels" in students.run(*command).output


@pytest.mark.parametrize("heading", ["Uitsluiting", "Uitgesloten", "Reden uitsluiten", "Uitsluiten (J/N)", "Niet meedoen"])
def test_other_headings_of_exclusions_exclude_too(students, heading):
    rows = [[*HEAD[:5], heading], ["0001", "3A", "Zorg", "Hal", "Gezond", "ja"], ["0002", "3A", "Zorg", "Hal", "Gezond", ""]]
    write_workbook(students.folder / "labels.xlsx", rows)
    command = ("roster", "labels", "example", "labels.xlsx", "--institution", "north", "--yes")
    assert "1 are excluded" in students.run(*command).output


@pytest.mark.parametrize("heading", ["Afgemeld", "Toestemming", "Uitsluiten door school", "AVG bezwaar", "Blokkade", "Status"])
def test_a_column_that_may_exclude_is_an_error_in_a_label_file(students, heading):
    rows = [[*HEAD[:5], heading], ["0001", "3A", "Zorg", "Hal", "Gezond", "ja"], ["0002", "3A", "Zorg", "Hal", "Gezond", ""]]
    write_workbook(students.folder / "labels.xlsx", rows)
    done = students.run("roster", "labels", "example", "labels.xlsx", "--institution", "north", "--yes")
    assert done.exit_code == 1 and "may tell who is not asked. If it does, rename it to 'Uitsluiten'" in done.output


def test_a_file_without_the_column_of_exclusions_keeps_them(students):
    label(students, ["0001", "3A", "Zorg", "Hal", "Gezond", "ziek"], ["0002", "3A", "Zorg", "Hal", "Gezond", "stage"])
    write_workbook(students.folder / "labels.xlsx", [HEAD[:5], ["0001", "3B", "Zorg", "Hal", "Gezond"]])
    output = students.run("roster", "labels", "example", "labels.xlsx", "--institution", "north", "--yes").output
    assert "1 get other labels" in output and "no longer excluded" not in output
    assert sorted((seat.details or {}).get("excluded", "") for seat in read_seats(students)) == ["", "stage", "ziek"]


def test_a_file_of_exclusions_alone_needs_no_labels_and_keeps_them(students):
    label(students, ["0001", "3A", "Zorg", "Hal", "Gezond", ""], ["0002", "3A", "Zorg", "Hal", "Gezond", "stage"])
    labels = {"class": "3A", "team": "Zorg", "location": "Hal", "domain": "Gezond"}
    path = write_csv(students.folder / "excluded.csv", [["Studentnummer", "Uitsluiten"], ["0001", "ziek"], ["0002", ""]])
    done = students.run("roster", "labels", "example", str(path), "--institution", "north", "--yes")
    assert done.exit_code == 0 and "1 are excluded" in done.output and "1 are no longer excluded" in done.output, done.output
    assert "2 keep their labels" in done.output and "1 seats have no row: these persons keep their labels" in done.output
    found = [(seat.details["labels"] == labels, seat.details.get("excluded")) for seat in read_seats(students) if seat.details]
    assert sorted(found, key=str) == [(True, "ziek"), (True, None)]


@pytest.mark.parametrize("head", [["Studentnummer"], ["Studentnummer", "Klas", "Uitsluiten"]])
def test_a_file_of_some_labels_or_of_keys_alone_is_refused(students, head):
    path = write_csv(students.folder / "some.csv", [head, ["0001", "3A", "ziek"][: len(head)]])
    done = students.run("roster", "labels", "example", str(path), "--institution", "north", "--yes")
    assert done.exit_code == 1 and "there is no column 'Locatie'" in done.output


def test_response_is_counted_by_class_on_screen_and_as_csv(teams):
    label(teams, *[[f"{number:04}", "3A" if number < 10 else "3B", "A", "Hal", "Gezond", ""] for number in range(12)])
    begin(teams, *range(11))
    output = teams.run("roster", "response", "example", "--label", "class").output
    assert [re.split("  +", line) for line in output.splitlines()[-4:]] == [
        ["north", "12", "5 or more", "–"],
        ["north", "class", "3A", "10", "5 or more", "fewer than 5"],
        ["north", "class", "others", "2", "–", "–"],
        ["south", "12", "fewer than 5", "fewer than 5"],
    ]
    done = teams.run("roster", "response", "example", "--institution", "south", "--out", "response.csv")
    assert done.exit_code == 0, done.output
    (row,) = read_csv(teams.folder / "response.csv")
    expected = {
        "institution": "south",
        "kind": "",
        "label": "",
        "invited": "12",
        "started_at_least": "0",
        "completed_at_least": "0",
    }
    assert row == expected
    assert "no links of west" in teams.run("roster", "response", "example", "--institution", "west").output


def test_labels_that_no_export_can_have_are_named_before_they_are_stored(teams):
    """`roster check`, `links` and `roster labels` name the columns that are no variable of the questionnaire, and ask."""
    path = write_csv(teams.folder / "l.csv", [HEAD, *[[*row[:2], "A", "Hal", "", ""] for row in assign("AAAAAA")]])
    words = (str(path), "--format", "job-labels", "--institution", "north")
    checked = teams.run("roster", "check", *words, "--questionnaire", "example").output
    assert "Locatie: no export" in checked and "'location'; 6 rows have a value" in checked and "1 warnings" in checked
    assert "Team: no export" not in checked and "Domein: no export" not in checked, "a variable, and an empty column"
    assert "Locatie: no export" in teams.run("roster", "labels", "example", *words).output
    assert "Locatie: no export" not in teams.run("roster", "check", *words).output, "without a questionnaire it is unknown"
    assert count_teams(teams) == {None: 12}, "nothing is stored without a yes"


def test_links_ask_about_columns_that_the_questionnaire_cannot_use(desk):
    (desk.folder / "own.yaml").write_text(
        OWN_FORMAT + "  Team: {becomes: analysis_label}\n  Jaar: {becomes: background, variable: year}\n"
    )
    write_csv(desk.folder / "students.csv", [["School", "Email1", "Team", "Jaar"], ["north", "a@b.nl", "A", "1"]])
    words = ("links", "example", "students.csv", "--format", "own.yaml", "--out", "out")
    asked = desk.run(*words)
    assert asked.exit_code == 1 and "Team: no export" in asked.output and "Jaar: no export" in asked.output
    assert "Give these persons a link?" in asked.output and not (desk.folder / "out").exists()
    assert desk.run(*words, "--yes").exit_code == 0


def test_a_file_of_one_class_keeps_the_labels_of_others_with_add(teams):
    label(teams, *assign("AAAAAABBBBBB"))
    refused = label(teams, *assign("BBBB"), option="--ignore-unlinked")
    assert "Nothing was done: most persons lose a label: class, " in refused and "--add" in refused
    assert count_teams(teams) == {"A": 6, "B": 6}
    added = label(teams, *assign("BBBBBB"), option="--add")
    assert "6 get other labels" in added and "6 seats have no row: these persons keep their labels" in added
    assert count_teams(teams) == {"B": 12}


@pytest.mark.parametrize("column", range(1, 5))
def test_a_file_that_empties_one_label_of_most_persons_is_refused(teams, column):
    label(teams, *assign("AAAAAABBBBBB"))
    rows = [
        [*row[:column], "" if number < 6 else row[column], *row[column + 1 :]]
        for number, row in enumerate(assign("AAAAAABBBBBB"))
    ]
    refused = label(teams, *rows, option="--add")
    assert f"most persons lose a label: {['class', 'team', 'location', 'domain'][column - 1]}." in refused
    assert count_teams(teams) == {"A": 6, "B": 6}
