"""Turns covering respondents into walks: adds valid answers to the solver's, and writes one file per walk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from survey_engine.analysis.proof.covering import CoveringVisit
from survey_engine.analysis.proof.replay import ReplayedPath
from survey_engine.authoring.walks import Walk, WalkedPage, write_walk
from survey_engine.engine.routing import list_question_variables
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.language.question_types.consent import VERSION_SUFFIX
from survey_engine.model.questionnaire import NAMELY, Code, Question, Questionnaire, ResponseOption, Value, Values, Variable

EXAMPLE = "Example"
"""The answer to every open question."""


def write_walks(questionnaire: Questionnaire, visits: Sequence[CoveringVisit], folder: Path) -> None:
    """Write the covering respondents of a questionnaire, one file each."""
    for number, visit in enumerate(visits, 1):
        walk = complete_walk(questionnaire, visit, number)
        who = f"Respondent {number} of {len(visits)} who together visit everything in {questionnaire.code}."
        heading = f"{who}\nMade by: survey-engine prove … --covering"
        write_walk(walk, folder / f"{number:02}-{walk.institution}-{walk.language}.yaml", heading)


def complete_walk(questionnaire: Questionnaire, visit: CoveringVisit, number: int) -> Walk:
    """Add answers that no condition uses to a covering respondent; `number` varies these answers."""
    respondent, seen = visit.found.witness.respondent, visit.found.seen
    pages = {page.step.page.code: page.step.page for page in visit.session.world.pages}
    path = []
    for code in seen.pages:
        questions = [question for question in pages[code].questions if ("question", code, question.code) in seen.keys]
        answers: dict[str, Any] = {}
        for question in questions:
            answers.update(_answer_question(code, question, visit, number + len(answers)))
        shown = [name for question in questions for name in _list_shown(code, question, seen)]
        path.append(WalkedPage(code, tuple(shown), answers))
    return Walk(
        questionnaire.code,
        respondent.institution,
        respondent.language,
        respondent.background,
        respondent.modules,
        round(seen.minutes, 1),
        tuple(path),
        respondent.arms,
    )


def _list_shown(page: str, question: Question, seen: ReplayedPath) -> list[str]:
    """Return the codes of the asked items; the question's own code if it has no items."""
    if not question.items:
        return [question.code]
    return [item.code for item in question.items if ("item", page, question.code, item.code) in seen.keys]


def _answer_question(page: str, question: Question, visit: CoveringVisit, turn: int) -> dict[str, Any]:
    """Answer a question. Variables in conditions get the solver's answer, which may be empty; others get any valid answer."""
    fixed: Values = visit.found.witness.answers.get(page, {})
    keys = visit.found.seen.keys
    offered = {option.code: option for option in question.options if ("option", page, question.code, option.code) in keys}
    answers: dict[str, Any] = {}
    for variable in QUESTION_TYPES[question.type].variables(question):
        code = variable.code
        if (page, code) in visit.session.world.asked:
            value = fixed.get(code)
        elif ("item", page, question.code, code) in keys:
            value = choose_answer(question, variable, list(offered.values()), turn + len(answers))
        else:
            value = _answer_companion(question, code, answers, offered)
        if value is not None:
            answers[code] = value
    return answers


def _answer_companion(question: Question, code: str, answers: Values, offered: Mapping[Code, ResponseOption]) -> Value | None:
    """Return the answer to a variable that belongs to another: an other text, or the version of a consent."""
    if code.endswith(VERSION_SUFFIX) and code.removesuffix(VERSION_SUFFIX) in answers:
        return question.version
    if code.endswith(NAMELY):
        given = [answers[name] for name in list_question_variables(question) if name in answers]
        chosen = [code for value in given for code in (value if isinstance(value, list) else [value])]
        return EXAMPLE if any(option.namely for code, option in offered.items() if code in chosen) else None
    return None


def choose_answer(question: Question, variable: Variable, offered: list[ResponseOption], turn: int) -> Value | None:
    """Choose a valid answer, which varies with `turn`. None if no option is offered."""
    if variable.options:
        if not offered:
            return None
        picked = offered[turn % len(offered)]
        if variable.kind != "codes":
            return picked.code
        others = [option.code for option in (*offered[turn % len(offered) + 1 :], *offered) if not option.exclusive]
        wanted = min(max(2, variable.at_least), variable.at_most or len(offered))
        both = list(dict.fromkeys([picked.code, *others]))[: 1 if picked.exclusive else wanted]
        return [option.code for option in offered if option.code in both]  # type: ignore[misc]
    if variable.kind == "number":
        low, high = variable.low or 0, variable.high or 0
        return low + turn % (high - low + 1)
    if variable.kind == "date":
        return question.earliest if turn % 2 else question.latest
    return f"{EXAMPLE} {turn}"[: question.max_length]
