"""The publish command: summary of changes, and rejections."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from survey_engine.cli import main
from survey_engine.storage.answers import start_response
from survey_engine.storage.database import Database
from survey_engine.storage.versions import read_service
from tests.command import Desk
from tests.databases import ON_BOTH
from tests.writing import HEAD, ask, change_head

PROGRAM = (sys.executable, "-c", "from survey_engine.cli import main; main()")
HOURS = "- number: hours\n  text: Hours?\n  to: 60\n"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


def publish(desk: Desk, questions: str, head: str = HEAD) -> tuple[int, str]:
    folder = desk.folder / "q" / "example"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "questionnaire.yaml").write_text(head)
    (folder / "main.yaml").write_text(ask(questions))
    result = desk.run("publish", str(folder))
    return result.exit_code, result.output


def test_changes_since_the_previous_version_are_printed(desk: Desk) -> None:
    publish(desk, HOURS)
    code, said = publish(desk, HOURS + "- mark: week\n  text: Week?\n")
    assert code == 0 and "Added (1)" in said and "within five seconds" in said


def test_a_questionnaire_is_published_by_its_id(desk: Desk) -> None:
    publish(desk, HOURS)
    desk.set(SURVEY_QUESTIONNAIRES=str(desk.folder / "q"))
    assert "example: new respondents get version" in desk.run("publish", "example").output
    assert "There is no questionnaire 'exampel' (did you mean 'example'?)" in desk.run("publish", "exampel").output


def test_codes_of_another_type_are_listed_with_both_types_and_a_remedy(desk: Desk) -> None:
    publish(desk, HOURS)
    code, said = publish(desk, "- date: hours\n  text: Hours?\n")
    assert code == 1 and "is not published" in said and "has errors" not in said
    assert "main.yaml:5: 'hours' was of type number in version" in said and "is of type date here. Give it another code" in said


def edit(desk: Desk, year: int, questions: str) -> Path:
    """Write an edition of a questionnaire; its code ends with the year."""
    folder = desk.folder / "q" / f"example-{year}"
    folder.mkdir(parents=True)
    (folder / "questionnaire.yaml").write_text(
        HEAD.replace("questionnaire: example", f"questionnaire: example-{year}\nedition: {year}")
    )
    (folder / "north.yaml").write_text("institution: north\nname: North\n")
    (folder / "main.yaml").write_text(ask(questions))
    return folder


FROZEN = HOURS + "  frozen_until: 2028\n"


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (HOURS, "- date: hours\n  text: Hours?\n", "code-retyped"),
        (FROZEN, FROZEN.replace("Hours?", "Hours a week?"), "frozen-changed"),
    ],
)
def test_an_error_against_the_previous_edition_prevents_publishing(desk, before, after, code):
    edit(desk, 2026, before)
    folder = str(edit(desk, 2027, after + "- mark: week\n  text: Surely how was your week?\n"))
    checked, published = desk.run("check", folder), desk.run("publish", folder)
    assert f"[{code}]" in checked.output and "[steering]" in checked.output and checked.exit_code == 1
    assert "has errors. Fix them first." in published.output and f"[{code}]" in published.output and published.exit_code == 1
    assert "[steering]" not in published.output


def test_warnings_about_the_previous_edition_are_repeated_once(desk):
    home = "- choice: home\n  text: Where do you live?\n  options:\n    a: {}\n    b: {}\n"
    edit(desk, 2026, home.format("With my parents", "In a room"))
    folder = str(edit(desk, 2027, home.format("In a room", "With my parents")))
    checked, published = desk.run("check", folder), desk.run("publish", folder)
    assert "[option-reused]" in checked.output and checked.exit_code == 0
    assert "[option-reused]" in published.output and published.exit_code == 0
    assert "[option-reused]" not in desk.run("publish", folder).output


def test_the_list_of_a_refusal_has_errors_only(desk):
    folder = str(edit(desk, 2026, HOURS + "  when: level == 1 or level != 1\n- mark: hours\n  text: Hours?\n"))
    checked, published = desk.run("check", folder), desk.run("publish", folder)
    assert "[always-true]" in checked.output and "[duplicate-code]" in checked.output
    assert "[always-true]" not in published.output and "[duplicate-code]" in published.output and published.exit_code == 1


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("", "closes: 2020-02-01", "It closed on 2020-02-01: nobody can begin or go on."),
        (
            "closes: 2090-02-01",
            "closes: 2091-02-01",
            "It has no first day and closes after 2091-02-01. Before, it has no first day and closes after 2090-02-01.",
        ),
        ("closes: 2090-02-01", "closes: 2090-02-01", ""),
    ],
)
def test_publishing_tells_of_changed_days_and_a_last_day_in_the_past(desk, before, after, told):
    publish(desk, HOURS)
    path = desk.folder / "q" / "example" / "questionnaire.yaml"
    head = path.read_text()
    for dates in (before, after):
        path.write_text(f"{head}\n{dates}\n")
        result = desk.run("publish", str(path.parent))
    assert told in result.stderr and ("closes after" in result.stderr or "closed on" in result.stderr) == bool(told)


def answer_example(desk: Desk) -> None:
    settings = desk.settings
    with closing(Database(settings.database_url, "answers")) as answers:
        start_response(
            answers,
            questionnaire="example",
            version=read_service(answers)["example"],
            institution="north",
            language="en",
            background={},
            pseudonym=None,
            abandoned_hours=1,
            assign=lambda counts: (),
        )


def test_other_words_of_answered_codes_are_published_with_same_meaning(desk: Desk) -> None:
    publish(desk, HOURS)
    answer_example(desk)
    code, said = publish(desk, HOURS.replace("Hours?", "Hours of work?"))
    assert code == 1 and "is not published" in said and "--same-meaning" in said
    assert "main.yaml:6: hours (en): “Hours?” → “Hours of work?”" in said
    result = desk.run("publish", "--same-meaning", str(desk.folder / "q" / "example"))
    assert result.exit_code == 0 and "“Hours of work?”" in result.stderr and "within five seconds" in result.output
    assert publish(desk, HOURS.replace("Hours?", "Hours of work?"))[0] == 0


@pytest.mark.parametrize(("typed", "published"), [("y\n", True), ("n\n", False), ("", False)])
def test_a_person_is_asked_whether_other_words_mean_the_same(desk: Desk, typed: str, published: bool) -> None:
    publish(desk, HOURS)
    answer_example(desk)
    (desk.folder / "q" / "example" / "main.yaml").write_text(ask(HOURS.replace("Hours?", "Hours of work?")))
    result = CliRunner().invoke(main, ["publish", "example"], input=typed)
    assert "Does each of them mean the same" in result.output
    assert (result.exit_code == 0, "within five seconds" in result.output) == (published, published)


def test_labels_in_a_new_language_are_shown_beside_the_first(desk: Desk) -> None:
    english = {"languages": "{en: {name: English}}", "background": "", "scales": ""}
    publish(desk, "- choice: home\n  text: Home?\n  options: {a: Room, b: Parents}\n", change_head(english))
    answer_example(desk)
    both = english | {"languages": "{en: {name: English}, nl: {name: Nederlands}}", "title": "{en: Example, nl: Voorbeeld}"}
    options = "{a: {en: Room, nl: Ouders}, b: {en: Parents, nl: Kamer}}"
    code, said = publish(desk, f"- choice: home\n  text: {{en: Home?, nl: Thuis?}}\n  options: {options}\n", change_head(both))

    assert code == 1 and "--same-meaning" in said and "other words" not in said
    assert "main.yaml:7: home (nl)\n      a “Room” – “Ouders”\n      b “Parents” – “Kamer”\n" in said


@pytest.mark.parametrize(
    ("languages", "institution", "told"),
    [
        ("{en: {name: English}}", "[en]", "no longer choose 'nl'\n"),
        ("{en: {name: English}, nl: {name: Nederlands, draft: true}}", "[en, nl]", "because a draft without all wordings"),
        ("{en: {name: English}, nl: {name: Nederlands}}", "[en]", "no longer choose 'nl' at school"),
    ],
)
def test_publishing_asks_before_a_language_disappears(desk: Desk, languages: str, institution: str, told: str) -> None:
    head = {"languages": "{en: {name: English}, nl: {name: Nederlands}}", "title": "{en: Example, nl: Voorbeeld}"}
    head |= {"background": "", "scales": ""}
    both, school = "- number: hours\n  text: {en: Hours?, nl: Uren?}\n  to: 60\n", desk.folder / "q" / "example" / "school.yaml"
    school.parent.mkdir(parents=True)
    school.write_text("institution: school\nname: School\nlanguages: [en, nl]\n")
    assert publish(desk, both, change_head(head))[0] == 0
    school.write_text(f"institution: school\nname: School\nlanguages: {institution}\n")
    english = "nl" not in languages or "draft" in languages
    questions = both.replace("{en: Hours?, nl: Uren?}", "Hours?") if english else both
    title = "Example" if english else head["title"]
    code, said = publish(desk, questions, change_head(head | {"languages": languages, "title": title}))
    assert code == 1 and told in said and "May they disappear?" in said
    assert desk.run("publish", "--same-meaning", str(school.parent)).exit_code == 0


@ON_BOTH
def test_of_two_publications_at_once_one_is_refused(tmp_path, monkeypatch, database_url, identity_url):
    """Both have compared with the version in service, and ask, before one of them stores its version."""
    desk = Desk(tmp_path, monkeypatch, create=False)
    desk.set(SURVEY_DATABASE_URL=database_url, SURVEY_IDENTITY_URL=identity_url)
    desk.make_stores()
    publish(desk, HOURS)
    answer_example(desk)
    commands, asks = [], b"same? [y/N]: "
    for number in range(2):
        (tmp_path / "q" / "example" / "main.yaml").write_text(ask(HOURS.replace("Hours?", f"Hours of work {number}?")))
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "bufsize": 0}
        commands.append(subprocess.Popen([*PROGRAM, "publish", "example"], **pipes))
        shown = b""
        while not shown.endswith(asks):
            shown += (read := commands[-1].stderr.read(1))
            assert read, shown
    for command in commands:
        command.stdin.write(b"y\n")
    said = [b"".join(command.communicate(timeout=60)).decode() for command in commands]

    assert sorted(command.returncode for command in commands) == [0, 1], said
    (refused,) = (text for text, command in zip(said, commands, strict=True) if command.returncode)
    assert "while this one was compared. Nothing is published. Publish again" in refused and "Traceback" not in refused
    code, again = publish(desk, HOURS.replace("Hours?", "Hours of work 2?"))
    assert code == 1 and "“Hours?” →" not in again and "“Hours of work" in again


def test_a_publication_without_other_words_prints_two_lines(desk: Desk) -> None:
    publish(desk, HOURS + "  help: Think of last week.\n")
    code, said = publish(desk, HOURS + "  help: Think of last week!\n")
    assert code == 0 and [line.split(" ")[0] for line in said.splitlines()] == ["No", "example:"]
    assert publish(desk, HOURS + "  help: Think of last week!\n")[1].count("\n") == 1
