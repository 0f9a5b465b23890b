"""Pages of a section in a random order: the order of one response, and decisions along it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from survey_engine.engine.decisions import PagePost, answer_page, apply_decision
from survey_engine.engine.progress import find_first_open, is_reachable, sum_remaining_seconds
from survey_engine.engine.random_order import arrange_pages
from survey_engine.engine.response_state import Response
from survey_engine.engine.routing import Respondent, route
from survey_engine.model.questionnaire import Questionnaire
from tests import THOROUGH
from tests.writing import change_head, write_sections

HEAD = change_head(
    {
        "languages": "{en: {name: English}, easy: {name: Easy English, locale: en}}",
        "order": "[{group: main, sections: [main, places]}, {group: last, sections: [last]}]",
    }
)
MAIN = """\
section: main
pages:
  - page: job
    questions: [{yes_no: job, text: A job?}]
"""
PLACES = """\
section: places
random_order: true
pages:
  - page: start
    fixed: true
    questions: [{yes_no: visits, text: Visits?}]
  - page: work
    when: job == 'yes'
    questions: [{mark: work, text: Work?}]
  - page: home
    questions: [{mark: home, text: Home?, seconds: 30}]
  - page: club
    when: visits == 'yes'
    questions: [{mark: club, text: Club?}]
  - page: best
    fixed: true
    questions: [{mark: best, text: Best?}]
"""
LAST = """\
section: last
pages:
  - page: why
    when: home <= 5
    questions: [{mark: why, text: Why?, seconds: 200}]
  - page: end
    questions: [{mark: end, text: End?}]
"""
ALL = {"job": {"job": "yes"}, "start": {"visits": "yes"}, "home": {"home": 3}}
PAGES = ("job", "start", "work", "home", "club", "best", "why", "end")


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Questionnaire:
    folder = tmp_path_factory.mktemp("order")
    return write_sections(folder, MAIN, PLACES, LAST, "institution: demo\nname: Demo", head=HEAD).questionnaire


def begin(seed: int | None, language: str = "en") -> Response:
    return Response(seed or 0, "example", "v", Respondent("demo", language, {}, seed=seed))


def codes(example: Questionnaire, seed: int | None, answers: dict = ALL, language: str = "en") -> list[str]:
    return list(route(example, begin(seed, language).respondent, answers).codes)


def test_every_order_of_the_pages_that_move_is_equally_frequent(example: Questionnaire) -> None:
    """Chi-square of 6,000 responses over 6 orders, 5 degrees of freedom: above 20.5 with a probability of 0.001."""
    found = Counter(tuple(codes(example, seed)) for seed in range(6000))
    assert {(order[:2], order[5:]) for order in found} == {(("job", "start"), ("best", "why", "end"))}
    assert len(found) == 6 and sum((count - 1000) ** 2 / 1000 for count in found.values()) < 20.5


def test_pages_of_two_sections_have_independent_orders(example: Questionnaire) -> None:
    places = example.sections["places"]
    others = replace(places, code="others")
    orders = [[arrange_pages(section, places.pages, seed) for section in (places, others)] for seed in range(2400)]
    assert 320 < sum(one == other for one, other in orders) < 480


def test_without_a_random_number_pages_keep_the_order_of_the_definition(example: Questionnaire) -> None:
    assert tuple(codes(example, None)) == PAGES


@given(seed=st.integers(1, 2**62))
def test_a_page_that_is_not_asked_leaves_the_order_of_the_others(example: Questionnaire, seed: int) -> None:
    order = codes(example, seed)
    assert codes(example, seed, {**ALL, "job": {"job": "no"}}) == [code for code in order if code != "work"]
    assert codes(example, seed, language="easy") == order


@given(seed=st.integers(1, 2**62))
def test_the_path_has_the_same_pages_and_answers_in_every_order(example: Questionnaire, seed: int) -> None:
    plain, mixed = (route(example, begin(number).respondent, ALL) for number in (None, seed))
    assert sorted(mixed.codes) == sorted(plain.codes) and mixed.known == plain.known
    assert (mixed.parts, mixed.sections, mixed.seconds) == (plain.parts, plain.sections, plain.seconds)
    assert mixed.slugs == tuple(example_slug(example, code) for code in mixed.codes)


def example_slug(example: Questionnaire, code: str) -> str:
    return next(slug for slug, (_, page) in example.placed_pages.items() if page.code == code)


@given(seed=st.integers(1, 2**62))
def test_next_and_back_follow_the_order_of_the_response(example: Questionnaire, seed: int) -> None:
    response, order = begin(seed), codes(example, seed)
    forms = {"job": {"job": "yes"}, "start": {"visits": "yes"}}
    for page, following in zip(order, [*order[1:], None], strict=True):
        form = MultiDict(forms.get(page, {page: "3"}))
        decision = answer_page(example, response, example_slug(example, page), PagePost(form, "tab", 0))
        assert decision.outcome == ("next" if following else "complete")
        assert decision.slug == (example_slug(example, following) if following else None)
        response = apply_decision(response, decision, None)
        path = route(example, response.respondent, response.answers())
        assert find_first_open(path, response) == example_slug(example, following or page)
    back = answer_page(
        example, response, example_slug(example, order[3]), PagePost(MultiDict({order[3]: "3"}), "tab", 1, wish="back")
    )
    assert back.slug == example_slug(example, order[2])


def test_a_page_that_an_open_page_decides_counts_until_the_section_ends(example: Questionnaire) -> None:
    for seed in range(1, 20):
        path = route(example, begin(seed).respondent, {"job": {"job": "yes"}, "start": {"visits": "yes"}})
        left = [sum_remaining_seconds(example, begin(seed), path, at) for at in range(len(path.steps))]
        assert [seconds > 200 for seconds in left] == [True] * 5 + [False] * 2


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["stay", "stay", "stay", *PAGES]),
        st.sampled_from(["1", "9", "yes", "no", ""]),
        st.sampled_from(["next", "next", "next", "back"]),
    ),
    max_size=25,
)


@settings(max_examples=1000 if THOROUGH else 70, deadline=None)
@given(seed=st.integers(1, 2**62), steps=STEPS)
def test_the_remaining_time_never_increases_in_a_random_order(example: Questionnaire, seed: int, steps: list) -> None:
    response, slug, shown = begin(seed), example_slug(example, "job"), []
    fields = {"job": "job", "start": "visits"}
    for jump, value, wish in steps:
        path = route(example, response.respondent, response.answers())
        wanted = path.find(slug if jump == "stay" else example_slug(example, jump))
        if wanted is None or not is_reachable(path, wanted, response):
            wanted = path.find(find_first_open(path, response) or "") or 0
        page = path.steps[wanted].page
        shown.append(sum_remaining_seconds(example, response, path, wanted))
        stored = response.pages.get(page.code)
        form = MultiDict({fields.get(page.code, page.code): value})
        post = PagePost(form, "tab", stored.saves if stored else 0, wish=wish, prompted=True)
        decision = answer_page(example, response, page.slug, post)
        response, slug = apply_decision(response, decision, None), decision.slug or page.slug
    assert shown == sorted(shown, reverse=True)
