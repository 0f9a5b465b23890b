"""Rows of small tables do not tell when they were written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from survey_engine.storage.database import Database
from survey_engine.storage.erasures import add_name, set_names
from survey_engine.storage.row_order import shuffle_rows

NAMES = [f"{number:032}" for number in range(40)]
TABLE = "withdrawn_response"


@pytest.fixture
def answers(database_url: str) -> Iterator[Database]:
    with closing(Database(database_url, "answers")) as answers:
        for name in NAMES:
            add_name(answers, name)
        yield answers


def list_rows(answers: Database, columns: str = "name") -> list[tuple[object, ...]]:
    return [tuple(row) for row in answers.fetch(f"SELECT {columns} FROM {TABLE}", {})]


def test_a_shuffle_keeps_all_rows_and_works_twice(answers):
    assert shuffle_rows(answers, TABLE) and shuffle_rows(answers, TABLE)
    assert sorted(list_rows(answers)) == [(name,) for name in NAMES]
    assert set_names(answers, NAMES[:2], withdrawn=False) == 2


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_after_a_shuffle_neither_transaction_nor_place_tells_the_order(answers):
    assert len(set(list_rows(answers, "CAST(xmin AS text)"))) == len(NAMES)
    shuffle_rows(answers, TABLE)
    assert len(set(list_rows(answers, "CAST(xmin AS text)"))) == 1
    assert list_rows(answers) != [(name,) for name in NAMES], "in the order of their places"
    once = list_rows(answers, "CAST(xmin AS text)")
    shuffle_rows(answers, TABLE)
    assert list_rows(answers, "CAST(xmin AS text)") == once, "nothing new, nothing written"


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_shuffle_does_not_wait_for_a_lock(answers, database_url):
    with psycopg.connect(database_url.replace("+psycopg", "")) as holding:
        holding.execute(f"LOCK TABLE {TABLE} IN ROW EXCLUSIVE MODE")
        assert not shuffle_rows(answers, TABLE)
    assert shuffle_rows(answers, TABLE)
