"""Files of one institution with other columns are released only if no reader finds few persons by joining them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import combinations, product
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from survey_engine.datasets.delivered_files import ReleaseError, StateChange, read_delivery
from survey_engine.datasets.shown_columns import FewAlike, ShownColumns, find_few_alike
from survey_engine.storage.releases import list_releases
from tests import THOROUGH
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
        ReleaseError,
        match=r"have programme .groups of 5.; these have level.*tell 1 response apart .*columns of all files together.*--background",
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
        with pytest.raises(ReleaseError, match="Export again with the columns of the earlier file "):
            release(store, tmp_path / "2", *columns)
    else:
        assert release(store, tmp_path / "2").rows


def show(column: str, *groups: str, least: int = 5, open_with: tuple[str, ...] = ()) -> ShownColumns:
    """A file of responses that have a letter each, in capitals if the answers changed."""
    members = [[f"{letter.lower()}/{letter}" for letter in group] for group in groups]
    return ShownColumns([column] if column else [], [], least, members, open_with)


def look(now: ShownColumns, *earlier: ShownColumns) -> tuple[int, str, int] | None:
    """Return the number of responses alike, how the files differ, and how many earlier files show it."""
    few = find_few_alike(now, earlier)
    return few and (few.number, few.change, len(few.earlier))


def test_three_files_are_joined() -> None:
    """Each two show seven responses alike, all three one."""
    cells = {(a, b, c): 1 if (a + b + c) % 2 else 6 for a, b, c in product((0, 1), repeat=3)}
    people = [(cell, chr(0x4E00 + n)) for n, cell in enumerate(cell for cell, number in cells.items() for _ in range(number))]
    groups = [["".join(each for cell, each in people if cell[place] == value) for value in (0, 1)] for place in range(3)]
    first, second, third = (show(f"column {place}", *each) for place, each in enumerate(groups))
    assert look(second, first) is None and look(third, first) is None
    assert look(third, first, second) == (1, "columns of all files together", 2)


@pytest.mark.parametrize(
    ("earlier", "now", "found"),
    [
        (("abcdef", "ghijk"), ("abcdef", "ghijk"), None),
        (("abcdef", "ghijk"), ("abcdeflmnop", "ghijk"), None),
        (("abcdef", "ghijk"), ("abcdeflmno", "ghijkp"), (1, "new")),
        (("abcdefghij", "lmnopq"), ("abcde", "lmnop"), (1, "removed")),
        (("abcdef", "ghijk"), ("abcde", "fghijk"), (1, "changed background or version")),
        (("abcdef", "ghijk"), ("Abcdef", "ghijk"), (1, "changed answers or language")),
        (("abcdefghij",), ("ABCDEfghij",), None),
        (("abcdefghijlmn",), ("ABCDfghijopqr",), (4, "changed answers or language")),
        (("abc",), ("abcdefgh",), None),
        (("abc",), ("defgh",), None),
        (("abc",), ("abcd",), (1, "new")),
        (("abc",), ("abCdefgh",), (1, "changed answers or language")),
    ],
)
def test_the_same_columns_show_no_few_responses(
    earlier: tuple[str, ...], now: tuple[str, ...], found: tuple[int, str] | None
) -> None:
    assert look(show("path", *now), show("path", *earlier)) == (found and (*found, 1))


def test_a_few_responses_known_from_an_earlier_file_can_be_released_again() -> None:
    first, second = show("path", "abc"), show("path", "abcdefghi")
    assert look(second, first) is None and look(show("path", "abcdefghijlmnopq"), first, second) is None


def test_a_lower_limit_does_not_lower_that_of_earlier_files() -> None:
    path, level = show("path", "abcdefg", "hijklm"), show("level", "abcdeh", "fgijklm", least=1)
    assert find_few_alike(level, [path]) == FewAlike(1, 5, "columns of all files together", [path])


@pytest.mark.parametrize(
    ("first", "second", "refused"), [(("p",), ("q",), True), (("p",), ("p", "q"), True), (("p",), (), False)]
)
def test_texts_with_other_background_are_refused(first: tuple[str, ...], second: tuple[str, ...], refused: bool) -> None:
    earlier, now = (show("", "abcde", open_with=columns) for columns in (first, second))
    assert (find_few_alike(now, [earlier]) is not None) is refused


File = dict[int, tuple[str, int]]
"""Response → its shown value, and the state of its answers."""


@st.composite
def draw_files(draw: st.DrawFn) -> list[File]:
    """Draw files of one small institution over time: persons come, leave, change their answers or their background."""
    size = draw(st.integers(2, 14))
    backgrounds = [draw(st.lists(st.sampled_from("xy"), min_size=size, max_size=size)) for _ in range(2)]
    files, states = list[File](), [0] * size
    for _ in range(draw(st.integers(2, 4))):
        column = draw(st.sampled_from((0, 1, None)))
        for person in draw(st.sets(st.integers(0, size - 1), max_size=4)):
            what = draw(st.sampled_from(("answers", "background")))
            states[person] += what == "answers"
            backgrounds[0][person] = draw(st.sampled_from("xy")) if what == "background" else backgrounds[0][person]
        present = draw(st.sets(st.integers(0, size - 1), min_size=1) | st.just(set(range(size))))
        values = ["" if column is None else backgrounds[column][person] for person in range(size)]
        files.append({person: (values[person], states[person]) for person in present})
    return files


def split(files: Sequence[File]) -> dict[frozenset[int], bool]:
    """Return sets of responses that a reader of these files cannot tell apart → whether their answers are the same in all files."""
    found: dict[object, set[int]] = {}
    for person in set().union(*files):
        states = [each[person][1] for each in files if person in each]
        told = tuple((each[person][0], states.index(each[person][1])) if person in each else None for each in files)
        found.setdefault(told, set()).add(person)
    return {
        frozenset(alike): all(len({each[person][1] for each in files if person in each}) == 1 for person in alike)
        for alike in found.values()
    }


def reveals(now: File, earlier: Sequence[File], least: int) -> bool:
    """Whether a reader of this file and any of the earlier ones learns of few responses what those files do not tell."""
    some = (chosen for size in range(1, len(earlier) + 1) for chosen in combinations(earlier, size))
    for files in some:
        before = split(files)
        for alike, same in split([*files, now]).items():
            if len(alike) < least and not (alike in before and same):
                return True
    return False


def hide_small(file: File, least: int) -> File:
    """Leave the column empty if few responses share a value, as an export does."""
    sizes = Counter(value for value, _ in file.values())
    return file if min(sizes.values()) >= least else {person: ("", state) for person, (_, state) in file.items()}


def describe(file: File, least: int) -> ShownColumns:
    values = sorted({value for value, _ in file.values()})
    groups = [[f"{person}/{state}" for person, (shown, state) in file.items() if shown == value] for value in values]
    return ShownColumns([], [], least, groups)


@settings(max_examples=3000 if THOROUGH else 100, deadline=None)
@given(draw_files(), st.integers(2, 4))
def test_no_reader_of_released_files_finds_few_responses(files: list[File], least: int) -> None:
    released = list[File]()
    for now in (hide_small(file, least) for file in files if len(file) >= least):
        refused = find_few_alike(describe(now, least), [describe(each, least) for each in released]) is not None
        assert refused == reveals(now, released, least)
        released += [] if refused else [now]


@settings(max_examples=3000 if THOROUGH else 100, deadline=None)
@given(draw_files(), st.integers(2, 4))
def test_files_released_despite_earlier_ones_hide_nothing(files: list[File], least: int) -> None:
    """Readers may have any of the earlier files, also if these reveal few responses together."""
    *earlier, now = files
    refused = find_few_alike(describe(now, least), [describe(each, least) for each in earlier]) is not None
    assert refused or not reveals(now, earlier, least)


@pytest.mark.parametrize("without", [None, r"/\w+"])
def test_rows_of_an_older_program_have_unknown_columns(store: Store, tmp_path: Path, without: str | None) -> None:
    """Such a program recorded no columns, or no hashes of answers beside those of responses."""
    fill(store, tmp_path, ENOUGH)
    release(store, tmp_path / "1", "programme", despite=True)
    (known,) = list_releases(store.database, "example")
    columns = without and re.sub(without, "", known.shown_columns or "")
    with store.database.write() as connection:
        connection.execute(text("UPDATE release SET shown_columns = :columns"), {"columns": columns})
    with pytest.raises(ReleaseError, match="an older version of this program made it"):
        release(store, tmp_path / "2", "programme")


def test_a_corrected_background_of_a_few_persons_is_not_released(store: Store, tmp_path: Path) -> None:
    fill(store, tmp_path, ENOUGH)
    release(store, tmp_path / "1", "programme")
    with store.database.write() as connection:
        connection.execute(
            text(
                "UPDATE response SET background = replace(background, 'Dans', 'Zang') "
                "WHERE id = (SELECT min(id) FROM response WHERE background LIKE '%Dans%')"
            )
        )
    with pytest.raises(
        ReleaseError, match=r"tell 1 response apart from all others .changed background.*Hand out the earlier files"
    ):
        release(store, tmp_path / "2", "programme")


def test_new_responses_need_as_many_with_each_background(store: Store, tmp_path: Path) -> None:
    fill(store, tmp_path, ENOUGH)
    release(store, tmp_path / "1", "programme")
    for programme in ("Dans", "Dans", "Dans", "Dans", "Zang"):
        store.start("south", path="bol", programme=programme, level="low")
    with pytest.raises(ReleaseError, match=r"tell 1 response apart from all others .new"):
        release(store, tmp_path / "2", "programme")


def test_an_equal_file_is_released_again_and_recorded_once(store: Store, tmp_path: Path) -> None:
    fill(store, tmp_path, FEW)
    for name, column in enumerate(("programme", "level", "programme", "level")):
        release(store, tmp_path / str(name), column, despite=name == 1)
    assert len(list_releases(store.database, "example")) == 2


@pytest.mark.slow
def test_twenty_files_of_twenty_thousand_responses_are_compared_in_seconds() -> None:
    files = [
        ShownColumns([], [], 5, [[f"{n:016}/{n:016}" for n in range(start, 20_000 + 50 * file, 40)] for start in range(40)])
        for file in range(20)
    ]
    before = process_time()
    assert find_few_alike(files[-1], files[:-1]) is not None
    assert process_time() - before < 20
