"""Core sections that a language variant shows but nobody can reach, because they need answers from groups that it omits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from survey_engine.analysis.offered_sections import iter_offered_sections
from survey_engine.analysis.reachability import (
    AskedQuestion,
    find_reachability,
    join_guard,
    limit_variables,
    make_reachability,
)
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.conditions import Compare, Constant, Name, make_condition
from survey_engine.model.messages import Problem, join_names
from survey_engine.model.questionnaire import Condition, Place, Questionnaire


def check_left_out_groups(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report whole sections only: a single page may follow up on questions that a variant omits."""
    limited = [language for language in questionnaire.languages.values() if language.groups is not None]
    if not limited:
        return
    reach, shown = find_reachability(questionnaire), _map_variants(questionnaire)
    pairs = [(each, _limit(each, shown.get(each.section.code, set()))) for each in reach.asked_questions]
    variants = make_reachability(questionnaire, limit_variables(questionnaire), tuple(each for _, each in pairs))
    known = _map_variables(reach.asked_questions, shown)
    for section in (section for group in questionnaire.order for section in group.sections):
        inside = [(free.guard, here.guard) for free, here in pairs if free.section is section]
        names = {name for guard, _ in inside for condition in guard for name in condition.names}
        for language in limited:
            left_out = sorted(name for name in names & known.keys() if language.code not in known[name])
            if not left_out or "language" in names or language.code not in shown.get(section.code, ()):
                continue
            spoken = _compare("==", language.code, section.place)
            closed = all(variants.is_closed([spoken, *guard]) for _, guard in inside)
            if closed and not all(reach.is_closed(guard) for guard, _ in inside):
                facts = {"section": section.code, "language": language.code, "names": join_names(f"'{x}'" for x in left_out)}
                yield Problem("answers-left-out", section.place, facts)


def _map_variants(questionnaire: Questionnaire) -> dict[str, set[str]]:
    """Return section → the language variants that show it at any institution."""
    shown: dict[str, set[str]] = {}
    for institution in questionnaire.institutions.values():
        for group, section in iter_offered_sections(questionnaire, institution):
            here = {code for code in institution.languages if questionnaire.languages[code].shows(group)}
            shown.setdefault(section.code, set()).update(here if section.languages is None else here & section.languages)
    return shown


def _map_variables(asked: Iterable[AskedQuestion], shown: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return variable → the language variants that ask its question."""
    known: dict[str, set[str]] = {}
    for each in asked:
        for variable in QUESTION_TYPES[each.question.type].variables(each.question):
            known.setdefault(variable.code, set()).update(shown.get(each.section.code, ()))
    return known


def _limit(asked: AskedQuestion, languages: set[str]) -> AskedQuestion:
    condition = _compare("in", tuple(sorted(languages)), asked.section.place)
    return replace(asked, guard=join_guard(asked.guard, condition))


def _compare(operator: str, value: str | tuple[str, ...], place: Place) -> Condition:
    return make_condition("", Compare(operator, Name("language"), Constant(value)), place)
