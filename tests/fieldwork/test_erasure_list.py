"""The list of erasures: appended durably, and readable after any part of a line was lost."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from survey_engine.fieldwork.erasure_list import (
    ERASED,
    REISSUED,
    WITHDRAWN,
    BrokenListError,
    ErasureEntry,
    append_entries,
    read_entries,
    read_list,
)

FIRST, SECOND = ErasureEntry(ERASED, "job", 123456), ErasureEntry(WITHDRAWN, "job", 1234, "link")
REPLACED = ErasureEntry(REISSUED, "job", 5, f"{'a' * 64}/{'b' * 64}")


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
    with pytest.raises(BrokenListError, match=r"erasures.csv:1: this line is no erasure"):
        read_entries(path)


def test_bytes_that_are_no_text_damage_only_their_line(path):
    append_entries(path, [FIRST])
    path.write_bytes(b"\0\xff\n" + path.read_bytes())
    assert (read_list(path).entries, read_list(path).damaged) == ([FIRST], (1,))
