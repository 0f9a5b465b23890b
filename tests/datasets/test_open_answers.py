"""Open answers are exported without any link to their respondents."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_engine.datasets.disclosure import generalise
from tests.datasets.filling import MAIN, Store, write_example


def write_words(store: Store, count: int) -> None:
    for number in range(count):
        id = store.start("north" if number % 2 else "south", path="bol" if number % 3 else "bbl")
        store.save(id, "start", job="other", job__namely=f"job {number}")
        store.save(id, "opinions")
        store.save(id, "words", improve=f"words {number}")


def test_a_text_has_its_institution_and_question_only(store, tmp_path):
    write_words(store, 1)
    exported = store.export(tmp_path / "out", least_group=1)
    assert exported.texts == [
        {"institution": "south", "variable": "improve", "text": "words 0"},
    ]


def test_the_table_of_responses_has_no_column_for_texts(store, tmp_path):
    write_words(store, 1)
    (row,) = store.export(tmp_path / "out").rows
    assert "improve" not in row
    assert "job__namely" not in row


def test_requested_background_is_exported_with_the_texts(store, tmp_path):
    write_words(store, 4)
    texts = store.export(tmp_path / "out", open_with=("path",), least_group=1).texts
    assert {(text["text"], text["path"]) for text in texts if text["variable"] == "improve"} == {
        ("words 0", "bbl"),
        ("words 1", "bol"),
        ("words 2", "bol"),
        ("words 3", "bbl"),
    }


def test_background_that_is_unknown_is_empty_beside_a_text(store, tmp_path):
    store.save(store.start("south"), "words", improve="more light")
    (text,) = store.export(tmp_path / "out", open_with=("path",), least_group=1).texts
    assert text == {"institution": "south", "path": "", "variable": "improve", "text": "more light"}


@pytest.mark.parametrize(
    ("groups", "shown"),
    [
        ({("a", "x"): 5, ("a", "y"): 5}, {("a", "x"): ("a", "x"), ("a", "y"): ("a", "y")}),
        ({("a", "x"): 9, ("a", "y"): 3, ("a", "z"): 2}, {("a", "x"): ("a", "x"), ("a", "y"): ("a", ""), ("a", "z"): ("a", "")}),
        ({("a", "x"): 9, ("a", "y"): 6, ("a", "z"): 4}, {("a", "x"): ("a", "x"), ("a", "y"): ("a", ""), ("a", "z"): ("a", "")}),
        ({("a", "x"): 9, ("a", "z"): 4}, {("a", "x"): ("a", ""), ("a", "z"): ("a", "")}),
        ({("a", "x"): 4, ("b", "x"): 9}, {("a", "x"): ("", ""), ("b", "x"): ("", "")}),
        ({("a",): 4, ("b",): 9, ("c",): 20}, {("a",): ("",), ("b",): ("",), ("c",): ("c",)}),
    ],
)
def test_small_groups_are_generalised_until_large_enough(groups, shown):
    assert generalise(groups, 5) == shown


@given(
    groups=st.dictionaries(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.sampled_from("uv")), st.integers(1, 12)),
    least=st.integers(1, 8),
)
def test_background_beside_a_text_is_shared_by_enough_or_empty(groups, least):
    shown: Counter[tuple[str, ...]] = Counter()
    for who, seen in generalise(groups, least).items():
        shown[seen] += groups[who]
    assert [seen for seen, count in shown.items() if count < least and any(seen)] == []
    assert shown.total() == sum(groups.values())


def test_a_group_counts_those_who_wrote_to_the_same_question(store, tmp_path):
    """Fifteen responses of each institution were shown the last question; five wrote in one of them, on two paths."""
    for number in range(30):
        id = store.start("north" if number % 2 else "south", path="bbl" if 8 <= number < 20 else "bol")
        store.save(id, "start", job="none")
        store.save(id, "opinions")
        store.save(id, "words", **({"improve": "more light"} if number in (0, 1, 2, 4, 6, 8) else {}))
    exported = store.export(tmp_path / "out", open_with=("path",))
    assert {(text["institution"], text["path"]) for text in exported.texts} == {("", "")}
    alone = store.export(tmp_path / "south", open_with=("path",), institution="south")
    assert {(text["institution"], text["path"]) for text in alone.texts} == {("south", "")}
    assert (exported.delivered.generalised, alone.delivered.generalised) == (6, 5)


@pytest.mark.parametrize("wrote", [4, 5])
@pytest.mark.parametrize("variable", ["improve", "why__namely"])
def test_texts_of_few_writers_are_withheld(store, tmp_path, variable, wrote):
    """All were shown the question, but other files can tell who wrote, as the chosen option does."""
    for number in range(20):
        id = store.start("south", path="bol")
        store.save(id, "start", job="none")
        store.save(id, "opinions", **({"why": ["else"], "why__namely": "because"} if number < wrote else {}))
        store.save(id, "words", **({"improve": "light"} if number < wrote else {}))
    for folder, institution in (("all", ""), ("own", "south")):
        exported = store.export(tmp_path / folder, institution=institution)
        assert sum(text["variable"] == variable for text in exported.texts) == (5 if wrote == 5 else 0)


TOLD = '      - {{open: told, text: {{en: Which?, easy: Which?}}, when: "{}"}}\n'
ELSE = 'else: {text: {en: "Else, namely", easy: "Else:"}, namely: true'
LIMITED = {
    "question": (MAIN + TOLD.format("institution == 'south'"), "told"),
    "background": (MAIN + TOLD.format("path == 'bbl' and answered(programme)"), "told"),
    "answer": (MAIN + TOLD.format("job == 'none'"), "told"),
    "page": (MAIN.replace("- page: words", "- page: words\n    when: institution == 'south'"), "improve"),
    "option": (MAIN.replace(ELSE, ELSE + ", when: institution == 'south'"), "why__namely"),
    "file": (MAIN, "improve"),
}
"""What reveals the few who are asked → the pages, and a variable."""


@pytest.mark.parametrize("asked", [4, 5])
@pytest.mark.parametrize("limit", LIMITED)
def test_texts_of_a_question_that_few_were_shown_are_withheld(store, tmp_path, limit, asked):
    main, variable = LIMITED[limit]
    store.questionnaire = write_example(tmp_path / "limited", main=main)
    for _ in range(20):
        id = store.start("north", path="bol")
        for page in ("start", "hours_page", "opinions", "words"):
            store.save(id, page, **({"job": "some"} if page == "start" else {}))
    for _ in range(asked):
        id = store.start("south", path="bbl", programme="x")
        store.save(id, "start", job="none")
        store.save(id, "opinions", why=["else"], why__namely="because")
        store.save(id, "words", improve="light", told="so")
    exported = store.export(tmp_path / "out", institution="south" if limit == "file" else "")
    assert sum(text["variable"] == variable for text in exported.texts) == (5 if asked == 5 else 0)


def test_the_file_of_an_institution_names_it_beside_each_text(store, tmp_path):
    """Six responses chose the option, on two paths, and five others did not."""
    for number in range(11):
        id = store.start("south", path="bol" if 0 < number < 6 else "bbl")
        store.save(id, "start")
        store.save(id, "opinions", **({"why": ["else"], "why__namely": "because"} if number < 6 else {"why": ["money"]}))
    texts = store.export(tmp_path / "out", institution="south", open_with=("path",)).texts
    assert [(text["institution"], text["path"]) for text in texts] == [("south", "")] * 6


OWN = {
    code: f"institution: {code}\nname: {code}\nown_questions: {{pages: [{{page: {code}_page, questions: [{question}]}}]}}\n"
    for code, question in (("east", "{open: east_words, text: Which?}"), ("west", "{bank: shared}"), ("far", "{bank: shared}"))
}
BANK = "bank: more\nquestions: [{open: shared, text: Which?}]\n"


@pytest.mark.parametrize(("count", "kept"), [(4, {"shared"}), (5, {"east_words", "shared"})])
def test_texts_of_local_questions_with_few_respondents_are_withheld(store, tmp_path, count, kept):
    """`east_words` reveals its institution; `shared` reveals one of two, which together are large enough."""
    store.questionnaire = write_example(tmp_path / "own", *OWN.values(), BANK)
    for code, variable, number in (("east", "east_words", count), ("west", "shared", 3), ("far", "shared", 2)):
        for _ in range(number):
            id = store.start(code)
            for page in ("start", "opinions", "words"):
                store.save(id, page)
            store.save(id, f"{code}_page", **{variable: "words"})
    exported = store.export(tmp_path / "out")
    assert {text["variable"] for text in exported.texts} == kept
    assert exported.delivered.texts == len(exported.texts)
    assert exported.delivered.withheld == (0 if "east_words" in kept else count)


def test_texts_are_by_question_in_another_order_than_the_responses(store, tmp_path):
    write_words(store, 40)
    texts = store.export(tmp_path / "out").texts
    variables = [text["variable"] for text in texts]
    assert variables == sorted(variables, key=["job__namely", "improve"].index)
    jobs = [text["text"].split()[1] for text in texts if text["variable"] == "job__namely"]
    words = [number for text in texts if (number := text["text"].split()[1]) in jobs and text["variable"] == "improve"]
    assert jobs != sorted(jobs, key=int)
    assert words != jobs
    assert set(words) == set(jobs)


def test_the_order_is_the_same_in_every_export(store, tmp_path):
    write_words(store, 20)
    assert store.export(tmp_path / "one").texts == store.export(tmp_path / "two").texts


@pytest.mark.parametrize("other", [{"open_with": ("programme",)}, {"open_with": ()}, {"least_group": 2}])
def test_exports_with_other_background_have_another_order(store, tmp_path, other):
    write_words(store, 20)
    wanted = {"open_with": ("path",), "least_group": 1}
    one, two = (store.export(tmp_path / "out", **wish).texts for wish in (wanted, {**wanted, **other}))
    for variable in ("job__namely", "improve"):
        first, second = ([text["text"] for text in texts if text["variable"] == variable] for texts in (one, two))
        assert sorted(first) == sorted(second)
        assert first != second


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+31 6", "-", "\tx", 'two\nlines, and a "quote"'])
def test_a_text_stays_a_text_in_a_spreadsheet(store, tmp_path, text):
    id = store.start("south")
    store.save(id, "words", improve=text)
    for page in ("start", "opinions"):
        store.save(id, page)
    (found,) = store.export(tmp_path / "out", least_group=1).texts
    assert found["text"] == (text if text.startswith("two") else f"'{text}")
