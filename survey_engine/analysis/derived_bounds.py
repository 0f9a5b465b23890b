"""Bounds of derived values, and weaker conditions: an independent number, the *stand-in*, replaces each derived value.

A stand-in may have any value within the bounds, whatever the values of the parts. So a condition that is never (or always)
true with stand-ins is never (or always) true with the derived values, and the search need not try the parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from survey_engine.model.conditions import And, Compare, Constant, Name, Not, Operand, Or, Tree, make_condition
from survey_engine.model.derived import TODAY, Derived, count_years
from survey_engine.model.questionnaire import Condition, Questionnaire, Variable

ANY_DATE = "2000-01-01"


def map_date_bounds(questionnaire: Questionnaire) -> dict[str, tuple[str, str]]:
    """Return the bounds (first day, last day) of date variables and of TODAY.

    TODAY is between the first and last day of fieldwork at any institution; if these are not set, in the year of the edition.
    """
    asked = [question for section in questionnaire.all_sections for question in section.iter_questions()]
    given = {question.code: (question.earliest or "", question.latest or "") for question in asked}
    bounds = {code: (first, last) for code, (first, last) in given.items() if "" < first <= last}
    year = questionnaire.edition or date.fromisoformat(ANY_DATE).year
    usual = (questionnaire.opens or date(year, 1, 1), questionnaire.closes or date(year, 12, 31))
    periods = [usual, *((each.opens or usual[0], each.closes or usual[1]) for each in questionnaire.institutions.values())]
    opens, closes = min(first for first, _ in periods), max(last for _, last in periods)
    return {**bounds, TODAY: (opens.isoformat(), max(opens, closes).isoformat())}


def find_bounds(
    derived: Derived, variables: Mapping[str, Variable], dates: Mapping[str, tuple[str, str]]
) -> tuple[int, int] | None:
    """Return the least and largest value of a derived value; None if a part has no bounds.

    >>> cups = {name: Variable(name, "number", low=0, high=9) for name in "ab"}
    >>> [find_bounds(Derived("d", kind, ("a", "b")), cups, {}) for kind in ("sum", "mean", "count", "years")]
    [(0, 18), (0, 9), (1, 2), None]
    """
    if derived.kind == "count":
        return 1, len(derived.parts)
    if derived.kind == "years":
        if not dates.keys() >= set(derived.parts):
            return None
        (first, last), (start, end) = (dates[name] for name in derived.parts)
        return count_years(last, start), count_years(first, end)
    ranges = [_list_numbers(variables[name]) if name in variables else [] for name in derived.parts]
    if not ranges or not all(ranges):
        return None
    if derived.kind == "mean":
        return min(map(min, ranges)), max(map(max, ranges))
    return bound_sum(ranges)


def bound_sum(parts: Iterable[Sequence[int]]) -> tuple[int, int]:
    """Return the least and largest sum. Each part contributes one of its values or none; at least one part contributes.

    >>> bound_sum([[1, 5], [2, 5]]), bound_sum([[-3, 4], [0, 2]]), bound_sum([])
    ((1, 10), (-3, 6), (0, 0))
    """
    listed = [(min(values), max(values)) for values in parts]
    lows, highs = [low for low, _ in listed], [high for _, high in listed]
    low, high = sum(min(low, 0) for low in lows), sum(max(high, 0) for high in highs)
    return low or min(lows, default=0), high or max(highs, default=0)


def _list_numbers(variable: Variable) -> list[int]:
    """Return the codes that are numbers; for a number, its two bounds."""
    if variable.options:
        return [code for code in variable.codes if isinstance(code, int)]
    return [] if variable.low is None or variable.high is None else [variable.low, variable.high]


def map_stand_ins(questionnaire: Questionnaire) -> dict[str, Variable]:
    """Return derived value → stand-in. The stand-in of a mean is twice the mean, a whole number even if the mean is 2.5."""
    dates, found = map_date_bounds(questionnaire), {}
    for code, derived in questionnaire.derived.items():
        bounds = find_bounds(derived, questionnaire.variables, dates)
        if bounds:
            factor = _find_factor(derived)
            found[code] = Variable(code, "number", low=bounds[0] * factor, high=bounds[1] * factor)
    return found


def _find_factor(operand: Operand) -> int:
    return 2 if isinstance(operand, Derived) and operand.kind == "mean" else 1


def weaken(condition: Condition, stand_ins: Mapping[str, Variable]) -> Condition:
    """Replace the derived values in a condition by their stand-ins."""
    tree = _weaken_tree(condition.tree, stand_ins)
    return condition if tree == condition.tree else make_condition(condition.source, tree, condition.place)


def _weaken_tree(tree: Tree, stand_ins: Mapping[str, Variable]) -> Tree:
    match tree:
        case Not(part):
            return Not(_weaken_tree(part, stand_ins))
        case And(parts):
            return And(tuple(_weaken_tree(part, stand_ins) for part in parts))
        case Or(parts):
            return Or(tuple(_weaken_tree(part, stand_ins) for part in parts))
        case Compare(operator, left, right):
            factor = max(_find_factor(left), _find_factor(right))
            return Compare(operator, *(_weaken_operand(side, factor, stand_ins) for side in (left, right)))
    return tree


def _weaken_operand(operand: Operand, factor: int, stand_ins: Mapping[str, Variable]) -> Operand:
    match operand:
        case Derived(code) if code in stand_ins:
            return Name(code)
        case Constant(tuple() as values):
            return Constant(tuple(value * factor for value in values))
        case Constant(value):
            return Constant(value * factor)
    return operand
