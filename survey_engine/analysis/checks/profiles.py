"""Background values in an institution's file (open link, demo students): each must be a value of its variable."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from survey_engine.analysis.offered_sections import iter_offered_sections
from survey_engine.analysis.tried_values import iter_subtrees
from survey_engine.model.conditions import Answered
from survey_engine.model.messages import Problem, join_names, suggest_name
from survey_engine.model.questionnaire import Questionnaire, Values
from survey_engine.model.variables import can_have, format_domain


def check_profiles(questionnaire: Questionnaire) -> Iterator[Problem]:
    for institution in questionnaire.institutions.values():
        profiles = {"open_link": institution.open_link}
        profiles |= {f"demo.{number}": profile for number, profile in enumerate(institution.demo)}
        for where, profile in profiles.items():
            for name, code, facts in check_background(questionnaire, profile):
                yield Problem(code, institution.place_of(f"{where}.{name}"), facts)


def check_demo_students(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report two successive demo students that look like one: each has variables that the other lacks and most others have."""
    listed = [profile for institution in questionnaire.institutions.values() for profile in institution.demo]
    usual = {name for name in questionnaire.background if sum(name in profile for profile in listed) * 2 > len(listed)}
    for institution in questionnaire.institutions.values():
        for number, (one, other) in enumerate(pairwise(institution.demo)):
            lacking = [usual - profile.keys() for profile in (one, other)]
            if one.keys().isdisjoint(other) and all(lacking) and not (lacking[0] & lacking[1]):
                facts = {"first": number + 1, "second": number + 2, "institution": institution.code}
                place = institution.place_of(f"demo.{number + 1}.{next(iter(other), '')}")
                yield Problem("demo-halves", place, {**facts, "names": join_names(lacking[1])})


def check_open_links(questionnaire: Questionnaire) -> Iterator[Problem]:
    """Report open links with some background, but not all that conditions of their institution use; `answered(…)` allows for that."""
    for institution in questionnaire.institutions.values():
        if institution.open_link:
            conditions = [
                each for _, section in iter_offered_sections(questionnaire, institution) for each in section.iter_conditions()
            ]
            subtrees = (part for condition in conditions for part in iter_subtrees(condition.tree))
            allowed = {part.code for part in subtrees if isinstance(part, Answered)}
            used = frozenset().union(*(condition.names for condition in conditions)) & questionnaire.background.keys()
            if missing := used - institution.open_link.keys() - allowed:
                facts = {"institution": institution.code, "names": join_names(missing)}
                yield Problem("open-link-background", institution.place_of("open_link"), facts)


def check_background(questionnaire: Questionnaire, profile: Values) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Check a set of background values; yield (variable, message code, facts) for each error."""
    known = questionnaire.background
    for name, value in profile.items():
        variable = known.get(name)
        if variable is None:
            facts = {"meant": suggest_name(name, known), "known": join_names(known)}
            yield name, "unknown-name", {"kind": "background variable", "name": name, **facts}
        elif not can_have(variable, value):
            yield name, "bad-profile", {"value": value, "name": name, "known": format_domain(variable)}
