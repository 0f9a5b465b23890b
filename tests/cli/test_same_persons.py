"""`survey-engine links` with lists that have earlier persons under another key, key column or institution."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import text

from survey_engine.fieldwork.invitations.links import find_by_link, read_token
from survey_engine.storage.database import Database
from survey_engine.storage.identity import EncryptedSeat
from tests.cli.test_erase import answer, make_desk
from tests.command import Desk
from tests.databases import ON_BOTH
from tests.datasets.filling import read_csv
from tests.fieldwork.rosters.student_files import OWN_FORMAT, write_csv

SECOND = "would get a second link"
NAMES = ["Ann de Wit", "Bo Jansen", "Cas Peters", "Dina Bakker", "Emre Yilmaz", "Fay Visser", "Gijs Smit", "Hana Mulder"]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str, identity_url: str) -> Desk:
    return make_desk(tmp_path, monkeypatch, database_url, identity_url)


@pytest.fixture
def lite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    data = tmp_path / "data"
    return make_desk(tmp_path, monkeypatch, f"sqlite:///{data / 'answers.db'}", f"sqlite:///{data / 'identity.db'}")


def give(desk: Desk, people: str, *options: str, key: str = "nr", out: str = "out") -> Result:
    (desk.folder / "students.csv").write_text(people, "utf-8")
    return desk.run("links", "example", "students.csv", "--key", key, "--out", out, "--yes", *options)


def read_links(desk: Desk, out: str = "out") -> list[str]:
    return [row["link"] for row in read_csv(desk.folder / out / "links.csv")]


def find(desk: Desk, link: str) -> EncryptedSeat | None:
    with closing(Database(desk.settings.identity_url, "identity")) as identity:
        return find_by_link(identity, read_token(link))


def write_people(keys: range, heading: str = "nr", institution: str = "north", names: list[str] = NAMES) -> str:
    rows = "".join(f"{key},{name},{institution}\n" for key, name in zip(keys, names, strict=False))
    return f"{heading},name,institution\n{rows}"


def write_numbers(keys: range, heading: str, institution: str = "north") -> str:
    return f"{heading},institution\n" + "".join(f"{key},{institution}\n" for key in keys)


@pytest.mark.parametrize("more", [("--add",), ("--remove-most",)])
def test_a_list_without_the_earlier_key_column_is_refused(desk, more):
    give(desk, write_numbers(range(100, 110), "nr"))
    refused = give(desk, write_numbers(range(500, 510), "mail"), *more, key="mail", out="two")
    assert refused.exit_code == 1 and "another key column than 'mail'" in refused.output and SECOND in refused.output
    assert give(desk, write_numbers(range(500, 510), "mail"), *more, "--new-key", key="mail", out="two").exit_code == 0


def test_the_earlier_key_column_is_named_if_the_list_has_it(lite):
    give(lite, write_numbers(range(100, 110), "Student nr"), key="student nr")
    people = "mail,student nr,institution\n" + "".join(f"{at},{at + 300},north\n" for at in range(10))
    assert "Give --key 'student nr', as for" in give(lite, people, "--add", key="mail", out="two").output


@pytest.mark.parametrize("heading", ["NR", " nr ", "student"])
def test_a_renamed_key_column_with_the_same_keys_is_accepted(lite, heading):
    give(lite, write_numbers(range(100, 110), "nr"))
    done = give(lite, write_numbers(range(100, 112), heading), key=heading.strip(), out="two")
    assert done.exit_code == 0 and len(read_links(lite, "two")) == 2


def test_institutions_may_have_different_key_columns(lite):
    give(lite, write_numbers(range(100, 110), "nr"))
    assert give(lite, write_numbers(range(100, 110), "mail", "south"), key="mail", out="two").exit_code == 0


@ON_BOTH
def test_seats_of_older_releases_have_no_known_key_column(desk):
    give(desk, write_numbers(range(100, 110), "nr"))
    with closing(Database(desk.settings.identity_url, "identity")) as identity, identity.write() as connection:
        connection.execute(text("UPDATE seat SET key_names = NULL, row_hash = NULL"))
    people = write_numbers(range(500, 510), "mail")
    assert give(desk, people, "--add", "--rekeyed", "others", key="mail", out="two").exit_code == 0


def test_a_list_with_known_persons_records_the_key_column_of_older_seats(lite):
    give(lite, write_numbers(range(100, 110), "nr"))
    with closing(Database(lite.settings.identity_url, "identity")) as identity, identity.write() as connection:
        connection.execute(text("UPDATE seat SET key_names = NULL"))
    give(lite, write_numbers(range(100, 110), "nr"), out="two")
    assert SECOND in give(lite, write_numbers(range(500, 510), "mail"), "--add", key="mail", out="three").output


@pytest.mark.parametrize("more", [(), ("--add",)])
def test_a_new_key_of_the_same_person_is_refused(desk, more):
    give(desk, write_people(range(100, 108)))
    renumbered = write_people(range(100, 108)).replace("101,", "9101,").replace("105,", "9105,")
    refused = give(desk, renumbered, *more, out="two")
    assert refused.exit_code == 1 and "2 new persons on this list have all values, but for the key" in refused.output
    assert "9101, 9105" in refused.output and "Ann" not in refused.output


def test_a_person_with_a_new_key_can_keep_the_link(desk):
    give(desk, write_people(range(100, 108)))
    links, renumbered = read_links(desk), write_people(range(100, 108)).replace("101,", "9101,")
    done = give(desk, renumbered, "--rekeyed", "same", out="two")
    assert done.exit_code == 0 and "1 keep their link under another key; 7 stay as they are." in done.output
    assert not (desk.folder / "two").exists() and not any(find(desk, link).withdrawn for link in links)
    assert "8 stay as they are" in give(desk, renumbered, out="three").output


def test_a_person_with_a_new_key_can_be_another_one(lite):
    give(lite, write_people(range(100, 108)))
    done = give(lite, write_people(range(100, 108)).replace("101,", "9101,"), "--rekeyed", "others", out="two")
    assert "1 get a link; 1 are no longer on the list" in done.output and find(lite, read_links(lite)[1]).withdrawn


def test_columns_in_another_order_and_spelling_show_the_same_person(lite):
    give(lite, "nr,name,born,institution\n1,Zoë de Wit,2004-03-01,north\n2,Bo Jansen,2004-04-01,north\n")
    people = "born,institution,nr,full name\n1-3-2004,north,91,ZOË DE WIT\n1-4-2004,north,2,Bo Jansen\n"
    assert "1 new persons on this list have all values" in give(lite, people, out="two").output


@pytest.mark.parametrize("name", ["", "3A", "Nursing"])
def test_rows_like_others_show_no_person(lite, name):
    give(lite, write_people(range(100, 108), names=[name] * 8))
    done = give(lite, write_people(range(101, 109), names=[name] * 8), out="two")
    assert "1 get a link; 1 are no longer on the list" in done.output and done.exit_code == 0


def test_no_copied_cell_is_stored_for_the_comparison(lite):
    give(lite, write_people(range(100, 108)))
    stored = b"".join(path.read_bytes() for path in (lite.folder / "data").iterdir())
    assert b"Jansen" not in stored and b"jansen" not in stored


def test_as_many_added_as_removed_with_one_background_are_shown(lite):
    give(lite, "nr,institution,path\n" + "".join(f"{key},north,{'bol' if key % 2 else 'bbl'}\n" for key in range(100, 120)))
    for gone, shown in (("103", True), ("104", False)):
        rows = [row for row in (lite.folder / "students.csv").read_text().splitlines() if not row.startswith(gone)]
        (lite.folder / "next.csv").write_text("\n".join([*rows, "900,north,bol"]))
        asked = lite.run("links", "example", "next.csv", "--key", "nr", "--out", "two")
        assert ("north: 1 added and 1 removed persons have the same background" in asked.output) is shown


def test_added_and_removed_persons_with_other_names_are_no_pair(lite):
    give(lite, write_people(range(100, 108)))
    done = give(lite, write_people(range(100, 107)) + "900,Ida Bos-Vermeer,north\n", out="two")
    assert "have the same background" not in done.output and done.exit_code == 0


def test_keys_that_another_institution_has_too_are_counted(desk):
    give(desk, write_people(range(100, 108)))
    moved = write_people(range(300, 308), institution="south", names=[f"Another Name {at}" for at in range(8)])
    done = give(desk, moved + "101,Bo Jansen,south\n", "--moved", "others", out="two")
    assert done.exit_code == 0
    assert (
        "1 keys of persons who get a link also have or had a link at another institution: north (1), 1 of them beside"
        in done.output
    )


def test_a_person_who_moved_needs_a_decision(lite):
    give(lite, write_people(range(100, 108)))
    (lite.folder / "students.csv").write_text("nr,name,institution\n101,Bo Jansen,south\n")
    asked = lite.run("links", "example", "students.csv", "--key", "nr", "--out", "two")
    assert asked.exit_code == 1 and "--moved others" in asked.output


def test_institutions_that_number_their_own_persons_are_not_warned(lite):
    give(lite, write_numbers(range(1, 30), "nr"))
    assert "another institution" not in give(lite, write_numbers(range(1, 20), "nr", "south"), out="two").output


def test_an_erased_person_with_a_new_key_gets_no_link_from_the_next_list(desk):
    """Also after a second erasure of the same link, and not with the former key."""
    give(desk, write_people(range(100, 108)))
    link = read_links(desk)[0]
    rekeyed = write_people(range(100, 108)).replace("100,", "900,")
    give(desk, rekeyed, "--rekeyed", "same", out="two")
    assert desk.run("erase", "example", link, "--yes").exit_code == 0
    desk.run("erase", "--again")

    for people in (rekeyed, write_people(range(100, 108))):
        said = give(desk, people, out="three").output
        assert "1 persons on this list get no link, because their answers were erased" in said and "No new links" in said
    assert "1 on the list, 0 of them" in desk.run("doctor").output
    assert "1 links in three" in give(desk, rekeyed, "--include-erased", out="three").output


def end_links(desk: Desk, links: list[str]) -> None:
    """Erase the first link and withdraw the second one."""
    desk.run("erase", "example", links[0], "--yes")
    desk.run("links", "example", "--withdraw", links[1])


@pytest.mark.parametrize("more", [(), ("--add",)])
def test_other_zeros_give_no_erased_or_withdrawn_person_a_link(desk, more):
    give(desk, write_numbers(range(1001, 1006), "nr"))
    end_links(desk, read_links(desk))
    people = write_numbers(range(1001, 1006), "nr").replace("1001", "01001").replace("1002", "01002")
    refused = give(desk, people, *more, out="two")
    assert refused.exit_code == 1 and "'01001' was '1001', '01002' was '1002'" in refused.output


def test_other_zeros_are_found_if_all_links_were_withdrawn(lite):
    give(lite, write_numbers(range(1001, 1003), "nr"))
    end_links(lite, read_links(lite))
    assert (
        "2 keys differ"
        in give(lite, "nr,institution\n01001,north\n01002,north\n1009,north\n1010,north\n1011,north\n", out="two").output
    )


def test_other_zeros_are_found_after_a_restore_lost_the_seats(lite):
    give(lite, write_numbers(range(1001, 1006), "nr"))
    end_links(lite, read_links(lite))
    with closing(Database(lite.settings.identity_url, "identity")) as identity, identity.write() as connection:
        connection.execute(text("DELETE FROM seat"))
    people = write_numbers(range(1001, 1006), "nr").replace("1001", "01001").replace("1002", "01002")
    assert "2 keys differ" in give(lite, people, out="two").output


@pytest.mark.parametrize("way", ["--withdraw", "list"])
def test_a_new_key_of_a_withdrawn_person_is_refused(desk, way):
    give(desk, write_people(range(100, 108)))
    if way == "list":
        give(desk, write_people(range(101, 108), names=NAMES[1:]), out="less")
    else:
        desk.run("links", "example", "--withdraw", read_links(desk)[0])
    renumbered = write_people(range(100, 108)).replace("100,", "9100,")
    assert "1 new persons on this list have all values" in give(desk, renumbered, out="two").output
    done = give(desk, renumbered, "--rekeyed", "same", out="two")
    assert "1 stay withdrawn; 7 stay as they are" in done.output and find(desk, read_links(desk)[0]).withdrawn
    assert "1 stay withdrawn; 7 stay as they are" in give(desk, renumbered, out="three").output


def test_a_new_key_of_a_removed_person_can_get_the_link_back(lite):
    give(lite, write_people(range(100, 108)))
    give(lite, write_people(range(101, 108), names=NAMES[1:]), out="less")
    done = give(lite, write_people(range(100, 108)).replace("100,", "9100,"), "--rekeyed", "same", "--revive", out="two")
    assert "1 get their withdrawn link back" in done.output and not find(lite, read_links(lite)[0]).withdrawn


def test_withdrawn_persons_at_another_institution_are_named(lite):
    give(lite, write_people(range(100, 108)))
    end_links(lite, read_links(lite))
    (lite.folder / "students.csv").write_text("nr,name,institution\n100,Ann de Wit,south\n101,Bo Jansen,south\n")
    words = ("links", "example", "students.csv", "--key", "nr", "--out", "two")
    assert "erased at north: row 2; withdrawn at north: row 3" in lite.run(*words).output
    counted = "2 keys of persons who get a link also have or had a link at another institution: north (2). "
    assert counted in lite.run(*words, "--include-elsewhere").output


def write_mails(keys: range, names: list[str] = NAMES) -> str:
    rows = (f"{key},{name},s{key}@st.nl,north\n" for key, name in zip(keys, names, strict=False))
    return "nr,name,email,institution\n" + "".join(rows)


@ON_BOTH
@pytest.mark.parametrize("more", [(), ("--add",)])
def test_an_address_with_the_key_in_it_shows_the_same_person(desk, more):
    give(desk, write_mails(range(1001, 1009)))
    refused = give(desk, write_mails(range(2001, 2009)), *more, out="two")
    assert "8 new persons on this list have all values, but for the key" in refused.output
    done = give(desk, write_mails(range(2001, 2009)), "--rekeyed", "same", *more, out="two")
    assert "8 keep their link under another key." in done.output
    assert "8 stay as they are" in give(desk, write_mails(range(2001, 2009)), out="three").output


def test_an_address_with_the_former_key_in_it_shows_the_same_person(lite):
    give(lite, write_mails(range(1001, 1009)))
    renumbered = write_mails(range(1001, 1009)).replace("\n1001,", "\n2001,")
    assert "1 new persons on this list have all values" in give(lite, renumbered, out="two").output


def test_addresses_that_differ_by_the_key_alone_show_no_person(lite):
    give(lite, write_mails(range(1001, 1009), ["Student of class three"] * 8))
    done = give(lite, write_mails(range(1002, 1010), ["Student of class three"] * 8), out="two")
    assert "1 get a link; 1 are no longer on the list" in done.output and done.exit_code == 0


def answer_by(desk: Desk, *links: str) -> None:
    with (
        closing(Database(desk.settings.database_url, "answers")) as answers,
        closing(Database(desk.settings.identity_url, "identity")) as identity,
    ):
        for link in links:
            answer(desk, (answers, identity), find(desk, link))


def test_the_same_persons_must_all_be_found(lite):
    give(lite, write_people(range(100, 108)))
    others = write_people(range(100, 108)).replace("101,", "9101,").replace("105,Fay", "9105,Faye")
    refused = give(lite, others, "--rekeyed", "same", out="two")
    assert refused.exit_code == 1 and "1 new persons on this list have not all values" in refused.output
    assert "Their keys: 9105." in refused.output and "Faye" not in refused.output


@pytest.mark.parametrize("more", [(), ("--add",), ("--remove-most",)])
def test_no_list_without_any_known_person_has_the_same_persons(lite, more):
    give(lite, write_numbers(range(100, 108), "nr"))
    refused = give(lite, write_numbers(range(200, 208), "nr"), "--rekeyed", "same", *more, out="two")
    assert refused.exit_code == 1 and "8 new persons on this list have not all values" in refused.output


@pytest.mark.parametrize(("answered", "options", "code"), [(0, (), 0), (2, (), 1), (2, ("--rekeyed", "others"), 0)])
def test_persons_who_answered_are_exchanged_for_others_by_an_option(desk, answered, options, code):
    give(desk, write_numbers(range(100, 110), "nr"))
    answer_by(desk, *read_links(desk)[:answered])
    done = give(desk, write_numbers(range(104, 112), "nr"), *options, out="two")
    shown = f"2 persons get a new link and 4 lose theirs, with their answers: {answered} of these have answered."
    assert done.exit_code == code and shown in done.output
    assert ("need --rekeyed others" in done.output) is bool(code)


def test_persons_who_leave_without_new_ones_need_no_option(lite):
    give(lite, write_numbers(range(100, 110), "nr"))
    answer_by(lite, *read_links(lite))
    assert give(lite, write_numbers(range(104, 110), "nr"), out="two").exit_code == 0


@pytest.mark.parametrize(("count", "code"), [(2, 0), (4, 0), (5, 1), (10, 1)])
def test_half_of_an_institution_under_unknown_keys_is_not_added(lite, count, code):
    give(lite, write_numbers(range(100, 110), "nr"))
    people = write_numbers(range(500, 500 + count), "nr")
    assert give(lite, people, "--add", out="two").exit_code == code
    assert give(lite, people, "--add", "--rekeyed", "others", out="three").exit_code == 0


def test_the_first_list_of_rekeyed_persons_is_reminded_by_its_key(lite):
    give(lite, write_people(range(100, 104)))
    assert give(lite, write_people(range(500, 504)), "--rekeyed", "same", out="two").exit_code == 0
    done = lite.run("remind", "example", "out/links.csv", "--key", "nr", "--out", "again")
    assert done.exit_code == 0 and "4 of 4 links to remind" in done.output, done.output


def test_a_link_of_another_person_is_found_after_others_were_rekeyed(lite):
    give(lite, write_people(range(100, 104)))
    assert give(lite, write_people(range(500, 503)) + f"103,{NAMES[3]},north\n", "--rekeyed", "same", out="two").exit_code == 0
    path = lite.folder / "out" / "links.csv"
    path.write_text(path.read_text("utf-8-sig").replace("102,Cas", "104,Cas"), "utf-8")
    done = lite.run("remind", "example", "out/links.csv", "--key", "nr", "--out", "again")
    assert done.exit_code == 1 and "links.csv:4: this link is of another nr." in done.output


def test_a_format_with_persons_needs_no_key_option(lite):
    (lite.folder / "own.yaml").write_text(OWN_FORMAT)
    command = ("links", "example", "students.csv", "--format", "own.yaml", "--yes")
    for out, school in (("out", "old"), ("two", "new")):
        rows = [["north", f"{name.replace(' ', '.')}@{school}.nl", name] for name in NAMES]
        write_csv(lite.folder / "students.csv", [["School", "Email1", "Klas"], *rows])
        if out == "two":
            assert "--rekeyed same" in lite.run(*command, "--out", out).output
        done = lite.run(*command, "--out", out, *(("--rekeyed", "same") if out == "two" else ()))
        assert done.exit_code == 0, done.output
    assert lite.run(*command, "--out", "three", "--add", "--revive").exit_code == 0


def move(desk: Desk, number: int, *more: str) -> Result:
    """Deliver a list in which one of eight persons of north is at south."""
    rows = write_people(range(100, 108)).replace(f"{number},{NAMES[number - 100]},north", f"{number},{NAMES[number - 100]},south")
    return give(desk, f"{rows}900,Zoe Kok,south\n", *more, out="moved")


def test_a_person_at_another_institution_keeps_the_link(desk):
    give(desk, f"{write_people(range(100, 108))}900,Zoe Kok,south\n")
    link = read_links(desk)[0]
    done = move(desk, 100)
    assert done.exit_code == 0 and "1 keep their link at another institution" in done.output, done.output
    seat = find(desk, link)
    assert seat and (seat.institution, seat.withdrawn) == ("south", False)
    assert "No new links" in done.output and "stay as they are" in move(desk, 100).output
    back = give(desk, f"{write_people(range(100, 108))}900,Zoe Kok,south\n", out="back")
    assert "1 keep their link at another institution" in back.output and find(desk, link).institution == "north"


def test_a_person_who_has_begun_stays_at_the_institution(desk):
    give(desk, f"{write_people(range(100, 108))}900,Zoe Kok,south\n")
    link = read_links(desk)[0]
    answer_by(desk, link)
    done = move(desk, 100)
    assert done.exit_code == 1 and "have begun to answer there" in done.output and "Their keys: 100." in done.output
    assert find(desk, link).institution == "north"


def test_another_person_with_the_same_key_elsewhere_gets_a_link(desk):
    give(desk, f"{write_people(range(100, 108))}900,Zoe Kok,south\n")
    rows = write_people(range(100, 108)).replace("100,Ann de Wit,north\n", "100,Ilse van Dam,south\n")
    done = give(desk, f"{rows}900,Zoe Kok,south\n", "--rekeyed", "others", out="other")
    assert done.exit_code == 0 and "1 get a link" in done.output and find(desk, read_links(desk)[0]).withdrawn


def test_a_moved_person_is_reminded_by_the_earlier_file_of_links(desk):
    give(desk, f"{write_people(range(100, 108))}900,Zoe Kok,south\n")
    move(desk, 100)
    done = desk.run("remind", "example", "out/links.csv", "--out", "r")
    assert done.exit_code == 0, done.output
