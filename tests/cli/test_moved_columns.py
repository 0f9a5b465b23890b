"""Lists of links of which some columns were moved apart from the links are refused; columns that were corrected are not."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from tests.cli.test_moved_links import Rows, desk, give, move, save, shift
from tests.command import Desk

__all__ = ["desk"]
COLUMNS = "student_number,name,email,born,class,path,institution"
PERSON = ("student_number", "name", "email")
ORDERS = {"remind": ("--out", "again"), "--withdraw": (), "--restore": (), "--reissue": ("--out", "again")}


def write_students(count: int) -> str:
    chance = random.Random(7)
    rows = [
        f"{700_100 + 7 * at},{chance.choice(FIRST)} {chance.choice(LAST)}{at % 23},p{chance.randrange(10**6)}.{at}@example.org,"
        f"{chance.randint(2003, 2008)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02},{1 + at * 4 // count}{'AB'[at % 2]},"
        f"{chance.choice(('bol', 'bbl'))},{'north' if at < count // 2 else 'south'}"
        for at in range(count)
    ]
    return "\n".join([COLUMNS, *rows, ""])


FIRST = ("Noor", "Sem", "Yara", "Luuk", "Amira", "Tygo", "Fenna", "Jens", "Isa", "Mats")
LAST = ("Visser", "Kok", "Bakker", "Özdemir", "Mulder", "de Boer", "Postma", "Hoekstra")


def write_parts(count: int) -> str:
    """Names in parts that several persons share, at one institution."""
    chance = random.Random(3)
    lines = (
        f"Fn{chance.randrange(count // 5)}x,Sn{chance.randrange(count * 3 // 10)}y,{at * 100 // count}K,north,"
        + chance.choice(("bol", "bbl"))
        for at in range(count)
    )
    return "\n".join(["first,last,class,institution,path", *lines, ""])


def set_column(rows: Rows, name: str, make: Callable[[int, str], str]) -> Rows:
    place = rows[0].index(name)
    return [rows[0], *([*row[:place], make(at, row[place]), *row[place + 1 :]] for at, row in enumerate(rows[1:]))]


def sort_by(rows: Rows, *names: str) -> Rows:
    """These columns sorted by the first of them, the rest as it was."""
    values = [row[rows[0].index(names[0])] for row in rows[1:]]
    return move(rows, names, lambda order: sorted(order, key=lambda at: values[at]))


def swap(first: int, second: int) -> Callable[[list[int]], list[int]]:
    exchanged = {first: second, second: first}
    return lambda order: [exchanged.get(at, at) for at in order]


MOVES: dict[str, tuple[str, Callable[[Rows], Rows]]] = {
    "a cell deleted": (
        "email",
        lambda rows: set_column(rows, "email", lambda at, cell: [*[r[2] for r in rows[1:8]], *[r[2] for r in rows[9:]], ""][at]),
    ),
    "one column sorted": ("email", lambda rows: sort_by(rows, "email")),
    "a selection sorted": ("name", lambda rows: sort_by(rows, "name", "student_number", "email")),
    "a selection shifted": ("student_number", lambda rows: move(rows, PERSON, shift)),
    "half of it shifted": ("email", lambda rows: move(rows, ("email",), lambda order: [*order[:30], order[-1], *order[30:-1]])),
    "filled down": ("email", lambda rows: set_column(rows, "email", lambda at, cell: rows[21][2] if 20 <= at < 24 else cell)),
    "a pair exchanged": ("email", lambda rows: move(rows, ("email",), swap(4, 31))),
    "a pair of persons exchanged": ("email", lambda rows: move(rows, PERSON, swap(11, 12))),
    "dates of birth sorted": ("born", lambda rows: sort_by(rows, "born")),
    "moved and then filtered": (
        "email",
        lambda rows: [rows[0], *(row for at, row in enumerate(move(rows, ("email",), shift)[1:]) if at % 3)],
    ),
    "moved and its columns reordered": ("email", lambda rows: [row[::-1] for row in sort_by(rows, "email")]),
}


def run(desk: Desk, order: str):
    words = ("remind", "example", "some.csv") if order == "remind" else ("links", "example", order, "some.csv", "--yes")
    return desk.run(*words, *ORDERS[order])


@pytest.mark.parametrize("moved", MOVES)
def test_a_column_moved_apart_from_its_links_is_named(desk, moved):
    column, change = MOVES[moved]
    rows = give(desk, content=write_students(60))
    save(desk, change(rows))
    for order in ORDERS:
        done = run(desk, order)
        assert done.exit_code == 1 and f"column '{column}': these cells were written in other rows" in done.output, done.output
    assert not (desk.folder / "again").exists()


def test_an_exchanged_pair_is_named_by_its_two_lines(desk):
    save(desk, move(give(desk, content=write_students(60)), ("email",), swap(4, 31)))
    assert "some.csv:6: column 'email'" in (output := run(desk, "remind").output) and "(2 rows: lines 6, 33)" in output


@pytest.mark.parametrize("moved", [("link", "link_check"), ("link",), ("first", "last"), ("last",)])
def test_moves_of_names_in_parts_that_many_share_are_refused(desk, moved):
    save(desk, move(give(desk, content=write_parts(3_000)), moved, shift))
    done = run(desk, "remind")
    assert done.exit_code == 1 and "some.csv:2: " in done.output and "rows: lines 2, 3, 4" in done.output, done.output


def correct_classes(rows: Rows) -> Rows:
    """Some to and some fro."""
    return set_column(rows, "class", lambda at, cell: cell[0] + "BA"["AB".index(cell[1])] if at % 4 < 2 else cell)


def shift_addresses(rows: Rows, change: Callable[[str], str]) -> Rows:
    return set_column(move(rows, ("email",), shift), "email", lambda at, cell: change(cell))


REWRITINGS: dict[str, Callable[[str], str]] = {
    "another domain": lambda cell: cell.replace("example.org", "school.example"),
    "mailto": lambda cell: f"mailto:{cell}",
    "with a name": lambda cell: f'"De student" <{cell.upper()}>',
    "with quotes": lambda cell: f"“{cell}”",
    "with an apostrophe": lambda cell: f"'{cell}",
    "invisible": lambda cell: f"\u200b{cell}",
}


@pytest.mark.parametrize("rewriting", REWRITINGS)
def test_addresses_that_were_moved_and_rewritten_are_named(desk, rewriting):
    save(desk, shift_addresses(give(desk, content=write_students(60)), REWRITINGS[rewriting]))
    assert "column 'email': these cells were written in other rows" in (output := run(desk, "remind").output), output


def test_an_exchanged_pair_beside_new_domains_is_named_by_its_lines(desk):
    rows = move(give(desk, content=write_students(60)), ("email",), swap(4, 31))
    save(desk, set_column(rows, "email", lambda at, cell: REWRITINGS["another domain"](cell)))
    assert "some.csv:6: column 'email'" in (output := run(desk, "remind").output) and "(2 rows: lines 6, 33)" in output


def test_a_renamed_column_that_was_not_moved_passes(desk):
    save(desk, rename(give(desk, content=write_students(60)), "mail,link,link_check"))
    assert "60 of 60 links" in run(desk, "remind").output


def rename(rows: Rows, columns: str) -> Rows:
    """Keep these columns, in this order; a column 'mail' has the addresses."""
    places = [rows[0].index("email" if name == "mail" else name) for name in columns.split(",")]
    return [columns.split(","), *([row[at] for at in places] for row in rows[1:])]


@pytest.mark.parametrize("columns", ["mail,link,link_check", "student_number,mail,link,link_check", "email,mail,link,link_check"])
@pytest.mark.parametrize("rewriting", ["another domain", "mailto"])
def test_a_moved_column_is_named_whatever_its_heading(desk, columns, rewriting):
    rows = give(desk, content=write_students(60))
    save(desk, rename(rows, columns))
    moved = rename(shift_addresses(rows, REWRITINGS[rewriting]), columns)
    if "email" in columns:
        moved = [[row[1], *other[1:]] for row, other in zip([["", "email"], *rename(rows, "name,email")[1:]], moved, strict=True)]
    save(desk, moved)
    assert "column 'mail': these cells were written in other rows" in (output := run(desk, "remind").output), output


@pytest.mark.parametrize("value", ["#N/A", "#NAAM?", "#REF!", "#VERW!", "#####"])
def test_an_error_value_among_addresses_is_named(desk, value):
    rows = give(desk, content=write_students(60))
    save(desk, set_column(rows, "email", lambda at, cell: value if at == 9 else cell))
    done = run(desk, "remind")
    assert done.exit_code == 1 and f"some.csv:11: '{value}' in column 'email' is no address" in done.output, done.output
    save(desk, set_column(rows, "class", lambda at, cell: value if at == 9 else cell))
    assert "60 of 60 links" in run(desk, "remind").output


CORRECTIONS: dict[str, Callable[[Rows], Rows]] = {
    "another domain": lambda rows: set_column(rows, "email", lambda at, cell: cell.replace("example.org", "school.example")),
    "with mailto": lambda rows: set_column(rows, "email", lambda at, cell: f"mailto:{cell}"),
    "an address of the class": lambda rows: set_column(rows, "email", lambda at, cell: f"mentor{at // 20}@example.org"),
    "a counter": lambda rows: [[*row, "no" if at == 0 else str(at)] for at, row in enumerate(rows)],
    "a column twice": lambda rows: [[*row, "again" if at == 0 else row[1]] for at, row in enumerate(rows)],
    "a column of yes": lambda rows: [[*row, "sent" if at == 0 else "bol"] for at, row in enumerate(rows)],
    "capitals": lambda rows: set_column(rows, "name", lambda at, cell: cell.upper()),
    "some names": lambda rows: set_column(rows, "name", lambda at, cell: f"{cell}-Smit" if at % 9 == 0 else cell),
    "one name": lambda rows: set_column(rows, "name", lambda at, cell: "Nieuw Iemand" if at == 9 else cell),
    "emptied addresses": lambda rows: set_column(rows, "email", lambda at, cell: "" if at % 3 else cell),
    "classes to and fro": correct_classes,
    "paths to and fro": lambda rows: set_column(
        rows, "path", lambda at, cell: {"bol": "bbl", "bbl": "bol"}[cell] if at % 3 == 0 else cell
    ),
    "all next year's class": lambda rows: set_column(rows, "class", lambda at, cell: f"{int(cell[0]) + 1}{cell[1]}"),
    "sorted as rows": lambda rows: [rows[0], *sorted(rows[1:], key=lambda row: row[2])],
    "a column replaced": lambda rows: [
        ["remark", *rows[0][1:]],
        *([f"seen {at}", *row[1:]] for at, row in enumerate(rows[1:])),
    ],
}


@pytest.mark.parametrize("corrected", CORRECTIONS)
def test_a_column_that_was_corrected_passes(desk, corrected):
    save(desk, CORRECTIONS[corrected](give(desk, content=write_students(60))))
    assert "60 of 60 links to remind" in (output := run(desk, "remind").output), output


@pytest.mark.parametrize("broken", ["bcd", "nonsense!", "bcdfghbcdfghj"])
def test_a_damaged_check_is_named_with_what_to_do(desk, broken):
    rows = give(desk)
    rows[3][-1] = broken
    save(desk, rows)
    done = run(desk, "remind")
    assert done.exit_code == 1 and "some.csv:4: this 'link_check' was cut or changed" in done.output


def test_a_shift_of_links_with_checks_beside_a_background_is_found(desk):
    content = "group,class,path,institution\n" + "".join(
        f"{at % 7},{at // 7}K,{'bol' if at % 3 else 'bbl'},north\n" for at in range(40)
    )
    save(desk, move(give(desk, content=content), ("link", "link_check"), shift))
    done = run(desk, "remind")
    assert done.exit_code == 1 and "this row has another background than its link" in done.output
