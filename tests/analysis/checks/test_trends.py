"""Changes between editions that break trends."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from survey_engine.analysis.checks.trends import check_trends
from survey_engine.language.question_types import QUESTION_TYPES
from survey_engine.model.messages import group_families
from survey_engine.model.questionnaire import Questionnaire
from tests.writing import HEAD, ask, change_head, write_questions, write_sections

DRAFT = HEAD.replace("{en: {name: English}}", "{en: {name: English}, nl: {name: Nederlands, draft: true}}")
FROZEN = "- mark: school\n  text: What mark for your school?\n  frozen_until: {}\n"


def make(tmp_path: Path, questions: str, *more: str, edition: int = 2026) -> Questionnaire:
    return write_sections(tmp_path, ask(questions), *more, head=f"{HEAD}edition: {edition}\n").questionnaire


def compare(tmp_path: Path, old: str, new: str, *more: str) -> list[str]:
    before, now = make(tmp_path / "old", old, edition=2025), make(tmp_path / "new", new, *more)
    return [problem.code for problem in check_trends(now, before)]


@pytest.mark.parametrize(
    ("until", "new", "codes"),
    [
        (2026, FROZEN.format(2026), []),
        (2026, FROZEN.format(2026).replace("What mark", "Which mark"), ["frozen-changed"]),
        (2025, FROZEN.format(2026).replace("What mark", "Which mark"), []),
        (2026, "- mark: week\n  text: Week?\n", ["frozen-gone"]),
        (2025, "- mark: week\n  text: Week?\n", []),
    ],
)
def test_a_frozen_item_may_not_change_before_its_year(tmp_path: Path, until: int, new: str, codes: list[str]) -> None:
    assert compare(tmp_path, FROZEN.format(until), new) == codes


def test_a_frozen_item_may_rest_in_the_bank(tmp_path: Path) -> None:
    bank = "bank: rest\nquestions:\n  " + FROZEN.format(2026).replace("\n", "\n  ")

    assert compare(tmp_path, FROZEN.format(2026), "- mark: week\n  text: Week?\n", bank) == []


def test_a_frozen_item_may_not_get_other_labels(tmp_path: Path) -> None:
    choice = "- choice: size\n  text: Size?\n  options: {small: Up to 15, large: More}\n  frozen_until: 2026\n"
    before, now = make(tmp_path / "old", choice), make(tmp_path / "new", choice.replace("Up to 15", "Up to 16"))

    (problem,) = check_trends(now, before)
    assert problem.facts["changes"] == "label of small in en"


def test_a_draft_translation_of_a_frozen_item_may_change(tmp_path: Path) -> None:
    text = FROZEN.format(2026).replace("What mark for your school?", "{{en: School?, nl: {}}}")
    editions = [
        write_questions(tmp_path / name, text.format(name), f"{DRAFT}edition: 2026\n").questionnaire
        for name in ("School", "Skol")
    ]

    assert list(check_trends(*editions)) == []


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("- mark: a\n  text: The canteen?", "- open: a\n  text: The canteen?", ["code-retyped"]),
        ("- mark: a\n  text: The canteen?", "- mark: a\n  text: Your journey by train?", ["code-reused"]),
        ("- mark: a\n  text: The canteen?", "- mark: a\n  text: The canteens?", []),
        (
            "- choice: a\n  text: A?\n  options: {x: By train, y: B}",
            "- choice: a\n  text: A?\n  options: {x: On foot, y: B}",
            ["option-reused"],
        ),
        (
            "- choice: a\n  text: A?\n  options: {x: By train, y: B}",
            "- choice: a\n  text: A?\n  options: {x: By trains, z: C}",
            [],
        ),
        (
            "- choice: a\n  text: A?\n  options: {x: Very bad, y: Very good}",
            "- choice: a\n  text: A?\n  options: {x: Very good, y: Very bad}",
            ["option-reused"],
        ),
        ("- number: a\n  text: A?\n  to: 60", "- choice: a\n  text: A?\n  scale: agree", ["code-retyped"]),
        ("- number: a\n  text: A?\n  from: 1\n  to: 3", "- choice: a\n  text: A?\n  scale: agree", []),
    ],
)
def test_a_code_keeps_its_meaning(tmp_path: Path, old: str, new: str, codes: list[str]) -> None:
    assert compare(tmp_path, old, new) == codes


TYPES = {
    "choice": "- choice: {}\n  text: A?\n  options: {{yes: Y, no: N}}",
    "choice of points": "- choice: {}\n  text: A?\n  scale: agree",
    "multiple": "- multiple: {}\n  text: A?\n  options: {{yes: Y, no: N}}",
    "grid": "- grid: all\n  text: A?\n  options: {{yes: Y, no: N}}\n  items: {{{}: A?}}",
    "grid of points": "- grid: all\n  text: A?\n  scale: agree\n  items: {{{}: A?}}",
    "grid of marks": "- grid: all\n  text: A?\n  from: 1\n  to: 10\n  items: {{{}: A?}}",
    "mark": "- mark: {}\n  text: A?",
    "number": "- number: {}\n  text: A?\n  to: 60",
    "number of points": "- number: {}\n  text: A?\n  from: 1\n  to: 3",
    "open": "- open: {}\n  text: A?",
    "yes_no": "- yes_no: {}\n  text: A?",
    "date": "- date: {}\n  text: A?",
    "consent": "- consent: all\n  text: A?\n  version: 1\n  parts: {{{}: A?}}",
}
COMPARABLE = {
    frozenset(pair)
    for pair in (
        *(("choice", "grid"), ("choice of points", "grid of points"), ("mark", "grid of marks")),
        *(("mark", "number"), ("mark", "number of points"), ("number", "number of points")),
        *(("number of points", "choice of points"), ("number of points", "grid of points")),
        *((points, "grid of marks") for points in ("choice of points", "grid of points")),
    )
}
"""Types whose answers under one code stay comparable."""


def test_the_types_compared_are_all_that_have_answers() -> None:
    asking = {name for name, each in QUESTION_TYPES.items() if each.asks and name != "panel"}
    assert {name.split(" of ")[0] for name in TYPES} == asking


@pytest.mark.parametrize(("old", "new"), list(permutations(TYPES, 2)), ids=lambda name: name.replace(" ", "_"))
def test_a_code_with_another_type_is_an_error(tmp_path: Path, old: str, new: str) -> None:
    codes = compare(tmp_path, TYPES[old].format("a"), TYPES[new].format("a"))
    assert ("code-retyped" in codes) == ({old, new} not in COMPARABLE)


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("1: Never, 4: Always", "1: Never, 5: Always", ["option-recoded"]),
        ("1: Never, 2: Often, 3: Always", "1: Never, 2: Often, 3: Very often, 4: Always", ["option-reused", "option-recoded"]),
        ("1: Never, 4: Always", "1: Never, 5: At all times", []),
        ("1: Never, 4: Always", "1: Never, 3: Often, 4: Always", []),
        ("1: Never, 2: Always, 9: Does not apply", "1: Never, 2: Always", []),
    ],
)
def test_a_label_keeps_its_code(tmp_path: Path, old: str, new: str, codes: list[str]) -> None:
    choice = "- choice: a\n  text: A?\n  does_not_apply: Does not apply\n  options: {{{}}}"
    assert compare(tmp_path, choice.format(old), choice.format(new)) == codes


def test_a_label_outside_the_scale_keeps_its_code(tmp_path: Path) -> None:
    choice = "- {{choice: a, text: A?, options: {{1: Never, 2: Always}}, {}: Unsure}}"
    assert compare(tmp_path, choice.format("does_not_apply"), choice.format("dont_know")) == ["option-recoded"]


@pytest.mark.parametrize(
    ("arms", "codes"),
    [(("long", "short"), ["definition-changed"]), (("short", "long"), []), (("short", "short"), []), (("long", "middle"), [])],
    ids=["exchanged", "equal", "one", "another"],
)
def test_arms_do_not_exchange_their_items(tmp_path: Path, arms: tuple[str, str], codes: list[str]) -> None:
    head = change_head({"experiments": "[{experiment: words, arms: {short: 1, long: 1, middle: 1}}]"})
    week = "- {{mark: week, text: Your week?, when: experiment.words == '{}'}}\n"
    year = "- {{mark: year, text: And the year behind you?, when: experiment.words == '{}'}}\n"
    editions = [
        write_questions(tmp_path / "_".join(pair), week.format(pair[0]) + year.format(pair[1]), head).questionnaire
        for pair in (arms, ("short", "long"))
    ]
    assert [problem.code for problem in check_trends(*editions)] == codes


def test_a_question_may_become_a_row_of_a_grid_with_the_same_scale(tmp_path: Path) -> None:
    old = "- choice: fun\n  text: School is fun\n  scale: agree\n"
    new = "- grid: views\n  text: Views?\n  scale: agree\n  items: {fun: School is fun}\n"

    assert compare(tmp_path, old, new) == []


VIEWS = (
    "- grid: views\n  text: Views?\n  scale: agree\n"
    "  items: {fun: {text: School is fun, reverse: true}, calm: School is calm, near: It is near}\n"
)
CONSENT = "- consent: use\n  text: May we use your answers?\n  version: {}\n  parts: {}\n"


def freeze(question: str) -> str:
    return question + "  frozen_until: 2028\n"


def test_reverse_that_is_dropped_is_reported(tmp_path: Path) -> None:
    assert compare(tmp_path / "a", VIEWS, VIEWS.replace(", reverse: true", "")) == ["reverse-changed"]
    assert compare(tmp_path / "b", VIEWS, VIEWS) == []


def test_the_order_of_statements_in_a_frozen_grid_may_not_change(tmp_path: Path) -> None:
    turned = VIEWS.replace("calm: School is calm, near: It is near", "near: It is near, calm: School is calm")
    assert compare(tmp_path / "free", VIEWS, turned) == []
    more = VIEWS.replace("near: It is near", "near: It is near, far: It is far")
    assert compare(tmp_path / "more", freeze(VIEWS), freeze(more)) == []
    assert set(compare(tmp_path / "frozen", freeze(VIEWS), freeze(turned))) == {"frozen-changed"}


def test_one_change_of_several_frozen_items_is_one_message(tmp_path: Path) -> None:
    old, now = make(tmp_path / "old", freeze(VIEWS)), make(tmp_path / "new", freeze(VIEWS.replace("Views?", "Opinions?")))
    problems = [*check_trends(now, old)]
    assert [problem.code for problem in problems] == ["frozen-changed"] * 3
    (message,) = group_families(problems)
    assert len(message.others) == 2, message


@pytest.mark.parametrize(
    ("labels", "codes"),
    [("bol: Work, bbl: School", ["option-reused"]), ("bol: At school, bbl: Work", []), ("bbl: Work, bol: School", [])],
)
def test_exchanged_labels_of_background_are_reported(tmp_path: Path, labels: str, codes: list[str]) -> None:
    before = make(tmp_path / "old", VIEWS)
    now = write_sections(tmp_path / "new", ask(VIEWS), head=HEAD.replace("bol: School, bbl: Work", labels)).questionnaire
    assert [problem.code for problem in check_trends(now, before)] == codes


@pytest.mark.parametrize(
    ("labels", "codes"),
    [
        ("bol: School, work: Work", ["definition-changed"]),
        ("bol: School, work: Elsewhere", []),
        ("bol: School, bbl: Work, none: Neither", []),
        ("bol: School", []),
    ],
)
def test_a_background_option_keeps_its_code(tmp_path: Path, labels: str, codes: list[str]) -> None:
    before = make(tmp_path / "old", VIEWS)
    now = write_sections(tmp_path / "new", ask(VIEWS), head=HEAD.replace("bol: School, bbl: Work", labels)).questionnaire
    assert [problem.code for problem in check_trends(now, before)] == codes


TASKS = "- multiple: tasks\n  text: What do you do?\n  options: {{cook: Cook, wash: Wash, none: {}}}\n"


def test_an_option_goes_on_excluding_the_others(tmp_path: Path) -> None:
    texts = [TASKS.format(option) for option in ("{text: None, exclusive: true}", "None")]
    assert compare(tmp_path / "off", *texts) == ["definition-changed"]
    assert compare(tmp_path / "on", *texts[::-1]) == ["definition-changed"]


@pytest.mark.parametrize(("version", "codes"), [(1, ["definition-changed"]), (2, [])])
def test_a_part_of_a_consent_stays_required_in_its_version(tmp_path: Path, version: int, codes: list[str]) -> None:
    old = CONSENT.format(1, "{share: {text: Share them, required: true}}")
    assert compare(tmp_path, old, CONSENT.format(version, "{share: Share them}")) == codes


def test_another_wording_of_a_term_in_use_is_reported(tmp_path: Path) -> None:
    question = "- mark: week\n  text: How was your week at {place}?\n"
    before, now, unused = (
        write_sections(tmp_path / name, ask(asked), head=f"{HEAD}terms: {{place: {place}}}\n").questionnaire
        for name, asked, place in (
            ("a", question, "school"),
            ("b", question, "work"),
            ("c", question.replace("{place}", "home"), "work"),
        )
    )
    assert [problem.code for problem in check_trends(now, before)] == ["term-changed"]
    assert "term-changed" not in [problem.code for problem in check_trends(unused, before)]


@pytest.mark.parametrize(
    ("version", "text", "codes"),
    [(1, "Share them", []), (1, "Share and sell them", ["consent-version"]), (2, "Share and sell them", [])],
)
def test_a_consent_with_another_text_has_another_version(tmp_path: Path, version: int, text: str, codes: list[str]) -> None:
    assert compare(tmp_path, CONSENT.format(1, "{share: Share them}"), CONSENT.format(version, f"{{share: {text}}}")) == codes


def test_a_consent_with_a_new_part_has_another_version(tmp_path: Path) -> None:
    old, new = (CONSENT.format(1, parts) for parts in ("{share: Share them}", "{share: Share them, sell: Sell them}"))

    assert compare(tmp_path, old, new) == ["consent-version"]


@pytest.mark.parametrize(
    ("more", "change"),
    [
        ("  help: Think of the whole week.\n", "help in en"),
        ("  items: {chairs: The chairs, light: The light}\n", "statement chairs before it"),
    ],
)
def test_the_context_of_a_frozen_item_may_not_change(tmp_path: Path, more: str, change: str) -> None:
    grid = "- grid: room\n  text: Do you agree?\n  scale: agree\n  frozen_until: 2026\n"
    statements = "  items: {light: The light}\n"
    before = make(tmp_path / "old", grid + statements, edition=2025)
    now = make(tmp_path / "new", grid + more + ("" if "items" in more else statements))
    (problem,) = check_trends(now, before)

    assert (problem.code, problem.facts["changes"]) == ("frozen-changed", change)


def test_bounds_of_a_frozen_number_may_not_change(tmp_path: Path) -> None:
    number = "- number: books\n  text: How many books?\n  to: 30\n  frozen_until: 2026\n"

    assert compare(tmp_path, number, number.replace("30", "20")) == ["frozen-changed"]


@pytest.mark.parametrize(("until", "codes"), [("", ["frozen-shortened"]), ("2026", ["frozen-shortened"]), ("2028", [])])
def test_frozen_until_may_not_be_shortened(tmp_path: Path, until: str, codes: list[str]) -> None:
    new = FROZEN.format(until) if until else FROZEN.replace("  frozen_until: {}\n", "")

    assert compare(tmp_path, FROZEN.format(2027), new) == codes


WEEK = "- mark: week\n  text: How was your week?\n"
BACKGROUND = "{%s: {text: %s, open: true}}"


@pytest.mark.parametrize(
    ("code", "text", "codes"),
    [
        ("town", "Town", []),
        ("town", "Home town", []),
        ("city", "Town", ["background-renamed"]),
        ("city", "Height", []),
        ("town", "Age in years", ["code-reused"]),
    ],
)
def test_a_background_variable_keeps_its_code_and_its_meaning(tmp_path: Path, code: str, text: str, codes: list[str]) -> None:
    before, now = (
        write_questions(tmp_path / name, WEEK, change_head({"background": background})).questionnaire
        for name, background in (("old", BACKGROUND % ("town", "Town")), ("new", BACKGROUND % (code, text)))
    )
    assert [problem.code for problem in check_trends(now, before)] == codes


def test_a_term_of_one_institution_keeps_its_wording(tmp_path: Path) -> None:
    week = "- mark: week\n  text: How was your week at the {desk}?"
    own = "institution: north\nname: North\nterms: {desk: %s}\n"
    before, now = (
        write_sections(tmp_path / each, ask(week), own % each, head=HEAD + "terms: {desk: desk}\n").questionnaire
        for each in ("counter", "bar")
    )
    (problem,) = check_trends(now, before)

    assert (problem.code, problem.place.file) == ("term-changed", "x/2.yaml")


def test_a_term_keeps_its_wording_in_every_language(tmp_path: Path) -> None:
    week = "- mark: week\n  text: {en: 'How was your week at the {desk}?', nl: 'Hoe was je week aan de {desk}?'}"
    head = HEAD.replace("{en: {name: English}}", "{en: {name: English}, nl: {name: Nederlands}}")
    before, now = (
        write_questions(tmp_path / each, week, f"{head}terms: {{desk: {{en: desk, nl: {each}}}}}\n").questionnaire
        for each in ("balie", "bar")
    )

    assert [problem.code for problem in check_trends(now, before)] == ["term-changed"]


def test_a_frozen_item_keeps_its_audience(tmp_path: Path) -> None:
    frozen = "- mark: week\n  text: How was your week?\n  frozen_until: 2027"
    north = "institution: north\nname: N"
    old = make(tmp_path / "old", frozen, north, edition=2025)
    assert [problem.code for problem in check_trends(make(tmp_path / "same", frozen, north), old)] == []
    narrow = make(tmp_path / "narrow", f"{frozen}\n  when: level >= 2", north)
    assert [problem.code for problem in check_trends(narrow, old)] == ["frozen-audience"]


@pytest.mark.parametrize(("when", "codes"), [("films < books", ["frozen-condition"]), ("films > books", [])])
def test_a_frozen_item_keeps_conditions_of_too_many_cases(tmp_path: Path, when: str, codes: list[str]) -> None:
    numbers = "- {number: films, text: Films?, to: 90}\n- {number: books, text: Books?, to: 90}\n"
    week = "- {mark: week, text: How was your week?, frozen_until: 2027, when: %s}"
    north = "institution: north\nname: N"
    before = make(tmp_path / "old", numbers + week % "films > books", north, edition=2025)
    assert [problem.code for problem in check_trends(make(tmp_path / "new", numbers + week % when, north), before)] == codes


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("hall: The hall, tower: The tall", "hall: The tall, tower: The hall", ["code-reused"] * 2),
        ("hall: The hall, tower: The tall", "hall: The tall, yard: The yard", ["code-reused"]),
        ("hall: The hall, tower: The tall", "hall: The halls, tower: The tall", []),
        ("hall: The hall, tower: The tall", "tower: The tall, hall: The hall", []),
    ],
)
def test_a_code_does_not_get_the_text_of_another(tmp_path: Path, old: str, new: str, codes: list[str]) -> None:
    grid = "- grid: places\n  text: Places?\n  scale: agree\n  items: {{{}}}"
    assert compare(tmp_path, grid.format(old), grid.format(new)) == codes


HALLS = "{hall: {en: The hall, nl: De hal}, tower: {en: The tall, nl: De toren}}"


@pytest.mark.parametrize(
    ("places", "codes"),
    [
        (HALLS.replace("hal}", "toren}").replace("toren}}", "hal}}"), 2),
        (HALLS.replace("De hal", "De toren").replace("De toren}}", "De trap}}"), 1),
        (HALLS.replace("De hal", "De grote zaal"), 0),
    ],
    ids=["both", "one", "other words"],
)
@pytest.mark.parametrize("kind", ["items", "options"])
def test_translations_of_two_codes_are_not_exchanged(tmp_path: Path, kind: str, places: str, codes: int) -> None:
    grid = "- {grid: places, text: {en: Places?, nl: Plekken?}, scale: agree, items: %s}"
    choice = "- {choice: places, text: {en: Places?, nl: Plekken?}, options: %s}"
    question = grid if kind == "items" else choice
    editions = [
        write_questions(tmp_path / name, question % text, DRAFT.replace(", draft: true", "")).questionnaire
        for name, text in (("new", places), ("old", HALLS))
    ]
    found = [problem.code for problem in check_trends(*editions)]
    assert found == (["code-reused"] * codes if kind == "items" else ["option-reused"] * bool(codes))


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("to: 60\n  unit: minutes", "to: 60\n  unit: hours", ["definition-changed"]),
        ("to: 60\n  unit: euros", "to: 60\n  unit: cents", ["definition-changed"]),
        ("to: 60\n  unit: €", "to: 60\n  unit: euros", []),
        ("to: 60\n  unit: kilometer", "to: 60\n  unit: hectometer", ["definition-changed"]),
        ("to: 60\n  unit: euro per week", "to: 60\n  unit: euro per month", ["definition-changed"]),
        ("from: 0\n  to: 90", "from: 100\n  to: 9000", ["definition-changed"]),
        ("to: 60", "to: 60\n  unit: hours", []),
        ("from: 1\n  to: 5", "from: 0\n  to: 4", ["definition-changed"]),
        ("from: 1\n  to: 5", "from: 0\n  to: 6", []),
        ("from: 1990\n  to: 2010", "from: 1991\n  to: 2011", []),
    ],
)
def test_a_number_keeps_its_unit_and_range(tmp_path: Path, old: str, new: str, codes: list[str]) -> None:
    assert compare(tmp_path, f"- number: a\n  text: How long?\n  {old}", f"- number: a\n  text: How long?\n  {new}") == codes


def test_a_frozen_number_keeps_its_unit(tmp_path: Path) -> None:
    frozen = freeze("- number: a\n  text: How long?\n  to: 60\n  unit: minutes\n")
    assert compare(tmp_path, frozen, frozen.replace("minutes", "hours")) == ["frozen-changed"]


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("mean: [calm, near]", "mean: [calm, fun]", ["definition-changed"]),
        ("mean: [calm, near]", "sum: [calm, near]", ["definition-changed"]),
        ("mean: [calm, near]", "mean: [near, calm]", []),
    ],
)
def test_a_derived_value_keeps_its_computation(tmp_path: Path, old: str, new: str, codes: list[str]) -> None:
    views = VIEWS.replace(", reverse: true", "")
    editions = [
        write_sections(tmp_path / name, ask(views), head=f"{HEAD}derived: {{view: {{{derived}}}}}\n").questionnaire
        for name, derived in (("new", new), ("old", old))
    ]
    assert [problem.code for problem in check_trends(*editions)] == codes


@pytest.mark.parametrize(("low", "high", "codes"), [(0, 3, ["definition-changed"]), (1, 5, []), (1, 4, [])])
def test_a_range_of_background_does_not_move(tmp_path: Path, low: int, high: int, codes: list[str]) -> None:
    heads = [HEAD.replace("from: 1, to: 4", f"from: {bounds[0]}, to: {bounds[1]}") for bounds in ((low, high), (1, 4))]
    editions = [write_sections(tmp_path / str(n), ask(VIEWS), head=head).questionnaire for n, head in enumerate(heads)]
    assert [problem.code for problem in check_trends(*editions)] == codes


@pytest.mark.parametrize(
    ("north", "south", "codes"),
    [("South", "North", ["definition-changed"] * 2), ("Northern", "South", []), ("North", "South", [])],
)
def test_institutions_do_not_exchange_names(tmp_path: Path, north: str, south: str, codes: list[str]) -> None:
    editions = [
        make(
            tmp_path / str(n),
            VIEWS,
            *(f"institution: {code}\nname: {name}" for code, name in zip(("north", "south"), names, strict=True)),
        )
        for n, names in enumerate(((north, south), ("North", "South")))
    ]
    assert [problem.code for problem in check_trends(*editions)] == codes


def test_a_consent_keeps_its_text_in_every_language(tmp_path: Path) -> None:
    old = CONSENT.format(1, "{share: {en: Share them, nl: Delen}}").replace(
        "May we use your answers?", "{en: May we?, nl: Mag het?}"
    )
    editions = [
        write_questions(tmp_path / name, asked, DRAFT).questionnaire
        for name, asked in (("new", old.replace("Delen", "Verkopen")), ("old", old))
    ]
    (problem,) = check_trends(*editions)
    assert (problem.code, problem.facts["languages"]) == ("consent-version", "nl")


def test_a_frozen_item_of_an_unplaced_section_is_to_be_placed(tmp_path: Path) -> None:
    editions = [
        write_sections(
            tmp_path / str(year),
            ask("- mark: week\n  text: Week?"),
            ask(FROZEN.format(2027)).replace("main", "more").replace("first", "second"),
            head=HEAD.replace("[main]", sections) + f"edition: {year}\n",
        ).questionnaire
        for year, sections in ((2026, "[main, more]"), (2027, "[main]"))
    ]
    (problem,) = check_trends(editions[1], editions[0])
    assert (problem.code, problem.facts["advice"]) == ("frozen-gone", "Add section 'more' to `order`")


def test_a_reversed_scale_is_one_message_with_all_its_places(tmp_path: Path) -> None:
    asked = VIEWS + "- choice: home\n  text: Home is fun\n  scale: agree"
    before = make(tmp_path / "old", asked)
    turned = HEAD.replace("1: Disagree, 2: Neutral, 3: Agree", "1: Agree, 2: Neutral, 3: Disagree")
    now = write_sections(tmp_path / "new", ask(asked), head=turned).questionnaire
    (problem,) = check_trends(now, before)
    assert problem.code == "option-reused" and problem.facts["option"] == "1, 3" and len(problem.others) == 1


def test_options_of_two_questions_are_two_messages(tmp_path: Path) -> None:
    asked = "- choice: a\n  text: A?\n  options: {x: By train, y: B}\n- choice: b\n  text: B?\n  options: {x: By train, y: B}"
    assert compare(tmp_path, asked, asked.replace("By train", "On foot")) == ["option-reused"] * 2


def test_other_bounds_of_a_mark_are_named(tmp_path: Path) -> None:
    mark = "- mark: week\n  text: Week?\n"
    own = "  dont_know: No idea\n"
    before = make(tmp_path / "old", mark + own + "  from: 0\n  to: 10\n")
    (retyped,) = check_trends(make(tmp_path / "plain", mark), before)
    (changed,) = check_trends(make(tmp_path / "own", mark + own), before)

    assert (retyped.facts["old"], retyped.facts["new"]) == ("mark (from 0 to 10)", "mark (from 1 to 10)")
    assert (changed.code, changed.facts["was"], changed.facts["now"]) == ("definition-changed", "from 0 to 10", "from 1 to 10")


def test_an_option_of_an_institution_is_reported_in_its_file(tmp_path: Path) -> None:
    question = ask("- choice: club\n  text: Club?\n  options_from: clubs\n")
    south = "institution: south\nname: South\nlists: {clubs: {a: Chess, b: Rowing}}\n"
    before, now = (
        write_sections(tmp_path / f"{number}", question, south, north)
        for number, north in enumerate(
            [
                "institution: north\nname: North\nlists: {clubs: {a: Football, b: Judo}}\n",
                "institution: north\nname: North\nlists: {clubs: {a: «Theatre, b: Judo}}\n",
            ]
        )
    )
    (problem,) = check_trends(now.questionnaire, before.questionnaire)

    assert (problem.code, problem.place) == ("option-reused", now.marks[0])
