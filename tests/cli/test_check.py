"""The check command: arguments, output, exit code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from survey_engine.cli import main
from survey_engine.cli.check import make_reader
from survey_engine.cli.support.questionnaires import find_questionnaires
from survey_engine.model.questionnaire import Place
from tests.writing import HEAD, ask

CLEAN = "- grid: views\n  text: Views?\n  scale: agree\n  items: {fun: Fun}\n"
HINTED = CLEAN.replace("fun: Fun", "fun: Fun and games")
WARNED = CLEAN + "- choice: size\n  text: Size?\n  options: {a: Big, b: Big}\n"
BROKEN = CLEAN.replace("agree", "agreed")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder `questionnaires` in the current folder, with valid and invalid questionnaires."""
    for name, questions in (("clean", CLEAN), ("hinted", HINTED), ("warned", WARNED), ("broken", BROKEN)):
        folder = tmp_path / "questionnaires" / name / "sections"
        folder.mkdir(parents=True)
        head = HEAD.replace("questionnaire: example", f"questionnaire: {name}")
        (folder.parent / "questionnaire.yaml").write_text(f"# a comment\n{head}")
        (folder / "main.yaml").write_text(ask(questions))
        (folder / "north.yaml").write_text("institution: north\nname: North\n")
    monkeypatch.chdir(tmp_path)
    yield tmp_path / "questionnaires"


def check(*words: str) -> Result:
    return CliRunner().invoke(main, ["check", *words])


def test_a_clean_questionnaire_ends_well(home: Path) -> None:
    result = check("questionnaires/clean")

    assert result.exit_code == 0
    assert result.output.startswith("questionnaires/clean: 0 errors, 0 warnings, 0 hints\n  en ")


def test_an_error_is_shown_with_its_line_and_fails(home: Path) -> None:
    result = check("questionnaires/broken")

    assert result.exit_code == 1
    assert result.output.startswith(
        "questionnaires/broken/sections/main.yaml:7:16  error: There is no scale 'agreed' (did you mean 'agree'?).\n"
        "  7 |         scale: agreed\n"
        "    |                ^\n"
        "  Known: agree. [unknown-name]\n"
    )


@pytest.mark.parametrize(
    ("name", "words", "code"),
    [
        ("hinted", [], 0),
        ("hinted", ["--fail-on", "hint"], 1),
        ("hinted", ["--fail-on", "warning"], 0),
        ("warned", [], 0),
        ("warned", ["--fail-on", "warning"], 1),
        ("warned", ["--fail-on", "warning", "--errors-only"], 0),
        ("broken", ["--fail-on", "hint"], 1),
    ],
)
def test_fail_on_chooses_the_severity_that_fails(home: Path, name: str, words: list[str], code: int) -> None:
    assert check(f"questionnaires/{name}", *words).exit_code == code


def test_a_folder_of_questionnaires_is_checked_whole(home: Path) -> None:
    assert check("questionnaires").output.endswith("4 questionnaires: 1 error, 1 warning, 1 hint\n")


def test_problems_that_are_not_shown_are_counted(home: Path) -> None:
    said = check("questionnaires", "--errors-only").output
    assert "questionnaires/warned: 0 errors, 1 warning" in said and "  warning: " not in said
    assert said.endswith("4 questionnaires: 1 error, 1 warning, 1 hint\n")


def test_a_file_selects_its_questionnaire(home: Path) -> None:
    assert "questionnaires/broken: 1 error" in check("questionnaires/broken/sections/main.yaml").output


def test_the_same_questionnaire_is_checked_once(home: Path) -> None:
    assert check("questionnaires/clean", "questionnaires/clean/sections/main.yaml").output.count("clean: 0 errors") == 1


def test_a_folder_without_a_questionnaire_is_an_error(home: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    assert "[no-questionnaire]" in check("empty").output
    assert check("empty").exit_code == 1


def test_a_path_that_does_not_exist_is_refused(home: Path) -> None:
    assert check("nowhere").exit_code == 2


def test_other_formats_carry_the_same_problems(home: Path) -> None:
    sarif = json.loads(check("questionnaires/broken", "--format", "sarif").output)
    plain = json.loads(check("questionnaires/broken", "--format", "json").output)
    github = check("questionnaires/broken", "--format", "github").output

    assert sarif["runs"][0]["results"][0]["ruleId"] == plain[0]["problems"][0]["code"] == "unknown-name"
    assert github.startswith("::error file=questionnaires/broken/sections/main.yaml,line=7,col=16,title=unknown-name::")


def test_readability_is_measured_beside_the_minutes(home: Path) -> None:
    (found,) = json.loads(check("questionnaires/clean", "--format", "json").output)

    assert found["minutes"]["en"]["typical"] == pytest.approx(6.7 / 60)
    assert found["readability"]["en"]["words"] == 2


def test_a_questionnaire_elsewhere_is_found_from_a_file_in_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")

    assert list(find_questionnaires(home / "clean" / "sections" / "main.yaml")) == [home.relative_to("/") / "clean"]


def test_a_missing_line_is_empty(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("one\ntwo\n")
    read_line = make_reader([tmp_path])

    assert [read_line(Place(name, line)) for name, line in (("a.yaml", 2), ("a.yaml", 9), ("b.yaml", 1))] == ["two", "", ""]


def test_a_hostile_file_does_not_steer_the_terminal(home: Path) -> None:
    with (home / "broken" / "sections" / "main.yaml").open("a") as file:
        file.write("foo: 1 # \x1b]0;owned\x07 here\n")
    told = check("questionnaires/broken").output
    assert "foo: 1 # \ufffd]0;owned\ufffd here" in told
    assert not set(told) & {"\x1b", "\x07"}


def test_the_help_has_an_example() -> None:
    assert "Example: survey-engine check questionnaires/job-2026" in check("--help").output
