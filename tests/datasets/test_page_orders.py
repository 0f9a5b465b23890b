"""Random orders of pages and of their questions, as the export describes them."""

from __future__ import annotations

from pathlib import Path

from survey_engine.datasets.columns import lay_out
from survey_engine.datasets.universe import keep_asked_by
from survey_engine.engine.follow_ups import arrange_questions
from survey_engine.engine.routing import route
from survey_engine.storage.answers import load_response
from tests.datasets.filling import MAIN, Store, write_example

MIXED = MAIN.replace("pages:\n", "random_order: true\npages:\n", 1).replace(
    "  - page: start\n", "  - page: start\n    fixed: true\n"
)
"""The same pages, of which only the first keeps its place."""


def test_the_order_of_pages_is_exported_as_the_path_has_it(store: Store, tmp_path: Path) -> None:
    store.questionnaire = write_example(tmp_path / "mixed", main=MIXED)
    ids = [store.start("south") for _ in range(12)]
    for id in ids:
        store.save(id, "start", job="some")
    orders = []
    for id in ids:
        response = load_response(store.database, id)
        assert response
        path = route(store.questionnaire, response.respondent, response.answers())
        orders.append(" ".join(path.codes))
    exported = store.export(tmp_path / "out")
    assert sorted(row["section__main__order"] for row in exported.rows) == sorted(orders)
    assert all(order.startswith("start ") for order in orders) and len(set(orders)) > 2
    assert [row["label_en"] for row in exported.codebook if row["variable"] == "section__main__order"] == [
        "Pages of the section in the order of this response"
    ]


def test_last_page_and_breakoff_page_follow_the_order_of_the_response(store: Store, tmp_path: Path) -> None:
    store.questionnaire = write_example(tmp_path / "mixed", main=MIXED)
    for _ in range(12):
        id = store.start("south")
        store.save(id, "start", job="none")
        store.save(id, "words", improve="More")
    for row in store.export(tmp_path / "out").rows:
        words_first = row["section__main__order"] == "start words opinions"
        assert row["last_page"] == "words" and row["breakoff_page"] == "opinions"
        assert words_first or row["section__main__order"] == "start opinions words"


def test_a_version_without_the_random_order_has_no_order_of_pages(store: Store, tmp_path: Path) -> None:
    old = store.questionnaire
    store.questionnaire = write_example(tmp_path / "mixed", main=MIXED)
    store.save(store.start("south", version=old.version), "start")
    (row,) = store.export(tmp_path / "out", versions={old.version: old, store.questionnaire.version: store.questionnaire}).rows
    assert row["section__main__order"] == ""


def test_an_institution_has_no_orders_of_sections_that_only_others_have(tmp_path: Path) -> None:
    more = "  - page: more\n    questions: [{mark: more, text: M?}]\n  - page: less\n    questions: [{mark: less, text: L?}]\n"
    food = f"module: snack\nwhen: institution == 'west'\nrandom_order: true\npages:\n{more}"
    layout = lay_out(write_example(tmp_path, food, "institution: west\nname: W\nmodules: {council: [snack]}", main=MIXED))
    assert set(layout.page_orders) == {"main", "snack"}
    assert [set(keep_asked_by(layout, code).page_orders) for code in ("west", "south")] == [{"main", "snack"}, {"main"}]


def test_the_order_of_questions_is_exported_without_those_not_asked(store: Store, tmp_path: Path) -> None:
    many = MAIN.replace("  - page: opinions\n", "  - page: opinions\n    random_order: true\n")
    rare = "      - {mark: rare, text: {en: R?, easy: R?}, when: apprentice}\n"
    many = many.replace("      - multiple: why\n", f"{rare}      - multiple: why\n")
    store.questionnaire = write_example(tmp_path / "many", main=many)
    ids = [store.start("south", path="bol") for _ in range(12)]
    for id in ids:
        store.save(id, "start", job="some")
        store.save(id, "opinions")
    page = store.questionnaire.all_sections[0].pages[2]
    shown = [" ".join(q.code for q in arrange_questions(page, id) if q.code != "rare") for id in ids]
    exported = store.export(tmp_path / "out")
    assert sorted(row["page__opinions__order"] for row in exported.rows) == sorted(shown)
    assert set(shown) == {"opinion why", "why opinion"}
    assert [row["label_en"] for row in exported.codebook if row["variable"] == "page__opinions__order"] == [
        "Questions of the page in the order of this response"
    ]
    assert set(keep_asked_by(lay_out(store.questionnaire), "south").question_orders) == {"opinions"}


def test_an_order_has_no_option_that_only_another_question_is_called_like(store: Store, tmp_path: Path) -> None:
    """`hours` is a question, and an option of another page that is offered to apprentices only."""
    main = MAIN.replace("      - multiple: why\n", "      - multiple: why\n        random_order: true\n").replace(
        "          money: {en: Money, easy: Money}\n",
        "          money: {en: Money, easy: Money}\n          hours: {text: {en: Hours, easy: Hours}, when: apprentice}\n",
    )
    store.questionnaire = write_example(tmp_path / "mixed", main=main)
    id = store.start("south", path="bol")
    store.save(id, "start", job="some")
    store.save(id, "opinions")
    row = store.row(tmp_path / "out")
    assert (row["hours"], sorted(row["why__order"].split())) == ("-4", ["else", "money", "work"])
