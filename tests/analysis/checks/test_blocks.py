"""Limits of blocks: their number per student, and the local questions in each."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.writing import HEAD, Written, ask, write

MODULE = "module: {0}\npages: [{{page: {0}_page, questions: [{{mark: {0}_mark, text: M?}}]}}]"
FILTER = "- choice: likes\n  text: L?\n  options: {art: Art, sport: Sport}"


def write_blocks(folder: Path, *blocks: str, limit: int = 2) -> Written:
    rule = f"  - {{group: blocks, blocks: {{limit: {limit}}}}}\n"
    files = {f"{code}.yaml": MODULE.format(code) for code in ("food", "music", "sleep", "sport")}
    files |= {"questionnaire.yaml": HEAD + rule, "main.yaml": ask(FILTER)}
    listed = "".join(f"  - {block}\n" for block in blocks)
    return write(folder, {**files, "north.yaml": f"institution: north\nname: North\nblocks:\n{listed}"})


def test_the_maximum_number_of_blocks_is_allowed(tmp_path: Path) -> None:
    assert not write_blocks(tmp_path, "{theme: food}", "{theme: music}").compilation.errors


def test_a_block_too_many_is_reported_at_the_blocks(tmp_path: Path) -> None:
    problem = write_blocks(tmp_path, "«{theme: food}", "{theme: music}", "{theme: sleep}").find("too-many-blocks")
    assert problem.wrong == "3 blocks are asked of one student here, but 2 are allowed"


def test_blocks_for_different_students_are_not_added(tmp_path: Path) -> None:
    apart = ["{theme: food, when: path == 'bol'}", "{theme: music, when: path == 'bbl'}", "{theme: sleep}"]
    assert not write_blocks(tmp_path, *apart).compilation.errors


@pytest.mark.parametrize(
    ("first", "second", "twice"),
    [
        ("{theme: food}", "«{theme: food}", True),
        ("{theme: food, when: path == 'bol'}", "«{theme: food}", True),
        ("{theme: food, when: path == 'bol'}", "«{theme: food, when: level >= 2}", True),
        ("{theme: food, when: path == 'bol'}", "{theme: food, when: path == 'bbl'}", False),
    ],
)
def test_a_theme_is_asked_of_a_student_once(tmp_path: Path, first: str, second: str, twice: bool) -> None:
    written = write_blocks(tmp_path, first, second)
    assert written.find("twice-in-order").facts["name"] == "food" if twice else not written.compilation.errors


def test_the_student_who_gets_too_many_is_described(tmp_path: Path) -> None:
    blocks = ["«{theme: food, when: path == 'bol'}", "{theme: music, when: level >= 3}", "{theme: sleep}"]
    assert "for level 3, path bol" in write_blocks(tmp_path, *blocks).find("too-many-blocks").wrong


def test_conditions_on_answers_are_counted_exactly(tmp_path: Path) -> None:
    apart = ["{theme: food, when: likes == 'art'}", "{theme: music, when: likes == 'sport'}"]
    assert not write_blocks(tmp_path / "apart", *apart, limit=1).compilation.errors
    together = ["«{theme: food, when: likes == 'art'}", "{theme: music, when: likes != 'sport'}"]
    assert "likes art" in write_blocks(tmp_path / "together", *together, limit=1).find("too-many-blocks").wrong


@pytest.mark.parametrize(
    ("questions", "count"),
    [
        ("{mark: a, text: A}, {open: b, text: B}, {yes_no: c, text: C}", 3),
        ("{grid: g, text: G, scale: agree, items: {a: A, b: B, c: C}}, {mark: m, text: M}, {mark: o, text: O}", 3),
        ("{grid: g, text: G, scale: agree, items: {a: A, b: B, c: C, d: D}}, {mark: m, text: M}, {mark: o, text: O}", 4),
        ("{information: i, text: I}, {mark: a, text: A}, {mark: b, text: B}, {mark: c, text: C}", 3),
        ("{mark: a, text: A, comment: true}, {mark: b, text: B}, {mark: c, text: C, comment: Why}", 3),
        ("{mark: a, text: A}, {mark: b, text: B}, {mark: c, text: C}, {mark: d, text: D}", 4),
    ],
)
def test_three_statements_count_as_one_question_and_information_as_none(tmp_path: Path, questions: str, count: int) -> None:
    written = write_blocks(tmp_path, f"«{{pages: [{{page: own, questions: [{questions}]}}]}}")
    if count <= 3:
        assert not written.compilation.errors
    else:
        assert f"counts as {count} questions" in written.find("block-too-long").wrong


WORK = """\
module: work
pages:
  - page: work
    questions:
      - {mark: work_all, text: M?}
      - {mark: work_bbl, text: M?, when: "path == 'bbl'"}
"""


def write_themes(folder: Path, *conditions: str, work: str = WORK) -> Written:
    """A theme with an item for a part of the students; each institution gives it to those with its condition."""
    files = {
        "questionnaire.yaml": HEAD + "  - {group: blocks, blocks: {limit: 2}}\n",
        "main.yaml": ask(FILTER),
        "work.yaml": work,
    }
    for number, condition in enumerate(conditions):
        block = f"{{theme: work, when: {condition}}}" if condition else "{theme: work}"
        files[f"i{number}.yaml"] = f"institution: i{number}\nname: I{number}\nblocks: [{block}]\n"
    return write(folder, files)


@pytest.mark.parametrize(
    "conditions",
    [("", "not (path == 'bbl')"), ("path == 'bol'", ""), ("path == 'bbl'", "path == 'bol'"), ("likes == 'art'", "path != 'bbl'")],
)
def test_one_institution_may_give_a_theme_to_a_part(tmp_path: Path, conditions: tuple[str, ...]) -> None:
    assert write_themes(tmp_path, *conditions).codes == []


@pytest.mark.parametrize("conditions", [("path == 'bol'",), ("path == 'bol'", "path == 'bol' and level >= 2")])
def test_a_part_that_no_institution_asks_is_a_warning_there(tmp_path: Path, conditions: tuple[str, ...]) -> None:
    problem = write_themes(tmp_path, *conditions).find("theme-part")
    assert (problem.severity, problem.place.file) == ("warning", "x/i0.yaml")
    assert problem.wrong.startswith("no student who gets the theme 'work' can reach question 'work_bbl'")


def test_a_part_of_a_theme_that_contradicts_itself_is_an_error(tmp_path: Path) -> None:
    section = WORK.replace("module: work", "module: work\nwhen: path == 'bol'")
    assert write_themes(tmp_path, "", "level == 1", work=section).codes == ["nobody-sees"]
