"""Expected minutes per language variant: certain, dependent on answers, and drawn at random."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.duration import Minutes, estimate_minutes
from tests.writing import HEAD, write, write_sections

MODULES = [
    f"module: m{n}\npages: [{{page: m{n}, questions: [{{mark: m{n}_mark, text: M?, seconds: {n * 60}}}]}}]" for n in (1, 2, 3)
]


def estimate(tmp_path: Path, *texts: str, head: str = HEAD) -> dict[str, tuple[float, float, float]]:
    found = estimate_minutes(write_sections(tmp_path, *texts, head=head).questionnaire)
    return {language: (round(m.shortest, 2), round(m.typical, 2), round(m.longest, 2)) for language, m in found.items()}


def ask(*questions: str) -> str:
    pages = "".join(f"\n  - {{page: p{n}, questions: [{question}]}}" for n, question in enumerate(questions))
    return f"section: main\npages:{pages}\n"


def test_background_decides_and_an_answer_counts_for_half(tmp_path: Path) -> None:
    section = """
    section: main
    pages:
      - page: one
        questions: [{yes_no: job, text: Job?, seconds: 60}]
      - page: two
        when: path == 'bbl'
        questions: [{mark: work, text: Work?, seconds: 120}]
      - page: three
        when: job == 'yes'
        questions: [{mark: pay, text: Pay?, seconds: 60}]
    """

    assert estimate(tmp_path, section) == {"en": (1, 2.5, 4)}


def test_a_grid_takes_as_long_as_the_rows_that_are_asked(tmp_path: Path) -> None:
    grid = "{grid: g, text: G?, scale: agree, seconds: 120, items: {a: A, b: {text: B, when: path == 'bbl'}}}"

    assert estimate(tmp_path, ask(grid)) == {"en": (1, 1.5, 2)}


def test_rows_that_differ_per_institution_take_the_longest_lists_time(tmp_path: Path) -> None:
    lists = [
        f"institution: {name}\nname: N\nlists: {{clubs: {{{clubs}}}}}" for name, clubs in (("a", "x: X"), ("b", "y: Y, z: Z"))
    ]
    grid = "{grid: g, text: G?, scale: agree, seconds: 120, items_from: clubs}"

    assert estimate(tmp_path, ask(grid), *lists) == {"en": (1, 1.5, 2)}


def test_a_drawn_module_counts_as_the_mean_of_what_may_be_drawn(tmp_path: Path) -> None:
    head = HEAD + "  - {group: modules, modules: {institution: 1, random: 1}}\n"
    north = "institution: north\nname: N\nmodules: {institution: [m1]}"
    core = ask("{mark: week, text: Week?, seconds: 60}")

    assert estimate(tmp_path, core, *MODULES, north, head=head) == {"en": (4, 4.5, 5)}


def test_a_variant_without_modules_is_shorter(tmp_path: Path) -> None:
    languages = "{en: {name: English}, simple: {name: Simple, locale: en, based_on: en, groups: [main]}}"
    head = HEAD.replace("{en: {name: English}}", languages) + "  - {group: modules, modules: {random: 1}}\n"
    head = head.replace("{text: Path", "{text: {en: Path, simple: Path}")
    section = "section: main\npages: [{page: p, questions: [{mark: week, text: {en: W?, simple: W?}, seconds: 60}]}]"
    texts = {f"{n}.yaml": text for n, text in enumerate([section, *MODULES, "institution: north\nname: N"])}
    compilation = write(tmp_path, {"questionnaire.yaml": head, **texts}).compilation
    assert compilation.questionnaire

    minutes = estimate_minutes(compilation.questionnaire)

    assert (minutes["en"].longest, minutes["simple"].longest) == (4, 1)


def test_minutes_are_shown_as_typical_with_bounds() -> None:
    assert str(Minutes(1, 2.25, 4)) == "2.2 (1.0 to at most 4.0)"


@pytest.mark.parametrize("kinds", [9])
def test_many_kinds_of_background_fall_back_on_the_demonstration_students(tmp_path: Path, kinds: int) -> None:
    background = "".join(f"  v{n}: {{text: V, from: 1, to: 4}}\n" for n in range(kinds))
    head = HEAD.replace("scales:", f"{background}scales:")
    pages = [f"{{mark: q{n}, text: Q?, seconds: 60, when: v{n} == 4}}" for n in range(kinds)]
    north = "institution: north\nname: N\ndemo: [{v0: 4}]"

    assert estimate(tmp_path, ask(*pages), north, head=head) == {"en": (1, 5, 9)}


def test_too_many_kinds_of_background_leave_the_demonstration_students(tmp_path: Path) -> None:
    numbers = "background:\n  seats: {text: S, from: 0, to: 9000}\n  desks: {text: D, from: 0, to: 9000}"
    north = "institution: north\nname: North\ndemo: [{seats: 3, desks: 2}]"
    section = "section: main\npages: [{page: p, when: seats > desks, questions: [{mark: m, text: M?, seconds: 60}]}]"

    assert estimate(tmp_path, section, north, head=HEAD.replace("background:", numbers)) == {"en": (1, 1, 1)}
