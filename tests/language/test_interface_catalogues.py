"""Catalogues of the interface: errors that would break a page, and missing texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_engine.language.interface_catalogues import (
    find_interface_catalogue,
    list_interface_sources,
    list_missing_texts,
    read_interface_catalogue,
)
from survey_engine.model.messages import Problem
from survey_engine.settings import ROOT
from tests.writing import ask, change_head, write_sections

UKRAINIAN = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    '"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<12 || n%100>14) ? 1 : 2);\\n"\n\n'
)
MINUTES = 'msgid "About %(number)s minute"\nmsgid_plural "About %(number)s minutes"\n'
FORMS = 'msgstr[0] "~%(number)s хвилина"\nmsgstr[1] "~%(number)s хвилини"\nmsgstr[2] "~%(number)s хвилин"\n'


def write_interface(folder: Path, entries: str, locale: str = "uk", head: str = UKRAINIAN) -> Path:
    path = folder / locale / "LC_MESSAGES" / "interface.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(head + entries, "utf-8")
    return path


def find_problems(folder: Path, entries: str) -> list[Problem]:
    path = write_interface(folder, entries)
    return list(read_interface_catalogue(path, "uk/interface.po", "uk").problems)


def test_a_misspelt_field_in_one_plural_form_is_named_with_its_line(tmp_path: Path) -> None:
    (problem,) = find_problems(tmp_path, MINUTES + FORMS.replace('%(number)s хвилин"', '%(nummer)s хвилин"'))
    assert problem.code == "placeholders-differ" and problem.place.line == 6
    assert "%(nummer)s" in problem.wrong and "%(number)s" in problem.wrong


@pytest.mark.parametrize(
    ("wording", "code"),
    [
        ("Не більше знаків.", "placeholders-differ"),
        ("Не більше %(limit)s з %(count)s.", "placeholders-differ"),
        ("Не більше %(limit)d знаків.", "placeholders-differ"),
        ("Не більше %(limit)s, 100%", "lone-percent"),
        ("Не більше %(limit s", "lone-percent"),
    ],
)
def test_a_wording_that_would_break_the_page_is_an_error(tmp_path: Path, wording: str, code: str) -> None:
    problems = find_problems(tmp_path, f'msgid "Maximum number of characters: %(limit)s."\nmsgstr "{wording}"\n')
    assert code in [problem.code for problem in problems] and problems[0].severity == "error"


def test_the_form_for_one_may_say_it_as_a_word_and_other_forms_may_not(tmp_path: Path) -> None:
    arabic = UKRAINIAN.replace("nplurals=3", "nplurals=2").replace("n%10==1 && n%100!=11 ? 0", "n==1 ? 0")
    path = write_interface(tmp_path, MINUTES + 'msgstr[0] "хвилина"\nmsgstr[1] "~%(number)s хв."\n', head=arabic)
    assert not read_interface_catalogue(path, "x", "uk").problems
    assert find_problems(tmp_path, MINUTES + FORMS.replace("~%(number)s хвилина", "хвилина"))


@pytest.mark.parametrize("entry", ['msgid "50 % of %(n)s"\nmsgstr ""\n', '#, fuzzy\nmsgid "Go %(n)s"\nmsgstr "%(m)s"\n'])
def test_what_has_no_wording_yet_has_no_fault(tmp_path: Path, entry: str) -> None:
    assert not find_problems(tmp_path, entry)


@pytest.mark.parametrize("rule", ["n%0", "wrong(n)", "n +"])
def test_a_plural_rule_that_cannot_be_computed_is_unreadable(tmp_path: Path, rule: str) -> None:
    head = (
        f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=2; plural=({rule});\\n"\n\n'
    )
    path = write_interface(tmp_path, MINUTES + 'msgstr[0] "%(number)s"\nmsgstr[1] "%(number)s"\n', head=head)
    assert [problem.code for problem in read_interface_catalogue(path, "x", "uk").problems] == ["bad-catalogue"]


@pytest.mark.parametrize("path", sorted(ROOT.glob("translations/*/LC_MESSAGES/interface.po")), ids=lambda path: path.parts[-3])
def test_every_shipped_catalogue_is_without_faults_and_complete(path: Path) -> None:
    read = read_interface_catalogue(path, path.name, path.parts[-3])
    assert not read.problems and set(list_interface_sources()) == read.worded


def test_a_language_lacks_what_neither_its_nor_the_shipped_catalogue_has(tmp_path: Path) -> None:
    write_interface(tmp_path, 'msgid "Next"\nmsgstr "Volgende"\n', "nl")
    assert list_missing_texts(tmp_path, "nl", frozenset({"Next"})) == []
    assert len(list_missing_texts(tmp_path, "uk", frozenset({"Next"}))) == len(list_interface_sources()) - 1


def test_a_region_may_do_with_its_language_and_another_register_may_not(tmp_path: Path) -> None:
    assert list_missing_texts(tmp_path, "nl_BE", frozenset()) == []
    assert len(list_missing_texts(tmp_path, "nl@formal", frozenset())) == len(list_interface_sources())


@pytest.mark.parametrize("locale", ["en", "en_GB", "en@simple"])
def test_the_source_language_lacks_nothing(tmp_path: Path, locale: str) -> None:
    assert list_missing_texts(tmp_path, locale, frozenset()) == []


def test_a_catalogue_of_the_folders_own_goes_before_the_shipped_one(tmp_path: Path) -> None:
    assert find_interface_catalogue(tmp_path, "nl") == ROOT / "translations" / "nl" / "LC_MESSAGES" / "interface.po"
    own = write_interface(tmp_path, "", "nl")
    assert find_interface_catalogue(tmp_path, "nl") == own


def test_a_region_falls_back_to_the_catalogue_of_its_language(tmp_path: Path) -> None:
    assert find_interface_catalogue(tmp_path, "de_AT") == find_interface_catalogue(tmp_path, "de")
    own = write_interface(tmp_path, "", "de_AT")
    assert find_interface_catalogue(tmp_path, "de_AT") == own
    assert find_interface_catalogue(tmp_path, "de@simple").parts[-3] == "de@simple"


@pytest.mark.parametrize("locale", ["de_DE", "en_GB"])
def test_a_region_has_the_labels_of_its_language(tmp_path: Path, locale: str) -> None:
    code = locale[:2]
    head = {"source_language": code, "languages": f"{{{code}: {{name: L, locale: {locale}}}}}"}
    written = write_sections(tmp_path, ask("- yes_no: eats_here\n  text: Isst du hier?"), head=change_head(head))
    assert not written.compilation.errors


@pytest.mark.parametrize(
    ("wording", "code"),
    [("<b>Далі</b>", "foreign-markup"), ("Далі{{ 7*7 }}", "foreign-placeholder"), ("{next}", "foreign-placeholder")],
)
def test_markup_and_braces_of_the_interface_are_shown_literally(tmp_path: Path, wording: str, code: str) -> None:
    assert [problem.code for problem in find_problems(tmp_path, f'msgid "Next"\nmsgstr "{wording}"\n')] == [code]


@pytest.mark.parametrize("forms", ['msgstr[0] "%(number)s хв."\nmsgstr[1] "%(number)s хв."\n', FORMS.replace("msgstr[2]", "#")])
def test_a_plural_form_too_few_is_an_error(tmp_path: Path, forms: str) -> None:
    (problem,) = find_problems(tmp_path, MINUTES + forms)
    assert problem.code == "plural-forms" and problem.severity == "error" and "2 of 3" in problem.wrong
