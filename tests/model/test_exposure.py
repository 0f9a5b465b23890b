"""Pages without visible questions are off the path: in routing, durations, draws and exports."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_engine.analysis.duration import estimate_minutes
from survey_engine.authoring.preview.route_map import draw_route
from survey_engine.datasets.columns import lay_out
from survey_engine.datasets.rows import Tabulator
from survey_engine.datasets.universe import describe_universe
from survey_engine.engine.asked_items import find_asked_codes
from survey_engine.engine.progress import sum_remaining_seconds
from survey_engine.engine.response_state import Response
from survey_engine.engine.routing import Respondent, is_asked, is_offered, list_possible_sections, list_possible_steps, route
from survey_engine.model.missing_values import choose_missing
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.rendering.page_plan import Wording, plan_page
from survey_engine.storage.snapshot import Record
from tests.writing import JOB_PAGES, write_sections

NORTH = "institution: north\nname: North\nlists: {clubs: {choir: Choir, chess: Chess}}"
SOUTH = "institution: south\nname: South"
WORKS = "when: has_job == 'yes'"
QUESTION = f"- {{mark: work, text: Work?, {WORKS}}}"
STATEMENTS = f"- {{grid: work, text: Work?, scale: agree, items: {{boss: {{text: Boss, {WORKS}}}, pay: {{text: P, {WORKS}}}}}}}"
OPTIONS = f"- {{choice: work, text: Work?, options: {{shop: {{text: Shop, {WORKS}}}, bar: {{text: Bar, {WORKS}}}}}}}"
PARTS = f"- {{consent: work, text: Work?, parts: {{ask_boss: {{text: Ask, required: true, {WORKS}}}}}}}"
TWO = f"- {{mark: work, text: W?, {WORKS}}}\n- {{information: told, text: Told, when: level >= 3 and path == 'bbl'}}"
LISTED = "- {grid: joined, text: Joined?, scale: agree, items_from: clubs}"
CHOSEN = "- {multiple: joined, text: Joined?, options_from: clubs}"
TOLD = "- {information: told, text: Read this}"


def build(folder, *pages: str, jobs: str = JOB_PAGES) -> Questionnaire:
    """Build the pages of `job`; for each text, one page with these questions; and one page for everybody."""
    written = jobs
    for number, questions in enumerate((*pages, "- {mark: last, text: Last?}"), 1):
        lines = "".join(f"      {line}\n" for line in questions.splitlines())
        written += f"  - page: page{number}\n    questions:\n{lines}"
    return write_sections(folder, written, NORTH, SOUTH).questionnaire


def walk(questionnaire: Questionnaire, institution: str = "north", *, job: str = "no", **background: object) -> list[str]:
    return list(route(questionnaire, Respondent(institution, "en", background), {"job": {"has_job": job}}).codes)


@pytest.mark.parametrize(
    "questions", [QUESTION, STATEMENTS, OPTIONS, PARTS, TWO], ids=["question", "statements", "options", "parts", "two"]
)
def test_a_page_on_which_nothing_is_asked_is_off_the_path(tmp_path, questions):
    example = build(tmp_path, questions)

    assert walk(example, job="no") == ["job", "page2"]
    assert walk(example, job="yes") == ["job", "hours", "page1", "page2"]


@pytest.mark.parametrize("questions", [LISTED, CHOSEN], ids=["statements", "options"])
def test_a_page_of_another_institutions_list_is_off_the_path(tmp_path, questions):
    example = build(tmp_path, questions)

    assert (walk(example, "north"), walk(example, "south")) == (["job", "page1", "page2"], ["job", "page2"])


def test_a_page_of_information_that_is_shown_stays_on_the_path(tmp_path):
    example = build(tmp_path, f"{TOLD}\n{QUESTION}", QUESTION)

    assert walk(example) == ["job", "page1", "page3"]


def test_a_page_with_a_panel_stays_on_the_path(tmp_path):
    assert walk(build(tmp_path, "- {panel: panel, text: Your address?}")) == ["job", "page1", "page2"]


def test_a_true_condition_does_not_show_an_empty_page(tmp_path):
    pages = (
        JOB_PAGES
        + "  - page: both\n    when: level >= 3\n    questions:\n      - {mark: pay, text: Pay?, when: has_job == 'yes'}\n"
    )
    example = build(tmp_path, jobs=pages)

    on = {(job, level) for job in ("yes", "no") for level in (2, 3) if "both" in walk(example, job=job, level=level)}
    assert on == {("yes", 3)}


def test_answers_of_an_empty_page_do_not_count(tmp_path):
    """Its stored answers do not count, as those of any page off the path."""
    example = build(tmp_path, QUESTION, "- {mark: why, text: Why?, when: work >= 6}")
    answers = {"job": {"has_job": "no"}, "page1": {"work": 9}}

    assert list(route(example, Respondent("north", "en"), answers).codes) == ["job", "page3"]


def test_an_empty_page_may_be_the_last_one(tmp_path):
    example = build(tmp_path, "- {mark: work, text: W?}")
    last = write_sections(
        tmp_path / "last", JOB_PAGES + f"  - page: page1\n    questions:\n      {QUESTION}\n", NORTH
    ).questionnaire

    assert walk(example)[-1] == "page2"
    assert walk(last) == ["job"]


# all uses of the path agree ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("questions", [QUESTION, STATEMENTS, OPTIONS, LISTED, CHOSEN])
def test_the_remaining_time_excludes_empty_pages(tmp_path, questions):
    """Pages are excluded once they are known to be empty; a page that depends on an open answer is counted."""
    example, bare = build(tmp_path / "with", questions), build(tmp_path / "without")
    respondent, answers = Respondent("south", "en"), {"job": {"has_job": "no"}}

    def left(asked: Questionnaire) -> int:
        return sum_remaining_seconds(asked, Response(1, "example", "v", respondent), route(asked, respondent, answers), 1)

    assert left(example) == left(bare)


@pytest.mark.parametrize("questions", [LISTED, CHOSEN])
def test_questions_an_institution_never_asks_never_count(tmp_path, questions):
    example, bare = build(tmp_path / "with", questions), build(tmp_path / "without")

    assert sum(step.seconds for step in list_possible_steps(example, Respondent("south", "en"))) == sum(
        step.seconds for step in list_possible_steps(bare, Respondent("south", "en"))
    )


def test_the_estimated_minutes_leave_out_a_question_without_an_option(tmp_path):
    options = "- {choice: work, text: Work?, seconds: 60, options: {shop: {text: Shop, when: path == 'bbl'}}}"
    minutes = estimate_minutes(build(tmp_path / "with", options))["en"]
    bare = estimate_minutes(build(tmp_path / "without"))["en"]

    assert (minutes.shortest - bare.shortest, minutes.longest - bare.longest) == (0, 1)


def test_a_question_with_nothing_to_choose_is_not_drawn(tmp_path):
    example = build(tmp_path, f"{TOLD}\n{STATEMENTS}\n{LISTED}")
    page = example.placed_pages[example.sections["main"].pages[2].slug][1]

    def plan(institution: str) -> dict:
        wording = Wording(example, example.languages["en"], example.institutions[institution])
        return {question.code: question.when for question in plan_page(example, page, None, wording).questions}

    assert [*plan("north")] == ["told", "work", "joined"] and [*plan("south")] == ["told", "work"]
    assert plan("south")["work"].test({"has_job": "yes"}) and not plan("south")["work"].test({"has_job": "no"})


def test_the_route_map_has_the_exposure_of_a_page(tmp_path):
    example = build(tmp_path, QUESTION)
    picture = draw_route(example, Wording(example, example.languages["en"], None), frozenset(), "/{slug}")

    assert 'page1<tspan class="condition"> ◂ has_job == &#x27;yes&#x27;' in picture


def test_the_universe_mentions_a_question_without_offered_options(tmp_path):
    columns = {column.name: column for column in lay_out(build(tmp_path, OPTIONS)).columns}

    assert describe_universe(columns["work"]) == ("options of work: has_job == 'yes'",)


@pytest.mark.parametrize("questions", [QUESTION, STATEMENTS, OPTIONS])
def test_questions_of_an_empty_page_are_exported_as_not_asked(tmp_path, questions):
    example = build(tmp_path, questions)
    layout = lay_out(example)
    answers = {"job": {"has_job": "no"}, "page1": {}, "page2": {"last": 7}}
    record = Record(1, example.version, Respondent("north", "en"), {}, ("en",), "", "2026-01-09", None, answers)
    row = Tabulator(layout, "k" * 64).tabulate(record).cells[-len(layout.answers) :]
    cells = dict(zip([column.name for column in layout.answers], row, strict=True))

    assert cells["last"] == 7
    assert {cells[name] for name in ("work", "boss", "pay") if name in cells} == {choose_missing([example]).not_asked}


# for all answers ---------------------------------------------------------------------------------------------------

PAGES = (QUESTION, STATEMENTS, OPTIONS, PARTS, TWO, LISTED, CHOSEN, f"{LISTED}\n{CHOSEN}\n{OPTIONS}", TOLD)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Questionnaire:
    renamed = [
        page.replace("work,", f"work{n},").replace("joined", f"joined{n}").replace("told", f"told{n}")
        for n, page in enumerate(PAGES)
    ]
    renamed = [
        page.replace("boss:", f"boss{n}:").replace("pay:", f"pay{n}:").replace("ask_boss", f"ask{n}")
        for n, page in enumerate(renamed)
    ]
    return build(tmp_path_factory.mktemp("exposure"), *renamed)


@settings(max_examples=100, deadline=None)
@given(
    job=st.sampled_from([None, "yes", "no"]),
    institution=st.sampled_from(["north", "south"]),
    background=st.fixed_dictionaries({}, optional={"path": st.sampled_from(["bol", "bbl"]), "level": st.integers(1, 4)}),
)
def test_the_path_is_exactly_the_visible_pages(example, job, institution, background):
    respondent = Respondent(institution, "en", background)
    path = route(example, respondent, {"job": {"has_job": job}} if job else {})
    known = {**path.known, **({"has_job": job} if job else {})}
    pages = [page for s in list_possible_sections(example, example.institutions[institution], "en", ()) for page in s.pages]

    def shows(question) -> bool:
        asked = [item for item in question.items if item.is_at(institution) and (not item.when or item.when.test(known))]
        offered = [option for option in question.options if is_offered(option, known, institution)]
        holds = question.when is None or question.when.test(known)
        return holds and bool(asked or not question.items) and bool(offered or not question.options)

    expected = [page for page in pages if (page.when is None or page.when.test(known)) and any(map(shows, page.questions))]
    assert list(path.codes) == [page.code for page in expected]
    for page in expected:
        on = {question.code for question in page.questions if is_asked(question, known, institution)}
        assert on == {question.code for question in page.questions if shows(question)}
        assert on <= find_asked_codes(page, path, institution)
