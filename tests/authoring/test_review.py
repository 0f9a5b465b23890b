"""A review reports everything at once: errors, advice, the previous edition, unused definitions, minutes."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.authoring.review import review_questionnaire
from survey_engine.publication.acceptance import find_previous_edition
from tests import SHIPPED
from tests.writing import HEAD, ask

QUESTION = "- mark: week\n  text: How was your week?\n"
GRID = "- grid: views\n  text: Views?\n  scale: agree\n  items: {fun: Fun}\n"


def write(folder: Path, name: str, questions: str, head: str = HEAD) -> Path:
    home = folder / "questionnaires" / name
    home.mkdir(parents=True)
    (home / "questionnaire.yaml").write_text(head.replace("questionnaire: example", f"questionnaire: {name}"))
    (home / "north.yaml").write_text("institution: north\nname: North\n")
    (home / "main.yaml").write_text(ask(questions))
    return home


@pytest.mark.parametrize(
    "folder", sorted(path.parent for path in SHIPPED.glob("*/questionnaire.yaml")), ids=lambda path: path.name
)
def test_a_shipped_questionnaire_has_no_errors_and_no_warnings(folder: Path) -> None:
    problems = review_questionnaire(folder).problems

    assert [str(problem) for problem in problems if problem.severity != "hint"] == []


def test_errors_and_advice_come_together_in_the_order_of_the_files(tmp_path: Path) -> None:
    wrong = GRID.replace("agree", "agreed") + QUESTION.replace("How", "Surely how")
    review = review_questionnaire(write(tmp_path, "example", wrong))

    assert [problem.code for problem in review.problems] == ["unknown-name", "steering"]


def test_with_errors_nothing_is_reported_as_unused(tmp_path: Path) -> None:
    clean, broken = write(tmp_path, "clean", QUESTION), write(tmp_path, "broken", QUESTION + "- mark: week\n  text: W?\n")

    assert [problem.code for problem in review_questionnaire(clean).problems] == ["unused"]
    assert [problem.code for problem in review_questionnaire(broken).problems] == ["duplicate-code"]


@pytest.mark.parametrize(
    ("rule", "chosen"),
    [("modules: {institution: 1, random: true}", "modules: {institution: [a]}"), ("blocks: {limit: 0}", "blocks: [{theme: a}]")],
)
def test_choices_need_no_group_while_the_group_is_invalid(tmp_path: Path, rule: str, chosen: str) -> None:
    home = write(tmp_path, "example", QUESTION)
    head = home / "questionnaire.yaml"
    head.write_text(head.read_text() + f"  - {{group: themes, {rule}}}\n")
    module = "module: a\ntitle: A\npages: [{page: a_page, title: A, questions: [{mark: a_mark, text: A?}]}]\n"
    (home / "a.yaml").write_text(module)
    (home / "north.yaml").write_text(f"institution: north\nname: North\n{chosen}\n")

    assert [problem.code for problem in review_questionnaire(home).problems] == ["wrong-value"]


def test_an_arm_without_a_share_is_one_problem(tmp_path: Path) -> None:
    home = write(tmp_path, "example", QUESTION + "- mark: day\n  text: How was your day?\n  when: experiment.layout == 'list'\n")
    head = home / "questionnaire.yaml"
    head.write_text(head.read_text() + "experiments: [{experiment: layout, arms: {fold: 0, list: 1}}]\n")

    assert [problem.code for problem in review_questionnaire(home).problems] == ["wrong-value"]


def test_a_text_of_a_repeated_code_is_read_as_written(tmp_path: Path) -> None:
    home = write(tmp_path, "example", QUESTION + "- mark: week\n  text: {en: And this week?}\n")

    assert [problem.code for problem in review_questionnaire(home).problems] == ["duplicate-code"]


def test_equal_mistakes_are_one_message_with_all_places(tmp_path: Path) -> None:
    wrong = "".join(f"- mark: {code}\n  text: T {code}\n  when: level == 9\n" for code in ("one", "two", "three"))
    (problem,) = (
        each for each in review_questionnaire(write(tmp_path, "example", wrong)).problems if each.code == "condition-value"
    )

    assert [place.line for place in (problem.place, *problem.others)] == [7, 10, 13]
    assert problem.also == "Also at example/main.yaml:10,13."


def test_unused_definitions_are_reported_without_translations(tmp_path: Path) -> None:
    home = write(tmp_path, "example", QUESTION)
    head = home / "questionnaire.yaml"
    head.write_text(head.read_text().replace("languages: {", "languages: {nl: {name: Nederlands}, "))
    codes = {problem.code for problem in review_questionnaire(home).problems}

    assert {"wordings-missing", "unused"} <= codes


def test_somebody_must_take_part_before_anyone_can_answer(tmp_path: Path) -> None:
    home = write(tmp_path, "example", GRID)
    assert review_questionnaire(home).problems == []
    (home / "north.yaml").unlink()
    assert [(problem.code, problem.severity) for problem in review_questionnaire(home).problems] == [
        ("no-institution", "warning")
    ]


def test_an_edition_is_compared_with_the_previous_one(tmp_path: Path) -> None:
    write(tmp_path, "job-2025", GRID + QUESTION)
    review = review_questionnaire(write(tmp_path, "job-2026", GRID + QUESTION.replace("mark", "open")))

    assert (review.previous_edition, [problem.code for problem in review.problems]) == ("job-2025", ["code-retyped"])


def test_the_latest_of_the_earlier_editions_counts_and_no_other_survey(tmp_path: Path) -> None:
    for name in ("job-2023", "job-2024", "job-2027", "nse-2025", "gallery"):
        (tmp_path / name).mkdir()

    assert find_previous_edition(tmp_path / "job-2026") == tmp_path / "job-2024"
    assert find_previous_edition(tmp_path / "job-2023") is None
    assert find_previous_edition(tmp_path / "gallery") is None


def test_a_review_has_the_minutes_of_every_variant(tmp_path: Path) -> None:
    review = review_questionnaire(write(tmp_path, "example", GRID + QUESTION))

    assert {language: round(minutes.typical * 60, 1) for language, minutes in review.minutes.items()} == {"en": 26.7}


def test_a_folder_that_does_not_compile_is_reported(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    review = review_questionnaire(tmp_path / "empty")

    assert review.questionnaire is None
    assert [problem.code for problem in review.problems] == ["no-questionnaire"]


@pytest.mark.parametrize(
    ("name", "head", "code"), [("other", "questionnaire.yaml", "folder-name"), ("example", "a.yaml", "head-name")]
)
def test_names_of_folder_and_head_are_checked(tmp_path: Path, name: str, head: str, code: str) -> None:
    home = write(tmp_path, "example", GRID)
    (home / "questionnaire.yaml").rename(home / head)
    problems = review_questionnaire(home.rename(home.with_name(name))).problems

    assert [problem.code for problem in problems] == [code]


def test_an_unknown_source_language_is_reported_with_the_rest(tmp_path: Path) -> None:
    folder = write(tmp_path, "example", QUESTION, HEAD.replace("source_language: en", "source_language: fr"))
    assert [problem.code for problem in review_questionnaire(folder).problems if problem.severity == "error"] == ["unknown-name"]
