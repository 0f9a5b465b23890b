"""`new` and `new-edition`: a questionnaire that works at once, and the next edition with its translations."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from survey_engine.authoring.review import review_questionnaire
from survey_engine.cli import main
from survey_engine.publication.compiler import compile_questionnaire
from tests.writing import ask, change_head

PO = """\
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgctxt "title"
msgid "Monitor 2026"
msgstr "Peiling 2026"

msgctxt "week"
msgid "How was your week?"
msgstr "Hoe was je week?"

msgctxt "old"
msgid "Removed before"
msgstr "Eerder verwijderd"
"""
HEAD = change_head(
    {
        "questionnaire": "monitor-2026",
        "title": "Monitor 2026",
        "edition": "2026",
        "opens": "2026-11-01",
        "languages": "{en: {name: English}, nl: {name: Nederlands}}",
        "background": "",
        "scales": "",
    }
)


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, words, input=typed, catch_exceptions=False)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SURVEY_QUESTIONNAIRES", raising=False)
    monkeypatch.delenv("SURVEY_TRANSLATIONS", raising=False)
    return tmp_path


@pytest.fixture
def monitor(home: Path) -> Path:
    folder = home / "questionnaires" / "monitor-2026"
    folder.mkdir(parents=True)
    (folder / "questionnaire.yaml").write_text(f"# a comment about 2026\n{HEAD}")
    (folder / "main.yaml").write_text(
        ask("- mark: week\n  text: How was your week?\n- mark: m\n  text: {en: And 2026?, nl: En 2026?}")
    )
    (folder / "north.yaml").write_text("institution: north\nname: North\ncloses: 2026-12-01\n")
    catalogue = home / "translations" / "nl" / "LC_MESSAGES" / "monitor-2026.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text(PO)
    return folder


@pytest.mark.parametrize(
    ("languages", "found"),
    [
        ("nl,en", {"variant-withheld"}),
        ("en", set()),
        ("de,nl", {"variant-withheld", "other-language"}),
        ("en,no", {"variant-withheld"}),
    ],
)
def test_a_fresh_questionnaire_can_be_published_at_once(home: Path, languages: str, found: set[str]) -> None:
    """The sample has texts in Dutch and English; in another language those in English are reported."""
    title = 'The "space": 2026 # 1'
    given = ("--title", title, "--language", languages, "--institution", "Café: Noord", "--minutes", "4")
    assert run("new", "mine/space-2026", *given).exit_code == 0

    questionnaire = compile_questionnaire(home / "mine" / "space-2026")
    problems = review_questionnaire(home / "mine" / "space-2026").problems
    assert questionnaire.title.wording == {languages[:2]: title} and questionnaire.edition == 2026
    assert {problem.code for problem in problems} == found
    assert not any(problem.severity == "error" for problem in problems)


def test_questions_that_no_option_answers_are_asked(home: Path) -> None:
    assert run("new", "space", typed="Space\nen\nNorth\n5\n").exit_code == 0
    assert compile_questionnaire(home / "questionnaires" / "space").budget_minutes == 5


def test_a_wrong_id_or_a_taken_folder_is_refused_before_anything_is_asked(home: Path) -> None:
    (home / "questionnaires" / "taken").mkdir(parents=True)
    for name in ("Space 2026", "taken"):
        result = run("new", name, typed="Space\nen\nNorth\n5\n")
        assert result.exit_code == 2 and "Title" not in result.output


def test_a_wrong_language_is_asked_again_where_it_is_typed(home: Path) -> None:
    result = run("new", "space", typed="Space\nenglish\nen\nNorth\n5\n")
    assert result.exit_code == 0 and "english is no language" in result.output


def test_an_empty_title_or_institution_is_asked_again(home: Path) -> None:
    result = run("new", "space", typed="  \n–\nSpace\nen\n \n„North“\n5\n")
    assert result.exit_code == 0 and result.output.count("neither letters nor digits") == 3
    assert run("new", "other", "--title", "", "--language", "en", "--institution", "N", "--minutes", "5").exit_code == 2


def test_a_language_has_its_own_name(home: Path) -> None:
    assert run("new", "space", typed="Space\nfr,nl,zu\nNorth\n5\n").exit_code == 0
    head = (home / "questionnaires" / "space" / "questionnaire.yaml").read_text()
    assert all(name in head for name in ('fr: {name: "Français"', 'nl: {name: "Nederlands"', 'zu: {name: "IsiZulu"'))


def test_the_id_of_an_institution_has_its_letters_without_accents(home: Path) -> None:
    assert run("new", "space", typed="Space\nnl\nKühnhausen & Søhne\n5\n").exit_code == 0
    assert (home / "questionnaires" / "space" / "institutions" / "kuhnhausen-sohne.yaml").is_file()


@pytest.mark.parametrize(("name", "language"), [("Space 2026", "en"), ("space", "english"), ("taken", "en")])
def test_a_wrong_id_or_language_or_a_taken_folder_is_refused(home: Path, name: str, language: str) -> None:
    (home / "questionnaires" / "taken").mkdir(parents=True)
    result = run("new", name, "--title", "T", "--language", language, "--institution", "N", "--minutes", "5")

    assert result.exit_code == 2 and len(list((home / "questionnaires").iterdir())) == 1


def test_a_new_edition_has_the_new_year_and_keeps_translations(monitor: Path) -> None:
    result = run("new-edition", "monitor-2026", "monitor-2027")

    assert result.exit_code == 0 and "en: “Monitor 2026” → “Monitor 2027”" in result.output
    new = compile_questionnaire(monitor.parent / "monitor-2027")
    assert new.edition == 2027 and new.title.wording == {"en": "Monitor 2027", "nl": "Peiling 2027"}
    assert new.variables["week"].text and new.variables["week"].text.wording["nl"] == "Hoe was je week?"
    assert (monitor.parent / "monitor-2027" / "questionnaire.yaml").read_text().startswith("# a comment about 2026\n")


def test_a_new_edition_names_the_bounds_in_the_old_year(monitor: Path) -> None:
    with (monitor / "main.yaml").open("a") as file:
        file.write(
            "      - {number: began, text: Since when?, from: 2010, to: 2026}\n      - {date: born, text: Born?, to: 2010-12-31}\n"
        )
    output = run("new-edition", "monitor-2026", "monitor-2027").output
    assert "`to` of 'began' is 2026" in output and "of 'born'" not in output


def test_a_new_edition_has_no_days_of_the_old_one(monitor: Path) -> None:
    output = run("new-edition", "monitor-2026", "monitor-2027").output
    new = compile_questionnaire(monitor.parent / "monitor-2027")

    assert new.find_period(new.institutions["north"]) == (None, None)
    assert "monitor-2027/north.yaml: the first and last day are removed" in output
    assert "monitor-2027/main.yaml:8: this text mentions 2026." in output


def test_a_new_edition_that_needs_mending_is_written_with_its_errors(monitor: Path) -> None:
    years = "section: more\nyears: {from: 2026, every: 2}\npages: [{page: p, questions: [{mark: more, text: {en: A, nl: B}}]}]\n"
    (monitor / "more.yaml").write_text(years)
    head = monitor / "questionnaire.yaml"
    head.write_text(head.read_text().replace("sections: [main]", "sections: [main, more]"))
    main_file = monitor / "main.yaml"
    main_file.write_text(main_file.read_text().replace("section: main", "section: main\nwhen: level == 1"))
    head.write_text(head.read_text() + "background: {level: {text: {en: L, nl: N}, from: 1, to: 2}}\n")
    (monitor / "later.yaml").write_text(
        "section: later\npages: [{page: q, when: more == 5, questions: [{mark: later, text: {en: A, nl: B}}]}]\n"
    )
    head.write_text(head.read_text().replace("sections: [main, more]", "sections: [main, more, later]"))
    output = run("new-edition", "monitor-2026", "monitor-2027").output

    assert "[only-in-bank]" in output and "- section more" in output


def test_an_edition_that_exists_stays_as_it_is(monitor: Path) -> None:
    (monitor.parent / "monitor-2027").mkdir()

    assert "exists" in run("new-edition", "monitor-2026", "monitor-2027").output
