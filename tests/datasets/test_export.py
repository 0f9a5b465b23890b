"""An export is complete, repeatable, and a snapshot of one moment."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace

import pyarrow.parquet as pq

from survey_engine.datasets import FORMATS, frames
from survey_engine.datasets.row_order import hash_order
from survey_engine.storage.database import Database
from survey_engine.storage.snapshot import RESPONSES_PER_READ, Record
from tests.datasets.filling import KEY, Store, write_example


def test_each_database_gives_the_same_export(database_url, tmp_path):
    with closing(Database(database_url, "answers")) as database:
        store = Store(database, write_example(tmp_path))
        ids = start_many(store, 4)
        rows = store.export(tmp_path / "out").rows
    assert [(row["respondent"], row["programme"], row["job"]) for row in rows] == [
        (f"r{hash_order(KEY, 'respondent', 'example', ids[number]).hex()}", str(number), "-4" if number % 3 else "none")
        for number in sorted(range(4), key=lambda number: hash_order(KEY, "respondent", "example", ids[number]))
    ]


def start_many(store: Store, count: int) -> list[int]:
    ids = [store.start("north" if number % 2 else "south", programme=str(number)) for number in range(count)]
    for id in ids[::3]:
        store.save(id, "start", job="none")
    return ids


def test_the_same_answers_give_the_same_bytes(store, tmp_path):
    start_many(store, 20)
    assert store.export(tmp_path / "one").files == store.export(tmp_path / "two").files


def test_an_export_has_the_table_the_texts_and_the_codebook(store, tmp_path):
    names = {
        "responses.csv",
        "open_answers.csv",
        "paradata.csv",
        "codebook.csv",
        "codebook.html",
        "load.R",
        "load.py",
        "least-group-export.json",
        "released-rows.json",
    }
    assert set(store.export(tmp_path / "out").files) == names


def test_every_response_is_exported_once_in_several_batches(store, tmp_path):
    start_many(store, RESPONSES_PER_READ + 3)
    exported = store.export(tmp_path / "out")
    assert sorted(int(row["programme"]) for row in exported.rows) == list(range(RESPONSES_PER_READ + 3))
    assert exported.delivered.responses == RESPONSES_PER_READ + 3
    assert len({row["respondent"] for row in exported.rows}) == RESPONSES_PER_READ + 3


def test_row_order_does_not_reveal_the_order_of_starts(store, tmp_path):
    start_many(store, 40)
    order = [int(row["programme"]) for row in store.export(tmp_path / "out").rows]
    assert order != sorted(order)
    assert order != sorted(order, reverse=True)


def test_rows_are_in_the_order_of_respondent_numbers(store, tmp_path):
    start_many(store, 10)
    numbers = [row["respondent"] for row in store.export(tmp_path / "out").rows]
    assert numbers == sorted(numbers)


def test_a_respondent_keeps_the_number_when_more_come_in(store, tmp_path):
    start_many(store, 3)
    before = {row["programme"]: row["respondent"] for row in store.export(tmp_path / "one").rows}
    store.start(programme="later")
    after = {row["programme"]: row["respondent"] for row in store.export(tmp_path / "two").rows}
    assert before.items() <= after.items()


def test_another_key_gives_other_numbers(store, tmp_path):
    start_many(store, 2)
    one, two = store.export(tmp_path / "one"), store.export(tmp_path / "two", key=KEY[::-1])
    assert not {row["respondent"] for row in one.rows} & {row["respondent"] for row in two.rows}


def test_responses_to_another_questionnaire_are_not_exported(store, tmp_path):
    other = replace(write_example(tmp_path / "other"), code="other")
    Store(store.database, other).start()
    assert store.export(tmp_path / "out").rows == []


def test_saves_during_an_export_neither_wait_nor_appear(store, tmp_path):
    ids = start_many(store, RESPONSES_PER_READ + 1)

    def interfere(records: Iterable[Record], count: int, name: str) -> Iterator[Record]:
        for number, record in enumerate(records):
            if number == 0:
                writer = threading.Thread(target=save_all)
                writer.start()
                writer.join(timeout=20)
                assert not writer.is_alive(), "a save waited for the export"
            yield record

    def save_all() -> None:
        for id in ids:
            if (id - 1) % 3:
                store.save(id, "start", job="some")
        store.start(programme="late")

    rows = store.export(tmp_path / "out", watch=interfere).rows
    assert {row["job"] for row in rows} == {"none", "-4"}
    assert len(rows) == RESPONSES_PER_READ + 1
    assert "some" in {row["job"] for row in store.export(tmp_path / "after").rows}


def test_several_formats_are_written_at_once(filled, tmp_path):
    files = filled.export(tmp_path / "out", formats=list(FORMATS)).files
    assert all(any(file.startswith(f"responses.{name}") for file in files) for name in FORMATS)


def test_csv_is_the_same_beside_other_formats(filled, tmp_path):
    alone = filled.export(tmp_path / "alone").files["responses.csv"]
    assert filled.export(tmp_path / "beside", formats=["sav", "csv"]).files["responses.csv"] == alone


def test_rows_of_several_batches_keep_their_order(store, tmp_path, monkeypatch):
    monkeypatch.setattr(frames, "ROWS_PER_FRAME", 3)
    start_many(store, 8)
    exported = store.export(tmp_path / "out", formats=["csv", "parquet"])
    respondents = pq.read_table(tmp_path / "out" / "responses.parquet")["respondent"].to_pylist()
    assert respondents == [row["respondent"] for row in exported.rows] != []


def test_the_snapshot_ends_before_formats_are_written(filled, tmp_path):
    """A workbook of a large fieldwork takes minutes: SQLite could not shorten its log, PostgreSQL not clean up."""
    busy = []

    def look(rows: Iterable[Record], count: int, name: str) -> Iterator[Record]:
        if name == "responses.xlsx":
            with filled.database.read() as connection:
                busy.append(connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0])
        yield from rows

    filled.export(tmp_path / "out", formats=["xlsx"], watch=look)
    assert busy == [0]


def test_the_file_of_an_institution_has_no_questions_and_options_of_others(filled, tmp_path):
    south, all_of_them = filled.export(tmp_path / "south", institution="south", least_group=1), filled.export(tmp_path / "all")
    assert "club_chess" in all_of_them.rows[0]
    assert not [name for name in south.rows[0] if name.startswith("club")]
    assert "chess" not in south.files["codebook.html"].decode().lower()
    assert "chess" in filled.export(tmp_path / "north", institution="north").files["codebook.html"].decode().lower()


def test_the_file_of_an_institution_cannot_be_joined_by_respondent_numbers(filled, tmp_path):
    one, same = (filled.export(tmp_path / name, institution="south", least_group=1) for name in ("one", "two"))
    everything = filled.export(tmp_path / "all")
    assert one.files == same.files
    assert len(one.rows) == 2
    assert not {row["respondent"] for row in one.rows} & {row["respondent"] for row in everything.rows}
