"""Random walks through the real answering and routing: an export has exactly the answers that count."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from survey_engine.engine.asked_items import find_asked_codes
from survey_engine.engine.decisions import PagePost, answer_page
from survey_engine.engine.routing import route
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.derived import NOT_APPLICABLE
from survey_engine.model.questionnaire import NAMELY, Question, Values
from survey_engine.model.variables import RESPONSE_COLUMNS
from survey_engine.storage.answers import load_response, save_page
from tests import THOROUGH
from tests.databases import open_sqlite
from tests.datasets.filling import Store, export, write_example

_NUMBERS = count(1)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Path, set[tuple[str, str]]]]:
    """One store for all walks, the export folder, and every open answer that counts so far."""
    folder = tmp_path_factory.mktemp("walks")
    database = open_sqlite(folder / "answers.db")
    yield Store(database, write_example(folder)), folder, set()
    database.close()


def post(question: Question, chance: random.Random) -> Iterator[tuple[str, str]]:
    """Draw the form values that a browser could send for a question: anything it offers, or nothing."""
    for variable in QUESTION_TYPES[question.type].variables(question):
        codes = [str(code) for code in variable.codes]
        if chance.random() < 0.2:
            continue
        if variable.kind == "codes":
            yield from ((variable.code, code) for code in chance.sample(codes, chance.randint(0, len(codes))))
        elif codes:
            yield variable.code, chance.choice(codes)
        elif variable.kind == "number":
            yield variable.code, str(chance.randint(variable.low or 0, variable.high or 0))
        else:
            yield variable.code, "2026-01-09" if variable.kind == "date" else f"text {next(_NUMBERS)}"


def submit(store: Store, id: int, chance: random.Random) -> None:
    """Answer a page of the path: often the first open one, sometimes an earlier one again."""
    response = load_response(store.database, id)
    assert response
    path = route(store.questionnaire, response.respondent, response.answers())
    done = [step.page for step in path.steps if (page := response.pages.get(step.page.code)) and page.done]
    page = chance.choice(done) if done and chance.random() < 0.3 else path.steps[min(len(done), len(path.steps) - 1)].page
    stored = response.pages.get(page.code)
    submission = PagePost(
        form=MultiDict([pair for question in page.questions for pair in post(question, chance)]),
        writer="walk",
        based_on=stored.saves if stored else 0,
        number=next(_NUMBERS),
        wish=chance.choice(["next", "next", "next", "keep", "back"]),
        prompted=True,
    )
    decision = answer_page(store.questionnaire, response, page.slug, submission)
    if decision.save and not response.completed:
        save_page(store.database, id, decision.save, complete=decision.outcome == "complete" and chance.random() < 0.7)


def list_live(store: Store, id: int) -> dict[str, Any]:
    """Compute the answers that count from the documented rules: variable or variable_option → value."""
    response = load_response(store.database, id)
    assert response
    live: dict[str, Any] = {}
    for language in dict.fromkeys([*response.languages, response.respondent.language]):  # answers given before a switch are kept
        path = route(store.questionnaire, replace(response.respondent, language=language), response.answers())
        for step in path.steps:
            stored = response.pages[step.page.code].answers if step.page.code in response.pages else {}
            asked = find_asked_codes(step.page, path, response.respondent.institution)
            for question in step.page.questions:
                if question.code in asked:
                    live.update(read_live(question, asked, stored, path.known))
    return live


def read_live(question: Question, asked: set[str], stored: Values, known: Values) -> Iterator[tuple[str, Any]]:
    offered = [option.code for option in question.options if option.when is None or option.when.test(known)]
    explained = [option.code for option in question.options if option.namely and option.code in offered]
    for item in question.items:
        value = stored.get(item.code)
        chosen = value if isinstance(value, list) else [value]
        kept = [code for code in chosen if code in offered] if offered else chosen
        several = question.type == "multiple"  # options beside a chosen one that fell away were not chosen
        if item.code not in asked or not (chosen if several else kept) or value is None:
            continue
        if several:
            yield from ((f"{item.code}_{code}", int(code in kept)) for code in offered)
        else:
            yield item.code, -8 if value == NOT_APPLICABLE else value
        if item.code + NAMELY in stored and set(kept) & set(explained):
            yield item.code + NAMELY, stored[item.code + NAMELY]
        if f"{item.code}__version" in stored:
            yield f"{item.code}__version", stored[f"{item.code}__version"]


@pytest.mark.slow
@example(seed=2997, steps=8, institution="north")
@settings(max_examples=200 if THOROUGH else 25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), steps=st.integers(0, 14), institution=st.sampled_from(["north", "south"]))
def test_an_export_has_exactly_the_answers_that_count(shared, seed, steps, institution):
    store, folder, texts = shared
    chance = random.Random(seed)
    modules = {"food": "council", "sport": "random"} if institution == "north" else {"sport": "random"}
    id = store.start(institution, modules=modules, path=chance.choice(["bol", "bbl"]), programme=f"={next(_NUMBERS)}")
    for _ in range(steps):
        submit(store, id, chance)
    if chance.random() < 0.2:
        store.set_language(id, "easy")
    live = list_live(store, id)

    exported = export(store.database, store.questionnaire, folder / "out", least_group=1)
    response = load_response(store.database, id)
    shown = f"'{response.respondent.background['programme']}"
    (row,) = [row for row in exported.rows if row["programme"] == shown]
    before = {*RESPONSE_COLUMNS, "module_food", "module_sport", "path", "programme"}
    answers = {name: value for name, value in row.items() if name not in before and value not in {"-1", "-2", "-3", "-4", "-5"}}
    mine = {(name, value) for name, value in live.items() if str(value).startswith("text ")}
    texts |= mine
    assert answers == {name: str(value) for name, value in live.items() if (name, value) not in mine}
    assert sorted((text["variable"], text["text"]) for text in exported.texts) == sorted(texts)
