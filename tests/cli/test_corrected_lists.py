"""`survey-engine links` with a corrected list: changes, confirmations, rejections."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing

import pytest

from survey_engine.fieldwork.signing import hash_key, make_seat_number
from survey_engine.storage.database import Database
from tests.cli.test_links import find, give, write_list
from tests.datasets.filling import read_csv

AGAIN = ("links", "example", "students.csv", "--key", "nr", "--out", "two")


def write_keys(**keys: Iterable[object]) -> str:
    """Return a list with these keys by institution."""
    return "nr,institution\n" + "".join(f"{key},{institution}\n" for institution in keys for key in keys[institution])


def test_a_list_without_most_persons_of_one_institution_is_rejected(desk):
    give(desk, write_keys(north=range(100, 110), south=range(100, 140)), "--key", "nr")
    write_list(desk, write_keys(north=range(200, 210), south=range(100, 140)))
    refused = desk.run(*AGAIN, "--yes")
    assert refused.exit_code == 1 and "north" in refused.output.split("Nothing was done")[1]
    assert "south" not in refused.output.split("Nothing was done")[1]
    assert desk.run(*AGAIN, "--yes", "--remove-most").exit_code == 0


@pytest.mark.parametrize(("count", "is_hinted"), [(9, False), (12, True)])
def test_a_variable_that_changes_for_many_may_be_a_column_sorted_alone(desk, count, is_hinted):
    head, paths = "nr,institution,path\n", ["bol", "bbl"] * 15
    give(desk, head + "".join(f"{100 + at},north,{path}\n" for at, path in enumerate(paths)), "--key", "nr")
    paths[:count] = [{"bol": "bbl", "bbl": "bol"}[path] for path in paths[:count]]
    write_list(desk, head + "".join(f"{100 + at},north,{path}\n" for at, path in enumerate(paths)))
    asked = desk.run(*AGAIN)
    assert asked.exit_code == 1 and f"path: {count} change" in asked.output
    assert (f"{count} of 30 known persons have another value of path" in asked.output) is is_hinted, asked.output


@pytest.mark.parametrize(("kept", "code"), [(10, 1), (11, 0)])
def test_exactly_half_of_the_persons_counts_as_most(desk, kept, code):
    give(desk, write_keys(north=range(100, 110 + kept)), "--key", "nr")
    write_list(desk, write_keys(north=range(110, 110 + kept)))
    assert desk.run(*AGAIN, "--yes").exit_code == code


@pytest.mark.parametrize(("gone", "code"), [(2, 0), (3, 1)])
def test_three_persons_gone_are_many_in_a_small_institution(desk, gone, code):
    give(desk, write_keys(north=range(100, 104)), "--key", "nr")
    write_list(desk, write_keys(north=range(100 + gone, 104)))
    assert desk.run(*AGAIN, "--yes").exit_code == code


def test_a_few_gone_everywhere_are_most_of_the_whole_list(desk):
    give(desk, write_keys(north=range(100, 104), south=range(100, 104)), "--key", "nr")
    write_list(desk, write_keys(north=(100, 101), south=(100, 101)))
    refused = desk.run(*AGAIN, "--yes")
    assert refused.exit_code == 1 and "north, south" in refused.output.split("Nothing was done")[1]


BROKEN = [
    "1.000.104",
    '"""1000104"""',
    "1000 104",
    "1 000104",
    "“1000104”",
    "Totaal",
    "1-3-2026",
    "2026-03-01 00:00:00",
    '"1000104,50"',
]


@pytest.mark.parametrize("key", BROKEN)
def test_a_key_unlike_all_others_makes_no_new_person(desk, key):
    give(desk, write_keys(north=range(1000100, 1000110)), "--key", "nr")
    write_list(desk, write_keys(north=(1000200, 1000201, 1000202, 1000203, key)))
    refused = desk.run(*AGAIN, "--add", "--yes")
    assert refused.exit_code == 1 and "students.csv:6:" in refused.output


@pytest.mark.parametrize("key", ["1.000.104", "1 000 104"])
def test_a_known_key_with_signs_in_it_makes_no_new_person(desk, key):
    give(desk, write_keys(north=range(1000100, 1000110)), "--key", "nr")
    write_list(desk, write_keys(north=(key,)))
    assert "1 stay as they are; 9 are not on the list" in desk.run(*AGAIN, "--add", "--yes").output
    write_list(desk, write_keys(north=(1000101, key)))
    refused = desk.run(*AGAIN, "--add", "--yes")
    assert refused.exit_code == 1 and f"'{key}' was '1000104'" in refused.output


@pytest.mark.parametrize("keys", [("a1", "a2", "a3", "b-1", "b.2"), ("An", "Bo", "Cas", "De Wit"), (1, 2, 3, 4, "s5")])
def test_keys_of_several_forms_are_persons(desk, keys):
    assert len(give(desk, write_keys(north=keys), "--key", "nr")) == len(keys)


def test_changes_are_listed_per_institution_if_there_are_several(desk):
    give(desk, write_keys(north=(1, 2), south=(1, 2, 3)), "--key", "nr")
    write_list(desk, write_keys(north=(1, 4), south=(1, 2, 3)))
    asked = desk.run(*AGAIN).output
    assert "1 get a link; 1 are no longer on the list: their links are withdrawn; 4 stay as they are." in asked
    assert "  north: 1 get a link; 1 are no longer on the list: their links are withdrawn; 1 stay as they are\n" in asked
    assert "  south" not in asked


def test_a_list_with_add_removes_no_link(desk):
    first = give(desk, write_keys(north=range(100, 120)), "--key", "nr")
    write_list(desk, write_keys(north=(119, 300)))
    done = desk.run(*AGAIN, "--add", "--yes")
    assert "1 get a link; 1 stay as they are; 19 are not on the list and keep their links." in done.output
    assert [row["nr"] for row in read_csv(desk.folder / "two" / "links.csv")] == ["300"]
    assert not any(find(desk, row["link"]).withdrawn for row in first)


def test_keys_without_their_leading_zeros_are_refused_and_shown(desk):
    first = give(desk, write_keys(north=[f"{number:07}" for number in range(12330, 12360)]), "--key", "nr")
    write_list(desk, write_keys(north=[*range(12330, 12333), *(f"{number:07}" for number in range(12333, 12360))]))
    for more in ((), ("--remove-most",), ("--add",)):
        refused = desk.run(*AGAIN, "--yes", *more)
        assert refused.exit_code == 1 and "3 keys differ from those of earlier lists by zeros" in refused.output
        assert "'12330' was '0012330'" in refused.output
    assert not any(find(desk, row["link"]).withdrawn for row in first)


def test_leading_zeros_that_return_in_all_keys_make_no_other_persons(desk):
    numbers = [*range(998, 1010), 1234567]
    give(desk, write_keys(north=numbers), "--key", "nr")
    write_list(desk, write_keys(north=[*(f"{number:07}" for number in numbers), "87654321"]))
    done = desk.run(*AGAIN, "--yes")
    assert "1 get a link; 13 stay as they are" in done.output and "12 keys have leading zeros again" in done.output


def test_keys_that_got_leading_zeros_are_refused_too(desk):
    give(desk, write_keys(north=(7, 8)), "--key", "nr")
    write_list(desk, write_keys(north=("0007", 8)))
    assert "'0007' was '7'" in desk.run(*AGAIN, "--yes").output


def test_a_withdrawn_link_stays_so_under_a_key_with_other_zeros(desk):
    rows = give(desk, write_keys(north=(7,)), "--key", "nr")
    desk.run("links", "example", "--withdraw", rows[0]["link"])
    write_list(desk, write_keys(north=("0007",)))
    assert "1 stay withdrawn" in desk.run(*AGAIN, "--yes").output and not (desk.folder / "two").exists()


@pytest.mark.parametrize("former", ["{}", "{:07}", "{:,}"])
@pytest.mark.parametrize("spelling", ["{}", "0{}", "{:,}"])
def test_another_spelling_of_all_keys_makes_no_other_persons(desk, former, spelling):
    def write(numbers: Iterable[int], form: str) -> str:
        return "nr;institution\n" + "".join(f"{form.format(number)};north\n" for number in numbers)

    give(desk, write(range(1001, 1009), former), "--key", "nr")
    write_list(desk, write(range(1001, 1010), spelling))
    done = desk.run(*AGAIN, "--yes")
    assert "1 get a link; 8 stay as they are" in done.output
    write_list(desk, write(range(1001, 1009), former))
    assert (
        "8 stay as they are" in desk.run("links", "example", "students.csv", "--key", "nr", "--out", "3", "--add", "--yes").output
    )


@pytest.mark.parametrize("spelling", ["Zo\u00eb-1", "Zoe\u0308-1", "ZO\u00cb-1", " zo\u00eb-1\u00a0"])
def test_composition_capitals_and_blanks_make_no_other_key(desk, spelling):
    give(desk, write_keys(north=("Zo\u00eb-1",)), "--key", "nr")
    write_list(desk, write_keys(north=(spelling,)))
    assert "1 stay as they are" in desk.run(*AGAIN, "--yes").output


@pytest.mark.parametrize("rows", [range(3, 4), range(10)], ids=["one", "all"])
@pytest.mark.parametrize("written", ["'{}", "{}.0", "{}.00", "\ufeff{}", "\u00a0{}\u202f", "\u200f{}", "{}\ufe0f", "{}\x01"])
def test_what_programs_add_to_a_key_makes_no_other_person(desk, written, rows):
    give(desk, write_keys(north=range(1000100, 1000110)), "--key", "nr")
    keys = [written.format(1000100 + at) if at in rows else 1000100 + at for at in range(10)]
    write_list(desk, write_keys(north=keys))
    assert "10 stay as they are" in desk.run(*AGAIN, "--yes").output


@pytest.mark.parametrize("zero", ["０", "٠", "۰", "𝟎"])
def test_digits_of_another_script_make_no_other_key(desk, zero):
    give(desk, write_keys(north=("s-12", "s-13")), "--key", "nr")
    write_list(desk, write_keys(north=(f"s\u2011{chr(ord(zero) + 1)}{chr(ord(zero) + 2)}", "ｓ－13")))
    assert "2 stay as they are" in desk.run(*AGAIN, "--yes").output


@pytest.mark.parametrize("gone", [False, True], ids=["stored", "lost"])
def test_a_key_that_an_earlier_release_stored_as_written_is_found(desk, gone):
    """Also after its seat was lost: a withdrawn person gets no link."""
    (row,) = give(desk, write_keys(north=("s-12",)), "--key", "nr")
    former = "s\u201112"
    key_hash = hash_key(desk.settings.pseudonym_key, "example", "north", former)
    number = make_seat_number(desk.settings.pseudonym_key, key_hash, 0)
    with closing(Database(desk.settings.identity_url, "identity")) as identity:
        identity.change("UPDATE seat SET key_hash = :key, id = :id", {"key": key_hash, "id": number})
        if gone:
            desk.run("links", "example", "--withdraw", row["link"])
            identity.change("DELETE FROM seat", {})
    write_list(desk, write_keys(north=(former,)))
    assert ("1 get another link, withdrawn" if gone else "1 stay as they are") in desk.run(*AGAIN, "--yes").output


@pytest.mark.parametrize(
    "pair", [("12", "12.0"), ("a b", "a\u00a0b"), ("0012345", "12345"), ("a1", "A1"), ("Zo\u00eb", "Zoe\u0308")]
)
def test_two_spellings_of_a_key_in_one_list_are_refused(desk, pair):
    write_list(desk, write_keys(north=pair))
    refused = desk.run(*AGAIN)
    assert refused.exit_code == 1 and "students.csv:3: another row above has the same nr" in refused.output


def test_background_without_a_column_in_the_list_is_kept(desk):
    (row,) = give(desk, "nr,institution,path,programme,language\n1,north,bol,Kok,easy\n", "--key", "nr")
    write_list(desk, "nr,institution,path\n1,north,bbl\n")
    done = desk.run(*AGAIN, "--yes")
    assert done.exit_code == 0 and "no column 'programme'" not in done.output
    seat = find(desk, row["link"])
    assert (seat.background, seat.language) == ({"path": "bbl", "programme": "Kok"}, "easy")


def test_an_empty_column_clears_values_after_a_confirmation_with_a_count(desk):
    rows = give(desk, "nr,institution,path,programme\n1,north,bol,Kok\n2,north,bol,Kok\n3,north,bol,\n", "--key", "nr")
    write_list(desk, "nr,institution,path,programme\n1,north,bbl,\n2,north,bol,\n3,north,bol,Kok\n")
    asked = desk.run(*AGAIN).output
    assert "  path: 1 change\n" in asked and "  programme: 2 become empty; 1 are filled in\n" in asked
    assert desk.run(*AGAIN, "--yes").exit_code == 0
    assert [find(desk, row["link"]).background.get("programme") for row in rows] == [None, None, "Kok"]


def test_a_missing_column_keeps_the_stored_values_of_earlier_persons(desk):
    give(
        desk,
        write_keys(north=(1, 2)).replace("institution\n", "institution,path\n").replace("north\n", "north,bol\n"),
        "--key",
        "nr",
    )
    write_list(desk, write_keys(north=(1, 2, 3)))
    assert "There is no column 'path'" in (told := desk.run(*AGAIN).output) and "who is new" in told
    write_list(desk, write_keys(north=(1, 2)))
    assert "There is no column" not in desk.run(*AGAIN).output


def test_a_list_without_a_key_after_one_with_a_key_is_asked_about(desk):
    give(desk, write_keys(north=(1, 2)), "--key", "nr")
    asked = desk.run("links", "example", "students.csv", "--out", "two")
    assert asked.exit_code == 1 and "Give everybody on this list another link?" in asked.output
    assert not (desk.folder / "two").exists()
    assert desk.run("links", "example", "students.csv", "--out", "two", "--yes").exit_code == 0


def test_a_list_with_a_key_after_one_without_is_asked_about(desk):
    give(desk, write_keys(north=(1, 2)))
    asked = desk.run(*AGAIN)
    assert asked.exit_code == 1 and "2 links of the institutions on this list came from lists without a key" in asked.output
    assert not (desk.folder / "two").exists()
    assert desk.run(*AGAIN, "--yes").exit_code == 0


def test_the_number_of_persons_who_are_missing_is_shown(desk):
    give(desk, write_keys(north=range(100, 110)), "--key", "nr")
    write_list(desk, write_keys(north=range(100, 103)))
    assert "7 persons of earlier lists are not on this one. They are most persons of north." in desk.run(*AGAIN, "--yes").output


def test_a_file_that_does_not_exist_is_named(desk):
    give(desk, write_keys(north=(1, 2)))
    assert "There is no file old/links.csv." in desk.run("links", "example", "--withdraw", "old/links.csv").output


def test_a_list_that_changes_nothing_asks_nothing(desk):
    give(desk, write_keys(north=(1, 2)), "--key", "nr")
    done = desk.run(*AGAIN)
    assert done.exit_code == 0 and "Carry this out?" not in done.output and "No new links" in done.output


KEYED = "nr,born,email,institution\n" + "".join(f"{700 + at},2005-01-{at:02},p{at}@x.org,north\n" for at in range(10, 20))


@pytest.mark.parametrize("before", [("nr",), ("born", "nr")])
@pytest.mark.parametrize("more", [("--add",), ("--remove-most",)])
def test_a_list_with_another_key_than_before_is_refused(desk, before, more):
    give(desk, KEYED, *(word for name in before for word in ("--key", name)))
    done = desk.run("links", "example", "students.csv", "--key", "email", "--out", "two", "--yes")
    assert done.exit_code == 1 and "10 persons on this list have links by another key" in done.output
    assert f"Give {' '.join(f'--key {name}' for name in before)}, as for" in done.output


def test_a_late_list_of_others_with_numbers_of_groups_is_added(desk):
    give(desk, write_keys(north=range(1, 9)), "--key", "nr")
    write_list(desk, "nr,group,institution\n" + "".join(f"{at},{at % 4},north\n" for at in range(9, 17)))
    assert desk.run(*AGAIN, "--yes", "--add", "--rekeyed", "others").exit_code == 0


def test_an_institution_with_links_that_a_list_lacks_is_named(desk):
    rows = {"north": "1,north\n", "south": "2,south\n", "east": "3,east\n"}
    (south,) = (path for path in (desk.folder / "q" / "example").rglob("*.yaml") if "institution: south" in path.read_text())
    south.with_name("east.yaml").write_text(south.read_text().replace("institution: south", "institution: east"))
    outputs = []
    for out, given in (("a", "".join(rows.values())), ("b", rows["north"] + rows["south"]), ("c", rows["north"])):
        (desk.folder / "students.csv").write_text(f"nr,institution\n{given}")
        outputs.append(desk.run("links", "example", "students.csv", "--key", "nr", "--out", out, "--yes").output)
    assert ["Not on this list, so that their links stay as they are: east." in output for output in outputs] == [
        False,
        True,
        False,
    ]
