"""Problems: every message can be formatted, and has place, error and remedy."""

from __future__ import annotations

import string
import time

import pytest

from survey_engine.model.messages import MESSAGES, BrokenQuestionnaireError, Problem, join_names, suggest_name
from survey_engine.model.questionnaire import Place

HERE = Place("a.yaml", 3, 5)


def list_fields(text: str) -> set[str]:
    return {name.split(":")[0] for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", MESSAGES)
def test_every_message_has_an_error_and_a_remedy(code: str) -> None:
    message = MESSAGES[code]
    facts = dict.fromkeys(list_fields(message.wrong) | list_fields(message.remedy), "X")
    said = str(Problem(code, HERE, facts))
    assert said.startswith("a.yaml:3: ") and said.endswith(f" [{code}]")
    assert message.severity in ("error", "warning", "hint")
    assert "{" not in said.replace("{X}", "").replace("{institution}", "").replace("{minutes}", "") or "…" in said
    assert not message.wrong.endswith("."), "the full stop is added"


def test_a_problem_is_place_error_remedy_and_code() -> None:
    problem = Problem("bad-colour", HERE, {"colour": "blue"})
    assert str(problem) == "a.yaml:3: 'blue' is not a colour. Write it as \"#1d4f91\". [bad-colour]"
    assert problem.severity == "error"


def test_a_broken_questionnaire_has_its_problems_in_file_order() -> None:
    later, earlier = Problem("empty-pool", Place("b.yaml", 1)), Problem("bad-colour", Place("a.yaml", 9), {"colour": "blue"})
    error = BrokenQuestionnaireError([later, earlier])
    assert error.problems == (earlier, later)
    assert str(error).splitlines() == [str(earlier), str(later)]


def test_only_a_similar_name_is_suggested() -> None:
    assert suggest_name("internshp", ["internship", "lessons"]) == " (did you mean 'internship'?)"
    assert suggest_name("zebra", ["internship", "lessons"]) == ""
    assert suggest_name("BOL", ["bol", "bbl"]) == " (did you mean 'bol'?)"
    assert suggest_name("3", ["1", "2"]) == ""


def test_a_listing_is_sorted_and_shortened() -> None:
    assert join_names(["c", "a", "b"]) == "a, b, c"
    assert join_names(range(20), 3) == "0, 1, 10 … (20 in all)"
    assert join_names([]) == "none"


def test_suggesting_among_many_names_is_fast() -> None:
    """The catalogue of another questionnaire has hundreds of entries unknown to this one."""
    known = [f"mark_{number}" for number in range(500)]
    start = time.process_time()
    for number in range(300):
        suggest_name(f"nobody_{number}", known)
    assert time.process_time() - start < 1
