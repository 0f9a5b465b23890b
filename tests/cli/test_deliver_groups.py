"""`survey-engine deliver` compares tables with earlier releases group by group."""

from __future__ import annotations

import json
from contextlib import closing

import pytest
from click.testing import Result

from survey_engine.storage.database import Database
from survey_engine.storage.releases import Release, add_release, list_releases
from tests.command import Desk
from tests.databases import ON_BOTH
from tests.datasets.filling import HEAD, Store, read_csv, write_example

POINT = '3: {en: Agree, easy: "Yes"}'
SIZES = {("north", "bol"): 12, ("north", "bbl"): 12, ("south", "bol"): 12, ("south", "bbl"): 12}


@pytest.fixture
def desk(tmp_path, monkeypatch, database_url, identity_url) -> Desk:
    desk = Desk(tmp_path, monkeypatch, create=False)
    desk.set(SURVEY_DATABASE_URL=database_url, SURVEY_IDENTITY_URL=identity_url)
    desk.make_stores()
    desk.questionnaire = write_example(tmp_path, head=HEAD.replace(POINT, f"{POINT}, 4: {POINT[3:]}, 5: {POINT[3:]}"))
    (tmp_path / "q" / "x").rename(tmp_path / "q" / "example")
    for (place, path), count in SIZES.items():
        answer(desk, place, count, path=path)
    return desk


def answer(desk: Desk, place: str, count: int, *, good: int | None = 3, path: str = "bol") -> None:
    """Complete some responses with the same answer to the item `good`."""
    with closing(Database(desk.settings.database_url, "answers")) as answers:
        store = Store(answers, desk.questionnaire)
        for _ in range(count):
            store.save(store.start(place, path=path, programme=""), "opinions", **({"good": good} if good else {}))


def make_tables(desk: Desk, name: str, *options: str, command: str = "scores") -> None:
    """Export, and make tables in a folder of their own without the rows of scores."""
    assert desk.run("export", "example", "--out", f"{name}/rows", "--format", "parquet").exit_code == 0
    done = desk.run(command, f"{name}/rows", "--out", f"{name}/tables", *options)
    assert done.exit_code == 0, done.output
    for rows in ("scores.csv", "quality.csv"):
        (desk.folder / name / "tables" / rows).unlink(missing_ok=True)


def finish(desk: Desk, folder: str, *options: str) -> Result:
    desk.run("deliver", folder, "--set", "review", "--by", "team")
    return desk.run("deliver", folder, "--set", "final", "--by", "team", "--while-open", *options)


def release(desk: Desk, name: str, *options: str, command: str = "scores") -> Result:
    make_tables(desk, name, *options, command=command)
    return finish(desk, f"{name}/tables")


def count_good(desk: Desk, name: str) -> dict[str, tuple[int, float]]:
    """Return institution → number of answers and their sum, as a reader computes them from a table."""
    rows = read_csv(desk.folder / name / "tables" / "satisfaction.csv")
    return {row["institution"]: (int(row["n"]), int(row["n"]) * float(row["mean"])) for row in rows if row["item"] == "good"}


@pytest.mark.parametrize(("north", "refused"), [(5, False), (4, True)])
def test_one_more_response_at_an_institution_is_not_released(desk, north, refused):
    """Of all, at least five responses more; the difference of both tables would be the answer of one person at south."""
    assert release(desk, "first", "--by", "institution").exit_code == 0
    answer(desk, "north", north, good=2)
    answer(desk, "south", 5 if not refused else 1, good=1)
    done = release(desk, "second", "--by", "institution")
    if refused:
        before, now = count_good(desk, "first")["south"], count_good(desk, "second")["south"]
        assert (now[0] - before[0], now[1] - before[1]) == (1, 1)
        assert "an earlier release in 1 response where institution is south, in the answers to good" in done.output
        assert "when 4 more have answered there" in done.output and "--despite-earlier" in done.output
    assert done.exit_code == refused, done.output


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        (("--by", "institution"), ("--by", "path"), False),
        (("--by", "institution"), ("--by", "institution", "--by", "path"), True),
        (("--by", "institution", "--by", "path"), ("--by", "institution"), True),
        (("--by", "path"), (), False),
    ],
)
def test_tables_are_compared_by_the_columns_that_both_have(desk, first, second, refused):
    assert release(desk, "first", *first).exit_code == 0
    answer(desk, "south", 1)
    answer(desk, "north", 5)
    assert release(desk, "second", *second).exit_code == refused


@pytest.mark.parametrize(("command", "options"), [("usage", ()), ("quality", ())])
def test_every_table_by_institution_is_compared(desk, command, options):
    assert release(desk, "first", "--by", "institution", command=command).exit_code == 0
    assert release(desk, "same", "--by", "institution", command=command).exit_code == 0
    answer(desk, "south", 1)
    answer(desk, "north", 5)
    done = release(desk, "second", "--by", "institution", command=command)
    assert done.exit_code == 1 and "institution is south" in done.output, done.output


def test_an_item_that_one_of_the_new_responses_answered_is_not_released(desk):
    assert release(desk, "first").exit_code == 0
    answer(desk, "south", 5, good=None)
    answer(desk, "north", 1)
    done = release(desk, "second")
    assert done.exit_code == 1 and "1 response of all, in the answers to good" in done.output


@pytest.mark.parametrize("rows_first", [True, False])
def test_rows_of_all_and_tables_by_institution_are_compared(desk, rows_first):
    make_tables(desk, "first", "--by", "institution")
    assert finish(desk, "first/rows" if rows_first else "first/tables").exit_code == 0
    answer(desk, "south", 1)
    answer(desk, "north", 5)
    make_tables(desk, "second", "--by", "institution")
    done = finish(desk, "second/tables" if rows_first else "second/rows")
    assert done.exit_code == 1 and "Only 1 responses to example at south differ" in done.output


def test_tables_of_two_moments_in_one_delivery_are_compared(desk):
    make_tables(desk, "first", "--by", "institution")
    answer(desk, "south", 1)
    answer(desk, "north", 40)
    make_tables(desk, "second", "--by", "institution")
    (desk.folder / "both").mkdir()
    for name in ("first", "second"):
        (desk.folder / name / "tables").rename(desk.folder / "both" / name)
    done = finish(desk, "both")
    assert done.exit_code == 1 and "institution is south" in done.output


def test_codebooks_without_rows_are_compared_item_by_item(desk):
    for name, north in (("first", 0), ("second", 5)):
        answer(desk, "north", north, good=None)
        answer(desk, "south", bool(north), good=1)
        assert desk.run("export", "example", "--out", name, "--format", "ddi").exit_code == 0
        for rows in ("open_answers.csv", "paradata.csv"):
            (desk.folder / name / rows).unlink()
        done = finish(desk, name)
        assert done.exit_code == bool(north), done.output
    assert "in 1 response of all, in the answers to good" in done.output


def test_rows_with_their_codebook_are_compared_as_rows(desk):
    """The reader of rows needs no codebook to see what the new ones answered."""
    make_tables(desk, "first")
    assert finish(desk, "first/rows").exit_code == 0
    answer(desk, "north", 6)
    make_tables(desk, "second")
    assert finish(desk, "second/rows").exit_code == 0


def drop_counted(stored: dict) -> None:
    del stored["counted"]


def drop_groups(stored: dict) -> None:
    del stored["counted"]["groups"]


@pytest.mark.parametrize("change", [drop_counted, drop_groups, lambda stored: stored.update(counted={}), None])
def test_tables_without_what_they_count_are_not_released(desk, change):
    make_tables(desk, "first", "--by", "institution")
    path = desk.folder / "first" / "tables" / "least-group-scores.json"
    stored = json.loads(path.read_text()) if change else []
    if change:
        change(stored)
    path.write_text(json.dumps(stored))
    done = finish(desk, "first/tables")
    assert done.exit_code == 1 and "least-group-scores.json does not record which responses its tables count" in done.output
    names = [each.name for each in path.parent.iterdir() if each.suffix == ".csv" and not change]
    done = finish(desk, "first/tables", "--despite-earlier")
    assert done.exit_code == bool(names) and ("has no record" in done.output) is bool(names)
    looked = (word for name in names for word in ("--checked", name))
    assert finish(desk, "first/tables", "--despite-earlier", *looked).exit_code == 0


def test_tables_by_group_are_not_compared_with_those_of_an_older_program(desk):
    with closing(Database(desk.settings.database_url, "answers")) as answers:
        add_release(answers, Release("example", "", " ".join(f"north/{number}" for number in range(90)), None))
    assert release(desk, "total").exit_code == 0
    done = release(desk, "groups", "--by", "institution")
    assert done.exit_code == 1 and "did not record the groups" in done.output


@ON_BOTH
@pytest.mark.parametrize("part", ["tables", "rows"])
def test_files_that_equal_released_ones_are_released_again(desk, part):
    """Also if a later release, which nobody gets beside them, differs in one response. Each is recorded once."""
    make_tables(desk, "first", "--by", "institution")
    assert finish(desk, f"first/{part}").exit_code == 0
    answer(desk, "north", 1)
    make_tables(desk, "second", "--by", "institution")
    assert finish(desk, f"second/{part}").exit_code == 1
    assert finish(desk, f"second/{part}", "--despite-earlier").exit_code == 0
    done = finish(desk, f"first/{part}")
    assert done.exit_code == 0, done.output
    with closing(Database(desk.settings.database_url, "answers")) as answers:
        assert len(list_releases(answers, "example")) == 2
