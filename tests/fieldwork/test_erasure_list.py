"""The list of erasures: appended durably, and readable after any part of a line was lost."""

from __future__ import annotations

import resource
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from survey_engine.fieldwork.erasure_list import (
    ENTRY_KINDS,
    ERASED,
    REISSUED,
    RESTORED,
    WITHDRAWN,
    BrokenListError,
    ErasureEntry,
    append_entries,
    find_current_link,
    read_entries,
    read_list,
    read_seat_history,
)
from survey_engine.fieldwork.list_owners import ForeignListError, check_owner, claim_list, number_owner, read_owners

FIRST, SECOND = ErasureEntry(ERASED, "job", 123456), ErasureEntry(WITHDRAWN, "job", 1234, "link")
REPLACED = ErasureEntry(REISSUED, "job", 5, f"{'a' * 64}/{'b' * 64}")
START = datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "erasures.csv"


@pytest.mark.parametrize("torn", [FIRST, SECOND, REPLACED], ids=lambda entry: entry.kind)
def test_no_part_of_a_line_is_read_as_another_entry(path, torn):
    """Cut at each byte; also after an editor has ended the line."""
    append_entries(path, [FIRST])
    whole = len(path.read_bytes())
    append_entries(path, [torn])
    content = path.read_bytes()
    for length in range(whole + 1, len(content) - 1):
        path.write_bytes(content[:length])
        read = read_list(path)
        assert (read.entries, read.damaged, read.is_torn) == ([FIRST], (), True)
        path.write_bytes(content[:length] + b"\n")
        assert (read_list(path).entries, read_list(path).damaged) == ([FIRST], (2,))


def test_a_line_that_lost_only_its_end_of_line_is_an_entry(path):
    append_entries(path, [SECOND])
    path.write_bytes(path.read_bytes()[:-1])
    append_entries(path, [FIRST])
    assert read_entries(path) == [SECOND, FIRST]


@pytest.mark.parametrize("torn", ["erased,job,12", "erased,job,123456,", "withdrawn,job,1234,link,3", "er"])
def test_an_entry_after_a_torn_line_is_read_and_the_torn_one_is_not(path, torn):
    append_entries(path, [FIRST])
    with path.open("a") as file:
        file.write(torn)
    for count in (1, 2):
        append_entries(path, [SECOND])
        assert read_entries(path) == [FIRST, SECOND]
        assert len(path.read_text().splitlines()) == 2 + count


def test_a_full_disk_leaves_the_list_as_it_was(path):
    append_entries(path, [FIRST])
    before = path.read_bytes()
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 9, limit[1]))
    try:
        with pytest.raises(OSError):
            append_entries(path, [SECOND])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert path.read_bytes() == before


def test_lines_of_earlier_versions_are_read(path):
    path.write_text("erased,job,123456\nwithdrawn,job,1234,link\n")
    append_entries(path, [REPLACED])
    assert read_entries(path) == [FIRST, SECOND, REPLACED]


def test_a_changed_digit_is_found(path):
    append_entries(path, [FIRST, SECOND])
    path.write_text(path.read_text().replace("123456", "123457"))
    assert (read_list(path).entries, read_list(path).damaged) == ([SECOND], (1,))
    with pytest.raises(BrokenListError, match=r"erasures.csv:1: this line is no entry of the list"):
        read_entries(path)


def test_bytes_that_are_no_text_damage_only_their_line(path):
    append_entries(path, [FIRST])
    path.write_bytes(b"\0\xff\n" + path.read_bytes())
    assert (read_list(path).entries, read_list(path).damaged) == ([FIRST], (1,))


def test_an_append_reads_only_the_end_of_a_long_list(path):
    """The file is longer than the memory."""
    size = 1 << 40
    with path.open("wb") as file:
        file.truncate(size - 1)
        file.seek(size - 1)
        file.write(b"\n")
    append_entries(path, [FIRST])
    with path.open("rb") as file:
        file.seek(size)
        assert file.read().startswith(b"erased,job,123456,")


# lists of several machines ----------------------------------------------------------------------------------


def write_lists(path: Path, entries: Sequence[ErasureEntry]) -> list[bytes]:
    """The lists of two machines that append in turn, one entry a minute."""
    machines = [path.with_name(name) for name in ("one.csv", "two.csv")]
    for at, entry in enumerate(entries):
        append_entries(machines[at % 2], [entry], START + timedelta(minutes=at))
    return [machine.read_bytes() for machine in machines]


def replace_link(old: str, new: str) -> ErasureEntry:
    return ErasureEntry(REISSUED, "job", 5, f"{old * 64}/{new * 64}")


@pytest.mark.parametrize("timed", [True, False], ids=["with times", "of an earlier version"])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=str)
def test_the_last_replacement_counts_in_any_order_of_lists(path, order, timed):
    links = [replace_link("a", "b"), replace_link("b", "c"), replace_link("c", "d")]
    lists = write_lists(path, links)
    path.write_bytes(b"".join(lists[at] for at in order))
    if not timed:
        path.write_text("".join(f"{','.join(line.split(',')[:4])}\n" for line in path.read_text().splitlines()))
    (entry,) = read_entries(path)

    assert find_current_link(entry) == "d" * 64
    assert {*entry.by.split("/")} == {link * 64 for link in "abcd"}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=str)
def test_the_later_of_two_replacements_of_one_link_counts(path, order):
    """The first was interrupted before the store had it."""
    lists = write_lists(path, [replace_link("a", "b"), replace_link("a", "c")])
    path.write_bytes(b"".join(lists[at] for at in order))

    assert find_current_link(read_entries(path)[0]) == "c" * 64


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=str)
@pytest.mark.parametrize(
    "entries",
    [(RESTORED, WITHDRAWN), (WITHDRAWN, RESTORED), (WITHDRAWN, RESTORED, WITHDRAWN), (WITHDRAWN, REISSUED, ERASED)],
    ids=str,
)
def test_the_last_withdrawal_or_restoration_counts_in_any_order(path, order, entries):
    made = {REISSUED: replace_link("a", "b")}
    lists = write_lists(path, [made.get(kind, ErasureEntry(kind, "job", 5)) for kind in entries])
    path.write_bytes(b"".join(lists[at] for at in order) + lists[0])

    assert [entry.kind for entry in read_entries(path)] == [entries[-1]]


def test_a_clock_that_was_set_back_does_not_change_the_order(path):
    append_entries(path, [ErasureEntry(WITHDRAWN, "job", 5)], START)
    append_entries(path, [FIRST, ErasureEntry(RESTORED, "job", 5)], START - timedelta(days=1))

    assert read_entries(path)[0].kind == RESTORED


def test_only_changes_of_links_have_a_time(path):
    """Respondents cancel sign-ups: a time would tell when they saved."""
    append_entries(path, [ErasureEntry(kind, "job", 5) for kind in ENTRY_KINDS if kind != REISSUED], START)
    timed = {line.split(",")[0] for line in path.read_text().splitlines() if "2026-" in line}

    assert timed == {WITHDRAWN, RESTORED}


def test_a_new_list_names_its_owner_in_a_note_without_effect(path):
    """Earlier releases read the same note."""
    append_entries(path, [FIRST], owner=7)
    append_entries(path, [SECOND], owner=8)
    assert read_owners(path) == {7} and read_entries(path) == [FIRST, SECOND]
    assert read_list(path).damaged == () and read_seat_history(path, "job").erased_keys == {FIRST.number}


def test_a_list_of_an_earlier_release_is_claimed_once(path):
    claim_list(path, "own")
    assert not path.exists(), "an empty list is not made: it may be missing"
    append_entries(path, [FIRST])
    for key in ("own", "own", "other"):
        claim_list(path, key)
    assert read_owners(path) == {number_owner("own")} and read_entries(path) == [FIRST]
    claim_list(path, "other", again=True)
    assert read_owners(path) == {number_owner("own"), number_owner("other")}


@pytest.mark.parametrize(
    ("owners", "is_foreign"), [((), False), (("own",), False), (("other",), True), (("other", "own"), False)]
)
def test_a_list_of_other_owners_only_is_foreign(path, owners, is_foreign):
    append_entries(path, [FIRST])
    for owner in owners:
        claim_list(path, owner, again=True)
    with pytest.raises(ForeignListError, match="SURVEY_ERASURES") if is_foreign else nullcontext():
        check_owner(path, "own")
