"""What a response was asked shows in its row: no empty cell hides a version, a language or background that decides about it."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise

import pytest

from survey_engine.datasets.asked_groups import choose_left_out
from tests.datasets.filling import HEAD, MAIN, NORTH, Store, write_example

OWN = (
    NORTH.replace("north", "west")
    .replace("North", "West")
    .replace("clubs_page", "west_page")
    .replace("multiple: club", "multiple: circle")
)
"""An institution with local questions, which `easy` leaves out."""
NEW = "      - mark: fresh\n        text: {en: New?, easy: New?}\n      - open: improve\n"


@pytest.fixture
def west(store: Store, tmp_path) -> Store:
    store.questionnaire = write_example(tmp_path / "west", OWN)
    return store


def finish(store: Store, count: int, *languages: str, version: str | None = None, **background: str) -> None:
    """Finish some responses, each with all these languages in turn."""
    for _ in range(count):
        id = store.start("west", language=languages[0], version=version, device="large", **background)
        store.save(id, "start", job="none", paradata="1 9 0 0")
        for before, language in pairwise(("", *languages)):
            if before:
                store.set_language(id, language)
            if language == "en":
                store.save(id, "west_page", circle=["chess"], paradata="1 9 0 0")
        store.save(id, "opinions", good=3)
        if background.get("path") == "bbl":
            store.save(id, "work_page", mark_work=7)
        store.save(id, "words", complete=True, improve="light")


def export(store: Store, folder, **wanted):
    return store.export(folder, institution="west", background=(), **wanted)


@pytest.mark.parametrize("few", [("easy",), ("en", "easy")], ids=["language", "switch"])
def test_few_who_were_asked_less_in_their_language_are_left_out(west, tmp_path, few):
    finish(west, 20, "en")
    finish(west, 1, *few)
    own = export(west, tmp_path / "own")
    assert Counter((row["circle_chess"], row["language"], row["before_switch"]) for row in own.rows) == {("1", "en", "0"): 16}
    assert (own.delivered.left_out, own.delivered.added, own.delivered.responses) == (5, 4, 16)
    assert "<p>5 responses of the institution are not in these files" in own.files["codebook.html"].decode()
    assert len(own.pages) == 4 * 16 and len(own.texts) == 16
    assert {row["count"] for row in own.codebook if row["variable"] == "good" and row["code"] == "3"} == {"16"}
    (hashes,) = json.loads(own.files["released-rows.json"])["hashes"].values()
    assert len(hashes) == json.loads(own.files["least-group-export.json"])["responses"] == 16


def test_few_who_changed_the_language_after_they_had_finished_are_left_out(west, tmp_path):
    finish(west, 20, "en")
    finish(west, 1, "easy")
    with west.database.read() as connection:
        (last,) = connection.exec_driver_sql("SELECT id FROM response WHERE language = 'easy'").one()
    west.set_language(last, "en")
    assert {row["circle_chess"] for row in export(west, tmp_path / "own").rows} == {"1"}


def test_few_of_a_version_that_asks_more_are_left_out(west, tmp_path):
    new = write_example(tmp_path / "new", OWN, main=MAIN.replace("      - open: improve\n", NEW))
    old, west.questionnaire = west.questionnaire, new
    finish(west, 20, "en", version=old.version)
    finish(west, 2, "en")
    own = export(west, tmp_path / "own", versions={old.version: old})
    assert Counter((row["version"], row["fresh"]) for row in own.rows) == {(old.version, "-1"): 17}


def test_a_version_with_other_wordings_leaves_nobody_out(west, tmp_path):
    new = write_example(tmp_path / "new", OWN, main=MAIN.replace("Do you work?", "Do you have work?"))
    old, west.questionnaire = west.questionnaire, new
    finish(west, 20, "en", version=old.version)
    finish(west, 2, "en")
    own = export(west, tmp_path / "own", versions={old.version: old})
    assert Counter(row["version"] for row in own.rows) == {"": 22} and not own.delivered.left_out


def test_cells_are_shared_together_with_what_was_asked(west, tmp_path):
    """Five of one language and nine of another, of which four have used both: no cell is shared by those four alone."""
    finish(west, 9, "en")
    finish(west, 5, "easy")
    finish(west, 4, "easy", "en")
    own = export(west, tmp_path / "own")
    found = Counter((row["circle_chess"], row["language"], row["languages"], row["language_switches"]) for row in own.rows)
    assert all(count >= 5 for count in found.values()) and found.total() == 18
    assert {key[1] for key in found if key[0] == "-1"} == {"easy"}


def test_the_only_group_is_kept_although_it_is_small(west, tmp_path):
    finish(west, 3, "en")
    assert len(export(west, tmp_path / "own").rows) == 3


def test_the_same_responses_are_left_out_of_every_export(west, tmp_path):
    finish(west, 20, "en")
    finish(west, 1, "easy")
    records = [export(west, tmp_path / salt, salt=salt).files["released-rows.json"] for salt in ("one", "two")]
    one, two = (json.loads(record)["hashes"] for record in records)
    assert one == two


def test_the_number_of_others_left_out_is_told_if_it_is_the_whole_group(west, tmp_path):
    """Of six, four would be too few: all are left out with the one."""
    finish(west, 6, "en")
    finish(west, 1, "easy")
    delivered = export(west, tmp_path / "own").delivered
    assert (delivered.left_out, delivered.added) == (7, 6)


@pytest.mark.parametrize(
    ("sizes", "left"), [((9, 5), 0), ((9, 4), 5), ((8, 1), 9), ((6, 3, 3), 6), ((4, 4), 8), ((3,), 0), ((), 0)]
)
def test_those_left_out_and_those_left_are_groups_of_the_least_number(sizes, left):
    groups = {((), number): range(number * 100, number * 100 + size) for number, size in enumerate(sizes)}
    assert len(choose_left_out(groups, 5, lambda id: id.to_bytes(2))) == left


@pytest.mark.parametrize(("wanted", "rare"), [({}, 3), ({"background": ()}, 3), ({"background": ["path"]}, 3)])
def test_background_that_decides_what_is_asked_counts_without_its_column(west, tmp_path, wanted, rare):
    """Only `bbl` is asked the section `work`; nothing depends on `programme`."""
    finish(west, 20, "en", path="bol", programme="")
    finish(west, 3, "en", path="bbl", programme="")
    assert west.export(tmp_path / "all", **wanted).delivered.rare == rare


def test_background_that_decides_nothing_does_not_count_without_its_column(west, tmp_path):
    finish(west, 20, "en", path="bol", programme="art")
    finish(west, 3, "en", path="bol", programme="law")
    assert west.export(tmp_path / "none", background=["path"]).delivered.rare == 0
    assert west.export(tmp_path / "all").delivered.rare == 3


SHAPE = {("en", "bol"): 30, ("en", "bbl"): 12, ("easy", "bol"): 9, ("easy", "bbl"): 3}
"""Language and background → responses to each of two versions."""


@pytest.mark.parametrize("background", [(), ("path",), ("path", "programme")])
def test_version_language_and_background_are_told_of_no_few_rows(west, tmp_path, background):
    """The institution knows version, language and background of its students. What was asked restores these in each row."""
    new = write_example(tmp_path / "new", OWN, main=MAIN.replace("      - open: improve\n", NEW))
    old, west.questionnaire = west.questionnaire, new
    for version in (old.version, new.version):
        for (language, path), count in SHAPE.items():
            finish(west, count, language, version=version, path=path, programme="art" if count > 9 else "law")
    own = west.export(tmp_path / "own", institution="west", background=background, versions={old.version: old})

    def restore(row):
        return (row["fresh"] == "-1", row["circle_chess"] == "-1", row["mark_work"] == "-1", *(row[name] for name in background))

    found = Counter(map(restore, own.rows))
    assert min(found.values()) >= 5 and len(found) == 6
    assert own.delivered.left_out == 6 and not own.delivered.rare


def test_the_difference_to_a_table_by_background_is_of_no_few(west, tmp_path):
    finish(west, 20, "en", path="bol")
    finish(west, 9, "en", path="bbl")
    finish(west, 6, "easy", path="bol")
    finish(west, 3, "easy", path="bbl")
    own = west.export(tmp_path / "own", institution="west", background=("path",))
    assert Counter((row["path"], row["circle_chess"]) for row in own.rows) == {
        ("bol", "1"): 20,
        ("bbl", "1"): 7,
        ("bol", "-1"): 6,
    }
    assert (own.delivered.left_out, own.delivered.added) == (5, 2)


def test_a_background_of_few_is_left_out_of_an_institutions_file(west, tmp_path):
    finish(west, 20, "en", programme="art")
    finish(west, 2, "en", programme="law")
    own = west.export(tmp_path / "own", institution="west", background=("programme",))
    assert {row["programme"] for row in own.rows} == {"art"} and own.delivered.left_out == 5
    assert len(west.export(tmp_path / "all", background=("programme",)).rows) == 22


def test_background_counts_only_in_the_languages_that_ask_by_it(west, tmp_path):
    """Only English has the local question for `bbl`: a row in easy English does not tell it."""
    local = OWN.replace("multiple: circle", "multiple: circle\n          when: path == 'bbl'")
    plain = HEAD.replace("conditions:\n  apprentice: path == 'bbl'", "conditions:\n  apprentice: institution == 'north'")
    west.questionnaire = write_example(tmp_path / "by_language", local, head=plain)
    for path, english, easy in (("bol", 10, 3), ("bbl", 10, 3)):
        finish(west, english, "en", path=path)
        finish(west, easy, "easy", path=path)
    assert len(export(west, tmp_path / "own").rows) == 26
