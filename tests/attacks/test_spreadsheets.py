"""No spreadsheet that we write computes what somebody else wrote; the exports and workbooks have tests of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.hostile import FORMULAS
from tests.command import Desk
from tests.datasets.filling import place_example, read_csv

SIGNS = ("=", "+", "-", "@", "\t", "\r")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(tmp_path, monkeypatch)
    place_example(tmp_path)
    return desk


def give(desk: Desk, header: str, cell: str) -> dict[str, str]:
    quoted = '"' + cell.replace('"', '""') + '"'
    (desk.folder / "students.csv").write_text(f'"{header}",institution\n{quoted},north\n', "utf-8", newline="")
    done = desk.run("links", "example", "students.csv", "--out", "out")
    assert done.exit_code == 0, done.output
    return dict(read_csv(desk.folder / "out" / "links.csv")[0])


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_copied_column_is_never_a_formula(desk: Desk, formula: str) -> None:
    row = give(desk, "=name", formula)
    assert not [cell for cell in [*row, *row.values()] if cell.startswith(SIGNS)]
    assert row["'=name"].replace("'", "") == formula.replace("'", "")


@pytest.mark.parametrize("number", ["+31 6 1234 5678", "-5", "+1", "-1.5"])
def test_a_plain_number_is_copied_as_it_is(desk: Desk, number: str) -> None:
    assert give(desk, "phone", number)["phone"] == number


def test_an_institutions_name_is_never_a_formula(desk: Desk) -> None:
    path = next(path for path in (desk.folder / "q").rglob("*.yaml") if "institution: north" in path.read_text())
    lines = ["name: '=1+1'" if line.startswith("name:") else line for line in path.read_text().splitlines()]
    path.write_text("\n".join(lines))
    done = desk.run("links", "example", "--open", "--out", "out")
    assert done.exit_code == 0, done.output
    assert "'=1+1" in {row["name"] for row in read_csv(desk.folder / "out" / "open_links.csv")}
