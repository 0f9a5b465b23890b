"""Lists whose links were moved to other rows in a spreadsheet are rejected; other effects of spreadsheets are not."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable

import pytest

from tests import THOROUGH
from tests.command import Desk
from tests.datasets.filling import place_example

Rows = list[list[str]]
NAMES = ("Zoë", "An", "Bo", "Cas", "Dirk", "Łukasz", "Eva", "Fay", "Gijs", "Hans")
STUDENTS = "naam,nr,birth,class,institution\n" + "".join(
    f"{name} de Wit,00123{at},200{at}-03-0{at},4{'AB'[at > 4]},{'north' if at % 2 else 'south'}\n"
    for at, name in enumerate(NAMES)
)


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Desk:
    desk = Desk(tmp_path, monkeypatch)
    place_example(tmp_path)
    return desk


def give(desk: Desk, *options: str, content: str = STUDENTS) -> Rows:
    (desk.folder / "students.csv").write_text(content, "utf-8")
    done = desk.run("links", "example", "students.csv", "--out", "out", *options)
    assert done.exit_code == 0, done.output
    return [*csv.reader(io.StringIO((desk.folder / "out" / "links.csv").read_text("utf-8-sig"), newline=""))]


def save(desk: Desk, rows: Rows, name: str = "some.csv", *, delimiter: str = ",", encoding: str = "utf-8") -> None:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter).writerows(rows)
    (desk.folder / name).write_bytes(written.getvalue().encode(encoding, "replace"))


def move(rows: Rows, names: tuple[str, ...], order: Callable[[list[int]], list[int]]) -> Rows:
    """Return the rows with some columns in another row order."""
    head, *body = rows
    places = [head.index(name) for name in names]
    order_of = order(list(range(len(body))))
    return [head, *([body[order_of[at]][p] if p in places else c for p, c in enumerate(row)] for at, row in enumerate(body))]


def shift(order: list[int]) -> list[int]:
    return [order[-1], *order[:-1]]


def shuffle(order: list[int]) -> list[int]:
    return random.Random(1).sample(order, len(order))


def swap(order: list[int]) -> list[int]:
    return [order[2], order[1], order[0], *order[3:]]


MOVES = [
    (columns, order, command)
    for number, columns in enumerate([("link",), ("link", "link_check"), ("link_check",)])
    for place, order in enumerate([shift, shuffle, swap])
    for at, command in enumerate(["remind", "--withdraw", "--reissue"])
    if THOROUGH or (number + place + at) % 3 == 0
]
"""Each two of these kinds with each other; with SURVEY_THOROUGH each three."""


@pytest.mark.parametrize("options", [(), ("--key", "nr")])
@pytest.mark.parametrize(("columns", "order", "command"), MOVES)
def test_moved_links_are_refused_by_their_lines(desk, options, columns, order, command):
    save(desk, move(give(desk, *options), columns, order))
    words = ("remind", "example", "some.csv") if command == "remind" else ("links", "example", command, "some.csv", "--yes")
    done = desk.run(*words, *(() if command == "--withdraw" else ("--out", "again")))
    assert done.exit_code == 1 and "some.csv:2: this link" in done.output and "Copy both from links.csv" in done.output
    assert not (desk.folder / "again").exists()


def reformat(rows: Rows) -> Rows:
    """Return the rows with numbers and dates as written by a spreadsheet with Dutch settings."""
    head, *body = rows
    changed = []
    for name, number, birth, *rest in body:
        year, month, day = birth.split("-")
        changed.append([f" {name}", number.lstrip("0"), f"{int(day)}-{int(month)}-{year}", *rest])
    return [head, *changed]


CHANGES: dict[str, Callable[[Rows], Rows]] = {
    "untouched": lambda rows: rows,
    "filtered": lambda rows: [rows[0], *rows[4:7]],
    "one row": lambda rows: [rows[0], rows[5]],
    "sorted as rows": lambda rows: [rows[0], *sorted(rows[1:])],
    "columns added": lambda rows: [
        ["no", *rows[0], "remark"],
        *([str(at), *row, f"seen {at}"] for at, row in enumerate(rows[1:])),
    ],
    "columns removed": lambda rows: [[row[0], *row[4:]] for row in rows],
    "columns in another order": lambda rows: [row[::-1] for row in rows],
    "columns renamed": lambda rows: [["Name", "Number", *rows[0][2:]], *rows[1:]],
    "no check": lambda rows: [row[:-1] for row in rows],
    "only links": lambda rows: [row[-2:] for row in rows],
    "numbers and dates reformatted": reformat,
    "numbers shortened": lambda rows: [rows[0], *([row[0], "1,2E+5", *row[2:]] for row in rows[1:])],
    "names corrected": lambda rows: [rows[0], *([f"{row[0]}-Smit", *row[1:]] for row in rows[1:])],
}


SAVED = [
    (change, *kind)
    for at, change in enumerate(CHANGES)
    for number, kind in enumerate([(",", "utf-8"), (";", "cp1252"), ("\t", "utf-16")])
    if THOROUGH or change == "untouched" or (at + number) % 3 == 0
]
"""Each change in one kind of file, and each kind; with SURVEY_THOROUGH each change in each."""


@pytest.mark.parametrize(("change", "delimiter", "encoding"), SAVED)
def test_changes_of_whole_rows_by_spreadsheets_are_accepted(desk, change, delimiter, encoding):
    rows = CHANGES[change](give(desk))
    save(desk, rows, delimiter=delimiter, encoding=encoding)
    done = desk.run("remind", "example", "some.csv", "--out", "again", "--yes")
    assert f"{len(rows) - 1} of {len(rows) - 1} links to remind" in done.output, done.output


def test_a_link_of_another_institution_is_named_without_a_check(desk):
    rows = [row[:-1] for row in give(desk)]
    save(desk, move(rows, ("link",), shift))
    assert "some.csv:2: this link is of 'north'" in desk.run("remind", "example", "some.csv", "--out", "again").output


def test_one_link_of_two_persons_in_two_lists_is_reported(desk):
    rows = [row[:-1] for row in give(desk)]
    save(desk, rows[:2], "one.csv")
    save(desk, [rows[0], [*rows[3][:-1], rows[1][-1]]], "two.csv")
    done = desk.run("remind", "example", "one.csv", "two.csv", "--out", "again")
    assert "two.csv:2: this link is also in an earlier list, beside another person" in done.output


def test_a_row_with_an_emptied_check_is_accepted(desk):
    rows = give(desk)
    rows[1][:3] = ["Ina Smit", "77", "2001-01-01"]
    save(desk, rows)
    assert "some.csv:2: this link was made for other cells" in desk.run("remind", "example", "some.csv", "--out", "again").output
    rows[1][-1] = ""
    save(desk, rows)
    assert desk.run("remind", "example", "some.csv", "--out", "again").exit_code == 0


def test_a_reissued_file_has_checks_of_its_new_links(desk):
    save(desk, give(desk))
    assert desk.run("links", "example", "--reissue", "some.csv", "--out", "new").exit_code == 0
    assert "10 of 10" in desk.run("remind", "example", "new/links.csv", "--out", "again").output
    rows = [*csv.reader(io.StringIO((desk.folder / "new" / "links.csv").read_text("utf-8-sig"), newline=""))]
    save(desk, move(rows, ("link",), shift))
    assert desk.run("remind", "example", "some.csv", "--out", "more").exit_code == 1


def test_moved_links_of_persons_without_names_are_found_by_the_background(desk):
    paths = ["bol", "bol", "bbl", "bol", "bbl", "bbl", "bol", "bol"]
    rows = give(desk, content="path,institution\n" + "".join(f"{path},north\n" for path in paths))
    save(desk, rows)
    assert desk.run("remind", "example", "some.csv", "--out", "again").exit_code == 0
    save(desk, move(rows, ("link",), shift))
    done = desk.run("remind", "example", "some.csv", "--out", "more")
    assert done.exit_code == 1 and "some.csv:4: this row has another background than its link" in done.output


def test_a_single_background_that_was_corrected_passes(desk):
    paths = ["bol", "bol", "bbl", "bol", "bbl", "bbl", "bol", "bol"]
    rows = give(desk, content="path,institution\n" + "".join(f"{path},north\n" for path in paths))
    rows[1][0] = "bbl"
    save(desk, rows)
    assert desk.run("remind", "example", "some.csv", "--out", "again").exit_code == 0


def test_a_later_list_that_corrects_the_background_stops_no_reminder(desk):
    students = "naam,nr,path,institution\n" + "".join(f"{name},{at},bol,north\n" for at, name in enumerate(NAMES))
    rows = give(desk, "--key", "nr", content=students)
    (desk.folder / "students.csv").write_text(students.replace("bol", "bbl"), "utf-8")
    assert desk.run("links", "example", "students.csv", "--key", "nr", "--out", "two", "--yes").exit_code == 0
    save(desk, rows)
    assert "10 of 10" in desk.run("remind", "example", "some.csv", "--out", "again").output


def test_a_list_with_cells_that_may_exclude_asks_before_it_makes_links(desk):
    (desk.folder / "students.csv").write_text("naam,remark,institution\nAn,,north\nBo,afgemeld door moeder,north\n", "utf-8")
    asked = desk.run("links", "example", "students.csv", "--out", "out")
    assert asked.exit_code == 1 and "line 3: 'afgemeld door moeder' in column 'remark' may mean" in asked.output
    assert "Give these persons a link?" in asked.output and not (desk.folder / "out").exists()
    assert desk.run("links", "example", "students.csv", "--out", "out", "--yes").exit_code == 0


@pytest.mark.parametrize("emptied", [slice(1, 5), slice(1, None)], ids=["one class", "all"])
def test_moved_links_without_their_check_are_asked_about_or_refused_by_key(desk, emptied):
    rows = give(desk, "--key", "nr")
    place = rows[0].index("link")
    moved = [[*row[:place], link[place], ""] for row, link in zip(rows[1:5], [*rows[3:5], *rows[1:3]], strict=True)]
    others = [[*row[:-1], ""] if emptied.stop is None else row for row in rows[5:]]
    save(desk, [rows[0], *([*row[: len(rows[0]) - 1], ""] for row in moved), *others])
    asked = desk.run("remind", "example", "some.csv", "--out", "again")
    assert asked.exit_code == 1 and "no 'link_check', and no key shows that each link is beside its own person" in asked.output
    refused = desk.run("remind", "example", "some.csv", "--out", "again", "--key", "nr", "--yes")
    assert refused.exit_code == 1 and "this link is of another nr" in refused.output


def test_links_without_their_check_that_the_key_confirms_are_no_question(desk):
    rows = give(desk, "--key", "nr")
    save(desk, [rows[0], *([*row[:-1], ""] for row in rows[1:])])
    assert desk.run("remind", "example", "some.csv", "--out", "again", "--key", "nr").exit_code == 0
