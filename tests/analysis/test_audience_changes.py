"""Audience changes between two editions; routing confirms every example respondent."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.analysis.audience_changes import AudienceChange, ComparedEdition, find_audience_changes
from survey_engine.engine.routing import Respondent, route
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.model.variables import is_asked
from tests.writing import HEAD, write_sections

NORTH = "institution: north\nname: North\n"
ASK_DAY = """\
section: main
pages:
  - page: one
    questions: [{yes_no: job, text: Job?}]
  - page: two
    when: %s
    questions: [{mark: day, text: Day?}]
"""
MODULES = [f"module: m{n}\npages: [{{page: m{n}, questions: [{{mark: q{n}, text: Q?}}]}}]\n" for n in (1, 2)]
DRAW = HEAD + "  - {group: modules, modules: {council: 1, random: 1}}\n"
CORE = "section: main\npages: [{page: one, questions: [{mark: week, text: Week?}]}]\n"


def make(tmp_path: Path, *texts: str, head: str = HEAD) -> Questionnaire:
    return write_sections(tmp_path, *texts, head=head).questionnaire


def shift(tmp_path: Path, code: str, old: list[str], new: list[str], head: str = HEAD) -> AudienceChange:
    before, now = make(tmp_path / "old", *old, head=head), make(tmp_path / "new", *new, head=head)
    return find_audience_changes(ComparedEdition(before), ComparedEdition(now)).get(code, AudienceChange())


@pytest.mark.parametrize(
    ("old", "new", "gained", "lost"),
    [
        ("path == 'bol'", "path == 'bol'", "", ""),
        ("path == 'bol'", "not (path != 'bol')", "", ""),
        ("path == 'bol'", "path == 'bol' and level >= 3", "", "level 1, path bol"),
        ("path == 'bol'", "path == 'bbl'", "path bbl", "path bol"),
        ("job == 'yes'", "job != 'no'", "", ""),
        ("job == 'no'", "job == 'yes'", "who answers job = yes", "who answers job = no"),
    ],
)
def test_a_changed_condition_has_an_example_on_either_side(tmp_path: Path, old: str, new: str, gained: str, lost: str) -> None:
    found = shift(tmp_path, "day", [ASK_DAY % old, NORTH], [ASK_DAY % new, NORTH])

    said = [str(witness).partition("; ")[2] if witness else "" for witness in (found.gained, found.lost)]
    if new == "job != 'no'":
        assert found.gained and found.gained.answers == {}, "who skips the question is now asked"
    else:
        assert said == [gained, lost]


def test_a_changed_audience_of_a_filter_changes_its_follow_ups(tmp_path: Path) -> None:
    old = ASK_DAY % "job == 'yes'"
    new = old.replace("  - page: one\n", "  - page: one\n    when: path == 'bol'\n")
    found = shift(tmp_path, "day", [old, NORTH], [new, NORTH])

    assert found.gained is None
    assert found.lost and (found.lost.background, found.lost.answers) == ({"path": "bbl"}, {"job": "yes"})


def test_a_module_that_is_no_longer_chosen_is_only_drawn(tmp_path: Path) -> None:
    chosen = NORTH + "modules: {council: [m1]}\n"
    found = shift(tmp_path, "q1", [CORE, *MODULES, chosen], [CORE, *MODULES, NORTH], DRAW)

    assert found.gained is None
    assert found.lost and (found.lost.before, found.lost.now) == ("always", "if drawn")


def test_an_added_or_removed_item_has_an_example(tmp_path: Path) -> None:
    more = CORE.replace("{mark: week, text: Week?}", "{mark: week, text: Week?}, {mark: day, text: Day?}")

    added, removed = (
        shift(tmp_path / name, "day", old, new)
        for name, old, new in (("a", [CORE, NORTH], [more, NORTH]), ("r", [more, NORTH], [CORE, NORTH]))
    )
    assert added.gained and (added.gained.before, added.gained.now) == ("never", "always")
    assert removed.lost and (removed.lost.before, removed.lost.now) == ("always", "never")


def test_a_variant_that_no_longer_shows_the_group_loses_the_item(tmp_path: Path) -> None:
    head = HEAD.replace("{en: {name: English}}", "{en: {name: English}, simple: {name: Simple, locale: en, groups: [%s]}}")
    head += "  - {group: rest, sections: [rest]}\n"
    rest = "section: rest\npages: [{page: two, questions: [{mark: day, text: {en: Day?, simple: Day?}}]}]\n"
    texts = [CORE.replace("text: Week?", "text: {en: Week?, simple: Week?}"), rest, NORTH]
    before, now = (
        write_sections(tmp_path / name, *texts, head=head % groups).questionnaire
        for name, groups in (("old", "main, rest"), ("new", "main"))
    )

    found = find_audience_changes(ComparedEdition(before), ComparedEdition(now))
    assert list(found) == ["day"]
    assert found["day"].lost and found["day"].lost.language == "simple"


LENDING = """\
section: main
pages:
  - page: lent
    questions: [{number: books, text: Books?, to: 90}, {number: films, text: Films?, to: 90}]
  - page: filter
    when: %s
    questions: [{yes_no: job, text: Job?}]
  - page: last
    when: job == 'yes'
    questions: [{mark: day, text: Day?}]
"""
LENT = HEAD + "derived: {lent: {sum: [books, films]}}\n"


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("lent >= 10", "lent >= 2", True),
        ("books > films", "books < films", True),
        ("books > films and level == 2", "level == 2 and books > films", False),
        ("lent >= 10", "lent >= 10", False),
    ],
)
def test_written_conditions_are_compared_if_there_are_too_many_cases(tmp_path: Path, old: str, new: str, changed: bool) -> None:
    before, now = (make(tmp_path / name, LENDING % when, NORTH, head=LENT) for name, when in (("old", old), ("new", new)))
    found = find_audience_changes(ComparedEdition(before), ComparedEdition(now))

    assert {code: (each.written and each.written.code) for code, each in found.items()} == (
        {"job": "job", "day": "job"} if changed else {}
    )


def test_a_choice_of_modules_is_compared_with_too_many_cases(tmp_path: Path) -> None:
    module = "module: m1\nwhen: books > films\npages: [{page: m1, questions: [{mark: q1, text: Q?}]}]\n"
    section = LENDING % "books > 0"
    found = shift(
        tmp_path,
        "q1",
        [section, module, MODULES[1], NORTH + "modules: {council: [m1]}\n"],
        [section, module, MODULES[1], NORTH],
        DRAW,
    )

    assert found.written and (found.written.was, found.written.now) == ("at north (chosen)", "at north")


def test_rows_from_a_list_are_compared_per_institution(tmp_path: Path) -> None:
    section = "section: main\npages: [{page: one, questions: [{grid: g, text: G?, scale: agree, items_from: clubs}]}]\n"
    places = {"north": "choir: Choir, chess: Chess", "south": "chess: Chess, choir: Choir"}
    before = [f"institution: {name}\nname: N\nlists: {{clubs: {{{clubs}}}}}\n" for name, clubs in places.items()]
    now = [text.replace("chess: Chess, ", "") for text in before]
    found = shift(tmp_path, "g_chess", [section, *before], [section, *now])

    assert found.lost and found.lost.institution == "south"


def test_an_example_is_confirmed_by_routing(tmp_path: Path) -> None:
    old, new = (
        make(tmp_path / str(n), ASK_DAY % when, NORTH) for n, when in enumerate(("level >= 2 and job == 'yes'", "level >= 3"))
    )
    found = find_audience_changes(ComparedEdition(old), ComparedEdition(new))["day"]
    assert found.gained and found.lost

    for witness, seen_by in ((found.gained, new), (found.lost, old)):
        for questionnaire in (old, new):
            respondent = Respondent(witness.institution, witness.language, witness.background)
            path = route(questionnaire, respondent, {"one": witness.answers})
            asked = any(is_asked(q, path.known, "north") and q.code == "day" for step in path.steps for q in step.page.questions)
            assert asked == (questionnaire is seen_by)
