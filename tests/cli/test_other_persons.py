"""A known key with another person's cells is refused; corrections of a person's own cells are not."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Sequence
from string import ascii_lowercase

import pytest
from click.testing import Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey_engine.fieldwork.invitations.other_persons import is_other, make_identity
from tests import THOROUGH
from tests.cli.test_moved_columns import FIRST, LAST
from tests.command import Desk
from tests.datasets.filling import read_csv

Person = dict[str, str]
PLAIN = ("nr", "name", "e-mail", "class", "institution")
LOGIN = ("Studentnummer", "Geboortedatum", "Achternaam", "Voornaam")
KINDS: dict[str, tuple[Sequence[str], Sequence[str]]] = {
    "plain": (PLAIN, ("--key", "nr")),
    "login": (LOGIN, ("--format", "job-students", "--institution", "north")),
}
EARLIER = "other persons on the earlier list"
BEFORE = "this key had another person's name"


def make_persons(count: int, seed: int = 1) -> list[Person]:
    """Persons with other numbers, surnames, birth dates and addresses for each seed."""
    chance, found = random.Random(seed), list[Person]()
    for at in range(count):
        last = f"{LAST[at // 10]}{'abcdefgh'[at % 8]}{ascii_lowercase[seed % 26]}"
        first, number = FIRST[at % 10], f"{700_100 + 1_000 * seed + 3 * at}"
        born = f"{chance.randint(1, 28):02}-{chance.randint(1, 12):02}-{chance.randint(2003, 2008)}"
        plain = {
            "nr": number,
            "name": f"{first} {last}",
            "e-mail": f"{number}@school.nl",
            "class": f"{at // 8}A",
            "institution": "north",
        }
        found.append({**plain, "Studentnummer": number, "Geboortedatum": born, "Achternaam": last, "Voornaam": first})
    return found


def give(
    desk: Desk, kind: str, persons: Sequence[Person], *options: str, out: str = "again", leave: Sequence[str] = ()
) -> Result:
    columns, fixed = KINDS[kind]
    with (desk.folder / "list.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [name for name in columns if name not in leave], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(persons)
    return desk.run("links", "example", "list.csv", *fixed, "--yes", "--out", out, *options)


def remind(desk: Desk, *options: str, file: str = "first/links.csv") -> Result:
    words = ("remind", "example", file, "--key", "nr", "--corrected", "list.csv", "--out", "reminders", "--force")
    return desk.run(*words, *options)


def reorder(persons: Sequence[Person], order: Sequence[int], *columns: str) -> list[Person]:
    """These columns in another order of rows."""
    return [{**person, **{name: persons[at][name] for name in columns}} for person, at in zip(persons, order, strict=True)]


def change(persons: Sequence[Person], at: int, **cells: str) -> list[Person]:
    return [{**person, **cells} if place == at else person for place, person in enumerate(persons)]


def replace(desk: Desk, kind: str, count: int) -> list[Person]:
    """Give a list of new persons instead of all earlier ones."""
    persons = make_persons(count, 1 + len([*desk.folder.glob("first*")]))
    done = give(desk, kind, persons, "--remove-most", "--rekeyed", "others", out=f"first{len([*desk.folder.glob('first*')])}")
    assert done.exit_code == 0, done.output
    return persons


@st.composite
def draw_moved(draw: st.DrawFn) -> list[int]:
    order = [*range(draw(st.integers(5, 60)))]
    return draw(st.permutations(order).filter(lambda moved: moved != order))


PROPERTY = settings(
    max_examples=40 if THOROUGH else 4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize("kind", KINDS)
@PROPERTY
@given(order=draw_moved())
def test_any_permutation_of_the_keys_of_a_list_is_refused(desk, kind, order):
    persons = replace(desk, kind, len(order))
    refused = give(desk, kind, reorder(persons, order, "nr", "Studentnummer"))
    assert refused.exit_code == 1 and EARLIER in refused.output, refused.output
    if kind == "plain":
        newest = f"first{len([*desk.folder.glob('first*')]) - 1}/links.csv"
        refused = remind(desk, file=newest)
        assert refused.exit_code == 1 and EARLIER in refused.output, refused.output


@PROPERTY
@given(order=draw_moved())
def test_any_permutation_of_links_is_refused(desk, order):
    replace(desk, "plain", len(order))
    path = desk.folder / f"first{len([*desk.folder.glob('first*')]) - 1}" / "links.csv"
    rows = reorder(read_csv(path), order, "link")
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    for words in (("remind", "example", str(path)), ("feed", "example", str(path), "--key", "nr")):
        assert "this link was made for other cells" in desk.run(*words, "--out", "refused").output


def swap(count: int) -> list[int]:
    return [1, 0, *range(2, count)]


def shift(count: int) -> list[int]:
    return [count - 1, *range(count - 1)]


@pytest.mark.parametrize("order", [swap, shift])
@pytest.mark.parametrize("kind", KINDS)
def test_keys_beside_the_cells_of_others_are_refused_with_lines(desk, kind, order):
    persons = make_persons(20)
    assert give(desk, kind, persons, out="first").exit_code == 0
    moved = reorder(persons, order(20), "nr", "Studentnummer")
    refused = give(desk, kind, moved)
    assert refused.exit_code == 1 and "list.csv:2: " in refused.output and EARLIER in refused.output, refused.output
    assert give(desk, kind, moved, "--same-persons").exit_code == (0 if order is swap else 1)


@pytest.mark.parametrize("order", [swap, shift])
@pytest.mark.parametrize("leave", [("e-mail",), ("class",)])
def test_names_at_other_keys_are_found_when_other_columns_changed(desk, order, leave):
    persons = make_persons(20)
    assert give(desk, "plain", persons, out="first").exit_code == 0
    moved = [{**person, "e-mail": f"x{at}@new.nl"} for at, person in enumerate(reorder(persons, order(20), "nr"))]
    refused = give(desk, "plain", moved, leave=leave)
    assert refused.exit_code == 1 and "list.csv:2: name: these cells are those of other persons" in refused.output, refused.output


@pytest.mark.parametrize("order", [swap, shift])
@pytest.mark.parametrize("columns", [("nr",), ("e-mail",), ("name", "e-mail")])
@pytest.mark.parametrize("checked", [True, False], ids=["checked", "unchecked"])
def test_a_corrected_list_with_moved_columns_stops_reminders(desk, order, columns, checked):
    persons = make_persons(20)
    give(desk, "plain", persons, out="first")
    if not checked:
        path = desk.folder / "first" / "links.csv"
        rows = read_csv(path)
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0])[:-1], extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
    give(desk, "plain", reorder(persons, order(20), *columns))
    refused = remind(desk)
    assert refused.exit_code == 1 and EARLIER in refused.output and not (desk.folder / "reminders").exists(), refused.output
    assert remind(desk, "--same-persons", "--yes").exit_code == (0 if order is swap else 1)


OTHER = {"Voornaam": "Zeynep", "Achternaam": "Yildirim", "Geboortedatum": "11-03-2007", "name": "Zeynep Yildirim"}
OWN: dict[str, Person] = {
    "marriage": {"Achternaam": "Jansen-Kok", "name": "Sem Jansen-Kok", "e-mail": "sem.jansen@school.nl"},
    "another first name": {"Voornaam": "Semih"},
    "an initial": {"Voornaam": "S.", "Geboortedatum": "11-03-2007"},
    "a birth date": {"Geboortedatum": "11-03-2007"},
    "an address": {"e-mail": "sem@home.nl"},
}


def test_a_number_that_was_given_again_is_refused(desk):
    persons = make_persons(12)
    give(desk, "login", persons, out="first")
    refused = give(desk, "login", change(persons, 1, **OTHER))
    assert refused.exit_code == 1 and "list.csv:3: " in refused.output and BEFORE in refused.output, refused.output
    done = give(desk, "login", change(persons, 1, **OTHER, Studentnummer=f"{persons[1]['Studentnummer']}-2"))
    assert done.exit_code == 0 and "1 get a link; 1 are no longer on the list" in done.output, done.output


def test_a_number_that_was_given_again_stops_reminders(desk):
    persons = make_persons(12)
    give(desk, "plain", persons, out="first")
    give(desk, "plain", change(persons, 1, **OTHER))
    refused = remind(desk)
    assert refused.exit_code == 1 and "list.csv:3: " in refused.output and BEFORE in refused.output, refused.output


@pytest.mark.parametrize("changed", OWN)
def test_a_person_with_corrected_cells_is_the_same(desk, changed):
    persons = make_persons(12)
    for kind in KINDS:
        give(desk, kind, persons, out=f"first-{kind}")
    corrected = change(persons, 1, **OWN[changed])
    assert give(desk, "login", corrected, out="login").exit_code == 0
    assert give(desk, "plain", corrected, out="plain").exit_code == 0


CORRECTED: dict[str, Callable[[Person, int], Person]] = {
    "surnames": lambda person, at: {"Achternaam": f"{person['Achternaam']}-Nieuw", "name": f"{person['name']}-Nieuw"},
    "first names": lambda person, at: {"Voornaam": f"Xa{'abcdefgh'[at % 8]}", "name": f"Xa {person['Achternaam']}"},
    "birth dates": lambda person, at: {"Geboortedatum": f"{1 + at % 28:02}-06-1999"},
    "addresses": lambda person, at: {"e-mail": f"new{at}@home.nl"},
    "classes": lambda person, at: {"class": "9Z"},
}


@pytest.mark.parametrize("kind", KINDS)
@PROPERTY
@given(count=st.integers(5, 60), corrected=st.sampled_from([*CORRECTED]), data=st.data())
def test_a_third_of_the_rows_may_be_corrected(desk, kind, count, corrected, data):
    persons = replace(desk, kind, count)
    rows = data.draw(st.sets(st.integers(0, count - 1), min_size=1, max_size=count // 3))
    changed = [{**one, **CORRECTED[corrected](one, at)} if at in rows else one for at, one in enumerate(persons)]
    done = give(desk, kind, changed)
    assert done.exit_code == 0, done.output
    if kind == "plain":
        done = remind(desk, file=f"first{len([*desk.folder.glob('first*')]) - 1}/links.csv")
        assert done.exit_code == 0 and f"{count} of {count} links" in done.output, done.output


@pytest.mark.parametrize("kind", KINDS)
def test_crossed_earlier_keys_are_refused(desk, kind):
    persons = make_persons(12)
    give(desk, kind, persons, out="first")
    first, second = (persons[at]["nr"] for at in (3, 4))
    rekeyed = change(change(persons, 3, nr="990001", Studentnummer="990001"), 4, nr="990002", Studentnummer="990002")
    for pairs, code in ((f"{first},990002\n{second},990001\n", 1), (f"{first},990001\n{second},990002\n", 0)):
        (desk.folder / "keys.csv").write_text(f"before,now\n{pairs}")
        done = give(desk, kind, rekeyed, "--earlier-keys", "keys.csv")
        assert done.exit_code == code and (EARLIER in done.output) == bool(code), done.output


WRONG = {
    "twice": (lambda rows: [*rows, {**rows[3], "e-mail": "new@x.nl"}], "list.csv:14: another row above has the same nr"),
    "others": (lambda rows: [{**row, "nr": f"9{row['nr']}"} for row in rows], "none of its persons is in these files"),
    "no address": (lambda rows: change(rows, 5, **{"e-mail": "#N/B"}), "list.csv:7: '#N/B' in column 'e-mail' is no address"),
    "emptied": (lambda rows: change(rows, 5, **{"e-mail": ""}), "column 'e-mail' is empty in rows 7"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_corrected_list_that_cannot_be_right_stops_reminders(desk, wrong):
    make, told = WRONG[wrong]
    persons = make_persons(12)
    give(desk, "plain", persons, out="first")
    give(desk, "plain", make(persons))
    refused = remind(desk)
    assert refused.exit_code == 1 and told in refused.output, refused.output
    assert (remind(desk, "--yes").exit_code == 0) == (wrong == "emptied")


def test_persons_whom_a_corrected_list_lacks_are_counted(desk):
    persons = make_persons(12)
    give(desk, "plain", persons, out="first")
    give(desk, "plain", persons[:9])
    give(desk, "plain", persons, "--revive")
    (desk.folder / "list.csv").write_text("\n".join((desk.folder / "list.csv").read_text().splitlines()[:10]))
    assert "3 persons to remind are not on list.csv" in remind(desk).output


@pytest.mark.parametrize(
    ("before", "now", "other"),
    [
        (("Sem Kok", "2008-01-01", "sem@x.nl"), ("Sem de Wit", "2008-01-01", "wit@x.nl"), False),
        (("Sem Kok", "", "sem@x.nl"), ("Sem de Wit", "", "wit@x.nl"), False),
        (("Sem Kok", "2008-01-01", ""), ("Bo de Wit", "2008-01-01", ""), False),
        (("Sem Kok", "2008-01-01", "sem@x.nl"), ("Sem Kok", "2007-01-01", "kok@x.nl"), False),
        (("Sem Kok", "2008-01-01", ""), ("Bo de Wit", "2007-01-01", ""), True),
        (("Sem Kok", "2008-01-01", ""), ("Bo Kok", "2007-01-01", ""), True),
        (("Sem Kok", "", "sem@x.nl"), ("Bo de Wit", "", "wit@x.nl"), True),
        (("Sem Kok", "", "7@x.nl"), ("Bo de Wit", "", "7@x.nl"), False),
        (("Sem Kok", "", "700@x.nl"), ("Bo de Wit", "", "700@x.nl"), True),
        (("", "", "sem@x.nl"), ("", "", "wit@x.nl"), False),
    ],
)
def test_most_of_what_is_known_tells_persons_apart(before, now, other):
    was, becomes = (make_identity([name], born, [address], "700") for name, born, address in (before, now))
    assert is_other(was, becomes) is other
