"""Versions of a questionnaire: kept as they were published, and told apart from what was changed since."""

from __future__ import annotations

import io
import shutil
from zipfile import ZipFile

import pytest
from sqlalchemy import text

from survey_engine.model.messages import BrokenQuestionnaireError
from survey_engine.publication.archives import pack
from survey_engine.publication.compiler import compile_questionnaire
from survey_engine.publication.versions import PublishedError, import_published, publish, read_version, read_versions
from survey_engine.storage.database import Database
from survey_engine.storage.versions import list_versions, load_version, read_service

TEXT = """\
questionnaire: short
title: {en: Short, nl: Kort}
source_language: en
languages: {en: {name: English}, nl: {name: Nederlands}}
contact: {en: Ask., nl: Vraag.}
order: [{group: main, sections: [main]}]
"""
SECTION = """\
section: main
title: {en: Main, nl: Hoofd}
pages:
  - page: job
    questions: [{open: job, text: What is your job?}]
"""
CATALOGUE = """\
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgctxt "job"
msgid "What is your job?"
msgstr "%s"
"""


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "questionnaires" / "short"
    folder.mkdir(parents=True)
    (folder / "questionnaire.yaml").write_text(TEXT)
    (folder / "main.yaml").write_text(SECTION)
    (folder / "demo.yaml").write_text("institution: demo\nname: Demo\n")
    write_catalogue(tmp_path, "Wat is je werk?")
    return folder


def write_catalogue(tmp_path, wording, source="your job?"):
    path = tmp_path / "translations" / "nl" / "LC_MESSAGES" / "short.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text((CATALOGUE % wording).replace("your job?", source))


@pytest.fixture
def answers(database_url):
    database = Database(database_url, "answers")
    database.migrate()
    with database.write() as connection:
        connection.execute(text("DELETE FROM service"))
        connection.execute(text("DELETE FROM questionnaire_version"))
    yield database
    database.close()


@pytest.fixture
def publish_short(tmp_path, answers):
    return lambda: publish(tmp_path / "questionnaires" / "short", tmp_path / "translations", answers)


def change_stored(answers, **columns):
    with answers.write() as connection:
        for name, value in columns.items():
            connection.execute(text(f"UPDATE questionnaire_version SET {name} = :value"), {"value": value})


def test_what_is_published_first_has_nothing_before_it(folder, publish_short, answers):
    old, new = publish_short()
    assert old is None and read_service(answers) == {"short": new.version}
    assert set(read_versions(answers, "short")) == {new.version}


def test_an_edit_becomes_current_and_the_version_before_stays(folder, tmp_path, publish_short, answers):
    _, first = publish_short()
    (folder / "main.yaml").write_text(SECTION.replace("job?", "other job?"))
    write_catalogue(tmp_path, "Wat is je andere werk?", source="your other job?")
    old, second = publish_short()
    assert old.version == first.version != second.version
    assert read_service(answers) == {"short": second.version}
    kept = read_versions(answers, "short")
    assert kept[first.version].variables["job"].text.wording["nl"] == "Wat is je werk?"
    assert kept[second.version].variables["job"].text.wording["nl"] == "Wat is je andere werk?"


def test_the_interface_texts_that_came_with_the_engine_are_kept(folder, publish_short, answers):
    _, new = publish_short()
    files = load_version(answers, "short", new.version).files
    names = {name.removeprefix("translations/nl/LC_MESSAGES/") for name in ZipFile(io.BytesIO(files)).namelist()}
    assert {"short.po", "interface.po"} <= names


def test_another_wording_in_a_catalogue_is_another_version(folder, tmp_path, publish_short):
    _, first = publish_short()
    write_catalogue(tmp_path, "Wat doe je?")
    _, second = publish_short()
    assert first.version != second.version


def test_publishing_twice_is_publishing_once(folder, publish_short, answers):
    _, first = publish_short()
    old, again = publish_short()
    assert old.version == first.version == again.version
    assert list_versions(answers) == {"short": [first.version]}


def test_an_earlier_state_that_is_published_again_is_current_again(folder, publish_short, answers):
    _, first = publish_short()
    (folder / "demo.yaml").write_text("institution: demo\nname: Another name\n")
    publish_short()
    (folder / "demo.yaml").write_text("institution: demo\nname: Demo\n")
    publish_short()
    assert read_service(answers) == {"short": first.version}


@pytest.mark.parametrize("section", ["section: main\n", SECTION.replace("open: job", "open: 'x y'")])
def test_a_broken_questionnaire_is_not_published(folder, publish_short, answers, section):
    _, first = publish_short()
    (folder / "main.yaml").write_text(section)
    with pytest.raises(BrokenQuestionnaireError):
        publish_short()
    assert read_service(answers) == {"short": first.version}


def test_a_folder_of_another_name_is_not_published(folder, tmp_path, answers):
    other = folder.rename(folder.with_name("long"))
    with pytest.raises(BrokenQuestionnaireError, match="Give both the same name"):
        publish(other, tmp_path / "translations", answers)


def test_a_version_whose_files_were_changed_is_refused(folder, tmp_path, publish_short, answers):
    _, first = publish_short()
    (folder / "demo.yaml").write_text("institution: demo\nname: Changed\n")
    other = compile_questionnaire(folder, tmp_path / "translations")
    change_stored(answers, files=pack(other, folder, [tmp_path / "translations"]))
    with pytest.raises(PublishedError, match="is damaged"):
        read_version(answers, "short", first.version)


@pytest.mark.parametrize("files", [b"", b"no archive", b"PK\x03\x04cut"])
def test_a_damaged_version_is_refused(folder, publish_short, answers, files):
    _, first = publish_short()
    change_stored(answers, files=files)
    with pytest.raises(PublishedError, match="is damaged"):
        read_version(answers, "short", first.version)


def test_a_version_that_this_program_reads_differently_is_refused(folder, publish_short, answers):
    _, first = publish_short()
    change_stored(answers, digest="0" * 64)
    with pytest.raises(PublishedError, match="Serve it with the earlier program"):
        read_version(answers, "short", first.version)


def test_a_version_that_is_gone_is_refused(answers):
    with pytest.raises(PublishedError, match="0123456789abcdef of short is not stored"):
        read_version(answers, "short", "0123456789abcdef")


def test_versions_that_the_program_before_kept_in_a_folder_are_stored(folder, tmp_path, answers):
    current = compile_questionnaire(folder, tmp_path / "translations").version
    home = tmp_path / "published" / "short" / current
    shutil.copytree(folder, home / "questionnaires" / "short")
    shutil.copytree(tmp_path / "translations", home / "translations")
    shutil.copytree(home, home.with_name("0123456789abcdef"))  # is not what its name says
    (tmp_path / "published" / "short" / "current").write_text(current + "\n")
    for _ in range(2):
        import_published(tmp_path / "published", answers)
        assert list_versions(answers) == {"short": [current]} and read_service(answers) == {"short": current}
