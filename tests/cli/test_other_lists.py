"""A list of wholly other persons, or with columns of others at most keys, is refused, also with `--same-persons`."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from survey_engine.fieldwork.invitations.moved_values import MovedValues
from tests.cli.test_other_persons import PROPERTY, change, give, make_persons, remind, reorder, replace, shift, swap
from tests.command import Desk
from tests.datasets.filling import read_csv
from tests.fieldwork.rosters.student_files import OWN_FORMAT, write_csv

OTHER_LIST = "another name than the person with this key had before"
RENAMED = "have another name than on the earlier list"


def spell(person: dict[str, str]) -> str:
    """A word for each person's number."""
    return person["nr"].translate(str.maketrans("0123456789", "bcdfghjklm"))


@PROPERTY
@given(count=st.integers(5, 40), others=st.integers(0, 40))
def test_a_plain_list_on_which_most_names_are_others_is_refused(desk, count, others):
    persons = replace(desk, "plain", count)
    strangers = [
        {**own, "name": f"Zeynep {spell(own)}", "e-mail": f"zeynep.{spell(own)}@home.nl", "class": f"Z{spell(own)}"}
        for own in persons
    ]
    mixed = [*strangers[: min(others, count)], *persons[min(others, count) :]]
    done = give(desk, "plain", mixed)
    assert (done.exit_code == 1) == (2 * min(others, count) > count), done.output
    assert (OTHER_LIST in done.output) == bool(done.exit_code), done.output
    if done.exit_code:
        assert give(desk, "plain", mixed, "--same-persons").exit_code == 1


def test_the_list_of_one_institution_among_many_is_recognised(desk):
    own, other = make_persons(40), [{**person, "institution": "south"} for person in make_persons(6, 2)]
    assert give(desk, "plain", [*own, *other], out="first").exit_code == 0
    strangers = [{**one, "nr": two["nr"], "institution": "south"} for one, two in zip(make_persons(6, 3), other, strict=True)]
    refused = give(desk, "plain", [*own, *strangers])
    assert refused.exit_code == 1 and "list.csv:42: name:" in refused.output and "6 rows" in refused.output, refused.output
    refused = give(desk, "plain", [*own, *reorder(other, shift(6), "nr")], "--same-persons")
    assert refused.exit_code == 1 and "--same-persons does not" in refused.output, refused.output


def test_a_single_other_name_is_asked_with_its_line(desk):
    persons = make_persons(12)
    give(desk, "plain", persons, out="first")
    renamed = change(persons, 1, name="Zeynep Yildirim")
    done = give(desk, "plain", renamed)
    assert done.exit_code == 0 and RENAMED in done.output and "row 3" in done.output, done.output
    asked = desk.run("links", "example", "list.csv", "--key", "nr", "--out", "asked")
    assert asked.exit_code == 0 and RENAMED not in asked.output, "the name is now known"
    give(desk, "plain", persons)
    (desk.folder / "list.csv").write_text((desk.folder / "list.csv").read_text().replace(persons[1]["name"], "Zeynep Yildirim"))
    asked = desk.run("links", "example", "list.csv", "--key", "nr", "--out", "asked")
    assert asked.exit_code == 1 and "Carry this out?" in asked.output, asked.output


def test_names_with_another_word_are_the_same_names(desk):
    persons = make_persons(12)
    give(desk, "plain", persons, out="first")
    done = give(desk, "plain", [{**person, "name": f"{person['name']}-Jansen"} for person in persons])
    assert done.exit_code == 0 and RENAMED not in done.output, done.output


def test_most_copied_cells_of_a_list_without_names_are_asked(desk):
    persons = make_persons(12)
    give(desk, "plain", persons, out="first", leave=("name",))
    changed = [{**person, "e-mail": f"somebody.else{at}@x.nl", "class": "7Q"} for at, person in enumerate(persons)]
    done = give(desk, "plain", changed, leave=("name",))
    assert done.exit_code == 0 and "no names to compare" in done.output, done.output


def test_other_addresses_of_a_quarter_of_the_persons_are_asked_by_column(desk):
    persons = make_persons(36)
    give(desk, "plain", persons, out="first")
    for count, is_asked in ((9, False), (10, True)):
        changed = [{**one, "e-mail": f"{one['nr']}@{count}.nl"} if at < count else one for at, one in enumerate(persons)]
        assert give(desk, "plain", changed).exit_code == 0, "with --yes"
        path = desk.folder / "list.csv"
        path.write_text(path.read_text().replace(f"@{count}.nl", "@home.com"))
        asked = desk.run("links", "example", "list.csv", "--key", "nr", "--out", "asked")
        assert f"{count} have the name as before, and another cell in class, e-mail" in asked.output, asked.output
        assert ("Carry this out?" in asked.output) is is_asked and asked.exit_code == int(is_asked), asked.output


ALL: dict[str, dict[str, str]] = {"class": {"class": "9Z"}, "domain": {"e-mail": "{nr}@new.nl"}}


@pytest.mark.parametrize("changed", ALL)
def test_one_other_column_of_everybody_is_accepted(desk, changed):
    persons = make_persons(20)
    give(desk, "plain", persons, out="first")
    new = [{**person, **{name: cell.format(**person) for name, cell in ALL[changed].items()}} for person in persons]
    done = give(desk, "plain", new)
    assert done.exit_code == 0 and RENAMED not in done.output, done.output
    assert remind(desk).exit_code == 0


def rekey(desk: Desk, persons: list[dict[str, str]], places: list[int], order: list[int], **cells: str):
    """Give these persons new keys, with the earlier keys of the persons in this order."""
    now = {at: f"99{at:04}" for at in places}
    rows = [
        {**person, **({"nr": now[at], **{k: v.format(at=at) for k, v in cells.items()}} if at in now else {})}
        for at, person in enumerate(persons)
    ]
    pairs = "".join(f"{persons[before]['nr']},{now[at]}\n" for at, before in zip(places, order, strict=True))
    (desk.folder / "keys.csv").write_text(f"before,now\n{pairs}")
    return give(desk, "plain", rows, "--earlier-keys", "keys.csv", leave=("class",))


@pytest.mark.parametrize("places", [[3, 4], [3, 4, 5], [*range(20)]])
@pytest.mark.parametrize("move", [swap, shift])
def test_crossed_earlier_keys_are_refused_whatever_else_changed(desk, places, move):
    persons = make_persons(20)
    give(desk, "plain", persons, out="first")
    order = [places[at] for at in move(len(places))]
    refused = rekey(desk, persons, places, order, **{"e-mail": "{at}@new.nl"})
    assert refused.exit_code == 1 and "list.csv:" in refused.output and "other persons on the earlier list" in refused.output
    assert rekey(desk, persons, places, places, **{"e-mail": "{at}@new.nl"}).exit_code == 0


def test_an_earlier_key_of_a_person_with_another_name_is_asked(desk):
    persons = make_persons(20)
    give(desk, "plain", persons, out="first")
    done = rekey(desk, persons, [3], [3], name="Zeynep Yildirim")
    assert done.exit_code == 0 and RENAMED in done.output and "row 5" in done.output, done.output
    give(desk, "plain", persons, "--remove-most", "--rekeyed", "others", out="again2")


def test_most_earlier_keys_of_persons_with_other_names_are_refused(desk):
    persons = make_persons(20)
    give(desk, "plain", persons, out="first")
    refused = rekey(desk, persons, [*range(20)], [*range(20)], name="Zeynep Yildirim{at}x", **{"e-mail": "{at}@new.nl"})
    assert refused.exit_code == 1 and OTHER_LIST in refused.output, refused.output


@pytest.mark.parametrize(("move", "count"), [(swap, 20), (shift, 20), (shift, 5)])
def test_the_same_persons_are_few_and_are_shown(desk, move, count):
    persons = make_persons(count)
    give(desk, "plain", persons, out="first")
    moved = reorder(persons, move(count), "nr")
    done = give(desk, "plain", moved, "--same-persons")
    reminded = remind(desk, "--same-persons", "--yes")
    if move is swap:
        assert done.exit_code == 0 and "row 2: class, e-mail, name; row 3: " in done.output, done.output
        assert reminded.exit_code == 0 and f"row 2: name was '{persons[1]['name']}', is" in reminded.output, reminded.output
        assert remind(desk, "--same-persons").exit_code == 1, "it asks"
    else:
        for refused in (done, reminded):
            assert refused.exit_code == 1 and "--same-persons does not accept" in refused.output, refused.output


def enroll(desk: Desk, labels: Sequence[str], *options: str, out: str = "again") -> Result:
    """Give a list of students with an address as key, labels, and nobody's name."""
    (desk.folder / "own.yaml").write_text(OWN_FORMAT)
    rows = [("north", f"student{at}@school.nl", label) for at, label in enumerate(labels)]
    write_csv(desk.folder / "list.csv", [("School", "Email1", "Klas"), *rows])
    return desk.run("links", "example", "list.csv", "--format", "own.yaml", "--yes", "--out", out, *options)


@pytest.mark.parametrize("groups", [7, 40], ids=["groups", "persons"])
def test_labels_that_were_moved_are_refused(desk, groups):
    chance = random.Random(groups)
    labels = [f"group {chance.randrange(7) if groups == 7 else at}" for at in range(40)]
    if labels[0] == labels[1]:
        labels[1] = "group 8"
    assert enroll(desk, labels, out="first").exit_code == 0
    refused = enroll(desk, [*labels[1:], labels[0]])
    assert refused.exit_code == 1 and "list.csv:2: Klas: most persons have a value" in refused.output, refused.output
    assert enroll(desk, [*labels[1:], labels[0]], "--same-persons").exit_code == (0 if groups == 7 else 1)


@pytest.mark.parametrize(
    "relabel",
    [
        lambda at, label: f"{label}-B",
        lambda at, label: f"group {(int(label[6:]) + 1) % 7}",
        lambda at, label: f"group {at * at % 7}",
        lambda at, label: label if at % 3 else "group 9",
    ],
    ids=["written anew", "a year on", "other groups", "a third"],
)
def test_labels_that_were_corrected_are_accepted(desk, relabel):
    labels = [f"group {at * 5 % 7}" for at in range(40)]
    assert enroll(desk, labels, out="first").exit_code == 0
    done = enroll(desk, [relabel(at, label) for at, label in enumerate(labels)])
    assert done.exit_code == 0 and "labels: " in done.output and "addresses" not in done.output, done.output


@given(order=st.permutations([*range(30)]), values=st.integers(15, 30))
def test_most_values_of_others_are_moved_in_any_order(order, values):
    moved = MovedValues()
    for position, other in enumerate(order):
        moved.compare(position, ("code", position % values), ("code", other % values))
    assert moved.are_moved() == (2 * len(moved.positions) > 30 and (moved.are_telling() or values == 30)), moved


def test_exchanged_first_names_and_surnames_are_refused(desk):
    persons = make_persons(12)
    give(desk, "login", persons, out="first")
    swapped = [{**one, "Voornaam": one["Achternaam"], "Achternaam": one["Voornaam"]} for one in persons]
    refused = give(desk, "login", swapped)
    assert refused.exit_code == 1 and "first names and surnames are exchanged" in refused.output, refused.output
    assert give(desk, "login", swapped, "--same-persons").exit_code == 0
    assert give(desk, "login", [swapped[0], *swapped[1:3], *swapped[3:]], out="same").exit_code == 0


def test_corrections_find_persons_by_their_earlier_keys(desk):
    persons = make_persons(20)
    give(desk, "plain", persons, out="first")
    places = [*range(20)]
    assert rekey(desk, persons, places, places, **{"e-mail": "{at}@new.nl"}).exit_code == 0
    refused = remind(desk)
    assert refused.exit_code == 1 and "--earlier-keys FILE" in refused.output, refused.output
    done = remind(desk, "--earlier-keys", "keys.csv")
    assert done.exit_code == 0 and "e-mail (20 rows)" in done.output, done.output
    assert [row["e-mail"] for row in read_csv(desk.folder / "reminders/links.csv")] == [f"{at}@new.nl" for at in places]
    (desk.folder / "keys.csv").write_text(f"before,now\n{persons[0]['nr']},990001\n{persons[1]['nr']},990000\n")
    refused = remind(desk, "--earlier-keys", "keys.csv")
    assert refused.exit_code == 1 and "other persons on the earlier list" in refused.output, refused.output
    assert remind(desk, "--earlier-keys", "own.csv").exit_code == 2
