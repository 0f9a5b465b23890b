"""Posted pages: no stored answer is lost, and invalid values have input errors."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from survey_engine.engine.decisions import Decision
from survey_engine.engine.progress import find_first_open, is_reachable
from survey_engine.engine.routing import find_consulted_pages, route
from survey_engine.model.questionnaire import Questionnaire
from tests import THOROUGH
from tests.engine.test_decisions import HEAD, begin, find_code, find_slug, store, submit
from tests.writing import JOB_PAGES, write_sections

MAIN = (
    JOB_PAGES
    + """\
  - page: evening
    questions:
      - multiple: plans
        text: What do you do?
        options:
          sport: Sport
          work: {text: Work, when: has_job == 'yes'}
          other: {text: Other, namely: true}
          none: {text: Nothing, exclusive: true}
      - choice: place
        text: Where?
        options: {home: Home, shop: {text: Shop, when: has_job == 'yes'}, else: {text: Else, namely: true, when: hours >= 20}}
      - grid: mood
        text: How often?
        options: {1: Never, 2: Often}
        when: has_job == 'yes'
        items:
          mood_tired: {text: Tired, when: hours >= 20}
          mood_glad: Glad
  - page: story
    when: "'sport' in plans or place == 'home'"
    questions:
      - {date: since, text: Since when?}
      - {open: story, text: Tell us., max_length: 10}
      - {mark: week, text: A mark?}
"""
)
EXTRA = """\
section: extra
pages:
  - page: consent
    questions:
      - consent: agree
        text: May we?
        parts:
          use: {text: Use it, required: true}
          boss: {text: Ask your boss, required: true, when: has_job == 'yes'}
  - page: panel
    questions:
      - {panel: panel, text: Your address?, when: use == 'yes' and has_job == 'no'}
      - {open: more, text: Anything else?}
"""
BUSY = {"job": {"has_job": "yes"}, "hours": {"hours": 20}}
IDLE = {"job": {"has_job": "no"}}


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Questionnaire:
    return write_sections(
        tmp_path_factory.mktemp("posted"), MAIN, EXTRA, "institution: demo\nname: Demo", head=HEAD
    ).questionnaire


def save(example: Questionnaire, before: dict, page: str, form: object, **more: object) -> Decision:
    return submit(example, begin(**before), page, form, **{"wish": "keep", **more})


# an invalid field ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wish", ["keep", "back", "next"])
@pytest.mark.parametrize(
    ("page", "stored", "typed"),
    [
        ("story", {"story": "judo"}, {"story": "judo and more"}),
        ("story", {"since": "2026-01-09"}, {"since": "31-02"}),
        ("story", {"since": "2026-01-09"}, {"since": "31-02-2026"}),
        ("story", {"since": "2026-01-09"}, {"since": "9-"}),
        ("story", {"week": 7}, {"week": "11"}),
        ("evening", {"place": "home"}, {"place": "attic"}),
        ("evening", {"plans": ["sport"]}, {"plans": ["sport", "attic"]}),
        ("evening", {"mood_glad": 1}, {"mood_glad": "3"}),
        ("evening", {"plans": ["other"], "plans__namely": "chess"}, {"plans": "other", "plans__namely": "x" * 201}),
    ],
)
def test_an_invalid_field_keeps_its_stored_value_and_has_an_error(example, wish, page, stored, typed):
    before = {**BUSY, "evening": {"plans": ["sport"]}, page: stored}
    decision = save(example, before, page, MultiDict(typed), wish=wish)

    assert decision.save.answers == stored
    assert decision.outcome == ("kept" if wish == "keep" else "again") and len(decision.errors) == 1


def test_an_invalid_field_does_not_prevent_storing_the_others(example):
    decision = save(example, {**BUSY, "evening": {"plans": ["sport"]}}, "story", {"since": "31-02", "week": "8"})

    assert (decision.save.answers, list(decision.errors)) == ({"week": 8}, ["since"])


def test_routing_uses_the_stored_value_of_an_invalid_field(example):
    """The path, and the questions on it, follow the stored value."""
    before = {**BUSY, "evening": {}, "consent": {"use": "yes", "boss": "yes"}}
    decision = save(example, before, "hours", {"hours": "7x"})

    assert decision.path.known["hours"] == 20


@pytest.mark.parametrize("wish", ["keep", "back"])
def test_an_empty_field_is_stored_as_no_answer(example, wish):
    before = {**BUSY, "evening": {"plans": ["sport"]}, "story": {"story": "judo", "since": "2026-01-09", "week": 7}}
    decision = save(example, before, "story", {"story": " ", "since": ""}, wish=wish)

    assert (decision.save.answers, decision.errors) == ({}, {})


@pytest.mark.parametrize("wish", ["keep", "back"])
def test_a_refused_consent_is_an_answer_and_no_error(example, wish):
    decision = save(example, {**IDLE, "evening": {}, "consent": {"use": "yes"}}, "consent", {"use": "no"}, wish=wish)

    assert decision.save.answers["use"] == "no" and not decision.errors and decision.outcome != "again"


def test_input_errors_of_questions_not_asked_are_ignored(example):
    decision = save(example, IDLE, "evening", {"mood_glad": "3", "place__namely": "x" * 201})

    assert not decision.errors


# other text ---------------------------------------------------------------------------------------------------------


def test_an_other_text_without_its_option_is_an_error_once(example):
    before = {**IDLE, "evening": {"plans": ["other"], "plans__namely": "chess"}}
    form = {"plans": "sport", "place": "home", "plans__namely": "chess"}
    kept = save(example, before, "evening", form)
    first = save(example, before, "evening", form, wish="next")
    second = save(example, before, "evening", form, wish="next", warned=frozenset(first.errors))

    assert kept.save.answers == first.save.answers == {"plans": ["sport"], "place": "home", "plans__namely": "chess"}
    assert [decision.errors["plans__namely"].message for decision in (kept, first)] == ["unticked"] * 2
    assert (first.outcome, second.outcome) == ("again", "next")
    assert second.save.answers == {"plans": ["sport"], "place": "home"}


def test_a_background_save_repeats_optional_errors(example):
    form, warned = {"plans": "sport", "plans__namely": "chess"}, frozenset({"plans__namely"})
    kept, passed = (save(example, IDLE, "evening", form, warned=warned, wish=wish) for wish in ("keep", "next"))

    assert list(kept.errors) == ["plans__namely"] and not passed.errors


def test_a_text_beside_an_option_that_is_not_offered_is_kept(example):
    before = {**IDLE, "evening": {"place": "else", "place__namely": "attic"}}
    decision = save(example, before, "evening", {"plans": "sport", "place__namely": "attic"})

    assert decision.save.answers == {"plans": ["sport"], "place": "else", "place__namely": "attic"} and not decision.errors


# not asked, not offered, unknown ------------------------------------------------------------------------------------


def test_stored_answers_of_unknown_variables_are_kept(example):
    """Another version of the questionnaire may have stored the question, option or statement."""
    newer = {"plans": ["sport", "garden"], "place": "roof", "hobby": "chess", "hobby__namely": "x", "mood_calm": 2, "panel": "x"}
    decision = save(example, {**IDLE, "evening": newer}, "evening", {"plans": "none"})

    assert decision.save.answers == {**newer, "plans": ["none"]}
    assert save(example, {**IDLE, "evening": newer}, "evening", {"plans": "other"}).save.answers["plans"] == ["other", "garden"]


def test_options_that_are_no_longer_offered_are_kept(example):
    there = begin(**BUSY, evening={"plans": ["sport", "work"], "place": "shop", "mood_tired": 2})
    away = store(there, submit(example, there, "job", {"has_job": "no"}))
    saved = store(away, submit(example, away, "evening", {"plans": "other"}, prompted=True))
    back = store(saved, submit(example, saved, "job", {"has_job": "yes"}))

    assert saved.pages["evening"].answers == {"plans": ["work", "other"], "place": "shop", "mood_tired": 2}
    assert route(example, saved.respondent, saved.answers()).known["plans"] == ["other"]
    assert route(example, back.respondent, back.answers()).known["plans"] == ["work", "other"]


def test_an_exclusive_answer_replaces_options_no_longer_offered(example):
    decision = save(example, {**IDLE, "evening": {"plans": ["work"]}}, "evening", {"plans": "none"})

    assert decision.save.answers == {"plans": ["none"]}


def test_an_answer_that_is_no_longer_offered_is_missing(example):
    decision = save(example, {**IDLE, "evening": {"place": "shop"}}, "evening", {"plans": "sport"}, wish="next")

    assert (decision.outcome, decision.missing) == ("again", ["place"])


def test_an_option_closed_by_another_tab_is_an_input_error(example):
    form = MultiDict([("plans", "sport"), ("plans", "work"), ("place", "home")])
    first = save(example, {**IDLE, "evening": {"plans": ["sport"]}}, "evening", form)
    stored = save(example, {**IDLE, "evening": {"plans": ["work"]}}, "evening", form)

    assert first.errors["plans"].message == "option" and first.save.answers == {"plans": ["sport"], "place": "home"}
    assert first.path.known["plans"] == ["sport"], "what stays stored decides on the path"
    assert not stored.errors and stored.save.answers == {"plans": ["sport", "work"], "place": "home"}


# two conditions together --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "asked"),
    [
        (BUSY, {"mood_tired", "mood_glad"}),
        ({**BUSY, "hours": {"hours": 19}}, {"mood_glad"}),
        (IDLE, set()),
        ({**IDLE, "hours": {"hours": 20}}, set()),
    ],
    ids=["both", "question", "neither", "off the path"],
)
def test_a_statement_is_asked_with_its_question_and_by_its_condition(example, before, asked):
    form = {"plans": "sport", "place": "home"}
    missing = save(example, before, "evening", form, wish="next").missing
    stored = save(example, before, "evening", {**form, "mood_tired": "1", "mood_glad": "2"}).save.answers

    assert set(missing) == asked
    assert stored.keys() - {"plans", "place"} == asked


NESTED = """\
  - page: nested
    questions:
      - choice: kind
        text: What kind?
        when: has_job == 'yes'
        options: {shop: Shop, big: {text: Big, when: hours >= 20}}
  - page: after
    when: kind == 'big'
    questions: [{mark: week, text: A mark?}]
  - page: last
    questions: [{mark: last, text: A mark?}]
"""


@pytest.mark.parametrize(("job", "hours", "counts"), [("yes", 20, True), ("yes", 19, False), ("no", 20, False), ("no", 1, False)])
def test_an_option_counts_with_its_question_and_by_its_condition(tmp_path, job, hours, counts):
    example = write_sections(tmp_path, JOB_PAGES + NESTED, "institution: demo\nname: Demo").questionnaire
    answers = {"job": {"has_job": job}, "hours": {"hours": hours}, "nested": {"kind": "big"}}
    codes = route(example, begin().respondent, answers).codes

    assert ("after" in codes) is counts
    assert ("nested" in codes) is (job == "yes")


# consents and the panel ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "form", "held"),
    [
        (IDLE, {"use": "yes"}, []),
        (IDLE, {"use": "yes", "boss": "no"}, []),
        (IDLE, {"boss": "yes"}, ["use"]),
        (BUSY, {"use": "yes"}, ["boss"]),
        (BUSY, {"use": "yes", "boss": "no"}, ["boss"]),
        (BUSY, {"use": "yes", "boss": "yes"}, []),
    ],
)
def test_a_required_part_blocks_only_respondents_who_are_asked_it(example, before, form, held):
    decision = save(example, {**before, "evening": {}}, "consent", form, wish="next", prompted=True)

    assert list(decision.errors) == held and decision.outcome == ("again" if held else "next")


def test_a_newly_asked_required_part_must_be_answered_first(example):
    there = begin(**IDLE, evening={}, consent={"use": "yes"})
    working = store(there, submit(example, there, "job", {"has_job": "yes"}))
    working = store(working, submit(example, working, "hours", {"hours": "5"}))
    agreed = store(working, submit(example, working, "consent", {"use": "yes", "boss": "yes"}))

    assert submit(example, working, "panel").outcome == "elsewhere"
    assert find_code(example, find_first_open(route(example, there.respondent, working.answers()), working)) == "consent"
    assert submit(example, agreed, "panel").outcome == "complete"


@pytest.mark.parametrize(
    ("before", "use", "sent"),
    [(IDLE, "yes", ("panel", "a@b.example")), (BUSY, "yes", None)],
    ids=["asked", "not asked"],
)
def test_an_address_is_returned_only_if_it_is_asked(example, before, use, sent):
    there = {**before, "evening": {}, "consent": {"use": use, "boss": "yes"}}
    decision = save(example, there, "panel", {"panel": "a@b.example", "more": "x"}, wish="next")

    assert (decision.outcome, decision.address) == ("complete", sent)


# repeated saves -----------------------------------------------------------------------------------------------------


def test_a_repeated_save_keeps_the_lowest_remaining_time(example):
    start = begin()
    on = store(start, submit(example, start, "job", {"has_job": "no"}))
    again = store(on, submit(example, on, "job", {"has_job": "yes"}, wish="keep", number=2))

    assert again.pages["job"].seconds_left == again.overview().seconds_left == on.overview().seconds_left
    assert again.pages["job"].done, "one has gone on from it before"


@pytest.mark.parametrize(("number", "outcome"), [(3, "late"), (4, "kept"), (5, "kept")])
def test_a_save_with_an_equal_number_counts_as_the_newest(example, number, outcome):
    """A page that is posted twice with Next has the same number, whatever has changed between the posts."""
    newer = store(begin(), submit(example, begin(), "job", {"has_job": "yes"}, number=4))
    decision = submit(example, newer, "job", {"has_job": "no"}, number=number, wish="keep")

    assert decision.outcome == outcome
    assert store(newer, decision).pages["job"].answers == {"has_job": "yes" if outcome == "late" else "no"}


# any input ----------------------------------------------------------------------------------------------------------

VALID: dict[str, set[str]] = {
    "has_job": {"yes", "no"},
    "hours": {"5", "20"},
    "plans": {"sport", "work", "other", "none"},
    "place": {"home", "shop", "else"},
    "plans__namely": {"chess"},
    "place__namely": {"attic"},
    "mood_tired": {"1", "2"},
    "mood_glad": {"1", "2"},
    "since": {"9-1-2026"},
    "story": {"judo"},
    "week": {"7"},
    "use": {"yes", "no"},
    "boss": {"yes", "no"},
    "panel": {"a@b.example"},
    "more": {"thanks"},
}
"""Field → its valid inputs; all other inputs are invalid."""
INVALID = {"plans": "attic", "plans__namely": "x" * 201, "place__namely": "x" * 201, "since": "31-02", "story": "judo and more"}
PAGES = {
    "job": ["has_job"],
    "hours": ["hours"],
    "evening": ["plans", "plans__namely", "place", "place__namely", "mood_tired", "mood_glad"],
    "story": ["since", "story", "week"],
    "consent": ["use", "boss"],
    "panel": ["panel", "more"],
}
FORMS = st.fixed_dictionaries(
    {},
    optional={
        name: st.lists(
            st.sampled_from([*sorted(valid), *sorted(valid), "", INVALID.get(name, "7x")]),
            min_size=1,
            max_size=3 if name == "plans" else 1,
            unique=True,
        )
        for name, valid in VALID.items()
        if name != "more"
    },
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["stay", "stay", "stay", *PAGES]),
        FORMS,
        st.sampled_from(["next", "next", "next", "back", "keep"]),
        st.booleans(),
        st.sampled_from([None, None, None, None, "easy", "en"]),
    ),
    max_size=20,
)


def list_asked(known: dict) -> set[str]:
    """Return the visible fields, worked out by hand."""
    works, hours = known.get("has_job") == "yes", known.get("hours") or 0
    away = set() if works else {"mood_glad", "boss"}
    away |= set() if works and hours >= 20 else {"mood_tired"}
    away |= set() if hours >= 20 else {"place__namely"}
    away |= set() if known.get("use") == "yes" and known.get("has_job") == "no" else {"panel"}
    return VALID.keys() - away


def is_offered(code: str, known: dict) -> bool:
    works, hours = known.get("has_job") == "yes", known.get("hours") or 0
    return {"work": works, "shop": works, "else": hours >= 20}.get(code, True)


def iter_posts(example: Questionnaire, steps: list):
    """Yield every post that was decided on a page of the path: stored answers, form and decision."""
    response, current, warned = begin(), "job", frozenset()
    for number, (jump, form, wish, prompted, language) in enumerate(steps):
        path = route(example, response.respondent, response.answers())
        wanted = path.find(find_slug(example, current if jump == "stay" else jump))
        if wanted is None or not is_reachable(path, wanted, response):
            wanted = path.find(find_first_open(path, response) or "") or 0
        page = path.steps[wanted].page.code
        sent = MultiDict([(name, one) for name, values in form.items() for one in values])
        told = warned if page == current else frozenset()
        more = {"wish": "keep" if language else wish, "prompted": prompted, "warned": told, "writer": f"page{number}"}
        decision = submit(example, response, page, sent, **more)
        yield response, page, sent, decision, told
        warned = frozenset(decision.errors) if decision.outcome == "again" else frozenset()
        response = store(response, decision)
        if language:
            response = response._replace(respondent=replace(response.respondent, language=language))
        current = find_code(example, decision.slug) or "job"


def classify_field(name: str, sent: MultiDict, before: dict, known: dict) -> tuple[str, list[str]]:
    """Classify the input of one field: away (not asked), faulty, empty or valid."""
    values = [value for value in sent.getlist(name) if value]
    if name not in list_asked(known):
        return "away", values
    owner, beside, _ = name.partition("__")
    stored = before.get(name)
    own = stored if isinstance(stored, list) else [stored]
    faulty = any(value not in VALID[name] or not (is_offered(value, known) or value in own) for value in values)
    faulty |= "none" in values and len(set(values)) > 1  # an exclusive option beside another one
    if beside:
        verdict, chosen = classify_field(owner, sent, before, known)
        faulty = verdict == "faulty" or bool(values and (faulty or not {"other", "else"} & set(chosen)))
    return "faulty" if faulty else "valid" if values else "empty", values


def iter_fields(example: Questionnaire, steps: list):
    """Yield every field of every post: the decision, its stored answer and its class."""
    for response, page, sent, decision, told in iter_posts(example, steps):
        before = dict(response.pages[page].answers) if page in response.pages else {}
        known = route(example, response.respondent, response.answers()).known
        for name in PAGES[page]:
            verdict, values = classify_field(name, sent, before, known)
            closed = [code for code in as_list(before.get(name)) if not is_offered(code, known)]
            yield name, decision, told, before.get(name), verdict, values, closed


def as_list(value: object) -> list:
    return [] if value is None else value if isinstance(value, list) else [value]


@settings(max_examples=1000 if THOROUGH else 100, deadline=None)
@given(steps=STEPS)
def test_a_stored_answer_is_lost_only_if_emptied_or_replaced(example, steps):
    for name, decision, told, before, verdict, _, closed in iter_fields(example, steps):
        after = decision.save.answers.get(name)
        if verdict in ("away", "faulty"):
            left = name in told and "__" in name  # the text beside an option, after it was pointed out
            assert after == before or (left and after is None), name
        elif verdict == "empty":
            assert as_list(after) == closed, name
        assert name not in PAGES["consent"] or (after is None) == (f"{name}__version" not in decision.save.answers)


@settings(max_examples=1000 if THOROUGH else 100, deadline=None)
@given(steps=STEPS)
def test_valid_values_are_stored_and_invalid_ones_have_errors(example, steps):
    for name, decision, told, _, verdict, values, closed in iter_fields(example, steps):
        said = {name, name.partition("__")[0]} & decision.errors.keys()
        if verdict == "faulty":
            assert said or name in told, name
        elif name in decision.errors:
            assert decision.errors[name].message == "consent" and decision.outcome == "again"
        elif verdict == "valid" and name not in ("panel", "since"):
            assert set(map(str, as_list(decision.save.answers[name]))) in ({*values}, {*values, *closed}), name


@settings(max_examples=1000 if THOROUGH else 70, deadline=None)
@given(steps=STEPS)
def test_consulted_pages_give_the_same_decision_as_all_pages(example, steps):
    """For one post, the store reads the page itself and the consulted pages."""
    consulted = find_consulted_pages(example)
    for response, page, sent, decision, told in iter_posts(example, steps):
        some = {code: stored for code, stored in response.pages.items() if code in consulted or code == page}
        partial = response._replace(pages=some, summary=response.overview())
        again = submit(example, partial, page, sent, wish="keep", warned=told)
        whole = submit(example, response, page, sent, wish="keep", warned=told)

        assert (again.outcome, again.slug, again.save, again.errors) == (whole.outcome, whole.slug, whole.save, whole.errors)
        assert again.path.codes == decision.path.codes
