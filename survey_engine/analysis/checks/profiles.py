"""Background values that an institution declares (open link, demonstration students) are values of their variables."""

from __future__ import annotations

from collections.abc import Iterator

from survey_engine.model.messages import Problem, listing, meant
from survey_engine.model.questionnaire import Questionnaire, Values, Variable


def check_profiles(questionnaire: Questionnaire) -> Iterator[Problem]:
    for institution in questionnaire.institutions.values():
        profiles = {"open_link": institution.open_link}
        profiles |= {f"demo.{number}": profile for number, profile in enumerate(institution.demo)}
        for where, profile in profiles.items():
            for name, code, facts in find_faults(questionnaire, profile):
                yield Problem(code, institution.place_of(f"{where}.{name}"), facts)


def find_faults(questionnaire: Questionnaire, profile: Values) -> Iterator[tuple[str, str, dict[str, object]]]:
    """What is wrong with a set of background values: variable, message code and facts."""
    known = questionnaire.background
    for name, value in profile.items():
        variable = known.get(name)
        if variable is None:
            facts = {"meant": meant(name, known), "known": listing(known)}
            yield name, "unknown-name", {"kind": "background variable", "name": name, **facts}
        elif not can_have(variable, value):
            yield name, "bad-profile", {"value": value, "name": name, "known": list_domain(variable)}


def can_have(variable: Variable, value: object) -> bool:
    """Whether the value is in the variable's domain; text may be anything."""
    if variable.options:
        return value in variable.codes
    if variable.kind == "number":
        return isinstance(value, int) and (variable.low or 0) <= value <= (variable.high or 0)
    return True


def list_domain(variable: Variable) -> str:
    """The variable's values, for a message."""
    return listing(variable.codes) if variable.options else f"{variable.low} to {variable.high}"
