"""Solver against engine: every respondent of small random questionnaires is routed through the engine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, product
from math import prod
from pathlib import Path
from random import Random
from textwrap import indent
from typing import Any

import pytest

from survey_engine.analysis.proof.replay import ReplayedPath, replay
from survey_engine.analysis.proof.session import Session, iter_item_weights, iter_minute_weights
from survey_engine.analysis.proof.verdicts import Proof
from survey_engine.analysis.proof.witness import Witness
from survey_engine.analysis.proof.world import iter_step_conditions, list_steps
from survey_engine.engine.assignment import assign, split_names
from survey_engine.engine.routing import Respondent, list_question_variables
from survey_engine.language.question_types.consent import VERSION_SUFFIX
from survey_engine.model.questionnaire import Institution, Questionnaire, Values, Variable
from survey_engine.model.variables import find_owner
from survey_engine.publication.compiler import inspect_questionnaire
from tests import THOROUGH
from tests.writing import write, write_files

MOST_RESPONDENTS = 4000
QUICK = {False: (0, 2, 5, 6), True: (0,)}
"""Seeds whose questionnaires are proved within some seconds, without and with hidden options; others take up to two minutes."""
HEAD = """\
questionnaire: example
edition: 2026
title: Example
source_language: en
languages: {en: {name: English}, nl: {name: Nederlands, groups: GROUPS}}
background:
  path: {text: Path, options: {bol: School, bbl: Work}}
  level: {text: Level, from: 1, to: 2}
experiments: [{experiment: layout, arms: {fold: 2, list: 1}}]
derived: {DERIVED}
order:
  - {group: base, sections: [base]}
  - {group: main, sections: [main]}
  - {group: modules, modules: {council: 1, institution: 1, random: RANDOM}}
  - {group: more, modules: {from: {art: 3, sport: 1}, random: 1}}
  - {group: blocks, blocks: {limit: 9}}
  - {group: own, own_questions: true}
  - {group: closing, sections: [closing]}
"""
DERIVED = {
    "total": "sum: [base, rated]",
    "average": "mean: [base, rated]",
    "given": "count: [base, rated]",
    "age": "years: [born, today]",
}
"""Derived value → its definition. A questionnaire has one of them."""
BASE = """\
section: base
pages:
  - page: base
    questions:
      - {number: base, text: T, from: 0, to: 2}
      - {grid: ratings, text: T, options: {1: A, 4: B}, does_not_apply: N, dont_know: D, items: {rated: {text: I, when: "path == 'bol'"}}}
"""
BORN = """\
section: base
pages:
  - page: base
    questions:
      - {date: born, text: T, from: 2006-06-01, to: 2008-06-01, when: "path == 'bol'"}
"""
BIRTHDAYS = ("2006-06-01", "2007-01-01", "2007-06-01", "2007-12-31", "2008-01-01", "2008-06-01")
STARTS = ("2026-01-01", "2026-07-01", "2026-12-31")
GROUPS = ["[base, main, modules, blocks]", "[base, main, more, closing]", "[main, closing]", "[base, main, own, closing]"]


@dataclass
class Author:
    """Writes a random questionnaire; tracks the variables that conditions may use."""

    chance: Random
    names: list[str] = field(
        default_factory=lambda: ["path", "level", "language", "institution", "assigned", "experiment.layout"]
    )
    here: list[str] = field(default_factory=list)
    """The variables of earlier questions of the page, for follow-ups."""
    written: int = 0
    hides: bool = False
    """Whether all options of a question may be hidden at once, except those outside the scale."""

    def condition(self, depth: int = 2) -> str:
        kind = self.chance.choice(["atom", "atom", "and", "or", "not"]) if depth else "atom"
        if kind == "not":
            return f"not ({self.condition(depth - 1)})"
        if kind != "atom":
            return f"({self.condition(depth - 1)}) {kind} ({self.condition(depth - 1)})"
        return self.chance.choice(list(self.atoms()))

    def atoms(self) -> Iterator[str]:
        for name in self.names:
            kind = name.rstrip("0123456789")
            yield from {
                "path": ["path == 'bol'", "path != 'bbl'", "path in ['bol', 'bbl']", "answered(path)"],
                "level": ["level >= 2", "level < 2", "level == 1", "not answered(level)"],
                "language": ["language == 'nl'"],
                "institution": ["institution != 'north'"],
                "assigned": ["'food' in assigned", "count(assigned) >= 2", "count(assigned) < 1"],
                "experiment.layout": [f"{name} == 'fold'", f"{name} != 'fold'", f"{name} in ['list']"],
                "total": [f"{name} >= 3", f"{name} == 0", f"{name} < 2", f"{name} != 5"],
                "average": [f"{name} >= 1", f"{name} == 1", f"{name} in [0, 2]", f"{name} < 3 and {name} > 2"],
                "given": [f"{name} >= 2", f"1 == {name}", f"{name} not in [1]"],
                "age": [f"{name} >= 18", f"{name} < 19", f"{name} == 19", f"{name} != 18"],
                "yes": [f"{name} == 'yes'", f"answered({name})", f"{name} != 'no'"],
                "some": [
                    *(f"'a' in {name}", f"count({name}) >= 2", f"count({name}) < 2", f"count({name}) == 0"),
                    *(f"'b' not in {name}", f"'a' in {name} and 'c' in {name}", f"'dk' in {name}"),
                ],
                "number": [
                    f"{name} <= 1",
                    f"{name} > level",
                    f"{name} in [0, 1]",
                    f"{name} > 2 and {name} < 4",
                    f"{name} not in [0, 4]",
                ],
                "scale": [f"{name} < 2", f"{name} == 'na'", f"{name} == 'dk'", f"answered({name})"],
                "mark": [f"{name} >= 1", f"{name} != 'dk'", f"{name} == 0", f"answered({name}__comment)"],
                "agreed": [f"{name} == 'yes'", f"{name}__version == 1"],
                "other": [f"answered({name}__namely)", f"{name} == 'else'"],
            }[kind]

    def when(self) -> str:
        return f', when: "{self.condition()}"' if self.chance.random() < 0.5 else ""

    def follow(self) -> str:
        """Write the condition of a question or statement, which may use the page's own answers."""
        before = self.names
        self.names = [*before, *self.here * 3]
        try:
            return self.when()
        finally:
            self.names = before

    def question(self) -> tuple[str, list[str]]:
        """Write one question in flow style; return it and the variables that later pages may use."""
        self.written += 1
        number = self.written
        kind = self.chance.choice(["yes", "some", "number", "scale", "agreed", "other", "club", "told", "mark"])
        code = f"{kind}{number}"
        own = self.follow()
        if self.hides and kind in ("some", "other"):
            return self.hiding(kind, code, own), [code]
        if kind == "yes":
            return f"{{yes_no: {code}, text: T{own}}}", [code]
        if kind == "some":
            options = f"{{a: A, b: {{text: B{self.when()}}}, c: {{text: C, exclusive: true}}}}"
            bounds = self.chance.choice(["", "", ", at_least: 2", ", at_most: 1"])
            return f"{{multiple: {code}, text: T, options: {options}, dont_know: D{bounds}{own}}}", [code]
        if kind == "number":
            return f"{{number: {code}, text: T, from: 0, to: 4{own}}}", [code]
        if kind == "scale":
            items = f"{{{code}: {{text: I{self.follow()}}}, extra{number}: {{text: I{self.follow()}}}}}"
            return (
                f"{{grid: grid{number}, text: T, options: {{1: A, 2: B}}, does_not_apply: N, dont_know: D, items: {items}{own}}}",
                [code],
            )
        if kind == "mark":
            return f"{{mark: {code}, text: T, from: 0, to: 2, from_label: A, to_label: B, dont_know: D, comment: true{own}}}", [
                code
            ]
        if kind == "agreed":
            required = self.chance.random() < 0.5
            part = f"{{{code}: {{text: P, required: {str(required).lower()}{self.follow()}}}}}"
            return f"{{consent: consent{number}, text: T, parts: {part}{own}}}", [code]
        if kind == "other":
            options = f"{{one: {{text: One{self.when()}}}, else: {{text: Else, namely: true{self.when()}}}}}"
            return f"{{choice: {code}, text: T, options: {options}{own}}}", [code]
        if kind == "club":
            return f"{{grid: {code}, text: T, options: {{1: A, 2: B}}, items_from: clubs{own}}}", []
        return f"{{information: told{number}, text: T{own}}}", []

    def hiding(self, kind: str, code: str, own: str) -> str:
        """Write a question whose options all have a condition, with one outside the scale."""
        offered = [f'when: "{self.condition(1)}"' for _ in "ab"]
        if kind == "some":
            options = (
                f"{{a: {{text: A, {offered[0]}}}, b: {{text: B, {offered[1]}}}, c: {{text: C, exclusive: true, {offered[1]}}}}}"
            )
            return f"{{multiple: {code}, text: T, options: {options}, dont_know: D{own}}}"
        options = f"{{one: {{text: One, {offered[0]}}}, else: {{text: Else, namely: true, {offered[1]}}}}}"
        return f"{{choice: {code}, text: T, options: {options}, does_not_apply: N{own}}}"

    def pages(self, most: int) -> str:
        lines = []
        for _ in range(self.chance.randint(1, most)):
            when = self.when().removeprefix(", ")
            questions = []
            for _ in range(self.chance.randint(1, 2)):
                questions.append(self.question())
                self.here += questions[-1][1]
            self.names, self.here = [*self.names, *self.here], []
            self.written += 1
            lines.append(f"  - page: page{self.written}")
            lines += [f"    {when}"] if when else []
            lines.append("    questions:")
            lines += [f"      - {text}" for text, _ in questions]
        return "\n".join(lines)

    def section(self, heading: str, most: int) -> str:
        when = self.when().removeprefix(", ")
        return f"{heading}\n" + (f"{when}\n" if when else "") + f"pages:\n{self.pages(most)}\n"

    def write(self) -> dict[str, str]:
        """Write all files; conditions of modules and blocks do not use each other."""
        derived = self.chance.choice(list(DERIVED))
        self.names += [derived] * 3
        files = {"base.yaml": BORN if derived == "age" else BASE}
        files |= {"main.yaml": self.section("section: main", 2)}
        before, after = list(self.names), list(self.names)
        for module in ("food", "music", "sleep"):
            self.names = list(before)
            files[f"{module}.yaml"] = self.section(f"module: {module}", 1)
            after += self.names[len(before) :]
        for module in ("art", "sport"):
            self.names = list(after)
            files[f"{module}.yaml"] = self.section(f"module: {module}", 1)
        self.names = before
        blocks = f"blocks: [{{theme: sleep{self.when()}}}, {{theme: sleep{self.when()}}}]"
        self.names = after
        south = [
            "institution: south",
            "name: South",
            "lists: {clubs: {chess: Chess}}",
            "modules: {council: [food], institution: [music]}",
        ]
        south += [blocks] if self.chance.random() < 0.5 else []
        others = self.written
        if self.chance.random() < 0.5:
            south.append(f"own_questions:\n  pages:\n{indent(self.pages(1), '  ')}")
        files["south.yaml"] = "\n".join(south) + "\n"
        files["west.yaml"] = rename(files["south.yaml"], others)
        files["north.yaml"] = "institution: north\nname: North\n"
        files["closing.yaml"] = self.section("section: closing", 1)
        head = HEAD.replace("RANDOM", self.chance.choice("01")).replace("GROUPS", self.chance.choice(GROUPS))
        files["questionnaire.yaml"] = head.replace("DERIVED", f"{derived}: {{{DERIVED[derived]}}}")
        return files


def rename(south: str, others: int) -> str:
    """Write the institution again as `west`, with other names for its list entry and for its own questions, after the others."""
    own = re.sub(r"([a-z])(\d+)", lambda found: found[0] + "_w" if int(found[2]) > others else found[0], south)
    return own.replace("south\nname: South", "west\nname: West").replace("chess: Chess", "go: Go")


def write_questionnaire(seed: int, folder: Path, *, hides: bool = False) -> Questionnaire:
    """Write a random questionnaire, small enough to enumerate its respondents; the checks of larger ones would take a minute."""
    for attempt in count():
        files = Author(Random(1000 * seed + attempt), hides=hides).write()
        write_files(folder / str(attempt), files)
        questionnaire = inspect_questionnaire(folder / str(attempt) / "q" / "x", checks=()).questionnaire
        assert questionnaire
        if all(count_respondents(session) <= MOST_RESPONDENTS for session in Proof(questionnaire).sessions):
            break
    compilation = write(folder / "checked", files).compilation
    misread = [each for each in compilation.errors if each.code.startswith(("condition", "unknown", "forward", "wrong"))]
    assert not misread, "\n".join(map(str, misread))
    assert compilation.questionnaire
    return compilation.questionnaire


def count_respondents(session: Session) -> int:
    """Return an upper bound of the number of respondents."""
    world = session.world
    sizes = [len(single.cases) + 1 for single in world.background.values()]
    sizes += [6 if asked.variable.kind == "codes" else len(asked.cases) + 1 for asked in world.asked.values()]
    return prod(sizes) * prod(len(draw.drawn) or 1 for draw in world.draws) * 2 * (len(STARTS) if world.start_days else 1)


def list_respondents(questionnaire: Questionnaire, institution: Institution, language: str) -> Iterator[Witness]:
    """Yield every respondent that routing distinguishes, with every combination of relevant answers."""
    steps = list_steps(questionnaire, institution, language)
    names = {name for step in steps for condition in iter_step_conditions(step) for name in condition.names}
    names |= {name for module in questionnaire.modules.values() if module.when for name in module.when.names}
    names |= {find_owner(name) for name in names}
    names |= {name for derived in questionnaire.derived.values() for name in derived.names}
    days = STARTS if "age" in questionnaire.derived else ("",)
    background = {code: list_values(variable) for code, variable in questionnaire.background.items() if code in names}
    asked = {
        (step.page.code, name): list_values(questionnaire.variables[name])
        for step in steps
        for question in step.page.questions
        for name in list_question_variables(question)
        if not name.endswith(VERSION_SUFFIX)
        and (name in names or any(item.required and item.code == name for item in question.items))
    }
    for today, *brought in product(days, *background.values()):
        known = {code: value for code, value in zip(background, brought, strict=True) if value is not None}
        for started, modules, arms in list_draws(questionnaire, institution, known):
            for given in product(*asked.values()):
                answers: dict[str, dict[str, Any]] = {}
                for (page, name), value in zip(asked, given, strict=True):
                    if value is not None:
                        answers.setdefault(page, {})[name] = value
                        if name.startswith("agreed"):
                            answers[page][name + VERSION_SUFFIX] = 1
                yield Witness(Respondent(institution.code, language, known, modules, arms, today), answers, started)


def list_values(variable: Variable) -> list[Any]:
    if variable.kind == "codes":
        few = [["a"], ["b"]] if variable.at_least < 2 else []
        return [None, *few, ["c"], ["dk"], *([["a", "b"]] if variable.at_most != 1 else [])]
    if variable.options:
        return [None, *variable.codes]
    if variable.kind == "date":
        return [None, *BIRTHDAYS]
    return [None, *range(variable.low or 0, (variable.high or 0) + 1)] if variable.kind == "number" else [None, "text"]


def list_draws(
    questionnaire: Questionnaire, institution: Institution, background: Values
) -> Iterator[tuple[str, tuple[str, ...], dict[str, str]]]:
    """Yield every possible set of modules and arms, with one language of the start that gives it."""
    found: dict[tuple[str, ...], str] = {}
    for started in institution.languages:
        for arm in questionnaire.experiments["layout"].arms:
            known = Respondent(institution.code, started, background, arms={"layout": arm}).known()
            for drawn in product(("food", "music", "sleep"), ("art", "sport")):
                drawn_often = {other: 1 for other in questionnaire.modules if other not in drawn}
                assigned = assign(questionnaire, institution, known, drawn_often, seed="")
                found.setdefault(tuple(each.name for each in assigned), started)
    yield from ((started, *split_names(names)) for names, started in found.items())


def is_allowed(witness: Witness, seen: ReplayedPath) -> bool:
    """Whether all required consents are given."""
    given = {name: value for answers in witness.answers.values() for name, value in answers.items()}
    return all(given.get(code) == "yes" for code in seen.required)


def walk_all(session: Session) -> list[ReplayedPath]:
    world = session.world
    walked = (
        (w, replay(world.questionnaire, w)) for w in list_respondents(world.questionnaire, world.institution, world.language)
    )
    return [seen for witness, seen in walked if is_allowed(witness, seen)]


@pytest.mark.parametrize(
    ("seed", "hides"), [(seed, hides) for hides in (False, True) for seed in (range(20) if THOROUGH else QUICK[hides])]
)
def test_solver_and_engine_agree_on_every_respondent(seed: int, hides: bool, tmp_path: Path) -> None:
    """South and west often have equal conditions, so that they share the solver's searches."""
    for session in Proof(write_questionnaire(seed, tmp_path, hides=hides)).sessions:
        everybody = walk_all(session)
        seen_by_anybody = frozenset().union(*(seen.keys for seen in everybody))
        assert {key for key, formula in session.exposures.items() if session.find(formula)} == seen_by_anybody
        pages = session.world.pages
        for weigh, measure in (
            (iter_minute_weights, lambda seen: seen.milliseconds),
            (iter_item_weights, lambda seen: seen.items),
        ):
            for largest, extreme in ((True, max), (False, min)):
                found = session.find_extreme(weigh(pages), largest=largest)
                assert (found is None) == (not everybody)
                assert found is None or measure(found.seen) == extreme(map(measure, everybody))
