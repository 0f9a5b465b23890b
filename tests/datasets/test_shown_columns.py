"""Files of one institution with other columns are released only if no reader finds few persons by joining them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest

from survey_engine.datasets.delivered_files import ReleaseError, StateChange, read_delivery
from survey_engine.datasets.shown_columns import ShownColumns, find_joined
from survey_engine.storage.releases import Release, add_release, list_releases
from tests.datasets.filling import HEAD, KEY, Exported, Store, write_example

LEVELS = "  level: {text: {en: Level, easy: Level}, options: {low: {en: Low, easy: Low}, high: {en: High, easy: High}}}\n"
FEW, ENOUGH = (6, 10, 9, 1), (6, 9, 9, 6)
"""Numbers of responses per programme and level."""


def fill(store: Store, folder: Path, numbers: tuple[int, ...]) -> None:
    """Store responses with unlike answers, so that rows of two files can be joined by them."""
    store.questionnaire = write_example(folder / "levels", head=HEAD.replace("background:\n", f"background:\n{LEVELS}"))
    groups = [(programme, level) for programme in ("Dans", "Zang") for level in ("low", "high")]
    people = [group for group, number in zip(groups, numbers, strict=True) for _ in range(number)]
    for hours, (programme, level) in enumerate(people, 1):
        id = store.start("south", path="bol", programme=programme, level=level)
        store.save(id, "start", job="some")
        store.save(id, "hours_page", hours=hours, complete=True)


def release(store: Store, folder: Path, *background: str, despite: bool = False, **wanted) -> Exported:
    """Export the file of an institution with these columns into a folder without neighbours, and make it final."""
    exported = store.export(folder / "own", institution="south", background=frozenset(background), salt=folder.name, **wanted)
    delivery = read_delivery(folder / "own")
    for state in ("review", "final"):
        decision = StateChange("team", datetime(2027, 5, 6, tzinfo=UTC), despite_earlier=despite)
        delivery.change_state(state, decision, answers=store.database, key=KEY)
    return exported


def join(first: Exported, second: Exported) -> Counter[tuple[str, ...]]:
    """Count the groups that a reader sees who joins two files by the answers."""
    here, there = ({row["hours"]: row for row in each.rows} for each in (first, second))
    columns = ("programme", "level", "version", "language", "device")
    rows = [{**here[hours], **there[hours]} for hours in here.keys() & there.keys()]
    return Counter(tuple(row[column] for column in columns) for row in rows)


def test_files_whose_columns_tell_of_few_persons_together_are_refused(store: Store, tmp_path: Path) -> None:
    fill(store, tmp_path, FEW)
    first = release(store, tmp_path / "1", "programme")
    with pytest.raises(
        ReleaseError, match=r"show programme .groups of 5.; these show level.* few as 1 response alike.*--background"
    ):
        release(store, tmp_path / "2", "level")
    second = release(store, tmp_path / "3", "level", despite=True)
    assert min(join(first, second).values()) == 1


def test_files_with_other_columns_are_released_if_enough_share_them(store: Store, tmp_path: Path) -> None:
    fill(store, tmp_path, ENOUGH)
    files = [release(store, tmp_path / "1", "programme"), release(store, tmp_path / "2", "level")]
    assert min(join(*files).values()) == min(ENOUGH)


def test_the_same_columns_are_released_again(store: Store, tmp_path: Path) -> None:
    fill(store, tmp_path, FEW)
    for name in ("1", "2"):
        release(store, tmp_path / name, "programme")
    assert len(list_releases(store.database, "example")) == 1


@pytest.mark.parametrize("columns", [("programme", "level"), ()])
def test_a_column_more_or_less_is_compared_too(store: Store, tmp_path: Path, columns: tuple[str, ...]) -> None:
    """Rows that the file with both leaves out are those of a small group."""
    fill(store, tmp_path, FEW)
    background = ("programme",) if columns else ("programme", "level")
    release(store, tmp_path / "1", *background)
    if columns:
        with pytest.raises(ReleaseError, match="Export again with the columns of the earlier files"):
            release(store, tmp_path / "2", *columns)
    else:
        assert release(store, tmp_path / "2").rows


def test_three_files_are_joined() -> None:
    """Each two show seven responses alike, all three one."""
    cells = {(a, b, c): 1 if (a + b + c) % 2 else 6 for a, b, c in product((0, 1), repeat=3)}
    people = [cell for cell, number in cells.items() for _ in range(number)]
    groups = [[[str(n) for n, one in enumerate(people) if one[place] == value] for value in (0, 1)] for place in range(3)]
    first, second, third = (ShownColumns([f"column {place}"], [], 5, each) for place, each in enumerate(groups))
    assert find_joined(second, [first]) is None and find_joined(third, [first]) is None
    assert find_joined(third, [first, second]) == (second, 1)
    early = ShownColumns([], [], 5, [[str(n) for n in range(6, len(people))]])
    assert find_joined(third, [early, first, second]) == (second, 1), "an earlier file without six persons hides nothing"


def test_a_lower_limit_does_not_lower_that_of_earlier_files() -> None:
    path = ShownColumns(["path"], [], 5, [list("abcdefg"), list("hijklm")])
    level = ShownColumns(["level"], [], 1, [list("abcdeh"), list("fgijklm")])
    assert find_joined(level, [path]) == (path, 1)


@pytest.mark.parametrize(
    ("first", "second", "refused"), [(("p",), ("q",), True), (("p",), ("p", "q"), True), (("p",), (), False)]
)
def test_texts_with_other_background_are_refused(first: tuple[str, ...], second: tuple[str, ...], refused: bool) -> None:
    earlier, now = (ShownColumns([], [], 5, [list("abcde")], columns) for columns in (first, second))
    assert (find_joined(now, [earlier]) is not None) is refused


def test_rows_of_an_older_program_have_unknown_columns(store: Store, tmp_path: Path) -> None:
    fill(store, tmp_path, ENOUGH)
    release(store, tmp_path / "1", "programme", despite=True)
    (known,) = list_releases(store.database, "example")
    add_release(store.database, Release("example", "south", known.hashes, ""))
    with pytest.raises(ReleaseError, match="an older version of this program made it"):
        release(store, tmp_path / "2", "programme")
