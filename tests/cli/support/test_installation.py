"""Lookup of questionnaires, catalogues and data folders, the same for all commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from survey_engine.cli import main
from survey_engine.cli.simulate import read_links_file
from survey_engine.model.questionnaire import Questionnaire
from survey_engine.settings import ROOT, read_folders
from tests.command import Desk
from tests.writing import ask, change_head, write

HEAD = change_head({"languages": "{en: {name: English}, nl: {name: Nederlands}}", "scales": "", "background": ""})
PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n' + "".join(
    f'msgctxt "{code}"\nmsgid "{source}"\nmsgstr "{text}"\n\n'
    for code, source, text in (("title", "Example", "{}"), ("week", "How was your week?", "Hoe was je week?"))
)
FILES = {
    "questionnaire.yaml": HEAD,
    "main.yaml": ask("- mark: week\n  text: How was your week?"),
    "north.yaml": "institution: north\nname: North\n",
    "nl/example.po": PO.format("Hier"),
}
SHIPPED = ROOT / "questionnaires"
SETTINGS = ({}, {"SURVEY_TRANSLATIONS": "empty"}, {"SURVEY_TRANSLATIONS": "nowhere"}, {"SURVEY_QUESTIONNAIRES": "empty"})
ONE: list[tuple[Path | None, str]] = [
    (SHIPPED, "belonging-2024"),
    (SHIPPED / "belonging-2024", "."),
    (SHIPPED / "job-2027", "../belonging-2024"),
    (SHIPPED / "belonging-2024", "sections/about-you.yaml"),
    (None, str(SHIPPED / "belonging-2024")),
]
ALL: list[tuple[Path | None, str]] = [(ROOT, "questionnaires"), (SHIPPED, ".")]
"""Folder and path of one or all shipped questionnaires. All are found as one is, and checked one by one."""
STORING_NOTHING = (["simulate", "example", "-n", "1"], ["check", "example"], ["own", "example", "north"], ["bank", "example"])


def compile_example(folder: Path) -> Questionnaire:
    return write(folder, FILES).questionnaire


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A folder with a questionnaire and its catalogue; the only setting is the data folder."""
    write(tmp_path, FILES)
    (tmp_path / "q").rename(tmp_path / "questionnaires")
    (tmp_path / "questionnaires" / "x").rename(tmp_path / "questionnaires" / "example")
    desk = Desk(tmp_path, monkeypatch, create=False)
    for name in ("SURVEY_QUESTIONNAIRES", "SURVEY_TRANSLATIONS", "SURVEY_DATA"):
        monkeypatch.delenv(name)
    return desk


@pytest.mark.parametrize(
    ("folder", "path", "settings"),
    [
        *((folder, path, settings) for folder, path in ONE for settings in SETTINGS),
        *((folder, path, SETTINGS[0]) for folder, path in ALL),
    ],
    ids=str,
)
def test_shipped_questionnaires_have_no_problems_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: Path | None, path: str, settings: dict[str, str]
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(folder or tmp_path)
    for name in ("SURVEY_QUESTIONNAIRES", "SURVEY_TRANSLATIONS", "SURVEY_DATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, str(tmp_path / value))
    done = CliRunner().invoke(main, ["check", path, "--fail-on", "warning"])
    assert done.exit_code == 0 and " 0 errors, 0 warnings" in done.output


@pytest.mark.parametrize("words", [[], ["job-2027"]])
def test_a_shipped_questionnaire_is_known_by_its_id_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("SURVEY_QUESTIONNAIRES", "SURVEY_DATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SURVEY_TRANSLATIONS", str(tmp_path))
    done = CliRunner().invoke(main, ["check", *words, "--fail-on", "warning"])
    assert done.exit_code == 0, done.output
    assert not list(tmp_path.iterdir()), "a check makes nothing"


def test_without_a_setting_the_folder_here_counts_for_all_commands(desk: Desk) -> None:
    assert desk.run("init").exit_code == 0
    assert desk.run("check", "example").exit_code == 0
    assert desk.run("check").output.startswith("questionnaires/example: 0 errors")
    assert "example" in desk.run("translations", "status").output
    assert desk.run("own", "example", "north").exit_code == 0
    assert desk.run("bank", "example").exit_code == 0
    assert desk.run("simulate", "example", "-n", "1").exit_code == 0
    assert desk.run("links", "example", "--open", "--out", "posters").exit_code == 0
    assert "✓ example: compiles" in desk.run("doctor").output


@pytest.mark.parametrize("name", ["example", "mine/example"])
def test_a_setting_overrides_the_current_folder_for_all_commands(desk: Desk, name: str) -> None:
    (desk.folder / "mine").mkdir()
    (desk.folder / "questionnaires").rename(desk.folder / "mine" / "q")
    (desk.folder / "mine" / "q" / "example").rename(desk.folder / "mine" / "example")
    desk.set(SURVEY_QUESTIONNAIRES=desk.folder / "mine")
    assert desk.run("check", name).exit_code == 0
    assert "example" in desk.run("translations", "status").output
    assert desk.run("simulate", name, "-n", "1").exit_code == 0


def test_a_catalogue_of_the_setting_overrides_the_one_beside(desk: Desk) -> None:
    path = desk.folder / "own" / "nl" / "LC_MESSAGES" / "example.po"
    path.parent.mkdir(parents=True)
    path.write_text(PO.format("Hier").replace('"Hoe was je week?"', '""'))
    desk.set(SURVEY_TRANSLATIONS=desk.folder / "own")
    for words in (["check", "questionnaires/example"], ["publish", "questionnaires/example"]):
        assert desk.run(*words).exit_code == 1, words
    assert "nl left out, because of missing wordings" in desk.run("own", "example", "north").output
    (standing,) = json.loads(desk.run("translations", "status", "-d", "example", "--format", "json").output)
    assert standing["missing"] == 1


def test_translations_are_written_to_the_folder_of_the_setting(desk: Desk) -> None:
    desk.set(SURVEY_TRANSLATIONS=desk.folder / "own")
    assert desk.run("translations", "status", "--strict").exit_code == 0
    desk.run("translations", "update")
    found = desk.folder / "own" / "nl" / "LC_MESSAGES" / "example.po"
    assert found.is_file() and 'msgstr "Hoe was je week?"' in found.read_text()


def test_a_new_interface_catalogue_begins_as_the_shipped_one(desk: Desk) -> None:
    assert desk.run("translations", "update", "-d", "interface", "-l", "nl").output == "", "nothing to add"


@pytest.mark.parametrize("words", STORING_NOTHING, ids=" ".join)
def test_a_command_that_stores_nothing_makes_no_data_folder(desk: Desk, words: list[str]) -> None:
    assert desk.run(*words).exit_code == 0
    assert not (desk.folder / "data").exists()


def test_simulate_serves_the_published_version(desk: Desk) -> None:
    assert desk.run("init").exit_code == 0
    assert desk.run("publish", "questionnaires/example").exit_code == 0
    page = desk.folder / "questionnaires" / "example" / "main.yaml"
    page.write_text(page.read_text().replace("mark: week", "mark: month"))
    assert desk.run("simulate", "example", "-n", "1").exit_code == 0


def test_simulate_accepts_a_list_of_links_with_semicolons(tmp_path: Path) -> None:
    home = compile_example(tmp_path)
    links = tmp_path / "links.csv"
    links.write_text("institution;link\nnorth;https://survey.example.org/l/abc\n", "utf-8-sig")
    assert [entry.path for entry in read_links_file(links, home, 5)] == ["/l/abc"]


def test_folders_are_read_without_making_any(desk: Desk) -> None:
    folders = read_folders()
    assert folders.questionnaires == desk.folder / "questionnaires"
    assert folders.translations == desk.folder / "translations" and not (desk.folder / "data").exists()


@pytest.mark.parametrize("words", [*STORING_NOTHING, ["translations", "status"], ["links", "example", "--open"], ["doctor"]])
def test_the_folder_of_one_questionnaire_is_refused_with_the_remedy(desk, words):
    desk.set(SURVEY_QUESTIONNAIRES=desk.folder / "questionnaires" / "example")
    done = desk.run(*words)
    assert done.exit_code != 0 and f"Set it to the folder of all questionnaires: {desk.folder / 'questionnaires'}." in " ".join(
        done.output.split()
    )
