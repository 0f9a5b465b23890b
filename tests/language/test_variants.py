"""Locales and catalogues: those that Babel knows, entries of .po files, and invalid files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey_engine.language.variants import Catalogue, catalogue_path, find_locale, read_catalogue
from survey_engine.model.questionnaire import Place

HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'


def read(folder: Path, text: str | bytes) -> Catalogue:
    path = folder / "a.po"
    path.write_bytes(text if isinstance(text, bytes) else (HEAD + text).encode())
    return read_catalogue(path, "nl/a.po")


@pytest.mark.parametrize("name", ["nl", "en", "pap", "nl@nt2", "nl_BE", "zh_Hant_TW"])
def test_locales_that_babel_knows_are_found(name: str) -> None:
    locale = find_locale(name)
    assert locale and locale.language == name[: len(locale.language)]


@pytest.mark.parametrize("name", ["", "xx", "nederlands", "pap_BQ_x_y", "nl-BE", "@nt2", "../nl", "nl\0"])
def test_other_names_are_no_locale(name: str) -> None:
    assert find_locale(name) is None


@given(st.text(max_size=12) | st.from_regex(r"[a-z]{2,3}[_@-][A-Za-z0-9]{0,5}", fullmatch=True))
def test_a_locale_is_found_again_by_its_own_name(name: str) -> None:
    found = find_locale(name)
    assert found is None or find_locale(str(found)) == found


def test_an_entry_is_found_by_its_context_and_otherwise_by_its_source(tmp_path: Path) -> None:
    catalogue = read(tmp_path, 'msgctxt "title"\nmsgid "Survey"\nmsgstr "Vragenlijst"\n\nmsgid "Yes"\nmsgstr "Ja"\n')
    assert (catalogue.entries["title"].source, catalogue.entries["title"].wording) == ("Survey", "Vragenlijst")
    assert catalogue.entries["Yes"].wording == "Ja"
    assert not catalogue.problems


def test_an_entry_has_its_line_and_its_fuzzy_flag(tmp_path: Path) -> None:
    catalogue = read(tmp_path, '#, fuzzy\nmsgctxt "a"\nmsgid "A"\nmsgstr "B"\n\nmsgctxt "b"\nmsgid "C"\nmsgstr ""\n')
    assert catalogue.entries["a"].fuzzy and not catalogue.entries["b"].fuzzy
    assert catalogue.entries["a"].place == Place("nl/a.po", 7)
    assert catalogue.entries["b"].wording == ""


def test_plural_and_obsolete_entries_are_no_texts_of_a_questionnaire(tmp_path: Path) -> None:
    plural = 'msgid "%(n)s page"\nmsgid_plural "%(n)s pages"\nmsgstr[0] "x"\nmsgstr[1] "y"\n\n'
    obsolete = '#~ msgctxt "old"\n#~ msgid "O"\n#~ msgstr "P"\n'
    assert not read(tmp_path, plural + obsolete).entries


def test_a_catalogue_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert read_catalogue(tmp_path / "none.po", "nl/none.po") == Catalogue("nl/none.po")
    assert catalogue_path(Path("t"), "nl@nt2", "job-2026") == Path("t/nl@nt2/LC_MESSAGES/job-2026.po")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("msgid «broken", 5),
        (b"\xff\xfe\x00m", 1),
        (b'msgid ""\nmsgstr ""\n"POT-Creation-Date: yesterday\\n"\n', 1),
        ('msgid "a"\nmsgstr "b"\n\nnonsense\n', 8),
        ('msgid "a"\nmsgstr "b\n', 6),
        ('msgctxt "a\nmsgid "a"\nmsgstr "b"\n', 5),
        ('msgid "a"\nmsgstr "say "hello" now"\n', 6),
        ('msgid "a"\nmsgstr b\n\nmsgid "c"\nmsgstr "d"\n', 6),
    ],
)
def test_a_catalogue_that_cannot_be_read_is_one_problem(tmp_path: Path, text: str | bytes, line: int) -> None:
    catalogue = read(tmp_path, text)
    assert [problem.code for problem in catalogue.problems] == ["bad-catalogue"]
    assert catalogue.problems[0].place == Place("nl/a.po", line)


@pytest.mark.parametrize("other", ["A", "B"])
def test_a_duplicate_entry_is_reported_with_both_places(tmp_path: Path, other: str) -> None:
    catalogue = read(tmp_path, f'msgctxt "a"\nmsgid "A"\nmsgstr "x"\n\nmsgctxt "a"\nmsgid ""\n"{other}"\nmsgstr "y"\n')
    (problem,) = catalogue.problems
    assert (problem.code, problem.place) == ("duplicate-entry", Place("nl/a.po", 10))
    assert "nl/a.po:6" in problem.wrong and "'a'" in problem.wrong


def test_obsolete_entries_and_a_source_under_two_codes_are_no_duplicates(tmp_path: Path) -> None:
    entry = 'msgctxt "a"\nmsgid "A"\nmsgstr "x"\n\n'
    assert not read(tmp_path, entry + entry.replace('"a"', '"b"') + '#~ msgctxt "a"\n#~ msgid "A"\n#~ msgstr "x"\n').problems


def test_a_catalogue_is_utf8_whatever_its_header_says(tmp_path: Path) -> None:
    header = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=klingon\\n"\n\n'
    catalogue = read(tmp_path, (header + 'msgid "a"\nmsgstr "é"\n').encode())
    assert catalogue.entries["a"].wording == "é" and not catalogue.problems


@pytest.mark.parametrize(
    ("locale", "language", "codes"),
    [("nl", "de", ["catalogue-language"]), ("nl@nt2", "nl_NL", []), ("nl", "nl", []), ("nl", "", [])],
)
def test_the_head_of_a_catalogue_has_the_language_of_its_folder(
    tmp_path: Path, locale: str, language: str, codes: list[str]
) -> None:
    path = tmp_path / locale / "LC_MESSAGES" / "a.po"
    path.parent.mkdir(parents=True)
    path.write_text(f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n\nmsgid "a"\nmsgstr "b"\n')
    assert [problem.code for problem in read_catalogue(path, "nl/a.po").problems] == codes


PIECES = (
    *('msgid ""', 'msgstr ""', 'msgid "a"', 'msgstr "b"', 'msgctxt "c"', 'msgid_plural "d"', 'msgstr[0] "e"', 'msgstr[x] "f"'),
    *(
        "#, fuzzy",
        "#~ msgid",
        "#: file:3",
        "",
        '"more\\n"',
        '"Language: xx\\n"',
        '"Plural-Forms: nplurals=99\\n"',
        "\\",
        '"',
        "[",
    ),
    *('"Content-Type: text/plain; charset=none\\n"', '"PO-Revision-Date: 2026-13-45 99:99+9999\\n"', "#. x", "#~", "#|"),
)
lines = st.lists(st.sampled_from(PIECES), max_size=12).map("\n".join)


@given(lines.map(str.encode) | st.binary(max_size=80))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_no_catalogue_ends_in_a_traceback(tmp_path: Path, content: bytes) -> None:
    read(tmp_path, content)


def test_a_wording_may_not_change_the_text_direction(tmp_path: Path) -> None:
    (problem,) = read(tmp_path, 'msgid "A"\nmsgstr "\u202egnp.exe"\n').problems
    assert problem.code == "bad-catalogue" and problem.place == Place("nl/a.po", 6) and "U+202E" in problem.wrong
