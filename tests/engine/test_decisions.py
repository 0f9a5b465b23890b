"""Decisions: the effect of a posted page, and the page to show next."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from survey_engine.engine.decisions import Decision, PagePost, answer_page, apply_decision
from survey_engine.engine.posted_page import read_page
from survey_engine.engine.progress import find_first_open, is_reachable, measure_progress, sum_remaining_seconds
from survey_engine.engine.response_state import Response, StoredPage
from survey_engine.engine.routing import Respondent, list_possible_steps, route
from survey_engine.language.question_types.question_type import Reading
from survey_engine.model.questionnaire import Questionnaire
from tests import THOROUGH
from tests.writing import JOB_PAGES, change_head, write_sections

HEAD = change_head(
    {
        "languages": "{en: {name: English}, easy: {name: Easy English, locale: en, groups: [main]}}",
        "order": "[{group: main, sections: [main]}, {group: extra, sections: [extra]}]",
    }
)
MAIN = (
    JOB_PAGES
    + """\
  - page: evening
    questions:
      - multiple: plans
        text: What do you do?
        options: {sport: Sport, work: {text: Work, when: has_job == 'yes'}, other: {text: Other, namely: true}}
      - grid: mood
        text: How often?
        options: {1: Never, 2: Often}
        items:
          mood_tired: {text: Tired, when: has_job == 'yes'}
          mood_glad: Glad
  - page: sport
    when: "'sport' in plans"
    questions:
      - open: sport_which
        text: Which sport?
        max_length: 10
"""
)
EXTRA = """\
section: extra
pages:
  - page: consent
    questions:
      - consent: agree
        text: May we?
        version: 3
        parts:
          use: {text: Use it, required: true}
          keep: Keep it
  - page: panel
    when: use == 'yes'
    questions:
      - panel: panel
        text: Your address?
"""
BESIDE = """\
section: main
pages:
  - page: beside
    questions:
      - number: week
        text: Weeks?
        from: 1
        to: 9
      - panel: panel
        text: Your address?
"""
PAGES = ("job", "hours", "evening", "sport", "consent", "panel")


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Questionnaire:
    return write_sections(
        tmp_path_factory.mktemp("answering"), MAIN, EXTRA, "institution: demo\nname: Demo", head=HEAD
    ).questionnaire


def begin(**pages: dict[str, object]) -> Response:
    """Return a response with these pages done, and these answers."""
    stored = {code: StoredPage(answers, writer="before", number=1, done=True) for code, answers in pages.items()}
    return Response(1, "example", "v", Respondent("demo", "en", {"level": 3}), stored)


def find_slug(example: Questionnaire, code: str) -> str:
    return next(slug for slug, (_, page) in example.placed_pages.items() if page.code == code)


def find_code(example: Questionnaire, slug: str | None) -> str | None:
    return example.placed_pages[slug][1].code if slug else None


def submit(example: Questionnaire, response: Response, page: str, form: dict | None = None, **more: object) -> Decision:
    stored = response.pages.get(page)
    given = {"writer": "tab", "based_on": stored.saves if stored else 0, **more}
    return answer_page(example, response, find_slug(example, page), PagePost(MultiDict(form or {}), **given))


def store(response: Response, decision: Decision) -> Response:
    """Apply a decision to the response, as storage does."""
    save = decision.save
    if save is None:
        return response
    before = response.pages.get(save.page)
    done = save.done or bool(before and before.done)
    page = StoredPage(save.answers, before.saves + 1 if before else 1, save.writer, save.number, done, save.seconds_left)
    return response.with_page(save.page, page)


# the next page ------------------------------------------------------------------------------------------------------


def test_next_stores_the_page_and_shows_the_following_one(example):
    decision = submit(example, begin(), "job", {"has_job": "yes"})

    assert (decision.outcome, find_code(example, decision.slug)) == ("next", "hours")
    assert decision.save.answers == {"has_job": "yes"} and decision.save.done


def test_back_stores_the_page_and_shows_the_previous_one(example):
    decision = submit(example, begin(job={"has_job": "no"}), "evening", {"mood_glad": "2"}, wish="back")

    assert find_code(example, decision.slug) == "job"
    assert decision.save.answers == {"mood_glad": 2} and not decision.save.done


def test_back_on_the_first_page_shows_the_same_page(example):
    assert find_code(example, submit(example, begin(), "job", wish="back").slug) == "job"


def test_a_background_save_does_not_mark_the_page_as_done(example):
    decision = submit(example, begin(), "job", {"has_job": "yes"}, wish="keep")

    assert decision.outcome == "kept" and not decision.save.done
    assert find_first_open(decision.path, store(begin(), decision)) == find_slug(example, "job")


def test_the_last_page_completes_the_response(example):
    before = begin(job={"has_job": "no"}, evening={}, consent={"use": "yes"})
    decision = submit(example, before, "panel", {"panel": ""})

    assert (decision.outcome, decision.slug) == ("complete", None)


def test_unanswered_items_cause_one_warning_and_then_next_continues(example):
    first = submit(example, begin(job={"has_job": "no"}), "evening", {"mood_glad": "1"})
    second = submit(example, begin(job={"has_job": "no"}), "evening", {"mood_glad": "1"}, prompted=True)

    assert (first.outcome, first.missing, first.save.done) == ("again", ["plans"], False)
    assert first.save.answers == {"mood_glad": 1}
    assert second.outcome == "next" and second.save.done


def test_open_questions_never_cause_a_warning(example):
    before = begin(job={"has_job": "no"}, evening={"plans": ["sport"]})
    assert submit(example, before, "sport").outcome == "next"


def test_input_errors_are_shown_before_warnings(example):
    before = begin(job={"has_job": "yes"})
    decision = submit(example, before, "hours", {"hours": "500"}, prompted=True)

    assert (decision.outcome, list(decision.errors), decision.missing) == ("again", ["hours"], [])
    assert decision.save.answers == {}


def test_back_shows_input_errors_once_and_then_continues(example):
    before = begin(job={"has_job": "yes"}, hours={"hours": 20})
    first = submit(example, before, "hours", {"hours": "7x"}, wish="back")
    second = submit(example, before, "hours", {"hours": "7x"}, wish="back", warned=frozenset(first.errors))

    assert (first.outcome, find_code(example, first.slug), list(first.errors)) == ("again", "hours", ["hours"])
    assert (second.outcome, find_code(example, second.slug)) == ("next", "job")
    assert first.save.answers == second.save.answers == {"hours": 20}


def test_back_shows_new_input_errors(example):
    before = begin(job={"has_job": "no"})
    form = {"plans": "forged", "mood_glad": "9"}

    assert submit(example, before, "evening", form, wish="back", warned=frozenset({"plans"})).outcome == "again"
    assert submit(example, before, "evening", form, wish="back", warned=frozenset({"plans", "mood_glad"})).outcome == "next"


def test_next_never_continues_with_input_errors(example):
    before = begin(job={"has_job": "yes"})
    decision = submit(example, before, "hours", {"hours": "7x"}, prompted=True, warned=frozenset({"hours"}))

    assert (decision.outcome, list(decision.errors)) == ("again", ["hours"])


@pytest.mark.parametrize("wish", ["keep", "back", "next"])
def test_invalid_input_keeps_the_stored_value_an_empty_field_does_not(example, wish):
    before = begin(job={"has_job": "yes"}, hours={"hours": 8})

    assert submit(example, before, "hours", {"hours": "8x"}, wish=wish).save.answers == {"hours": 8}
    assert submit(example, before, "hours", {"hours": ""}, wish=wish).save.answers == {}


# changed answers ----------------------------------------------------------------------------------------------------


def test_a_changed_answer_shows_the_page_that_it_opens(example):
    before = begin(job={"has_job": "no"}, evening={"plans": ["other"]})
    decision = submit(example, before, "job", {"has_job": "yes"})

    assert find_code(example, decision.slug) == "hours"


def test_a_removed_answer_skips_the_page_that_depended_on_it(example):
    before = begin(job={"has_job": "no"}, evening={"plans": ["sport"]}, sport={"sport_which": "judo"})
    decision = submit(example, before, "evening", {"mood_glad": "1"}, prompted=True)

    assert find_code(example, decision.slug) == "consent"
    assert "plans" not in decision.save.answers


def test_answers_to_statements_no_longer_asked_are_kept(example):
    there = begin(job={"has_job": "yes"}, hours={"hours": 3}, evening={"mood_tired": 2, "mood_glad": 1})
    changed = store(there, submit(example, there, "job", {"has_job": "no"}))
    again = store(changed, submit(example, changed, "evening", {"mood_glad": "2"}, prompted=True))

    assert again.pages["evening"].answers == {"mood_tired": 2, "mood_glad": 2}
    assert again.pages["hours"].answers == {"hours": 3}


def test_an_option_that_was_not_offered_is_not_stored(example):
    posted = MultiDict([("plans", "work"), ("plans", "sport"), ("mood_tired", "2"), ("mood_glad", "7")])
    decision = submit(example, begin(job={"has_job": "no"}), "evening", posted, prompted=True)

    assert (decision.outcome, decision.save.answers) == ("again", {})
    assert {code: fault.message for code, fault in decision.errors.items()} == {"plans": "option", "mood_glad": "option"}


def test_the_text_beside_an_option_is_stored_only_with_that_option(example):
    other = submit(example, begin(job={"has_job": "no"}), "evening", {"plans": "other", "plans__namely": "chess"})
    sport = submit(example, begin(job={"has_job": "no"}), "evening", {"plans": "sport", "plans__namely": "chess"})

    assert other.save.answers == {"plans": ["other"], "plans__namely": "chess"}
    assert sport.save.answers == {"plans": ["sport"]} and list(sport.errors) == ["plans__namely"]


# pages off the path -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "posted", "right"),
    [
        ({"job": {"has_job": "no"}}, "hours", "evening"),
        ({}, "evening", "job"),
        ({"job": {"has_job": "yes"}}, "evening", "hours"),
        ({"job": {"has_job": "no"}, "evening": {}, "consent": {"use": "no"}}, "panel", "consent"),
    ],
)
def test_a_page_off_the_path_changes_nothing_and_shows_the_right_one(example, stored, posted, right):
    decision = submit(example, begin(**stored), posted, {"hours": "5", "mood_glad": "1"})

    assert (decision.outcome, decision.save) == ("elsewhere", None)
    assert find_code(example, decision.slug) == right


def test_an_unknown_page_shows_the_first_open_one(example):
    decision = answer_page(example, begin(), "00000000", PagePost(MultiDict(), "tab", 0))

    assert (decision.outcome, find_code(example, decision.slug)) == ("elsewhere", "job")


def test_a_completed_path_continues_at_its_last_page(example):
    done = begin(job={"has_job": "no"}, evening={}, consent={"use": "yes"}, panel={})
    path = route(example, done.respondent, done.answers())

    assert find_first_open(path, done) == find_slug(example, "panel")


def test_a_switch_to_a_shorter_language_variant_continues_at_its_end(example):
    done = begin(job={"has_job": "no"}, evening={})
    easy = done._replace(respondent=replace(done.respondent, language="easy"))
    decision = submit(example, easy, "evening", {"mood_glad": "1", "plans": "other"})

    assert decision.outcome == "complete"
    assert submit(example, easy, "consent", {"use": "yes"}).outcome == "elsewhere"


# consent ------------------------------------------------------------------------------------------------------------


def test_each_part_of_a_consent_is_stored_with_the_version_of_its_text(example):
    before = begin(job={"has_job": "no"}, evening={})
    decision = submit(example, before, "consent", {"use": "yes", "keep": "no"})

    assert decision.save.answers == {"use": "yes", "use__version": 3, "keep": "no", "keep__version": 3}


@pytest.mark.parametrize("form", [{}, {"use": "no", "keep": "yes"}], ids=["empty", "no"])
def test_next_never_continues_without_a_required_consent(example, form):
    decision = submit(example, begin(job={"has_job": "no"}, evening={}), "consent", form, prompted=True)

    assert (decision.outcome, decision.errors["use"].message) == ("again", "consent")


REQUIRED = """\
section: main
pages:
  - page: consent
    questions: [{consent: agree, text: May we?, parts: {use: {text: Use it, required: true}}}]
  - page: next
    questions: [{mark: week, text: A mark?}]
  - page: end
    questions: [{mark: year, text: A mark?}]
"""


@pytest.mark.parametrize("form", [{"use": "no"}, {}], ids=["no", "emptied"])
@pytest.mark.parametrize("wish", ["keep", "back"])
def test_a_withdrawn_required_consent_is_asked_again(tmp_path, form, wish):
    example = write_sections(tmp_path, REQUIRED, "institution: demo\nname: Demo").questionnaire
    there = begin(consent={"use": "yes"}, next={"week": 7})
    taken_back = store(there, submit(example, there, "consent", form, wish=wish))
    path = route(example, there.respondent, taken_back.answers())

    assert find_first_open(path, there) == find_slug(example, "end")
    assert find_first_open(path, taken_back) == find_slug(example, "consent")
    assert submit(example, taken_back, "next", {"week": "8"}).outcome == "elsewhere"


# panel --------------------------------------------------------------------------------------------------------------


def test_an_address_is_returned_apart_from_the_answers(example):
    before = begin(job={"has_job": "no"}, evening={}, consent={"use": "yes"})
    sent = submit(example, before, "panel", {"panel": " a@b.example "})
    kept = submit(example, before, "panel", {"panel": "a@b.example"}, wish="keep")

    assert (sent.address, sent.save.answers) == (("panel", "a@b.example"), {})
    assert (kept.address, kept.unsent, kept.save.answers) == (None, ("panel", "a@b.example"), {})


def test_an_address_is_returned_when_the_page_is_shown_again(tmp_path):
    example = write_sections(tmp_path, BESIDE, "institution: demo\nname: Demo").questionnaire
    decision = submit(example, begin(), "beside", {"panel": "a@b.example"})

    assert (decision.outcome, decision.missing, decision.address) == ("again", ["week"], ("panel", "a@b.example"))


def test_an_incomplete_address_is_an_error_and_is_not_returned(example):
    before = begin(job={"has_job": "no"}, evening={}, consent={"use": "yes"})
    decision = submit(example, before, "panel", {"panel": "a@b"})

    assert (decision.outcome, decision.address) == ("again", None)


# two tabs, late and repeated posts ----------------------------------------------------------------------------------


def test_a_repeated_save_gives_the_same_decision(example):
    once = submit(example, begin(), "job", {"has_job": "yes"}, number=4)
    twice = submit(example, store(begin(), once), "job", {"has_job": "yes"}, number=4, based_on=0)

    assert (twice.outcome, twice.slug, twice.save.answers) == (once.outcome, once.slug, once.save.answers)


def test_an_older_save_of_the_same_page_is_late_and_changes_nothing(example):
    newer = store(begin(), submit(example, begin(), "job", {"has_job": "yes"}, number=4))
    decision = submit(example, newer, "job", {"has_job": "no"}, number=3, wish="keep")

    assert (decision.outcome, decision.save) == ("late", None)


def test_an_older_page_posted_with_next_is_a_conflict(example):
    newer = store(begin(), submit(example, begin(), "job", {"has_job": "yes"}, number=4))
    decision = submit(example, newer, "job", {"has_job": "no"}, number=3)

    assert (decision.outcome, decision.save) == ("stale", None)


@pytest.mark.parametrize("wish", ["next", "back", "keep"])
def test_a_tab_with_an_outdated_page_changes_nothing(example, wish):
    there = store(begin(), submit(example, begin(), "job", {"has_job": "yes"}, writer="first"))
    decision = submit(example, there, "job", {"has_job": "no"}, writer="second", based_on=0, wish=wish)

    assert (decision.outcome, decision.save) == ("stale", None)


def test_a_tab_with_the_current_page_may_change_it(example):
    there = store(begin(), submit(example, begin(), "job", {"has_job": "yes"}, writer="first"))

    assert submit(example, there, "job", {"has_job": "no"}, writer="second", based_on=1).save.answers == {"has_job": "no"}


# remaining time -----------------------------------------------------------------------------------------------------

FORMS = st.fixed_dictionaries(
    {},
    optional={
        "has_job": st.sampled_from(["yes", "no", "maybe"]),
        "hours": st.sampled_from(["", "5", "500", "x"]),
        "plans": st.sampled_from(["sport", "work", "other"]),
        "mood_glad": st.sampled_from(["1", "2"]),
        "mood_tired": st.sampled_from(["1"]),
        "sport_which": st.sampled_from(["judo", "far too long for it"]),
        "use": st.sampled_from(["yes", "no"]),
        "panel": st.sampled_from(["a@b.example", "a@b", ""]),
    },
)
HAS_JOB = st.fixed_dictionaries({}, optional={"has_job": st.sampled_from(["yes", "no"])})
PLANS = st.fixed_dictionaries({}, optional={"plans": st.lists(st.sampled_from(["sport", "other"]), min_size=1, unique=True)})
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["stay", "stay", "stay", "job", "hours", "evening", "sport", "consent"]),
        FORMS,
        st.sampled_from(["next", "next", "next", "back", "keep"]),
        st.booleans(),
        st.sampled_from([None, None, None, "easy", "en"]),
    ),
    max_size=25,
)


def switch(response: Response, language: str) -> Response:
    respondent = replace(response.respondent, language=language)
    return response._replace(respondent=respondent, languages=(*response.languages, language))


def test_the_remaining_time_follows_switches_to_a_shorter_language(example):
    response = store(begin(), submit(example, begin(), "job", {"has_job": "yes"}))

    def measure(response: Response) -> int:
        return sum_remaining_seconds(example, response, route(example, response.respondent, response.answers()), 1)

    before = measure(response)
    short = switch(response, "easy")
    short = store(short, submit(example, short, "job", {"has_job": "yes"}))
    assert measure(short) < before
    assert measure(switch(short, "en")) == before


@settings(max_examples=1000 if THOROUGH else 100, deadline=None)
@given(steps=STEPS)
def test_the_remaining_time_never_increases_on_any_route(example, steps):
    response, current, shown = begin(), "job", []
    for jump, form, wish, prompted, language in steps:
        path = route(example, response.respondent, response.answers())
        wanted = path.find(find_slug(example, current if jump == "stay" else jump))
        if wanted is None or not is_reachable(path, wanted, response):
            wanted = path.find(find_first_open(path, response) or "") or 0
        current = path.steps[wanted].page.code
        shown.append(sum_remaining_seconds(example, response, path, wanted))
        decision = submit(example, response, current, form, wish="keep" if language else wish, prompted=prompted)
        response = store(response, decision)
        if language:
            response = switch(response, language)
        if len({example.languages[code].groups for code in response.languages}) > 1:
            break  # the estimate follows a switch to a language of another length
        current = find_code(example, decision.slug) or "job"

    assert shown == sorted(shown, reverse=True)
    assert all(left >= 0 for left in shown)


@settings(max_examples=100, deadline=None)
@given(answers=st.fixed_dictionaries({}, optional={"job": HAS_JOB, "evening": PLANS}), position=st.integers(0, 9))
def test_the_remaining_time_counts_asked_and_undecided_pages(example, answers, position):
    respondent = begin().respondent
    path, steps = route(example, respondent, answers), list_possible_steps(example, respondent)
    here = min(position, len(path.steps))
    index = path.steps[here].index if here < len(path.steps) else len(steps)
    ahead = [step for step in steps[index:] if step in path.steps or step.decided_after >= index]

    assert sum_remaining_seconds(example, begin(), path, here) == round(sum(step.seconds for step in ahead))


def test_the_remaining_time_counts_the_pages_ahead(example):
    start = begin()
    path = route(example, start.respondent, {})
    later = store(start, submit(example, start, "job", {"has_job": "no"}))
    along = route(example, later.respondent, later.answers())
    everything = sum(page.seconds for _, page in example.placed_pages.values())

    assert sum_remaining_seconds(example, start, path, 0) == round(everything)
    assert sum_remaining_seconds(example, later, along, 1) == round(
        sum(page.seconds for _, page in example.placed_pages.values() if page.code not in ("job", "hours"))
    )


@pytest.mark.parametrize("seconds", [0.4, 61.5, 900.5, 1001.49])
def test_nothing_has_passed_on_the_first_page(example: Questionnaire, seconds: float) -> None:
    path = route(example, begin().respondent, {})._replace(seconds=seconds)
    assert [measure_progress(path, round(seconds)), measure_progress(path, 0)] == [0, 999 if seconds > 1 else 0]


def test_a_parsed_page_has_no_stored_answers(example):
    page = example.sections["main"].pages[1]
    faulty = read_page(page, MultiDict({"hours": "61"}))

    assert read_page(page, MultiDict({})) == Reading()
    assert faulty.errors.keys() == {"hours"}


def test_reading_a_page_gives_every_value_and_every_error(example):
    reading = read_page(example.sections["main"].pages[2], MultiDict({"plans": "other", "plans__namely": "x" * 201}))

    assert reading.values == {"plans": ["other"]}
    assert list(reading.errors) == ["plans__namely"]


def test_a_reloaded_page_never_overwrites_a_newer_text(example):
    """It was rendered before the previous writer's last save, and contradicts the stored answers."""
    before = begin(job={"has_job": "yes"}, hours={"hours": 20})
    stored = before.pages["hours"]._replace(writer="before", saves=2)
    response = before._replace(pages={**before.pages, "hours": stored})
    older = submit(
        example, response, "hours", {"hours": "2"}, wish="keep", writer="after", based_on=1, follows=frozenset({"before"})
    )
    silent = submit(example, response, "hours", {}, wish="keep", writer="after", based_on=1, follows=frozenset({"before"}))

    assert (older.outcome, older.save) == ("stale", None)
    assert (silent.outcome, silent.save.answers) == ("kept", {"hours": 20})


def test_what_a_reloaded_page_changed_is_newer_than_its_previous_save(example):
    before = begin(job={"has_job": "yes"}, hours={"hours": 20})
    stored = before.pages["hours"]._replace(writer="before", saves=2)
    response = before._replace(pages={**before.pages, "hours": stored})
    post = {"wish": "keep", "writer": "after", "based_on": 1, "follows": frozenset({"before"})}
    changed = submit(example, response, "hours", {"hours": "2"}, changed=frozenset({"hours"}), **post)
    emptied = submit(example, response, "hours", {}, changed=frozenset({"hours"}), **post)
    unchanged = submit(example, response, "hours", {"hours": "2"}, changed=frozenset(), **post)
    other = submit(
        example, response, "hours", {"hours": "2"}, changed=frozenset({"hours"}), **{**post, "follows": frozenset({"third"})}
    )

    assert changed.save.answers == {"hours": 2}
    assert emptied.save.answers == {}
    assert unchanged.save.answers == {"hours": 20}
    assert (other.outcome, other.save) == ("stale", None)


def test_a_stored_decision_changes_the_response_as_reading_it_would(example):
    """The response in memory has the language, the number of saves and the page that the store has."""
    response = begin(job={"has_job": "yes"})
    decision = submit(example, response, "job", {"has_job": "no"}, wish="keep")
    after = apply_decision(apply_decision(response, decision, "easy"), decision, "en")
    assert (after.respondent.language, after.languages, after.saves) == ("en", ("easy", "en"), 2)
    assert after.pages["job"] == StoredPage({"has_job": "no"}, 3, "tab", 1, True, after.pages["job"].seconds_left, "1")
