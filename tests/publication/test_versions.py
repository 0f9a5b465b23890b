"""Versions of a questionnaire: kept as they were published, and told apart from what was changed since."""

from __future__ import annotations

import pytest

from survey_engine.model.messages import BrokenQuestionnaireError
from survey_engine.publication.versions import CURRENT, PublishedError, publish, read_published

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


def publish_short(tmp_path):
    return publish(tmp_path / "questionnaires" / "short", tmp_path / "translations", tmp_path / "published")


def test_what_is_published_first_has_nothing_before_it(folder, tmp_path):
    old, new = publish_short(tmp_path)
    assert old is None
    found = read_published(tmp_path / "published")
    assert found["short"].current.version == new.version
    assert set(found["short"].versions) == {new.version}


def test_an_edit_becomes_current_and_the_version_before_stays(folder, tmp_path):
    _, first = publish_short(tmp_path)
    (folder / "main.yaml").write_text(SECTION.replace("job?", "other job?"))
    write_catalogue(tmp_path, "Wat is je andere werk?", source="your other job?")
    old, second = publish_short(tmp_path)
    assert old.version == first.version != second.version
    kept = read_published(tmp_path / "published")["short"]
    assert kept.current.version == second.version
    assert kept.versions[first.version].variables["job"].text.wording["nl"] == "Wat is je werk?"
    assert kept.versions[second.version].variables["job"].text.wording["nl"] == "Wat is je andere werk?"


def test_the_texts_of_the_interface_are_kept_with_the_version_though_they_came_with_the_engine(folder, tmp_path):
    _, new = publish_short(tmp_path)
    kept = tmp_path / "published" / "short" / new.version / "translations" / "nl" / "LC_MESSAGES"
    assert {path.name for path in kept.iterdir()} == {"short.po", "interface.po"}


def test_another_wording_in_a_catalogue_is_another_version(folder, tmp_path):
    _, first = publish_short(tmp_path)
    write_catalogue(tmp_path, "Wat doe je?")
    _, second = publish_short(tmp_path)
    assert first.version != second.version


def test_publishing_twice_is_publishing_once(folder, tmp_path):
    _, first = publish_short(tmp_path)
    old, again = publish_short(tmp_path)
    assert old.version == first.version == again.version
    assert len(list((tmp_path / "published" / "short").iterdir())) == 2


def test_an_earlier_state_that_is_published_again_is_current_again(folder, tmp_path):
    _, first = publish_short(tmp_path)
    (folder / "demo.yaml").write_text("institution: demo\nname: Another name\n")
    publish_short(tmp_path)
    (folder / "demo.yaml").write_text("institution: demo\nname: Demo\n")
    publish_short(tmp_path)
    assert read_published(tmp_path / "published")["short"].current.version == first.version


def test_a_broken_questionnaire_is_not_published(folder, tmp_path):
    _, first = publish_short(tmp_path)
    (folder / "main.yaml").write_text("section: main\n")
    with pytest.raises(BrokenQuestionnaireError):
        publish_short(tmp_path)
    assert read_published(tmp_path / "published")["short"].current.version == first.version


def test_a_version_that_was_changed_after_publishing_is_refused(folder, tmp_path):
    _, first = publish_short(tmp_path)
    kept = tmp_path / "published" / "short" / first.version / "questionnaires" / "short" / "demo.yaml"
    kept.write_text("institution: demo\nname: Changed\n")
    with pytest.raises(PublishedError, match="is not the version that was published"):
        read_published(tmp_path / "published")


def test_a_current_version_that_is_gone_is_refused(folder, tmp_path):
    publish_short(tmp_path)
    (tmp_path / "published" / "short" / CURRENT).write_text("0123456789abcdef\n")
    with pytest.raises(PublishedError, match="0123456789abcdef is not the version"):
        read_published(tmp_path / "published")


def test_without_a_folder_nothing_was_published(tmp_path):
    assert read_published(tmp_path / "nowhere") == {}
