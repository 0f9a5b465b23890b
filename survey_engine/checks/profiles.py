"""Background values that an institution declares (open link, demonstration students) are values of their variables."""

from __future__ import annotations

from collections.abc import Iterator

from survey_engine.model import Questionnaire, Values
from survey_engine.problems import Problem, listing, meant


def check_profiles(questionnaire: Questionnaire) -> Iterator[Problem]:
    for institution in questionnaire.institutions.values():
        for profile in (institution.open_link, *institution.demo):
            for code, facts in find_faults(questionnaire, profile):
                yield Problem(code, institution.place, facts)


def find_faults(questionnaire: Questionnaire, profile: Values) -> Iterator[tuple[str, dict[str, object]]]:
    """What is wrong with a set of background values: message code and facts."""
    known = questionnaire.background
    for name, value in profile.items():
        variable = known.get(name)
        if variable is None:
            facts: dict[str, object] = {"kind": "background variable", "name": name, "meant": meant(name, known)}
            yield "unknown-name", {**facts, "known": listing(known)}
        elif variable.options and value not in variable.codes:
            yield "bad-profile", {"value": value, "name": name, "known": listing(variable.codes)}
        elif variable.kind == "number" and not variable.options:
            low, high = variable.low or 0, variable.high or 0
            if not (isinstance(value, int) and low <= value <= high):
                yield "bad-profile", {"value": value, "name": name, "known": f"{low} to {high}"}
