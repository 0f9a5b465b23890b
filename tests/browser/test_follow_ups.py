"""A follow-up unfolds below the answer that asks for it, and folds back when the answer changes."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from survey_engine.language.condition_parser import parse_condition
from survey_engine.model.questionnaire import Place
from survey_engine.rendering.page_template import encode_condition
from tests.browser.conftest import OpenPage
from tests.browser.robot import say, tap
from tests.browser.server import Server
from tests.browser.states import open_at

OpenAt = Callable[..., Page]


@pytest.fixture
def bicycle(gallery: OpenAt) -> Page:
    page = gallery("bicycle_page")
    page.wait_for_function("respondent.follow")
    return page


def choose(page: Page, name: str, value: str) -> None:
    tap(page.locator(f".option:has([name='q.{name}'][value='{value}'])"))


def see(page: Page) -> list[str]:
    """The follow-ups that are open, and whose fields are posted."""
    shown = page.locator("[data-when]").filter(visible=True).locator("> [name=shown]")
    codes = [shown.nth(index).get_attribute("value") or "" for index in range(shown.count())]
    posted = page.evaluate("new FormData(document.querySelector('#answers')).getAll('shown')")
    assert posted == codes
    return codes


def test_an_answer_opens_its_follow_ups_and_another_one_closes_them(bicycle: Page) -> None:
    assert see(bicycle) == []
    choose(bicycle, "has_bicycle", "yes")
    assert see(bicycle) == ["bicycle_age", "bicycle_use"]
    choose(bicycle, "has_bicycle", "no")
    assert see(bicycle) == ["without_bicycle"]
    tap(bicycle.locator("#i-has_bicycle .undo"))
    assert see(bicycle) == []


def test_a_new_follow_up_is_announced_and_the_focus_stays(bicycle: Page) -> None:
    choose(bicycle, "has_bicycle", "yes")
    expect(bicycle.get_by_role("status")).to_have_text("More questions below.")
    assert bicycle.evaluate("document.activeElement.name") == "q.has_bicycle"


def test_a_follow_up_that_closes_is_announced(bicycle: Page) -> None:
    choose(bicycle, "has_bicycle", "no")
    tap(bicycle.locator("#i-has_bicycle .undo"))
    expect(bicycle.get_by_role("status")).to_have_text("One or more questions are no longer needed.")


def test_it_opens_below_the_answer_without_moving_the_page(bicycle: Page) -> None:
    before = bicycle.evaluate("scrollY")
    choose(bicycle, "has_bicycle", "yes")
    trigger, opened = bicycle.locator("#i-has_bicycle").bounding_box(), bicycle.locator("#i-bicycle_age").bounding_box()
    assert trigger and opened and opened["y"] > trigger["y"] + trigger["height"]
    assert bicycle.evaluate("scrollY") == before


def test_a_typed_number_opens_a_statement(bicycle: Page) -> None:
    choose(bicycle, "has_bicycle", "yes")
    age = bicycle.locator("#f-bicycle_age")
    age.fill("9")
    assert "bicycle_repair" not in see(bicycle)
    age.fill("12")
    assert see(bicycle) == ["bicycle_age", "bicycle_use", "bicycle_repair"]
    choose(bicycle, "bicycle_school", "2")
    expect(bicycle.locator("#i-bicycle_repair .option").first).to_be_visible()


def test_what_follows_from_a_closed_follow_up_closes_too(bicycle: Page) -> None:
    choose(bicycle, "has_bicycle", "yes")
    bicycle.locator("#f-bicycle_age").fill("12")
    choose(bicycle, "has_bicycle", "no")
    assert see(bicycle) == ["without_bicycle"]
    choose(bicycle, "has_bicycle", "yes")
    assert see(bicycle) == ["bicycle_age", "bicycle_use", "bicycle_repair"], "what was typed is still there"


def test_next_goes_on_at_once_and_stores_what_was_asked(bicycle: Page, server: Server) -> None:
    choose(bicycle, "has_bicycle", "yes")
    bicycle.locator("#f-bicycle_age").fill("3")
    choose(bicycle, "bicycle_school", "4")
    here = bicycle.url
    tap(bicycle.locator(".go .next"))
    bicycle.wait_for_url(lambda url: url != here)
    stored = say(server.read("gallery", bicycle.context.cookies()))
    assert stored.items() >= {"has_bicycle": "yes", "bicycle_age": "3", "bicycle_school": "4"}.items()


def test_a_reload_shows_the_follow_ups_of_what_is_saved(bicycle: Page) -> None:
    with bicycle.expect_response(lambda reply: reply.status == 204):
        choose(bicycle, "has_bicycle", "yes")
    bicycle.reload()
    assert see(bicycle) == ["bicycle_age", "bicycle_use"]


def test_without_a_script_next_brings_the_follow_ups(open_page: OpenPage, server: Server) -> None:
    page = open_at(open_page(java_script_enabled=False), server, "bicycle_page")
    assert page.locator("[data-when]").filter(visible=True).count() == 0
    choose(page, "has_bicycle", "no")
    here = page.url
    tap(page.locator(".go .next"))
    expect(page.locator("#summary")).to_contain_text("Your answer leads to more questions")
    assert page.url == here
    choose(page, "without_bicycle", "bus")
    tap(page.locator(".go .next"))
    page.wait_for_url(lambda url: url != here)


FORM = """conditions => {
  const part = data => `<fieldset data-when='${JSON.stringify(data)}' disabled hidden></fieldset>`;
  const radios = (name, codes) => codes.map(code => `<input type="radio" name="q.${name}" value="${code}">`).join('');
  const boxes = codes => codes.map(code => `<input type="checkbox" name="q.plans" value="${code}">`).join('');
  document.querySelector('#answers').innerHTML = radios('work', ['yes', 'no']) + radios('mark', [1, 2, 3]) + boxes(['a', 'b', 'c'])
    + '<input name="q.hours"><textarea name="q.story"></textarea>' + conditions.map(part).join('');
}"""
FILL = """values => {
  for (const field of document.querySelectorAll('#answers [name^="q."]')) {
    const value = values[field.name.slice(2)];
    if (field.type === 'radio') field.checked = field.value === `${value}`;
    else if (field.type === 'checkbox') field.checked = !!value?.includes(field.value);
    else field.value = value ?? '';
  }
  respondent.unfold();
  return [...document.querySelectorAll('[data-when]')].map(part => !part.disabled);
}"""
ATOMS = (
    *("work == 'yes'", "work != 'no'", "work in ['yes', 'maybe']", "work not in ['no']", "answered(work)", "answered(story)"),
    *("mark == 2", "mark != 2", "mark < 2", "mark <= 2", "mark > hours", "hours >= 12", "hours == mark", "mark not in [1, 3]"),
    *("'a' in plans", "'b' not in plans", "count(plans) >= 2", "count(plans) < 2", "count(plans) == mark", "answered(plans)"),
)


def invent(chance: Random, depth: int = 3) -> str:
    kind = chance.choice(["atom", "and", "or", "not"]) if depth else "atom"
    if kind == "atom":
        return chance.choice(ATOMS)
    parts = [f"({invent(chance, depth - 1)})" for _ in range(1 if kind == "not" else 2)]
    return f"not {parts[0]}" if kind == "not" else f" {kind} ".join(parts)


def fill(chance: Random) -> dict[str, Any]:
    """Answers to some of the questions."""
    plans = [code for code in "abc" if chance.random() < 0.5]
    every = {
        "work": chance.choice(["yes", "no"]),
        "mark": chance.choice([1, 2, 3]),
        "hours": chance.choice([0, 2, 12, 40]),
        "story": "Well",
    }
    return {name: value for name, value in every.items() if chance.random() < 0.6} | ({"plans": plans} if plans else {})


def test_the_script_evaluates_conditions_as_the_server_does(bicycle: Page) -> None:
    chance = Random(1)
    conditions = [parse_condition(source, Place("x")) for source in [*ATOMS, *(invent(chance) for _ in range(80))]]
    bicycle.evaluate(FORM, [encode_condition(condition.tree) for condition in conditions])
    for _ in range(40):
        values = fill(chance)
        opened = bicycle.evaluate(FILL, values)
        assert opened == [condition.test(values) for condition in conditions], values
