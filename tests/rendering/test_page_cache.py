"""Prepared pages are shared by institutions with equal pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from survey_engine.model.questionnaire import Values
from survey_engine.rendering.page_template import PageState
from tests.web.conftest import MAIN, House, write_short

JOB = "text: {en: Do you have a job?, nl: Heb je werk?, easy: Do you work?}"
NAMED = 'text: {en: "Do you work beside {institution}?", nl: "Werk je naast {institution}?", easy: "Work beside {institution}?"}'


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    folder = tmp_path / "q" / "short"
    write_short(tmp_path / "q", "short")
    (folder / "main.yaml").write_text(MAIN.replace(JOB, NAMED))
    (folder / "third.yaml").write_text("institution: third\nname: Third School\n")
    built = House(tmp_path)
    yield built
    built.close()


def test_institutions_share_equal_pages_only(house: House) -> None:
    pages = {
        (code, institution): house.site.page(house.questionnaire(), house.slug(code), "nl", institution)
        for code in ("job", "hours")
        for institution in ("demo", "third", "other")
    }

    assert pages["hours", "demo"].template is pages["hours", "third"].template
    assert pages["hours", "demo"].template is not pages["hours", "other"].template, "it offers one language and no switch"
    assert len({id(pages["job", institution].template) for institution in ("demo", "third", "other")}) == 3
    assert {page.title_tag for (code, _), page in pages.items() if code == "hours"} == {
        b"<title>Hoofddeel \xe2\x80\x93 " + name + b"</title>" for name in (b"Demo College", b"Third School", b"Other School")
    }


def test_a_shared_page_renders_like_one_prepared_alone(house: House) -> None:
    questionnaire = house.questionnaire()
    for institution in questionnaire.institutions:
        for slug in questionnaire.placed_pages:
            shared = house.site.page(questionnaire, slug, "nl", institution)
            alone = replace(house.site, _pages={}, _page_templates={}).page(questionnaire, slug, "nl", institution)
            for values in ({}, {"has_job": "yes", "hours": 3, "story": "<b>"}):
                state = PageState(known={}, values=values, errors={"hours": "too many"}, missing=frozenset({"has_job"}))
                assert shared.template.fill(state) == alone.template.fill(state)


def holds(answer: bool, known: Values) -> bool:
    """Return a condition that is always, or never, true."""
    return answer


def test_equal_pages_with_other_conditions_are_not_shared(house: House) -> None:
    questionnaire, slug = house.questionnaire(), house.slug("job")
    section, page = questionnaire.placed_pages[slug]
    condition = questionnaire.placed_pages[house.slug("hours")][1].when
    assert condition
    drawn = []
    for asked in (True, False):
        edited = replace(questionnaire, version=f"asked: {asked}")
        when = replace(condition, names=frozenset({"path"}), test=partial(holds, asked))
        edited.placed_pages[slug] = section, replace(page, questions=(replace(page.questions[0], when=when),))
        drawn.append(house.site.page(edited, slug, "nl", "demo").template.fill(PageState(known={})))

    assert b"has_job" in drawn[0] and b"has_job" not in drawn[1]


@pytest.mark.parametrize(
    ("value", "shown"),
    [("2026-01-09", "9-1-2026"), ("31-02", "31-02"), ("31-2-2026", "31-2-2026"), ('"><b>', "&quot;&gt;&lt;b&gt;")],
)
def test_a_date_is_formatted_and_half_a_date_is_shown_as_typed(tmp_path: Path, value: str, shown: str) -> None:
    write_short(tmp_path / "q", "short")
    dated = MAIN.replace("yes_no: has_job", "date: has_job").replace("has_job == 'yes'", "answered(has_job)")
    (tmp_path / "q" / "short" / "main.yaml").write_text(dated)
    house = House(tmp_path)
    page = house.site.page(house.questionnaire(), house.slug("job"), "en", "demo")
    house.close()

    assert f'value="{shown}"' in page.template.fill(PageState(known={}, values={"has_job": value})).decode()
