"""The file of one institution has all answers of its respondents, and nothing that only others are asked."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.datasets.filling import HEAD, MAIN, Exported, Store, write_example

CLUBS = """\
  - page: clubs
    questions:
      - multiple: circle
        text: {en: Which circles?, easy: Which circles?}
        options_from: clubs
      - choice: best
        text: {en: Which is best?, easy: Which is best?}
        options_from: clubs
      - grid: rate
        text: {en: How are they?, easy: How are they?}
        scale: agree
        items_from: clubs
"""
PLACE = "institution: {0}\nname: {0}\nlists: {{clubs: {{{1}}}}}\n"


def write(folder, **entries: str):
    """Write a questionnaire in which institutions have these entries on their list."""
    lists = {
        code: ", ".join(f"{key}: {{en: {key} of {code}, easy: {key} of {code}}}" for key in keys.split())
        for code, keys in entries.items()
    }
    return write_example(folder, *(PLACE.format(code, text) for code, text in lists.items()), main=MAIN + CLUBS)


def find_codes(codebook: list[dict[str, str]], variable: str) -> dict[str, str]:
    """Return code → number of a variable in the codebook."""
    return {row["code"]: row["code_number"] for row in codebook if row["variable"] == variable}


@pytest.fixture
def exported(store: Store, tmp_path) -> dict[str, Exported]:
    """The files of institutions of which `east` then took `chess` off its list, and `west` was removed."""
    old = write(tmp_path / "old", east="chess choir", west="chess drama")
    store.questionnaire = write(tmp_path / "new", east="choir", far="chess")
    for institution, chosen in (("east", "chess"), ("west", "drama")):
        id = store.start(institution, version=old.version)
        for page in ("start", "opinions", "words"):
            store.save(id, page)
        store.save(id, "clubs", circle=[chosen], best=chosen, **{f"rate_{chosen}": 3})
    store.start("far")
    versions = {each.version: each for each in (old, store.questionnaire)}
    return {code: store.export(tmp_path / code, institution=code, versions=versions) for code in ("east", "west")}


@pytest.mark.parametrize(("institution", "entry"), [("east", "chess"), ("west", "drama")])
def test_an_institution_keeps_answers_to_what_it_offered_before(exported, institution, entry):
    (row,) = exported[institution].rows
    assert (row[f"circle_{entry}"], row["best"], row[f"rate_{entry}"]) == ("1", entry, "3")
    assert not exported[institution].delivered.findings.lost


@pytest.mark.parametrize(("institution", "own"), [("east", ["choir", "chess"]), ("west", ["chess", "drama"])])
def test_the_codebook_of_an_institution_has_its_own_entries_only(exported, institution, own):
    codebook = exported[institution].codebook
    assert sorted(find_codes(codebook, "best")) == sorted(own)
    assert {row["variable"] for row in codebook if row["question"] == "circle"} == {f"circle_{code}" for code in own}
    texts = " ".join(value for row in codebook if row["variable"] != "institution" for value in row.values())
    assert not [other for other in ("east", "west", "far", "north") if other != institution and f" of {other}" in texts]


def test_columns_of_versions_without_the_institution_are_left_out(store, tmp_path):
    old = write(tmp_path / "old", west="chess")
    newer = MAIN.replace(
        "      - open: improve\n", "      - mark: fresh\n        text: {en: New?, easy: New?}\n      - open: improve\n"
    )
    store.questionnaire = write_example(tmp_path / "new", main=newer)
    store.start("west", version=old.version)
    store.start("south")
    versions = {old.version: old}
    assert "fresh" in store.export(tmp_path / "south", institution="south", versions=versions).rows[0]
    assert "fresh" not in store.export(tmp_path / "west", institution="west", versions=versions).rows[0]


def test_numbers_of_codes_are_those_of_the_full_file(store, tmp_path):
    store.questionnaire = write(tmp_path / "list", east="chess choir", west="drama")
    store.start("west")
    store.start("east")
    whole, west = store.export(tmp_path / "all"), store.export(tmp_path / "west", institution="west")
    assert find_codes(west.codebook, "best") == {"drama": find_codes(whole.codebook, "best")["drama"]}


NEWS = """\
module: news
title: News
when: institution == 'north'
pages:
  - page: news_page
    questions:
      - mark: mark_news
        text: A mark for news?
"""
ASKED = {"food": "mark_food", "sport": "sport_consent", "news": "mark_news"}


@pytest.mark.parametrize(
    ("place", "random", "modules"),
    [("north", 0, {"food"}), ("south", 0, set()), ("north", 1, {"food", "sport", "news"}), ("south", 1, {"food", "sport"})],
)
def test_modules_that_nobody_at_an_institution_can_get_have_no_columns(store, tmp_path, place, random, modules):
    head = HEAD.replace("random: 1", f"random: {random}")
    store.questionnaire = write_example(tmp_path / "modules", NEWS, head=head)
    store.start(place)
    own = store.export(tmp_path / "own", institution=place)
    assert {name for name in own.rows[0] if name.startswith("module_")} == {f"module_{code}" for code in modules}
    assert {code for code, question in ASKED.items() if question in {row["question"] for row in own.codebook}} == modules


def start_some(store: Store, count: int, device: str = "large", **more: str) -> None:
    for _ in range(count):
        store.save(store.start("south", device=device, **more), "start", paradata="1 9 0 0")


def test_an_institution_gets_no_times(store, tmp_path):
    start_some(store, 6)
    own, whole = store.export(tmp_path / "own", institution="south"), store.export(tmp_path / "all")
    times = {"started", "completed", "duration_seconds"}
    assert not times & own.rows[0].keys() and times <= whole.rows[0].keys()
    assert not times & {row["variable"] for row in own.codebook}
    assert {row["seconds"] for row in own.pages} == {""} and {row["seconds"] for row in whole.pages} == {"9"}


def test_an_institution_gets_the_channel_by_an_option_only(store, tmp_path):
    start_some(store, 6)
    assert "channel" not in store.export(tmp_path / "own", institution="south").rows[0]
    assert "channel" in store.export(tmp_path / "two", institution="south", channel=True).rows[0]
    assert "channel" in store.export(tmp_path / "all").rows[0]


def test_the_least_number_share_what_an_institution_sees(store, tmp_path):
    start_some(store, 6)
    start_some(store, 5, device="small")
    start_some(store, 3, language="easy", device="small")
    start_some(store, 2, language="easy", device="medium")
    own = store.export(tmp_path / "own", institution="south", formats=["csv", "parquet", "sav", "dta", "xlsx"])
    found = Counter((row["language"], row["device"]) for row in own.rows)
    assert found == {("en", "large"): 6, ("en", "small"): 5, ("easy", ""): 5}
    devices = {row["code"]: row["count"] for row in own.codebook if row["variable"] == "device"}
    assert devices == {"small": "5", "medium": "0", "large": "6"}
    (label,) = {row["label_en"] for row in own.codebook if row["variable"] == "device"}
    assert label.endswith("Also empty if too few responses share the values of the columns with this note")
    whole = Counter((row["language"], row["device"]) for row in store.export(tmp_path / "all").rows)
    assert whole["easy", "medium"] == 2


def test_a_rare_value_takes_others_along(store, tmp_path):
    start_some(store, 9)
    start_some(store, 1, device="small")
    rows = store.export(tmp_path / "own", institution="south").rows
    assert Counter(row["device"] for row in rows) == {"": 10}


def test_they_share_it_together_with_the_exported_background(store, tmp_path):
    start_some(store, 6, "small", path="bol")
    start_some(store, 3, "small", path="bbl")
    start_some(store, 3, "large", path="bbl")
    rows = store.export(tmp_path / "own", institution="south", background=("path",)).rows
    assert Counter((row["path"], row["device"]) for row in rows) == {("bol", "small"): 6, ("bbl", ""): 6}
    start_some(store, 1, "small", path="bol", programme="Cook")
    rows = store.export(tmp_path / "two", institution="south", background=("path", "programme")).rows
    assert "Cook" not in {row["programme"] for row in rows}


def test_years_until_the_start_are_left_out_of_an_institutions_file(store, tmp_path):
    """Beside a date of birth they tell on which side of the birthday the response began."""
    years = "derived: {age: {years: [since_when, today]}, given: {count: [job, improve]}}\norder:\n"
    store.questionnaire = write_example(tmp_path / "years", head=HEAD.replace("order:\n", years))
    store.save(store.start("south"), "words", since_when="2001-05-02")
    (row,) = store.export(tmp_path / "all").rows
    assert int(row["age"]) > 20
    own = store.export(tmp_path / "own", institution="south", formats=["csv", "sav"])
    assert "given" in own.rows[0] and "age" not in own.rows[0]
    assert "age" not in {row["variable"] for row in own.codebook}


def test_an_institution_is_not_told_whose_link_was_withdrawn(store, tmp_path):
    start_some(store, 6)
    start_some(store, 1, pseudonym="gone")
    own = store.export(tmp_path / "own", institution="south", withdrawn=frozenset({"gone"}))
    assert {row["status"] for row in own.rows} == {"broken_off"}
    assert not any("-5" in row.values() for row in own.rows)
