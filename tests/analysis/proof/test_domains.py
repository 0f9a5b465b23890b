"""Values that represent all others: a condition holds for some of them exactly if it holds for some value at all."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from survey_engine.analysis.proof.domains import find_distinctions
from survey_engine.language.condition_parser import parse_condition
from survey_engine.model.derived import Derived
from survey_engine.model.questionnaire import Place, Variable

VARIABLES = {
    "x": Variable("x", "number", low=0, high=25),
    "y": Variable("y", "number", low=3, high=20),
    "z": Variable("z", "number", low=10, high=30),
}


def write_comparison(chance: Random) -> str:
    left = chance.choice(list(VARIABLES))
    right = chance.choice([*(name for name in VARIABLES if name != left), str(chance.randint(0, 30))])
    return f"{left} {chance.choice(['<', '<=', '==', '!=', '>', '>='])} {right}"


@pytest.mark.parametrize("seed", range(40))
def test_compared_variables_keep_every_outcome_with_few_values(seed: int) -> None:
    chance = Random(seed)
    source = " and ".join(write_comparison(chance) for _ in range(chance.randint(2, 5)))
    condition = parse_condition(source, Place("a.yaml"))
    distinctions = find_distinctions([condition.tree], VARIABLES)
    few = [(None, *distinctions.list_values(variable)) for variable in VARIABLES.values()]
    every = [(None, *range(v.low or 0, (v.high or 0) + 1)) for v in VARIABLES.values()]
    found, expected = (
        any(condition.test(dict(zip(VARIABLES, values, strict=True))) for values in product(*domains)) for domains in (few, every)
    )
    assert found is expected, source


def test_wide_ranges_need_few_values() -> None:
    wide = {name: Variable(name, "number", low=0, high=100_000) for name in "ab"}
    distinctions = find_distinctions([parse_condition("a < b", Place("a.yaml")).tree], wide)
    assert len(distinctions.list_values(wide["a"])) < 10 and not distinctions.is_too_wide(wide["a"])


MONEY = {
    "rent": Variable("rent", "number", low=0, high=620),
    "food": Variable("food", "number", low=0, high=540),
    "free": Variable("free", "number", low=0, high=9),
}


@pytest.mark.parametrize(
    "sources",
    [
        ("spent >= 300",),
        ("spent >= 300 and rent < 100", "spent < 700", "food > 500"),
        ("spent in [10, 1100]", "rent <= 610", "free == 3"),
        ("mean_spent > 200", "mean_spent == 400", "food == 500"),
    ],
)
def test_sums_of_wide_ranges_keep_every_outcome_with_few_values(sources: tuple[str, ...]) -> None:
    derived = {code: Derived(code, kind, ("rent", "food")) for code, kind in (("spent", "sum"), ("mean_spent", "mean"))}
    conditions = [parse_condition(source, Place("a.yaml"), derived=derived) for source in sources]
    distinctions = find_distinctions([condition.tree for condition in conditions], MONEY)
    few = [(None, *distinctions.list_values(MONEY[name])) for name in ("rent", "food")]
    every = [(None, *range(MONEY[name].low or 0, (MONEY[name].high or 0) + 1)) for name in ("rent", "food")]

    def find_outcomes(values: list[tuple[int | None, ...]]) -> set[tuple[bool, ...]]:
        return {
            tuple(condition.test({"rent": rent, "food": food, "free": 3}) for condition in conditions)
            for rent, food in product(*values)
        }

    assert not any(map(distinctions.is_too_wide, MONEY.values())) and len(few[0]) * len(few[1]) < 20_000
    assert find_outcomes(few) == find_outcomes(every)
